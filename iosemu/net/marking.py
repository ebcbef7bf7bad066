"""The marks of frames on a Catalyst: class of service (802.1p), DSCP, and the maps between them.

What a port makes of a frame follows the classification flowchart of the software configuration guide of the Catalyst
3560, "Configuring QoS": a trusted mark becomes the internal DSCP by a map; the packet leaves with that DSCP, and where
it is tagged with the priority that the DSCP-to-CoS map gives for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iosemu.packets.checksum import internet_checksum
from iosemu.packets.ethernet import HEADER_LENGTH, IPV4

STEPS = tuple(range(0, 64, 8))
"""The DSCPs of CoS 0-7, and of IP precedence 0-7, where nothing else is configured: the class selectors."""
CLASSES = tuple(dscp // 8 for dscp in range(64))
"""The CoS of DSCP 0-63 where nothing else is configured."""
UNCHANGED = tuple(range(64))
"""The map from DSCP to DSCP that changes none."""

_SHORTEST = HEADER_LENGTH + 20


class Trust(Enum):
    """The mark of a frame that a port believes."""

    NOTHING = "not trusted"
    COS = "cos"
    DSCP = "dscp"
    PRECEDENCE = "ip-precedence"


@dataclass(frozen=True, slots=True)
class Maps:
    """From CoS and precedence (0-7) to DSCP (0-63), and from DSCP to CoS."""

    cos_dscp: tuple[int, ...] = STEPS
    precedence_dscp: tuple[int, ...] = STEPS
    dscp_cos: tuple[int, ...] = CLASSES
    policed_dscp: tuple[int, ...] = UNCHANGED
    """What a policer makes of the DSCP of what exceeds, where it marks it down."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """What a port does with the marks of what comes in."""

    trust: Trust = Trust.NOTHING
    cos: int = 0
    """The CoS of frames without a tag."""
    override: bool = False
    """All frames have that CoS, whatever they bear and whatever is trusted."""
    mutation: tuple[int, ...] = UNCHANGED
    """The DSCP that a trusted DSCP becomes: between domains that name their classes in different ways."""

    def internal_dscp(self, frame: bytes, priority: int | None, maps: Maps) -> int:
        """The DSCP of an untagged frame; `priority` is that of the tag it had, None where it had none."""
        if self.override:
            return maps.cos_dscp[self.cos]
        if self.trust is Trust.NOTHING:
            return 0
        if self.trust is not Trust.COS and is_ipv4(frame):
            dscp = frame[15] >> 2
            return self.mutation[dscp] if self.trust is Trust.DSCP else maps.precedence_dscp[dscp >> 3]
        return maps.cos_dscp[self.cos if priority is None else priority]

    def by_cos(self, frame: bytes) -> bool:
        """Whether an untagged frame is told apart by its CoS inside the switch, else by its DSCP."""
        return self.override or self.trust is Trust.COS or not is_ipv4(frame)


def is_ipv4(frame: bytes) -> bool:
    """Whether an untagged frame carries a whole IPv4 header."""
    return frame[12:14] == IPV4 and len(frame) >= _SHORTEST and frame[14] & 0xF >= 5


def dscp_of(frame: bytes) -> int:
    """The DSCP of an untagged frame; 0 where it carries no IPv4."""
    return frame[15] >> 2 if is_ipv4(frame) else 0


def with_dscp(frame: bytes, dscp: int) -> bytes:
    """An untagged frame with another DSCP in its IPv4 header; others as they are.

    ECN stays (RFC 3168), and a checksum that is wrong stays wrong (RFC 1624).
    """
    if not is_ipv4(frame) or frame[15] >> 2 == dscp:
        return frame
    tos = dscp << 2 | frame[15] & 3
    # RFC 1624, equation 3: HC' = ~(~HC + ~m + m')
    before, after = frame[14] << 8 | frame[15], frame[14] << 8 | tos
    old = int.from_bytes(frame[24:26], "big")
    words = b"".join(word.to_bytes(2, "big") for word in (~old & 0xFFFF, ~before & 0xFFFF, after))
    return b"".join(
        (frame[:15], bytes((tos,)), frame[16:24], internet_checksum(words).to_bytes(2, "big"), frame[26:])
    )
