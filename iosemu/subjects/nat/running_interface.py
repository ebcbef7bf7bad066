"""Address translation under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.nat.config import NatSide


def _nat(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    side = config.of(NatSide).side
    if side:
        yield f" ip nat {side}"


SECTIONS = (InterfaceSection("nat", _nat),)
