"""`standby …` under an interface, and `debug standby`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.passwords import Password, well_formed
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.ip.config import IpSettings
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.hsrp.config import (
    DEBUG_FLAGS,
    DECREMENT,
    ERRORS,
    EVENTS,
    FIRST_VERSION_GROUPS,
    PACKETS,
    PRIORITY,
    HsrpGroupSettings,
    HsrpPort,
    Timers,
)
from iosemu.subjects.hsrp.debug import TERSE


def _port(context: Context) -> HsrpPort:
    return context.edited(InterfaceConfig).of(HsrpPort)


def _known(context: Context, number: int) -> HsrpGroupSettings:
    """The group, for a command that sets something: made when it is new."""
    port = _port(context)
    if context.off:
        return port.groups.get(number) or HsrpGroupSettings(number)
    if port.version == 1 and number >= FIRST_VERSION_GROUPS:
        raise CommandError(
            f"% Group {number} needs version 2: version 1 has groups 0 to {FIRST_VERSION_GROUPS - 1}"
        )
    return port.groups.setdefault(number, HsrpGroupSettings(number))


def _tidy(context: Context, number: int) -> None:
    """Forget a group of which nothing is configured any more."""
    groups = _port(context).groups
    if groups.get(number) == HsrpGroupSettings(number):
        del groups[number]


def ip(
    context: Context, group: int = 0, address: IPv4Address | None = None, secondary: bool = False
) -> Output:
    """`[no] standby N ip [A [secondary]]`."""
    if context.off:
        each = _known(context, group)
        if secondary:
            if address in each.secondaries:
                each.secondaries.remove(address)
        else:
            if each.secondaries:
                raise CommandError("% Must delete secondary addresses before deleting primary")
            each.enabled, each.address = False, None
        _tidy(context, group)
        return None
    interface = context.edited(InterfaceConfig)
    own = interface.of(IpSettings).addresses
    if address is not None:
        _check(context, group, address)
    each = _known(context, group)
    if secondary:
        if not each.enabled:
            _tidy(context, group)
            raise CommandError("% Primary address must be configured before secondary addresses")
        if address is not None and address not in each.addresses:
            each.secondaries.append(address)
    else:
        each.enabled, each.address = True, address
    if address is not None and own and not any(address in one.network for one in own):
        return "% Warning: address is not within a subnet on this interface"
    return None


def _check(context: Context, group: int, address: IPv4Address) -> None:
    """Refuse an address that cannot be a virtual one."""
    if address.is_multicast or address.is_unspecified or address.is_loopback or int(address) >> 28 == 15:
        raise CommandError(f"% Invalid IP address {address}")
    interface = context.edited(InterfaceConfig)
    for one in interface.of(IpSettings).addresses:
        if address == one.ip:
            raise CommandError("% Address cannot equal interface IP address")
        if one.network.prefixlen < 31 and address in (
            one.network.network_address,
            one.network.broadcast_address,
        ):
            raise CommandError(f"% Bad mask /{one.network.prefixlen} for address {address}")
    for other in context.device.config.interfaces.values():
        port = other.held(HsrpPort)
        for number, each in (port.groups if port is not None else {}).items():
            if address in each.addresses and (other.name, number) != (interface.name, group):
                raise CommandError(f"% Warning: address {address} is used by {other.name} group {number}")


def priority(context: Context, group: int = 0, value: int = PRIORITY) -> None:
    """`[no] standby N priority P`."""
    _known(context, group).priority = PRIORITY if context.off else value
    _tidy(context, group)


def preempt(
    context: Context,
    group: int = 0,
    delay: bool = False,
    minimum: int | None = None,
    reload: int | None = None,
    sync: int | None = None,
) -> None:
    """`[no] standby N preempt [delay [minimum M] [reload R] [sync S]]`."""
    each = _known(context, group)
    if context.off:
        if not delay:
            each.preempt = False
        each.delay_minimum = each.delay_reload = each.delay_sync = 0
        _tidy(context, group)
        return
    if delay and minimum is None and reload is None and sync is None:
        raise CommandError("% Incomplete command.")
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
    if context.off:
        _known(context, group).timers = None
        _tidy(context, group)
        return
    every = hello_ms if hello_ms is not None else (hello or 0) * 1000
    held = hold_ms if hold_ms is not None else (hold or 0) * 1000
    if held <= every:
        raise CommandError("% Holdtime must be greater than hellotime")
    _known(context, group).timers = Timers(every, held, hello_ms is not None, hold_ms is not None)


def text(context: Context, group: int = 0, string: str = "") -> None:
    """`[no] standby N authentication [text] WORD`."""
    each = _known(context, group)
    if not context.off and len(string) > 8:
        _tidy(context, group)
        raise CommandError("% Authentication string too long: 8 characters at most")
    each.key, each.key_chain = None, ""
    each.text = "" if context.off or string == "cisco" else string
    _tidy(context, group)


def key_string(context: Context, group: int = 0, encoding: str = "", string: str = "") -> None:
    """`[no] standby N authentication md5 key-string [0 | 7] KEY`."""
    each = _known(context, group)
    kind = int(encoding or 0)
    if not context.off and kind == 7 and not well_formed(7, string):
        _tidy(context, group)
        raise CommandError("Invalid encrypted keystring")
    each.text, each.key_chain = "", ""
    each.key = None if context.off else Password(kind, string)
    _tidy(context, group)


def key_chain(context: Context, group: int = 0, name: str = "") -> None:
    """`[no] standby N authentication md5 key-chain NAME`."""
    each = _known(context, group)
    each.text, each.key = "", None
    each.key_chain = "" if context.off else name
    _tidy(context, group)


def mac_address(context: Context, group: int = 0, address: str = "") -> None:
    """`[no] standby N mac-address H.H.H`."""
    if context.off:
        _known(context, group).mac = None
        _tidy(context, group)
        return
    mac = MacAddress.from_string(address)
    if mac.is_multicast or not int(mac):
        raise CommandError("% Invalid MAC address")
    if _port(context).use_bia:
        raise CommandError("% MAC address cannot be configured with use-bia")
    _known(context, group).mac = mac


def name(context: Context, group: int = 0, word: str = "") -> None:
    """`[no] standby N name WORD`."""
    _known(context, group).name = "" if context.off else word
    _tidy(context, group)


def track_object(
    context: Context, number: int, group: int = 0, decrement: int = DECREMENT, shutdown: bool = False
) -> None:
    """`[no] standby N track OBJECT [decrement D | shutdown]`."""
    each = _known(context, group)
    if context.off:
        each.objects.pop(number, None)
        _tidy(context, group)
        return
    each.objects[number] = None if shutdown else decrement


def track_interface(context: Context, interface: str, group: int = 0, decrement: int = DECREMENT) -> None:
    """`[no] standby N track INTERFACE [D]`."""
    each = _known(context, group)
    if context.off:
        each.interfaces.pop(interface, None)
        _tidy(context, group)
        return
    if interface == context.edited(InterfaceConfig).name:
        _tidy(context, group)
        raise CommandError("% Cannot track the interface that the group is on")
    each.interfaces[interface] = decrement


def remove(context: Context, group: int) -> None:
    """`no standby N`; without `no` it says nothing."""
    if not context.off:
        raise CommandError("% Incomplete command.\n")
    _port(context).groups.pop(group, None)


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
