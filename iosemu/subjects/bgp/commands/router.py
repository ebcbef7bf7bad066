"""`router bgp AS` and what is typed under it, neighbors aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from ipaddress import IPv4Address, IPv4Network

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Enter
from iosemu.net.prefixes import masked
from iosemu.routing.bgp.config import Aggregation
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.subjects.bgp.config import (
    LISTEN_LIMIT,
    SESSION_FIELDS,
    BgpConfig,
    Family,
    Neighbor,
    NetworkLine,
    Redistribute,
    Router,
    Template,
)
from iosemu.subjects.bgp.running import class_length
from iosemu.subjects.routing.distances import typed
from iosemu.subjects.vrf.config import VrfsConfig

_OF_FAMILY = (
    "networks", "aggregates", "redistribute", "distance", "by_family", "damping", "maximum_paths",
    "maximum_paths_internal", "default_metric", "default_originate", "distances", "table_map",
)  # fmt: skip


def router_bgp(context: Context, number: int) -> Iterator[str | Effect] | None:
    """`[no] router bgp AS`: there is one."""
    config = context.device.config.of(BgpConfig)
    known = config.router
    if context.off:
        if known is not None and known.as_number != number:
            raise CommandError(f"BGP is already running; AS is {known.as_text(known.as_number)}")
        config.router = None
        return None
    if known is not None and known.as_number != number:
        raise CommandError(f"BGP is already running; AS is {known.as_text(known.as_number)}")
    if known is None:
        known = config.router = Router(number)
    return iter((Enter("config-router-bgp", known),))


def router_id(context: Context, address: IPv4Address | None = None) -> None:
    """`[no] bgp router-id A`."""
    context.edited(Family).router_id = None if context.off else address


def asnotation(context: Context) -> None:
    """`[no] bgp asnotation dot`: also what regular expressions of AS paths read."""
    context.edited(Router).dotted = not context.off


def cluster_id(context: Context, address: IPv4Address | None = None) -> None:
    """`[no] bgp cluster-id A`."""
    context.edited(Router).cluster_id = None if context.off else address


def log_neighbor_changes(context: Context) -> None:
    """`[no] bgp log-neighbor-changes`."""
    context.edited(Router).log_changes = not context.negated


def always_compare_med(context: Context) -> None:
    """`[no] bgp always-compare-med`."""
    context.edited(Router).always_compare_med = not context.off


def compare_routerid(context: Context) -> None:
    """`[no] bgp bestpath compare-routerid`."""
    context.edited(Router).compare_router_id = not context.off


def missing_as_worst(context: Context) -> None:
    """`[no] bgp bestpath med missing-as-worst`."""
    context.edited(Router).missing_as_worst = not context.off


def med_confederation(context: Context) -> None:
    """`[no] bgp bestpath med confed`."""
    context.edited(Router).med_confederation = not context.off


def confederation_identifier(context: Context, number: int | None = None) -> None:
    """`[no] bgp confederation identifier AS` (RFC 5065)."""
    context.edited(Router).confederation = None if context.off else number


def confederation_peers(context: Context, numbers: tuple[int, ...] = ()) -> None:
    """`[no] bgp confederation peers AS …`: what is typed again is added; `no` alone takes all of them."""
    router = context.edited(Router)
    if context.off:
        router.confederation_peers -= set(numbers) or router.confederation_peers
        return
    if router.as_number in numbers:
        raise CommandError("% Local member-AS not allowed in confed peer list")
    router.confederation_peers |= set(numbers)


def default_ipv4_unicast(context: Context) -> None:
    """`[no] bgp default ipv4-unicast`: neighbors that there are already stay as they are."""
    context.edited(Router).default_active = not context.negated


def address_family(context: Context, unicast: bool = False) -> list[Enter]:
    """`[no] address-family ipv4 [unicast]`; without it all that is of the family is gone."""
    router = context.edited(Router)
    if not context.off:
        router.by_family = True
        return [Enter("config-router-bgp-af", router)]
    blank, fresh = Router(router.as_number), Neighbor()
    for name in _OF_FAMILY:
        setattr(router, name, getattr(blank, name))
    for each in (*router.neighbors.values(), *router.groups.values()):
        for setting in fields(Neighbor):
            if setting.name not in SESSION_FIELDS:
                setattr(each, setting.name, getattr(fresh, setting.name))
    for each in router.neighbors.values():
        each.active = router.default_active
    return []


def address_family_vrf(context: Context, vrf: str) -> list[Enter]:
    """`[no] address-family ipv4 [unicast] vrf V`: the VRF has a route distinguisher."""
    router = context.edited(Router)
    if context.off:
        router.vrfs.pop(vrf, None)
        return []
    known = context.device.config.of(VrfsConfig).vrfs.get(vrf)
    if known is None or known.rd is None or not known.has_ipv4:
        raise CommandError(f"%VRF {vrf} does not exist or does not have a RD.")
    made = Family(router.as_number, vrf, templates=router.templates)
    return [Enter("config-router-bgp-vrf", router.vrfs.setdefault(vrf, made))]


def template(context: Context, kind: str, name: str) -> list[Enter]:
    """`[no] template peer-session|peer-policy NAME`."""
    templates = context.edited(Router).templates
    known = templates.sessions if kind == "peer-session" else templates.policies
    if context.off:
        known.pop(name, None)
        return []
    if name not in known:
        known[name] = Template(index=1 + max((each.index for each in known.values()), default=0))
    return [Enter(f"config-router-bgp-{kind}", known[name])]


def listen_range(context: Context, prefix: str, group: str | None = None) -> None:
    """`[no] bgp listen range A/L peer-group NAME`."""
    family, network = context.edited(Family), IPv4Network(prefix, strict=False)
    if context.off:
        family.listens.pop(network, None)
    elif group not in family.groups:
        raise CommandError("% Configure the peer-group first")
    else:
        family.listens[network] = group


def listen_limit(context: Context, count: int = LISTEN_LIMIT) -> None:
    """`[no] bgp listen limit N`."""
    context.edited(Family).listen_limit = LISTEN_LIMIT if context.off else count


def local_preference(context: Context, preference: int = 100) -> None:
    """`[no] bgp default local-preference N`."""
    context.edited(Router).local_preference = 100 if context.off else preference


def timers(context: Context, keepalive: int = 60, hold: int = 180, least: int | None = None) -> None:
    """`[no] timers bgp K H [LEAST]`: sessions that there are keep theirs."""
    chosen = None if context.off else checked_timers(keepalive, hold, least)
    context.edited(Family).timers = None if chosen == (60, 180) else chosen


def checked_timers(keepalive: int, hold: int, least: int | None = None) -> tuple[int, ...]:
    """Timers; CommandError for a hold time that no peer would take."""
    if hold in (1, 2) or least in (1, 2):
        raise CommandError("% BGP: hold time must be 0 or at least 3 seconds")
    if least is None:
        return keepalive, hold
    if least > hold:
        raise CommandError("% Minimum hold time should be less than or equal to the configured hold time")
    return keepalive, hold, least


def dampening(
    context: Context,
    half_life: int = 15,
    reuse: int = 750,
    suppress: int = 2000,
    maximum: int | None = None,
    route_map: str | None = None,
) -> None:
    """`[no] bgp dampening [H [R S M] | route-map NAME]`: minutes and penalties (RFC 2439)."""
    family = context.edited(Family)
    if context.off:
        family.damping = None
    elif route_map is not None:
        family.damping = route_map
    else:
        family.damping = damping_parameters(half_life, reuse, suppress, maximum)


def damping_parameters(half_life: int, reuse: int, suppress: int, maximum: int | None) -> DampingParameters:
    """Parameters; CommandError where they cannot work: a path would be suppressed never, or for ever."""
    if maximum is None:
        maximum = 4 * half_life
    made = DampingParameters(half_life, reuse, suppress, maximum)
    if not made.works:
        raise CommandError("% Invalid dampening parameters: the route would never be suppressed")
    return made


def maximum_paths(context: Context, count: int = 1, ibgp: bool = False) -> None:
    """`[no] maximum-paths [ibgp] N`: paths that are alike share the load."""
    family = context.edited(Family)
    if ibgp:
        family.maximum_paths_internal = 1 if context.off else count
    else:
        family.maximum_paths = 1 if context.off else count


def default_metric(context: Context, metric: int | None = None) -> None:
    """`[no] default-metric N`: the MED of what is redistributed without one of its own."""
    context.edited(Family).default_metric = None if context.off else metric


def default_information(context: Context) -> None:
    """`[no] default-information originate`: `redistribute` may take the default route, too."""
    context.edited(Family).default_originate = not context.off


def deterministic_med(context: Context) -> None:
    """`[no] bgp deterministic-med`."""
    context.edited(Router).deterministic_med = not context.off


def ignore_as_path(context: Context) -> None:
    """`[no] bgp bestpath as-path ignore`."""
    context.edited(Router).ignore_as_path = not context.off


def enforce_first_as(context: Context) -> None:
    """`[no] bgp enforce-first-as`."""
    context.edited(Router).enforce_first_as = not context.negated


def client_reflection(context: Context) -> None:
    """`[no] bgp client-to-client reflection`."""
    context.edited(Router).reflects_between_clients = not context.negated


def fast_fallover(context: Context) -> None:
    """`[no] bgp fast-external-fallover`."""
    context.edited(Router).fast_fallover = not context.negated


def distance(context: Context, external: int = 20, internal: int = 200, local: int = 200) -> None:
    """`[no] distance bgp E I L`; paths that are in the table keep theirs until they change."""
    context.edited(Family).distance = (20, 200, 200) if context.off else (external, internal, local)


def source_distance(
    context: Context, value: int, address: IPv4Address, wildcard: IPv4Address, access_list: str | None = None
) -> None:
    """`[no] distance D A W [ACL]`: of what neighbors with such addresses tell."""
    family = context.edited(Family)
    family.distances = typed(family.distances, context.off, value, address, wildcard, access_list)


def table_map(context: Context, name: str | None = None) -> None:
    """`[no] table-map NAME`: metric and tag in the routing table."""
    context.edited(Family).table_map = None if context.off else name


def synchronization(context: Context) -> None:
    """`no synchronization`: there is none to turn on."""
    if not context.off:
        raise CommandError("% BGP: synchronization is not supported")


def auto_summary(context: Context) -> None:
    """`no auto-summary`: there is none to turn on."""
    if not context.off:
        raise CommandError("% BGP: auto-summary is not supported")


def prefix_of(network: IPv4Address, mask: IPv4Address | None) -> IPv4Network:
    """A network with its mask or that of its class; CommandError where bits stand behind the mask."""
    found = (
        IPv4Network((int(network), class_length(network)), strict=False)
        if mask is None
        else masked(network, mask)
    )
    if found is None or found.network_address != network:
        raise CommandError("% Inconsistent address and mask")
    return found


def network(
    context: Context,
    network: IPv4Address,
    mask: IPv4Address | None = None,
    route_map: str | None = None,
    backdoor: bool = False,
) -> None:
    """`[no] network A [mask M] [route-map NAME | backdoor]`."""
    networks, prefix = context.edited(Family).networks, prefix_of(network, mask)
    if context.off:
        networks.pop(prefix, None)
    else:
        networks[prefix] = NetworkLine(route_map, backdoor)


def aggregate(
    context: Context,
    network: IPv4Address,
    mask: IPv4Address,
    summary_only: bool = False,
    as_set: bool = False,
    suppress: str | None = None,
    advertise: str | None = None,
    attributes: str | None = None,
) -> None:
    """`[no] aggregate-address A M [summary-only] [as-set] [suppress-map|advertise-map|attribute-map NAME] …`."""
    aggregates, prefix = context.edited(Family).aggregates, prefix_of(network, mask)
    if context.off:
        aggregates.pop(prefix, None)
    else:
        aggregates[prefix] = Aggregation(summary_only, as_set, suppress, advertise, attributes)


def redistribute(
    context: Context,
    protocol: str,
    number: int | None = None,
    metric: int | None = None,
    route_map: str | None = None,
    external_1: str | None = None,
    external_2: str | None = None,
    nssa_1: str | None = None,
    nssa_2: str | None = None,
    internal: bool = False,
    external: bool = False,
    nssa_external: bool = False,
    match: bool = False,
) -> None:
    """`[no] redistribute PROTOCOL …`: what is typed again is added to what was typed before."""
    router = context.edited(Family)
    origin = protocol if number is None else f"{protocol} {number}"
    if context.off:
        router.redistribute.pop(origin, None)
        return
    known = router.redistribute.get(origin, Redistribute())
    named = {
        "internal": internal,
        "external 1": external_1 is not None,
        "external 2": external_2 is not None,
        "nssa-external 1": nssa_1 is not None,
        "nssa-external 2": nssa_2 is not None,
    }
    kinds = frozenset(each for each, typed in named.items() if typed)
    if external and not kinds & {"external 1", "external 2"}:
        kinds |= {"external 1", "external 2"}
    if nssa_external and not kinds & {"nssa-external 1", "nssa-external 2"}:
        kinds |= {"nssa-external 1", "nssa-external 2"}
    router.redistribute[origin] = Redistribute(
        metric if metric is not None else known.metric,
        route_map if route_map is not None else known.route_map,
        known.match | kinds,
    )
