"""What IP adds to the configuration of an interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from iosemu.box.interface_config import InterfaceConfig


@dataclass(slots=True)
class IpSettings:
    """`ip …` and `arp …` under `interface X`."""

    address: IPv4Interface | None = None
    secondary: list[IPv4Interface] = field(default_factory=list)
    unnumbered: str = ""
    """`ip unnumbered INTERFACE`: whose address is used; `address` is that one then, and no line of its own."""
    dhcp: bool = False
    """`ip address dhcp`: `address` is what a client got (`ip/dhcp.py`), and is no line of the configuration."""
    negotiated: bool = False
    """`ip address negotiated`: `address` is what the other end of a PPP link or a tunnel told, no line either."""
    dhcp_client_id: str = ""
    """`client-id INTERFACE`: whose station address is the identifier; empty: IOS's text."""
    dhcp_hostname: str = ""
    """`hostname NAME`; empty: that of the box."""
    mtu: int | None = None
    """`ip mtu`, octets; None: what the interface carries."""
    redirects: bool = True
    unreachables: bool = True
    proxy_arp: bool = True
    per_packet: bool = False
    """`ip load-sharing per-packet`: packets to one destination take turns among equal ways."""
    directed_broadcast: bool = False
    arp_timeout: int = 14400
    """Seconds."""

    @property
    def addresses(self) -> list[IPv4Interface]:
        """Primary address first."""
        return ([self.address] if self.address else []) + self.secondary

    @property
    def has_address(self) -> bool:
        """Whether there is any."""
        return self.address is not None or bool(self.secondary)

    def remove_addresses(self) -> None:
        """`no ip address`."""
        self.address, self.secondary = None, []
        self.dhcp, self.negotiated, self.unnumbered = False, False, ""
        self.dhcp_client_id = self.dhcp_hostname = ""


@dataclass
class VrfForwarding:
    """`ip vrf forwarding NAME`, `vrf forwarding NAME`: the routing instance of an interface; empty: the default one."""

    name: str = ""


@dataclass
class IcmpConfig:
    """`ip icmp rate-limit unreachable [df]`: milliseconds between two such messages; None: no limit."""

    unreachable: int | None = 500
    fragmentation_needed: int | None = 500


@dataclass
class AdjustMss:
    """`ip tcp adjust-mss`: octets of the largest segment; None: as the ends like."""

    octets: int | None = None


def described_address(settings: IpSettings) -> str:
    """The address of an interface as the shows have it: its own, or whose it uses."""
    if settings.unnumbered and settings.address is not None:
        return f"Interface is unnumbered. Using address of {settings.unnumbered} ({settings.address.ip})"
    return f"Internet address is {settings.address}"


def ip_mtu(config: InterfaceConfig) -> int:
    """Octets of the largest IP packet that leaves an interface unfragmented."""
    return config.of(IpSettings).mtu or config.largest_packet


def primary_address(config: InterfaceConfig | None) -> IPv4Address | None:
    """The primary address of an interface that may not exist or have none."""
    address = config.of(IpSettings).address if config is not None else None
    return address.ip if address is not None else None
