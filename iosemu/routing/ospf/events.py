"""What happened, for logs, debug lines and the routing table. Each event carries lab time and plain facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from iosemu.routing.ospf.authentication import AuthenticationFault
from iosemu.routing.ospf.constants import InterfaceState, NeighborEvent, NeighborState, PathType


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at `time`, in lab seconds."""

    time: float


@dataclass(frozen=True, slots=True)
class NeighborChange(Event):
    """A neighbor's state changed; `%OSPF-5-ADJCHG`."""

    interface: str
    router_id: IPv4Address
    address: IPv4Address
    old: NeighborState
    new: NeighborState
    event: NeighborEvent

    @property
    def reason(self) -> str:
        """The words at the end of IOS's message."""
        return self.event.value


@dataclass(frozen=True, slots=True)
class InterfaceChange(Event):
    """An interface's state changed."""

    interface: str
    old: InterfaceState
    new: InterfaceState


class ElectionCause(Enum):
    """Why an election was held; values as IOS's debug says them."""

    WAIT_ENDED = "end of Wait on interface"
    BACKUP_SEEN = "Backup seen event before WAIT timer"
    NEIGHBOR_CHANGE = "Neighbor change event"
    INTERFACE_DOWN = "Interface going Down"


@dataclass(frozen=True, slots=True)
class Election(Event):
    """An election: (BDR, DR) of each round, then the result; router IDs, None where there is none."""

    interface: str
    cause: ElectionCause
    rounds: tuple[tuple[IPv4Address | None, IPv4Address | None], ...]
    dr: IPv4Address | None
    bdr: IPv4Address | None


@dataclass(frozen=True, slots=True)
class HelloMismatch(Event):
    """Hello parameters differ: (received, ours) each; masks None where they do not count."""

    interface: str
    source: IPv4Address
    hello: tuple[int, int]
    dead: tuple[int, int]
    mask: tuple[IPv4Address, IPv4Address] | None


@dataclass(frozen=True, slots=True)
class AreaOptionMismatch(Event):
    """The E or N bit of a hello differs from the kind of the area."""

    interface: str
    source: IPv4Address
    nssa: bool


@dataclass(frozen=True, slots=True)
class AuthenticationMismatch(Event):
    """A packet was refused; types are (received, ours)."""

    interface: str
    source: IPv4Address
    fault: AuthenticationFault
    types: tuple[int, int]
    key_id: int | None


@dataclass(frozen=True, slots=True)
class AreaMismatch(Event):
    """The area in the header is not the interface's; IOS logs it where the packet is from the backbone."""

    interface: str
    source: IPv4Address
    received: int
    configured: int


@dataclass(frozen=True, slots=True)
class MtuMismatch(Event):
    """A neighbor's MTU differs from ours: it is refused if it is larger."""

    interface: str
    router_id: IPv4Address
    received: int
    configured: int
    refused: bool


@dataclass(frozen=True, slots=True)
class DuplicateRouterId(Event):
    """`%OSPF-4-DUP_RTRID_NBR`."""

    interface: str
    source: IPv4Address
    router_id: IPv4Address


@dataclass(frozen=True, slots=True)
class NetworkTypeMismatch(Event):
    """`%OSPF-4-NET_TYPE_MISMATCH`: a hello with a designated router on a point-to-point link."""

    interface: str
    router_id: IPv4Address


@dataclass(frozen=True, slots=True)
class ConflictingLsaId(Event):
    """`%OSPF-4-CONFLICTING_LSAID`: no link state ID was free for a prefix."""

    area: int | None
    prefix: IPv4Network


class PacketFault(Enum):
    """Why a packet was dropped; the names of `show ip ospf traffic`."""

    LENGTH = "Length"
    CHECKSUM = "Checksum"
    VERSION = "Version"
    BAD_SOURCE = "Bad Source"
    NO_VIRTUAL_LINK = "No Virtual Link"
    SELF_ORIGINATED = "Self Originated"
    UNKNOWN_NEIGHBOR = "Unknown Neighbor"
    NEIGHBOR_IGNORED = "Nbr Ignored"
    DESTINATION = "Destination"
    LSA_CHECKSUM = "LSA Checksum"
    LSA_TYPE = "LSA Type"
    LSA_DATA = "LSA Data"
    AREA_MISMATCH = "Area Mismatch"
    AUTHENTICATION_TYPE = "Auth Type"
    AUTHENTICATION = "Authentication"
    HELLO = "Hello"
    MTU_MISMATCH = "MTU Mismatch"
    DUPLICATE_ID = "Duplicate ID"


@dataclass(frozen=True, slots=True)
class PacketDropped(Event):
    """A packet or LSA was dropped for a fault that has no event of its own."""

    interface: str
    source: IPv4Address
    fault: PacketFault
    detail: str = ""


class ExchangeStep(Enum):
    """Steps of the database exchange that IOS's `debug ip ospf adj` prints."""

    PREPARE = "Prepare dbase exchange"
    SEND_DD = "Send DBD"
    RETRANSMIT_DD = "Retransmitting DBD"
    RECEIVE_DD = "Rcv DBD"
    NOT_SLAVE = "First DBD and we are not SLAVE"
    MASTER = "NBR Negotiation Done. We are the MASTER"
    SLAVE = "NBR Negotiation Done. We are the SLAVE"
    SUMMARY_BUILT = "Summary list built"
    EXCHANGE_DONE = "Exchange Done"
    SEND_REQUEST = "Send LS REQ"
    RECEIVE_REQUEST = "Rcv LS REQ"
    SYNCHRONIZED = "Synchronized"
    EXCESSIVE = "Killing nbr due to excessive retransmissions"


@dataclass(frozen=True, slots=True)
class Exchange(Event):
    """A step of a database exchange; `length` in octets with the header, `count` of LSAs or retransmissions."""

    interface: str
    router_id: IPv4Address
    step: ExchangeStep
    state: NeighborState
    sequence: int = 0
    options: int = 0
    flags: int = 0
    length: int = 0
    mtu: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class LsaOriginated(Event):
    """A self-originated LSA was built or, with `flushed`, taken back."""

    area: int | None
    type: int
    ls_id: IPv4Address
    sequence: int
    flushed: bool


@dataclass(frozen=True, slots=True)
class SpfRun(Event):
    """One calculation; `areas` whose trees were built anew (none: partial), counts of what was looked at."""

    number: int
    areas: tuple[int, ...]
    reasons: frozenset[str]
    waited: float
    vertices: int
    prefixes: int
    changes: int


class NextHop(NamedTuple):
    """Where a route leads: an interface, and the next router unless the network is attached."""

    interface: str
    address: IPv4Address | None


class Route(NamedTuple):
    """A route of the process. `cost` counts for the table: with E2 and N2 it is the external metric alone.

    `forward_cost` is the cost to the ASBR or forwarding address; `source` the router whose LSA gave it.
    `discard` marks the Null0 route of an active range or summary.
    """

    prefix: IPv4Network
    type: PathType
    cost: int
    area: int | None
    next_hops: tuple[NextHop, ...]
    forward_cost: int = 0
    tag: int = 0
    source: IPv4Address | None = None
    discard: bool = False


@dataclass(frozen=True, slots=True)
class RouteChange(Event):
    """A route came (`old` None), changed, or went (`new` None)."""

    old: Route | None
    new: Route | None
