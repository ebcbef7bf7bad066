"""Link Aggregation Control Protocol data units (IEEE 802.1AX clause 6.4.2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntFlag

from iosemu.packets.addresses import ZERO, MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType

SLOW_GROUP = MacAddress.from_string("0180.c200.0002")
_PARTICIPANT = struct.Struct("!BBH6sHHHB3x")
_LENGTH = 110


class LacpState(IntFlag):
    """The state octet of actor and partner."""

    ACTIVITY = 0x01
    TIMEOUT = 0x02
    AGGREGATION = 0x04
    SYNCHRONIZATION = 0x08
    COLLECTING = 0x10
    DISTRIBUTING = 0x20
    DEFAULTED = 0x40
    EXPIRED = 0x80


@dataclass(frozen=True, slots=True)
class LacpParticipant:
    """One side of the link: system and port with their priorities, key, state."""

    system_priority: int = 0
    system: MacAddress = ZERO
    key: int = 0
    port_priority: int = 0
    port: int = 0
    state: int = 0


@dataclass(frozen=True, slots=True)
class LacpPacket:
    """An LACPDU; `collector_max_delay` in tens of microseconds."""

    actor: LacpParticipant
    partner: LacpParticipant = LacpParticipant()
    collector_max_delay: int = 0

    @classmethod
    def parse(cls, data: bytes) -> LacpPacket:
        """Read what follows the EtherType."""
        if len(data) < _LENGTH:
            raise MalformedPacket(f"LACP: {len(data)} octets are too few")
        if data[:2] != b"\x01\x01":
            raise MalformedPacket(f"LACP: subtype and version {data[:2].hex()}")
        if data[42:44] != b"\x03\x10":
            raise MalformedPacket("LACP: no collector information")
        return cls(_participant(data, 2, 1), _participant(data, 22, 2), data[44] << 8 | data[45])

    def to_bytes(self) -> bytes:
        """The 110 octets that follow the EtherType."""
        parts = [b"\x01\x01"]
        for kind, side in ((1, self.actor), (2, self.partner)):
            parts.append(
                _PARTICIPANT.pack(
                    kind,
                    20,
                    side.system_priority,
                    side.system,
                    side.key,
                    side.port_priority,
                    side.port,
                    side.state,
                )
            )
        parts.append(b"\x03\x10" + self.collector_max_delay.to_bytes(2, "big"))
        return b"".join(parts).ljust(_LENGTH, b"\0")

    def to_frame(self, source: MacAddress) -> EthernetFrame:
        """The frame to the slow protocols group address."""
        return EthernetFrame(SLOW_GROUP, source, EtherType.SLOW_PROTOCOLS, self.to_bytes())


def _participant(data: bytes, at: int, expected: int) -> LacpParticipant:
    kind, length, system_priority, system, key, port_priority, port, state = _PARTICIPANT.unpack_from(
        data, at
    )
    if (kind, length) != (expected, 20):
        raise MalformedPacket(f"LACP: TLV {kind} of length {length} where {expected} should be")
    return LacpParticipant(system_priority, MacAddress(system), key, port_priority, port, state)
