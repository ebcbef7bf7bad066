"""What a NOTIFICATION tells (RFC 4271 4.5, 6)."""

from __future__ import annotations

from enum import IntEnum


class ErrorCode(IntEnum):
    """Error codes (RFC 4271 4.5; 7 is RFC 7313's)."""

    HEADER = 1
    OPEN = 2
    UPDATE = 3
    HOLD_TIMER = 4
    STATE_MACHINE = 5
    CEASE = 6
    ROUTE_REFRESH = 7


class HeaderError(IntEnum):
    """Subcodes of a bad header (6.1)."""

    NOT_SYNCHRONIZED = 1
    LENGTH = 2
    TYPE = 3


class OpenError(IntEnum):
    """Subcodes of a bad OPEN (6.2; 7: RFC 5492)."""

    VERSION = 1
    PEER_AS = 2
    IDENTIFIER = 3
    PARAMETER = 4
    HOLD_TIME = 6
    CAPABILITY = 7


class UpdateError(IntEnum):
    """Subcodes of a bad UPDATE (6.3)."""

    ATTRIBUTES = 1
    UNKNOWN_WELL_KNOWN = 2
    MISSING = 3
    FLAGS = 4
    LENGTH = 5
    ORIGIN = 6
    NEXT_HOP = 8
    OPTIONAL = 9
    NETWORK = 10
    AS_PATH = 11


class Cease(IntEnum):
    """Subcodes of a cease (RFC 4486)."""

    MAXIMUM_PREFIXES = 1
    SHUTDOWN = 2
    DECONFIGURED = 3
    RESET = 4
    REJECTED = 5
    CONFIGURATION_CHANGE = 6
    COLLISION = 7


TEXTS = {
    (1, 0): "unspecified",
    (1, 1): "connection not synchronized",
    (1, 2): "illegal header length",
    (1, 3): "illegal message type",
    (2, 1): "unsupported version number",
    (2, 2): "peer in wrong AS",
    (2, 3): "BGP identifier wrong",
    (2, 4): "unsupported optional parameter",
    (2, 6): "unacceptable hold time",
    (2, 7): "unsupported/disjoint capability",
    (3, 1): "attribute list error",
    (3, 2): "unknown well-known attribute",
    (3, 3): "missing well-known attribute",
    (3, 4): "attribute flags error",
    (3, 5): "attribute length error",
    (3, 6): "invalid origin attribute",
    (3, 8): "invalid next hop",
    (3, 9): "optional attribute error",
    (3, 10): "illegal network",
    (3, 11): "invalid or corrupt AS path",
    (4, 0): "hold time expired",
    (5, 0): "FSM error",
    (6, 0): "CEASE: unknown subcode",
    (6, 1): "Maximum Number of Prefixes Reached",
    (6, 2): "Administrative Shutdown",
    (6, 3): "Peer De-configured",
    (6, 4): "Administrative Reset",
    (6, 5): "Connection Rejected",
    (6, 6): "Other Configuration Change",
    (6, 7): "Connection Collision Resolution",
}
"""What IOS calls them behind `%BGP-3-NOTIFICATION`."""


class BgpError(Exception):
    """What came in is wrong: the NOTIFICATION to be sent for it."""

    def __init__(self, code: int, subcode: int = 0, data: bytes = b"") -> None:
        super().__init__(f"{code}/{subcode} {describe(code, subcode)}")
        self.code = code
        self.subcode = subcode
        self.data = data


def describe(code: int, subcode: int) -> str:
    """The words for a code and subcode; those of the code alone where the subcode has none."""
    return TEXTS.get((code, subcode)) or TEXTS.get((code, 0), "unspecified")
