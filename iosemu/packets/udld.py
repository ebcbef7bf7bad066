"""Cisco's Unidirectional Link Detection (RFC 5171 section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

from iosemu.packets.addresses import MacAddress
from iosemu.packets.checksum import internet_checksum
from iosemu.packets.dtp import CISCO_GROUP
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import OUI_CISCO, SNAP_UDLD, Snap
from iosemu.packets.tlv import parse_tlvs, tlvs_to_bytes

VERSION = 1
_HEADER = 4
_MOST_ECHOES = 255
"""Far more neighbors than a port can have."""


class Opcode(IntEnum):
    """Section 3.1."""

    PROBE = 1
    ECHO = 2
    FLUSH = 3


class Flag(IntFlag):
    """Section 3.1."""

    RECOMMENDED_TIMEOUT = 0x01
    RESYNC = 0x02


class Tlv(IntEnum):
    """Section 3.2."""

    DEVICE = 1
    PORT = 2
    ECHO = 3
    INTERVAL = 4
    TIMEOUT = 5
    NAME = 6
    SEQUENCE = 7


@dataclass(frozen=True, slots=True)
class UdldPacket:
    """One message; `interval` and `timeout` in seconds."""

    opcode: int
    device: str
    port: str
    echo: tuple[tuple[str, str], ...] = ()
    """Device and port of all that the sender hears."""
    interval: int = 7
    timeout: int = 5
    name: str = ""
    sequence: int = 0
    flags: int = 0

    @classmethod
    def parse(cls, data: bytes) -> UdldPacket:
        """Read what follows the SNAP header. Raises MalformedPacket."""
        if len(data) < _HEADER:
            raise MalformedPacket(f"UDLD: {len(data)} octets are too few")
        if data[0] >> 5 != VERSION:
            raise MalformedPacket(f"UDLD: version {data[0] >> 5}")
        if internet_checksum(data):
            raise MalformedPacket("UDLD: the checksum is wrong")
        tlvs = dict(parse_tlvs(data[_HEADER:], "UDLD"))
        if not tlvs.get(Tlv.DEVICE) or not tlvs.get(Tlv.PORT):
            raise MalformedPacket("UDLD: no device or no port")
        return cls(
            data[0] & 0x1F,
            _text(tlvs[Tlv.DEVICE]),
            _text(tlvs[Tlv.PORT]),
            _echoes(tlvs.get(Tlv.ECHO, b"")),
            _number(tlvs, Tlv.INTERVAL, 7),
            _number(tlvs, Tlv.TIMEOUT, 5),
            _text(tlvs.get(Tlv.NAME, b"")),
            _number(tlvs, Tlv.SEQUENCE, 0),
            data[1],
        )

    def to_bytes(self) -> bytes:
        """The octets that follow the SNAP header."""
        pairs = b"".join(_counted(device) + _counted(port) for device, port in self.echo)
        body = tlvs_to_bytes(
            [
                (Tlv.DEVICE, self.device.encode("latin-1", "replace")),
                (Tlv.PORT, self.port.encode("latin-1", "replace")),
                (Tlv.ECHO, len(self.echo).to_bytes(4) + pairs),
                (Tlv.INTERVAL, bytes((self.interval,))),
                (Tlv.TIMEOUT, bytes((self.timeout,))),
                (Tlv.NAME, self.name.encode("latin-1", "replace")),
                (Tlv.SEQUENCE, self.sequence.to_bytes(4)),
            ]
        )
        head = bytes((VERSION << 5 | self.opcode, self.flags))
        return head + internet_checksum(head + bytes(2) + body).to_bytes(2) + body

    def to_frame(self, source: MacAddress) -> EthernetFrame:
        """The frame to Cisco's group address."""
        snap = Snap(OUI_CISCO, SNAP_UDLD, self.to_bytes())
        return EthernetFrame.llc(CISCO_GROUP, source, snap.to_bytes())


def _text(data: bytes) -> str:
    return data.rstrip(b"\0").decode("latin-1")


def _number(tlvs: dict[int, bytes], kind: Tlv, default: int) -> int:
    return int.from_bytes(tlvs[kind]) if tlvs.get(kind) else default


def _counted(text: str) -> bytes:
    octets = text.encode("latin-1", "replace")
    return len(octets).to_bytes(2) + octets


def _echoes(data: bytes) -> tuple[tuple[str, str], ...]:
    """Section 3.2.3: a count of pairs, each a device and a port with a length of two octets before it."""
    count = int.from_bytes(data[:4])
    if len(data) < 4 or count > _MOST_ECHOES:
        if not data:
            return ()
        raise MalformedPacket(f"UDLD: {count} echoes in {len(data)} octets")
    texts, at = [], 4
    for _ in range(2 * count):
        length = int.from_bytes(data[at : at + 2])
        if at + 2 + length > len(data) or at + 2 > len(data):
            raise MalformedPacket("UDLD: an echo that does not fit")
        texts.append(_text(data[at + 2 : at + 2 + length]))
        at += 2 + length
    return tuple(zip(texts[::2], texts[1::2], strict=True))
