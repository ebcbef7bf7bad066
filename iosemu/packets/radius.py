"""RADIUS (RFC 2865) and its accounting (RFC 2866): messages, and what the shared secret does to them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ppp import chap_value

AUTHENTICATION_PORT = 1812
ACCOUNTING_PORT = 1813
OLD_AUTHENTICATION_PORT = 1645
OLD_ACCOUNTING_PORT = 1646
"""The ports before RFC 2138; IOS sends to them unless it is told others."""
HEADER = 20
MAXIMUM = 4096
"""Octets of a message at most (RFC 2865 section 3)."""
CISCO = 9
"""Cisco's vendor number."""
CISCO_AVPAIR = 1
MICROSOFT = 311
MPPE_SEND_KEY, MPPE_RECV_KEY = 16, 17
"""RFC 2548, 2.4.2 and 2.4.3."""
EAP_PIECE = 253
"""Octets of an EAP packet in one attribute (RFC 3579, 3.1)."""
BLOCK = 16


class RadiusCode(IntEnum):
    """RFC 2865 section 3."""

    ACCESS_REQUEST = 1
    ACCESS_ACCEPT = 2
    ACCESS_REJECT = 3
    ACCOUNTING_REQUEST = 4
    ACCOUNTING_RESPONSE = 5
    ACCESS_CHALLENGE = 11


NO_ECHO = 0
"""Of the attribute Prompt (RFC 2869, 5.10): what is typed is not shown."""


class RadiusAttribute(IntEnum):
    """RFC 2865 section 5, RFC 2866 section 5, RFC 2868 section 3, RFC 2869 section 5."""

    USER_NAME = 1
    USER_PASSWORD = 2
    CHAP_PASSWORD = 3
    NAS_IP_ADDRESS = 4
    NAS_PORT = 5
    SERVICE_TYPE = 6
    FRAMED_PROTOCOL = 7
    FRAMED_IP_ADDRESS = 8
    FILTER_ID = 11
    FRAMED_MTU = 12
    REPLY_MESSAGE = 18
    STATE = 24
    CLASS = 25
    VENDOR_SPECIFIC = 26
    SESSION_TIMEOUT = 27
    IDLE_TIMEOUT = 28
    TERMINATION_ACTION = 29
    CALLED_STATION_ID = 30
    CALLING_STATION_ID = 31
    NAS_IDENTIFIER = 32
    ACCT_STATUS_TYPE = 40
    ACCT_DELAY_TIME = 41
    ACCT_INPUT_OCTETS = 42
    ACCT_OUTPUT_OCTETS = 43
    ACCT_SESSION_ID = 44
    ACCT_AUTHENTIC = 45
    ACCT_SESSION_TIME = 46
    ACCT_INPUT_PACKETS = 47
    ACCT_OUTPUT_PACKETS = 48
    ACCT_TERMINATE_CAUSE = 49
    CHAP_CHALLENGE = 60
    PROMPT = 76
    NAS_PORT_TYPE = 61
    TUNNEL_TYPE = 64
    TUNNEL_MEDIUM_TYPE = 65
    EAP_MESSAGE = 79
    MESSAGE_AUTHENTICATOR = 80
    TUNNEL_PRIVATE_GROUP_ID = 81
    NAS_PORT_ID = 87


class ServiceType(IntEnum):
    """RFC 2865 section 5.6."""

    LOGIN = 1
    FRAMED = 2
    ADMINISTRATIVE = 6
    NAS_PROMPT = 7
    CALL_CHECK = 10


class AcctStatusType(IntEnum):
    """RFC 2866 section 5.1."""

    START = 1
    STOP = 2
    INTERIM_UPDATE = 3
    ACCOUNTING_ON = 7
    ACCOUNTING_OFF = 8


