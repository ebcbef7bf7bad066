"""Path attributes (RFC 4271 5, RFC 1997, 4456, 6793)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.routing.bgp.capabilities import AS_TRANS
from iosemu.routing.bgp.errors import BgpError, ErrorCode, UpdateError
from iosemu.routing.bgp.messages import EXTENDED_LENGTH, RawAttribute

OPTIONAL, TRANSITIVE, PARTIAL = 0x80, 0x40, 0x20
NO_EXPORT, NO_ADVERTISE, LOCAL_AS = 0xFFFFFF01, 0xFFFFFF02, 0xFFFFFF03
"""Well-known communities (RFC 1997)."""


class Origin(IntEnum):
    """ORIGIN (5.1.1)."""

    IGP = 0
    EGP = 1
    INCOMPLETE = 2


class SegmentKind(IntEnum):
    """Segments of an AS path (4.3)."""

    SET = 1
    SEQUENCE = 2


class Type(IntEnum):
    """Type codes."""

    ORIGIN = 1
    AS_PATH = 2
    NEXT_HOP = 3
    MED = 4
    LOCAL_PREF = 5
    ATOMIC_AGGREGATE = 6
    AGGREGATOR = 7
    COMMUNITIES = 8
    ORIGINATOR_ID = 9
    CLUSTER_LIST = 10
    AS4_PATH = 17
    AS4_AGGREGATOR = 18


NOWHERE = IPv4Address(0)
"""The next hop of what this router originates itself."""
Segment = tuple[SegmentKind, tuple[int, ...]]
AsPath = tuple[Segment, ...]
_WELL_KNOWN = {Type.ORIGIN, Type.AS_PATH, Type.NEXT_HOP, Type.LOCAL_PREF, Type.ATOMIC_AGGREGATE}
_NON_TRANSITIVE = {Type.MED, Type.ORIGINATOR_ID, Type.CLUSTER_LIST}
_LENGTHS = {
    Type.ORIGIN: 1,
    Type.NEXT_HOP: 4,
    Type.MED: 4,
    Type.LOCAL_PREF: 4,
    Type.ATOMIC_AGGREGATE: 0,
    Type.ORIGINATOR_ID: 4,
}


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of a path; None and empty where an attribute is absent."""

    origin: Origin = Origin.INCOMPLETE
    as_path: AsPath = ()
    next_hop: IPv4Address = NOWHERE
    med: int | None = None
    local_pref: int | None = None
    atomic: bool = False
    aggregator: tuple[int, IPv4Address] | None = None
    communities: tuple[int, ...] = ()
    originator: IPv4Address | None = None
    clusters: tuple[IPv4Address, ...] = ()
    unknown: tuple[RawAttribute, ...] = ()
    """Optional transitive attributes that are passed on as they are."""

    @property
    def path_length(self) -> int:
        """For the decision process: a set counts as one (9.1.2.2 a)."""
        return sum(len(numbers) if kind is SegmentKind.SEQUENCE else 1 for kind, numbers in self.as_path)

    @property
    def first_as(self) -> int | None:
        """The neighboring AS."""
        if self.as_path and self.as_path[0][0] is SegmentKind.SEQUENCE:
            return self.as_path[0][1][0]
        return None

    def contains(self, number: int) -> bool:
        """Whether an AS is in the path."""
        return any(number in numbers for _, numbers in self.as_path)

    def path_text(self) -> str:
        """`65001 65002 {65003,65004}`."""
        return " ".join(
            " ".join(map(str, numbers))
            if kind is SegmentKind.SEQUENCE
            else "{" + ",".join(map(str, numbers)) + "}"
            for kind, numbers in self.as_path
        )


def prepend(path: AsPath, numbers: tuple[int, ...]) -> AsPath:
    """Put AS numbers in front of a path (5.1.2)."""
    if path and path[0][0] is SegmentKind.SEQUENCE and len(path[0][1]) + len(numbers) <= 255:
        return ((SegmentKind.SEQUENCE, numbers + path[0][1]), *path[1:])
    return ((SegmentKind.SEQUENCE, numbers), *path)


