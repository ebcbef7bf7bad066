"""Labs built in code: the same facts as a lab file, without the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from iosemu.lab import labfile
from iosemu.lab.labfile import Topology


class LabPlan:
    """Nodes and cables of a lab, added one by one.

    ```python
    plan = LabPlan("two-routers")
    plan.node("R1", "c2911", config="interface Gi0/0\\n ip address 10.0.0.1 255.255.255.0")
    plan.node("R2", "c2911", config="interface Gi0/0\\n ip address 10.0.0.2 255.255.255.0")
    plan.link("R1:Gi0/0", "R2:Gi0/0", delay="20ms")
    ```
    """

    def __init__(self, name: str = "lab", title: str = "") -> None:
        self._nodes: dict[str, dict[str, Any]] = {}
        self._links: list[dict[str, Any]] = []
        self._data: dict[str, Any] = {
            "name": name,
            "title": title,
            "nodes": self._nodes,
            "links": self._links,
        }

    def node(
        self,
        name: str,
        model: str,
        *,
        image: str | None = None,
        config: str = "",
        port: int | None = None,
        modules: Mapping[str, str] | None = None,
        ports: Sequence[str] | None = None,
        frame_relay: Mapping[str, Any] | None = None,
    ) -> Self:
        """Add a box; `config` is the text of its startup configuration, `modules` what is in its slots.

        `ports` (`Ethernet0/0-3`) take the place of the model's fixed ones; `frame_relay` makes it a Frame Relay
        network, as in a lab file.
        """
        node: dict[str, Any] = {"model": model, "startup": config}
        if image is not None:
            node["image"] = image
        if modules:
            node["modules"] = dict(modules)
        if ports is not None:
            node["ports"] = list(ports)
        if frame_relay is not None:
            node["frame_relay"] = dict(frame_relay)
        if port is not None:
            node["port"] = port
        self._nodes[name] = node
        return self

    def link(self, one: str, other: str, **impairment: Any) -> Self:
        """Add a cable; `impairment` as in a lab file: delay, jitter, loss, duplicate, reorder, rate, mtu …"""
        self._links.append({"endpoints": [one, other], **impairment})
        return self

    def topology(self) -> Topology:
        """The lab, checked as a lab file is; raises LabError."""
        return labfile.from_data(self._data, Path("(lab built in code)"))