INTEGERS = frozenset(
    {
        RadiusAttribute.NAS_PORT, RadiusAttribute.SERVICE_TYPE, RadiusAttribute.FRAMED_PROTOCOL,
        RadiusAttribute.SESSION_TIMEOUT, RadiusAttribute.IDLE_TIMEOUT, RadiusAttribute.ACCT_STATUS_TYPE,
        RadiusAttribute.ACCT_DELAY_TIME, RadiusAttribute.ACCT_INPUT_OCTETS, RadiusAttribute.ACCT_OUTPUT_OCTETS,
        RadiusAttribute.ACCT_AUTHENTIC, RadiusAttribute.ACCT_SESSION_TIME, RadiusAttribute.ACCT_TERMINATE_CAUSE,
        RadiusAttribute.NAS_PORT_TYPE, RadiusAttribute.FRAMED_MTU, RadiusAttribute.TERMINATION_ACTION,
        RadiusAttribute.ACCT_INPUT_PACKETS, RadiusAttribute.ACCT_OUTPUT_PACKETS,
    }
)  # fmt: skip
"""Attributes whose value is a number of four octets."""
TEXTS = frozenset(
    {
        RadiusAttribute.USER_NAME, RadiusAttribute.FILTER_ID, RadiusAttribute.REPLY_MESSAGE,
        RadiusAttribute.CALLED_STATION_ID, RadiusAttribute.CALLING_STATION_ID, RadiusAttribute.NAS_IDENTIFIER,
        RadiusAttribute.ACCT_SESSION_ID, RadiusAttribute.NAS_PORT_ID,
    }
)  # fmt: skip
"""Attributes whose value is text."""
ADDRESSES = frozenset({RadiusAttribute.NAS_IP_ADDRESS, RadiusAttribute.FRAMED_IP_ADDRESS})

Attributes = tuple[tuple[int, bytes], ...]
"""Type and value of each attribute, in their order."""
BLANK_AUTHENTICATOR = (int(RadiusAttribute.MESSAGE_AUTHENTICATOR), bytes(16))
"""The place of a Message-Authenticator that is still to be reckoned."""
VLAN_TUNNEL, IEEE_802 = 13, 6
"""Tunnel-Type and Tunnel-Medium-Type of an assigned VLAN (RFC 3580 section 3.31)."""


