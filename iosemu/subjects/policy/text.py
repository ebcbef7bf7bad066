"""The words of `match` and `set` lines: in the configuration, and in `show route-map`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.subjects.policy.config import RouteMapEntry
from iosemu.subjects.policy.config.lists import community_text
from iosemu.subjects.policy.config.route_map import ADDITIVE, NEXT

PRECEDENCES = (
    "routine",
    "priority",
    "immediate",
    "flash",
    "flash-override",
    "critical",
    "internet",
    "network",
)
"""By value (RFC 791)."""
TOS = {0: "normal", 1: "min-monetary-cost", 2: "max-reliability", 4: "max-throughput", 8: "min-delay"}
"""Types of service that have names (RFC 1349)."""


def match_rows(entry: RouteMapEntry) -> Iterator[tuple[str, str]]:
    """Each `match` line as it is typed, without the word, and as it is shown."""
    for words, label, names in (
        ("ip address", "ip address (access-lists):", entry.access_lists),
        ("ip address prefix-list", "ip address prefix-lists:", entry.prefix_lists),
        ("ip next-hop", "ip next-hop (access-lists):", entry.next_hop_access_lists),
        ("ip next-hop prefix-list", "ip next-hop prefix-lists:", entry.next_hop_prefix_lists),
        ("ip route-source", "ip route-source (access-lists):", entry.source_access_lists),
        ("ip route-source prefix-list", "ip route-source prefix-lists:", entry.source_prefix_lists),
    ):
        if names:
            yield f"{words} {' '.join(names)}", f"{label} {' '.join(names)} "
    for kind in entry.route_types:
        yield f"route-type {kind}", f"route-type {kind} "
    for name in entry.interfaces:
        yield f"interface {name}", f"interface {name} "
    for metric in entry.metrics:
        yield f"metric {metric.words()}", f"metric  {metric.words()} "
    if entry.tags:
        tags = " ".join(map(str, entry.tags))
        yield f"tag {tags}", f"tag {tags} "
    for protocol in entry.protocols:
        yield f"source-protocol {protocol}", f"source-protocol {protocol} "
    if entry.length is not None:
        yield "length {} {}".format(*entry.length), "length {} {}".format(*entry.length)
    if entry.as_paths:
        numbers = " ".join(map(str, entry.as_paths))
        yield f"as-path {numbers}", f"as-path (as-path filter): {numbers} "
    if entry.communities:
        lists, exact = " ".join(entry.communities), " exact-match" if entry.exact_communities else ""
        yield f"community {lists}{exact}", f"community (community-list filter): {lists}{exact} "
    if entry.match_extcommunities:
        lists = " ".join(entry.match_extcommunities)
        yield f"extcommunity {lists}", f"extcommunity (extcommunity-list filter):{lists} "
    if entry.match_preferences:
        values = " ".join(map(str, entry.match_preferences))
        yield f"local-preference {values}", f"local-preference {values} "


def continue_words(entry: RouteMapEntry) -> str:
    """`continue [SEQUENCE]`, empty without one."""
    if entry.continue_at is None:
        return ""
    return "continue" if entry.continue_at == NEXT else f"continue {entry.continue_at}"


def set_rows(
    entry: RouteMapEntry, new_format: bool, state: Callable[[int], str] = lambda number: ""
) -> Iterator[tuple[str, str]]:
    """Each `set` line as it is typed, without the word, and as it is shown; `state` tells of a tracked object."""
    if entry.metric is not None:
        yield (f"metric {entry.metric.words()}",) * 2
    if entry.metric_type is not None:
        yield (f"metric-type {entry.metric_type}",) * 2
    if entry.level is not None:
        yield (f"level {entry.level}",) * 2
    if entry.tag is not None:
        yield (f"tag {entry.tag}",) * 2
    if entry.automatic_tag:
        yield ("automatic-tag",) * 2
    yield from _bgp_rows(entry, new_format)
    if entry.precedence is not None:
        yield (f"ip precedence {PRECEDENCES[entry.precedence]}",) * 2
    if entry.tos is not None:
        yield (f"ip tos {TOS.get(entry.tos, entry.tos)}",) * 2
    if entry.df is not None:
        yield (f"ip df {entry.df}",) * 2
    yield from _way_rows(entry, state)


def _bgp_rows(entry: RouteMapEntry, new_format: bool) -> Iterator[tuple[str, str]]:
    if entry.prepend:
        yield (f"as-path prepend {' '.join(map(str, entry.prepend))}",) * 2
    if entry.prepend_last is not None:
        yield (f"as-path prepend last-as {entry.prepend_last}",) * 2
    if entry.local_preference is not None:
        yield (f"local-preference {entry.local_preference}",) * 2
    if entry.weight is not None:
        yield (f"weight {entry.weight}",) * 2
    if entry.delete_communities is not None:
        yield (f"comm-list {entry.delete_communities} delete",) * 2
    if entry.set_communities is not None:
        wanted = entry.set_communities
        words = " ".join(community_text(each, new_format) for each in wanted.communities) or "none"
        yield (f"community {words}{' additive' if wanted.additive else ''}",) * 2
    for kind, words in entry.extcommunities.items():
        shown = {"rt": "RT", "soo": "SoO"}.get(kind, kind)
        told = (each if each == ADDITIVE else f"{shown}:{each}" for each in words.split())
        yield f"extcommunity {kind} {words}", f"extended community {' '.join(told)}"
    if entry.damping is not None:
        each = entry.damping
        yield (f"dampening {each.half_life} {each.reuse} {each.suppress} {each.maximum}",) * 2
    if entry.origin is not None:
        yield (f"origin {entry.origin}",) * 2


def _way_rows(entry: RouteMapEntry, state: Callable[[int], str]) -> Iterator[tuple[str, str]]:
    if entry.next_hops:
        yield (f"ip next-hop {' '.join(map(str, entry.next_hops))}",) * 2
    if entry.next_hop_peer:
        yield ("ip next-hop peer-address",) * 2
    if entry.next_hop_recursive is not None:
        yield (f"ip next-hop recursive {entry.next_hop_recursive}",) * 2
    if entry.verify_availability:
        yield ("ip next-hop verify-availability",) * 2
    for _, each in sorted(entry.verified.items()):
        words = f"ip next-hop verify-availability {each.address} {each.sequence} track {each.track}"
        yield words, f"{words}  [{state(each.track)}]"
    if entry.out_interfaces:
        yield (f"interface {' '.join(entry.out_interfaces)}",) * 2
    if entry.default_next_hops:
        yield (f"ip default next-hop {' '.join(map(str, entry.default_next_hops))}",) * 2
    if entry.default_interfaces:
        yield (f"default interface {' '.join(entry.default_interfaces)}",) * 2
