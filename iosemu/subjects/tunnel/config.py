"""What is typed under `interface TunnelN`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

IP_HEADER, GRE_HEADER, GRE_OPTION = 20, 4, 4
ETHERNET_MTU = 1500


class TunnelMode(Enum):
    """`tunnel mode …`."""

    GRE = "gre ip"
    MULTIPOINT = "gre multipoint"
    IPSEC = "ipsec ipv4"


@dataclass
class Tunnel:
    """The tunnel settings of an interface."""

    source: IPv4Address | str | None = None
    """An address, or the interface whose address it is."""
    source_dynamic: bool = False
    """`tunnel source dynamic`: `source` is what a client chose, and is no line of its own."""
    destination: IPv4Address | None = None
    dynamic: bool = False
    """`tunnel destination dynamic`: `destination` is the peer that a client chose, and is no line of its own."""
    mode: TunnelMode = TunnelMode.GRE
    vrf: str = ""
    """The routing instance of its packets; that of what they carry is the interface's own."""
    key: int | None = None
    checksum: bool = False
    protection: str | None = None
    """IPsec profile."""
    shared: bool = False
    ttl: int = 255
    path_mtu_discovery: bool = False
    """The outer packets have DF set where the inner ones have it."""
    keepalive: int | None = None
    """Seconds between GRE keepalives; None: none."""
    template: str = ""
    """The virtual template that the interface was made from; empty: it was typed."""
    retries: int = 3
    """Keepalives without an answer that take the line protocol down."""

    @staticmethod
    def refusal(_config: object) -> str:
        """What an interface that is no tunnel answers to `tunnel …`."""
        return "% Command is only valid on tunnel interfaces"

    @property
    def gre(self) -> bool:
        """Whether its packets are those of GRE."""
        return self.mode is not TunnelMode.IPSEC

    @property
    def multipoint(self) -> bool:
        """Whether it has many far ends, which NHRP finds."""
        return self.mode is TunnelMode.MULTIPOINT

    @property
    def header(self) -> int:
        """Octets around each packet, IPsec aside."""
        if self.mode is TunnelMode.IPSEC:
            return 0
        return IP_HEADER + GRE_HEADER + GRE_OPTION * (self.checksum + (self.key is not None))

    @property
    def mtu(self) -> int:
        """The largest packet that fits: what IPsec needs is found when a packet is protected."""
        return ETHERNET_MTU - self.header
