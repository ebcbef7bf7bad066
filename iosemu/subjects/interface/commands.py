"""`interface X` and what is typed under it."""

from __future__ import annotations

from typing import Any

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import Medium
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, Output
from iosemu.ip.config import IpSettings
from iosemu.subjects.ip.commands import overlap
from iosemu.subjects.tunnel.config import Tunnel


def members(context: Context) -> list[InterfaceConfig]:
    """The interface that the mode edits; the session calls a handler once for each of a range."""
    target = context.edited(InterfaceConfig)
    return [target]


def enter(context: Context, name: str) -> Output:
    """`interface NAME`; `no interface NAME` removes a virtual one."""
    device = context.device
    if context.negated:
        if not device.delete_interface(name):
            raise CommandError("% Removal of physical interfaces is not permitted")
        return None
    if context.defaulted:
        if name not in device.config.interfaces:
            raise InvalidArgument("name")
        reset(device, name)
        return [f"Interface {name} set to default configuration"]
    try:
        config = device.make_interface(name)
    except ValueError:
        raise InvalidArgument("name") from None
    return [Enter("config-if", config)]


def enter_range(context: Context, names: tuple[str, ...]) -> Output:
    """`interface range …`."""
    configs = []
    for name in names:
        try:
            configs.append(context.device.make_interface(name))
        except ValueError:
            raise InvalidArgument("names") from None
    return [Enter("config-if", configs)]


def reset(device: Device, name: str) -> None:
    """`default interface NAME`: back to the state of a fresh port, which stays in service."""
    config: InterfaceConfig = device.config.interfaces[name]
    config.reset()
    if name in device.ports and device.find(Bridge) is not None:
        config.put(Switchport())
    device.interface_configured(name)


def shutdown(context: Context) -> Output:
    """`shutdown`, `no shutdown`."""
    for config in members(context):
        down = not context.off
        address = config.of(IpSettings).address
        if not down and address is not None:
            other = overlap(context.device, config, address)
            if other is not None:
                raise CommandError(
                    f"% {address.network.network_address} overlaps with {other}\n"
                    f"{config.name}: incorrect IP address assignment"
                )
        config.shutdown = down
    return None


def _assign(context: Context, field: str, value: Any) -> None:
    for config in members(context):
        default = getattr(InterfaceConfig(config.name), field)
        setattr(config, field, default if context.off else value)


def _negotiating(context: Context, argument: str) -> None:
    """A serial line has neither duplex nor speed."""
    if any(config.type.medium is Medium.SERIAL for config in members(context)):
        raise InvalidArgument(argument)


def duplex(context: Context, mode: str = "auto") -> Output:
    """`duplex auto|full|half`."""
    _negotiating(context, "mode")
    _assign(context, "duplex", mode)
    return None


def speed(context: Context, rate: str = "auto") -> Output:
    """`speed auto|10|100|1000`."""
    _negotiating(context, "rate")
    _assign(context, "speed", rate)
    return None


def keepalive(context: Context, seconds: int = 10, retries: int = 3) -> Output:
    """`keepalive [SECONDS [RETRIES]]`, `no keepalive`; a tunnel has none by default."""
    value = None if context.negated else 10 if context.defaulted else seconds
    for config in members(context):
        tunnel = config.held(Tunnel)
        if tunnel is not None:
            tunnel.keepalive = None if context.off or not seconds else seconds
            tunnel.retries = 3 if context.off else retries
            return None
        config.keepalive = value
    return None
