"""Shows of layer 2 ports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import ALL_VLANS, Switchport, SwitchportMode
from iosemu.bridging.vlans import VlanConfig, format_vlan_list
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.etherchannel.service import EtherChannels, channel_name


def _enabled(on: bool) -> str:
    return "enabled" if on else "disabled"


def _administrative(mode: SwitchportMode) -> str:
    return "static access" if mode is SwitchportMode.ACCESS else mode.value


_TRUNKING = {
    SwitchportMode.TRUNK: "on",
    SwitchportMode.DYNAMIC_AUTO: "auto",
    SwitchportMode.DYNAMIC_DESIRABLE: "desirable",
}
"""How ports come to be trunks; the others do not."""


def _voice(switch: Device, port: Switchport) -> str:
    return port.voice_form or ("none" if port.voice_vlan is None else _vlan_label(switch, port.voice_vlan))


def _appliance_trust(port: Switchport) -> str:
    """What a telephone is told of the marks of its computer."""
    if port.extended_trust:
        return "trusted"
    return "none" if port.extended_cos is None else f"override cos {port.extended_cos}"


def _status(switch: Device, name: str) -> str:
    interface = switch.interfaces[name]
    if not interface.admin_up:
        return "disabled"
    if interface.err_disabled:
        return "err-disabled"
    if switch.service(Bridge).is_monitor_destination(name) and interface.line_up:
        return "monitoring"
    return "connected" if interface.line_up else "notconnect"


def status_ports(switch: Device) -> list[str]:
    """All switch ports of the box, then the bundles."""
    channels = [channel_name(group) for group in switch.service(EtherChannels).groups()]
    return [*switch.model.switch_ports, *(name for name in channels if name in switch.interfaces)]


def _status_vlan(bridge: Bridge, name: str) -> str:
    """The VLAN of a port: primary and secondary one of a private VLAN's host."""
    port = bridge.switchport(name)
    if bridge.is_trunking(name):
        return "trunk"
    if bridge.switchport_mode(name).is_private and (private := bridge.private_vlans().port(port)) is not None:
        host = private.untagged != private.primary
        return f"{private.primary},{private.untagged}" if host else str(private.primary)
    return str(bridge.access_vlan(name))


def _err_disabled(switch: Device, names: list[str]) -> Iterator[str]:
    """Ports that are out of service, and those of which only VLANs are."""
    vlans = switch.service(Bridge).closed
    more = f"{'Reason':<20} Err-disabled Vlans" if vlans else "Reason"
    yield f"Port      Name               Status       {more}"
    for name in names:
        interface = switch.interfaces[name]
        closed = sorted(vlan for port, vlan in vlans if port == name)
        reason = interface.err_disabled or (vlans[name, closed[0]] if closed else "")
        if reason:
            status = "err-disabled" if interface.err_disabled else "connected"
            row = f"{short_name(name):<9} {interface.config.description[:18]:<18} {status:<12} {reason:<20}"
            yield f"{row} {format_vlan_list(closed)}".rstrip()


