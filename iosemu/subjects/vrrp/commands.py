"""`vrrp …` under an interface, and `debug vrrp`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.passwords import Password, well_formed
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.ip.config import IpSettings
from iosemu.subjects.vrrp.config import (
    AUTHENTICATION,
    DEBUG_FLAGS,
    DECREMENT,
    ERRORS,
    EVENTS,
    INTERVAL,
    PACKETS,
    PRIORITY,
    STATE,
    VrrpGroupSettings,
    VrrpPort,
)

_FLAGS = {"auth": AUTHENTICATION, "errors": ERRORS, "events": EVENTS, "packets": PACKETS, "state": STATE}


def _known(context: Context, number: int) -> VrrpGroupSettings:
    """The group; for a command that sets something it is made when it is new."""
    groups = context.edited(InterfaceConfig).of(VrrpPort).groups
    if context.off:
        return groups.get(number) or VrrpGroupSettings(number)
    return groups.setdefault(number, VrrpGroupSettings(number))


def _tidy(context: Context, number: int) -> None:
    """Forget a group of which nothing is configured any more."""
    groups = context.edited(InterfaceConfig).of(VrrpPort).groups
    if groups.get(number) == VrrpGroupSettings(number):
        del groups[number]


def ip(context: Context, group: int, address: IPv4Address | None = None, secondary: bool = False) -> Output:
    """`[no] vrrp N ip A [secondary]`."""
    each = _known(context, group)
    if context.off:
        if secondary:
            if address in each.secondaries:
                each.secondaries.remove(address)
        elif each.secondaries:
            raise CommandError("% Must delete secondary addresses before deleting primary")
        else:
            each.address = None
        _tidy(context, group)
        return None
    assert address is not None
    own = context.edited(InterfaceConfig).of(IpSettings).addresses
    if address.is_multicast or address.is_unspecified or address.is_loopback or int(address) >> 28 == 15:
        _tidy(context, group)
        raise CommandError(f"% Invalid IP address {address}")
    edges = [
        (one.network.network_address, one.network.broadcast_address)
        for one in own
        if one.network.prefixlen < 31
    ]
    if any(address in both for both in edges):
        _tidy(context, group)
        raise CommandError(f"% Invalid IP address {address}")
    if secondary:
        if each.address is None:
            _tidy(context, group)
            raise CommandError("% Primary address must be configured before secondary addresses")
        if address not in each.addresses:
            each.secondaries.append(address)
    else:
        each.address = address
    if own and not any(address in one.network for one in own):
        return "% Warning: address is not within a subnet on this interface"
    return None


def description(context: Context, group: int, text: str = "") -> None:
    """`[no] vrrp N description TEXT`."""
    _known(context, group).description = "" if context.off else text
    _tidy(context, group)


def priority(context: Context, group: int, value: int = PRIORITY) -> None:
    """`[no] vrrp N priority P`."""
    _known(context, group).priority = PRIORITY if context.off else value
    _tidy(context, group)


def preempt(context: Context, group: int, minimum: int | None = None) -> None:
    """`[no] vrrp N preempt [delay minimum S]`: it is on unless it is turned off."""
    groups = context.edited(InterfaceConfig).of(VrrpPort).groups
    each = groups.setdefault(group, VrrpGroupSettings(group))
    each.preempt = not context.negated
    each.delay = 0 if context.off or minimum is None else minimum
    _tidy(context, group)


def advertise(context: Context, group: int, seconds: int | None = None, msec: int | None = None) -> None:
    """`[no] vrrp N timers advertise [msec] T`."""
    each = _known(context, group)
    if context.off:
        each.interval, each.interval_msec = INTERVAL, False
    else:
        each.interval_msec = msec is not None
        each.interval = msec if msec is not None else (seconds or 1) * 1000
    _tidy(context, group)


def learn(context: Context, group: int) -> None:
    """`[no] vrrp N timers learn`."""
    _known(context, group).learn = not context.off
    _tidy(context, group)


def text(context: Context, group: int, string: str = "") -> None:
    """`[no] vrrp N authentication text WORD`."""
    each = _known(context, group)
    if not context.off and len(string) > 8:
        _tidy(context, group)
        raise CommandError("% Authentication string too long: 8 characters at most")
    each.text, each.key, each.key_chain = ("" if context.off else string), None, ""
    _tidy(context, group)


def key_string(context: Context, group: int, encoding: str = "", string: str = "") -> None:
    """`[no] vrrp N authentication md5 key-string [0 | 7] KEY`."""
    each = _known(context, group)
    kind = int(encoding or 0)
    if not context.off and kind == 7 and not well_formed(7, string):
        _tidy(context, group)
        raise CommandError("Invalid encrypted keystring")
    each.text, each.key_chain = "", ""
    each.key = None if context.off else Password(kind, string)
    _tidy(context, group)


def key_chain(context: Context, group: int, name: str = "") -> None:
    """`[no] vrrp N authentication md5 key-chain NAME`."""
    each = _known(context, group)
    each.text, each.key, each.key_chain = "", None, "" if context.off else name
    _tidy(context, group)


def track(context: Context, group: int, number: int, decrement: int = DECREMENT) -> None:
    """`[no] vrrp N track OBJECT [decrement D]`."""
    each = _known(context, group)
    if context.off:
        each.objects.pop(number, None)
    else:
        each.objects[number] = decrement
    _tidy(context, group)


def shutdown(context: Context, group: int) -> None:
    """`[no] vrrp N shutdown`."""
    _known(context, group).shutdown = not context.off
    _tidy(context, group)


def remove(context: Context, group: int) -> None:
    """`no vrrp N`; without `no` it says nothing."""
    if not context.off:
        raise CommandError("% Incomplete command.\n")
    context.edited(InterfaceConfig).of(VrrpPort).groups.pop(group, None)


def debug(context: Context, what: str = "") -> Output:
    """`[no] debug vrrp [all | auth | errors | events | packets | state]`."""
    debugging, on = context.device.debugging, not context.silenced
    flags = DEBUG_FLAGS if what in ("", "all") else (_FLAGS[what],)
    return [debugging.set(flag, on) for flag in flags]
