"""`standby …` under an interface, and `debug standby`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
    typed_timers,
)
from iosemu.ip.config import IpSettings
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.hsrp.config import (
    DEBUG_FLAGS,
    DECREMENT,
    ERRORS,
    EVENTS,
    FIRST_VERSION_GROUPS,
    MAC_REFRESH,
    PACKETS,
    PRIORITY,
    HsrpGroupSettings,
    HsrpPort,
)
from iosemu.subjects.hsrp.debug import TERSE


def _port(context: Context) -> HsrpPort:
    return context.edited(InterfaceConfig).of(HsrpPort)


class _Groups(Groups[HsrpGroupSettings]):
    """Version 1 has fewer."""

    @contextmanager
    def edited(self, context: Context, number: int, *, made: bool = False) -> Iterator[HsrpGroupSettings]:
        """The group, as for the others."""
        if not context.off and _port(context).version == 1 and number >= FIRST_VERSION_GROUPS:
            raise CommandError(
                f"% Group {number} needs version 2: version 1 has groups 0 to {FIRST_VERSION_GROUPS - 1}"
            )
        with super().edited(context, number, made=made) as each:
            yield each


GROUPS = _Groups(HsrpPort, HsrpGroupSettings)


def ip(
    context: Context, group: int = 0, address: IPv4Address | None = None, secondary: bool = False
) -> Output:
    """`[no] standby N ip [A [secondary]]`."""
    if address is not None and not context.off:
        _check(context, group, address)
    with GROUPS.edited(context, group) as each:
        if context.off:
            _no_ip(each, address, secondary)
            return None
        if not secondary:
            each.enabled, each.address = True, address
        elif not each.enabled:
            raise CommandError("% Primary address must be configured before secondary addresses")
        elif address is not None and address not in each.addresses:
            each.secondaries.append(address)
    own = context.edited(InterfaceConfig).of(IpSettings).addresses
    if address is not None and own and not any(address in one.network for one in own):
        return "% Warning: address is not within a subnet on this interface"
    return None


def _no_ip(group: HsrpGroupSettings, address: IPv4Address | None, secondary: bool) -> None:
    if secondary:
        if address in group.secondaries:
            group.secondaries.remove(address)
    elif group.secondaries:
        raise CommandError("% Must delete secondary addresses before deleting primary")
    else:
        group.enabled, group.address = False, None


def _check(context: Context, group: int, address: IPv4Address) -> None:
    """Refuse an address that cannot be a virtual one."""
    if cannot_be_virtual(address):
        raise CommandError(f"% Invalid IP address {address}")
    interface = context.edited(InterfaceConfig)
    for one in interface.of(IpSettings).addresses:
        if address == one.ip:
            raise CommandError("% Address cannot equal interface IP address")
        if address in edges(one.network):
            raise CommandError(f"% Bad mask /{one.network.prefixlen} for address {address}")
    for other in context.device.config.interfaces.values():
        port = other.held(HsrpPort)
        for number, each in (port.groups if port is not None else {}).items():
            if address in each.addresses and (other.name, number) != (interface.name, group):
                raise CommandError(f"% Warning: address {address} is used by {other.name} group {number}")


def priority(context: Context, group: int = 0, value: int = PRIORITY) -> None:
    """`[no] standby N priority P`."""
    with GROUPS.edited(context, group) as each:
        each.priority = PRIORITY if context.off else value


def preempt(
    context: Context,
    group: int = 0,
    delay: bool = False,
    minimum: int | None = None,
    reload: int | None = None,
    sync: int | None = None,
) -> None:
    """`[no] standby N preempt [delay [minimum M] [reload R] [sync S]]`."""
    if delay and not context.off and minimum is None and reload is None and sync is None:
        raise CommandError("% Incomplete command.")
    with GROUPS.edited(context, group) as each:
        if context.off:
            each.preempt = each.preempt and delay
            each.delay_minimum = each.delay_reload = each.delay_sync = 0
            return
        each.preempt = True
        each.delay_minimum = each.delay_minimum if minimum is None else minimum
        each.delay_reload = each.delay_reload if reload is None else reload
        each.delay_sync = each.delay_sync if sync is None else sync


def timers(
    context: Context,
    group: int = 0,
    hello: int | None = None,
    hello_ms: int | None = None,
    hold: int | None = None,
    hold_ms: int | None = None,
) -> None:
    """`[no] standby N timers [msec] HELLO [msec] HOLD`."""
    with GROUPS.edited(context, group) as each:
        each.timers = None if context.off else typed_timers(hello, hello_ms, hold, hold_ms)


def text(context: Context, group: int = 0, string: str = "") -> None:
    """`[no] standby N authentication [text] WORD`."""
    with GROUPS.edited(context, group) as each:
        set_text(context, each, "" if string == "cisco" else string)


def key_string(
    context: Context, group: int = 0, encoding: str = "", string: str = "", timeout: int = 0
) -> None:
    """`[no] standby N authentication md5 key-string [0 | 7] KEY [timeout SECONDS]`."""
    with GROUPS.edited(context, group) as each:
        set_key_string(context, each, encoding, string, timeout)


def key_chain(context: Context, group: int = 0, name: str = "") -> None:
    """`[no] standby N authentication md5 key-chain NAME`."""
    with GROUPS.edited(context, group) as each:
        set_key_chain(context, each, name)


def mac_address(context: Context, group: int = 0, address: str = "") -> None:
    """`[no] standby N mac-address H.H.H`."""
    with GROUPS.edited(context, group) as each:
        if context.off:
            each.mac = None
            return
        mac = MacAddress.from_string(address)
        if mac.is_multicast or not int(mac):
            raise CommandError("% Invalid MAC address")
        if _port(context).use_bia:
            raise CommandError("% MAC address cannot be configured with use-bia")
        each.mac = mac


def name(context: Context, group: int = 0, word: str = "") -> None:
    """`[no] standby N name WORD`."""
    with GROUPS.edited(context, group) as each:
        each.name = "" if context.off else word


def follow(context: Context, group: int = 0, word: str = "") -> None:
    """`[no] standby N follow NAME`: be what the group of that name is."""
    with GROUPS.edited(context, group) as each:
        each.follow = "" if context.off else word


def mac_refresh(context: Context, seconds: int = MAC_REFRESH) -> None:
    """`[no] standby mac-refresh N`."""
    _port(context).mac_refresh = None if context.off or seconds == MAC_REFRESH else seconds


def track_object(
    context: Context, number: int, group: int = 0, decrement: int = DECREMENT, shutdown: bool = False
) -> None:
    """`[no] standby N track OBJECT [decrement D | shutdown]`."""
    with GROUPS.edited(context, group) as each:
        if context.off:
            each.objects.pop(number, None)
        else:
            each.objects[number] = None if shutdown else decrement


def track_interface(context: Context, interface: str, group: int = 0, decrement: int = DECREMENT) -> None:
    """`[no] standby N track INTERFACE [D]`."""
    with GROUPS.edited(context, group) as each:
        if context.off:
            each.interfaces.pop(interface, None)
        elif interface == context.edited(InterfaceConfig).name:
            raise CommandError("% Cannot track the interface that the group is on")
        else:
            each.interfaces[interface] = decrement


def remove(context: Context, group: int) -> None:
    """`no standby N`; without `no` it says nothing."""
    GROUPS.remove(context, group)


def version(context: Context, number: int = 1) -> None:
    """`[no] standby version 1|2`."""
    port = _port(context)
    wanted = 1 if context.off else number
    if wanted == 1 and any(each >= FIRST_VERSION_GROUPS for each in port.groups):
        raise CommandError(f"% Groups above {FIRST_VERSION_GROUPS - 1} need version 2")
    port.version = wanted


def use_bia(context: Context, scope: bool = False) -> None:
    """`[no] standby use-bia [scope interface]`."""
    port = _port(context)
    if not context.off and any(each.mac is not None for each in port.groups.values()):
        raise CommandError("% use-bia cannot be configured with a MAC address")
    port.use_bia = not context.off


def redirect(context: Context, disable: bool = False) -> None:
    """`[no] standby redirect [enable | disable]`."""
    off = context.negated is not disable  # `no standby redirect disable` turns them on
    _port(context).redirects = context.defaulted or not off


def redirect_timers(context: Context, advertisement: int = 0, holddown: int = 0) -> None:
    """`[no] standby redirect timers ADVERTISEMENT HOLDDOWN`."""
    if not context.off and holddown <= advertisement:
        raise CommandError("% Holddown must be greater than advertisement interval")
    _port(context).redirect_timers = None if context.off else (advertisement, holddown)


def redirect_unknown(context: Context) -> None:
    """`[no] standby redirect unknown`."""
    _port(context).redirect_unknown = context.defaulted or not context.negated


def delay(context: Context, minimum: int | None = None, reload: int | None = None) -> None:
    """`[no] standby delay [minimum M] [reload R]`."""
    port = _port(context)
    if context.off:
        port.delay_minimum = port.delay_reload = None
        return
    if minimum is None and reload is None:
        raise CommandError("% Incomplete command.")
    port.delay_minimum = port.delay_minimum if minimum is None else minimum
    port.delay_reload = port.delay_reload if reload is None else reload


def debug(context: Context, what: str = "") -> Output:
    """`[no] debug standby [errors | events | packets | terse]`."""
    debugging, on = context.device.debugging, not context.silenced
    if not what:
        for flag in DEBUG_FLAGS:
            debugging.set(flag, on)
        return f"HSRP debugging is {'on' if on else 'off'}"
    if what == "terse":
        said = [debugging.set(ERRORS, on), debugging.set(EVENTS, on)]
        return [*said, debugging.set(PACKETS, on, TERSE if on else "")]
    return debugging.set({"errors": ERRORS, "events": EVENTS, "packets": PACKETS}[what], on)
