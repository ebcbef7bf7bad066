"""`ip sla N`, `ip sla schedule N` and `ip sla responder`."""

from __future__ import annotations

from dataclasses import dataclass, field
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
}
"""By kind; empty: what it asks is not told."""


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

    def become(self, kind: str) -> None:
        """Be an operation of a kind, with what those have where nothing is typed."""
        self.kind = kind
        self.timeout, self.size = USUAL[kind].timeout, USUAL[kind].size


@dataclass(frozen=True, slots=True)
class Schedule:
    """From when and for how many seconds an operation runs; life None: forever, not `now`: it waits."""

    life: int | None = LIFE
    now: bool = False


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
    responder: bool = False
    permanent: set[PermanentPort] = field(default_factory=set)
    reactions: dict[int, dict[str, Reaction]] = field(default_factory=dict)
    """By the number of the operation, then by what is watched."""
    triggers: dict[int, list[int]] = field(default_factory=dict)
    """`ip sla reaction-trigger N TARGET`."""
    logging: bool = False
    """`ip sla logging traps`."""
