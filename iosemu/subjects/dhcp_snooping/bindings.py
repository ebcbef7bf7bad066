"""Which address was given to which station, and behind which port it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.packets.addresses import MacAddress


@dataclass(frozen=True, slots=True)
class Binding:
    """One row; `expires` in lab seconds, None: never."""

    vlan: int
    station: MacAddress
    address: IPv4Address
    port: str
    expires: float | None = None
    kind: str = "dhcp-snooping"

    def lease(self, now: float) -> str:
        """The seconds that are left, as the shows have them."""
        return "infinite" if self.expires is None else str(max(0, round(self.expires - now)))


class BindingTable:
    """What DHCP gave: one address for each station of a VLAN."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, MacAddress], Binding] = {}
        self.version = 0
        """Another one after each change."""

    def __iter__(self) -> Iterator[Binding]:
        return iter(list(self._rows.values()))

    def get(self, vlan: int, station: MacAddress) -> Binding | None:
        """The binding of a station."""
        return self._rows.get((vlan, station))

    def put(self, binding: Binding) -> None:
        """Write a binding in place of the one that the station had."""
        self._rows[binding.vlan, binding.station] = binding
        self.version += 1

    def remove(self, binding: Binding) -> None:
        """Forget a binding."""
        self._rows.pop((binding.vlan, binding.station), None)
        self.version += 1

    def next_expiry(self) -> float | None:
        """When the first lease ends, in lab seconds."""
        return min((each.expires for each in self._rows.values() if each.expires is not None), default=None)

    def expire(self, now: float) -> None:
        """Forget what has ended."""
        for each in list(self._rows.values()):
            if each.expires is not None and each.expires <= now:
                self.remove(each)
