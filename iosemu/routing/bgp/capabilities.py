"""Capabilities of an OPEN (RFC 5492)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from iosemu.routing.bgp.errors import BgpError, ErrorCode

AS_TRANS = 23456
"""Stands for an AS number that does not fit into two octets (RFC 6793)."""
IPV4_UNICAST = (1, 1)
"""AFI and SAFI."""


class CapabilityCode(IntEnum):
    """Capability codes (IANA)."""

    MULTIPROTOCOL = 1
    ROUTE_REFRESH = 2
    GRACEFUL_RESTART = 64
    FOUR_OCTET_AS = 65
    ENHANCED_REFRESH = 70
    ROUTE_REFRESH_OLD = 128


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability: code and value."""

    code: int
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class OptionalParameter:
    """One optional parameter of an OPEN; of type 2 its value is a list of capabilities."""

    type: int
    value: bytes

    def capabilities(self) -> tuple[Capability, ...]:
        """What a parameter of type 2 says. BgpError if it is cut off."""
        if self.type != 2:
            return ()
        found, at = [], 0
        while at < len(self.value):
            length = self.value[at + 1] if at + 1 < len(self.value) else -1
            if length < 0 or at + 2 + length > len(self.value):
                raise BgpError(ErrorCode.OPEN, 0)
            found.append(Capability(self.value[at], self.value[at + 2 : at + 2 + length]))
            at += 2 + length
        return tuple(found)


def one_each(capabilities: tuple[Capability, ...]) -> tuple[OptionalParameter, ...]:
    """Each capability in a parameter of its own, as IOS sends them."""
    return tuple(
        OptionalParameter(2, bytes((each.code, len(each.value))) + each.value) for each in capabilities
    )


def four_octet_as(number: int) -> Capability:
    """The speaker's AS number in four octets."""
    return Capability(CapabilityCode.FOUR_OCTET_AS, number.to_bytes(4, "big"))


def multiprotocol(afi: int, safi: int) -> Capability:
    """An address family that is spoken (RFC 4760)."""
    return Capability(CapabilityCode.MULTIPROTOCOL, afi.to_bytes(2, "big") + bytes((0, safi)))
