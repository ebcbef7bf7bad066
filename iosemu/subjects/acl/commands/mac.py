"""`mac access-list extended NAME`, and what is typed in it."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.subjects.acl.commands.stations import enter, put
from iosemu.subjects.acl.config import AclsConfig, MacAccessList, MacEntry


def access_list(context: Context, name: str) -> Output:
    """`mac access-list extended NAME`."""
    return enter(context, "config-ext-macl", context.device.config.of(AclsConfig).mac, MacAccessList(name))


def entry(context: Context, entry: MacEntry) -> Output:
    """`permit|deny SOURCE DESTINATION [EtherType|lsap …] [cos N]`."""
    return put(context, context.edited(MacAccessList).entries, entry)