def decode(raw: tuple[RawAttribute, ...], wide: bool, internal: bool) -> Attributes:
    """Read and check attributes (6.3). `wide`: AS numbers have four octets; `internal`: the peer is of our AS."""
    found: dict[int, bytes] = {}
    unknown = []
    for each in raw:
        if each.type in found:
            raise BgpError(ErrorCode.UPDATE, UpdateError.ATTRIBUTES)
        _check(each)
        found[each.type] = each.value
        if each.type not in _KNOWN and each.flags & TRANSITIVE:
            unknown.append(RawAttribute(each.flags | PARTIAL, each.type, each.value))
    for needed in (Type.ORIGIN, Type.AS_PATH, Type.NEXT_HOP):
        if needed not in found:
            raise BgpError(ErrorCode.UPDATE, UpdateError.MISSING, bytes((needed,)))
    if internal and Type.LOCAL_PREF not in found:
        raise BgpError(ErrorCode.UPDATE, UpdateError.MISSING, bytes((Type.LOCAL_PREF,)))
    origin = found[Type.ORIGIN][0]
    if origin > 2:
        raise BgpError(ErrorCode.UPDATE, UpdateError.ORIGIN, bytes((0x40, 1, 1, origin)))
    next_hop = IPv4Address(found[Type.NEXT_HOP])
    if next_hop.is_multicast or int(next_hop) in (0, 0xFFFFFFFF):
        raise BgpError(ErrorCode.UPDATE, UpdateError.NEXT_HOP, bytes((0x40, 3, 4)) + next_hop.packed)
    path = read_path(found[Type.AS_PATH], wide)
    if not wide and Type.AS4_PATH in found:
        path = _merge(path, read_path(found[Type.AS4_PATH], True))
    return Attributes(
        Origin(origin), path, next_hop,
        _number(found.get(Type.MED)),
        _number(found.get(Type.LOCAL_PREF)) if internal else None,
        Type.ATOMIC_AGGREGATE in found,
        _aggregator(found, wide),
        _words(found.get(Type.COMMUNITIES, b"")),
        IPv4Address(found[Type.ORIGINATOR_ID]) if internal and Type.ORIGINATOR_ID in found else None,
        tuple(map(IPv4Address, _words(found.get(Type.CLUSTER_LIST, b"")))) if internal else (),
        tuple(unknown),
    )  # fmt: skip


_KNOWN = frozenset(Type)


def _check(each: RawAttribute) -> None:
    if each.type not in _KNOWN:
        if not each.flags & OPTIONAL:
            raise BgpError(ErrorCode.UPDATE, UpdateError.UNKNOWN_WELL_KNOWN, each.to_bytes())
        return
    wanted = TRANSITIVE if each.type in _WELL_KNOWN else OPTIONAL
    if each.type not in _WELL_KNOWN and each.type not in _NON_TRANSITIVE:
        wanted |= TRANSITIVE
    if each.flags & (OPTIONAL | TRANSITIVE) != wanted:
        raise BgpError(ErrorCode.UPDATE, UpdateError.FLAGS, each.to_bytes())
    length = _LENGTHS.get(Type(each.type))
    fourths = each.type in (Type.COMMUNITIES, Type.CLUSTER_LIST)
    if (length is not None and len(each.value) != length) or (fourths and len(each.value) % 4):
        raise BgpError(ErrorCode.UPDATE, UpdateError.LENGTH, each.to_bytes())
    if each.type == Type.AGGREGATOR and len(each.value) not in (6, 8):
        raise BgpError(ErrorCode.UPDATE, UpdateError.LENGTH, each.to_bytes())


def _number(value: bytes | None) -> int | None:
    return None if value is None else int.from_bytes(value, "big")


def _words(value: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(value[at : at + 4], "big") for at in range(0, len(value), 4))


def _aggregator(found: dict[int, bytes], wide: bool) -> tuple[int, IPv4Address] | None:
    value = found.get(Type.AGGREGATOR)
    if value is None:
        return None
    if (
        not wide
        and value[:2] == AS_TRANS.to_bytes(2, "big")
        and len(found.get(Type.AS4_AGGREGATOR, b"")) == 8
    ):
        value = found[Type.AS4_AGGREGATOR]
    return int.from_bytes(value[:-4], "big"), IPv4Address(value[-4:])


