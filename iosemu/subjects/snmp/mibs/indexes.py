"""The number of each interface: ifIndex (RFC 2863 section 3.1.5), as Catalysts and routers give it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface import Interface

_FIRST = {
    "FastEthernet": 10001,
    "GigabitEthernet": 10101,
    "Port-channel": 5000,
    "Tunnel": 15000,
    "Loopback": 16000,
}
"""Of a Catalyst: what its ports count from; a VLAN's interface has the number of the VLAN."""


class InterfaceIndexes:
    """Gives each interface a number, and the same one again as long as the box is not rebooted."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of an interface."""
        known = self._numbers.get(name)
        if known is None:
            known = self._numbers[name] = self._new(name)
        return known

    def _new(self, name: str) -> int:
        if self._device.is_switch:
            kind = re.sub(r"[\d/.:]+$", "", name)
            number = int(re.findall(r"\d+", name)[-1]) if re.search(r"\d", name) else 0
            if kind == "Vlan":
                return number
            if kind in _FIRST:
                return _FIRST[kind] + number - (1 if _FIRST[kind] % 100 == 1 else 0)
            return 10501 + number
        taken = max(self._numbers.values(), default=0)
        return taken + 1

    def ordered(self) -> Iterator[tuple[int, Interface]]:
        """All interfaces with their numbers: those that were there before keep theirs."""
        for name, interface in list(self._device.interfaces.items()):
            yield self.number(name), interface

    def named(self, number: int) -> Interface | None:
        """The interface of a number."""
        for index, interface in self.ordered():
            if index == number:
                return interface
        return None
