"""`arp access-list NAME`, what is typed in it, and its show."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Output
from iosemu.subjects.acl.config import AclsConfig, ArpAccessList, ArpEntry


def access_list(context: Context, name: str) -> Output:
    """`arp access-list NAME`."""
    lists = context.device.config.of(AclsConfig).arp
    if context.off:
        lists.pop(name, None)
        return None
    return [Enter("config-arp-nacl", lists.setdefault(name, ArpAccessList(name)))]


def entry(context: Context, entry: ArpEntry) -> Output:
    """`permit|deny [request|response] ip … mac … [log]`."""
    entries = context.edited(ArpAccessList).entries
    if not context.off:
        if entry not in entries:
            entries.append(entry)
    elif entry in entries:
        entries.remove(entry)
    else:
        raise CommandError("% Specified entry does not exist")
    return None


def show(context: Context, name: str | None = None) -> Iterator[str]:
    """`show arp access-list [NAME]`."""
    for each in context.device.config.of(AclsConfig).arp.values():
        if name in (None, each.name):
            yield f"ARP access list {each.name}"
            for entry in each.entries:
                yield f"    {context.session.render.spell('arp-entry', entry)}"
