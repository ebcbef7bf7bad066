"""TFTP (RFC 1350) with its options (RFC 2347) for block sizes (RFC 2348) and sizes of files (RFC 2349)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.errors import MalformedPacket

PORT = 69
BLOCK = 512
"""Octets of a block without the option `blksize`."""
OCTET = "octet"
MODES = ("netascii", OCTET)


class TftpOpcode(IntEnum):
    """RFC 1350 section 5, RFC 2347."""

    READ = 1
    WRITE = 2
    DATA = 3
    ACK = 4
    ERROR = 5
    OACK = 6


class TftpErrorCode(IntEnum):
    """RFC 1350 appendix, RFC 2347."""

    UNDEFINED = 0
    NOT_FOUND = 1
    ACCESS = 2
    FULL = 3
    ILLEGAL = 4
    UNKNOWN_ID = 5
    EXISTS = 6
    OPTION = 8


@dataclass(frozen=True, slots=True)
class TftpRequest:
    """A file is asked for, or offered."""

    opcode: TftpOpcode
    name: str
    mode: str = OCTET
    options: tuple[tuple[str, str], ...] = ()

    def to_bytes(self) -> bytes:
        """The datagram."""
        words = (self.name, self.mode, *(word for option in self.options for word in option))
        return self.opcode.to_bytes(2, "big") + b"".join(word.encode() + b"\0" for word in words)


@dataclass(frozen=True, slots=True)
class TftpData:
    """A block."""

    block: int
    data: bytes

    def to_bytes(self) -> bytes:
        """The datagram."""
        return TftpOpcode.DATA.to_bytes(2, "big") + self.block.to_bytes(2, "big") + self.data


@dataclass(frozen=True, slots=True)
class TftpAck:
    """A block has come."""

    block: int

    def to_bytes(self) -> bytes:
        """The datagram."""
        return TftpOpcode.ACK.to_bytes(2, "big") + self.block.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class TftpError:
    """It ends here."""

    code: int
    message: str = ""

    def to_bytes(self) -> bytes:
        """The datagram."""
        return (
            TftpOpcode.ERROR.to_bytes(2, "big") + self.code.to_bytes(2, "big") + self.message.encode() + b"\0"
        )


@dataclass(frozen=True, slots=True)
class TftpOack:
    """The options that are taken."""

    options: tuple[tuple[str, str], ...]

    def to_bytes(self) -> bytes:
        """The datagram."""
        words = (word for option in self.options for word in option)
        return TftpOpcode.OACK.to_bytes(2, "big") + b"".join(word.encode() + b"\0" for word in words)


TftpPacket = TftpRequest | TftpData | TftpAck | TftpError | TftpOack


def parse(data: bytes) -> TftpPacket:
    """A datagram. Raises MalformedPacket."""
    if len(data) < 4:
        raise MalformedPacket("TFTP packet shorter than four octets")
    opcode, number = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    match opcode:
        case TftpOpcode.READ | TftpOpcode.WRITE:
            words = _words(data[2:])
            if len(words) < 2 or not words[0]:
                raise MalformedPacket("TFTP request without name and mode")
            return TftpRequest(TftpOpcode(opcode), words[0], words[1].lower(), _pairs(words[2:]))
        case TftpOpcode.DATA:
            return TftpData(number, bytes(data[4:]))
        case TftpOpcode.ACK:
            return TftpAck(number)
        case TftpOpcode.ERROR:
            return TftpError(number, data[4:].partition(b"\0")[0].decode("utf-8", "replace"))
        case TftpOpcode.OACK:
            return TftpOack(_pairs(_words(data[2:])))
    raise MalformedPacket(f"TFTP opcode {opcode}")


def _words(data: bytes) -> list[str]:
    if not data.endswith(b"\0"):
        raise MalformedPacket("TFTP text without its end")
    return [word.decode("utf-8", "replace") for word in bytes(data[:-1]).split(b"\0")]


def _pairs(words: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, value in zip(words[::2], words[1::2], strict=False))
