"""`priority-list` and `queue-list`: what sorts packets into the queues of a line without any class-map."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.mqc.criteria import AccessGroup

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.subjects.mqc.sighting import Sighting

PRIORITIES = ("high", "medium", "normal", "low")
"""The queues of a priority list, the first one first."""
PRIORITY_LIMITS = (20, 40, 60, 80)
"""Packets that each of them holds."""
NORMAL = "normal"
CUSTOM_QUEUES = range(1, 17)
SYSTEM = 0
"""The queue of a custom list that is always emptied first: keepalives and the like."""
BYTE_COUNT, CUSTOM_LIMIT = 1500, 20
"""Octets a turn, and packets, of a custom queue of which nothing else is said."""
CDP = 0x2000, 0x0207
"""As EtherType (in SNAP and HDLC) and as protocol of PPP."""
ETHERTYPES = {"arp": (0x0806,), "cdp": CDP, "ip": (0x0800,), "pppoe": (0x8863, 0x8864)}
"""What a frame of each protocol that can be named carries."""


@dataclass(frozen=True)
class QueueMatch:
    """What narrows a protocol down: `gt N`, `list N`, `tcp PORT` …"""

    kind: str
    value: int = 0

    def parts(self) -> dict[str, object]:
        """As the grammar has it."""
        return {"kind": self.kind} if self.kind == "fragments" else {"kind": self.kind, "value": self.value}

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether a packet is one of those."""
        packet = seen.packet
        if self.kind == "gt":
            return seen.octets > self.value
        if self.kind == "lt":
            return seen.octets < self.value
        if packet is None:
            return False
        if self.kind == "fragments":
            return packet.fragment_offset > 0
        if self.kind == "list":
            return AccessGroup(str(self.value)).fits(device, seen)
        number = Protocol.TCP if self.kind == "tcp" else Protocol.UDP
        return packet.protocol == number and seen.ports is not None and self.value in seen.ports


@dataclass(frozen=True)
class QueueRule:
    """A line of a list: packets of a protocol, or from an interface, wait in a queue."""

    queue: str
    """Its name, or its number."""
    protocol: str = ""
    match: QueueMatch | None = None
    interface: str = ""

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether a packet is one of those."""
        if self.interface:
            return seen.came_in == self.interface
        if seen.ethertype not in ETHERTYPES[self.protocol]:
            return False
        return self.match is None or self.match.fits(device, seen)


@dataclass(frozen=True)
class QueueList:
    """What both kinds of lists have."""

    default: str
    rules: tuple[QueueRule, ...] = ()

    def queue_of(self, device: Device, seen: Sighting) -> str:
        """The queue of the first line that a packet fits."""
        return next((each.queue for each in self.rules if each.fits(device, seen)), self.default)


@dataclass(frozen=True)
class PriorityList(QueueList):
    """`priority-list N`."""

    default: str = NORMAL
    limits: tuple[int, ...] = PRIORITY_LIMITS
    """Packets, of each queue; 0: no limit."""


@dataclass(frozen=True)
class CustomQueue:
    """`queue-list N queue M`."""

    octets: int = BYTE_COUNT
    """That it may send at a turn."""
    limit: int = CUSTOM_LIMIT


@dataclass(frozen=True)
class CustomList(QueueList):
    """`queue-list N`."""

    default: str = "1"
    queues: tuple[tuple[int, CustomQueue], ...] = ()
    """Those that are not as new, by number."""
    lowest: int = 1
    """`lowest-custom`: queues below it do not take turns, but go before all others."""

    def queue(self, number: int) -> CustomQueue:
        """One of its queues."""
        return dict(self.queues).get(number, CustomQueue())

    def with_queue(self, number: int, octets: int | None = None, limit: int | None = None) -> CustomList:
        """The list with other values of a queue; what is None stays."""
        before = self.queue(number)
        octets = before.octets if octets is None else octets
        made = CustomQueue(octets, before.limit if limit is None else limit)
        others = {**dict(self.queues), number: made}
        return replace(
            self, queues=tuple(sorted(each for each in others.items() if each[1] != CustomQueue()))
        )


@dataclass
class QueueLists:
    """All lists of a box."""

    priority: dict[int, PriorityList] = field(default_factory=dict)
    custom: dict[int, CustomList] = field(default_factory=dict)
