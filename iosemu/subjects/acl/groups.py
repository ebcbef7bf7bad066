"""Object groups: networks and services that access control entries name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iosemu.subjects.acl.matches import IcmpMatch, PortMatch


@dataclass(frozen=True, slots=True)
class Span:
    """Addresses from `first` to `last`, as one line of a network group tells them."""

    first: int
    last: int
    text: str


@dataclass
class NetworkGroup:
    """`object-group network NAME`."""

    name: str
    defined: bool = False
    description: str = ""
    lines: dict[str, Span] = field(default_factory=dict)
    """By what was typed."""
    groups: dict[str, NetworkGroup] = field(default_factory=dict)
    """`group-object NAME`."""

    def holds(self, address: int) -> bool:
        """Whether an address (as an integer) is in it, or in a group within it."""
        return any(span.first <= address <= span.last for span in self.lines.values()) or any(
            group.holds(address) for group in self.groups.values()
        )

    def within(self, name: str) -> bool:
        """Whether a group is this one, or in it at any depth."""
        return name == self.name or any(group.within(name) for group in self.groups.values())

    def listing(self) -> Iterator[str]:
        """Its lines, in the order in which they were typed."""
        yield from self.lines
        yield from (f"group-object {name}" for name in self.groups)


def span_of(address: IPv4Address, mask: IPv4Address) -> Span:
    """A network and its mask.

    Raises ValueError when the bits of the mask are not contiguous.
    """
    wildcard = ~int(mask) & 0xFFFFFFFF
    if wildcard & (wildcard + 1):
        raise ValueError(mask)
    first = int(address) & int(mask)
    return Span(first, first | wildcard, f"{IPv4Address(first)} {mask}")


@dataclass(frozen=True, slots=True)
class ServiceMember:
    """One line of a service group: protocols, ports, an ICMP message."""

    protocols: tuple[int, ...]
    """Empty: any."""
    name: str
    source: PortMatch | None = None
    destination: PortMatch | None = None
    icmp: IcmpMatch | None = None

    @classmethod
    def from_parts(
        cls,
        protocol: int | None = None,
        both: str = "",
        source: PortMatch | None = None,
        destination: PortMatch | None = None,
        icmp: IcmpMatch | None = None,
    ) -> ServiceMember:
        """As typed."""
        if both:
            return cls((6, 17), both, source, destination)
        return cls(() if protocol is None else (protocol,), "", source, destination, icmp)

    def parts(self) -> dict[str, Any]:
        """What is typed for it."""
        told = {"source": self.source, "destination": self.destination, "icmp": self.icmp}
        first = (
            {"both": self.name} if self.name else {"protocol": self.protocols[0] if self.protocols else None}
        )
        return {**first, **{name: value for name, value in told.items() if value is not None}}


@dataclass
class ServiceGroup:
    """`object-group service NAME`."""

    name: str
    defined: bool = False
    description: str = ""
    members: list[ServiceMember] = field(default_factory=list)
    groups: dict[str, ServiceGroup] = field(default_factory=dict)

    def every(self) -> Iterator[ServiceMember]:
        """Its members and those of the groups within it."""
        yield from self.members
        for group in self.groups.values():
            yield from group.every()

    def within(self, name: str) -> bool:
        """Whether a group is this one, or in it at any depth."""
        return name == self.name or any(group.within(name) for group in self.groups.values())
