"""DHCP and BOOTP messages (RFC 951, RFC 2131, options of RFC 2132)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.packets.addresses import MacAddress, ipv4
from iosemu.packets.errors import MalformedPacket

SERVER_PORT = 67
CLIENT_PORT = 68
BROADCAST_FLAG = 0x8000
INFINITE = 0xFFFFFFFF
"""A lease without an end (RFC 2131 section 3.3)."""
SHORTEST = 300
"""Octets of the shortest message that BOOTP allows (RFC 1542 section 2.1)."""
NOBODY = IPv4Address(0)

_HEADER = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s")
_COOKIE = b"\x63\x82\x53\x63"
_IN_FILE, _IN_SNAME = 1, 2


class Op(IntEnum):
    """The direction of a message."""

    REQUEST = 1
    REPLY = 2


class DhcpType(IntEnum):
    """Option 53."""

    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    DECLINE = 4
    ACK = 5
    NAK = 6
    RELEASE = 7
    INFORM = 8


class Option(IntEnum):
    """The options that the code names (RFC 2132, RFC 3046)."""

    PAD = 0
    SUBNET_MASK = 1
    ROUTER = 3
    DNS_SERVER = 6
    HOST_NAME = 12
    DOMAIN_NAME = 15
    STATIC_ROUTE = 33
    VENDOR_SPECIFIC = 43
    NETBIOS_NAME_SERVER = 44
    NETBIOS_NODE_TYPE = 46
    REQUESTED_ADDRESS = 50
    LEASE_TIME = 51
    OVERLOAD = 52
    MESSAGE_TYPE = 53
    SERVER_IDENTIFIER = 54
    PARAMETER_LIST = 55
    MESSAGE = 56
    MAXIMUM_SIZE = 57
    RENEWAL_TIME = 58
    REBINDING_TIME = 59
    VENDOR_CLASS = 60
    CLIENT_IDENTIFIER = 61
    TFTP_SERVER = 66
    BOOTFILE = 67
    RELAY_INFORMATION = 82
    TFTP_ADDRESS = 150
    END = 255


Options = tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class DhcpMessage:
    """A message; `options` in their order, `trailing` what follows their end, both as received.

    A message without options (BOOTP with an empty vendor field) has no magic cookie, either.
    """

    op: int
    transaction: int
    hardware: bytes
    """The client's hardware address, as long as its length field says."""
    options: Options = ()
    client: IPv4Address = NOBODY
    """ciaddr: what the client has already."""
    yours: IPv4Address = NOBODY
    """yiaddr: what the client is given."""
    server: IPv4Address = NOBODY
    """siaddr: where to boot from next."""
    relay: IPv4Address = NOBODY
    """giaddr: the relay agent that the client is behind."""
    seconds: int = 0
    flags: int = 0
    hops: int = 0
    hardware_type: int = 1
    server_name: bytes = b""
    file: bytes = b""
    hardware_padding: bytes = b""
    """What stands behind the hardware address in its field."""
    cookie: bool = True
    trailing: bytes = b""
    ended: bool = True
    """The options end with an end option."""

    @classmethod
    def parse(cls, data: bytes) -> DhcpMessage:
        """Read a message; MalformedPacket when it is cut off or its lengths do not fit."""
        if len(data) < _HEADER.size:
            raise MalformedPacket(f"DHCP: {len(data)} octets are too few for a message")
        (
            op,
            hardware_type,
            length,
            hops,
            transaction,
            seconds,
            flags,
            client,
            yours,
            server,
            relay,
            hardware,
            server_name,
            file,
        ) = _HEADER.unpack_from(data)
        if op not in (Op.REQUEST, Op.REPLY):
            raise MalformedPacket(f"DHCP: operation {op}")
        if length > 16:
            raise MalformedPacket(f"DHCP: hardware address of {length} octets")
        rest = bytes(data[_HEADER.size :])
        cookie = rest[:4] == _COOKIE
        options, trailing, ended = _options(rest[4:]) if cookie else ((), rest, False)
        return cls(
            op,
            transaction,
            hardware[:length],
            options,
            ipv4(client),
            ipv4(yours),
            ipv4(server),
            ipv4(relay),
            seconds,
            flags,
            hops,
            hardware_type,
            server_name,
            file,
            hardware[length:],
            cookie,
            trailing,
            ended,
        )

    def to_bytes(self, shortest: int = SHORTEST) -> bytes:
        """The message as sent, filled up to what BOOTP allows at least."""
        header = _HEADER.pack(
            self.op,
            self.hardware_type,
            len(self.hardware),
            self.hops,
            self.transaction,
            self.seconds,
            self.flags,
            self.client.packed,
            self.yours.packed,
            self.server.packed,
            self.relay.packed,
            self.hardware + self.hardware_padding,
            self.server_name,
            self.file,
        )
        body = b""
        if self.cookie:
            body = _COOKIE + _joined(self.options) + (b"\xff" if self.ended else b"")
        whole = header + body + self.trailing
        if self.trailing or not self.ended:
            return whole  # as it was received
        return whole.ljust(shortest, b"\0")

    def option(self, code: int) -> bytes | None:
        """The value of an option, parts of it joined (RFC 3396), also where `file` and `sname` hold options."""
        parts = [value for each, value in self._all_options() if each == code]
        return b"".join(parts) if parts else None

    def address(self, code: int) -> IPv4Address | None:
        """The first address of an option; None where it is missing or too short."""
        value = self.option(code)
        return ipv4(value[:4]) if value is not None and len(value) >= 4 else None

    def addresses(self, code: int) -> tuple[IPv4Address, ...]:
        """The addresses of an option."""
        return read_addresses(self.option(code) or b"")

    def number(self, code: int) -> int | None:
        """The number that an option holds."""
        value = self.option(code)
        return int.from_bytes(value, "big") if value else None

    def _all_options(self) -> Iterable[tuple[int, bytes]]:
        yield from self.options
        overload = next((value for code, value in self.options if code == Option.OVERLOAD and value), b"\0")[
            0
        ]
        for bit, place in ((_IN_FILE, self.file), (_IN_SNAME, self.server_name)):
            if overload & bit:
                try:
                    yield from _options(place)[0]
                except MalformedPacket:
                    continue

    @property
    def type(self) -> DhcpType | None:
        """Its message type; None: BOOTP, or a type that is not of RFC 2131."""
        value = self.option(Option.MESSAGE_TYPE)
        try:
            return DhcpType(value[0]) if value else None
        except ValueError:
            return None

    @property
    def is_bootp(self) -> bool:
        """It has no message type at all."""
        return self.option(Option.MESSAGE_TYPE) is None

    @property
    def broadcast(self) -> bool:
        """The client cannot take unicasts before it has its address."""
        return bool(self.flags & BROADCAST_FLAG)

    @property
    def station(self) -> MacAddress | None:
        """The client's Ethernet address, None on other networks."""
        return MacAddress(self.hardware) if len(self.hardware) == 6 and self.hardware_type == 1 else None

    @property
    def identity(self) -> bytes:
        """Who the client is: its identifier, else its hardware address (RFC 2131 section 4.2)."""
        return self.option(Option.CLIENT_IDENTIFIER) or self.hardware


