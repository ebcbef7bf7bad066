"""What is typed under an interface of NHRP, what can be debugged, and how images differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import ClassVar

from iosemu.box.debugging import DebugFlag
from iosemu.nhrp.settings import ServerSettings

PROTOCOL = DebugFlag("NHRP protocol", "NHRP")
PACKET = DebugFlag("NHRP activity", "NHRP")
CACHE = DebugFlag("NHRP cache operations", "NHRP")
EXTENSION = DebugFlag("NHRP extension processing", "NHRP")
DEBUG_FLAGS = (PROTOCOL, PACKET, CACHE, EXTENSION)


@dataclass
class NhrpPort:
    """`ip nhrp …`; nothing happens without a network id."""

    network_id: int | None = None
    authentication: str = ""
    maps: dict[IPv4Address, IPv4Address] = field(default_factory=dict)
    multicast: dict[IPv4Address, None] = field(default_factory=dict)
    multicast_dynamic: bool = False
    servers: dict[IPv4Address, ServerSettings] = field(default_factory=dict)
    max_connections: dict[int, int] = field(default_factory=dict)
    """How many servers of a cluster are spoken to."""
    fallback: int | None = None
    """Seconds."""
    holding: int | None = None
    """Seconds; None: the image's."""
    registration: int | None = None
    """Seconds between registrations."""
    unique: bool = True
    redirect: bool = False
    redirect_interval: int | None = None
    """Seconds."""
    shortcut: bool = False
    server_only: bool = False


@dataclass
class DmvpnLogging:
    """`logging dmvpn [rate-limit N]`."""

    enabled: bool = False
    rate_limit: int | None = None
    """Seconds in which one message of a kind about one tunnel is written at most."""


@dataclass(frozen=True)
class NhrpStyle:
    """How images differ."""

    stem: ClassVar[str] = "nhrp"
    long_entries: bool = True
    """`show ip nhrp` says of each entry on lines of its own when it was made; flags are those of 15."""
    routes: bool = True
    """Shortcuts are seen in the routing table, and as attributes in `show dmvpn`."""
