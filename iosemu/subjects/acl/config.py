"""IPv4 access lists: standard and extended, numbered and named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from iosemu.subjects.acl.groups import NetworkGroup, ServiceGroup, ServiceMember
from iosemu.subjects.acl.matches import ANY, TCP_FLAGS, AddressMatch, FlagMatch, IcmpMatch, PortMatch
from iosemu.subjects.acl.reflexive import DEFAULT_TIMEOUT, ReflexiveList
from iosemu.subjects.acl.stations import ArpAccessList, ArpEntry, MacAccessList, MacEntry, StationMatch
from iosemu.subjects.acl.time_ranges import TimeRange

__all__ = [
    "ANY_OPTION",
    "AccessGroups",
    "AccessList",
    "AclsConfig",
    "Action",
    "AddressMatch",
    "ArpAccessList",
    "ArpEntry",
    "Entry",
    "FlagMatch",
    "IcmpMatch",
    "MacAccessList",
    "MacEntry",
    "NetworkGroup",
    "PortMatch",
    "ServiceGroup",
    "ServiceMember",
    "StationMatch",
    "TimeRange",
]
STEP = 10
"""Sequence numbers are dealt out in tens."""


class Action(Enum):
    """What an entry does with a packet."""

    PERMIT = "permit"
    DENY = "deny"


ANY_OPTION = 256
"""`option any-options`: whatever option the header has."""


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
    flags: FlagMatch | None = None
    precedence: int | None = None
    """The upper three bits of the type of service (RFC 791)."""
    tos: int | None = None
    """The four bits below them (RFC 1349)."""
    option: int | None = None
    ttl: PortMatch | None = None
    service: str = ""
    """The object group in the place of the protocol."""
    time_range: str = ""
    services: ServiceGroup | None = field(default=None, compare=False, repr=False)
    """The group that `service` names, once the entry stands in a list."""
    schedule: TimeRange | None = field(default=None, compare=False, repr=False)
    """What `time_range` names, once the entry stands in a list."""
    reflect: str = ""
    """The reflexive list that lets the answers in."""
    reflect_timeout: int | None = None
    """Seconds; None: as `ip reflexive-list timeout` says."""
    evaluate: str = ""
    """The entry is `evaluate NAME` and nothing else."""
    reflexive: ReflexiveList | None = field(default=None, compare=False, repr=False)
    """The list that `reflect` or `evaluate` names, once the entry stands in a list."""
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
        flags: FlagMatch | None = None,
        dscp: int | None = None,
        precedence: int | None = None,
        tos: int | None = None,
        option: int | None = None,
        ttl: PortMatch | None = None,
        service: str = "",
        time_range: str = "",
        log: str = "",
        reflect: str = "",
        timeout: int | None = None,
    ) -> Entry:
        """As typed; ValueError for what does not go together."""
        if reflect and action != Action.PERMIT.value:
            raise ValueError("reflect")
        if timeout is not None and not reflect:
            raise ValueError("timeout")
        if dscp is not None and (precedence is not None or tos is not None):
            raise ValueError("dscp")
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
            dscp,
            log,
            flags,
            precedence,
            tos,
            option,
            ttl,
            service,
            time_range,
            reflect=reflect,
            reflect_timeout=timeout,
        )

    def parts(self) -> dict[str, Any]:
        """What is typed for it; a standard entry is told by action, source and log alone."""
        told: dict[str, Any] = {
            "source_ports": self.source_ports,
            "destination_ports": self.destination_ports,
            "icmp": None if self.icmp_type is None else IcmpMatch(self.icmp_type, self.icmp_code),
            "flags": self.flags,
            "dscp": self.dscp,
            "precedence": self.precedence,
            "tos": self.tos,
            "option": self.option,
            "ttl": self.ttl,
            "service": self.service or None,
            "time_range": self.time_range or None,
            "log": self.log or None,
            "reflect": self.reflect or None,
            "timeout": self.reflect_timeout,
        }
        bits = {name: True for name, bit in TCP_FLAGS.items() if self.tcp_flags & bit}
        return {
            "action": self.action.value,
            **({} if self.service else {"protocol": self.protocol}),
            "source": self.source,
            "destination": self.destination,
            **{name: value for name, value in told.items() if value is not None},
            **bits,
            "established": self.established,
            "fragments": self.fragments,
        }

    @property
    def reads_ports(self) -> bool:
        """It looks behind the IP header, so the ports of a packet are known when it has been tried."""
        return bool(self.source_ports or self.destination_ports or self.service or self.evaluate)


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
    networks: dict[str, NetworkGroup] = field(default_factory=dict)
    """`object-group network NAME`; one that an entry only names is there, too, and not yet defined."""
    services: dict[str, ServiceGroup] = field(default_factory=dict)
    """`object-group service NAME`."""
    time_ranges: dict[str, TimeRange] = field(default_factory=dict)
    reflexive: dict[str, ReflexiveList] = field(default_factory=dict)
    """The lists that entries name in `reflect` and `evaluate`, with what is in them now."""
    reflexive_timeout: int = DEFAULT_TIMEOUT
    """`ip reflexive-list timeout`, seconds."""
    arp: dict[str, ArpAccessList] = field(default_factory=dict)
    """`arp access-list NAME`."""
    mac: dict[str, MacAccessList] = field(default_factory=dict)
    """`mac access-list extended NAME`."""
    threshold: int = 0
    """Packets of a flow after which it is logged again; 0: only time counts."""

    def bound(self, entry: Entry) -> Entry:
        """The entry, with the groups and the time range that it names."""
        reflexive = entry.reflect or entry.evaluate
        if reflexive:
            found = self.reflexive.setdefault(reflexive, ReflexiveList(reflexive))
            entry = replace(entry, reflexive=found)
        if not (entry.source.group or entry.destination.group or entry.service or entry.time_range):
            return entry
        services = (
            self.services.setdefault(entry.service, ServiceGroup(entry.service)) if entry.service else None
        )
        name = entry.time_range
        return replace(
            entry,
            source=self._address(entry.source),
            destination=self._address(entry.destination),
            services=services,
            schedule=self.time_ranges.setdefault(name, TimeRange(name)) if name else None,
        )

    def _address(self, match: AddressMatch) -> AddressMatch:
        if not match.group:
            return match
        return replace(match, members=self.networks.setdefault(match.group, NetworkGroup(match.group)))

    def uses(self, kind: str, name: str) -> bool:
        """Whether an entry, or a group, names an object group (`network`, `service`)."""
        groups = (self.networks if kind == "network" else self.services).values()
        if any(name in group.groups for group in groups):
            return True
        entries = (entry for each in self.lists.values() for entry in each.entries)
        if kind == "service":
            return any(entry.service == name for entry in entries)
        return any(name in (entry.source.group, entry.destination.group) for entry in entries)

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
