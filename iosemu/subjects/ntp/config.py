"""What is configured of NTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag

PACKETS = DebugFlag("NTP packets", "NTP")
EVENTS = DebugFlag("NTP events", "NTP")
MASTER_STRATUM = 8
"""`ntp master` without a number."""
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

    def forget_vrf(self, name: str) -> None:
        """A VRF that is no more takes its servers and peers along."""
        for key in [key for key in self.peers if key[0] == name]:
            del self.peers[key]

    @property
    def enabled(self) -> bool:
        """NTP runs."""
        return bool(self.peers) or self.master is not None


@dataclass
class NtpPort:
    """What stands under an interface."""

    disabled: bool = False
    """`ntp disable`: no packets are taken there."""
