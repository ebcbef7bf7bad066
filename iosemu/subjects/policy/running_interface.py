"""Policy routing under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.policy.config import PolicyPort


def _policy(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    name = config.of(PolicyPort).route_map
    if name is not None:
        yield f" ip policy route-map {name}"


SECTIONS = (InterfaceSection("policy", _policy),)
