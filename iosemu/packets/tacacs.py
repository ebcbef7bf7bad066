"""TACACS+ (RFC 8907): the header, the obfuscation of bodies, and the bodies."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from iosemu.packets.errors import MalformedPacket

PORT = 49
HEADER = 12
MAXIMUM = 1 << 16
"""Octets of a body that are taken: far more than RFC 8907 section 4.1 lets a peer need."""
MAJOR = 0xC
DEFAULT_MINOR, PAP_MINOR = 0, 1


class TacacsType(IntEnum):
    """RFC 8907 section 4.1."""

    AUTHENTICATION = 1
    AUTHORIZATION = 2
    ACCOUNTING = 3


class TacacsFlag(IntFlag):
    """RFC 8907 section 4.1."""

    UNENCRYPTED = 0x01
    SINGLE_CONNECT = 0x04


class AuthenAction(IntEnum):
    """RFC 8907 section 5.1."""

    LOGIN = 1
    CHANGE_PASSWORD = 2
    SEND_AUTHENTICATION = 4


class AuthenType(IntEnum):
    """RFC 8907 section 5.1."""

    ASCII = 1
    PAP = 2
    CHAP = 3


class AuthenService(IntEnum):
    """RFC 8907 section 5.1."""

    NONE = 0
    LOGIN = 1
    ENABLE = 2
    PPP = 3


class AuthenStatus(IntEnum):
    """RFC 8907 section 5.2."""

    PASS = 1
    FAIL = 2
    GETDATA = 3
    GETUSER = 4
    GETPASS = 5
    RESTART = 6
    ERROR = 7
    FOLLOW = 0x21


class AuthenMethod(IntEnum):
    """RFC 8907 section 6.1: how the user proved who it is."""

    NOT_SET = 0
    NONE = 1
    LINE = 3
    ENABLE = 4
    LOCAL = 5
    TACACSPLUS = 6
    RADIUS = 0x10


class AuthorStatus(IntEnum):
    """RFC 8907 section 6.2."""

    PASS_ADD = 1
    PASS_REPL = 2
    FAIL = 0x10
    ERROR = 0x11
    FOLLOW = 0x21


class AcctFlag(IntFlag):
    """RFC 8907 section 7.1."""

    START = 0x02
    STOP = 0x04
    WATCHDOG = 0x08


class AcctStatus(IntEnum):
    """RFC 8907 section 7.2."""

    SUCCESS = 1
    ERROR = 2
    FOLLOW = 0x21


NOECHO = 0x01
"""Flag of an authentication reply: what is asked for is not to be shown."""
ABORT = 0x01
"""Flag of an authentication continue."""


@dataclass(frozen=True, slots=True)
class TacacsPacket:
    """Header and clear body."""

    type: int
    sequence: int
    session: int
    body: bytes
    flags: int = 0
    minor: int = DEFAULT_MINOR

    def to_bytes(self, key: bytes) -> bytes:
        """As it goes over the connection; an empty key leaves the body clear."""
        version = MAJOR << 4 | self.minor
        flags = self.flags if key else self.flags | TacacsFlag.UNENCRYPTED
        head = bytes((version, self.type, self.sequence, flags))
        body = self.body if flags & TacacsFlag.UNENCRYPTED else self._obfuscated(self.body, key, version)
        return head + self.session.to_bytes(4, "big") + len(body).to_bytes(4, "big") + body

    def _obfuscated(self, body: bytes, key: bytes, version: int) -> bytes:
        return obfuscate(body, key, self.session, version, self.sequence)


def obfuscate(body: bytes, key: bytes, session: int, version: int, sequence: int) -> bytes:
    """XOR with the pad of RFC 8907 section 4.5: obfuscates a body, or makes it clear again."""
    seed = session.to_bytes(4, "big") + key + bytes((version, sequence))
    pad, last = b"", b""
    while len(pad) < len(body):
        last = hashlib.md5(seed + last, usedforsecurity=False).digest()
        pad += last
    return bytes(a ^ b for a, b in zip(body, pad, strict=False))


def take(buffer: bytearray, key: bytes) -> TacacsPacket | None:
    """The first packet of what came over a connection, taken out of `buffer`; None until all of it is there.

    Raises MalformedPacket for another protocol or a body far too long.
    """
    if len(buffer) < HEADER:
        if buffer and buffer[0] >> 4 != MAJOR:
            raise MalformedPacket("not TACACS+")
        return None
    length = int.from_bytes(buffer[8:12], "big")
    if buffer[0] >> 4 != MAJOR or length > MAXIMUM:
        raise MalformedPacket("not TACACS+, or too long")
    if len(buffer) < HEADER + length:
        return None
    head, body = bytes(buffer[:HEADER]), bytes(buffer[HEADER : HEADER + length])
    del buffer[: HEADER + length]
    session = int.from_bytes(head[4:8], "big")
    if not head[3] & TacacsFlag.UNENCRYPTED:
        body = obfuscate(body, key, session, head[0], head[2])
    return TacacsPacket(head[1], head[2], session, body, head[3], head[0] & 0xF)


class _Reader:
    """Takes fields out of a body one after the other. Raises MalformedPacket when it is too short, or too long."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def octets(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise MalformedPacket("a TACACS+ body shorter than its lengths say: other keys?")
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def number(self, count: int = 1) -> int:
        return int.from_bytes(self.octets(count), "big")

    def text(self, count: int) -> str:
        return self.octets(count).decode("utf-8", "replace")

    def end(self) -> None:
        if self._at != len(self._data):
            raise MalformedPacket("a TACACS+ body longer than its lengths say: other keys?")


