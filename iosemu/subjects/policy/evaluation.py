"""Which entries of a route-map count for something, and what their `set` lines make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.net.routing import Route, RouteSource
from iosemu.routing.bgp import Attributes, Origin, extended
from iosemu.routing.bgp.attributes import prepend
from iosemu.subjects.policy.config import RouteMapEntry
from iosemu.subjects.policy.config.route_map import ADDITIVE, NEXT, Metric
from iosemu.subjects.routing.policy import BgpPath, RouteSettings

HIGHEST = 0xFFFFFFFF
"""No metric is above it."""
_ORIGINS = {"igp": Origin.IGP, "egp": Origin.EGP, "incomplete": Origin.INCOMPLETE}
_KINDS = {"E": "external", "N": "nssa-external"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route as `match` lines see it; None: it has nothing of the kind."""

    network: IPv4Network
    next_hop: IPv4Address | None
    source: IPv4Address | None
    """Who told it."""
    interface: str | None
    metric: int
    tag: int
    types: frozenset[str]
    """What `match route-type` may say of it."""
    protocol: str
    """`connected`, `static`, `ospf 1` …"""
    as_path: str | None = None
    communities: tuple[int, ...] | None = None
    extended: tuple[int, ...] | None = None
    preference: int | None = None
    """LOCAL_PREF."""


def types_of(route: Route) -> frozenset[str]:
    """The types of a route of OSPF or EIGRP."""
    kind, number = route.subtype[:1], route.subtype[1:]
    if route.source is RouteSource.OSPF and kind in _KINDS:
        return frozenset((_KINDS[kind], f"{_KINDS[kind]} type-{number}"))
    if route.source is RouteSource.EIGRP and route.subtype == "EX":
        return frozenset(("external",))
    return frozenset(("internal",)) if route.source in (RouteSource.OSPF, RouteSource.EIGRP) else frozenset()


def counting(
    entries: Sequence[RouteMapEntry], fits: Callable[[RouteMapEntry], bool]
) -> list[RouteMapEntry] | None:
    """The entries whose `set` lines count, in their order; None: denied.

    The first entry that fits decides, and with `continue` those behind it as well: what one of them denies is
    denied.
    """
    taken: list[RouteMapEntry] = []
    wanted = 0
    for entry in entries:
        if entry.sequence < wanted or not fits(entry):
            continue
        if not entry.permit:
            return None
        taken.append(entry)
        if entry.continue_at is None:
            break
        wanted = entry.sequence + 1 if entry.continue_at == NEXT else entry.continue_at
    return taken or None


def _changed(metric: Metric, before: int) -> tuple[int, ...]:
    value = metric.values[0]
    if metric.sign == "+":
        return (min(before + value, HIGHEST),)
    return (max(before - value, 0),) if metric.sign else metric.values


def route_settings(
    entries: Iterable[RouteMapEntry], before: int, automatic: int | None = None
) -> RouteSettings:
    """What entries make of a route with a metric; later ones overrule those before.

    `automatic` is the tag of `set automatic-tag`; None: the route is of no kind that has one.
    """
    made = RouteSettings()
    for entry in entries:
        if entry.metric is not None:
            base = made.metric[0] if made.metric is not None else before
            made = replace(made, metric=_changed(entry.metric, base))
        if entry.metric_type is not None:
            made = replace(made, metric_type=entry.metric_type)
        if entry.automatic_tag and automatic is not None:
            made = replace(made, tag=automatic)
        if entry.tag is not None:
            made = replace(made, tag=entry.tag)
        if entry.next_hops:
            made = replace(made, next_hop=entry.next_hops[0])
        if entry.out_interfaces:
            made = replace(made, interfaces=tuple(entry.out_interfaces))
    return made


def path_settings(
    entries: Iterable[RouteMapEntry], path: BgpPath, deleted: Callable[[str, int], bool]
) -> tuple[Attributes, int | None]:
    """What entries make of a path; `deleted` tells whether a list permits a community, which then goes."""
    made, weight = path.attributes, None
    for entry in entries:
        made = _one(made, entry, path, deleted)
        weight = weight if entry.weight is None else entry.weight
    return made, weight


def _extended(have: tuple[int, ...], subtype: int, words: list[str]) -> tuple[int, ...]:
    """Those of a subtype are others now, or with `additive` more; the rest stays."""
    wanted = {extended.community(subtype, each) for each in words if each != ADDITIVE}
    kept = {each for each in have if ADDITIVE in words or not extended.with_subtype(each, subtype)}
    return tuple(sorted(kept | wanted))


def _one(
    made: Attributes, entry: RouteMapEntry, path: BgpPath, deleted: Callable[[str, int], bool]
) -> Attributes:
    if entry.metric is not None:
        made = replace(made, med=_changed(entry.metric, made.med or 0)[0])
    if entry.local_preference is not None:
        made = replace(made, local_pref=entry.local_preference)
    if entry.origin is not None:
        made = replace(made, origin=_ORIGINS[entry.origin.split()[0]])
    if entry.prepend:
        made = replace(made, as_path=prepend(made.as_path, entry.prepend))
    if entry.prepend_last is not None:
        last = made.first_as if made.first_as is not None else path.local_as
        made = replace(made, as_path=prepend(made.as_path, (last,) * entry.prepend_last))
    name = entry.delete_communities
    if name is not None:
        made = replace(made, communities=tuple(each for each in made.communities if not deleted(name, each)))
    if entry.set_communities is not None:
        wanted = entry.set_communities
        have = {*made.communities, *wanted.communities} if wanted.additive else {*wanted.communities}
        made = replace(made, communities=tuple(sorted(have - {0})))
    for word, texts in entry.extcommunities.items():
        made = replace(made, extended=_extended(made.extended, extended.SUBTYPES[word], texts.split()))
    if entry.next_hops:
        made = replace(made, next_hop=entry.next_hops[0])
    if entry.next_hop_peer:
        made = replace(made, next_hop=path.peer if path.incoming else path.local)
    return made
