"""`arp access-list NAME`, what is typed in it, and its show."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.subjects.acl.commands.stations import enter, put
from iosemu.subjects.acl.config import AclsConfig, ArpAccessList, ArpEntry


def access_list(context: Context, name: str) -> Output:
    """`arp access-list NAME`."""
    return enter(context, "config-arp-nacl", context.device.config.of(AclsConfig).arp, ArpAccessList(name))


def entry(context: Context, entry: ArpEntry) -> Output:
    """`permit|deny [request|response] ip … mac … [log]`."""
    return put(context, context.edited(ArpAccessList).entries, entry)


def show(context: Context, name: str | None = None) -> Iterator[str]:
    """`show arp access-list [NAME]`."""
    for each in context.device.config.of(AclsConfig).arp.values():
        if name in (None, each.name):
            yield f"ARP access list {each.name}"
            for entry in each.entries:
                yield f"    {context.session.render.spell('arp-entry', entry)}"
