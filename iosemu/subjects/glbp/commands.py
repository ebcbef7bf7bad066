"""`glbp …` under an interface, and `debug glbp`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.passwords import Password, well_formed
from iosemu.firsthop.glbp import Balancing
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.ip.config import IpSettings
from iosemu.subjects.glbp.config import (
    DEBUG_FLAGS,
    DECREMENT,
    ERRORS,
    EVENTS,
    FORWARDER_DELAY,
    PACKETS,
    PRIORITY,
    REDIRECT,
    TIMEOUT,
    WEIGHT,
    GlbpGroupSettings,
    GlbpPort,
    Timers,
)


def _known(context: Context, number: int) -> GlbpGroupSettings:
    """The group; for a command that sets something it is made when it is new."""
    groups = context.edited(InterfaceConfig).of(GlbpPort).groups
    if context.off:
        return groups.get(number) or GlbpGroupSettings(number)
    return groups.setdefault(number, GlbpGroupSettings(number))


def _made(context: Context, number: int) -> GlbpGroupSettings:
    """The group, also for `no` where something is on unless it is turned off."""
    return context.edited(InterfaceConfig).of(GlbpPort).groups.setdefault(number, GlbpGroupSettings(number))


def _tidy(context: Context, number: int) -> None:
    """Forget a group of which nothing is configured any more."""
    groups = context.edited(InterfaceConfig).of(GlbpPort).groups
    if groups.get(number) == GlbpGroupSettings(number):
        del groups[number]


def ip(context: Context, group: int, address: IPv4Address | None = None) -> Output:
    """`[no] glbp N ip [A]`."""
    if context.off:
        each = _known(context, group)
        each.enabled, each.address = False, None
        _tidy(context, group)
        return None
    own = context.edited(InterfaceConfig).of(IpSettings).addresses
    if address is not None:
        if address.is_multicast or address.is_unspecified or address.is_loopback or int(address) >> 28 == 15:
            raise CommandError(f"% Invalid IP address {address}")
        for one in own:
            if address == one.ip:
                raise CommandError("% Address cannot equal interface IP address")
            edges = (one.network.network_address, one.network.broadcast_address)
            if one.network.prefixlen < 31 and address in edges:
                raise CommandError(f"% Invalid IP address {address}")
    each = _known(context, group)
    each.enabled, each.address = True, address
    if address is not None and own and not any(address in one.network for one in own):
        return "% Warning: address is not within a subnet on this interface"
    return None


def priority(context: Context, group: int, value: int = PRIORITY) -> None:
    """`[no] glbp N priority P`."""
    _known(context, group).priority = PRIORITY if context.off else value
    _tidy(context, group)


def preempt(context: Context, group: int, minimum: int = 0) -> None:
    """`[no] glbp N preempt [delay minimum S]`."""
    each = _known(context, group)
    each.preempt, each.delay = not context.off, 0 if context.off else minimum
    _tidy(context, group)


def timers(
    context: Context,
    group: int,
    hello: int | None = None,
    hello_ms: int | None = None,
    hold: int | None = None,
    hold_ms: int | None = None,
) -> None:
    """`[no] glbp N timers [msec] HELLO [msec] HOLD`."""
    if context.off:
        _known(context, group).timers = None
        _tidy(context, group)
        return
    every = hello_ms if hello_ms is not None else (hello or 0) * 1000
    held = hold_ms if hold_ms is not None else (hold or 0) * 1000
    if held <= every:
        raise CommandError("% Holdtime must be greater than hellotime")
    _known(context, group).timers = Timers(every, held, hello_ms is not None, hold_ms is not None)


def redirect(context: Context, group: int, redirect: int = REDIRECT, timeout: int = TIMEOUT) -> None:
    """`[no] glbp N timers redirect R T`."""
    if not context.off and timeout < redirect + 600:
        raise CommandError("% Timeout must be at least 600 seconds greater than the redirect time")
    each = _known(context, group)
    each.redirect, each.timeout = (REDIRECT, TIMEOUT) if context.off else (redirect, timeout)
    _tidy(context, group)


def weighting(
    context: Context, group: int, maximum: int = WEIGHT, lower: int | None = None, upper: int | None = None
) -> None:
    """`[no] glbp N weighting MAXIMUM [lower L] [upper U]`."""
    each = _known(context, group)
    if context.off:
        each.weight, each.lower, each.upper = WEIGHT, None, None
        _tidy(context, group)
        return
    top = maximum if upper is None else upper
    if top > maximum or (lower or 1) > top:
        _tidy(context, group)
        raise CommandError("% Thresholds must be: lower <= upper <= maximum")
    each.weight, each.lower, each.upper = maximum, lower, upper


def track(context: Context, group: int, number: int, decrement: int = DECREMENT) -> None:
    """`[no] glbp N weighting track OBJECT [decrement D]`."""
    each = _known(context, group)
    if context.off:
        each.objects.pop(number, None)
    else:
        each.objects[number] = decrement
    _tidy(context, group)


def load_balancing(context: Context, group: int, method: str = "") -> None:
    """`[no] glbp N load-balancing [host-dependent | round-robin | weighted]`."""
    each = _made(context, group)
    each.balancing = Balancing.NONE if context.negated else Balancing(method or "round-robin")
    _tidy(context, group)


def forwarder_preempt(context: Context, group: int, minimum: int = FORWARDER_DELAY) -> None:
    """`[no] glbp N forwarder preempt [delay minimum S]`: it is on unless it is turned off."""
    each = _made(context, group)
    each.forwarder_preempt = not context.negated
    each.forwarder_delay = FORWARDER_DELAY if context.off else minimum
    _tidy(context, group)


def text(context: Context, group: int, string: str = "") -> None:
    """`[no] glbp N authentication text WORD`."""
    each = _known(context, group)
    if not context.off and len(string) > 8:
        _tidy(context, group)
        raise CommandError("% Authentication string too long: 8 characters at most")
    each.text, each.key, each.key_chain = ("" if context.off else string), None, ""
    _tidy(context, group)


def key_string(context: Context, group: int, encoding: str = "", string: str = "") -> None:
    """`[no] glbp N authentication md5 key-string [0 | 7] KEY`."""
    each = _known(context, group)
    kind = int(encoding or 0)
    if not context.off and kind == 7 and not well_formed(7, string):
        _tidy(context, group)
        raise CommandError("Invalid encrypted keystring")
    each.text, each.key_chain = "", ""
    each.key = None if context.off else Password(kind, string)
    _tidy(context, group)


def key_chain(context: Context, group: int, name: str = "") -> None:
    """`[no] glbp N authentication md5 key-chain NAME`."""
    each = _known(context, group)
    each.text, each.key, each.key_chain = "", None, "" if context.off else name
    _tidy(context, group)


def name(context: Context, group: int, word: str = "") -> None:
    """`[no] glbp N name WORD`."""
    _known(context, group).name = "" if context.off else word
    _tidy(context, group)


def remove(context: Context, group: int) -> None:
    """`no glbp N`; without `no` it says nothing."""
    if not context.off:
        raise CommandError("% Incomplete command.\n")
    context.edited(InterfaceConfig).of(GlbpPort).groups.pop(group, None)


def debug(context: Context, what: str = "") -> Output:
    """`[no] debug glbp [errors | events | packets]`."""
    debugging, on = context.device.debugging, not context.silenced
    if not what:
        for flag in DEBUG_FLAGS:
            debugging.set(flag, on)
        return f"GLBP debugging is {'on' if on else 'off'}"
    return debugging.set({"errors": ERRORS, "events": EVENTS, "packets": PACKETS}[what], on)
