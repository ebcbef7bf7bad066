"""`vlan database`: the older way to make VLANs, in a buffer that is applied as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.bridging.vlans import RESERVED, Vlan, VlanConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Leave, Output
from iosemu.subjects.vlan.commands.vlan import NAME_LENGTH
from iosemu.subjects.vlan.config import VlanBuffer

_WARNING = """\
% Warning: It is recommended to configure VLAN from config mode,
  as VLAN database mode is being deprecated. Please consult user
  documentation for configuring VTP/VLAN in config mode.
"""
_MEDIA = {1002: "FDDI", 1003: "Token Ring", 1004: "FDDI Net", 1005: "Token Ring Net"}
_TRANSLATED = {1: (1002, 1003), 1002: (1, 1003), 1003: (1, 1002)}


def enter(context: Context) -> Output:
    """`vlan database`."""
    return [
        *_WARNING.split("\n"),
        Enter("vlan-database", VlanBuffer.of(context.device.config.of(VlanConfig))),
    ]


def apply(context: Context) -> Output:
    """`apply`."""
    context.edited(VlanBuffer).apply(context.device.config.of(VlanConfig))
    return "APPLY completed."


def exit_(context: Context) -> Output:
    """`exit`: what was edited takes effect."""
    context.edited(VlanBuffer).apply(context.device.config.of(VlanConfig))
    return ["APPLY completed.", "Exiting....", Leave()]


def abort(context: Context) -> Output:
    """`abort`: nothing was edited."""
    return ["Aborting....", Leave()]


def reset(context: Context) -> Output:
    """`reset`: begin again."""
    context.edited(VlanBuffer).reread(context.device.config.of(VlanConfig))
    return "RESET completed."


def vlan(
    context: Context,
    number: int,
    name: bool = False,
    title: str = "",
    state: bool = False,
    value: str = "active",
    mtu: bool = False,
    size: int = 1500,
) -> Output:
    """`[no] vlan N [name X] [state active|suspend] [mtu N]`."""
    buffer = context.edited(VlanBuffer)
    if buffer.vtp_mode == "client":
        raise CommandError("VTP VLAN configuration not allowed when device is in CLIENT mode.")
    whole = not (name or state or mtu)
    known = buffer.vlans.get(number)
    if number == 1 or number in RESERVED:
        deleted = context.off and whole
        raise CommandError(
            "A default VLAN may not be deleted." if deleted else f"Default VLAN {number} may not be modified."
        )
    if context.off and known is None:
        raise CommandError(f"VLAN {number} does not exist.")
    if context.off and whole:
        del buffer.vlans[number]
        return f"Deleting VLAN {number}..."
    if len(title) > NAME_LENGTH:
        raise CommandError(f"%VLAN name too long (limit {NAME_LENGTH} characters)")
    if title and any(each.name == title and each.number != number for each in buffer.vlans.values()):
        raise CommandError(f"%Duplicate VLAN name {title}")
    each = buffer.vlans.setdefault(number, Vlan(number))
    said = [f"VLAN {number} {'added' if known is None else 'modified'}:"]
    if name:
        each.name = "" if context.off else title
        each.__post_init__()
    if name or known is None:
        said.append(f"    Name: {each.name}")
    if state:
        each.suspended = value == "suspend" and not context.off
        said.append(f"    State {'SUSPENDED' if each.suspended else 'ACTIVE'}")
    if mtu:
        each.mtu = 1500 if context.off else size
        said.append(f"    MTU {each.mtu}")
    return said


def vtp_mode(context: Context, mode: str) -> Output:
    """`vtp server|client|transparent`."""
    buffer = context.edited(VlanBuffer)
    if buffer.vtp_mode == mode:
        return f"Device mode already VTP {mode.upper()}."
    buffer.vtp_mode = mode
    return f"Setting device to VTP {mode.upper()} mode."


def vtp_domain(context: Context, name: str) -> Output:
    """`vtp domain NAME`."""
    buffer = context.edited(VlanBuffer)
    if buffer.vtp_domain == name:
        return f"Domain name already set to {name} ."
    before, buffer.vtp_domain = buffer.vtp_domain or "NULL", name
    return f"Changing VTP domain name from {before} to {name}"


def show(context: Context, which: str = "current", number: int | None = None) -> Iterator[str]:
    """`show [current|proposed|changes] [N]`."""
    before = VlanBuffer.of(context.device.config.of(VlanConfig)).vlans
    after = context.edited(VlanBuffer).vlans
    if which == "changes":
        yield from _changes(before, after, number)
        return
    shown = before if which == "current" else after
    if number is not None and number not in shown:
        yield f"VLAN {number} does not exist in {which} database"
    for each in shown.values():
        if number in (None, each.number):
            yield from _one(each)


def _state(each: Vlan) -> str:
    return "Suspended" if each.suspended else "Operational"


def _one(each: Vlan) -> Iterator[str]:
    yield f"  VLAN ISL Id: {each.number}"
    yield f"    Name: {each.name}"
    yield f"    Media Type: {_MEDIA.get(each.number, 'Ethernet')}"
    yield f"    VLAN 802.10 Id: {100000 + each.number}"
    yield f"    State: {_state(each)}"
    yield f"    MTU: {each.mtu}"
    for other in _TRANSLATED.get(each.number, ()):
        yield f"    Translational Bridged VLAN: {other}"
    yield ""


def _changes(before: dict[int, Vlan], after: dict[int, Vlan], only: int | None) -> Iterator[str]:
    numbers = [number for number in sorted(before.keys() | after.keys()) if only in (None, number)]
    for title, chosen, source in (
        ("DELETED:", [number for number in numbers if number not in after], before),
        ("CREATED:", [number for number in numbers if number not in before], after),
    ):
        if chosen:
            yield title
        for number in chosen:
            yield from _one(source[number])
    modified = [
        (before[number], after[number])
        for number in numbers
        if number in before and number in after and before[number] != after[number]
    ]
    if modified:
        yield "MODIFIED:"
    for old, new in modified:
        yield f"  VLAN ISL Id: {new.number}"
        for what, was, now in (
            ("Name", old.name, new.name),
            ("State", _state(old), _state(new)),
            ("MTU", old.mtu, new.mtu),
        ):
            if was != now:
                yield f"    Current {what}: {was}"
                yield f"    Modified {what}: {now}"
        yield ""
