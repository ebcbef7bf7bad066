"""IEEE 802.2 LLC and SNAP headers inside 802.3 frames."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.packets.errors import MalformedPacket

UNNUMBERED_INFORMATION = 0x03
SAP_STP = 0x42
SAP_SNAP = 0xAA
OUI_CISCO = 0x00000C
SNAP_CDP = 0x2000
SNAP_VTP = 0x2003
SNAP_DTP = 0x2004
SNAP_PAGP = 0x0104
SNAP_RLQ_REQUEST = 0x0108
SNAP_RLQ_RESPONSE = 0x0109
SNAP_PVST = 0x010B
SNAP_UDLD = 0x0111


@dataclass(frozen=True, slots=True)
class Llc:
    """An LLC PDU with a one-octet control field (IEEE 802.2 clause 3.2)."""

    dsap: int
    ssap: int
    payload: bytes
    control: int = UNNUMBERED_INFORMATION

    @classmethod
    def parse(cls, data: bytes) -> Llc:
        """Read an LLC PDU of type U."""
        if len(data) < 3:
            raise MalformedPacket(f"LLC: {len(data)} octets are too few for a header")
        return cls(data[0], data[1], data[3:], data[2])

    def to_bytes(self) -> bytes:
        """The PDU as sent."""
        return bytes((self.dsap, self.ssap, self.control)) + self.payload


@dataclass(frozen=True, slots=True)
class Snap:
    """LLC with the SNAP extension: organization code and its protocol number (IEEE 802)."""

    oui: int
    protocol: int
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> Snap:
        """Read an LLC PDU whose SAPs are 0xAA."""
        if len(data) < 8:
            raise MalformedPacket(f"SNAP: {len(data)} octets are too few for a header")
        if data[:3] != b"\xaa\xaa\x03":
            raise MalformedPacket(f"SNAP: LLC header is {data[:3].hex()}")
        return cls(int.from_bytes(data[3:6], "big"), data[6] << 8 | data[7], data[8:])

    def to_bytes(self) -> bytes:
        """The PDU as sent, LLC header included."""
        head = b"\xaa\xaa\x03" + self.oui.to_bytes(3, "big") + self.protocol.to_bytes(2, "big")
        return head + self.payload
