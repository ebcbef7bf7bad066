"""Marks at work: each physical port classifies what comes in, while `mls qos` is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.net.marking import Classifier, dscp_of, is_ipv4, with_dscp
from iosemu.net.tracing import Line
from iosemu.packets.ethernet import VlanTag
from iosemu.subjects.mls_qos.config import PortMarks, QosConfig

if TYPE_CHECKING:
    from iosemu.box.device import Device

_UNTRUSTED = Classifier()


class Marking(Service):
    """Gives frames that come in their DSCP, and frames that leave with a tag their priority."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._ports: dict[str, Classifier] = {}
        """The ports that trust a mark or have a CoS of their own."""

    def start(self) -> None:
        """Power came."""
        self.changed()

    def changed(self) -> None:
        """Without `mls qos` a frame costs nothing."""
        enabled = self.device.config.of(QosConfig).enabled
        self.device.service(Bridge).plane.marker = self if enabled else None

    def interface_configured(self, interface: Interface) -> None:
        """A port was configured."""
        marks = interface.config.held(PortMarks)
        if marks is None:
            self._ports.pop(interface.name, None)
        else:
            self._ports[interface.name] = Classifier(marks.trusted, marks.cos, marks.override)

    def received(self, port: str, frame: bytes, tag: VlanTag | None) -> tuple[bytes, int]:
        """The untagged frame with the DSCP it is given here, and the priority (0-7) of its tags from here on."""
        config = self.device.config.of(QosConfig)
        priority = None if tag is None else tag.priority
        dscp = self._ports.get(port, _UNTRUSTED).internal_dscp(frame, priority, config.maps)
        cos = config.maps.dscp_cos[dscp]
        marked = with_dscp(frame, dscp) if config.rewrite else frame
        context = self.device.scheduler.context
        if context is not None and marked is not frame:
            text = f"{port}: DSCP {dscp_of(frame)} becomes {dscp}"
            context.note(self.device.name, "mls qos", text, Line("mls qos"), Line(f"interface {port}"))
        return marked, cos

    def priority(self, frame: bytes) -> int:
        """The priority of an untagged frame that the switch itself, or its router, sends into a VLAN."""
        return self.device.config.of(QosConfig).maps.dscp_cos[dscp_of(frame)] if is_ipv4(frame) else 0