def _fields(*texts: str) -> tuple[bytes, bytes]:
    """One-octet lengths, and the fields. Raises ValueError for a field over 255 octets."""
    encoded = [text.encode() for text in texts]
    if any(len(each) > 255 for each in encoded):
        raise ValueError("a TACACS+ field has at most 255 octets")
    return bytes(len(each) for each in encoded), b"".join(encoded)


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks for whom: what all requests begin with."""

    user: str = ""
    port: str = ""
    remote: str = ""
    privilege: int = 1
    type: int = AuthenType.ASCII
    service: int = AuthenService.LOGIN


@dataclass(frozen=True, slots=True)
class AuthenStart:
    """RFC 8907 section 5.1."""

    client: Client
    data: bytes = b""
    action: int = AuthenAction.LOGIN

    def to_bytes(self) -> bytes:
        """The body. Raises ValueError for a field over 255 octets."""
        c = self.client
        lengths, texts = _fields(c.user, c.port, c.remote)
        if len(self.data) > 255:
            raise ValueError("a TACACS+ field has at most 255 octets")
        head = bytes((self.action, c.privilege, c.type, c.service))
        return head + lengths + bytes((len(self.data),)) + texts + self.data

    @classmethod
    def parse(cls, body: bytes) -> AuthenStart:
        """From a body. Raises MalformedPacket."""
        r = _Reader(body)
        action, privilege, kind, service, *lengths = r.octets(8)
        client = Client(r.text(lengths[0]), r.text(lengths[1]), r.text(lengths[2]), privilege, kind, service)
        data = r.octets(lengths[3])
        r.end()
        return cls(client, data, action)


@dataclass(frozen=True, slots=True)
class AuthenReply:
    """RFC 8907 section 5.2."""

    status: int
    message: str = ""
    data: bytes = b""
    flags: int = 0

    def to_bytes(self) -> bytes:
        """The body."""
        message = self.message.encode()
        head = bytes((self.status, self.flags))
        return (
            head + len(message).to_bytes(2, "big") + len(self.data).to_bytes(2, "big") + message + self.data
        )

    @classmethod
    def parse(cls, body: bytes) -> AuthenReply:
        """From a body. Raises MalformedPacket."""
        r = _Reader(body)
        status, flags = r.number(), r.number()
        message, data = r.number(2), r.number(2)
        reply = cls(status, r.text(message), r.octets(data), flags)
        r.end()
        return reply


@dataclass(frozen=True, slots=True)
class AuthenContinue:
    """RFC 8907 section 5.3."""

    message: str = ""
    flags: int = 0
    data: bytes = b""

    def to_bytes(self) -> bytes:
        """The body."""
        message = self.message.encode()
        lengths = len(message).to_bytes(2, "big") + len(self.data).to_bytes(2, "big")
        return lengths + bytes((self.flags,)) + message + self.data

    @classmethod
    def parse(cls, body: bytes) -> AuthenContinue:
        """From a body. Raises MalformedPacket."""
        r = _Reader(body)
        message, data, flags = r.number(2), r.number(2), r.number()
        found = cls(r.text(message), flags, r.octets(data))
        r.end()
        return found


def _arguments(arguments: Sequence[str]) -> tuple[bytes, bytes, bytes]:
    """Their number, their lengths, and themselves. Raises ValueError for more than 255, or one over 255 octets."""
    if len(arguments) > 255:
        raise ValueError("a TACACS+ packet has at most 255 arguments")
    lengths, texts = _fields(*arguments)
    return bytes((len(arguments),)), lengths, texts


@dataclass(frozen=True, slots=True)
class AuthorRequest:
    """RFC 8907 section 6.1."""

    client: Client
    arguments: tuple[str, ...]
    method: int = AuthenMethod.TACACSPLUS

    def to_bytes(self) -> bytes:
        """The body. Raises ValueError for a field over 255 octets."""
        c = self.client
        lengths, texts = _fields(c.user, c.port, c.remote)
        count, sizes, arguments = _arguments(self.arguments)
        head = bytes((self.method, c.privilege, c.type, c.service))
        return head + lengths + count + sizes + texts + arguments

    @classmethod
    def parse(cls, body: bytes) -> AuthorRequest:
        """From a body. Raises MalformedPacket."""
        r = _Reader(body)
        method = r.number()
        client, arguments = _client_and_arguments(r)
        return cls(client, arguments, method)


def _client_and_arguments(r: _Reader) -> tuple[Client, tuple[str, ...]]:
    privilege, kind, service, *lengths, count = r.octets(7)
    sizes = r.octets(count)
    client = Client(r.text(lengths[0]), r.text(lengths[1]), r.text(lengths[2]), privilege, kind, service)
    arguments = tuple(r.text(size) for size in sizes)
    r.end()
    return client, arguments


@dataclass(frozen=True, slots=True)
class AuthorResponse:
    """RFC 8907 section 6.2."""

    status: int
    arguments: tuple[str, ...] = ()
    message: str = ""
    data: bytes = b""

    def to_bytes(self) -> bytes:
        """The body. Raises ValueError for an argument over 255 octets."""
        count, sizes, arguments = _arguments(self.arguments)
        message = self.message.encode()
        lengths = len(message).to_bytes(2, "big") + len(self.data).to_bytes(2, "big")
        return bytes((self.status,)) + count + lengths + sizes + message + self.data + arguments

    @classmethod
    def parse(cls, body: bytes) -> AuthorResponse:
        """From a body. Raises MalformedPacket."""
        r = _Reader(body)
        status, count, message, data = r.number(), r.number(), r.number(2), r.number(2)
        sizes = r.octets(count)
        text, more = r.text(message), r.octets(data)
        found = cls(status, tuple(r.text(size) for size in sizes), text, more)
        r.end()
        return found


@dataclass(frozen=True, slots=True)
class AcctRequest:
    """RFC 8907 section 7.1."""

    flags: int
    client: Client
    arguments: tuple[str, ...]
    method: int = AuthenMethod.TACACSPLUS

    def to_bytes(self) -> bytes:
        """The body. Raises ValueError for a field over 255 octets."""
        return bytes((self.flags,)) + AuthorRequest(self.client, self.arguments, self.method).to_bytes()

    @classmethod
    def parse(cls, body: bytes) -> AcctRequest:
        """From a body. Raises MalformedPacket."""
        r = _Reader(body)
        flags, method = r.number(), r.number()
        client, arguments = _client_and_arguments(r)
        return cls(flags, client, arguments, method)


@dataclass(frozen=True, slots=True)
class AcctReply:
    """RFC 8907 section 7.2."""

    status: int
    message: str = ""
    data: bytes = b""

    def to_bytes(self) -> bytes:
        """The body."""
        message = self.message.encode()
        lengths = len(message).to_bytes(2, "big") + len(self.data).to_bytes(2, "big")
        return lengths + bytes((self.status,)) + message + self.data

    @classmethod
    def parse(cls, body: bytes) -> AcctReply:
        """From a body. Raises MalformedPacket."""
        r = _Reader(body)
        message, data, status = r.number(2), r.number(2), r.number()
        reply = cls(status, r.text(message), r.octets(data))
        r.end()
        return reply
