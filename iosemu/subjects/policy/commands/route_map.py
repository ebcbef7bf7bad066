"""`route-map …`: entries, and what is said of one as a whole."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Output
from iosemu.subjects.policy.config import PolicyConfig, RouteMapEntry
from iosemu.subjects.policy.config.route_map import NEXT


def route_map(context: Context, name: str, action: str = "", sequence: int | None = None) -> Output:
    """`[no] route-map NAME [permit|deny] [SEQUENCE]`; without a number the only entry is meant."""
    maps = context.device.config.of(PolicyConfig).route_maps
    if context.off:
        _remove(maps, name, sequence)
        return None
    known = maps.get(name, {})
    if sequence is None and len(known) > 1:
        raise CommandError("% Please specify the entry by its sequence")
    number = next(iter(known), 10) if sequence is None else sequence
    entry = maps.setdefault(name, {}).setdefault(number, RouteMapEntry(name, number))
    if action:
        entry.permit = action == "permit"
    return [Enter("config-route-map", entry)]


def _remove(maps: dict[str, dict[int, RouteMapEntry]], name: str, sequence: int | None) -> None:
    if name not in maps:
        raise CommandError(f"% Could not find route-map {name}")
    if sequence is None:
        del maps[name]
        return
    maps[name].pop(sequence, None)
    if not maps[name]:
        del maps[name]


def description(context: Context, text: str = "") -> None:
    """`[no] description TEXT`."""
    context.edited(RouteMapEntry).description = "" if context.off else text


def continue_(context: Context, sequence: int | None = None) -> None:
    """`[no] continue [SEQUENCE]`: only forward, so that it comes to an end."""
    entry = context.edited(RouteMapEntry)
    if context.off:
        entry.continue_at = None
        return
    if sequence is not None and sequence <= entry.sequence:
        raise CommandError("% Continue route-map sequence must be greater than the current one")
    entry.continue_at = NEXT if sequence is None else sequence


def clear_counters(context: Context, name: str = "") -> None:
    """`clear route-map counters [NAME]`."""
    config = context.device.config.of(PolicyConfig)
    if name and name not in config.route_maps:
        raise CommandError(f"% Could not find route-map {name}")
    for each in [name] if name else config.route_maps:
        for entry in config.entries(each):
            entry.packets = entry.octets = 0
