"""Time based anti-replay: a stamp of the group's clock goes before each packet inside ESP.

The next header is 99, and twelve octets precede the packet: its own next header, the length in words, a version, a
reserved octet, and milliseconds of the group's clock. The layout is this simulator's; Cisco has published none.
"""

from __future__ import annotations

import struct
from typing import Final

from iosemu.ipsec.ah import ReplayError
from iosemu.ipsec.esp import IP_IN_IP

NEXT_HEADER: Final = 99
SIZE: Final = 12
_STAMP = struct.Struct(">BBBBQ")


def stamped(payload: bytes, clock: float) -> bytes:
    """A packet behind its stamp; `clock` in seconds."""
    return _STAMP.pack(IP_IN_IP, SIZE // 4, 1, 0, max(0, int(clock * 1000))) + payload


def opened(payload: bytes, clock: float, window: float) -> bytes:
    """The packet behind a stamp; ReplayError where that is further than `window` seconds from the clock.

    Raises ValueError for what is no stamp.
    """
    if len(payload) < SIZE:
        raise ValueError("stamp cut short")
    following, words, version, _reserved, moment = _STAMP.unpack_from(payload)
    if (following, words, version) != (IP_IN_IP, SIZE // 4, 1):
        raise ValueError("no stamp")
    if abs(clock - moment / 1000) > window:
        raise ReplayError(moment)
    return payload[SIZE:]
