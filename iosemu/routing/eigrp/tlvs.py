"""What packets carry: type, length, value (RFC 7868 6.6 to 6.9)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

from iosemu.packets.errors import MalformedPacket
from iosemu.routing.eigrp.metric import UNREACHABLE, WIDE_INFINITY, Vector, from_classic

PARAMETERS, AUTHENTICATION, SEQUENCE, SOFTWARE, NEXT_SEQUENCE, STUB, TERMINATION, TOPOLOGIES = range(1, 9)
INTERNAL, EXTERNAL, WIDE_INTERNAL, WIDE_EXTERNAL = 0x0102, 0x0103, 0x0602, 0x0603
_NOWHERE = IPv4Address(0)
_CLASSIC = struct.Struct("!II3sBBBBB")
_OUTSIDE = struct.Struct("!4sIIIHBB")
_WIDE_HEAD = struct.Struct("!HH4s")
_WIDE = struct.Struct("!BBBB3sB6s6sHH")
_IPV4 = 1
GOODBYE = (255, 255, 255, 255, 255, 0)
"""The K values of who leaves."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """K1 to K6, and for how many seconds the sender counts without being heard."""

    k: tuple[int, ...]
    hold: int


@dataclass(frozen=True, slots=True)
class Authentication:
    """Type 2 (MD5) or 3 (SHA-256), and the digest."""

    kind: int
    key: int
    sequence: int
    padding: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Sequence:
    """Who is not to take the next multicast."""

    addresses: tuple[IPv4Address | IPv6Address, ...]


@dataclass(frozen=True, slots=True)
class Software:
    """Release of the system and version of the TLVs."""

    release: tuple[int, int]
    tlv: tuple[int, int]


@dataclass(frozen=True, slots=True)
class NextSequence:
    """The sequence number of the next multicast."""

    number: int


@dataclass(frozen=True, slots=True)
class Stub:
    """What a stub advertises: 1 connected, 2 static, 4 summary, 8 receive-only, 16 redistributed, 32 leak-map."""

    flags: int


@dataclass(frozen=True, slots=True)
class Termination:
    """With whom the sender ends its adjacency."""

    addresses: tuple[IPv4Address | IPv6Address, ...]


@dataclass(frozen=True, slots=True)
class Outside:
    """Where an external route comes from."""

    router: IPv4Address
    system: int = 0
    tag: int = 0
    metric: int = 0
    protocol: int = 0
    flags: int = 0
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class RouteTlv:
    """Destinations with one metric. `wide`: as TLV version 2 has it.

    `scaled` are delay and bandwidth as they stand in a classic TLV, where they are not what `vector` makes of them.
    """

    destinations: tuple[IPv4Network, ...]
    vector: Vector
    next_hop: IPv4Address = _NOWHERE
    outside: Outside | None = None
    wide: bool = False
    origin: IPv4Address = _NOWHERE
    """The router that a route of version 2 began at."""
    scaled: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class RawTlv:
    """One that is not read: it goes on as it came."""

    type: int
    value: bytes


Tlv = (
    Parameters | Authentication | Sequence | Software | NextSequence | Stub | Termination | RouteTlv | RawTlv
)


def parse_tlvs(data: bytes) -> tuple[Tlv, ...]:
    """All of a packet. Raises MalformedPacket."""
    found: list[Tlv] = []
    at = 0
    while at < len(data):
        if len(data) - at < 4:
            raise MalformedPacket("EIGRP packet ends inside a TLV")
        kind, length = struct.unpack_from("!HH", data, at)
        if length < 4 or at + length > len(data):
            raise MalformedPacket(f"EIGRP TLV {kind:#06x} has length {length}")
        try:
            found.append(_parse(kind, data[at + 4 : at + length]))
        except (struct.error, IndexError, ValueError) as fault:
            raise MalformedPacket(f"EIGRP TLV {kind:#06x} is too short") from fault
        at += length
    return tuple(found)


def _parse(kind: int, value: bytes) -> Tlv:
    match kind:
        case 1:
            *k, hold = struct.unpack("!6BH", value)
            return Parameters(tuple(k), hold)
        case 2:
            proof, size, key, sequence = struct.unpack_from("!HHII", value)
            if len(value) != 20 + size:
                raise MalformedPacket(f"EIGRP digest of {size} octets in a TLV of {len(value) + 4}")
            return Authentication(proof, key, sequence, value[12:20], value[20:])
        case 3:
            return Sequence(_addresses(value))
        case 4:
            a, b, c, d = struct.unpack("!4B", value)
            return Software((a, b), (c, d))
        case 5:
            return NextSequence(struct.unpack("!I", value)[0])
        case 6:
            return Stub(struct.unpack("!H", value)[0])
        case 7:
            return Termination(_addresses(value))
        case 0x0102 | 0x0103:
            return _classic(kind, value)
        case 0x0602 | 0x0603 if value[2:4] == b"\0\1":
            return _wide(kind, value)
        case _:
            return RawTlv(kind, value)


def _addresses(value: bytes) -> tuple[IPv4Address | IPv6Address, ...]:
    found, at = [], 0
    while at < len(value):
        size = value[at]
        found.append(ip_address(value[at + 1 : at + 1 + size]))
        at += 1 + size
    return tuple(found)


def _destinations(value: bytes) -> tuple[IPv4Network, ...]:
    found, at = [], 0
    while at < len(value):
        length = value[at]
        size = max(1, (length + 7) // 8)
        if length > 32 or (len(value) < at + 1 + size and length):
            raise MalformedPacket(f"destination of {length} bits")
        part = int.from_bytes(value[at + 1 : at + 1 + size].ljust(4, b"\0"), "big")
        mask = (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF
        found.append(IPv4Network((part & mask, length)))
        at += 1 + size
    if not found:
        raise MalformedPacket("route without a destination")
    return tuple(found)


def _classic(kind: int, value: bytes) -> RouteTlv:
    next_hop, at, outside = IPv4Address(value[:4]), 4, None
    if kind == EXTERNAL:
        outside, at = _outside(value, 4), 24
    delay, bandwidth, mtu, hops, reliability, load, tag, flags = _CLASSIC.unpack_from(value, at)
    rate, picoseconds = from_classic(delay, bandwidth)
    vector = Vector(
        rate, picoseconds, int.from_bytes(mtu, "big"), hops, reliability, load, tag=tag, flags=flags
    )
    exact = (vector.classic_delay, vector.classic_bandwidth) == (delay, bandwidth)
    return RouteTlv(
        _destinations(value[at + 16 :]), vector, next_hop, outside,
        scaled=None if exact else (delay, bandwidth),
    )  # fmt: skip


def _outside(value: bytes, at: int) -> Outside:
    router, system, tag, metric, reserved, protocol, flags = _OUTSIDE.unpack_from(value, at)
    return Outside(IPv4Address(router), system, tag, metric, protocol, flags, reserved)


def _wide(kind: int, value: bytes) -> RouteTlv:
    _topology, _family, origin = _WIDE_HEAD.unpack_from(value)
    offset, _priority, reliability, load, mtu, hops, delay, bandwidth, _reserved, flags = _WIDE.unpack_from(
        value, 8
    )
    at = 8 + _WIDE.size + 2 * offset
    picoseconds = int.from_bytes(delay, "big")
    vector = Vector(
        min(max(int.from_bytes(bandwidth, "big"), 1), WIDE_INFINITY),
        UNREACHABLE if picoseconds == WIDE_INFINITY else picoseconds,
        int.from_bytes(mtu, "big"), hops, reliability, load, flags=flags,
    )  # fmt: skip
    next_hop = IPv4Address(value[at : at + 4])
    at += 4
    outside = None
    if kind == WIDE_EXTERNAL:
        outside, at = _outside(value, at), at + 20
    return RouteTlv(_destinations(value[at:]), vector, next_hop, outside, True, IPv4Address(origin))


def build_tlv(tlv: Tlv) -> bytes:
    """The octets of one."""
    kind, value = _value(tlv)
    return struct.pack("!HH", kind, len(value) + 4) + value


def _value(tlv: Tlv) -> tuple[int, bytes]:
    match tlv:
        case Parameters():
            return PARAMETERS, struct.pack("!6BH", *tlv.k, tlv.hold)
        case Authentication():
            head = struct.pack("!HHII", tlv.kind, len(tlv.digest), tlv.key, tlv.sequence)
            return AUTHENTICATION, head + tlv.padding + tlv.digest
        case Sequence():
            return SEQUENCE, b"".join(_address(each) for each in tlv.addresses)
        case Software():
            return SOFTWARE, bytes((*tlv.release, *tlv.tlv))
        case NextSequence():
            return NEXT_SEQUENCE, struct.pack("!I", tlv.number)
        case Stub():
            return STUB, struct.pack("!H", tlv.flags)
        case Termination():
            return TERMINATION, b"".join(_address(each) for each in tlv.addresses)
        case RouteTlv():
            return _route(tlv)
        case RawTlv():
            return tlv.type, tlv.value


def _address(address: IPv4Address | IPv6Address) -> bytes:
    return bytes((len(address.packed),)) + address.packed


def _route(tlv: RouteTlv) -> tuple[int, bytes]:
    vector = tlv.vector
    places = b"".join(_destination(each) for each in tlv.destinations)
    outside = b"" if tlv.outside is None else _outside_bytes(tlv.outside)
    mtu = min(vector.mtu, 0xFFFFFF).to_bytes(3, "big")
    hops = min(vector.hops, 255)
    if tlv.wide:
        delay = vector.delay if vector.reachable else WIDE_INFINITY
        body = _WIDE_HEAD.pack(0, _IPV4, tlv.origin.packed) + _WIDE.pack(
            0, 0, vector.reliability, vector.load, mtu, hops, min(delay, WIDE_INFINITY).to_bytes(6, "big"),
            vector.bandwidth.to_bytes(6, "big"), 0, vector.flags & 0xFFFF,
        )  # fmt: skip
        kind = WIDE_INTERNAL if tlv.outside is None else WIDE_EXTERNAL
        return kind, body + tlv.next_hop.packed + outside + places
    delay, bandwidth = tlv.scaled or (vector.classic_delay, vector.classic_bandwidth)
    metric = _CLASSIC.pack(delay, bandwidth, mtu, hops, vector.reliability, vector.load, vector.tag & 0xFF,
                           vector.flags & 0xFF)  # fmt: skip
    kind = INTERNAL if tlv.outside is None else EXTERNAL
    return kind, tlv.next_hop.packed + outside + metric + places


def _outside_bytes(outside: Outside) -> bytes:
    return _OUTSIDE.pack(outside.router.packed, outside.system, outside.tag, outside.metric, outside.reserved,
                         outside.protocol, outside.flags)  # fmt: skip


def _destination(network: IPv4Network) -> bytes:
    size = max(1, (network.prefixlen + 7) // 8)
    return bytes((network.prefixlen,)) + network.network_address.packed[:size]
