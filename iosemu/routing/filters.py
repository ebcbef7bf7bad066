"""Distribute lists and offset lists of a distance-vector protocol, as they are configured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

EVERY = "0"
"""The access list of an offset list that is for all networks."""
Place = tuple[bool, str, str]
"""Outgoing, the interface, and the protocol that routes come from; empty: all."""


@dataclass(frozen=True)
class DistributeList:
    """`distribute-list … in | out`: an access list, a prefix list, a route-map, or the gateways that are believed."""

    outgoing: bool
    access_list: str = ""
    prefix_list: str = ""
    gateway: str = ""
    """A prefix list for the neighbour's address."""
    route_map: str = ""
    interface: str = ""
    origin: str = ""
    """Routes of one protocol only, as `redistribute` calls it."""

    @property
    def place(self) -> Place:
        """Where it filters: one list a place."""
        return self.outgoing, self.interface, self.origin

    @property
    def what(self) -> str:
        """The list, in the words of the command."""
        words = [self.access_list] if self.access_list else []
        words += ["prefix", self.prefix_list] if self.prefix_list else []
        words += ["gateway", self.gateway] if self.gateway else []
        words += ["route-map", self.route_map] if self.route_map else []
        return " ".join(words)

    @property
    def line(self) -> str:
        """The command; as on IOS it ends with a blank where nothing follows the direction."""
        place = self.interface or self.origin
        return f"distribute-list {self.what} {'out' if self.outgoing else 'in'} {place}"


@dataclass(frozen=True)
class OffsetList:
    """`offset-list ACL in | out N [INTERFACE]`; access list 0 is every network."""

    access_list: str
    outgoing: bool
    offset: int
    interface: str = ""

    @property
    def place(self) -> tuple[str, bool, str]:
        """What it is for: one offset each."""
        return self.access_list, self.outgoing, self.interface

    @property
    def told(self) -> str:
        """Its line in `show ip protocols`."""
        way = "Outgoing" if self.outgoing else "Incoming"
        where = f" in {self.interface}" if self.interface else ""
        return f"  {way} routes{where} will have {self.offset} added to metric if on list {self.access_list}"


def in_force(
    lists: Mapping[Place, DistributeList], outgoing: bool, interface: str, origin: str = ""
) -> Iterator[DistributeList]:
    """Those that all have to permit a route: for every interface, for this one, for where it comes from."""
    places = [(outgoing, "", ""), (outgoing, interface, "")]
    if origin:
        places.append((outgoing, "", origin))
    yield from (lists[place] for place in places if place in lists)


def replaced(offsets: Sequence[OffsetList], each: OffsetList, *, removed: bool) -> list[OffsetList]:
    """The offset lists with `each` in the place of one for the same; with `removed` without either."""
    others = [other for other in offsets if other.place != each.place]
    return others if removed else [*others, each]


def offset_of(
    offsets: Sequence[OffsetList], outgoing: bool, interface: str, listed: Callable[[str], bool]
) -> int:
    """What is added to a metric: an offset for the interface stands before one for all.

    `listed` tells whether an access list permits the network.
    """
    fitting = [
        each
        for each in offsets
        if each.outgoing == outgoing
        and each.interface in ("", interface)
        and (each.access_list == EVERY or listed(each.access_list))
    ]
    return max(fitting, key=lambda each: bool(each.interface)).offset if fitting else 0
