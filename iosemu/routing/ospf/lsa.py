"""Link state advertisements: header, bodies, checksum (RFC 2328 12.1 and A.4, RFC 3101, RFC 5250).

The bytes of an LSA without its age are the same on every router, so a parsed LSA is shared: equal bytes give
the same object, with the bytes kept for sending and the body parsed once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from iosemu.packets.errors import MalformedPacket
from iosemu.routing.ospf.constants import (
    DO_NOT_AGE,
    INITIAL_SEQUENCE,
    MAX_AGE,
    MAX_AGE_DIFF,
    LinkType,
    LsaType,
    Option,
)

HEADER = struct.Struct("!HBBIIiHH")
HEADER_LENGTH = 20
_LINK = struct.Struct("!IIBBH")
_TOS = struct.Struct("!BBH")
_TWO = struct.Struct("!II")
_EXTERNAL = struct.Struct("!IIII")
# Vertices of the graph are integers: a network is its link state ID, a router its ID with this bit. Networks thus
# come first among equals in the heap, as RFC 2328 16.1 (3) asks.
ROUTER_VERTEX = 1 << 32

LsaKey = tuple[int, int, int]


def is_mask(value: int) -> bool:
    """Whether a number is a network mask: ones, then zeros."""
    rest = value ^ 0xFFFFFFFF
    return rest & (rest + 1) == 0


class LsaHeader(NamedTuple):
    """The 20 octets that identify an instance; `sequence` is signed, `age` in seconds with DoNotAge."""

    age: int
    options: int
    type: int
    ls_id: int
    advertising_router: int
    sequence: int
    checksum: int
    length: int

    @property
    def key(self) -> LsaKey:
        """LS type, link state ID and advertising router (RFC 2328, 12.1)."""
        return (self.type, self.ls_id, self.advertising_router)

    @classmethod
    def parse_all(cls, data: bytes) -> list[LsaHeader]:
        """Headers one after another; MalformedPacket if the last one is cut off."""
        if len(data) % HEADER_LENGTH:
            raise MalformedPacket(f"OSPF: {len(data)} octets are no whole number of LSA headers")
        return [cls._make(fields) for fields in HEADER.iter_unpack(data)]

    def to_bytes(self) -> bytes:
        """The header as sent."""
        return HEADER.pack(*self)


def compare(a: tuple[int, int, int], b: tuple[int, int, int]) -> int:
    """Which of two instances, each (sequence, checksum, age), is newer: 1 if `a`, -1 if `b`, 0 if the same.

    RFC 2328, 13.1.
    """
    if a[0] != b[0]:
        return 1 if a[0] > b[0] else -1
    if a[1] != b[1]:
        return 1 if a[1] > b[1] else -1
    age_a, age_b = a[2] & ~DO_NOT_AGE, b[2] & ~DO_NOT_AGE
    if (age_a >= MAX_AGE) != (age_b >= MAX_AGE):
        return 1 if age_a >= MAX_AGE else -1
    if abs(age_a - age_b) > MAX_AGE_DIFF:
        return 1 if age_a < age_b else -1
    return 0


def fletcher_checksum(lsa: bytes) -> int:
    """The checksum of a whole LSA, age and checksum field left out (RFC 905 annex B, RFC 2328 12.1.7)."""
    data = lsa[2:16] + b"\0\0" + lsa[18:]
    c0 = sum(data)
    c1 = sum(accumulate(data))
    x = ((len(data) - 15) * c0 - c1) % 255 or 255
    y = 510 - c0 % 255 - x
    if y > 255:
        y -= 255
    return x << 8 | y


def fletcher_valid(lsa: bytes) -> bool:
    """Whether the checksum in a whole LSA fits."""
    data = lsa[2:]
    return lsa[16:18] != b"\0\0" and sum(data) % 255 == 0 and sum(accumulate(data)) % 255 == 0


class RouterLink(NamedTuple):
    """One link of a router-LSA; `tos` holds (TOS, metric) pairs of RFC 1583."""

    link_id: int
    link_data: int
    type: int
    metric: int
    tos: tuple[tuple[int, int], ...] = ()


class RouterLsa:
    """Body of a type 1 LSA (A.4.2)."""

    def __init__(self, flags: int, links: Iterable[RouterLink]) -> None:
        self.flags = flags
        self.links = tuple(links)

    @classmethod
    def parse(cls, data: bytes) -> RouterLsa:
        """Read the body; MalformedPacket if it is cut off or too long."""
        if len(data) < 4:
            raise MalformedPacket("OSPF: router-LSA is cut off")
        links = []
        at = 4
        for _ in range(data[2] << 8 | data[3]):
            if at + 12 > len(data):
                raise MalformedPacket("OSPF: links of a router-LSA are cut off")
            link_id, link_data, kind, count, metric = _LINK.unpack_from(data, at)
            at += 12
            if at + 4 * count > len(data):
                raise MalformedPacket("OSPF: TOS metrics of a router-LSA are cut off")
            tos = tuple((t, m) for t, _, m in _TOS.iter_unpack(data[at : at + 4 * count]))
            at += 4 * count
            links.append(RouterLink(link_id, link_data, kind, metric, tos))
        if at != len(data):
            raise MalformedPacket(f"OSPF: {len(data) - at} octets after the links of a router-LSA")
        return cls(data[0], links)

    def to_bytes(self) -> bytes:
        """The body as sent."""
        parts = [struct.pack("!BBH", self.flags, 0, len(self.links))]
        for link in self.links:
            parts.append(_LINK.pack(link.link_id, link.link_data, link.type, len(link.tos), link.metric))
            parts.extend(_TOS.pack(tos, 0, metric) for tos, metric in link.tos)
        return b"".join(parts)

    @cached_property
    def edges(self) -> tuple[tuple[int, int, RouterLink], ...]:
        """(vertex, metric, link) for what is not a stub."""
        return tuple(
            (
                link.link_id if link.type == LinkType.TRANSIT else link.link_id | ROUTER_VERTEX,
                link.metric,
                link,
            )
            for link in self.links
            if link.type != LinkType.STUB
        )

    @cached_property
    def targets(self) -> frozenset[int]:
        """The vertices that the links name, for the check that a link exists in both directions."""
        return frozenset(edge[0] for edge in self.edges)

    @cached_property
    def stubs(self) -> tuple[tuple[tuple[int, int], int], ...]:
        """((network, mask), metric) of the links to stub networks, those with a mask that is none left out."""
        return tuple(
            ((link.link_id & link.link_data, link.link_data), link.metric)
            for link in self.links
            if link.type == LinkType.STUB and is_mask(link.link_data)
        )


class NetworkLsa:
    """Body of a type 2 LSA (A.4.3)."""

    def __init__(self, mask: int, routers: Iterable[int]) -> None:
        self.mask = mask
        self.routers = tuple(routers)

    @classmethod
    def parse(cls, data: bytes) -> NetworkLsa:
        """Read the body; MalformedPacket if it is cut off."""
        if len(data) < 4 or len(data) % 4:
            raise MalformedPacket(f"OSPF: network-LSA body of {len(data)} octets")
        mask, *routers = struct.unpack(f"!{len(data) // 4}I", data)
        return cls(mask, routers)

    def to_bytes(self) -> bytes:
        """The body as sent."""
        return struct.pack(f"!{1 + len(self.routers)}I", self.mask, *self.routers)

    @cached_property
    def edges(self) -> tuple[tuple[int, int, None], ...]:
        """(vertex, 0, None) for every attached router."""
        return tuple((router | ROUTER_VERTEX, 0, None) for router in self.routers)

    @cached_property
    def targets(self) -> frozenset[int]:
        """The attached routers as vertices."""
        return frozenset(edge[0] for edge in self.edges)


class SummaryLsa(NamedTuple):
    """Body of a type 3 or 4 LSA (A.4.4); `tail` keeps TOS metrics."""

    mask: int
    metric: int
    tail: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> SummaryLsa:
        """Read the body; MalformedPacket if it is cut off."""
        if len(data) < 8:
            raise MalformedPacket("OSPF: summary-LSA is cut off")
        mask, metric = _TWO.unpack_from(data)
        return cls(mask, metric & 0xFFFFFF, data[8:])

    def to_bytes(self) -> bytes:
        """The body as sent."""
        return _TWO.pack(self.mask, self.metric) + self.tail


class ExternalLsa(NamedTuple):
    """Body of a type 5 or 7 LSA (A.4.5)."""

    mask: int
    type2: bool
    metric: int
    forwarding_address: int = 0
    tag: int = 0
    tail: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> ExternalLsa:
        """Read the body; MalformedPacket if it is cut off."""
        if len(data) < 16:
            raise MalformedPacket("OSPF: external LSA is cut off")
        mask, metric, forwarding, tag = _EXTERNAL.unpack_from(data)
        return cls(mask, bool(metric >> 31), metric & 0xFFFFFF, forwarding, tag, data[16:])

    def to_bytes(self) -> bytes:
        """The body as sent."""
        metric = self.metric | self.type2 << 31
        return _EXTERNAL.pack(self.mask, metric, self.forwarding_address, self.tag) + self.tail


class OpaqueLsa(NamedTuple):
    """Body of an opaque LSA (RFC 5250), kept as it is."""

    data: bytes

    @classmethod
    def parse(cls, data: bytes) -> OpaqueLsa:
        """Take the body."""
        return cls(data)

    def to_bytes(self) -> bytes:
        """The body as sent."""
        return self.data


Body = RouterLsa | NetworkLsa | SummaryLsa | ExternalLsa | OpaqueLsa
_BODIES: dict[int, type[Body]] = {
    LsaType.ROUTER: RouterLsa,
    LsaType.NETWORK: NetworkLsa,
    LsaType.SUMMARY: SummaryLsa,
    LsaType.ASBR_SUMMARY: SummaryLsa,
    LsaType.AS_EXTERNAL: ExternalLsa,
    LsaType.NSSA_EXTERNAL: ExternalLsa,
    LsaType.OPAQUE_LINK: OpaqueLsa,
    LsaType.OPAQUE_AREA: OpaqueLsa,
    LsaType.OPAQUE_AS: OpaqueLsa,
}


@lru_cache(maxsize=65536)
def _identity(kind: int, ls_id: int, router: int) -> tuple[LsaKey, tuple[int, int]]:
    """Key and place of an LSA: all its instances share them, and what is the same object is not compared."""
    return (kind, ls_id, router), (ls_id, router)


class Lsa:
    """One instance of an LSA without its age; shared and never changed."""

    __slots__ = (
        "_body", "_header", "advertising_router", "checksum", "content", "key", "length", "ls_id", "options",
        "place", "prefix", "sensible", "sequence", "type", "valid",
    )  # fmt: skip

    def __init__(self, content: bytes) -> None:
        """`content` is the LSA from its options on; MalformedPacket if it is not one."""
        raw = b"\0\0" + content
        self.content = content
        fields: tuple[int, ...] = HEADER.unpack_from(raw)
        (
            _,
            self.options,
            self.type,
            self.ls_id,
            self.advertising_router,
            self.sequence,
            self.checksum,
            length,
        ) = fields
        self.length = length
        # Which LSA it is, and where it is among those of its type.
        self.key, self.place = _identity(self.type, self.ls_id, self.advertising_router)
        # Whether sequence number and link state ID may be what they are.
        self.sensible = self.sequence >= INITIAL_SEQUENCE and (
            self.type != LsaType.ROUTER or self.ls_id == self.advertising_router
        )
        self._header: LsaHeader | None = None
        self.valid = fletcher_valid(raw)
        kind = _BODIES.get(self.type)
        self._body: Body | None = kind.parse(content[18:]) if kind and self.valid else None
        body = self._body
        # What the LSA is about, unless its mask is none.
        self.prefix: tuple[int, int] | None = None
        if isinstance(body, SummaryLsa | ExternalLsa) and is_mask(body.mask):
            self.prefix = (self.ls_id & body.mask, body.mask)

    @property
    def known(self) -> bool:
        """Whether the LS type is one of those in `LsaType`."""
        return self.type in _BODIES

    @property
    def router(self) -> RouterLsa:
        """The body of a type 1 LSA."""
        assert isinstance(self._body, RouterLsa)
        return self._body

    @property
    def network(self) -> NetworkLsa:
        """The body of a type 2 LSA."""
        assert isinstance(self._body, NetworkLsa)
        return self._body

    @property
    def summary(self) -> SummaryLsa:
        """The body of a type 3 or 4 LSA."""
        assert isinstance(self._body, SummaryLsa)
        return self._body

    @property
    def external(self) -> ExternalLsa:
        """The body of a type 5 or 7 LSA."""
        assert isinstance(self._body, ExternalLsa)
        return self._body

    @property
    def body(self) -> Body | None:
        """The parsed body; None if the type is unknown or the checksum wrong."""
        return self._body

    @property
    def propagates(self) -> bool:
        """Whether the P bit of a type 7 LSA is set (RFC 3101, 2.3)."""
        return bool(self.options & Option.NP.value)

    def header(self, age: int) -> LsaHeader:
        """The header with an age in seconds."""
        header = self._header  # many ask at one age
        if header is None or header.age != age:
            header = self._header = LsaHeader(
                age, self.options, *self.key, self.sequence, self.checksum, self.length
            )
        return header

    def header_bytes(self, age: int) -> bytes:
        """The header as sent with an age in seconds."""
        return age.to_bytes(2, "big") + self.content[: HEADER_LENGTH - 2]

    def same_content(self, other: Lsa) -> bool:
        """Whether options and body are equal (RFC 2328, 13.2)."""
        return self.options == other.options and self.content[18:] == other.content[18:]

    def to_bytes(self, age: int) -> bytes:
        """The LSA with an age in seconds."""
        return age.to_bytes(2, "big") + self.content


@lru_cache(maxsize=65536)
def _shared(content: bytes) -> Lsa:
    return Lsa(content)


def parse_lsa(data: bytes, at: int = 0) -> tuple[int, Lsa]:
    """Read the LSA at octet `at`: its age and the shared rest; MalformedPacket if it is cut off."""
    if len(data) - at < HEADER_LENGTH:
        raise MalformedPacket("OSPF: LSA header is cut off")
    length = data[at + 18] << 8 | data[at + 19]
    if length < HEADER_LENGTH or at + length > len(data):
        raise MalformedPacket(f"OSPF: LSA length {length} with {len(data) - at} octets left")
    return data[at] << 8 | data[at + 1], _shared(data[at + 2 : at + length])


def build_lsa(kind: int, ls_id: int, router: int, sequence: int, options: int, body: bytes) -> Lsa:
    """Make an instance with its checksum; struct.error if a field does not fit."""
    raw = HEADER.pack(0, options, kind, ls_id, router, sequence, 0, HEADER_LENGTH + len(body)) + body
    checksum = fletcher_checksum(raw)
    return _shared(raw[2:16] + checksum.to_bytes(2, "big") + raw[18:])
