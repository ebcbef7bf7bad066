"""Access lists: `access-list`, `ip access-list`, their shows and counters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context, Render
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, Output
from iosemu.subjects.acl.config import (
    AccessGroups,
    AccessList,
    AclsConfig,
    Action,
    Entry,
    is_extended_number,
    ordered,
)
from iosemu.subjects.acl.reflexive import DEFAULT_TIMEOUT
from iosemu.subjects.acl.text import entry_words, mac_words, session_words, standard_words


@dataclass(frozen=True)
class AclStyle:
    """How `show access-lists` prints."""

    stem: ClassVar[str] = "acl"
    matches: str = "({count} matches)"
    single: str = "(1 match)"
    """For a count of one; empty: as any other count."""
    wildcard_bits: bool = True
    standard_padding: bool = True
    host_word: bool = False


def _acls(context: Context) -> AclsConfig:
    acls: AclsConfig = context.device.config.of(AclsConfig)
    return acls


def _list(context: Context, name: str, extended: bool) -> AccessList:
    try:
        return _acls(context).make(name, extended)
    except ValueError:
        kind = "standard" if extended else "extended"
        raise CommandError(f"% A named {kind} IP access list with this name already exists") from None


def numbered(context: Context, number: int, entry: Entry | None = None) -> Output:
    """`access-list N permit|deny …`; `no access-list N` removes the list whatever follows."""
    if entry is not None and entry.reflect and not context.off:
        raise InvalidArgument("entry")  # only lists with a name reflect
    if context.off or entry is None:
        _acls(context).lists.pop(str(number), None)
    else:
        _list(context, str(number), is_extended_number(number)).add(_acls(context).bound(entry))
    return None


def numbered_remark(context: Context, number: int, text: str = "") -> Output:
    """`access-list N remark TEXT`."""
    if context.off:
        _acls(context).lists.pop(str(number), None)
        return None
    _list(context, str(number), is_extended_number(number)).add_remark(text)
    return None


def named(context: Context, kind: str, name: str) -> Output:
    """`ip access-list standard|extended NAME`."""
    acls = _acls(context)
    extended = kind == "extended"
    if context.off:
        found = acls.get(name)
        if found is None:
            return None
        if found.extended != extended:
            raise CommandError("% Invalid access list name.")
        del acls.lists[name]
        return None
    if name.isdigit() and is_extended_number(int(name)) != extended:
        raise CommandError("% Invalid access list name.")
    return [Enter("config-ext-nacl" if extended else "config-std-nacl", _list(context, name, extended))]


def resequence(context: Context, name: str, start: int = 10, step: int = 10) -> Output:
    """`ip access-list resequence NAME START STEP`."""
    found = _acls(context).get(name)
    if found is None:
        raise CommandError("% Access list does not exist")
    found.resequence(start, step)
    return None


def entry(context: Context, entry: Entry, sequence: int | None = None) -> Output:
    """`[N] permit|deny …` in a named list."""
    target = context.edited(AccessList)
    if context.off:
        if not (target.remove_sequence(sequence) if sequence is not None else target.remove(entry)):
            raise CommandError("% Specified entry does not exist")
        return None
    try:
        target.add(_acls(context).bound(entry), sequence)
    except ValueError:
        raise CommandError("% Duplicate sequence number") from None
    return None


def evaluate(context: Context, name: str, sequence: int | None = None) -> Output:
    """`[N] evaluate NAME` in a named list."""
    return entry(context, Entry(Action.PERMIT, evaluate=name), sequence)


def reflexive_timeout(context: Context, seconds: int = DEFAULT_TIMEOUT) -> None:
    """`ip reflexive-list timeout N`."""
    _acls(context).reflexive_timeout = DEFAULT_TIMEOUT if context.off else seconds


def remove_sequence(context: Context, sequence: int) -> Output:
    """`no N` in a named list; without `no` the line is incomplete."""
    target = context.edited(AccessList)
    if not context.off:
        raise CommandError("% Incomplete command.\n")
    if not target.remove_sequence(sequence):
        raise CommandError("% Specified sequence number does not exist")
    return None


def remark(context: Context, text: str = "") -> Output:
    """`remark TEXT` in a named list."""
    target = context.edited(AccessList)
    if context.off:
        target.remove_remark(text)
    else:
        target.add_remark(text)
    return None


def threshold(context: Context, count: int = 0) -> Output:
    """`ip access-list log-update threshold N`."""
    _acls(context).threshold = 0 if context.off else count
    return None


def show_access_lists(context: Context, name: str | None = None) -> Iterator[str]:
    """`show access-lists [NAME]`, `show ip access-lists [NAME]`."""
    style = context.device.image.style(AclStyle)
    for each in ordered(_acls(context)):
        if name is None or each.name == name:
            yield from describe(each, style, context.session.render)
    for reflexive in sorted(_acls(context).reflexive.values(), key=lambda each: each.name):
        if name is None or reflexive.name == name:
            yield f"Reflexive IP access list {reflexive.name}"
            for key, session, left in reflexive.listing(context.device.now):
                words = session_words(context.session.render, key)
                count = style.matches.format(count=session.matches)
                if session.matches == 1 and style.single:
                    count = style.single
                yield f"     {words} {count} (time left {left})"
    if "ip" not in context.words:
        for mac in _acls(context).mac.values():
            if name in (None, mac.name):
                yield f"Extended MAC access list {mac.name}"
                yield from (f"    {mac_words(context.session.render, each)}" for each in mac.entries)


def describe(access_list: AccessList, style: AclStyle, render: Render) -> Iterator[str]:
    """The lines of one list."""
    yield f"{'Extended' if access_list.extended else 'Standard'} IP access list {access_list.name}"
    for sequence, each in list(access_list.items.items()):
        if access_list.extended:
            text = entry_words(render, access_list, each)
        else:
            text = standard_words(each, style.standard_padding, style.wildcard_bits, style.host_word)
        if each.schedule is not None:
            held = "active" if each.schedule.active else "inactive"
            text = text.replace(f"time-range {each.time_range}", f"time-range {each.time_range} ({held})")
        yield f"    {sequence} {text}{_matches(each, style)}"


def _matches(entry: Entry, style: AclStyle) -> str:
    if not entry.matches:
        return ""
    form = style.single if entry.matches == 1 and style.single else style.matches
    return " " + form.format(count=entry.matches)


def show_interface_lists(context: Context, interface: str, direction: str = "") -> Iterator[str]:
    """`show ip access-lists interface NAME [in | out]`: the lists of an interface, with their counters."""
    groups = context.device.interfaces[interface].config.of(AccessGroups)
    style = context.device.image.style(AclStyle)
    for way, name in (("in", groups.inbound), ("out", groups.outbound)):
        found = _acls(context).get(name)
        if found is None or direction not in ("", way):
            continue
        head, *rows = describe(found, style, context.session.render)
        yield f"{head} {way}"
        yield from rows


def clear_counters(context: Context, name: str | None = None) -> Output:
    """`clear access-list counters [NAME]`, `clear ip access-list counters [NAME]`."""
    for each in _acls(context).lists.values():
        if name is None or each.name == name:
            for item in each.entries:
                item.matches = 0
    return None


def access_group(context: Context, name: str = "", direction: str = "") -> Output:
    """`ip access-group NAME in|out` of an interface."""
    groups, value = context.target.of(AccessGroups), None if context.off else name
    if direction == "out" and not context.off and context.target.held(Switchport) is not None:
        raise InvalidArgument("direction")  # what leaves by a port of the switch is not filtered
    if direction == "in":
        groups.inbound = value
    else:
        groups.outbound = value
    return None
