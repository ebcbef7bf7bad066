"""Subinterfaces under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.ip.routed import Dot1q


def _dot1q(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    tag = config.of(Dot1q)
    if tag.vlan is not None:
        yield f" encapsulation dot1Q {tag.vlan}{' native' * tag.native}"


SECTIONS = (InterfaceSection("dot1q", _dot1q),)