def read_addresses(value: bytes) -> tuple[IPv4Address, ...]:
    """The addresses that the value of an option holds; what is left over at its end counts for nothing."""
    return tuple(ipv4(value[at : at + 4]) for at in range(0, len(value) - 3, 4))


def _options(data: bytes) -> tuple[Options, bytes, bool]:
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        code = data[at]
        at += 1
        if code == Option.END:
            return tuple(found), data[at:], True
        if code == Option.PAD:
            found.append((code, b""))
            continue
        if at >= len(data) or at + 1 + data[at] > len(data):
            raise MalformedPacket(f"DHCP: option {code} is cut off")
        found.append((code, data[at + 1 : at + 1 + data[at]]))
        at += 1 + data[at]
    return tuple(found), b"", False


def _joined(options: Options) -> bytes:
    out = bytearray()
    for code, value in options:
        if code == Option.PAD:
            out.append(0)
            continue
        for start in range(0, max(len(value), 1), 255):  # RFC 3396: long ones in parts
            part = value[start : start + 255]
            out += bytes((code, len(part))) + part
    return bytes(out)


def dotted(octets: bytes) -> str:
    """Octets as IOS writes identifiers: `0100.5079.6668.01`."""
    text = octets.hex()
    return ".".join(text[at : at + 4] for at in range(0, len(text), 4))
