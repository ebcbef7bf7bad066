"""`match …` of a route-map: each line adds to what is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.policy.config import RouteMapEntry
from iosemu.subjects.policy.config.route_map import MetricMatch

ValueT = TypeVar("ValueT")


def _edit(context: Context, items: list[ValueT], values: Iterable[ValueT]) -> None:
    """Add values, or take them away; `no` without any takes all."""
    wanted = list(values)
    if context.off:
        items[:] = [each for each in items if wanted and each not in wanted]
    else:
        items += [each for each in dict.fromkeys(wanted) if each not in items]


def address(context: Context, names: tuple[str, ...] = ()) -> None:
    """`match ip address LIST …`."""
    _edit(context, context.edited(RouteMapEntry).access_lists, names)


def address_prefix(context: Context, names: tuple[str, ...] = ()) -> None:
    """`match ip address prefix-list LIST …`."""
    _edit(context, context.edited(RouteMapEntry).prefix_lists, names)


def next_hop(context: Context, names: tuple[str, ...] = ()) -> None:
    """`match ip next-hop LIST …`."""
    _edit(context, context.edited(RouteMapEntry).next_hop_access_lists, names)


def next_hop_prefix(context: Context, names: tuple[str, ...] = ()) -> None:
    """`match ip next-hop prefix-list LIST …`."""
    _edit(context, context.edited(RouteMapEntry).next_hop_prefix_lists, names)


def route_source(context: Context, names: tuple[str, ...] = ()) -> None:
    """`match ip route-source LIST …`."""
    _edit(context, context.edited(RouteMapEntry).source_access_lists, names)


def route_source_prefix(context: Context, names: tuple[str, ...] = ()) -> None:
    """`match ip route-source prefix-list LIST …`."""
    _edit(context, context.edited(RouteMapEntry).source_prefix_lists, names)


def interface(context: Context, interfaces: tuple[str, ...] = ()) -> None:
    """`match interface NAME …`."""
    _edit(context, context.edited(RouteMapEntry).interfaces, interfaces)


def tag(context: Context, tags: tuple[int, ...] = ()) -> None:
    """`match tag N …`."""
    _edit(context, context.edited(RouteMapEntry).tags, tags)


def metric(context: Context, value: int | None = None, deviation: int = 0, external: bool = False) -> None:
    """`match metric [external] N [+- DEVIATION]`."""
    wanted = () if value is None else (MetricMatch(value, deviation, external),)
    _edit(context, context.edited(RouteMapEntry).metrics, wanted)


def route_type(context: Context, kind: str = "", part: str = "") -> None:
    """`match route-type KIND [type-1 | type-2]`."""
    _edit(context, context.edited(RouteMapEntry).route_types, [f"{kind} {part}".strip()] if kind else [])


def source_protocol(context: Context, protocol: str = "", number: int | None = None) -> None:
    """`match source-protocol PROTOCOL [NUMBER]`."""
    word = protocol if number is None else f"{protocol} {number}"
    _edit(context, context.edited(RouteMapEntry).protocols, [word] if word else [])


def length(context: Context, least: int | None = None, most: int | None = None) -> None:
    """`match length LEAST MOST`: octets of a packet."""
    entry = context.edited(RouteMapEntry)
    if context.off or least is None or most is None:
        entry.length = None
    elif least > most:
        raise CommandError("% Minimum length must not exceed the maximum length")
    else:
        entry.length = (least, most)


def as_path(context: Context, numbers: tuple[int, ...] = ()) -> None:
    """`match as-path LIST …`."""
    _edit(context, context.edited(RouteMapEntry).as_paths, numbers)


def extcommunity(context: Context, names: tuple[str, ...] = ()) -> None:
    """`match extcommunity LIST …`."""
    _edit(context, context.edited(RouteMapEntry).match_extcommunities, names)


def local_preference(context: Context, values: tuple[int, ...] = ()) -> None:
    """`match local-preference N …`."""
    _edit(context, context.edited(RouteMapEntry).match_preferences, values)


def community(context: Context, names: tuple[str, ...] = (), exact_match: bool = False) -> None:
    """`match community LIST … [exact-match]`."""
    entry = context.edited(RouteMapEntry)
    _edit(context, entry.communities, names)
    entry.exact_communities = exact_match and not context.off
