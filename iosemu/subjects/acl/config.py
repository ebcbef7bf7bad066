"""IPv4 access lists: standard and extended, numbered and named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address
from typing import Any

ANY_WILDCARD = 0xFFFFFFFF
STEP = 10
"""Sequence numbers are dealt out in tens."""


class Action(Enum):
    """What an entry does with a packet."""

    PERMIT = "permit"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """An address and a wildcard mask; bits set in the wildcard do not count, so they are kept as zero."""

    address: int
    wildcard: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", self.address & ~self.wildcard & 0xFFFFFFFF)

    @classmethod
    def of(cls, address: IPv4Address, wildcard: IPv4Address | None = None) -> AddressMatch:
        """From addresses as typed."""
        return cls(int(address), int(wildcard) if wildcard is not None else 0)

    @classmethod
    def from_parts(
        cls, address: IPv4Address | None = None, wildcard: IPv4Address | None = None
    ) -> AddressMatch:
        """As typed: nothing for `any`, an address alone for a host."""
        return ANY if address is None else cls.of(address, wildcard)

    def parts(self) -> dict[str, IPv4Address]:
        """What is typed for it."""
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
        return self.wildcard == 0

    def matches(self, address: int) -> bool:
        """Whether an address (as an integer) is meant."""
        return (address ^ self.address) & ~self.wildcard & 0xFFFFFFFF == 0

    def __str__(self) -> str:
        if self.is_any:
            return "any"
        if self.is_host:
            return f"host {IPv4Address(self.address)}"
        return f"{IPv4Address(self.address)} {IPv4Address(self.wildcard)}"


ANY = AddressMatch(0, ANY_WILDCARD)


@dataclass(frozen=True, slots=True)
class PortMatch:
    """`eq 80 443`, `gt 1023`, `lt 10`, `neq 25`, `range 20 21`."""

    operator: str
    ports: tuple[int, ...]

    @classmethod
    def from_parts(cls, operator: str, port: int, last: int | None = None) -> PortMatch:
        """As typed: the ends of a range in either order."""
        return cls(operator, (port,) if last is None else (min(port, last), max(port, last)))

    def parts(self) -> dict[str, str | int]:
        """What is typed for it."""
        ends = dict(zip(("port", "last"), self.ports, strict=False))
        return {"operator": self.operator, **ends}

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


@dataclass(slots=True, unsafe_hash=True)
class Entry:
    """One access control entry; `protocol` None means `ip` (all of them). Only `matches` ever changes."""

    action: Action
    source: AddressMatch = ANY
    destination: AddressMatch = ANY
    protocol: int | None = None
    source_ports: PortMatch | None = None
    destination_ports: PortMatch | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None
    established: bool = False
    tcp_flags: int = 0
    """Bits of TCP flags of which a segment must have one; 0: any segment will do."""
    fragments: bool = False
    dscp: int | None = None
    log: str = ""
    """`log` or `log-input`."""
    matches: int = field(default=0, compare=False)
    """Packets that met this entry since it was made or cleared."""

    @classmethod
    def from_parts(
        cls,
        action: str,
        source: AddressMatch,
        protocol: int | None = None,
        destination: AddressMatch = ANY,
        source_ports: PortMatch | None = None,
        destination_ports: PortMatch | None = None,
        icmp: IcmpMatch | None = None,
        *,
        ack: bool = False,
        fin: bool = False,
        psh: bool = False,
        rst: bool = False,
        syn: bool = False,
        urg: bool = False,
        established: bool = False,
        fragments: bool = False,
        log: str = "",
    ) -> Entry:
        """As typed."""
        typed = {"ack": ack, "fin": fin, "psh": psh, "rst": rst, "syn": syn, "urg": urg}
        return cls(
            Action(action),
            source,
            destination,
            protocol,
            source_ports,
            destination_ports,
            None if icmp is None else icmp.icmp_type,
            None if icmp is None else icmp.icmp_code,
            established,
            sum(TCP_FLAGS[name] for name, told in typed.items() if told),
            fragments,
            log=log,
        )

    def parts(self) -> dict[str, Any]:
        """What is typed for it; a standard entry is told by action, source and log alone."""
        told: dict[str, Any] = {
            "source_ports": self.source_ports,
            "destination_ports": self.destination_ports,
            "icmp": None if self.icmp_type is None else IcmpMatch(self.icmp_type, self.icmp_code),
            "log": self.log or None,
        }
        flags = {name: True for name, bit in TCP_FLAGS.items() if self.tcp_flags & bit}
        return {
            "action": self.action.value,
            "protocol": self.protocol,
            "source": self.source,
            "destination": self.destination,
            **{name: value for name, value in told.items() if value is not None},
            **flags,
            "established": self.established,
            "fragments": self.fragments,
        }


@dataclass
class AccessList:
    """One list; `items` maps sequence numbers to entries, in order."""

    name: str
    extended: bool
    items: dict[int, Entry] = field(default_factory=dict)
    remarks: dict[int, list[str]] = field(default_factory=dict)
    """Remarks by the sequence number of the entry they stand before; 2**31 for those at the end."""

    _numbers: dict[Entry, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The sequence number of each entry: long lists are pasted entry by entry."""

    END = 1 << 31

    def __post_init__(self) -> None:
        self._numbers = {entry: sequence for sequence, entry in self.items.items()}

    @property
    def numbered(self) -> bool:
        """Whether the name is a number."""
        return self.name.isdigit()

    @property
    def entries(self) -> Iterator[Entry]:
        """In sequence order."""
        return iter(self.items.values())

    def add(self, entry: Entry, sequence: int | None = None) -> bool:
        """Insert an entry at its sequence number, or at the end; False when an equal one is there already.

        Raises ValueError when the number is taken by another entry.
        """
        if entry in self._numbers:
            return False
        last = next(reversed(self.items), 0)
        if sequence is None:
            sequence = (last // STEP + 1) * STEP
        if sequence in self.items:
            raise ValueError(sequence)
        if sequence > last and self.END in self.remarks:
            self.remarks[sequence] = self.remarks.pop(self.END)
        self.items[sequence] = entry
        self._numbers[entry] = sequence
        if sequence < last:
            self.items = dict(sorted(self.items.items()))
        return True

    def add_remark(self, text: str) -> None:
        """Put a remark after the last entry."""
        self.remarks.setdefault(self.END, []).append(text)

    def remove(self, entry: Entry) -> bool:
        """Remove the entry that equals `entry`; False when there is none."""
        sequence = self._numbers.get(entry)
        return sequence is not None and self.remove_sequence(sequence)

    def remove_sequence(self, sequence: int) -> bool:
        """Remove by number; False when there is none."""
        if sequence not in self.items:
            return False
        del self._numbers[self.items.pop(sequence)]
        if sequence in self.remarks:
            following = min((each for each in self.items if each > sequence), default=self.END)
            self.remarks[following] = self.remarks.pop(sequence) + self.remarks.get(following, [])
        return True

    def remove_remark(self, text: str) -> bool:
        """Remove the first remark with this text; False when there is none."""
        for sequence, texts in self.remarks.items():
            if text in texts:
                texts.remove(text)
                if not texts:
                    del self.remarks[sequence]
                return True
        return False

    def resequence(self, start: int = STEP, step: int = STEP) -> None:
        """Number the entries anew."""
        numbers = {old: start + index * step for index, old in enumerate(self.items)}
        self.items = {numbers[old]: entry for old, entry in self.items.items()}
        self._numbers = {entry: sequence for sequence, entry in self.items.items()}
        self.remarks = {numbers.get(old, old): texts for old, texts in self.remarks.items()}


@dataclass
class AclsConfig:
    """All access lists of a device, by name (a number is a name too)."""

    lists: dict[str, AccessList] = field(default_factory=dict)

    def get(self, name: str | None) -> AccessList | None:
        """The list, or None when there is no list of that name."""
        return self.lists.get(name) if name is not None else None

    def make(self, name: str, extended: bool) -> AccessList:
        """The list, made when it is new.

        Raises ValueError when a list of the other kind has the name.
        """
        found = self.lists.setdefault(name, AccessList(name, extended))
        if found.extended != extended:
            raise ValueError(name)
        return found


def is_standard_number(number: int) -> bool:
    """1-99 and 1300-1999."""
    return 1 <= number <= 99 or 1300 <= number <= 1999


def is_extended_number(number: int) -> bool:
    """100-199 and 2000-2699."""
    return 100 <= number <= 199 or 2000 <= number <= 2699


def ordered(acls: AclsConfig) -> list[AccessList]:
    """Standard before extended, numbers before names."""

    def key(each: AccessList) -> tuple[bool, bool, int, str]:
        return (each.extended, not each.numbered, int(each.name) if each.numbered else 0, each.name)

    return sorted(acls.lists.values(), key=key)


@dataclass
class AccessGroups:
    """`ip access-group NAME in|out` under `interface X`."""

    inbound: str | None = None
    outbound: str | None = None