@dataclass(frozen=True, slots=True)
class RadiusPacket:
    """One message."""

    code: int
    identifier: int
    authenticator: bytes
    """16 octets: the Request Authenticator of a request, the Response Authenticator of an answer."""
    attributes: Attributes = ()

    @classmethod
    def parse(cls, data: bytes) -> RadiusPacket:
        """A message from a datagram; octets behind its length are padding (RFC 2865 section 3).

        Raises MalformedPacket.
        """
        if len(data) < HEADER:
            raise MalformedPacket("RADIUS message shorter than its header")
        length = int.from_bytes(data[2:4], "big")
        if not HEADER <= length <= min(len(data), MAXIMUM):
            raise MalformedPacket(f"RADIUS length {length} in a datagram of {len(data)} octets")
        attributes = []
        at = HEADER
        while at < length:
            size = data[at + 1] if at + 1 < length else 0
            if size < 2 or at + size > length:
                raise MalformedPacket("RADIUS attribute exceeds the message")
            attributes.append((data[at], bytes(data[at + 2 : at + size])))
            at += size
        return cls(data[0], data[1], bytes(data[4:HEADER]), tuple(attributes))

    def to_bytes(self) -> bytes:
        """The datagram. Raises ValueError for an attribute longer than 253 octets or a message too long."""
        parts = []
        for kind, value in self.attributes:
            if len(value) > 253:
                raise ValueError(f"RADIUS attribute {kind} has {len(value)} octets")
            parts.append(bytes((kind, len(value) + 2)) + value)
        body = b"".join(parts)
        if HEADER + len(body) > MAXIMUM:
            raise ValueError(f"RADIUS message of {HEADER + len(body)} octets")
        head = bytes((self.code, self.identifier)) + (HEADER + len(body)).to_bytes(2, "big")
        return head + self.authenticator + body

    def get(self, kind: int) -> bytes | None:
        """The value of the first attribute of a type."""
        return next((value for each, value in self.attributes if each == kind), None)

    def text(self, kind: int) -> str:
        """The first attribute of a type as text; empty when there is none."""
        return (self.get(kind) or b"").decode("utf-8", "replace")

    def number(self, kind: int) -> int | None:
        """The first attribute of a type as a number, if it is one."""
        value = self.get(kind)
        return int.from_bytes(value, "big") if value is not None and len(value) == 4 else None

    @property
    def eap(self) -> bytes:
        """The EAP packet; empty where there is none."""
        return b"".join(value for kind, value in self.attributes if kind == RadiusAttribute.EAP_MESSAGE)

    def mppe_key(self, kind: int, secret: bytes, authenticator: bytes) -> bytes:
        """A key that only who knows the secret can read; `authenticator` is that of the request. Empty: none."""
        head = MICROSOFT.to_bytes(4, "big") + bytes((kind,))
        for value in self._vendor_values():
            if value[:5] == head and len(value) >= 8 + BLOCK:
                salt, hidden = value[6:8], value[8:]
                clear = reveal_password(hidden, secret, authenticator + salt, strip=False)
                return clear[1 : 1 + clear[0]] if clear else b""
        return b""

    @property
    def avpairs(self) -> tuple[str, ...]:
        """The values of Cisco-AVPair, such as `shell:priv-lvl=15`."""
        return tuple(pair for value in self._vendor_values() for pair in _avpairs(value))

    def _vendor_values(self) -> Iterable[bytes]:
        return (value for kind, value in self.attributes if kind == RadiusAttribute.VENDOR_SPECIFIC)

    def answers(self, request: RadiusPacket, secret: bytes) -> bool:
        """Whether this is an answer to `request` by somebody who knows the secret (RFC 2865 section 3)."""
        if self.identifier != request.identifier:
            return False
        bare = replace(self, authenticator=request.authenticator)
        if not hmac.compare_digest(_md5(bare.to_bytes() + secret), self.authenticator):
            return False
        told = self.get(RadiusAttribute.MESSAGE_AUTHENTICATOR)
        return told is None or hmac.compare_digest(told, message_authenticator(bare, secret))

    def signed(self, request: RadiusPacket, secret: bytes) -> RadiusPacket:
        """This answer with the Response Authenticator that belongs to `request`; one with EAP is authenticated."""
        bare = replace(self, identifier=request.identifier, authenticator=request.authenticator)
        if self.eap:
            bare = bare.authenticated(secret)
        return replace(bare, authenticator=_md5(bare.to_bytes() + secret))

    def authenticated(self, secret: bytes) -> RadiusPacket:
        """With a Message-Authenticator, which all messages with EAP have (RFC 3579, 3.2): at its place, or last."""
        kind = int(RadiusAttribute.MESSAGE_AUTHENTICATOR)
        blank = self
        if self.get(kind) is None:
            blank = replace(self, attributes=(*self.attributes, BLANK_AUTHENTICATOR))
        value = message_authenticator(blank, secret)
        told = tuple((each, value if each == kind else was) for each, was in blank.attributes)
        return replace(self, attributes=told)

    @property
    def vlan(self) -> str:
        """Number or name of the VLAN that it assigns (RFC 3580 section 3.31); empty when it assigns none."""
        tunnel, medium, group = (
            self.get(kind)
            for kind in (
                RadiusAttribute.TUNNEL_TYPE,
                RadiusAttribute.TUNNEL_MEDIUM_TYPE,
                RadiusAttribute.TUNNEL_PRIVATE_GROUP_ID,
            )
        )
        if not group or tunnel is None or medium is None:
            return ""
        if (tunnel[1:], medium[1:]) != (VLAN_TUNNEL.to_bytes(3, "big"), IEEE_802.to_bytes(3, "big")):
            return ""
        return group[group[0] <= 0x1F :].decode("utf-8", "replace")  # a tag may stand before it

    def accounting_signed(self, secret: bytes) -> RadiusPacket:
        """This Accounting-Request with its authenticator (RFC 2866 section 3)."""
        bare = replace(self, authenticator=bytes(16))
        return replace(bare, authenticator=_md5(bare.to_bytes() + secret))

    def accounting_genuine(self, secret: bytes) -> bool:
        """Whether whoever made this Accounting-Request knows the secret."""
        return hmac.compare_digest(self.accounting_signed(secret).authenticator, self.authenticator)


