"""`bba-group pppoe`, `pppoe …`, `dialer …`."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import Medium
from iosemu.handling.context import Context
from iosemu.handling.effects import Enter, InvalidArgument, Output
from iosemu.subjects.pppoe import debug
from iosemu.subjects.pppoe.config import GLOBAL, BbaGroup, DialerSettings, PppoeConfig, PppoePort
from iosemu.subjects.pppoe.service import DIALER


def group(context: Context, name: str = GLOBAL) -> Output:
    """`bba-group pppoe NAME`."""
    groups: dict[str, BbaGroup] = context.device.config.of(PppoeConfig).groups
    if context.off:
        groups.pop(name, None)
        return None
    return [Enter("config-bba-group", groups.setdefault(name, BbaGroup(name)))]


def virtual_template(context: Context, number: int | None = None) -> None:
    """`virtual-template N` in a group."""
    context.edited(BbaGroup).template = None if context.off else number


def _port(context: Context, argument: str) -> PppoePort:
    config: InterfaceConfig = context.target
    if config.type.medium is not Medium.ETHERNET or config.name in context.device.switch_ports:
        raise InvalidArgument(argument)
    return config.of(PppoePort)


def enable(context: Context, name: str = GLOBAL) -> None:
    """`pppoe enable [group NAME]`."""
    _port(context, "enable").group = "" if context.off else name


def client(context: Context, pool: int | None = None) -> None:
    """`pppoe-client dial-pool-number N`."""
    _port(context, "pool").pool = None if context.off else pool


def _dialer(context: Context, argument: str) -> DialerSettings:
    config: InterfaceConfig = context.target
    if config.kind != DIALER:
        raise InvalidArgument(argument)
    return config.of(DialerSettings)


def dialer_pool(context: Context, pool: int | None = None) -> None:
    """`dialer pool N`."""
    _dialer(context, "pool").pool = None if context.off else pool


def dialer_group(context: Context, number: int | None = None) -> None:
    """`dialer-group N`."""
    _dialer(context, "number").group = None if context.off else number


def debug_events(context: Context) -> str:
    """`debug pppoe events`."""
    return context.device.debugging.set(debug.EVENTS, not context.silenced)


def debug_packets(context: Context) -> str:
    """`debug pppoe packets`."""
    return context.device.debugging.set(debug.PACKETS, not context.silenced)
