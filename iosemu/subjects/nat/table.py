"""The translations of a router: who is known outside by which address and port, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.net.rewrite import Ends
from iosemu.subjects.nat.config import Rule, Static

Address = tuple[IPv4Address, int]
"""An address and its port, 0 where there is none."""
_Port = tuple[str, int, IPv4Address, int]
"""The routing instance of the outside, the protocol, an address and a port."""
PORT_GROUPS = ((1, 511), (512, 1023), (1024, 65535))
"""A port that is taken is replaced by one of its own group."""


@dataclass(slots=True, eq=False)
class Translation:
    """One line of the table.

    A simple one (`protocol` None) is about a whole address. One with `outside` is about one conversation; one
    without, but with a protocol, is a static port.
    """

    number: int
    local: Address
    outer: Address
    """Inside global."""
    protocol: int | None = None
    outside: Address | None = None
    origin: Rule | Static | None = None
    created: float = 0.0
    used: float = 0.0
    timeout: float | None = None
    """Seconds without use; None: never."""
    parent: Translation | None = None
    ending: bool = False
    """FIN or RST passed."""

    @property
    def vrf(self) -> str:
        """The routing instance of the inside."""
        return self.origin.vrf if self.origin is not None else ""

    @property
    def outside_vrf(self) -> str:
        """The routing instance of the outside."""
        return self.origin.outside_vrf if self.origin is not None else ""

    @property
    def static(self) -> bool:
        """Made by configuration, and kept."""
        return isinstance(self.origin, Static) and self.outside is None and not self.of_network

    @property
    def of_network(self) -> bool:
        """A host of a network that is mapped as a whole; it goes when nobody uses it."""
        origin = self.origin
        return isinstance(origin, Static) and origin.is_network and self.local[0] != origin.local

    @property
    def expires(self) -> float | None:
        """Lab time, None for never."""
        return None if self.timeout is None else self.used + self.timeout


class NatTable:
    """All translations, found by either side of a packet."""

    def __init__(self) -> None:
        self._all: dict[int, Translation] = {}
        self._by_local: dict[tuple[object, ...], Translation] = {}
        self._by_outer: dict[tuple[object, ...], Translation] = {}
        self._ports: dict[_Port, int] = {}
        """How many conversations use an outer port, and whose it is."""
        self._owners: dict[_Port, tuple[str, Address]] = {}
        self._next = 1

    def __iter__(self) -> Iterator[Translation]:
        return iter(list(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def add(
        self,
        local: Address,
        outer: Address,
        now: float,
        *,
        protocol: int | None = None,
        outside: Address | None = None,
        origin: Rule | Static | None = None,
        parent: Translation | None = None,
        timeout: float | None = None,
    ) -> Translation:
        """Enter a translation."""
        entry = Translation(self._next, local, outer, protocol, outside, origin, now, now, timeout, parent)
        self._next += 1
        self._all[entry.number] = entry
        self._by_local[_key(entry.vrf, protocol, local, outside)] = entry
        self._by_outer[_key(entry.outside_vrf, protocol, outer, outside)] = entry
        if protocol is not None:
            port = (entry.outside_vrf, protocol, *outer)
            self._ports[port] = self._ports.get(port, 0) + 1
            self._owners[port] = entry.vrf, local
        return entry

    def remove(self, entry: Translation) -> None:
        """Take a translation out, and the conversations that came from it."""
        if self._all.pop(entry.number, None) is None:
            return
        self._by_local.pop(_key(entry.vrf, entry.protocol, entry.local, entry.outside), None)
        self._by_outer.pop(_key(entry.outside_vrf, entry.protocol, entry.outer, entry.outside), None)
        if entry.protocol is not None:
            port = (entry.outside_vrf, entry.protocol, *entry.outer)
            self._ports[port] -= 1
            if not self._ports[port]:
                del self._ports[port]
                del self._owners[port]
        for child in [each for each in self._all.values() if each.parent is entry]:
            self.remove(child)

    def outward(self, ends: Ends, vrf: str = "") -> Translation | None:
        """The conversation of a packet that goes out, by the routing instance of the inside."""
        local, outside = (ends.source, ends.source_port), (ends.destination, ends.destination_port)
        return self._by_local.get(_key(vrf, ends.protocol, local, outside))

    def inward(self, ends: Ends, vrf: str = "") -> Translation | None:
        """The conversation of a packet that comes in, by the routing instance of the outside."""
        outer, outside = (ends.destination, ends.destination_port), (ends.source, ends.source_port)
        return self._by_outer.get(_key(vrf, ends.protocol, outer, outside))

    def standing_for_local(self, protocol: int, local: Address, vrf: str = "") -> Translation | None:
        """The static port or simple translation of an inside host."""
        found = self._by_local.get(_key(vrf, protocol, local, None))
        return found or self._by_local.get(_key(vrf, None, (local[0], 0), None))

    def standing_for_outer(self, protocol: int, outer: Address, vrf: str = "") -> Translation | None:
        """The static port or simple translation of an inside global address."""
        found = self._by_outer.get(_key(vrf, protocol, outer, None))
        return found or self._by_outer.get(_key(vrf, None, (outer[0], 0), None))

    def port_free(self, rule: Rule, protocol: int, outer: Address, local: Address) -> bool:
        """Whether an outer port is unused, or used by the same inside end already, where a rule translates."""
        return self._owners.get((rule.outside_vrf, protocol, *outer)) in (None, (rule.vrf, local))


def _key(vrf: str, protocol: int | None, inside: Address, outside: Address | None) -> tuple[object, ...]:
    return (vrf, protocol, inside, outside)
