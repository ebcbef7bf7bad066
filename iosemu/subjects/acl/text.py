"""Access control entries as configuration and shows print them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from ipaddress import IPv4Address

from iosemu.handling.context import Render
from iosemu.subjects.acl.config import (
    AccessList,
    Action,
    AddressMatch,
    Entry,
    MacEntry,
    PortMatch,
    ServiceGroup,
    TimeRange,
)
from iosemu.subjects.acl.reflexive import SessionKey


def entry_words(render: Render, access_list: AccessList, entry: Entry) -> str:
    """`permit tcp any host 10.0.0.1 eq www`."""
    if entry.evaluate:
        return f"evaluate {entry.evaluate}"
    return render.spell("extended-entry" if access_list.extended else "standard-entry", entry)


def configuration_words(render: Render, access_list: AccessList, entry: Entry) -> str:
    """The same with the spaces that running-config has after `deny`."""
    action, _, rest = entry_words(render, access_list, entry).partition(" ")
    return f"{action:<6} {rest}"


def mac_words(render: Render, entry: MacEntry) -> str:
    """`deny   any any aarp`: an entry of a MAC access list, everywhere."""
    action, _, rest = str(render.spell("mac-entry", entry)).partition(" ")
    return f"{action:<6} {rest}"


def standard_words(entry: Entry, pad: bool, wildcard_bits: bool, host_word: bool) -> str:
    """A standard entry as shows write it: `permit 10.0.0.0, wildcard bits 0.0.0.255`."""
    action = f"{entry.action.value:<6}" if pad else entry.action.value
    source = entry.source
    if source.is_any:
        address = "any"
    elif source.is_host:
        address = ("host " if host_word else "") + str(IPv4Address(source.address))
    else:
        separator = ", wildcard bits " if wildcard_bits else " "
        address = f"{IPv4Address(source.address)}{separator}{IPv4Address(source.wildcard)}"
    return f"{action} {address}" + (f" {entry.log}" if entry.log else "")


def session_words(render: Render, key: SessionKey) -> str:
    """What a temporary entry of a reflexive list permits."""
    source, destination = (
        None if port is None else PortMatch("eq", (port,)) for port in (key.source_port, key.destination_port)
    )
    entry = Entry(
        Action.PERMIT,
        AddressMatch(key.source),
        AddressMatch(key.destination),
        key.protocol,
        source_ports=source,
        destination_ports=destination,
    )
    words = str(render.spell("extended-entry", entry))
    return words if key.source_port is not None else f"{words} "


def service_words(render: Render, group: ServiceGroup) -> Iterator[str]:
    """The lines of a service group."""
    yield from (render.spell("service-member", each) for each in group.members)
    yield from (f"group-object {name}" for name in group.groups)


def _moment(when: datetime) -> str:
    return f"{when:%H:%M %d %B %Y}"


def time_range_words(time_range: TimeRange) -> Iterator[str]:
    """The lines of a time range."""
    start = f" start {_moment(time_range.start)}" if time_range.start is not None else ""
    end = f" end {_moment(time_range.end)}" if time_range.end is not None else ""
    if start or end:
        yield f"absolute{start}{end}"
    yield from (f"periodic {each.text}" for each in time_range.periodic)