def show_status(context: Context, port: str | None = None, err_disabled: bool = False) -> Iterator[str]:
    """`show interfaces [X] status [err-disabled]`."""
    switch = context.device
    if port is not None and port not in status_ports(switch):
        raise InvalidArgument("port")
    names = [port] if port is not None else status_ports(switch)
    yield ""
    if err_disabled:
        yield from _err_disabled(switch, names)
        return
    yield "Port      Name               Status       Vlan       Duplex  Speed Type"
    for name in names:
        layer2 = switch.interfaces[name]
        up = layer2.line_up
        vlan = "routed"
        if switch.service(Bridge).is_switchport(name):
            vlan = _status_vlan(switch.service(Bridge), name)
        duplex = layer2.config.duplex if layer2.config.duplex != "auto" else ("a-full" if up else "auto")
        fast = str(layer2.hardware_bandwidth // 1000)
        members = [switch.interfaces[member].kind for member in switch.service(EtherChannels).active(name)]
        kind = (members or [layer2.kind])[0]
        speed = layer2.config.speed if layer2.config.speed != "auto" else (f"a-{fast}" if up else "auto")
        media = "10/100BaseTX" if kind == "FastEthernet" else "10/100/1000BaseTX"
        if not layer2.is_physical:
            media = ""
        yield (
            f"{short_name(name):<9} {layer2.config.description[:18]:<18} {_status(switch, name):<12} {vlan:<9} "
            f"{duplex:>7} {speed:>6} {media}"
        )


def show_trunk(context: Context, port: str | None = None) -> Iterator[str]:
    """`show interfaces [X] trunk`; a port of a bundle is as the bundle is."""
    switch = context.device
    bundle = switch.service(Bridge).bundles.bundle_of(port) if port is not None else None
    if port is not None and bundle is not None:
        yield from _as_member(show_trunk(context, bundle), bundle, port)
        return
    names = [port] if port is not None else switch.service(Bridge).switch_ports()
    trunks = [
        name
        for name in names
        if switch.service(Bridge).is_switchport(name)
        and switch.service(Bridge).is_trunking(name)
        and switch.interfaces[name].line_up
    ]
    if not trunks and port is None:
        return
    shown = trunks or names
    vlans = switch.config.of(VlanConfig)
    active = {name: switch.service(Bridge).trunk_vlans(name) for name in trunks}
    yield ""
    yield "Port        Mode             Encapsulation  Status        Native vlan"
    for name in shown:
        status = "trunking" if name in trunks else "not-trunking"
        native = switch.service(Bridge).switchport(name).native_vlan
        mode = _TRUNKING.get(switch.service(Bridge).switchport_mode(name), "off")
        yield f"{short_name(name):<11} {mode:<16} 802.1q         {status:<13} {native}"
    yield ""
    yield "Port        Vlans allowed on trunk"
    for name in shown:
        layer2 = switch.service(Bridge).switchport(name)
        allowed = format_vlan_list(layer2.allowed_vlans) or "none"
        yield f"{short_name(name):<11} {allowed if name in trunks else layer2.access_vlan}"
    yield ""
    yield "Port        Vlans allowed and active in management domain"
    for name in shown:
        layer2 = switch.service(Bridge).switchport(name)
        usable = active.get(name) or frozenset(
            {layer2.access_vlan} if vlans.usable(layer2.access_vlan) else ()
        )
        yield f"{short_name(name):<11} {format_vlan_list(usable) or 'none'}"
    yield ""
    yield "Port        Vlans in spanning tree forwarding state and not pruned"
    for name in shown:
        layer2 = switch.service(Bridge).switchport(name)
        usable = active.get(name) or frozenset({layer2.access_vlan})
        bridge = switch.service(Bridge)
        forwarding = [
            vlan for vlan in usable if bridge.is_forwarding(name, vlan) and not bridge.pruned(name, vlan)
        ]
        yield f"{short_name(name):<11} {format_vlan_list(forwarding) or 'none'}"


def _as_member(lines: Iterator[str], bundle: str, port: str) -> Iterator[str]:
    """What is said of a bundle, said of one of its ports."""
    head = f"{short_name(bundle):<11} "
    for line in lines:
        if not line.startswith(head):
            yield line
            continue
        bundled = " trunking      " in line
        row = f"{short_name(port):<11} {line[12:]}"
        yield row.replace(" trunking      ", " trnk-bndl     ")
        if bundled:
            yield f"{'':44}({short_name(bundle)})"


def _vlan_label(switch: Device, number: int) -> str:
    vlan = switch.config.of(VlanConfig).vlans.get(number)
    return f"{number} ({vlan.name if vlan else 'Inactive'})"


def _labels(switch: Device, numbers: Iterable[int]) -> str:
    return " ".join(_vlan_label(switch, number) for number in numbers) or "none"


def _operational(switch: Device, name: str) -> str:
    interface = switch.interfaces[name]
    if switch.service(Bridge).is_monitor_destination(name) and interface.line_up:
        return "monitoring"
    if not interface.line_up:
        return "down"
    mode = switch.service(Bridge).switchport_mode(name)
    if mode.is_private:
        return mode.value
    return "trunk" if switch.service(Bridge).is_trunking(name) else "static access"


def _module_port(switch: Device, name: str) -> Iterator[str]:
    """What an EtherSwitch module says of a port: it does not negotiate trunks and has no private VLANs."""
    bridge = switch.service(Bridge)
    layer2, trunk = bridge.switchport(name), bridge.is_trunking(name)
    yield f"Name: {short_name(name)}"
    yield "Switchport: Enabled"
    yield f"Administrative Mode: {_administrative(bridge.switchport_mode(name))}"
    yield f"Operational Mode: {_operational(switch, name)}"
    yield "Administrative Trunking Encapsulation: dot1q"
    yield f"Operational Trunking Encapsulation: {'dot1q' if trunk else 'native'}"
    yield "Negotiation of Trunking: Disabled"
    yield f"Access Mode VLAN: {_vlan_label(switch, layer2.access_vlan)}"
    yield f"Trunking Native Mode VLAN: {_vlan_label(switch, layer2.native_vlan)}"
    allowed = "ALL" if layer2.allowed_vlans == ALL_VLANS else format_vlan_list(layer2.allowed_vlans)
    yield f"Trunking VLANs Enabled: {(trunk and allowed) or 'NONE'}"
    if trunk:
        yield f"Trunking VLANs Active: {format_vlan_list(bridge.trunk_vlans(name)) or 'none'}"
    yield "Pruning VLANs Enabled: NONE"
    yield "Priority for untagged frames: 0"
    yield "Override vlan tag priority: FALSE"
    yield f"Voice VLAN: {_voice(switch, layer2)}"
    yield "Appliance trust: none"
    yield ""


def show_switchport(context: Context, port: str | None = None) -> Iterator[str]:
    """`show interfaces [X] switchport`."""
    switch = context.device
    if port is not None and not switch.service(Bridge).is_switchport(port):
        raise InvalidArgument("port")
    for name in (
        [port]
        if port is not None
        else [n for n in status_ports(switch) if switch.service(Bridge).is_switchport(n)]
    ):
        layer2 = switch.service(Bridge).switchport(name)
        effective = switch.service(Bridge).switchport_mode(name)
        trunking = switch.service(Bridge).is_trunking(name)
        if not switch.is_switch:
            yield from _module_port(switch, name)
            continue
        up = switch.interfaces[name].line_up
        yield f"Name: {short_name(name)}"
        yield "Switchport: Enabled"
        yield f"Administrative Mode: {_administrative(effective)}"
        yield f"Operational Mode: {_operational(switch, name)}"
        static = effective is SwitchportMode.ACCESS or effective.is_private
        both = switch.model.facts.get("trunk_encapsulations", False)
        wanted = "negotiate" if both and not layer2.encapsulation else "dot1q"
        yield f"Administrative Trunking Encapsulation: {wanted}"
        if up:
            yield f"Operational Trunking Encapsulation: {'dot1q' if trunking else 'native'}"
        negotiating = not layer2.nonegotiate and not static
        yield f"Negotiation of Trunking: {'On' if negotiating else 'Off'}"
        yield f"Access Mode VLAN: {_vlan_label(switch, layer2.access_vlan)}"
        yield f"Trunking Native Mode VLAN: {_vlan_label(switch, layer2.native_vlan)}"
        yield "Administrative Native VLAN tagging: enabled"
        yield f"Voice VLAN: {_voice(switch, layer2)}"
        host, mapped = layer2.host_association, layer2.private_mapping
        yield f"Administrative private-vlan host-association: {_labels(switch, host or ())} "
        mapping = (mapped[0], *sorted(mapped[1])) if mapped is not None else ()
        yield f"Administrative private-vlan mapping: {_labels(switch, mapping)} "
        yield "Administrative private-vlan trunk native VLAN: none"
        yield "Administrative private-vlan trunk Native VLAN tagging: enabled"
        yield "Administrative private-vlan trunk encapsulation: dot1q"
        yield "Administrative private-vlan trunk normal VLANs: none"
        yield "Administrative private-vlan trunk associations: none"
        yield "Administrative private-vlan trunk mappings: none"
        private = switch.service(Bridge).private_vlans().port(layer2) if effective.is_private else None
        if private is None:
            yield "Operational private-vlan: none"
        else:
            others = sorted({private.untagged, *private.carried} - {private.primary})
            yield "Operational private-vlan:"
            yield f"  {_labels(switch, (private.primary, *others))}"
        allowed = (
            "ALL" if layer2.allowed_vlans == ALL_VLANS else format_vlan_list(layer2.allowed_vlans) or "NONE"
        )
        yield f"Trunking VLANs Enabled: {allowed}"
        yield f"Pruning VLANs Enabled: {format_vlan_list(layer2.pruned_vlans) or 'NONE'}"
        yield "Capture Mode Disabled"
        yield "Capture VLANs Allowed: ALL"
        yield ""
        yield f"Protected: {'true' if layer2.protected else 'false'}"
        yield f"Unknown unicast blocked: {_enabled(layer2.block_unicast)}"
        yield f"Unknown multicast blocked: {_enabled(layer2.block_multicast)}"
        yield f"Appliance trust: {_appliance_trust(layer2)}"
        yield ""
