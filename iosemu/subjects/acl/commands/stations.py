"""What lists of stations have in common: entries without numbers, in the order in which they were typed."""

from __future__ import annotations

from typing import TypeVar

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Output
from iosemu.subjects.acl.config import ArpAccessList, MacAccessList

Stations = TypeVar("Stations", ArpAccessList, MacAccessList)
Entry = TypeVar("Entry")


def enter(context: Context, mode: str, lists: dict[str, Stations], new: Stations) -> Output:
    """Edit the list of that name, which is `new` where there is none; or (`no`) forget it."""
    if context.off:
        lists.pop(new.name, None)
        return None
    return [Enter(mode, lists.setdefault(new.name, new))]


def put(context: Context, entries: list[Entry], entry: Entry) -> Output:
    """Add an entry behind the others, once; or (`no`) take it away."""
    if not context.off:
        if entry not in entries:
            entries.append(entry)
    elif entry in entries:
        entries.remove(entry)
    else:
        raise CommandError("% Specified entry does not exist")
    return None
