"""Fragments of IKEv1 messages: payload 132, in clear, of the finished message (Cisco's; octets as in [MS-IKEE]).

 0                   1                   2                   3
| Next Payload  |   RESERVED    |        Payload Length         |
|         Fragment ID           | Fragment No.  | Flags (1 last)|
|  a part of the message, of its own ISAKMP header on           |
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from iosemu.ike.generic import generic
from iosemu.ike.header import HEADER_LENGTH, Header, MalformedMessage, NotifyType, PayloadType
from iosemu.ike.vendor import FRAGMENTATION

MTU: Final = 576
"""Octets of an IP packet up to which messages are sent whole."""
CAPABLE: Final = 0x80000000
"""In what may follow the vendor ID: main mode may be fragmented."""
OWN_VENDOR_ID: Final = FRAGMENTATION + (0xC0000000).to_bytes(4)
"""Main and aggressive mode."""
LAST: Final = 1
MOST_FRAGMENTS: Final = 64
LARGEST: Final = 32768
"""Octets of a message that are kept of a peer that nobody knows yet."""
_HEAD: Final = struct.Struct("!HBB")
_AROUND: Final = 20 + 8 + 4 + HEADER_LENGTH + 4 + _HEAD.size
"""IP, UDP, a non-ESP marker, and the headers of a fragment."""


def announces(vendor_id: bytes) -> bool:
    """Whether a vendor ID says that the peer takes fragments."""
    if not vendor_id.startswith(FRAGMENTATION):
        return False
    more = vendor_id[len(FRAGMENTATION) :]
    return not more or (len(more) == 4 and bool(int.from_bytes(more) & CAPABLE))


def needed(message: bytes) -> bool:
    """Whether a message is too long to be sent whole."""
    return len(message) + 20 + 8 + 4 > MTU


def cut(message: bytes, identifier: int) -> list[bytes]:
    """The datagrams that carry a message."""
    header = Header.parse(message)
    room = MTU - _AROUND
    pieces = [message[at : at + room] for at in range(0, len(message), room)]
    made = []
    for number, piece in enumerate(pieces, 1):
        body = generic(0, _HEAD.pack(identifier, number, LAST if number == len(pieces) else 0) + piece)
        clear = Header(header.cookie_i, header.cookie_r, 0, header.exchange, 0, header.message_id)
        made.append(clear.before(int(PayloadType.FRAGMENT), HEADER_LENGTH + len(body)) + body)
    return made


@dataclass(frozen=True, slots=True)
class Fragment:
    """One that came."""

    identifier: int
    number: int
    last: bool
    data: bytes

    @classmethod
    def parse(cls, body: bytes) -> Fragment:
        """Read what follows the ISAKMP header; raises `MalformedMessage`."""
        if len(body) < 4 + _HEAD.size or body[0] or int.from_bytes(body[2:4]) != len(body):
            raise MalformedMessage(NotifyType.PAYLOAD_MALFORMED, "fragment payload")
        identifier, number, flags = _HEAD.unpack_from(body, 4)
        if not 1 <= number <= MOST_FRAGMENTS:
            raise MalformedMessage(NotifyType.PAYLOAD_MALFORMED, f"fragment number {number}")
        return cls(identifier, number, bool(flags & LAST), body[4 + _HEAD.size :])


class Assembly:
    """The fragments of one message of a peer: what does not go with those that are there begins another."""

    def __init__(self) -> None:
        self._about: tuple[int, int, int] | None = None
        self._pieces: dict[int, Fragment] = {}

    def add(self, header: Header, piece: Fragment) -> bytes | None:
        """Take a fragment; the whole message when it was the last that was missing."""
        about = header.exchange, header.message_id, piece.identifier
        held = self._pieces.get(piece.number)
        if about != self._about or (held is not None and held != piece):
            self._about, self._pieces = about, {}
        self._pieces[piece.number] = piece
        if sum(len(each.data) for each in self._pieces.values()) > LARGEST:
            self._about, self._pieces = None, {}
            return None
        total = next((each.number for each in self._pieces.values() if each.last), None)
        if total is None or any(number not in self._pieces for number in range(1, total + 1)):
            return None
        whole = b"".join(self._pieces[number].data for number in range(1, total + 1))
        self._about, self._pieces = None, {}
        return whole
