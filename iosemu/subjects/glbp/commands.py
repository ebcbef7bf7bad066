"""`glbp …` under an interface, and `debug glbp`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.firsthop.glbp import Balancing
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.handling.first_hop import (
    Groups,
    cannot_be_virtual,
    edges,
    set_key_chain,
    set_key_string,
    set_text,
    typed_timers,
)
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
)

GROUPS = Groups(GlbpPort, GlbpGroupSettings)


def ip(context: Context, group: int, address: IPv4Address | None = None) -> Output:
    """`[no] glbp N ip [A]`."""
    own = context.edited(InterfaceConfig).of(IpSettings).addresses
    if address is not None and not context.off:
        if cannot_be_virtual(address):
            raise CommandError(f"% Invalid IP address {address}")
        for one in own:
            if address == one.ip:
                raise CommandError("% Address cannot equal interface IP address")
            if address in edges(one.network):
                raise CommandError(f"% Invalid IP address {address}")
    with GROUPS.edited(context, group) as each:
        each.enabled, each.address = not context.off, None if context.off else address
    if not context.off and address is not None and own and not any(address in one.network for one in own):
        return "% Warning: address is not within a subnet on this interface"
    return None


def priority(context: Context, group: int, value: int = PRIORITY) -> None:
    """`[no] glbp N priority P`."""
    with GROUPS.edited(context, group) as each:
        each.priority = PRIORITY if context.off else value


def preempt(context: Context, group: int, minimum: int = 0) -> None:
    """`[no] glbp N preempt [delay minimum S]`."""
    with GROUPS.edited(context, group) as each:
        each.preempt, each.delay = not context.off, 0 if context.off else minimum


def timers(
    context: Context,
    group: int,
    hello: int | None = None,
    hello_ms: int | None = None,
    hold: int | None = None,
    hold_ms: int | None = None,
) -> None:
    """`[no] glbp N timers [msec] HELLO [msec] HOLD`."""
    with GROUPS.edited(context, group) as each:
        each.timers = None if context.off else typed_timers(hello, hello_ms, hold, hold_ms)


def redirect(context: Context, group: int, redirect: int = REDIRECT, timeout: int = TIMEOUT) -> None:
    """`[no] glbp N timers redirect R T`."""
    if not context.off and timeout < redirect + 600:
        raise CommandError("% Timeout must be at least 600 seconds greater than the redirect time")
    with GROUPS.edited(context, group) as each:
        each.redirect, each.timeout = (REDIRECT, TIMEOUT) if context.off else (redirect, timeout)


def weighting(
    context: Context, group: int, maximum: int = WEIGHT, lower: int | None = None, upper: int | None = None
) -> None:
    """`[no] glbp N weighting MAXIMUM [lower L] [upper U]`."""
    with GROUPS.edited(context, group) as each:
        if context.off:
            each.weight, each.lower, each.upper = WEIGHT, None, None
            return
        top = maximum if upper is None else upper
        if top > maximum or (lower or 1) > top:
            raise CommandError("% Thresholds must be: lower <= upper <= maximum")
        each.weight, each.lower, each.upper = maximum, lower, upper


def track(context: Context, group: int, number: int, decrement: int = DECREMENT) -> None:
    """`[no] glbp N weighting track OBJECT [decrement D]`."""
    with GROUPS.edited(context, group) as each:
        if context.off:
            each.objects.pop(number, None)
        else:
            each.objects[number] = decrement


def load_balancing(context: Context, group: int, method: str = "") -> None:
    """`[no] glbp N load-balancing [host-dependent | round-robin | weighted]`."""
    with GROUPS.edited(context, group, made=True) as each:
        each.balancing = Balancing.NONE if context.negated else Balancing(method or "round-robin")


def forwarder_preempt(context: Context, group: int, minimum: int = FORWARDER_DELAY) -> None:
    """`[no] glbp N forwarder preempt [delay minimum S]`: it is on unless it is turned off."""
    with GROUPS.edited(context, group, made=True) as each:
        each.forwarder_preempt = not context.negated
        each.forwarder_delay = FORWARDER_DELAY if context.off else minimum


def text(context: Context, group: int, string: str = "") -> None:
    """`[no] glbp N authentication text WORD`."""
    with GROUPS.edited(context, group) as each:
        set_text(context, each, string)


def key_string(context: Context, group: int, encoding: str = "", string: str = "") -> None:
    """`[no] glbp N authentication md5 key-string [0 | 7] KEY`."""
    with GROUPS.edited(context, group) as each:
        set_key_string(context, each, encoding, string)


def key_chain(context: Context, group: int, name: str = "") -> None:
    """`[no] glbp N authentication md5 key-chain NAME`."""
    with GROUPS.edited(context, group) as each:
        set_key_chain(context, each, name)


def name(context: Context, group: int, word: str = "") -> None:
    """`[no] glbp N name WORD`."""
    with GROUPS.edited(context, group) as each:
        each.name = "" if context.off else word


def remove(context: Context, group: int) -> None:
    """`no glbp N`; without `no` it says nothing."""
    GROUPS.remove(context, group)


def debug(context: Context, what: str = "") -> Output:
    """`[no] debug glbp [errors | events | packets]`."""
    debugging, on = context.device.debugging, not context.silenced
    if not what:
        for flag in DEBUG_FLAGS:
            debugging.set(flag, on)
        return f"GLBP debugging is {'on' if on else 'off'}"
    return debugging.set({"errors": ERRORS, "events": EVENTS, "packets": PACKETS}[what], on)
