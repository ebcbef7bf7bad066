"""Numbers and names of OSPF version 2 (RFC 2328 appendices A to C, RFC 3101, RFC 5613)."""

from __future__ import annotations

from enum import Enum, IntEnum, IntFlag

VERSION = 2
ALL_SPF_ROUTERS = 0xE0000005
ALL_D_ROUTERS = 0xE0000006
BACKBONE = 0

MAX_AGE = 3600
MAX_AGE_DIFF = 900
LS_REFRESH_TIME = 1800
DO_NOT_AGE = 0x8000
LS_INFINITY = 0xFFFFFF
MAX_LINK_METRIC = 0xFFFF
# Sequence numbers are signed (RFC 2328, 12.1.6).
INITIAL_SEQUENCE = -0x7FFFFFFF
MAX_SEQUENCE = 0x7FFFFFFF


class PacketType(IntEnum):
    """RFC 2328, A.3.1."""

    HELLO = 1
    DATABASE_DESCRIPTION = 2
    LINK_STATE_REQUEST = 3
    LINK_STATE_UPDATE = 4
    LINK_STATE_ACK = 5


class AuthenticationType(IntEnum):
    """RFC 2328, D."""

    NULL = 0
    SIMPLE = 1
    CRYPTOGRAPHIC = 2


class Option(IntFlag):
    """The options field (RFC 2328, A.2; RFC 3101; RFC 5250; RFC 5613)."""

    MT = 0x01
    E = 0x02
    MC = 0x04
    NP = 0x08
    L = 0x10
    DC = 0x20
    O = 0x40  # noqa: E741 - the RFC's name
    DN = 0x80


class DdFlag(IntFlag):
    """Flags of a database description packet (RFC 2328, A.3.3)."""

    MS = 0x01
    M = 0x02
    I = 0x04  # noqa: E741 - the RFC's name


class LsaType(IntEnum):
    """RFC 2328 A.4.1, RFC 3101, RFC 5250."""

    ROUTER = 1
    NETWORK = 2
    SUMMARY = 3
    ASBR_SUMMARY = 4
    AS_EXTERNAL = 5
    NSSA_EXTERNAL = 7
    OPAQUE_LINK = 9
    OPAQUE_AREA = 10
    OPAQUE_AS = 11


class LinkType(IntEnum):
    """Link types in a router-LSA (RFC 2328, A.4.2)."""

    POINT_TO_POINT = 1
    TRANSIT = 2
    STUB = 3
    VIRTUAL = 4


class RouterFlag(IntFlag):
    """Flags of a router-LSA (RFC 2328 A.4.2, RFC 3101 for Nt)."""

    B = 0x01
    E = 0x02
    V = 0x04
    W = 0x08
    NT = 0x10


class NetworkType(Enum):
    """Kinds of network (RFC 2328, 1.2); values are the words of `ip ospf network` and the shows."""

    BROADCAST = "BROADCAST"
    NON_BROADCAST = "NON_BROADCAST"
    POINT_TO_POINT = "POINT_TO_POINT"
    POINT_TO_MULTIPOINT = "POINT_TO_MULTIPOINT"
    POINT_TO_MULTIPOINT_NONBROADCAST = "POINT_TO_MULTIPOINT_NONBROADCAST"
    LOOPBACK = "LOOPBACK"
    VIRTUAL_LINK = "VIRTUAL_LINK"

    def __init__(self, words: str) -> None:
        self.elects = words in ("BROADCAST", "NON_BROADCAST")
        """Whether a designated router is elected."""
        self.multicasts = words in ("BROADCAST", "POINT_TO_POINT", "POINT_TO_MULTIPOINT")
        """Whether hellos and updates go to the multicast groups."""

    @property
    def multipoint(self) -> bool:
        """Whether this is one of the point-to-multipoint kinds."""
        return self in (NetworkType.POINT_TO_MULTIPOINT, NetworkType.POINT_TO_MULTIPOINT_NONBROADCAST)

    @property
    def slow(self) -> bool:
        """Whether IOS's default hello interval is 30 seconds instead of 10."""
        return self is NetworkType.NON_BROADCAST or self.multipoint


class InterfaceState(IntEnum):
    """RFC 2328, 9.1."""

    DOWN = 0
    LOOPBACK = 1
    WAITING = 2
    POINT_TO_POINT = 3
    DR_OTHER = 4
    BACKUP = 5
    DR = 6


class NeighborState(IntEnum):
    """RFC 2328, 10.1."""

    DOWN = 0
    ATTEMPT = 1
    INIT = 2
    TWO_WAY = 3
    EXSTART = 4
    EXCHANGE = 5
    LOADING = 6
    FULL = 7


class NeighborEvent(Enum):
    """RFC 2328, 10.2; values are the words that IOS logs as the reason of a change."""

    HELLO_RECEIVED = "Received Hello"
    START = "Start"
    TWO_WAY_RECEIVED = "2-Way Received"
    NEGOTIATION_DONE = "Negotiation Done"
    EXCHANGE_DONE = "Exchange Done"
    BAD_LS_REQUEST = "BadLSReq"
    LOADING_DONE = "Loading Done"
    ADJ_OK = "AdjOK?"
    SEQUENCE_MISMATCH = "SeqNumberMismatch"
    ONE_WAY = "1-Way"
    KILL = "Neighbor Down: Interface down or detached"
    INACTIVITY = "Neighbor Down: Dead timer expired"
    LINK_DOWN = "Neighbor Down: Link down"
    TOO_MANY_RETRANSMISSIONS = "Neighbor Down: Too many retransmissions"
    RESET = "Neighbor Down: Adjacency forced to reset"
    IGNORE_ENDED = "Neighbor Down: Ignore timer expired"


class AreaKind(Enum):
    """What external information an area takes (RFC 2328, 3.6; RFC 3101)."""

    NORMAL = "normal"
    STUB = "stub"
    NSSA = "nssa"


class PathType(IntEnum):
    """Kinds of path, the preferred first (RFC 2328 11, RFC 3101 2.5)."""

    INTRA = 0
    INTER = 1
    E1 = 2
    N1 = 3
    E2 = 4
    N2 = 5

    @property
    def external(self) -> bool:
        """Whether the path leaves the autonomous system."""
        return self >= PathType.E1

    @property
    def type2(self) -> bool:
        """Whether the external metric counts before the internal cost."""
        return self >= PathType.E2


class MetricType(IntEnum):
    """External metric types 1 and 2."""

    E1 = 1
    E2 = 2
