"""What one part of an access control entry looks at: addresses, ports, messages, flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any

from iosemu.subjects.acl.groups import NetworkGroup

ANY_WILDCARD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """An address and a wildcard mask; bits set in the wildcard do not count, so they are kept as zero.

    With `group` it is `object-group NAME` instead; `members` is that group, once the entry stands in a list.
    """

    address: int
    wildcard: int = 0
    group: str = ""
    members: NetworkGroup | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", self.address & ~self.wildcard & 0xFFFFFFFF)

    @classmethod
    def of(cls, address: IPv4Address, wildcard: IPv4Address | None = None) -> AddressMatch:
        """From addresses as typed."""
        return cls(int(address), int(wildcard) if wildcard is not None else 0)

    @classmethod
    def from_parts(
        cls, address: IPv4Address | None = None, wildcard: IPv4Address | None = None, group: str = ""
    ) -> AddressMatch:
        """As typed: nothing for `any`, an address alone for a host."""
        if group:
            return cls(0, 0, group)
        return ANY if address is None else cls.of(address, wildcard)

    def parts(self) -> dict[str, Any]:
        """What is typed for it."""
        if self.group:
            return {"group": self.group}
        if self.is_any:
            return {}
        address = {"address": IPv4Address(self.address)}
        return address if self.is_host else {**address, "wildcard": IPv4Address(self.wildcard)}

    @property
    def is_any(self) -> bool:
        """`any`."""
        return self.wildcard == ANY_WILDCARD

    @property
    def is_host(self) -> bool:
        """`host A`."""
        return self.wildcard == 0 and not self.group

    def matches(self, address: int) -> bool:
        """Whether an address (as an integer) is meant."""
        if self.group:
            return self.members is not None and self.members.holds(address)
        return (address ^ self.address) & ~self.wildcard & 0xFFFFFFFF == 0

    def __str__(self) -> str:
        if self.group:
            return f"object-group {self.group}"
        if self.is_any:
            return "any"
        if self.is_host:
            return f"host {IPv4Address(self.address)}"
        return f"{IPv4Address(self.address)} {IPv4Address(self.wildcard)}"


ANY = AddressMatch(0, ANY_WILDCARD)


@dataclass(frozen=True, slots=True)
class PortMatch:
    """`eq 80 443`, `gt 1023`, `lt 10`, `neq 25 110`, `range 20 21`; times to live are told the same way."""

    operator: str
    ports: tuple[int, ...]

    @classmethod
    def from_parts(
        cls,
        operator: str,
        port: int,
        last: int | None = None,
        p2: int | None = None,
        p3: int | None = None,
        p4: int | None = None,
        p5: int | None = None,
        p6: int | None = None,
        p7: int | None = None,
        p8: int | None = None,
        p9: int | None = None,
        p10: int | None = None,
    ) -> PortMatch:
        """As typed: the ends of a range in either order, up to ten ports after `eq` and `neq`."""
        if last is not None:
            return cls(operator, (min(port, last), max(port, last)))
        more = (p2, p3, p4, p5, p6, p7, p8, p9, p10)
        return cls(operator, (port, *(each for each in more if each is not None)))

    def parts(self) -> dict[str, str | int]:
        """What is typed for it."""
        if self.operator == "range":
            return {"operator": self.operator, "port": self.ports[0], "last": self.ports[1]}
        names = ("port", *(f"p{number}" for number in range(2, 11)))
        return {"operator": self.operator, **dict(zip(names, self.ports, strict=False))}

    def matches(self, port: int | None) -> bool:
        """Whether a port (None: the packet shows none, a later fragment) is meant."""
        if port is None:
            return False
        first = self.ports[0]
        match self.operator:
            case "eq":
                return port in self.ports
            case "neq":
                return port not in self.ports
            case "gt":
                return port > first
            case "lt":
                return port < first
            case _:
                return first <= port <= self.ports[-1]


@dataclass(frozen=True, slots=True)
class IcmpMatch:
    """A type of ICMP messages (RFC 792), perhaps with one code."""

    icmp_type: int
    icmp_code: int | None = None

    @classmethod
    def from_parts(
        cls,
        message: tuple[int, int | None] | None = None,
        icmp_type: int = 0,
        icmp_code: int | None = None,
    ) -> IcmpMatch:
        """By the name of a message, which stands for type and code, or by numbers."""
        return cls(*message) if message is not None else cls(icmp_type, icmp_code)

    def parts(self) -> tuple[dict[str, tuple[int, int | None]], dict[str, int]]:
        """What is typed for it: a name if there is one, or else the numbers."""
        code = {} if self.icmp_code is None else {"icmp_code": self.icmp_code}
        return {"message": (self.icmp_type, self.icmp_code)}, {"icmp_type": self.icmp_type, **code}


TCP_FLAGS = {"ack": 0x10, "fin": 0x01, "psh": 0x08, "rst": 0x04, "syn": 0x02, "urg": 0x20}
"""Bits of the TCP header's control field (RFC 9293 section 3.1)."""


@dataclass(frozen=True, slots=True)
class FlagMatch:
    """`match-any|match-all +FLAG -FLAG …`: flags that a segment must have, or must not have."""

    every: bool
    present: int
    absent: int

    @classmethod
    def from_parts(
        cls,
        kind: str,
        ack: str = "",
        fin: str = "",
        psh: str = "",
        rst: str = "",
        syn: str = "",
        urg: str = "",
    ) -> FlagMatch:
        """As typed; ValueError without a flag."""
        typed = {"ack": ack, "fin": fin, "psh": psh, "rst": rst, "syn": syn, "urg": urg}
        present = sum(TCP_FLAGS[name] for name, word in typed.items() if word.startswith("+"))
        absent = sum(TCP_FLAGS[name] for name, word in typed.items() if word.startswith("-"))
        if not present and not absent:
            raise ValueError("no flag")
        return cls(kind == "match-all", present, absent)

    def parts(self) -> dict[str, str]:
        """What is typed for it."""
        words = {name: f"+{name}" for name, bit in TCP_FLAGS.items() if self.present & bit}
        words |= {name: f"-{name}" for name, bit in TCP_FLAGS.items() if self.absent & bit}
        return {"kind": "match-all" if self.every else "match-any", **words}

    def matches(self, flags: int) -> bool:
        """Whether a segment with these flags is meant."""
        missing = ~flags
        if self.every:
            return flags & self.present == self.present and missing & self.absent == self.absent
        return bool(flags & self.present or missing & self.absent)
