"""`mac access-list extended NAME`, and what is typed in it."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Output
from iosemu.subjects.acl.config import AclsConfig, MacAccessList, MacEntry


def access_list(context: Context, name: str) -> Output:
    """`mac access-list extended NAME`."""
    lists = context.device.config.of(AclsConfig).mac
    if context.off:
        lists.pop(name, None)
        return None
    return [Enter("config-ext-macl", lists.setdefault(name, MacAccessList(name)))]


def entry(context: Context, entry: MacEntry) -> Output:
    """`permit|deny SOURCE DESTINATION [EtherType|lsap …] [cos N]`."""
    entries = context.edited(MacAccessList).entries
    if not context.off:
        if entry not in entries:
            entries.append(entry)
    elif entry in entries:
        entries.remove(entry)
    else:
        raise CommandError("% Specified entry does not exist")
    return None
