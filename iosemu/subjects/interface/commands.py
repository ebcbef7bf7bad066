"""`interface X` and what is typed under it."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import Medium
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, Output
from iosemu.ip.config import IpSettings
from iosemu.subjects.ip.commands import overlap
from iosemu.subjects.tunnel.config import Tunnel


def enter(context: Context, name: str) -> Output:
    """`interface NAME`; `no interface NAME` removes a virtual one."""
    device = context.device
    if context.negated or context.defaulted:
        known = device.config.interfaces.get(name)
        if known is not None and known.cloned:
            raise CommandError(f"% {name} is made from a virtual template and cannot be configured")
    if context.negated:
        if not device.delete_interface(name):
            raise CommandError("% Removal of physical interfaces is not permitted")
        return None
    if context.defaulted:
        if name not in device.config.interfaces:
            raise InvalidArgument("name")
        reset(device, name)
        return [f"Interface {name} set to default configuration"]
    return [Enter("config-if", _entered(device, name))]


def enter_template(context: Context, name: str) -> Output:
    """`interface Virtual-Template N type tunnel`: what tunnels for single peers are made from."""
    device = context.device
    if not name.startswith("Virtual-Template"):
        raise InvalidArgument("type")
    new = name not in device.config.interfaces
    config = _entered(device, name)
    if config.held(Tunnel) is None:
        if not new:
            raise CommandError("% Virtual-template type cannot be changed")
        config.put(Tunnel())
        config.suffix = " type tunnel"
        device.interface_configured(name)
    return [Enter("config-if", config)]


def _entered(device: Device, name: str) -> InterfaceConfig:
    """The configuration of an interface that somebody wants to type; what was made for a peer is not theirs."""
    try:
        config = device.make_interface(name)
    except ValueError:
        raise InvalidArgument("name") from None
    if config.cloned:
        raise CommandError(f"% {name} is made from a virtual template and cannot be configured")
    return config


def enter_range(context: Context, names: tuple[str, ...]) -> Output:
    """`interface range …`."""
    configs = []
    for name in names:
        try:
            configs.append(_entered(context.device, name))
        except InvalidArgument:
            raise InvalidArgument("names") from None
    return [Enter("config-if", configs)]


def reset(device: Device, name: str) -> None:
    """`default interface NAME`: back to the state of a fresh port, which stays in service."""
    config: InterfaceConfig = device.config.interfaces[name]
    config.reset()
    if name in device.switch_ports:
        config.put(Switchport())
    device.interface_configured(name)


def shutdown(context: Context) -> Output:
    """`shutdown`, `no shutdown`."""
    config = context.edited(InterfaceConfig)
    address = config.of(IpSettings).address
    if context.off and address is not None:
        other = overlap(context.device, config, address)
        if other is not None:
            raise CommandError(
                f"% {address.network.network_address} overlaps with {other}\n"
                f"{config.name}: incorrect IP address assignment"
            )
    config.shutdown = not context.off
    return None


def _negotiating(context: Context, argument: str) -> InterfaceConfig:
    """What is edited; a serial line has neither duplex nor speed."""
    config = context.edited(InterfaceConfig)
    if config.type.medium is Medium.SERIAL:
        raise InvalidArgument(argument)
    return config


def duplex(context: Context, mode: str = "auto") -> Output:
    """`duplex auto|full|half`."""
    _negotiating(context, "mode").duplex = "auto" if context.off else mode
    return None


def speed(context: Context, rate: str = "auto") -> Output:
    """`speed auto|10|100|1000`."""
    _negotiating(context, "rate").speed = "auto" if context.off else rate
    return None


def keepalive(context: Context, seconds: int = 10, retries: int = 3) -> Output:
    """`keepalive [SECONDS [RETRIES]]`, `no keepalive`; a tunnel has none by default."""
    config = context.edited(InterfaceConfig)
    tunnel = config.held(Tunnel)
    if tunnel is not None:
        tunnel.keepalive = None if context.off or not seconds else seconds
        tunnel.retries = 3 if context.off else retries
    else:
        config.keepalive = None if context.negated else 10 if context.defaulted else seconds
    return None
