"""The ISAKMP header and the error of everything that is not well formed (RFC 2408, 3.1 and 3.14.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class PayloadType(IntEnum):
    """Payload types (RFC 2408, 3.1; RFC 3947 and its drafts for NAT-D and NAT-OA; draft-dukes-ike-mode-cfg-02)."""

    NONE = 0
    SA = 1
    PROPOSAL = 2
    TRANSFORM = 3
    KE = 4
    ID = 5
    CERT = 6
    CR = 7
    HASH = 8
    SIG = 9
    NONCE = 10
    NOTIFY = 11
    DELETE = 12
    VENDOR_ID = 13
    ATTRIBUTES = 14
    NAT_D_07 = 15
    NAT_OA_07 = 16
    NAT_D = 20
    NAT_OA = 21
    NAT_D_DRAFT = 130
    NAT_OA_DRAFT = 131
    FRAGMENT = 132


class ExchangeType(IntEnum):
    """Exchange types (RFC 2408, 3.1; RFC 2409; draft-dukes-ike-mode-cfg-02, 3.1)."""

    MAIN = 2
    AGGRESSIVE = 4
    INFORMATIONAL = 5
    TRANSACTION = 6
    QUICK = 32


class NotifyType(IntEnum):
    """Notify message types (RFC 2408, 3.14.1; RFC 2407, 4.6.3; RFC 3706, 6)."""

    INVALID_PAYLOAD_TYPE = 1
    DOI_NOT_SUPPORTED = 2
    SITUATION_NOT_SUPPORTED = 3
    INVALID_COOKIE = 4
    INVALID_MAJOR_VERSION = 5
    INVALID_MINOR_VERSION = 6
    INVALID_EXCHANGE_TYPE = 7
    INVALID_FLAGS = 8
    INVALID_MESSAGE_ID = 9
    INVALID_PROTOCOL_ID = 10
    INVALID_SPI = 11
    INVALID_TRANSFORM_ID = 12
    ATTRIBUTES_NOT_SUPPORTED = 13
    NO_PROPOSAL_CHOSEN = 14
    BAD_PROPOSAL_SYNTAX = 15
    PAYLOAD_MALFORMED = 16
    INVALID_KEY_INFORMATION = 17
    INVALID_ID_INFORMATION = 18
    INVALID_CERTIFICATE = 20
    INVALID_HASH_INFORMATION = 23
    AUTHENTICATION_FAILED = 24
    INVALID_SIGNATURE = 25
    ADDRESS_NOTIFICATION = 26
    UNEQUAL_PAYLOAD_LENGTHS = 30
    CONNECTED = 16384
    RESPONDER_LIFETIME = 24576
    REPLAY_STATUS = 24577
    INITIAL_CONTACT = 24578
    R_U_THERE = 36136
    R_U_THERE_ACK = 36137


class MalformedMessage(Exception):  # noqa: N818 - a state of the message, reported and not raised to users
    """A message that fails its sanity check; `notify` is the error RFC 2408 has for it."""

    def __init__(self, notify: NotifyType, reason: str) -> None:
        super().__init__(reason)
        self.notify = notify
        self.reason = reason


HEADER_LENGTH: Final = 28
VERSION_1: Final = 0x10
FLAG_ENCRYPTED: Final = 1
FLAG_COMMIT: Final = 2
FLAG_AUTHENTICATION_ONLY: Final = 4


@dataclass(frozen=True, slots=True)
class Header:
    """The ISAKMP header."""

    cookie_i: bytes
    cookie_r: bytes
    next_payload: int
    exchange: int
    flags: int = 0
    message_id: int = 0
    length: int = HEADER_LENGTH
    version: int = VERSION_1

    @property
    def encrypted(self) -> bool:
        """Whether the payloads are encrypted."""
        return bool(self.flags & FLAG_ENCRYPTED)

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Read the header of a whole datagram; bytes after the stated length are not looked at.

        Raises `MalformedMessage` when it is too short or of another major version (IKEv2 is dispatched before).
        """
        if len(data) < HEADER_LENGTH:
            raise MalformedMessage(NotifyType.UNEQUAL_PAYLOAD_LENGTHS, "shorter than an ISAKMP header")
        next_payload, version, exchange, flags, message_id, length = struct.unpack_from("!BBBBII", data, 16)
        header = cls(data[:8], data[8:16], next_payload, exchange, flags, message_id, length, version)
        if version >> 4 != 1:
            raise MalformedMessage(NotifyType.INVALID_MAJOR_VERSION, f"major version {version >> 4}")
        if not HEADER_LENGTH <= length <= len(data):
            raise MalformedMessage(NotifyType.UNEQUAL_PAYLOAD_LENGTHS, "length differs from the datagram's")
        if flags & ~7:
            raise MalformedMessage(NotifyType.INVALID_FLAGS, "unknown flags")
        if header.cookie_i == bytes(8):
            raise MalformedMessage(NotifyType.INVALID_COOKIE, "no initiator cookie")
        return header

    def to_bytes(self) -> bytes:
        """The 28 bytes."""
        return self.before(self.next_payload, self.length)

    def before(self, next_payload: int, length: int, flags: int = 0) -> bytes:
        """The 28 bytes of this header before payloads: the first one's type, the whole length, further flags."""
        rest = (next_payload, self.version, self.exchange, self.flags | flags, self.message_id, length)
        return self.cookie_i + self.cookie_r + struct.pack("!BBBBII", *rest)
