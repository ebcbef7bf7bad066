"""Ethernet II and IEEE 802.3 frames, with or without an 802.1Q tag; no FCS anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket

HEADER_LENGTH = 14
MINIMUM_PAYLOAD = 46
"""Octets a payload is padded to (IEEE 802.3 clause 4.2.3.3)."""
MAXIMUM_LENGTH_FIELD = 1500
"""The third field is a length up to this value and an EtherType from 0x0600 (IEEE 802.3 clause 3.2.6)."""


class EtherType(IntEnum):
    """EtherTypes from the IEEE registry that the lab speaks."""

    IPV4 = 0x0800
    ARP = 0x0806
    DOT1Q = 0x8100
    IPV6 = 0x86DD
    SLOW_PROTOCOLS = 0x8809
    EAPOL = 0x888E
    LLDP = 0x88CC
    LOOP = 0x9000


ARP = EtherType.ARP.to_bytes(2, "big")
EAPOL = EtherType.EAPOL.to_bytes(2, "big")
LOOP = EtherType.LOOP.to_bytes(2, "big")
IPV4 = EtherType.IPV4.to_bytes(2, "big")
IPV6 = EtherType.IPV6.to_bytes(2, "big")
TPID = EtherType.DOT1Q.to_bytes(2, "big")
"""EtherTypes as octets, for those who look at a frame without parsing it."""


@dataclass(frozen=True, slots=True)
class VlanTag:
    """An 802.1Q tag: VLAN identifier 0-4095, priority 0-7, drop eligible indicator."""

    vlan: int
    priority: int = 0
    drop_eligible: bool = False

    @classmethod
    def parse(cls, data: bytes) -> VlanTag:
        """Read the two octets of tag control information."""
        if len(data) < 2:
            raise MalformedPacket("802.1Q: tag is cut off")
        return _tag(data, 0)

    def to_bytes(self) -> bytes:
        """The two octets of tag control information, without the 0x8100 before them."""
        return (self.priority << 13 | self.drop_eligible << 12 | self.vlan).to_bytes(2, "big")


def _tag(data: bytes, at: int) -> VlanTag:
    first = data[at]
    return VlanTag((first & 0x0F) << 8 | data[at + 1], first >> 5, bool(first & 0x10))


@dataclass(frozen=True, slots=True)
class EthernetFrame:
    """A frame; `ethertype` up to 1500 is the length field of an 802.3 frame; its payload is then LLC."""

    destination: MacAddress
    source: MacAddress
    ethertype: int
    payload: bytes
    tag: VlanTag | None = None

    @classmethod
    def llc(
        cls, destination: MacAddress, source: MacAddress, payload: bytes, tag: VlanTag | None = None
    ) -> EthernetFrame:
        """An 802.3 frame around an LLC PDU; ValueError if it is longer than 1500 octets."""
        if len(payload) > MAXIMUM_LENGTH_FIELD:
            raise ValueError(f"802.3: {len(payload)} octets do not fit a length field")
        return cls(destination, source, len(payload), payload, tag)

    @classmethod
    def parse(cls, data: bytes) -> EthernetFrame:
        """Read a frame; an 802.3 payload loses its padding, an Ethernet II payload keeps it."""
        if len(data) < HEADER_LENGTH:
            raise MalformedPacket(f"Ethernet: {len(data)} octets are too few for a header")
        tag = None
        start = HEADER_LENGTH
        if data[12:14] == TPID:
            if len(data) < 18:
                raise MalformedPacket("Ethernet: 802.1Q tag is cut off")
            tag = _tag(data, 14)
            start = 18
        ethertype = data[start - 2] << 8 | data[start - 1]
        payload = data[start:]
        if ethertype <= MAXIMUM_LENGTH_FIELD:
            if len(payload) < ethertype:
                raise MalformedPacket(f"802.3: length field {ethertype} but {len(payload)} octets follow")
            payload = payload[:ethertype]
        return cls(MacAddress(data[:6]), MacAddress(data[6:12]), ethertype, payload, tag)

    def to_bytes(self) -> bytes:
        """The frame, padded with zeros to the minimum size."""
        payload = self.payload
        if len(payload) < MINIMUM_PAYLOAD:
            payload = payload.ljust(MINIMUM_PAYLOAD, b"\0")
        ethertype = self.ethertype.to_bytes(2, "big")
        if self.tag is None:
            return b"".join((self.destination, self.source, ethertype, payload))
        return b"".join((self.destination, self.source, TPID, self.tag.to_bytes(), ethertype, payload))

    @property
    def is_llc(self) -> bool:
        """Whether this is an 802.3 frame with LLC in its payload."""
        return self.ethertype <= MAXIMUM_LENGTH_FIELD


def around_ipv4(destination: bytes, source: bytes, packet: bytes) -> bytes:
    """The frame around a whole IPv4 packet, as `EthernetFrame` makes it."""
    if len(packet) < MINIMUM_PAYLOAD:
        packet = packet.ljust(MINIMUM_PAYLOAD, b"\0")
    return b"".join((destination, source, IPV4, packet))


# What a bridge needs of a frame, without parsing all of it.


def source_of(frame: bytes) -> MacAddress:
    """The source address; MalformedPacket if the frame is shorter than a header."""
    if len(frame) < HEADER_LENGTH:
        raise MalformedPacket(f"Ethernet: {len(frame)} octets are too few for a header")
    return MacAddress(frame[6:12])


def tag_of(frame: bytes) -> VlanTag | None:
    """The outer 802.1Q tag, if there is one.

    MalformedPacket if the frame says so but ends before the EtherType behind it.
    """
    if frame[12:14] != TPID:
        return None
    if len(frame) < 18:
        raise MalformedPacket("Ethernet: 802.1Q tag is cut off")
    return _tag(frame, 14)


def with_tag(frame: bytes, tag: VlanTag) -> bytes:
    """The frame with an 802.1Q tag inserted after its addresses."""
    return b"".join((frame[:12], TPID, tag.to_bytes(), frame[12:]))


def without_tag(frame: bytes) -> bytes:
    """The frame with its outer 802.1Q tag removed; the same frame if it has none, or one that is cut off."""
    return frame[:12] + frame[16:] if has_tag(frame) else frame


def has_tag(frame: bytes) -> bool:
    """Whether a whole 802.1Q tag stands behind the addresses, with an EtherType behind it."""
    return frame[12:14] == TPID and len(frame) >= 18
