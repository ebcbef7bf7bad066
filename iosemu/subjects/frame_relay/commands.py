"""`frame-relay …`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, Output
from iosemu.ip.serial import KIND, SerialSettings, has_one_circuit
from iosemu.packets.frame_relay import LmiType
from iosemu.subjects.frame_relay import debug
from iosemu.subjects.frame_relay.config import FrameRelayConfig, FrameRelaySettings, StaticMap
from iosemu.subjects.frame_relay.service import FrameRelayLines

_TYPES = {"cisco": LmiType.CISCO, "ansi": LmiType.ANSI, "q933a": LmiType.Q933A}


def encapsulation(context: Context, ietf: bool = False) -> None:
    """`encapsulation frame-relay [ietf]`."""
    config: InterfaceConfig = context.target
    if config.kind != KIND or config.parent is not None:
        raise InvalidArgument("frame_relay")
    line = config.of(SerialSettings)
    if context.off:
        if line.encapsulation == "frame-relay":
            line.encapsulation, line.ietf = "hdlc", False
        return
    line.encapsulation, line.ietf = "frame-relay", ietf


def enter(context: Context, name: str, kind: str) -> Output:
    """`interface SerialX.N point-to-point|multipoint`: a subinterface, whose kind stays."""
    device = context.device
    if not name.startswith(KIND) or "." not in name:
        raise InvalidArgument("kind")
    known = device.config.interfaces.get(name)
    if known is not None and known.suffix not in ("", f" {kind}"):
        raise CommandError("% Warning: cannot change link type")
    try:
        config = device.make_interface(name)
    except ValueError:
        raise InvalidArgument("name") from None
    config.suffix = f" {kind}"
    device.interface_configured(name)
    return [Enter("config-if", config)]


def switching(context: Context) -> None:
    """`frame-relay switching`."""
    context.device.config.of(FrameRelayConfig).switching = not context.off


def _settings(context: Context, argument: str, *, line: bool = False) -> FrameRelaySettings:
    """Those of what is edited; refused where there is no Frame Relay."""
    config: InterfaceConfig = context.target
    parent = context.device.config.interfaces.get(config.parent or config.name, config)
    if config.kind != KIND:
        raise InvalidArgument(argument)
    if line and config.parent is not None:
        raise InvalidArgument(argument)
    if parent.of(SerialSettings).encapsulation != "frame-relay":
        raise CommandError(f"FRAME-RELAY encapsulation is not configured on {parent.name}")
    return config.of(FrameRelaySettings)


def lmi_type(context: Context, kind: str = "") -> None:
    """`frame-relay lmi-type cisco|ansi|q933a`; without one it is found out."""
    _settings(context, "kind", line=True).lmi_type = None if context.off else _TYPES[kind]


def interface_type(context: Context, kind: str = "dte") -> None:
    """`frame-relay intf-type dce|dte`."""
    settings = _settings(context, "kind", line=True)
    network = kind == "dce" and not context.off
    if network and not context.device.config.of(FrameRelayConfig).switching:
        raise CommandError("Must enable frame-relay switching before configuring interface type")
    settings.network = network


def route(context: Context, dlci: int, interface: str = "", other: int = 0) -> None:
    """`frame-relay route N interface X M`."""
    settings = _settings(context, "dlci", line=True)
    if context.off:
        settings.routes.pop(dlci, None)
        return
    if not context.device.config.of(FrameRelayConfig).switching:
        raise CommandError("Must enable frame-relay switching before configuring a route")
    if interface not in context.device.ports or not interface.startswith(KIND):
        raise InvalidArgument("interface")
    settings.routes[dlci] = (interface, other)


def interface_dlci(context: Context, dlci: int) -> None:
    """`frame-relay interface-dlci N`."""
    settings = _settings(context, "dlci")
    config: InterfaceConfig = context.target
    if context.off:
        if dlci in settings.circuits:
            settings.circuits.remove(dlci)
        return
    parent = config.parent or config.name
    for name, other in context.device.config.interfaces.items():
        own = other.held(FrameRelaySettings)
        if (
            own is not None
            and other is not config
            and (other.parent or name) == parent
            and dlci in own.circuits
        ):
            raise CommandError(f"%PVC already assigned to interface {name}")
    if has_one_circuit(config) and settings.circuits not in ([], [dlci]):
        raise CommandError("%PVC is already defined on this point-to-point interface")
    if dlci not in settings.circuits:
        settings.circuits.append(dlci)


def map_ip(
    context: Context, address: IPv4Address, dlci: int = 0, broadcast: bool = False, how: str = ""
) -> None:
    """`frame-relay map ip A N [broadcast] [ietf|cisco]`."""
    settings = _settings(context, "address")
    config: InterfaceConfig = context.target
    if has_one_circuit(config):
        raise CommandError("FRAME-RELAY INTERFACE-DLCI command should be used on point-to-point interfaces")
    if context.off:
        settings.maps.pop(address, None)
    else:
        settings.maps[address] = StaticMap(dlci, broadcast, how)


def inverse_arp(context: Context) -> None:
    """`[no] frame-relay inverse-arp`."""
    _settings(context, "inverse_arp").inverse_arp = not context.negated


def clear_inverse_arp(context: Context) -> None:
    """`clear frame-relay inarp`: forget what was found out; it is asked for again."""
    for line in context.device.service(FrameRelayLines).all():
        line.dynamic.clear()
        line.ask_again()


def debug_lmi(context: Context) -> list[str]:
    """`debug frame-relay lmi`."""
    on = not context.silenced
    told = [context.device.debugging.set(debug.LMI, on)]
    return [*told, "Displaying all Frame Relay LMI data"] if on else told


def debug_packet(context: Context) -> str:
    """`debug frame-relay packet`."""
    return context.device.debugging.set(debug.PACKET, not context.silenced)


def debug_events(context: Context) -> str:
    """`debug frame-relay events`."""
    return context.device.debugging.set(debug.EVENTS, not context.silenced)
