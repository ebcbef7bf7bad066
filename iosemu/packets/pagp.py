"""Cisco's Port Aggregation Protocol; layout as Wireshark decodes it and kat_l2 has it on the wire."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntFlag

from iosemu.packets.addresses import ZERO, MacAddress
from iosemu.packets.dtp import CISCO_GROUP
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import OUI_CISCO, SNAP_PAGP, Snap
from iosemu.packets.tlv import parse_tlvs, tlvs_to_bytes

INFORMATION, FLUSH = 1, 2
"""The first octet: a hello, or that the stations behind a port are now elsewhere."""
ANY, PHYSICAL = 2, 1
"""Where the sender learns addresses: of the bundle, or of each port."""
_SIDE = struct.Struct("!6sBBIII")
_DEVICE, _PORT = 1, 2
_COUNTS = struct.Struct("!HH")


class PagpFlag(IntFlag):
    """The second octet of a hello."""

    SLOW_HELLO = 0x01
    AUTO = 0x02
    CONSISTENT = 0x04


@dataclass(frozen=True, slots=True)
class PagpSide:
    """What one end says of a port, or of its partner."""

    device: MacAddress = ZERO
    learning: int = 0
    priority: int = 0
    port: int = 0
    """The ifIndex of the port."""
    capability: int = 0
    """Ports of the same may be one bundle."""
    group: int = 0
    """The ifIndex of the bundle; 0: none."""


@dataclass(frozen=True, slots=True)
class PagpPacket:
    """A hello."""

    flags: int
    own: PagpSide
    partner: PagpSide = PagpSide()
    partners: int = 0
    """How many partners are heard on the port."""
    name: str = ""
    port: str = ""

    @classmethod
    def parse(cls, data: bytes) -> PagpPacket:
        """Read what follows the SNAP header. Raises MalformedPacket, for a flush, too."""
        end = 2 + 2 * _SIDE.size
        if len(data) < end + _COUNTS.size:
            raise MalformedPacket(f"PAgP: {len(data)} octets are too few")
        if data[0] != INFORMATION:
            raise MalformedPacket(f"PAgP: version {data[0]}")
        partners, count = _COUNTS.unpack_from(data, end)
        names = dict(parse_tlvs(data[end + _COUNTS.size :], "PAgP")[:count])
        return cls(
            data[1],
            _side(data, 2),
            _side(data, 2 + _SIDE.size),
            partners,
            names.get(_DEVICE, b"").decode("latin-1"),
            names.get(_PORT, b"").decode("latin-1"),
        )

    def to_bytes(self) -> bytes:
        """The octets that follow the SNAP header."""
        sides = b"".join(
            _SIDE.pack(each.device, each.learning, each.priority, each.port, each.capability, each.group)
            for each in (self.own, self.partner)
        )
        names = tlvs_to_bytes(
            [
                (_DEVICE, self.name.encode("latin-1", "replace")),
                (_PORT, self.port.encode("latin-1", "replace")),
            ]
        )
        return bytes((INFORMATION, self.flags)) + sides + _COUNTS.pack(self.partners, 2) + names

    def to_frame(self, source: MacAddress) -> EthernetFrame:
        """The frame to Cisco's group address."""
        return EthernetFrame.llc(CISCO_GROUP, source, Snap(OUI_CISCO, SNAP_PAGP, self.to_bytes()).to_bytes())


def _side(data: bytes, at: int) -> PagpSide:
    device, learning, priority, port, capability, group = _SIDE.unpack_from(data, at)
    return PagpSide(MacAddress(device), learning, priority, port, capability, group)
