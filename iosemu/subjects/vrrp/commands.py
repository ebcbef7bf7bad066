"""`vrrp …` under an interface, and `debug vrrp`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.handling.first_hop import (
    Groups,
    cannot_be_virtual,
    edges,
    set_key_chain,
    set_key_string,
    set_text,
)
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


GROUPS = Groups(VrrpPort, VrrpGroupSettings)


def ip(context: Context, group: int, address: IPv4Address | None = None, secondary: bool = False) -> Output:
    """`[no] vrrp N ip A [secondary]`."""
    with GROUPS.edited(context, group) as each:
        if context.off:
            _no_ip(each, address, secondary)
            return None
        assert address is not None
        own = context.edited(InterfaceConfig).of(IpSettings).addresses
        if cannot_be_virtual(address) or any(address in edges(one.network) for one in own):
            raise CommandError(f"% Invalid IP address {address}")
        if not secondary:
            each.address = address
        elif each.address is None:
            raise CommandError("% Primary address must be configured before secondary addresses")
        elif address not in each.addresses:
            each.secondaries.append(address)
    if own and not any(address in one.network for one in own):
        return "% Warning: address is not within a subnet on this interface"
    return None


def _no_ip(group: VrrpGroupSettings, address: IPv4Address | None, secondary: bool) -> None:
    if secondary:
        if address in group.secondaries:
            group.secondaries.remove(address)
    elif group.secondaries:
        raise CommandError("% Must delete secondary addresses before deleting primary")
    else:
        group.address = None


def description(context: Context, group: int, text: str = "") -> None:
    """`[no] vrrp N description TEXT`."""
    with GROUPS.edited(context, group) as each:
        each.description = "" if context.off else text


def priority(context: Context, group: int, value: int = PRIORITY) -> None:
    """`[no] vrrp N priority P`."""
    with GROUPS.edited(context, group) as each:
        each.priority = PRIORITY if context.off else value


def preempt(context: Context, group: int, minimum: int | None = None) -> None:
    """`[no] vrrp N preempt [delay minimum S]`: it is on unless it is turned off."""
    with GROUPS.edited(context, group, made=True) as each:
        each.preempt = not context.negated
        each.delay = 0 if context.off or minimum is None else minimum


def advertise(context: Context, group: int, seconds: int | None = None, msec: int | None = None) -> None:
    """`[no] vrrp N timers advertise [msec] T`."""
    with GROUPS.edited(context, group) as each:
        each.interval_msec = not context.off and msec is not None
        each.interval = INTERVAL if context.off else msec if msec is not None else (seconds or 1) * 1000


def learn(context: Context, group: int) -> None:
    """`[no] vrrp N timers learn`."""
    with GROUPS.edited(context, group) as each:
        each.learn = not context.off


def text(context: Context, group: int, string: str = "") -> None:
    """`[no] vrrp N authentication text WORD`."""
    with GROUPS.edited(context, group) as each:
        set_text(context, each, string)


def key_string(context: Context, group: int, encoding: str = "", string: str = "", timeout: int = 0) -> None:
    """`[no] vrrp N authentication md5 key-string [0 | 7] KEY [timeout SECONDS]`."""
    with GROUPS.edited(context, group) as each:
        set_key_string(context, each, encoding, string, timeout)


def key_chain(context: Context, group: int, name: str = "") -> None:
    """`[no] vrrp N authentication md5 key-chain NAME`."""
    with GROUPS.edited(context, group) as each:
        set_key_chain(context, each, name)


def track(context: Context, group: int, number: int, decrement: int = DECREMENT) -> None:
    """`[no] vrrp N track OBJECT [decrement D]`."""
    with GROUPS.edited(context, group) as each:
        if context.off:
            each.objects.pop(number, None)
        else:
            each.objects[number] = decrement


def shutdown(context: Context, group: int) -> None:
    """`[no] vrrp N shutdown`."""
    with GROUPS.edited(context, group) as each:
        each.shutdown = not context.off


def remove(context: Context, group: int) -> None:
    """`no vrrp N`; without `no` it says nothing."""
    GROUPS.remove(context, group)


def debug(context: Context, what: str = "") -> Output:
    """`[no] debug vrrp [all | auth | errors | events | packets | state]`."""
    debugging, on = context.device.debugging, not context.silenced
    flags = DEBUG_FLAGS if what in ("", "all") else (_FLAGS[what],)
    return [debugging.set(flag, on) for flag in flags]
