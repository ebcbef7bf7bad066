"""`ip sla N`, `ip sla schedule N` and `ip sla responder`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from iosemu.subjects.ip_sla.reactions import Reaction

LIFE = 3600
"""Seconds that an operation runs if nothing is said of it."""
PACKETS, INTERVAL = 10, 20
"""Of udp-jitter: how many, and milliseconds from one to the next."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What an operation of a kind has where nothing is typed: its mode, milliseconds, octets of a request."""

    mode: str
    timeout: int = 5000
    size: int = 28


USUAL = {
    "": Usual("config-ip-sla"),
    "icmp-echo": Usual("config-ip-sla-echo"),
    "udp-echo": Usual("config-ip-sla-udp", size=16),
    "udp-jitter": Usual("config-ip-sla-jitter", size=32),
    "tcp-connect": Usual("config-ip-sla-tcp", timeout=60000),
    "http": Usual("config-ip-sla-http", timeout=60000),
    "dns": Usual("config-ip-sla-dns", timeout=9000),
    "path-echo": Usual("config-ip-sla-pathEcho"),
    "path-jitter": Usual("config-ip-sla-pathJitter"),
    "icmp-jitter": Usual("config-ip-sla-icmpjitter"),
    "dhcp": Usual("config-ip-sla-dhcp", timeout=9000),
    "ftp": Usual("config-ip-sla-ftp", timeout=60000),
}
"""By kind; empty: what it asks is not told."""
SIZED = ("", "icmp-echo", "udp-echo", "udp-jitter", "path-echo", "path-jitter")
"""Kinds whose request has a size."""
PACED = ("udp-jitter", "icmp-jitter", "path-jitter")
"""Kinds that send several packets at an even pace."""
POINT_BY_POINT = ("icmp-echo", "udp-echo", "tcp-connect", "dns", "path-echo", "dhcp")
"""Kinds whose runs are kept one by one, if `history lives-kept` says so."""


@dataclass
class Keeping:
    """`history …`: what is kept of the results."""

    hours: int = 2
    """Of statistics."""
    distributions: int = 1
    """Ranges of round trip times that are counted apart in each hour."""
    interval: int = 20
    """Milliseconds of one range."""
    lives: int = 0
    """How often the operation may begin anew before the oldest of its runs are forgotten."""
    buckets: int = 15
    """Runs that are kept of each."""
    filter: str = "none"
    """Which runs: `none`, `all`, `failures` or `overThreshold`."""


@dataclass
class Operation:
    """One operation: frequency in seconds, timeout and threshold in milliseconds."""

    number: int
    kind: str = ""
    """A key of USUAL."""
    destination: IPv4Address | None = None
    """Whom it asks; of `dns` the name server, of `http` None."""
    source: IPv4Address | None = None
    source_interface: str = ""
    port: int = 0
    source_port: int = 0
    """0: any."""
    control: bool = True
    """Ask the responder by the control protocol to open the port."""
    packets: int = PACKETS
    interval: int = INTERVAL
    name: str = ""
    """The URL of `http`, the name that `dns` asks for."""
    name_server: IPv4Address | None = None
    frequency: int = 60
    timeout: int = 5000
    threshold: int = 5000
    size: int = 28
    tag: str = ""
    tos: int = 0
    """The octet of the packets' headers."""
    vrf: str = ""
    target_only: bool = False
    """Of `path-jitter`: not the hops before it."""
    keeping: Keeping = field(default_factory=Keeping)

    def become(self, kind: str) -> None:
        """Be an operation of a kind, with what those have where nothing is typed."""
        self.kind = kind
        self.timeout, self.size = USUAL[kind].timeout, USUAL[kind].size


@dataclass(frozen=True, slots=True)
class Schedule:
    """From when and for how many seconds an operation runs; life None: forever."""

    life: int | None = LIFE
    start: str = ""
    """`now`, `pending`, `after HH:MM:SS`, `HH:MM[:SS] [MONTH DAY]`; empty: nobody said, it waits."""
    ageout: int = 0
    """Seconds after its end for which it is kept; 0: for ever."""
    recurring: bool = False
    """It begins every day."""
    delay: float = 0.0
    """Seconds after the start, of a member of a group."""
    frequency: float | None = None
    """Seconds, of a member of a group."""

    @property
    def waits(self) -> bool:
        """Only a reaction, or somebody, starts it."""
        return self.start in ("", "pending")


@dataclass(frozen=True, slots=True)
class Group:
    """`ip sla group schedule N …`: operations that begin one after the other."""

    members: tuple[int, ...]
    period: int
    """Seconds over which the starts are spread."""
    frequency: int | None = None
    """Seconds; None: the period."""
    schedule: Schedule = Schedule()

    def schedules(self) -> dict[int, Schedule]:
        """When each member runs."""
        apart = self.period / len(self.members)
        each = float(self.frequency or self.period)
        return {
            number: replace(self.schedule, delay=place * apart, frequency=each)
            for place, number in enumerate(self.members)
        }


@dataclass(frozen=True, slots=True, order=True)
class PermanentPort:
    """`ip sla responder (udp-echo | tcp-connect) ipaddress A port N`."""

    kind: str
    address: IPv4Address
    port: int


@dataclass
class IpSlaConfig:
    """The operations and their schedules by number, and the responder."""

    operations: dict[int, Operation] = field(default_factory=dict)
    schedules: dict[int, Schedule] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    responder: bool = False
    permanent: set[PermanentPort] = field(default_factory=set)
    reactions: dict[int, dict[str, Reaction]] = field(default_factory=dict)
    """By the number of the operation, then by what is watched."""
    triggers: dict[int, list[int]] = field(default_factory=dict)
    """`ip sla reaction-trigger N TARGET`."""
    logging: bool = False
    """`ip sla logging traps`."""
    alerts: bool = False
    """`ip sla enable reaction-alerts`: others on the box are told, too."""
