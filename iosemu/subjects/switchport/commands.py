"""Layer 2 ports: `switchport …`."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.box.subject import Forwarding
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import ALL_VLANS, PRUNABLE, Switchport, SwitchportMode
from iosemu.bridging.vlans import Vlan, VlanConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.subjects.etherchannel.config import ChannelMember

_AUTO = 'Command rejected: An interface whose trunk encapsulation is "Auto" can not be {} "trunk" mode.'
_DYNAMIC = (SwitchportMode.DYNAMIC_AUTO, SwitchportMode.DYNAMIC_DESIRABLE)


def _conflict(name: str) -> str:
    return (
        "Command rejected: Conflict between 'nonegotiate' and 'dynamic' status on this interface:"
        f" {short_name(name)}"
    )


def layer2_of(context: Context) -> Switchport:
    """The layer 2 settings of the edited interface; CommandError when it has none."""
    config = context.edited(InterfaceConfig)
    layer2: Switchport | None = config.held(Switchport)
    if layer2 is None:
        if config.type.logical or config.name in context.device.switch_ports:
            raise CommandError(Switchport.refusal(config))
        raise InvalidArgument("switchport")  # a port of the router itself does not know the word
    return layer2


def mode(context: Context, mode: str = "") -> Output:
    """`switchport mode access|trunk|dynamic auto|dynamic desirable`."""
    chosen = None if context.off else SwitchportMode(mode)
    negotiates = context.device.model.facts.get("trunk_encapsulations", False)
    if chosen is SwitchportMode.TRUNK and negotiates and not layer2_of(context).encapsulation:
        raise CommandError(_AUTO.format("configured to"))
    if (chosen or context.device.service(Bridge).default_mode) in _DYNAMIC:
        port, name = layer2_of(context), context.edited(InterfaceConfig).name
        if port.nonegotiate:
            raise CommandError(_conflict(name))
        if port.security.enabled:
            raise CommandError(f"Command rejected: {name} is a secure port.")

    layer2_of(context).mode = chosen
    return None


def nonegotiate(context: Context) -> Output:
    """`[no] switchport nonegotiate`."""
    port = layer2_of(context)
    effective = context.device.service(Bridge).switchport_mode(context.edited(InterfaceConfig).name)
    if not context.off and effective in _DYNAMIC:
        raise CommandError(_conflict(context.edited(InterfaceConfig).name))
    port.nonegotiate = not context.off
    return None


def _ensure_vlan(switch: Device, number: int, use: str) -> list[str]:
    vlans = switch.config.of(VlanConfig).vlans
    if number in vlans:
        return []
    vlans[number] = Vlan(number)
    return [f"% {use} VLAN does not exist. Creating vlan {number}"]


def access_vlan(context: Context, number: int = 1) -> Output:
    """`switchport access vlan N`; the VLAN is made when it is missing."""
    port = layer2_of(context)
    port.access_vlan = 1 if context.off else number
    return _ensure_vlan(context.device, port.access_vlan, "Access")


def voice_vlan(context: Context, number: int | None = None, how: str = "") -> Output:
    """`[no] switchport voice vlan N|dot1p|none|untagged`."""
    port = layer2_of(context)
    port.voice_vlan = None if context.off else number
    port.voice_form = how if not context.off and how != "none" else ""
    return [] if port.voice_vlan is None else _ensure_vlan(context.device, port.voice_vlan, "Voice")


def allowed_vlans(context: Context, how: str = "", vlans: tuple[int, ...] = ()) -> Output:
    """`switchport trunk allowed vlan LIST|add LIST|remove LIST|except LIST|all|none`."""
    port = layer2_of(context)
    before = port.allowed_vlans
    if context.off or how == "all":
        after = ALL_VLANS
    elif how == "none":
        after = frozenset()
    elif how.startswith("add"):
        after = before.union(vlans)
    elif how.startswith("remove"):
        after = before.difference(vlans)
    elif how.startswith("except"):
        after = ALL_VLANS.difference(vlans)
    else:
        after = frozenset(vlans)
    port.allowed_vlans = after
    return None


def pruning_vlans(context: Context, how: str = "", vlans: tuple[int, ...] = ()) -> Output:
    """`switchport trunk pruning vlan LIST|add LIST|remove LIST|except LIST|none`."""
    if set(vlans) - PRUNABLE:
        raise CommandError("Command rejected: Bad VLAN pruning list.")
    port = layer2_of(context)
    if context.off:
        port.pruned_vlans = PRUNABLE
    elif how == "none":
        port.pruned_vlans = frozenset()
    elif how.startswith("add"):
        port.pruned_vlans |= set(vlans)
    elif how.startswith("remove"):
        port.pruned_vlans -= set(vlans)
    elif how.startswith("except"):
        port.pruned_vlans = PRUNABLE.difference(vlans)
    else:
        port.pruned_vlans = frozenset(vlans)
    return None


def extended_priority(context: Context, cos: int | None = None) -> Output:
    """`[no] switchport priority extend cos N|trust`."""
    port = layer2_of(context)
    port.extended_trust = not context.off and cos is None
    port.extended_cos = None if context.off else cos
    return None


def bare(context: Context) -> Output:
    """`[no] switchport`: a port of a multilayer switch or of some modules routes, or switches again."""
    device = context.device
    if context.edited(InterfaceConfig).name not in device.switch_ports or (
        context.negated and device.composition.forwarding is Forwarding.NEVER
    ):
        raise InvalidArgument("switchport")
    if context.negated and not device.is_switch and "routed-switch-ports" not in device.model.capabilities:
        raise CommandError("Command rejected: Not a convertible port.")
    if context.edited(InterfaceConfig).of(ChannelMember).group is not None:
        raise CommandError("Command rejected: the interface is a member of a channel group")
    config = context.edited(InterfaceConfig)
    if context.negated:
        config.drop(Switchport)
    elif config.held(Switchport) is None:
        config.put(Switchport())
    return None


def encapsulation(context: Context, kind: str = "negotiate") -> Output:
    """`switchport trunk encapsulation dot1q|isl|negotiate`."""
    if kind == "isl" and not context.off:
        raise CommandError("Command rejected: ISL frames are not supported on this interface")
    chosen = "" if context.off or kind == "negotiate" else kind
    port = layer2_of(context)
    if (
        not chosen
        and context.device.service(Bridge).switchport_mode(context.edited(InterfaceConfig).name)
        is SwitchportMode.TRUNK
    ):
        raise CommandError(_AUTO.format("in"))
    port.encapsulation = chosen
    return None
