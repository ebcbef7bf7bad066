"""Port security: `switchport port-security …` and its shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import PortSecurity, SwitchportMode, Violation
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.port_security.service import CONFIGURED, STICKY, PortSecurityGuard, ages
from iosemu.subjects.switchport.commands import layer2_of

CAPACITY = 8192
_RULE = "-" * 75
_WIDE_RULE = "-" * 77


def _change(context: Context, change: Callable[[PortSecurity], None]) -> None:
    change(layer2_of(context).security)


def enable(context: Context) -> Output:
    """`[no] switchport port-security`."""
    name = context.edited(InterfaceConfig).name
    layer2_of(context)
    dynamic = (SwitchportMode.DYNAMIC_AUTO, SwitchportMode.DYNAMIC_DESIRABLE)
    if not context.off and context.device.service(Bridge).switchport_mode(name) in dynamic:
        raise CommandError(f"Command rejected: {name} is a dynamic port.")

    def change(settings: PortSecurity) -> None:
        settings.enabled = not context.off

    _change(context, change)
    return None


def maximum(context: Context, number: int = 1) -> Output:
    """`switchport port-security maximum N`."""
    wanted = 1 if context.off else number
    layer2_of(context)
    have = len(context.device.service(PortSecurityGuard).addresses(context.edited(InterfaceConfig).name))
    if wanted < have:
        raise CommandError(
            f"Maximum is less than number of currently secured mac-addresses : {have}.\nCommand rejected."
        )

    def change(settings: PortSecurity) -> None:
        settings.maximum = wanted

    _change(context, change)
    return None


def violation(context: Context, action: str = "shutdown", vlan: bool = False) -> Output:
    """`switchport port-security violation protect|restrict|shutdown [vlan]`."""

    def change(settings: PortSecurity) -> None:
        settings.violation = (
            Violation.SHUTDOWN if context.off else Violation(f"{action} vlan" if vlan else action)
        )

    _change(context, change)
    return None


def aging(context: Context, minutes: int = 0) -> Output:
    """`switchport port-security aging time N` in minutes."""

    def change(settings: PortSecurity) -> None:
        settings.aging_minutes = 0 if context.off else minutes

    _change(context, change)
    return None


def aging_type(context: Context, kind: str = "absolute") -> Output:
    """`switchport port-security aging type absolute|inactivity`."""

    def change(settings: PortSecurity) -> None:
        settings.aging_idle = not context.off and kind == "inactivity"

    _change(context, change)
    return None


def aging_static(context: Context) -> Output:
    """`[no] switchport port-security aging static`: configured addresses age, too."""

    def change(settings: PortSecurity) -> None:
        settings.aging_static = not context.off

    _change(context, change)
    return None


def mac_address(context: Context, hwaddr: str) -> Output:
    """`[no] switchport port-security mac-address A`."""
    return _address(context, hwaddr, sticky=False)


def sticky(context: Context, hwaddr: str | None = None) -> Output:
    """`[no] switchport port-security mac-address sticky [A]`."""
    if hwaddr is not None:
        return _address(context, hwaddr, sticky=True)

    def change(settings: PortSecurity) -> None:
        settings.sticky = not context.off
        if context.off:
            settings.addresses = {text: False for text, kept in settings.addresses.items() if not kept}

    _change(context, change)
    return None


def _address(context: Context, hwaddr: str, *, sticky: bool) -> Output:
    switch = context.device
    name = context.edited(InterfaceConfig).name
    settings = layer2_of(context).security
    text = MacAddress.from_string(hwaddr).dotted
    if context.off:
        settings.addresses.pop(text, None)
    else:
        if text not in settings.addresses and len(settings.addresses) >= settings.maximum:
            raise CommandError(f"Total secure mac-addresses on interface {name} has reached maximum limit.")
        others = (port for port in _layer2(switch) if port != name)
        if any(text in switch.service(Bridge).switchport(port).security.addresses for port in others):
            raise CommandError(f"Found duplicate mac-address {text}.")
        settings.addresses[text] = sticky
    return None


def _secure_ports(switch: Device) -> list[str]:
    return [name for name in _layer2(switch) if switch.service(Bridge).switchport(name).security.enabled]


def _layer2(switch: Device) -> list[str]:
    return [name for name in switch.ports if switch.service(Bridge).is_switchport(name)]


def _totals(switch: Device) -> Iterator[str]:
    extra = sum(
        max(len(switch.service(PortSecurityGuard).addresses(name)) - 1, 0) for name in _secure_ports(switch)
    )
    yield f"Total Addresses in System (excluding one mac per port)     : {extra}"
    yield f"Max Addresses limit in System (excluding one mac per port) : {CAPACITY}"


def show(context: Context) -> Iterator[str]:
    """`show port-security`."""
    switch = context.device
    yield "Secure Port  MaxSecureAddr  CurrentAddr  SecurityViolation  Security Action"
    yield "                (Count)       (Count)          (Count)"
    yield _RULE
    for name in _secure_ports(switch):
        settings, guard = switch.service(Bridge).switchport(name).security, switch.service(PortSecurityGuard)
        yield (
            f"{short_name(name):>11} {settings.maximum:>14} {len(guard.addresses(name)):>12} "
            f"{guard.record(name).violations:>18} {settings.violation.value.title():>16}"
        )
    yield _RULE
    yield from _totals(switch)


def _status(switch: Device, name: str) -> str:
    interface = switch.interfaces[name]
    if interface.err_disabled:
        return "Secure-shutdown"
    enabled = switch.service(Bridge).switchport(name).security.enabled
    return "Secure-up" if interface.line_up and enabled else "Secure-down"


def show_interface(context: Context, port: str) -> Iterator[str]:
    """`show port-security interface X`."""
    switch = context.device
    if port not in _layer2(switch):
        raise InvalidArgument("port")
    settings, record = (
        switch.service(Bridge).switchport(port).security,
        switch.service(PortSecurityGuard).record(port),
    )
    known = switch.service(PortSecurityGuard).addresses(port)
    for label, value in (
        ("Port Security", "Enabled" if settings.enabled else "Disabled"),
        ("Port Status", _status(switch, port)),
        ("Violation Mode", settings.violation.value.title()),
        ("Aging Time", f"{settings.aging_minutes} mins"),
        ("Aging Type", "Inactivity" if settings.aging_idle else "Absolute"),
        ("SecureStatic Address Aging", "Enabled" if settings.aging_static else "Disabled"),
        ("Maximum MAC Addresses", settings.maximum),
        ("Total MAC Addresses", len(known)),
        ("Configured MAC Addresses", sum(entry.kind == CONFIGURED for entry in known)),
        ("Sticky MAC Addresses", sum(entry.kind == STICKY for entry in known)),
        ("Last Source Address:Vlan", f"{record.last_source.dotted}:{record.last_vlan}"),
        ("Security Violation Count", record.violations),
    ):
        yield f"{label:<27}: {value}"
    yield ""


def show_address(context: Context) -> Iterator[str]:
    """`show port-security address`."""
    switch = context.device
    yield "               Secure Mac Address Table"
    yield _WIDE_RULE
    yield "Vlan    Mac Address       Type                          Ports   Remaining Age"
    yield "                                                                   (mins)    "
    yield "----    -----------       ----                          -----   -------------"
    for name in _secure_ports(switch):
        settings = switch.service(Bridge).switchport(name).security
        for entry in list(switch.service(PortSecurityGuard).addresses(name)):
            left = "-"
            if settings.aging_minutes and ages(entry, settings):
                left = str(settings.aging_minutes - int((switch.now - entry.since) // 60))
                left += " (I)" if settings.aging_idle else ""
            yield (
                f"{entry.vlan:>4}    {entry.address.dotted}    {entry.kind:<29} {short_name(name):<6} {left:>6}"
            )
    yield _WIDE_RULE
    yield from _totals(switch)


def clear(context: Context, kind: str, port: str | None = None) -> Output:
    """`clear port-security all|configured|dynamic|sticky [interface X]`."""
    context.device.service(PortSecurityGuard).clear(port, kind)
    return None
