"""What is configured of NTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.net.ntp.state import MOST

PACKETS = DebugFlag("NTP packets", "NTP")
EVENTS = DebugFlag("NTP events", "NTP")
MASTER_STRATUM = 8
"""`ntp master` without a number."""
BROADCAST_DELAY = 3000
"""Microseconds there and back of a broadcast whose sender does not answer."""
TIME_GROUP = IPv4Address("224.0.1.1")
"""The multicast group of NTP (RFC 5905 section 7.2)."""
MULTICAST_TTL = 16
ACCESS = ("peer", "serve", "serve-only", "query-only")
"""What `ntp access-group` may grant, most first."""


@dataclass(frozen=True)
class PeerLine:
    """`ntp server A …`, `ntp peer A …`; polls are powers of two seconds."""

    word: str
    address: IPv4Address
    version: int | None = None
    key: int | None = None
    source: str = ""
    minpoll: int | None = None
    maxpoll: int | None = None
    prefer: bool = False
    burst: bool = False
    iburst: bool = False
    vrf: str = ""
    """The routing instance that it is reached in."""

    def __str__(self) -> str:
        words = ["ntp", self.word, *(("vrf", self.vrf) if self.vrf else ()), str(self.address)]
        for word, value in (
            ("version", self.version),
            ("key", self.key),
            ("source", self.source or None),
            ("minpoll", self.minpoll),
            ("maxpoll", self.maxpoll),
        ):
            if value is not None:
                words += [word, str(value)]
        words += [word for word in ("prefer", "burst", "iburst") if getattr(self, word)]
        return " ".join(words)


@dataclass
class NtpConfig:
    """`ntp …`."""

    peers: dict[tuple[str, IPv4Address], PeerLine] = field(default_factory=dict)
    """By their routing instance, and their address in it."""
    master: int | None = None
    """Stratum."""
    source: str = ""
    authenticate: bool = False
    keys: dict[int, str] = field(default_factory=dict)
    """Secrets in clear text."""
    trusted: dict[int, None] = field(default_factory=dict)
    access: dict[str, str] = field(default_factory=dict)
    """Access list by what it grants."""
    logging: bool = False
    most: int = MOST
    """`ntp max-associations`."""
    delay: int = BROADCAST_DELAY
    """`ntp broadcastdelay`, in microseconds."""

    def forget_vrf(self, name: str) -> None:
        """A VRF that is no more takes its servers and peers along."""
        for key in [key for key in self.peers if key[0] == name]:
            del self.peers[key]

    @property
    def enabled(self) -> bool:
        """NTP runs."""
        return bool(self.peers) or self.master is not None


@dataclass(frozen=True)
class Broadcast:
    """`ntp broadcast [destination A] [key N] [version N]`, `ntp multicast [A] [key N] [ttl N] [version N]`."""

    address: IPv4Address | None = None
    """None: all on the link, or the group of NTP."""
    key: int | None = None
    ttl: int | None = None
    version: int | None = None


@dataclass
class NtpPort:
    """What stands under an interface."""

    disabled: bool = False
    """`ntp disable`: no packets are taken there."""
    client: bool = False
    """`ntp broadcast client`."""
    groups: dict[IPv4Address, None] = field(default_factory=dict)
    """Those of `ntp multicast client`."""
    broadcast: Broadcast | None = None
    multicasts: dict[IPv4Address, Broadcast] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """NTP runs because of it."""
        return self.client or bool(self.groups) or self.broadcast is not None or bool(self.multicasts)
