"""`interface X` and what is typed under it."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, NetmaskValueError
from typing import Any

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Enter, InvalidArgument, Output
from iosemu.ip.stack import IpStack
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
    lines: list[str | Effect] = []
    for config in members(context):
        down = not context.off
        if not down and config.address is not None:
            other = overlap(context.device, config, config.address)
            if other is not None:
                lines.append(f"% {config.address.network.network_address} overlaps with {other}")
                lines.append(f"{config.name}: incorrect IP address assignment")
                continue
        config.shutdown = down
    return lines


def overlap(device: Device, config: InterfaceConfig, address: IPv4Interface) -> str | None:
    """Another interface, not shut down, whose subnet shares addresses with `address`."""
    for name in device.service(IpStack).subnets.sharing(address.network):
        if name != config.name and not device.config.interfaces[name].shutdown:
            return name
    return None


def checked(address: IPv4Address, mask: IPv4Address) -> IPv4Interface:
    """The address with its mask; CommandError with IOS's words when they do not fit."""
    try:
        network = IPv4Network(f"0.0.0.0/{mask}") if int(mask) else None
    except (NetmaskValueError, ValueError):
        network = None
    if network is None or int(network.netmask) != int(mask):
        raise CommandError(f"Bad mask 0x{int(mask):08X} for address {address}")
    interface = IPv4Interface((address, network.prefixlen))
    subnet = interface.network
    if address.is_multicast or address.is_loopback or int(address) >> 28 == 15 or int(address) >> 24 == 0:
        raise CommandError(f"Not a valid host address - {address}")
    if subnet.prefixlen < 31 and address in (subnet.network_address, subnet.broadcast_address):
        raise CommandError(f"Bad mask /{subnet.prefixlen} for address {address}")
    return interface


def ip_address(
    context: Context,
    address: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    secondary: bool = False,
) -> Output:
    """`ip address A M [secondary]`, `no ip address [A M [secondary]]`."""
    device = context.device
    lines: list[str | Effect] = []
    for config in members(context):
        if context.off:
            _remove_address(config, address, secondary)
        else:
            assert address is not None
            assert mask is not None
            if config.parent is not None and config.encapsulation_vlan is None:
                raise CommandError(
                    "\n% Configuring IP routing on a LAN subinterface is only allowed if that\n"
                    "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,\n"
                    "or ISL vLAN.\n"
                )
            new = checked(address, mask)
            other = overlap(device, config, new)
            if other is not None:
                lines.append(f"% {new.network.network_address} overlaps with {other}")
                if not config.shutdown:
                    continue
            config.dhcp = False
            if secondary:
                if new not in config.secondary:
                    config.secondary.append(new)
            else:
                config.secondary = [each for each in config.secondary if each.ip != new.ip]
                config.address = new
        typed = not getattr(context.session, "quiet", False)
        device.interfaces[config.name].address_method = "manual" if typed else "NVRAM"
    return lines


def _remove_address(config: InterfaceConfig, address: IPv4Address | None, secondary: bool) -> None:
    if address is None:
        config.address = None
        config.secondary = []
        config.dhcp = False
    elif secondary:
        config.secondary = [each for each in config.secondary if each.ip != address]
    elif config.address is None or config.address.ip != address:
        raise CommandError("Invalid address")
    elif config.secondary:
        raise CommandError("Must delete secondary before deleting primary")
    else:
        config.address = None


def _each(context: Context, change: Callable[[InterfaceConfig], None]) -> None:
    for config in members(context):
        change(config)


def _assign(context: Context, field: str, value: Any) -> None:
    default = InterfaceConfig.__dataclass_fields__[field].default
    _each(context, lambda config: setattr(config, field, default if context.off else value))


def access_group(context: Context, name: str = "", direction: str = "") -> Output:
    """`ip access-group NAME in|out`."""
    _each(
        context,
        lambda config: setattr(config, f"access_group_{direction}", None if context.off else name),
    )
    return None


def encapsulation(context: Context, vlan: int = 0, native: bool = False) -> Output:
    """`encapsulation dot1Q N [native]` of a subinterface."""
    for config in members(context):
        if config.parent is None:
            raise InvalidArgument("vlan")
        if context.off:
            config.encapsulation_vlan, config.encapsulation_native = None, False
            config.address, config.secondary = None, []
        else:
            for other in (each.config for each in context.device.interfaces.children(config.parent)):
                if other is not config and other.encapsulation_vlan == vlan:
                    raise CommandError(
                        f"%Configuration of multiple subinterfaces of the same main interface with the same VID"
                        f" ({vlan}) is not permitted.\nThis VID is already configured on {other.name}."
                    )
            config.encapsulation_vlan, config.encapsulation_native = vlan, native
    return None


def description(context: Context, text: str = "") -> Output:
    """`description TEXT`."""
    _assign(context, "description", text)
    return None


def bandwidth(context: Context, kilobits: int = 0) -> Output:
    """`bandwidth KBITS`."""
    _assign(context, "bandwidth", kilobits)
    return None


def delay(context: Context, tens: int = 0) -> Output:
    """`delay TENS-OF-MICROSECONDS`."""
    _assign(context, "delay", tens)
    return None


def mtu(context: Context, octets: int = 1500) -> Output:
    """`mtu OCTETS`."""
    _assign(context, "mtu", octets)
    return None


def ip_mtu(context: Context, octets: int = 1500) -> Output:
    """`ip mtu OCTETS`; the interface's own MTU is the default."""
    for config in members(context):
        config.ip_mtu = None if context.off or octets == config.mtu else octets
    return None


def adjust_mss(context: Context, octets: int = 0) -> Output:
    """`ip tcp adjust-mss OCTETS`: kept."""
    _assign(context, "adjust_mss", octets)
    return None


def duplex(context: Context, mode: str = "auto") -> Output:
    """`duplex auto|full|half`."""
    _assign(context, "duplex", mode)
    return None


def speed(context: Context, rate: str = "auto") -> Output:
    """`speed auto|10|100|1000`."""
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
    _each(context, lambda config: setattr(config, "keepalive", value))
    return None


def load_interval(context: Context, seconds: int = 300) -> Output:
    """`load-interval SECONDS` (a multiple of 30)."""
    if seconds % 30:
        raise CommandError("Must be in increments of 30 seconds")
    _assign(context, "load_interval", seconds)
    return None


def arp_timeout(context: Context, seconds: int = 14400) -> Output:
    """`arp timeout SECONDS`."""
    _assign(context, "arp_timeout", seconds)
    return None


_SWITCHES = {
    "proxy-arp": "proxy_arp",
    "redirects": "redirects",
    "unreachables": "unreachables",
    "directed-broadcast": "directed_broadcast",
}


def ip_switch(context: Context, what: str = "") -> Output:
    """`[no] ip proxy-arp|redirects|unreachables|directed-broadcast`."""
    field = _SWITCHES[what]
    default = InterfaceConfig.__dataclass_fields__[field].default
    value = default if context.defaulted else not context.negated
    _each(context, lambda config: setattr(config, field, value))
    return None
