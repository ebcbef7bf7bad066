"""`router bgp AS`."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from iosemu.box.debugging import DebugFlag
from iosemu.box.passwords import Password
from iosemu.net.route import Route, RouteSource
from iosemu.routing.bgp import SpeakerConfig
from iosemu.routing.bgp.attributes import as_text
from iosemu.routing.bgp.config import Aggregation, LocalAs
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.subjects.routing.distances import SourceDistance

LISTEN_LIMIT = 100
"""Neighbors that may come from `bgp listen range`."""
UPDATES = DebugFlag("BGP updates", "BGP")
EVENTS = DebugFlag("BGP events", "BGP")
KEEPALIVES = DebugFlag("BGP keepalives", "BGP")
DAMPENING = DebugFlag("BGP dampening", "BGP")
FLAGS = {"updates": UPDATES, "events": EVENTS, "keepalives": KEEPALIVES, "dampening": DAMPENING}
"""By the word behind `debug ip bgp`."""


@dataclass(frozen=True, slots=True)
class AdvertiseMap:
    """`advertise-map A exist-map|non-exist-map B`: what A permits is told while B permits a path, or none."""

    name: str
    condition: str
    exists: bool

    def words(self) -> str:
        """As it is typed."""
        return f"advertise-map {self.name} {'' if self.exists else 'non-'}exist-map {self.condition}"


@dataclass
class NetworkLine:
    """`network A [mask M] …`."""

    route_map: str | None = None
    backdoor: bool = False
    """It is not originated: what other ASs tell of it has the distance of local routes."""


@dataclass
class Neighbor:
    """`neighbor WHO …` of a neighbor or a peer group; None and False: not typed."""

    remote_as: int | None = None
    peer_group: str | None = None
    description: str | None = None
    password: Password | None = None
    shutdown: bool = False
    active: bool = True
    """`activate`: IPv4 unicast is spoken with it. A group is active with its members."""
    update_source: str | None = None
    ebgp_multihop: int | None = None
    ttl_security: int | None = None
    disable_connected_check: bool = False
    """A neighbor of another AS may be a loopback of the next router."""
    next_hop_self: bool = False
    route_reflector_client: bool = False
    send_community: bool = False
    send_extended: bool = False
    """`send-community extended` or `both`."""
    soft_reconfiguration: bool = False
    weight: int | None = None
    maximum_prefix: tuple[int, bool, int | None] | None = None
    """Prefixes, whether only to warn, and minutes until the next try."""
    maximum_prefix_warning: int | None = None
    """Per cent of them at which a warning is due."""
    timers: tuple[int, ...] | None = None
    """Keepalive interval and hold time, and perhaps the least hold time that a peer may offer, seconds."""
    advertisement_interval: int | None = None
    default_originate: bool = False
    default_map: str | None = None
    """`default-originate route-map`: told while the map permits a route of the table."""
    allowas_in: int | None = None
    remove_private_as: bool = False
    passive: bool = False
    two_octets: bool = False
    """`dont-capability-negotiate four-octets-as`."""
    inherit_session: str | None = None
    inherit_policy: str | None = None
    """Templates whose settings count where there are none here."""
    inherit_sequence: int = 0
    """The number behind `inherit peer-policy`, as it was typed: each inherits from one template only."""
    local_as: LocalAs | None = None
    fall_over: bool = False
    """The session ends with the route to it."""
    next_hop_unchanged: bool = False
    as_override: bool = False
    unsuppress_map: str | None = None
    advertise_map: AdvertiseMap | None = None
    distribute_in: str | None = None
    distribute_out: str | None = None
    prefix_in: str | None = None
    prefix_out: str | None = None
    filter_in: int | None = None
    """`filter-list`: an `ip as-path access-list`."""
    filter_out: int | None = None
    route_map_in: str | None = None
    route_map_out: str | None = None

    def over(self, group: Neighbor | None) -> Neighbor:
        """What counts: what was typed here, else what the peer group says."""
        if group is None:
            return self
        merged = Neighbor()
        for each in fields(Neighbor):
            own = getattr(self, each.name)
            setattr(merged, each.name, getattr(group, each.name) if own in (None, False) else own)
        merged.active = self.active
        return merged


@dataclass
class Template(Neighbor):
    """`template peer-session NAME` or `peer-policy NAME`; `index` counts them."""

    index: int = 0


@dataclass
class Templates:
    """Those of a router, by name."""

    sessions: dict[str, Template] = field(default_factory=dict)
    policies: dict[str, Template] = field(default_factory=dict)

    def under(self, own: Neighbor) -> Neighbor:
        """What counts for a neighbor or template: its own settings, then those that it inherits."""
        made = own
        for known, attribute in ((self.sessions, "inherit_session"), (self.policies, "inherit_policy")):
            each = known.get(getattr(own, attribute) or "")
            while each is not None:
                made = made.over(each)
                each = known.get(getattr(each, attribute) or "")
        return made


SESSION_FIELDS = (
    "remote_as", "peer_group", "description", "password", "shutdown", "ebgp_multihop", "ttl_security", "passive",
    "disable_connected_check", "update_source", "timers", "local_as", "fall_over",
    "two_octets", "inherit_session",
)  # fmt: skip
"""Of a neighbor: what is of its session; the rest is of the address family."""


OSPF_KINDS = {
    "": "internal",
    "IA": "internal",
    "E1": "external 1",
    "E2": "external 2",
    "N1": "nssa-external 1",
    "N2": "nssa-external 2",
}
"""The word of `match` for the routes of OSPF, by what follows the letter in `show ip route`."""
_INTERNAL = frozenset({"internal"})


@dataclass
class Redistribute:
    """`redistribute PROTOCOL …`."""

    metric: int | None = None
    route_map: str | None = None
    match: frozenset[str] = frozenset()
    """Kinds of OSPF routes; empty: internal ones only."""

    def takes(self, route: Route) -> bool:
        """Whether routes of this kind are redistributed."""
        return route.source is not RouteSource.OSPF or OSPF_KINDS[route.subtype] in (self.match or _INTERNAL)

    def words(self) -> str:
        """What stands behind the protocol, with a leading blank."""
        kinds = " ".join(each for each in dict.fromkeys(OSPF_KINDS.values()) if each in self.match)
        text = f" match {kinds}" if kinds else ""
        text += f" metric {self.metric}" if self.metric is not None else ""
        return text + (f" route-map {self.route_map}" if self.route_map is not None else "")


@dataclass
class Family:
    """IPv4 unicast in one routing instance: `address-family ipv4 vrf V`, or what is of the default one."""

    as_number: int
    vrf: str = ""
    router_id: IPv4Address | None = None
    default_active: bool = True
    """`bgp default ipv4-unicast`: new neighbors are active; those in a VRF always are."""
    distance: tuple[int, int, int] = (20, 200, 200)
    distances: list[SourceDistance] = field(default_factory=list)
    """`distance D A W [ACL]`: of what some neighbors tell."""
    table_map: str | None = None
    """Changes the metric and tag of what is put into the routing table."""
    timers: tuple[int, ...] | None = None
    """`timers bgp`: keepalive interval, hold time, and perhaps the least hold time of a peer, seconds."""
    damping: DampingParameters | str | None = None
    """`bgp dampening`: for all paths, or by a route-map."""
    maximum_paths: int = 1
    maximum_paths_internal: int = 1
    default_metric: int | None = None
    default_originate: bool = False
    """`default-information originate`: the default route may be redistributed."""
    networks: dict[IPv4Network, NetworkLine] = field(default_factory=dict)
    aggregates: dict[IPv4Network, Aggregation] = field(default_factory=dict)
    redistribute: dict[str, Redistribute] = field(default_factory=dict)
    listens: dict[IPv4Network, str] = field(default_factory=dict)
    """`bgp listen range`: neighbors from there are made as members of a peer group when they call."""
    listen_limit: int = LISTEN_LIMIT
    templates: Templates = field(default_factory=Templates)
    groups: dict[str, Neighbor] = field(default_factory=dict)
    neighbors: dict[IPv4Address, Neighbor] = field(default_factory=dict)

    def effective(self, address: IPv4Address) -> Neighbor:
        """A neighbor with what its peer group and its templates say."""
        own = self.neighbors[address]
        if own.inherit_session is not None or own.inherit_policy is not None:
            return self.templates.under(own)
        return own.over(self.groups.get(own.peer_group) if own.peer_group is not None else None)

    def listening(self, address: IPv4Address) -> str | None:
        """The peer group of the narrowest range that an address is in; None: it is in none."""
        found = [each for each in self.listens if address in each]
        return self.listens[max(found, key=lambda each: each.prefixlen)] if found else None


@dataclass
class Router(Family):
    """What was typed under `router bgp`."""

    cluster_id: IPv4Address | None = None
    log_changes: bool = True
    always_compare_med: bool = False
    compare_router_id: bool = False
    med_confederation: bool = False
    confederation: int | None = None
    confederation_peers: set[int] = field(default_factory=set)
    dotted: bool = False
    """`bgp asnotation dot`: AS numbers of more than 16 bits are told as two."""
    by_family: bool = False
    """`address-family ipv4` was typed: the configuration is told by address family."""
    missing_as_worst: bool = False
    deterministic_med: bool = False
    ignore_as_path: bool = False
    enforce_first_as: bool = True
    reflects_between_clients: bool = True
    """`bgp client-to-client reflection`: clients that are not meshed themselves hear of each other's paths."""
    fast_fallover: bool = True
    """`bgp fast-external-fallover`: sessions end with the line of their interface."""
    local_preference: int = 100
    vrfs: dict[str, Family] = field(default_factory=dict)
    """`address-family ipv4 vrf V`, by the names."""

    def as_text(self, number: int) -> str:
        """An AS number in the notation that is configured."""
        return as_text(number, self.dotted)

    @property
    def families_shown(self) -> bool:
        """Whether the configuration is told by address family."""
        return self.by_family or not self.default_active

    def speaker_config(self, router_id: IPv4Address, family: Family) -> SpeakerConfig:
        """What the engine of a family is told."""
        return SpeakerConfig(
            self.as_number, router_id, self.cluster_id, self.local_preference, self.always_compare_med,
            self.compare_router_id, self.missing_as_worst, self.med_confederation, self.deterministic_med,
            self.ignore_as_path, family.maximum_paths, family.maximum_paths_internal, self.enforce_first_as,
            self.confederation, frozenset(self.confederation_peers), self.reflects_between_clients,
        )  # fmt: skip


@dataclass
class BgpStyle:
    """How images differ."""

    stem: ClassVar[str] = "bgp"
    synchronization: bool = False
    """`no synchronization` and `no auto-summary` are told, as the defaults they once were not."""


@dataclass
class BgpConfig:
    """The one BGP of a box, None without."""

    router: Router | None = None