def message_authenticator(packet: RadiusPacket, secret: bytes) -> bytes:
    """The value of Message-Authenticator, HMAC-MD5 over the message with zeros in its place (RFC 3579 3.2).

    Of an answer, `packet` has the authenticator of the request.
    """
    blank = tuple(
        (kind, bytes(16) if kind == RadiusAttribute.MESSAGE_AUTHENTICATOR else value)
        for kind, value in packet.attributes
    )
    return hmac.new(secret, replace(packet, attributes=blank).to_bytes(), "md5").digest()


def hide_password(password: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """User-Password (RFC 2865 section 5.2). Raises ValueError for more than 128 octets."""
    if len(password) > 128:
        raise ValueError("a RADIUS password has at most 128 octets")
    padded = password + bytes(-len(password) % BLOCK) if password else bytes(BLOCK)
    hidden, last = b"", authenticator
    for at in range(0, len(padded), BLOCK):
        last = _xor(padded[at : at + BLOCK], _md5(secret + last))
        hidden += last
    return hidden


def reveal_password(hidden: bytes, secret: bytes, authenticator: bytes, *, strip: bool = True) -> bytes:
    """The password in User-Password, without its padding; rubbish where the secrets differ."""
    clear, last = b"", authenticator
    for at in range(0, len(hidden) - len(hidden) % BLOCK, BLOCK):
        block = hidden[at : at + BLOCK]
        clear += _xor(block, _md5(secret + last))
        last = block
    return clear.rstrip(b"\0") if strip else clear


def chap_response(identifier: int, password: bytes, challenge: bytes) -> bytes:
    """What CHAP-Password holds for this password (RFC 2865 section 5.3, RFC 1994 section 4.1)."""
    return bytes((identifier,)) + chap_value(identifier, password, challenge)


def assigned_vlan(vlan: str) -> Attributes:
    """The attributes that assign a VLAN, by number or name (RFC 3580 section 3.31)."""
    return (
        (int(RadiusAttribute.TUNNEL_TYPE), VLAN_TUNNEL.to_bytes(4, "big")),
        (int(RadiusAttribute.TUNNEL_MEDIUM_TYPE), IEEE_802.to_bytes(4, "big")),
        (int(RadiusAttribute.TUNNEL_PRIVATE_GROUP_ID), vlan.encode()[:253]),
    )


def eap_attributes(packet: bytes) -> Attributes:
    """An EAP packet as attributes."""
    pieces = (packet[at : at + EAP_PIECE] for at in range(0, len(packet), EAP_PIECE))
    return tuple((int(RadiusAttribute.EAP_MESSAGE), each) for each in pieces)


def mppe_attribute(
    kind: int, key: bytes, salt: bytes, secret: bytes, authenticator: bytes
) -> tuple[int, bytes]:
    """A key for the client alone (RFC 2548, 2.4.2); the salt has its first bit set."""
    hidden = hide_password(bytes((len(key),)) + key, secret, authenticator + salt)
    body = bytes((kind, len(salt) + len(hidden) + 2)) + salt + hidden
    return int(RadiusAttribute.VENDOR_SPECIFIC), MICROSOFT.to_bytes(4, "big") + body


def avpair(text: str) -> tuple[int, bytes]:
    """An attribute with one Cisco-AVPair."""
    value = text.encode()
    body = CISCO.to_bytes(4, "big") + bytes((CISCO_AVPAIR, len(value) + 2)) + value
    return RadiusAttribute.VENDOR_SPECIFIC, body


def _avpairs(value: bytes) -> Iterable[str]:
    if int.from_bytes(value[:4], "big") != CISCO:
        return
    at = 4
    while at + 2 <= len(value) and value[at + 1] >= 2:
        if value[at] == CISCO_AVPAIR:
            yield value[at + 2 : at + value[at + 1]].decode("utf-8", "replace")
        at += value[at + 1]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
