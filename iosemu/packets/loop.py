"""The Ethernet configuration test protocol ("loopback"), which Cisco devices send themselves as a keepalive.

Ethernet version 2.0 specification, chapter 8; numbers are little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType

REPLY = 1
_HEADER = struct.Struct("<HHH")


@dataclass(frozen=True, slots=True)
class LoopPacket:
    """A loopback message: octets to skip, function (1 = reply), receipt number."""

    receipt: int = 0
    skip: int = 0
    function: int = REPLY

    @classmethod
    def parse(cls, data: bytes) -> LoopPacket:
        """Read a message; what follows is its data."""
        if len(data) < 6:
            raise MalformedPacket(f"LOOP: {len(data)} octets are too few")
        skip, function, receipt = _HEADER.unpack_from(data)
        return cls(receipt, skip, function)

    def to_bytes(self) -> bytes:
        """The six octets."""
        return _HEADER.pack(self.skip, self.function, self.receipt)

    def to_frame(self, mac: MacAddress) -> EthernetFrame:
        """The keepalive: from the interface to itself."""
        return EthernetFrame(mac, mac, EtherType.LOOP, self.to_bytes())
