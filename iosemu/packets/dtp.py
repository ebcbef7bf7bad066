"""Cisco's Dynamic Trunking Protocol; layout as Wireshark and Yersinia decode it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import OUI_CISCO, SNAP_DTP, Snap
from iosemu.packets.tlv import parse_tlvs, tlvs_to_bytes

CISCO_GROUP = MacAddress.from_string("0100.0ccc.cccc")
"""Where CDP, VTP, DTP, PAgP and UDLD frames go."""
_DOMAIN, _STATUS, _TYPE, _NEIGHBOR = 1, 2, 3, 4
_TRUNKING = 0x80


class TrunkAdministrativeStatus(IntEnum):
    """What the sender's port is configured for (low bits of the trunk status)."""

    ON = 1
    OFF = 2
    DESIRABLE = 3
    AUTO = 4


class TrunkEncapsulation(IntEnum):
    """Tagging, in the operating (high) and administrative (low) bits of the trunk type."""

    NEGOTIATED = 0
    NATIVE = 1
    ISL = 2
    DOT1Q = 5


@dataclass(frozen=True, slots=True)
class DtpPacket:
    """A DTP advertisement: VTP domain, operating and administrative status and encapsulation, sender."""

    neighbor: MacAddress
    administrative_status: int
    trunking: bool
    operating_type: int = TrunkEncapsulation.DOT1Q
    administrative_type: int = TrunkEncapsulation.DOT1Q
    domain: str = ""
    version: int = 1

    @classmethod
    def parse(cls, data: bytes) -> DtpPacket:
        """Read what follows the SNAP header."""
        if not data:
            raise MalformedPacket("DTP: empty")
        tlvs = dict(parse_tlvs(data[1:], "DTP"))
        status = tlvs.get(_STATUS, b"")
        kind = tlvs.get(_TYPE, b"")
        neighbor = tlvs.get(_NEIGHBOR, b"")
        if len(status) != 1 or len(kind) != 1 or len(neighbor) != 6:
            raise MalformedPacket("DTP: status, type or neighbor is missing or of wrong length")
        return cls(
            MacAddress(neighbor),
            status[0] & 0x07,
            bool(status[0] & _TRUNKING),
            kind[0] >> 5,
            kind[0] & 0x07,
            tlvs.get(_DOMAIN, b"").rstrip(b"\0").decode("latin-1"),
            data[0],
        )

    def to_bytes(self) -> bytes:
        """The octets that follow the SNAP header."""
        status = (_TRUNKING if self.trunking else 0) | self.administrative_status
        kind = self.operating_type << 5 | self.administrative_type
        tlvs = [
            (_DOMAIN, self.domain.encode("latin-1") + b"\0"),
            (_STATUS, bytes((status,))),
            (_TYPE, bytes((kind,))),
            (_NEIGHBOR, self.neighbor),
        ]
        return bytes((self.version,)) + tlvs_to_bytes(tlvs)

    def to_frame(self) -> EthernetFrame:
        """The frame to Cisco's group address."""
        return EthernetFrame.llc(
            CISCO_GROUP, self.neighbor, Snap(OUI_CISCO, SNAP_DTP, self.to_bytes()).to_bytes()
        )
