"""What access lists tell a trace: which line judged a packet."""

from __future__ import annotations

from iosemu.ip.tracing import describe
from iosemu.net.tracing import Line, Span
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.acl.config import AccessList, Entry

_ACTIONS = ("permit", "deny", "evaluate", "dynamic")


def line_of(access_list: AccessList, entry: Entry) -> Line:
    """Where the running configuration has an entry."""
    place = next((index for index, each in enumerate(access_list.entries) if each is entry), 0)
    if access_list.numbered:
        return Line("", tuple(f"access-list {access_list.name} {each}" for each in _ACTIONS), place)
    form = "extended" if access_list.extended else "standard"
    return Line(f"ip access-list {form} {access_list.name}", _ACTIONS, place)


def sequence_of(access_list: AccessList, entry: Entry) -> int:
    """The number of an entry."""
    return next((number for number, each in access_list.items.items() if each is entry), 0)


def judged(device: str, span: Span, access_list: AccessList, entry: Entry | None, packet: IPv4Packet) -> None:
    """A list was asked about a packet; without an entry it ends at the implicit deny."""
    if entry is None:
        text = f"{access_list.name} has no line about {describe(packet)}: denied at its end"
        form = "extended" if access_list.extended else "standard"
        named = () if access_list.numbered else (Line(f"ip access-list {form} {access_list.name}"),)
        span.note(device, "access list", text, *named)
        return
    verb = "permits" if entry.action.value == "permit" else "denies"
    text = f"{access_list.name} line {sequence_of(access_list, entry)} {verb} {describe(packet)}"
    span.note(device, "access list", text, line_of(access_list, entry))
