"""`show ip prefix-list`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.policy.config import PolicyConfig, PrefixEntry, PrefixList


def _meant(context: Context, name: str) -> list[PrefixList]:
    lists = context.device.config.of(PolicyConfig).prefix_lists
    if not name:
        return lists.ordered()
    found = lists.get(name)
    if found is None:
        raise CommandError("%Can't find specified prefix-list")
    return [found]


def show_prefix_list(context: Context, name: str = "", sequence: int | None = None) -> Iterator[str]:
    """`show ip prefix-list [NAME [seq N]]`."""
    for each in _meant(context, name):
        if sequence is not None:
            entry = each.entries.get(sequence)
            if entry is None:
                raise CommandError("%Can't find specified prefix-list entry")
            yield _row(entry)
            continue
        yield f"ip prefix-list {each.name}: {len(each.entries)} entries"
        if each.description:
            yield f"   Description: {each.description}"
        yield from map(_row, each.ordered())


def _row(entry: PrefixEntry) -> str:
    return f"   seq {entry.sequence} {entry.words()}"


def show_prefix_list_detail(context: Context, name: str = "") -> Iterator[str]:
    """`show ip prefix-list detail [NAME]`."""
    yield from _counted(context, name, True)


def show_prefix_list_summary(context: Context, name: str = "") -> Iterator[str]:
    """`show ip prefix-list summary [NAME]`."""
    yield from _counted(context, name, False)


def _counted(context: Context, name: str, detail: bool) -> Iterator[str]:
    config = context.device.config.of(PolicyConfig)
    meant = _meant(context, name)
    if meant and config.prefix_lists.changed:
        yield f"Prefix-list with the last deletion/insertion: {config.prefix_lists.changed}"
    for each in meant:
        entries = each.ordered()
        yield f"ip prefix-list {each.name}:"
        if each.description:
            yield f"   Description: {each.description}"
        first, last = (entries[0].sequence, entries[-1].sequence) if entries else (0, 0)
        used = 1 + sum(
            each.name in (*entry.prefix_lists, *entry.next_hop_prefix_lists, *entry.source_prefix_lists)
            for entries_of in config.route_maps.values()
            for entry in entries_of.values()
        )
        ranged = sum(entry.ranged for entry in entries)
        yield (
            f"   count: {len(entries)}, range entries: {ranged}, sequences: {first} - {last}, refcount: {used}"
        )
        if detail:
            yield from (f"{_row(entry)} (hit count: {entry.hits}, refcount: 1)" for entry in entries)


def show_prefix(context: Context, name: str, prefix: str, which: str = "") -> Iterator[str]:
    """`show ip prefix-list NAME P/L [longer | first-match]`: the entries about a prefix."""
    network = IPv4Network(prefix, strict=False)
    for each in _meant(context, name):
        if which == "first-match":
            found = each.find(network)
            entries = [found] if found is not None else []
        elif which == "longer":
            entries = [entry for entry in each.ordered() if entry.network.subnet_of(network)]
        else:
            entries = [entry for entry in each.ordered() if entry.network == network]
        yield from (f"{_row(entry)} (hit count: {entry.hits}, refcount: 1)" for entry in entries)
