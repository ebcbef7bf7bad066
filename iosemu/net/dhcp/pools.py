"""What a DHCP server is told, keeps and tells: pools, bindings, conflicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.packets.dhcp import DhcpMessage, Option, Options

DAY = 86_400.0
PING, GRATUITOUS_ARP = "Ping", "Gratuitous ARP"
"""How a conflict was found."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool: a network to give addresses of, or one address for one client."""

    name: str
    network: IPv4Network | None = None
    host: IPv4Interface | None = None
    client_identifier: bytes = b""
    hardware: bytes = b""
    options: Options = ()
    lease: float | None = DAY
    """Seconds; None: for ever."""
    next_server: IPv4Address | None = None
    bootfile: str = ""

    @property
    def covers(self) -> IPv4Network | None:
        """The network that its options are for."""
        return (
            self.network if self.network is not None else self.host.network if self.host is not None else None
        )

    def is_for(self, message: DhcpMessage) -> bool:
        """Whether the pool is one address for this client: by its identifier, or by its hardware when it has none."""
        if self.host is None:
            return False
        identifier = message.option(Option.CLIENT_IDENTIFIER)
        if self.client_identifier:
            return identifier == self.client_identifier
        return bool(self.hardware) and not identifier and message.hardware == self.hardware


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """All that is configured."""

    pools: tuple[Pool, ...] = ()
    excluded: tuple[tuple[IPv4Address, IPv4Address], ...] = ()
    """First and last of each range that is not given."""
    ping: bool = True
    """An address is tried before it is offered."""


@dataclass(frozen=True, slots=True)
class Binding:
    """An address that is a client's."""

    address: IPv4Address
    identity: bytes
    pool: str
    expires: float | None
    """Lab time; None: never."""
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """An address that somebody uses who was not given it."""

    address: IPv4Address
    method: str
    when: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message came from: the interface, addresses in whose subnets the client may be, ours to answer from."""

    interface: str
    places: tuple[IPv4Address, ...]
    own: IPv4Address


@dataclass(frozen=True, slots=True)
class Ping:
    """Somebody has to try the address, and to say by `pinged` whether it answered."""

    address: IPv4Address
    origin: Origin


@dataclass(frozen=True, slots=True)
class Reply:
    """A message to send to the client."""

    message: DhcpMessage
    request: DhcpMessage
    origin: Origin


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that debugging tells: `what` is received, offer, ack, nak, no-pool, exhausted, conflict, expired …"""

    what: str
    client: bytes = b""
    address: IPv4Address | None = None
    message: DhcpMessage | None = None
    interface: str = ""
    method: str = ""
    """How a conflict was found."""


@dataclass(slots=True)
class Statistics:
    """What `show ip dhcp server statistics` counts."""

    received: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    expired: int = 0
    malformed: int = 0


def lowest(network: IPv4Network) -> IPv4Address:
    """The first address of a network that is a host's."""
    return network.network_address + (1 if network.prefixlen < 31 else 0)


def highest(network: IPv4Network) -> IPv4Address:
    """The last one."""
    return network.broadcast_address - (1 if network.prefixlen < 31 else 0)


def first_and_last(network: IPv4Network) -> tuple[IPv4Address, IPv4Address]:
    """The first and the last address that a pool of this network can give."""
    return lowest(network), highest(network)
