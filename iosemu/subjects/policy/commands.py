"""`route-map …`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import Enter, Output
from iosemu.subjects.policy.config import PolicyConfig, RouteMapEntry


def route_map(context: Context, name: str, action: str = "", sequence: int | None = None) -> Output:
    """`route-map NAME [permit|deny] [SEQUENCE]`."""
    maps = context.device.config.of(PolicyConfig).route_maps
    if context.off:
        if sequence is None:
            maps.pop(name, None)
        elif name in maps:
            maps[name].pop(sequence, None)
            if not maps[name]:
                del maps[name]
        return None
    number = 10 if sequence is None else sequence
    entries = maps.setdefault(name, {})
    entry = entries.setdefault(number, RouteMapEntry(name, number))
    if action:
        entry.permit = action == "permit"
    return [Enter("config-route-map", entry)]


def description(context: Context, text: str = "") -> None:
    """`description TEXT`."""
    context.edited(RouteMapEntry).description = "" if context.off else text


def match_address(context: Context, names: tuple[str, ...] = ()) -> None:
    """`match ip address ACL …`."""
    lists = context.edited(RouteMapEntry).access_lists
    if context.off:
        lists[:] = [each for each in lists if names and each not in names]
    else:
        lists += [name for name in names if name not in lists]


def match_interface(context: Context, interface: str = "") -> None:
    """`match interface NAME`."""
    names = context.edited(RouteMapEntry).interfaces
    if context.off:
        names[:] = [each for each in names if interface and each != interface]
    elif interface not in names:
        names.append(interface)


def match_tag(context: Context, tag: int | None = None) -> None:
    """`match tag N`."""
    tags = context.edited(RouteMapEntry).tags
    if context.off:
        tags[:] = [each for each in tags if tag is not None and each != tag]
    elif tag is not None and tag not in tags:
        tags.append(tag)


def set_metric(context: Context, metric: int | None = None) -> None:
    """`set metric N`."""
    context.edited(RouteMapEntry).metric = None if context.off else metric


def set_metric_type(context: Context, kind: str = "") -> None:
    """`set metric-type TYPE`."""
    context.edited(RouteMapEntry).metric_type = None if context.off else kind


def set_tag(context: Context, tag: int | None = None) -> None:
    """`set tag N`."""
    context.edited(RouteMapEntry).tag = None if context.off else tag


def show_route_map(context: Context, name: str = "") -> Iterator[str]:
    """`show route-map [NAME]`."""
    config = context.device.config.of(PolicyConfig)
    for each in config.route_maps:
        for entry in config.entries(each) if name in ("", each) else ():
            yield f"route-map {each}, {'permit' if entry.permit else 'deny'}, sequence {entry.sequence}"
            yield "  Match clauses:"
            if entry.access_lists:
                yield f"    ip address (access-lists): {' '.join(entry.access_lists)} "
            if entry.interfaces:
                yield f"    interface {' '.join(entry.interfaces)} "
            if entry.tags:
                yield f"    tag {' '.join(map(str, entry.tags))} "
            yield "  Set clauses:"
            if entry.metric is not None:
                yield f"    metric {entry.metric}"
            if entry.metric_type is not None:
                yield f"    metric-type {entry.metric_type}"
            if entry.tag is not None:
                yield f"    tag {entry.tag}"
            yield "  Policy routing matches: 0 packets, 0 bytes"
