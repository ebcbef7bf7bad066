"""`route-map …`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.routing.bgp.dampening import DampingParameters

ADDITIVE = "additive"
"""The last word of `set extcommunity rt`: what is there stays."""
NEXT = 0
"""`continue` without a number: the entry that comes next."""


@dataclass(frozen=True, slots=True)
class MetricMatch:
    """`match metric [external] N [+- DEVIATION]`."""

    value: int
    deviation: int = 0
    external: bool = False

    def matches(self, metric: int) -> bool:
        """Whether a metric is near enough."""
        return abs(metric - self.value) <= self.deviation

    def words(self) -> str:
        """As it is typed."""
        text = f"external {self.value}" if self.external else str(self.value)
        return text + (f" +- {self.deviation}" if self.deviation else "")


@dataclass(frozen=True, slots=True)
class Metric:
    """`set metric`: one number, EIGRP's five, or how much more or less (`sign`)."""

    values: tuple[int, ...]
    sign: str = ""

    def words(self) -> str:
        """As it is typed."""
        return self.sign + " ".join(map(str, self.values))


@dataclass(frozen=True, slots=True)
class SetCommunities:
    """`set community … [additive]`; none: `set community none`."""

    communities: tuple[int, ...] = ()
    additive: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """`set ip next-hop verify-availability A SEQUENCE track N`."""

    address: IPv4Address
    sequence: int
    track: int


@dataclass
class RouteMapEntry:
    """`route-map NAME permit|deny SEQUENCE`: of each kind of `match` one must fit, and all kinds must."""

    name: str
    sequence: int
    permit: bool = True
    description: str = ""
    access_lists: list[str] = field(default_factory=list)
    """`match ip address`."""
    prefix_lists: list[str] = field(default_factory=list)
    """`match ip address prefix-list`."""
    next_hop_access_lists: list[str] = field(default_factory=list)
    next_hop_prefix_lists: list[str] = field(default_factory=list)
    source_access_lists: list[str] = field(default_factory=list)
    """`match ip route-source`."""
    source_prefix_lists: list[str] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    metrics: list[MetricMatch] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    route_types: list[str] = field(default_factory=list)
    """`local`, `internal`, `external`, `external type-1`, `nssa-external`, `level-1` …"""
    protocols: list[str] = field(default_factory=list)
    """`match source-protocol`: `connected`, `ospf 1` …"""
    as_paths: list[int] = field(default_factory=list)
    communities: list[str] = field(default_factory=list)
    exact_communities: bool = False
    match_extcommunities: list[str] = field(default_factory=list)
    match_preferences: list[int] = field(default_factory=list)
    """`match local-preference`."""
    length: tuple[int, int] | None = None
    """`match length`: octets, least and most."""
    continue_at: int | None = None
    """`continue`: the entry that is asked after this one has fitted; `NEXT`: the one behind it."""
    metric: Metric | None = None
    metric_type: str | None = None
    tag: int | None = None
    automatic_tag: bool = False
    level: str | None = None
    next_hops: list[IPv4Address] = field(default_factory=list)
    next_hop_peer: bool = False
    """`set ip next-hop peer-address`."""
    next_hop_recursive: IPv4Address | None = None
    verify_availability: bool = False
    verified: dict[int, Verified] = field(default_factory=dict)
    """`set ip next-hop verify-availability A SEQUENCE track N`, by sequence."""
    default_next_hops: list[IPv4Address] = field(default_factory=list)
    out_interfaces: list[str] = field(default_factory=list)
    """`set interface`."""
    default_interfaces: list[str] = field(default_factory=list)
    precedence: int | None = None
    tos: int | None = None
    df: int | None = None
    local_preference: int | None = None
    weight: int | None = None
    origin: str | None = None
    prepend: tuple[int, ...] = ()
    prepend_last: int | None = None
    """`set as-path prepend last-as N`."""
    set_communities: SetCommunities | None = None
    delete_communities: str | None = None
    """`set comm-list LIST delete`."""
    extcommunities: dict[str, str] = field(default_factory=dict)
    """`set extcommunity rt|soo …`, as it was typed."""
    damping: DampingParameters | None = None
    """`set dampening`."""
    packets: int = field(default=0, compare=False)
    """Packets that policy routing has sent by this entry, and their octets."""
    octets: int = field(default=0, compare=False)
