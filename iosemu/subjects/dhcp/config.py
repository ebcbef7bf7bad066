"""What is configured of DHCP: pools, excluded addresses, relaying; and what can be debugged."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.box.debugging import DebugFlag
from iosemu.net.dhcp.pools import Pattern
from iosemu.net.dhcp.relay import REPLACE
from iosemu.packets.dhcp import Option, Options

SERVER_PACKET = DebugFlag("DHCP server packet", "DHCP server")
SERVER_EVENTS = DebugFlag("DHCP server event", "DHCP server")
CLIENT_DEBUG = DebugFlag("DHCP client activity", "DHCP client")

CLIENT_DISTANCE = 254
DETAILED = " (detailed)"
"""What stands behind `CLIENT_DEBUG` when it tells more."""
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


@dataclass(frozen=True)
class TypedPattern:
    """`relay-information hex DIGITS[*] [bitmask DIGITS]` or `option N hex DIGITS[*]`, and what it stands for."""

    text: str
    pattern: Pattern


@dataclass
class DhcpClass:
    """`ip dhcp class NAME`: what tells its clients from others."""

    name: str
    relayed: bool = False
    """`relay agent information` was typed."""
    patterns: list[TypedPattern] = field(default_factory=list)


@dataclass
class PoolClassLines:
    """`class NAME` under a pool."""

    name: str
    ranges: list[tuple[IPv4Address, IPv4Address]] = field(default_factory=list)


@dataclass(frozen=True)
class UtilizationMark:
    """`utilization mark high|low PERCENT [log]`."""

    percent: int
    log: bool = False


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
    classes: dict[str, PoolClassLines] = field(default_factory=dict)
    deny_unknown: bool = False
    high: UtilizationMark | None = None
    low: UtilizationMark | None = None
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


@dataclass(frozen=True)
class DatabaseAgent:
    """`ip dhcp database URL [timeout N | write-delay N]`; seconds, timeout 0: for ever."""

    timeout: int = 300
    delay: int = 300


@dataclass
class DhcpConfig:
    """Everything under `ip dhcp …`, and `service dhcp`."""

    service: bool = True
    pools: dict[str, DhcpPool] = field(default_factory=dict)
    excluded: dict[tuple[str, IPv4Address, IPv4Address], None] = field(default_factory=dict)
    classes: dict[str, DhcpClass] = field(default_factory=dict)
    use_class: bool = True
    """Classes narrow the pools that name them."""
    conflict_logging: bool = True
    """An address in conflict is kept in a list and not given."""
    bootp_ignore: bool = False
    ping_packets: int = 2
    """0: addresses are offered untried."""
    ping_timeout: int = 500
    """Milliseconds."""
    databases: dict[str, DatabaseAgent] = field(default_factory=dict)
    """Where bindings are kept, by URL."""
    smart_relay: bool = False
    """Who gets no answer for the first address of an interface is asked for with the next."""
    relay_information: bool = False
    relay_trust_all: bool = False
    """Option 82 without a relay's address, which a switch inserts, is taken on all interfaces."""
    relay_check: bool = True
    relay_policy: str = REPLACE
    forwarded: dict[int, str] = field(default_factory=dict)
    """UDP ports of `ip forward-protocol udp PORT` and of its `no` form, as typed, that are not the usual ones."""
    forwards: bool = True
    """`no ip forward-protocol udp` alone: no broadcast but those of DHCP is sent on."""
    client_distance: int = CLIENT_DISTANCE
    """Of the default routes by the servers of this box's own clients."""
    client_broadcast: bool = True
    """Its own clients ask for answers by broadcast."""

    def forwards_port(self, port: int) -> bool:
        """Whether `ip helper-address` sends broadcasts to a UDP port on."""
        return self.forwards and (port in FORWARDED) != (port in self.forwarded)


@dataclass
class DhcpClientPort:
    """`ip dhcp client …` under an interface: what its client says, asks for and does with the answer."""

    identifier: ClientIdentifier | None = None
    hostname: str = ""
    class_id: str = ""
    """As typed: text, or `hex` and digits."""
    lease: LeaseTime | None = None
    refused: dict[str, None] = field(default_factory=dict)
    """Options that it does not ask for, by the words of `ip dhcp client request`."""
    broadcast: bool | None = None
    """None: as `ip dhcp-client broadcast-flag` says."""
    distance: int | None = None
    """None: as `ip dhcp-client default-router distance` says."""
    track: int | None = None
    """The default route stands as long as this object is up."""


@dataclass(frozen=True)
class ClientIdentifier:
    """`ip dhcp client client-id INTERFACE | ascii TEXT | hex DIGITS`."""

    kind: str
    """`ascii`, `hex`, or empty: the text names an interface."""
    text: str

    @property
    def words(self) -> str:
        """As it is typed."""
        return f"{self.kind} {self.text}" if self.kind else self.text


@dataclass
class HelperAddresses:
    """`ip helper-address` and what is trusted under an interface."""

    addresses: dict[IPv4Address, None] = field(default_factory=dict)
    subscriber: str = ""
    """Sub-option 6 of option 82 (RFC 3993)."""
    insert: bool | None = None
    """None: as `ip dhcp relay information option` says; likewise the following."""
    check: bool | None = None
    policy: str = ""
    trusted: bool = False
    """`ip dhcp relay information trusted`: option 82 without a relay's address is taken here."""
