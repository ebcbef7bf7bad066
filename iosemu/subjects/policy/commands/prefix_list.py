"""`ip prefix-list …`."""

from __future__ import annotations

from ipaddress import IPv4Network

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.policy.config import PolicyConfig, PrefixEntry, PrefixList, PrefixLists

HIGHEST = 0xFFFFFFFE
"""The highest sequence number."""


def _lists(context: Context) -> PrefixLists:
    return context.device.config.of(PolicyConfig).prefix_lists


def entry(
    context: Context,
    name: str,
    action: str = "",
    prefix: str = "",
    sequence: int | None = None,
    ge: int | None = None,
    le: int | None = None,
) -> None:
    """`[no] ip prefix-list NAME [seq N] permit|deny P/L [ge N] [le N]`; CommandError where it cannot be."""
    lists = _lists(context)
    if not action:
        _remove(lists, name, sequence)
        return
    made = PrefixEntry(
        sequence or 0, action == "permit", IPv4Network(prefix, strict=False), ge or None, le or None
    )
    low = made.ge if made.ge is not None else made.network.prefixlen + 1
    if (made.ge is not None and made.ge <= made.network.prefixlen) or (made.le is not None and made.le < low):
        raise CommandError(f"% Invalid prefix range for {prefix}, make sure: len < ge-value <= le-value")
    if made.ge is not None and made.le == made.network.max_prefixlen:
        made.le = None  # it says nothing
    if context.off:
        _remove_rule(lists, name, made, sequence)
        return
    found = lists.get(name) or PrefixList(name)
    same = next((each for each in found.ordered() if each.same_rule(made)), None)
    if same is not None:
        if sequence not in (None, same.sequence):
            raise CommandError(
                f"%Insertion failed - prefix-list entry exists: {same.sequence} {same.words()}"
            )
        return
    if sequence in found.entries:
        raise CommandError(f"%Insertion failed - seq # exists: {sequence}")
    made.sequence = found.next_sequence if sequence is None else sequence
    if made.sequence > HIGHEST:
        raise CommandError("%Insertion failed - seq # too high")
    lists.lists[name] = found
    found.entries[made.sequence] = made
    lists.changed = name


def _found(lists: PrefixLists, name: str) -> PrefixList:
    found = lists.get(name)
    if found is None:
        raise CommandError("%Can't find specified prefix-list")
    return found


def _remove(lists: PrefixLists, name: str, sequence: int | None) -> None:
    found = _found(lists, name)
    if sequence is None:
        del lists.lists[name]
    elif found.entries.pop(sequence, None) is None:
        raise CommandError("%Can't find specified prefix-list entry")
    elif not found.entries and not found.description:
        del lists.lists[name]
    lists.changed = name


def _remove_rule(lists: PrefixLists, name: str, rule: PrefixEntry, sequence: int | None) -> None:
    found = _found(lists, name)
    known = next((each for each in found.ordered() if each.same_rule(rule)), None)
    if known is None or sequence not in (None, known.sequence):
        raise CommandError("%Can't find specified prefix-list entry")
    _remove(lists, name, known.sequence)


def description(context: Context, name: str, text: str = "") -> None:
    """`[no] ip prefix-list NAME description TEXT`."""
    lists = _lists(context)
    if not context.off:
        lists.lists.setdefault(name, PrefixList(name)).description = text
        return
    found = _found(lists, name)
    found.description = ""
    if not found.entries:
        del lists.lists[name]


def sequence_number(context: Context) -> None:
    """`[no] ip prefix-list sequence-number`: whether the configuration shows the numbers."""
    _lists(context).numbered = not context.negated


def clear(context: Context, name: str = "", prefix: str = "") -> None:
    """`clear ip prefix-list [NAME [P/L]]`: the counts begin at 0."""
    lists = _lists(context)
    meant = [_found(lists, name)] if name else lists.ordered()
    for each in meant:
        for item in each.entries.values():
            if not prefix or item.network == IPv4Network(prefix, strict=False):
                item.hits = 0
