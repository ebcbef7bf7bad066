"""Path attributes (RFC 4271 5, RFC 1997, 4456, 6793)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.routing.bgp.capabilities import AS_TRANS
from iosemu.routing.bgp.config import Relation
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
    """Segments of an AS path (4.3; RFC 5065 3)."""

    SET = 1
    SEQUENCE = 2
    CONFED_SEQUENCE = 3
    CONFED_SET = 4


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
    EXTENDED_COMMUNITIES = 16
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


_UNITS = {Type.COMMUNITIES: 4, Type.CLUSTER_LIST: 4, Type.EXTENDED_COMMUNITIES: 8}
"""Octets that the length is a multiple of."""


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
    extended: tuple[int, ...] = ()
    """Extended communities (RFC 4360)."""

    @property
    def path_length(self) -> int:
        """For the decision process: a set counts as one (9.1.2.2 a), a confederation not at all (RFC 5065 5.3)."""
        return sum(
            len(numbers) if kind is SegmentKind.SEQUENCE else 1 for kind, numbers in public(self.as_path)
        )

    @property
    def first_as(self) -> int | None:
        """The neighboring AS; members of the confederation do not count."""
        path = public(self.as_path)
        return path[0][1][0] if path and path[0][0] is SegmentKind.SEQUENCE else None

    @property
    def in_confederation(self) -> bool:
        """The path came through other members of the confederation."""
        return any(kind in _CONFEDERATION for kind, _ in self.as_path)

    def path_text(self, dotted: bool = False) -> str:
        """`(65101 65102) 65001 65002 {65003,65004}`; `dotted`: large numbers as `1.10`."""
        texts = []
        for kind, numbers in self.as_path:
            opening, between, closing = _BRACKETS[kind]
            words = (as_text(each, dotted) for each in numbers)
            texts.append(opening + between.join(words) + closing)
        return " ".join(texts)


def automatic_tag(attributes: Attributes) -> int:
    """The tag of a path in an IGP (RFC 1403 section 4): automatic, complete, length of the path, the next AS."""
    length, complete = attributes.path_length, attributes.origin is Origin.IGP
    if length > 1:
        return 0b1110 << 28 | (attributes.first_as or 0) & 0xFFFF
    return (0b1100 if complete else 0b1000) << 28 | length << 28 | (attributes.first_as or 0) & 0xFFFF


def as_text(number: int, dotted: bool = False) -> str:
    """An AS number in asplain, or in asdot (RFC 5396 2)."""
    return f"{number >> 16}.{number & 0xFFFF}" if dotted and number > 0xFFFF else str(number)


_CONFEDERATION = (SegmentKind.CONFED_SEQUENCE, SegmentKind.CONFED_SET)
_BRACKETS = {
    SegmentKind.SEQUENCE: ("", " ", ""),
    SegmentKind.SET: ("{", ",", "}"),
    SegmentKind.CONFED_SEQUENCE: ("(", " ", ")"),
    SegmentKind.CONFED_SET: ("[", ",", "]"),
}


def public(path: AsPath) -> AsPath:
    """A path as it is outside of the confederation (RFC 5065 4 c)."""
    return tuple(each for each in path if each[0] not in _CONFEDERATION)


def prepend(path: AsPath, numbers: tuple[int, ...]) -> AsPath:
    """Put AS numbers in front of a path (5.1.2); members of the confederation stay in front of them."""
    at = next((at for at, (kind, _) in enumerate(path) if kind not in _CONFEDERATION), len(path))
    return path[:at] + _prepend(path[at:], SegmentKind.SEQUENCE, numbers)


def prepend_member(path: AsPath, number: int) -> AsPath:
    """Put a member of the confederation in front of a path (RFC 5065 4 b)."""
    return _prepend(path, SegmentKind.CONFED_SEQUENCE, (number,))


def _prepend(path: AsPath, kind: SegmentKind, numbers: tuple[int, ...]) -> AsPath:
    if path and path[0][0] is kind and len(path[0][1]) + len(numbers) <= 255:
        return ((kind, numbers + path[0][1]), *path[1:])
    return ((kind, numbers), *path)


def decode(raw: tuple[RawAttribute, ...], wide: bool, relation: Relation) -> Attributes:
    """Read and check attributes (6.3; RFC 5065 5) of a neighbor. `wide`: AS numbers have four octets.

    Raises BgpError.
    """
    internal = relation is Relation.INTERNAL
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
        path = _merge(path, public(read_path(found[Type.AS4_PATH], True)))
    members = [kind in _CONFEDERATION for kind, _ in path]
    if (relation is Relation.EXTERNAL and any(members)) or (
        relation is Relation.CONFEDERATION and not (path and path[0][0] is SegmentKind.CONFED_SEQUENCE)
    ):
        raise BgpError(ErrorCode.UPDATE, UpdateError.AS_PATH)
    return Attributes(
        Origin(origin), path, next_hop,
        _number(found.get(Type.MED)),
        _number(found.get(Type.LOCAL_PREF)) if relation is not Relation.EXTERNAL else None,
        Type.ATOMIC_AGGREGATE in found,
        _aggregator(found, wide),
        _words(found.get(Type.COMMUNITIES, b"")),
        IPv4Address(found[Type.ORIGINATOR_ID]) if internal and Type.ORIGINATOR_ID in found else None,
        tuple(map(IPv4Address, _words(found.get(Type.CLUSTER_LIST, b"")))) if internal else (),
        tuple(unknown),
        _words(found.get(Type.EXTENDED_COMMUNITIES, b""), 8),
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
    unit = _UNITS.get(Type(each.type), 1)
    if (length is not None and len(each.value) != length) or len(each.value) % unit:
        raise BgpError(ErrorCode.UPDATE, UpdateError.LENGTH, each.to_bytes())
    if each.type == Type.AGGREGATOR and len(each.value) not in (6, 8):
        raise BgpError(ErrorCode.UPDATE, UpdateError.LENGTH, each.to_bytes())


def _number(value: bytes | None) -> int | None:
    return None if value is None else int.from_bytes(value, "big")


def _words(value: bytes, size: int = 4) -> tuple[int, ...]:
    return tuple(int.from_bytes(value[at : at + size], "big") for at in range(0, len(value), size))


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
        kind = SegmentKind(value[at])
        numbers = (int.from_bytes(value[i : i + size], "big") for i in range(at + 2, end, size))
        path.append((kind, tuple(numbers)))
        at = end
    return tuple(path)


def _merge(short: AsPath, long: AsPath) -> AsPath:
    """RFC 6793 4.2.3: as much of the two-octet path as the four-octet one lacks, in front of it."""
    flat = [number for _, numbers in public(short) for number in numbers]
    have = sum(len(numbers) for _, numbers in long)
    if have > len(flat):
        return short
    lead = tuple(flat[: len(flat) - have])
    members = tuple(each for each in short if each[0] in _CONFEDERATION)
    return members + (prepend(long, lead) if lead else long)


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
    if attributes.extended:
        value = b"".join(each.to_bytes(8, "big") for each in attributes.extended)
        every.append(_raw(optional, Type.EXTENDED_COMMUNITIES, value))
    if not wide and any(number > 65535 for _, numbers in public(attributes.as_path) for number in numbers):
        every.append(_raw(optional, Type.AS4_PATH, path_bytes(public(attributes.as_path), True)))
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
