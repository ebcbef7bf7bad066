"""What a DHCP server is told, keeps and tells: pools, bindings, conflicts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.packets.dhcp import DhcpMessage, Option, Options

DAY = 86_400.0
PING, GRATUITOUS_ARP = "Ping", "Gratuitous ARP"
"""How a conflict was found."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What an option of a request has to look like (`relay-information hex …`, `option N hex …`)."""

    option: int
    octets: bytes
    open: bool = False
    """More may follow (`*`)."""
    ignored: bytes = b""
    """A bit that is set here may be another one in the request (`bitmask`)."""

    def fits(self, message: DhcpMessage) -> bool:
        """Whether a request looks so."""
        value = message.option(self.option)
        if (
            value is None
            or len(value) < len(self.octets)
            or (len(value) > len(self.octets) and not self.open)
        ):
            return False
        mask = self.ignored.ljust(len(self.octets), b"\0")
        return all(
            (have ^ want) & ~bits & 0xFF == 0
            for have, want, bits in zip(value, self.octets, mask, strict=False)
        )


@dataclass(frozen=True, slots=True)
class PoolClass:
    """`class NAME` of a pool: the ranges of addresses for clients of one kind."""

    patterns: tuple[Pattern, ...] = ()
    """One of them has to fit; none: every client is of the class."""
    ranges: tuple[tuple[IPv4Address, IPv4Address], ...] = ()
    """First and last; none: all addresses of the pool."""

    def has(self, message: DhcpMessage) -> bool:
        """Whether a client is of the class."""
        return not self.patterns or any(each.fits(message) for each in self.patterns)


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
    deny_unknown: bool = False
    """Who asks to keep an address that this server does not know of is refused (`renew deny unknown`)."""
    classes: tuple[PoolClass, ...] = ()
    """The first that a client is of counts; none at all: classes do not matter."""
    ranges: tuple[tuple[IPv4Address, IPv4Address], ...] = ()
    """The addresses that one client may be given, by its class; none: all."""

    def narrowed(self, message: DhcpMessage) -> Pool | None:
        """The pool as a client of some class sees it; None: it is of none that the pool has."""
        if not self.classes or self.host is not None:
            return self
        found = next((each for each in self.classes if each.has(message)), None)
        return replace(self, ranges=found.ranges) if found is not None else None

    def gives(self, address: IPv4Address) -> bool:
        """Whether the client that this pool was narrowed for may have an address."""
        return not self.ranges or any(first <= address <= last for first, last in self.ranges)

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
    conflict_logging: bool = True
    """An address in conflict is not given any more, until an administrator clears it."""
    bootp: bool = True
    """Clients without DHCP are answered, too."""


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
