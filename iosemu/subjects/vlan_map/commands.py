"""`vlan access-map`, what is typed in it, `vlan filter`, and the shows."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.bridging.vlans import MAXIMUM, MINIMUM, format_vlan_list
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Output
from iosemu.subjects.vlan_map.config import MapEntry, VlanMaps

STEP = 10


def _maps(context: Context) -> VlanMaps:
    maps: VlanMaps = context.device.config.of(VlanMaps)
    return maps


def access_map(context: Context, name: str, sequence: int | None = None) -> Output:
    """`[no] vlan access-map NAME [N]`: without a number a new entry stands behind the others."""
    maps = _maps(context).maps
    entries = maps.get(name, {})
    if context.off:
        if not entries or (sequence is not None and sequence not in entries):
            raise CommandError("% VLAN access-map does not exist")
        if sequence is not None:
            del entries[sequence]
        if sequence is None or not entries:
            del maps[name]
        return None
    number = sequence if sequence is not None else max(entries, default=0) // STEP * STEP + STEP
    if number not in entries:
        entries[number] = MapEntry(name, number)
        maps[name] = dict(sorted(entries.items()))
    return [Enter("config-access-map", maps[name][number])]


def match(context: Context, kind: str, names: tuple[str, ...] = ()) -> Output:
    """`[no] match ip|mac address NAME…`; `no` without names takes all away."""
    entry = context.edited(MapEntry)
    lists = entry.ip if kind == "ip" else entry.mac
    if not context.off:
        lists.extend(name for name in dict.fromkeys(names) if name not in lists)
        return None
    lists[:] = [name for name in lists if names and name not in names]
    return None


def action(context: Context, what: str = "forward") -> Output:
    """`action forward|drop`."""
    context.edited(MapEntry).drop = what == "drop" and not context.off
    return None


def filter_(context: Context, name: str, vlans: tuple[int, ...] = ()) -> Output:
    """`[no] vlan filter NAME vlan-list LIST|all`."""
    filters = _maps(context).filters
    for number in vlans or range(MINIMUM, MAXIMUM + 1):
        if not context.off:
            filters[number] = name
        elif filters.get(number) == name:
            del filters[number]
    return None


def show_access_map(context: Context, name: str | None = None) -> Iterator[str]:
    """`show vlan access-map [NAME]` (outputs/show_vlan_access-map)."""
    for entries in _maps(context).maps.values():
        for entry in entries.values():
            if name not in (None, entry.name):
                continue
            yield f'Vlan access-map "{entry.name}"  {entry.sequence}'
            yield "  Match clauses:"
            if entry.ip:
                yield f"    ip  address: {' '.join(entry.ip)}"
            if entry.mac:
                yield f"    mac address: {' '.join(entry.mac)}"
            yield "  Action:"
            yield f"    {'drop' if entry.drop else 'forward'}"


def show_filter(context: Context, name: str | None = None, vlan: int | None = None) -> Iterator[str]:
    """`show vlan filter [access-map NAME | vlan V]` (outputs/show_vlan_filter)."""
    filters = _maps(context).filters
    if vlan is not None:
        has = f"filter {filters[vlan]}" if vlan in filters else "no filter"
        yield f"Vlan {vlan} has {has}."
        return
    for each, numbers in _maps(context).filtered().items():
        if name in (None, each):
            yield f"VLAN Map {each} is filtering VLANs:"
            yield f"  {format_vlan_list(numbers)}"