def read_path(value: bytes, wide: bool) -> AsPath:
    """AS_PATH with numbers of two or four octets; BgpError 3/11."""
    size, at, path = 4 if wide else 2, 0, []
    while at < len(value):
        count = value[at + 1] if at + 1 < len(value) else 0
        end = at + 2 + count * size
        if value[at] not in (1, 2, 3, 4) or not count or end > len(value):
            raise BgpError(ErrorCode.UPDATE, UpdateError.AS_PATH)
        kind = SegmentKind.SET if value[at] in (1, 4) else SegmentKind.SEQUENCE
        numbers = (int.from_bytes(value[i : i + size], "big") for i in range(at + 2, end, size))
        path.append((kind, tuple(numbers)))
        at = end
    return tuple(path)


def _merge(short: AsPath, long: AsPath) -> AsPath:
    """RFC 6793 4.2.3: as much of the two-octet path as the four-octet one lacks, in front of it."""
    flat = [number for _, numbers in short for number in numbers]
    have = sum(len(numbers) for _, numbers in long)
    if have > len(flat):
        return short
    lead = tuple(flat[: len(flat) - have])
    return prepend(long, lead) if lead else long


def encode(attributes: Attributes, wide: bool) -> tuple[RawAttribute, ...]:
    """Attributes in the order of their types (5)."""
    well_known, optional = TRANSITIVE, OPTIONAL | TRANSITIVE
    every = [
        RawAttribute(well_known, Type.ORIGIN, bytes((attributes.origin,))),
        _raw(well_known, Type.AS_PATH, path_bytes(attributes.as_path, wide)),
        RawAttribute(well_known, Type.NEXT_HOP, attributes.next_hop.packed),
    ]
    if attributes.med is not None:
        every.append(RawAttribute(OPTIONAL, Type.MED, attributes.med.to_bytes(4, "big")))
    if attributes.local_pref is not None:
        every.append(RawAttribute(well_known, Type.LOCAL_PREF, attributes.local_pref.to_bytes(4, "big")))
    if attributes.atomic:
        every.append(RawAttribute(well_known, Type.ATOMIC_AGGREGATE, b""))
    if attributes.aggregator is not None:
        number, router = attributes.aggregator
        head = number.to_bytes(4, "big") if wide else min(number, 65536).to_bytes(4, "big")[2:]
        head = head if wide or number < 65536 else AS_TRANS.to_bytes(2, "big")
        every.append(RawAttribute(optional, Type.AGGREGATOR, head + router.packed))
    if attributes.communities:
        value = b"".join(each.to_bytes(4, "big") for each in attributes.communities)
        every.append(_raw(optional, Type.COMMUNITIES, value))
    if attributes.originator is not None:
        every.append(RawAttribute(OPTIONAL, Type.ORIGINATOR_ID, attributes.originator.packed))
    if attributes.clusters:
        value = b"".join(each.packed for each in attributes.clusters)
        every.append(_raw(OPTIONAL, Type.CLUSTER_LIST, value))
    if not wide and any(number > 65535 for _, numbers in attributes.as_path for number in numbers):
        every.append(_raw(optional, Type.AS4_PATH, path_bytes(attributes.as_path, True)))
    every += attributes.unknown
    return tuple(every)


def _raw(flags: int, kind: Type, value: bytes) -> RawAttribute:
    return RawAttribute(flags | (EXTENDED_LENGTH if len(value) > 255 else 0), kind, value)


def path_bytes(path: AsPath, wide: bool) -> bytes:
    """AS_PATH; numbers that do not fit into two octets become AS_TRANS."""
    out = b""
    for kind, numbers in path:
        out += bytes((kind, len(numbers)))
        for number in numbers:
            narrow = number if number < 65536 else AS_TRANS
            out += number.to_bytes(4, "big") if wide else narrow.to_bytes(2, "big")
    return out
