"""What is configured of DHCP: pools, excluded addresses, relaying; and what can be debugged."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.box.debugging import DebugFlag
from iosemu.net.dhcp.relay import REPLACE
from iosemu.packets.dhcp import Option, Options

SERVER_PACKET = DebugFlag("DHCP server packet", "DHCP server")
SERVER_EVENTS = DebugFlag("DHCP server event", "DHCP server")
CLIENT_DEBUG = DebugFlag("DHCP client activity", "DHCP client")

FORWARDED = (37, 49, 53, 67, 68, 69, 137, 138)
"""The UDP ports whose broadcasts `ip helper-address` sends on (Cisco's command reference, `ip forward-protocol`)."""


@dataclass(frozen=True)
class LeaseTime:
    """`lease DAYS [HOURS [MINUTES]]`."""

    days: int = 1
    hours: int = 0
    minutes: int = 0

    @property
    def seconds(self) -> float:
        """The same in seconds."""
        return float(self.days * 86_400 + self.hours * 3600 + self.minutes * 60)

    @property
    def words(self) -> str:
        """As it is typed: zeros at the end may be left out."""
        if self.minutes:
            return f"{self.days} {self.hours} {self.minutes}"
        return f"{self.days} {self.hours}" if self.hours else f"{self.days}"


@dataclass(frozen=True)
class OptionValue:
    """`option N ascii TEXT | hex DIGITS | ip A.B.C.D …`: how it was typed, and what goes on the wire."""

    form: str
    text: str
    octets: bytes


@dataclass
class DhcpPool:
    """`ip dhcp pool NAME`."""

    name: str
    network: IPv4Network | None = None
    host: IPv4Interface | None = None
    host_mask_typed: bool = True
    client_identifier: bytes = b""
    hardware: bytes = b""
    hardware_kind: str = ""
    """What stands behind the address: `ieee802`, a number, or nothing for Ethernet."""
    client_name: str = ""
    default_router: tuple[IPv4Address, ...] = ()
    dns_server: tuple[IPv4Address, ...] = ()
    netbios_name_server: tuple[IPv4Address, ...] = ()
    netbios_node_type: int | None = None
    domain_name: str = ""
    next_server: tuple[IPv4Address, ...] = ()
    bootfile: str = ""
    lease: LeaseTime | None = field(default_factory=LeaseTime)
    """None: infinite."""
    options: dict[int, OptionValue] = field(default_factory=dict)
    import_all: bool = False
    vrf: str = ""
    """The routing instance of its clients; empty: the default one."""
    order: dict[str, None] = field(default_factory=dict)
    """What was typed, first to last: the running configuration keeps that order."""

    def wire_options(self) -> Options:
        """Its lines as options, without what `option N` and the lines share: there the line that is plainer wins."""
        found = {number: value.octets for number, value in self.options.items()}
        for code, addresses in (
            (Option.ROUTER, self.default_router),
            (Option.DNS_SERVER, self.dns_server),
            (Option.NETBIOS_NAME_SERVER, self.netbios_name_server),
        ):
            if addresses:
                found[code] = b"".join(each.packed for each in addresses)
        if self.netbios_node_type is not None:
            found[Option.NETBIOS_NODE_TYPE] = bytes((self.netbios_node_type,))
        if self.domain_name:
            found[Option.DOMAIN_NAME] = self.domain_name.encode("utf-8")
        if self.client_name:
            found[Option.HOST_NAME] = self.client_name.encode("utf-8")
        return tuple(found.items())


@dataclass
class DhcpConfig:
    """Everything under `ip dhcp …`, and `service dhcp`."""

    service: bool = True
    pools: dict[str, DhcpPool] = field(default_factory=dict)
    excluded: dict[tuple[str, IPv4Address, IPv4Address], None] = field(default_factory=dict)
    ping_packets: int = 2
    """0: addresses are offered untried."""
    ping_timeout: int = 500
    """Milliseconds."""
    relay_information: bool = False
    relay_trust_all: bool = False
    """Option 82 without a relay's address, which a switch inserts, is taken on all interfaces."""
    relay_check: bool = True
    relay_policy: str = REPLACE


@dataclass
class HelperAddresses:
    """`ip helper-address` and what is trusted under an interface."""

    addresses: dict[IPv4Address, None] = field(default_factory=dict)
    trusted: bool = False
    """`ip dhcp relay information trusted`: option 82 without a relay's address is taken here."""
