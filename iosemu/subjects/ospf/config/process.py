"""What is typed under `router ospf N`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.subjects.ospf.config.area import AreaId, OspfArea
from iosemu.subjects.routing.distances import SourceDistance


@dataclass(frozen=True)
class Redistribute:
    """What follows `redistribute ORIGIN`; None: the default."""

    metric: int | None = None
    metric_type: int | None = None
    subnets: bool = False
    tag: int | None = None
    route_map: str | None = None
    match: frozenset[str] = frozenset()
    """Kinds of OSPF routes: `internal`, `external 1`, `external 2`, `nssa-external 1`, `nssa-external 2`."""

    def words(self) -> str:
        """As the running configuration has them, with a leading space."""
        text = " match" if self.match else ""
        for kind in MATCHES:
            text += f" {kind}" if kind in self.match else ""
        text += f" metric {self.metric}" if self.metric is not None else ""
        text += f" metric-type {self.metric_type}" if self.metric_type not in (None, 2) else ""
        text += " subnets" if self.subnets else ""
        text += f" tag {self.tag}" if self.tag is not None else ""
        return text + (f" route-map {self.route_map}" if self.route_map is not None else "")


MATCHES = ("internal", "external 1", "external 2", "nssa-external 1", "nssa-external 2")


@dataclass(frozen=True)
class DefaultOriginate:
    """What follows `default-information originate`."""

    always: bool = False
    metric: int | None = None
    metric_type: int | None = None
    route_map: str | None = None


@dataclass(frozen=True)
class MaxMetricRouter:
    """What follows `max-metric router-lsa`; metrics None where they are not named."""

    external: int | None = None
    include_stub: bool = False
    on_startup: int | None = None
    """Seconds."""
    summary: int | None = None


@dataclass(frozen=True)
class Summary:
    """What follows `summary-address P M`."""

    advertise: bool = True
    tag: int | None = None


@dataclass(frozen=True)
class Neighbor:
    """What follows `neighbor A`."""

    priority: int | None = None
    poll_interval: int | None = None
    cost: int | None = None


@dataclass(frozen=True)
class Filter:
    """One `distribute-list`: a list by name, and where it counts."""

    kind: str
    """`list`, `prefix` or `route-map`."""
    name: str
    where: str = ""
    """An interface (in) or a protocol (out); empty: everywhere."""


@dataclass
class OspfProcess:
    """`router ospf N`; what is None has its default."""

    number: int
    vrf: str = ""
    """The routing instance that it is for; empty: the default one."""
    vrf_lite: bool = False
    """`capability vrf-lite`: the router is none of a provider's, though the process is in a VRF."""
    router_id: IPv4Address | None = None
    networks: dict[tuple[IPv4Address, IPv4Address], AreaId] = field(default_factory=dict)
    """By address and wildcard, bits that do not count cleared."""
    areas: dict[int, OspfArea] = field(default_factory=dict)
    passive_default: bool = False
    passive: set[str] = field(default_factory=set)
    """The interfaces that are otherwise than the default."""
    reference_bandwidth: int = 100
    """Mbit/s."""
    default_information: DefaultOriginate | None = None
    default_metric: int | None = None
    redistribute: dict[str, Redistribute] = field(default_factory=dict)
    """By origin: `connected`, `eigrp 100` …"""
    filters_in: dict[tuple[str, str], Filter] = field(default_factory=dict)
    filters_out: dict[tuple[str, str], Filter] = field(default_factory=dict)
    distance: int | None = None
    distances: dict[str, int] = field(default_factory=dict)
    source_distances: list[SourceDistance] = field(default_factory=list)
    """`distance N A W [ACL]`, by the advertising router."""
    """`intra-area`, `inter-area`, `external`."""
    max_metric: MaxMetricRouter | None = None
    spf: tuple[int, int, int] | None = None
    """Start, hold, maximum in milliseconds."""
    lsa: tuple[int, int, int] | None = None
    lsa_arrival: int | None = None
    """Milliseconds."""
    flood_pacing: int | None = None
    """Milliseconds."""
    group_pacing: int | None = None
    """Seconds."""
    log_changes: str = "on"
    """`on`, `detail` or `off`."""
    maximum_paths: int | None = None
    summaries: dict[IPv4Network, Summary] = field(default_factory=dict)
    neighbors: dict[IPv4Address, Neighbor] = field(default_factory=dict)
    rfc1583: bool = True
    opaque: bool = True
    lls: bool = True

    def area(self, area: AreaId) -> OspfArea:
        """An area, made when something is first said of it."""
        return self.areas.setdefault(area.number, OspfArea(area))

    def tidy(self, area: AreaId) -> None:
        """Forget an area of which nothing is said any more."""
        if (found := self.areas.get(area.number)) is not None and found.plain:
            del self.areas[area.number]

    def is_passive(self, interface: str) -> bool:
        """Whether an interface says no hellos."""
        return (interface in self.passive) != self.passive_default

    def spelled(self, number: int) -> AreaId:
        """An area as it was first typed."""
        if number in self.areas:
            return self.areas[number].id
        return next((each for each in self.networks.values() if each.number == number), AreaId(number))
