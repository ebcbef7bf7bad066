"""EAP (RFC 3748): packets, and the values of its methods that are packets themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.errors import MalformedPacket

HEADER = 4


class EapCode(IntEnum):
    """RFC 3748, 4."""

    REQUEST = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4


class EapType(IntEnum):
    """RFC 3748, 5, and of Microsoft (draft-kamath-pppext-eap-mschapv2-02)."""

    NONE = 0
    IDENTITY = 1
    NOTIFICATION = 2
    NAK = 3
    MD5_CHALLENGE = 4
    OTP = 5
    GTC = 6
    TLS = 13
    LEAP = 17
    TTLS = 21
    PEAP = 25
    MSCHAPV2 = 26
    FAST = 43


@dataclass(frozen=True, slots=True)
class EapPacket:
    """One packet; Success and Failure have neither type nor data."""

    code: int
    identifier: int
    type: int = EapType.NONE
    data: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> EapPacket:
        """A packet; octets behind its length are padding. Raises MalformedPacket."""
        if len(data) < HEADER:
            raise MalformedPacket("EAP packet shorter than its header")
        length = int.from_bytes(data[2:4], "big")
        typed = data[0] in (EapCode.REQUEST, EapCode.RESPONSE)
        if not HEADER + typed <= length <= len(data):
            raise MalformedPacket(f"EAP length {length} in {len(data)} octets")
        if not typed:
            return cls(data[0], data[1])
        return cls(data[0], data[1], data[4], bytes(data[5:length]))

    def to_bytes(self) -> bytes:
        """The packet."""
        body = bytes((self.type,)) + self.data if self.code in (EapCode.REQUEST, EapCode.RESPONSE) else b""
        return bytes((self.code, self.identifier)) + (HEADER + len(body)).to_bytes(2, "big") + body


def identity_request(identifier: int) -> EapPacket:
    """Who is there?"""
    return EapPacket(EapCode.REQUEST, identifier, EapType.IDENTITY)


def identity_response(name: str, identifier: int = 0) -> EapPacket:
    """What a peer answers to a request for its identity."""
    return EapPacket(EapCode.RESPONSE, identifier, EapType.IDENTITY, name.encode())
