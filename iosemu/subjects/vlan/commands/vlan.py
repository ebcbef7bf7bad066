"""VLANs: `vlan`, its submode, `show vlan …` and VTP's local settings."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import PRIMARY, RESERVED, Vlan, VlanConfig, runs
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, Output

NAME_LENGTH = 32
PORTS_WIDTH = 31
PRIVATE_WIDTH = 42


def vlan(context: Context, vlans: tuple[int, ...]) -> Output:
    """`[no] vlan LIST`: make VLANs and edit them, or remove them."""
    switch = context.device
    config = switch.config.of(VlanConfig)
    if config.vtp_mode == "client":
        raise CommandError("VTP VLAN configuration not allowed when device is in CLIENT mode.")
    if context.off:
        fixed = [number for number in sorted(vlans) if number == 1 or number in RESERVED]
        if fixed:
            raise CommandError(
                f"%Default VLAN {fixed[0]} may not be deleted."
                if fixed[0] == 1
                else f"%Default VLAN {fixed[0]} may not have its state changed or be deleted."
            )
        for number in vlans:
            config.vlans.pop(number, None)
        return None
    if any(number in RESERVED for number in vlans):
        raise InvalidArgument("vlans")
    for number in vlans:
        config.vlans.setdefault(number, Vlan(number))
    return [Enter("config-vlan", [config.vlans[number] for number in sorted(vlans)])]


def _edited(context: Context) -> list[Vlan]:
    target = context.target
    return target if isinstance(target, list) else [target]


def name(context: Context, title: str = "") -> Output:
    """`name NAME` in the VLAN submode."""
    switch = context.device
    edited = _edited(context)
    if len(edited) > 1:
        raise CommandError("%Cannot name a range of VLANs")
    if len(title) > NAME_LENGTH:
        raise CommandError(f"%VLAN name too long (limit {NAME_LENGTH} characters)")
    for vlan in edited:
        others = (other for other in switch.config.of(VlanConfig).vlans.values() if other is not vlan)
        if title and any(other.name == title for other in others):
            raise CommandError(f"%Duplicate VLAN name {title}")
        vlan.name = "" if context.negated or context.defaulted else title
        vlan.__post_init__()
    return None


def shutdown(context: Context) -> Output:
    """`[no] shutdown` in the VLAN submode."""
    for vlan in _edited(context):
        if vlan.number == 1:
            raise CommandError("%Default VLAN 1 may not be shutdown.")
        vlan.shutdown = not (context.negated or context.defaulted)
    return None


def state(context: Context, value: str = "active") -> Output:
    """`state active|suspend`."""
    for vlan in _edited(context):
        if vlan.number == 1:
            raise CommandError("%Default VLAN 1 may not have its state changed.")
        vlan.suspended = value == "suspend" and not context.off
    return None


def remote_span(context: Context) -> Output:
    """`[no] remote-span`."""
    for vlan in _edited(context):
        if vlan.number == 1:
            raise CommandError("%Default VLAN 1 may not be configured as a remote-span VLAN.")
        vlan.remote_span = not (context.negated or context.defaulted)
    return None


def mtu(context: Context, size: int = 1500) -> Output:
    """`mtu N` in the VLAN submode."""
    for vlan in _edited(context):
        vlan.mtu = 1500 if context.negated or context.defaulted else size
    return None


def status(vlan: Vlan) -> str:
    """The state of a VLAN, as tables have it."""
    if vlan.number in RESERVED:
        return "act/unsup"
    if vlan.shutdown:
        return "sus/lshut" if vlan.suspended else "act/lshut"
    return "suspended" if vlan.suspended else "active"


def access_ports(switch: Device, number: int) -> list[str]:
    """The ports that are in a VLAN and are no trunks, abbreviated."""
    return [
        short_name(port)
        for port in switch.service(Bridge).switch_ports()
        if not switch.service(Bridge).is_trunking(port)
        and not switch.service(Bridge).is_monitor_destination(port)
        and switch.service(Bridge).access_vlan(port) == number
        and not switch.service(Bridge).switchport_mode(port).is_private
    ]


def _carrying_ports(switch: Device, number: int) -> list[str]:
    """Access ports of a VLAN and the trunks that carry it."""
    access = set(access_ports(switch, number))
    return [
        short
        for port in switch.service(Bridge).switch_ports()
        if (short := short_name(port)) in access
        or (
            switch.service(Bridge).is_trunking(port)
            and number in switch.service(Bridge).port_vlans(port)
            and switch.interfaces[port].line_up
        )
    ]


def _brief(
    switch: Device, vlans: list[Vlan], ports_of: Callable[[Device, int], list[str]] = access_ports
) -> Iterator[str]:
    yield "VLAN Name                             Status    Ports"
    yield "---- -------------------------------- --------- -------------------------------"
    for vlan in vlans:
        ports = ports_of(switch, vlan.number)
        rows = textwrap.wrap(", ".join(ports), PORTS_WIDTH + 1, break_long_words=False) or [""]
        yield f"{vlan.number:<4} {vlan.name:<32} {status(vlan):<9} {rows[0].rstrip(',')}"
        for row in rows[1:]:
            yield f"{'':48}{row.rstrip(',')}"


_TYPES = {1002: "fddi", 1003: "tr", 1004: "fdnet", 1005: "trnet"}


def _parameters(vlans: list[Vlan]) -> Iterator[str]:
    yield ""
    yield "VLAN Type  SAID       MTU   Parent RingNo BridgeNo Stp  BrdgMode Trans1 Trans2"
    yield "---- ----- ---------- ----- ------ ------ -------- ---- -------- ------ ------"
    for vlan in vlans:
        kind = _TYPES.get(vlan.number, "enet")
        stp = {1004: "ieee", 1005: "ibm"}.get(vlan.number, "-")
        yield (
            f"{vlan.number:<4} {kind:<5} {100000 + vlan.number:<10} {vlan.mtu:<5} -      -      -        "
            f"{stp:<4} {'srb' if vlan.number == 1003 else '-':<8} 0      0   "
        )


def _remote_span(vlans: list[Vlan]) -> Iterator[str]:
    yield ""
    yield "Remote SPAN VLANs"
    yield "-" * 78
    yield ",".join(
        str(low) if low == high else f"{low}-{high}"
        for low, high in runs(vlan.number for vlan in vlans if vlan.remote_span)
    )


def _all(switch: Device) -> list[Vlan]:
    return [vlan for _, vlan in sorted(switch.config.of(VlanConfig).vlans.items())]


def private_rows(switch: Device, only: int | None = None) -> Iterator[str]:
    """The table of private VLANs (outputs/show_vlan_private-vlan), of one VLAN or of all."""
    yield "Primary Secondary Type              Ports"
    yield "------- --------- ----------------- ------------------------------------------"
    vlans, bridge = switch.config.of(VlanConfig).vlans, switch.service(Bridge)
    private = bridge.private_vlans()
    associated = {second for vlan in vlans.values() for second in vlan.associated}
    rows: list[tuple[int | None, int | None, str]] = []
    for number, vlan in sorted(vlans.items()):
        if vlan.private == PRIMARY:
            types = {
                second: vlans[second].private if second in private.primary_of else "non-operational"
                for second in vlan.associated
            }
            rows += [(number, second, kind) for second, kind in types.items()] or [(number, None, PRIMARY)]
        elif vlan.private and number not in associated:
            rows.append((None, number, vlan.private))
    for primary, second, kind in rows:
        if only not in (None, primary, second):
            continue
        ports = [name for name in bridge.switch_ports() if _is_of(bridge, name, primary, second)]
        names = ", ".join(map(short_name, ports))
        lines = textwrap.wrap(names, PRIVATE_WIDTH, break_long_words=False) or [""]
        yield f"{primary or '':<7} {second or '':<9} {kind:<17} {lines[0].rstrip(',')}".rstrip()
        yield from (f"{'':36}{line.rstrip(',')}" for line in lines[1:])


def _is_of(bridge: Bridge, name: str, primary: int | None, second: int | None) -> bool:
    """Whether a port is one of the host or promiscuous ports of a secondary VLAN."""
    port = bridge.switchport(name)
    found = bridge.private_vlans().port(port) if port.mode is not None and port.mode.is_private else None
    if found is None or found.primary != primary or second is None:
        return False
    return second in (found.untagged, *found.carried)


def show_vlan(context: Context) -> Iterator[str]:
    """`show vlan`."""
    vlans = _all(context.device)
    yield ""
    yield from _brief(context.device, vlans)
    yield from _parameters(vlans)
    yield from _remote_span(vlans)
    yield ""
    yield from private_rows(context.device)
    yield ""


def show_vlan_brief(context: Context) -> Iterator[str]:
    """`show vlan brief`."""
    yield ""
    yield from _brief(context.device, _all(context.device))


def _one(switch: Device, vlan: Vlan) -> Iterator[str]:
    yield ""
    yield from _brief(switch, [vlan], _carrying_ports)
    yield from _parameters([vlan])
    yield ""
    yield "Remote SPAN VLAN"
    yield "----------------"
    yield "Enabled" if vlan.remote_span else "Disabled"
    yield ""
    yield from private_rows(switch, vlan.number)
    yield ""


def show_vlan_id(context: Context, number: int) -> Iterator[str]:
    """`show vlan id N`: the VLAN with every port that carries it, trunks included."""
    switch = context.device
    vlan = switch.config.of(VlanConfig).vlans.get(number)
    if vlan is None:
        yield f"VLAN id {number} not found in current VLAN database"
        return
    yield from _one(switch, vlan)


def show_vlan_name(context: Context, title: str) -> Iterator[str]:
    """`show vlan name NAME`."""
    switch = context.device
    for vlan in _all(switch):
        if vlan.name == title:
            yield from _one(switch, vlan)
            return
    yield f"VLAN name {title} not found in current VLAN database"


def show_vlan_summary(context: Context) -> Iterator[str]:
    """`show vlan summary`."""
    vlans = context.device.config.of(VlanConfig).vlans
    extended = sum(1 for number in vlans if number > max(RESERVED))
    yield f"Number of existing VLANs              : {len(vlans)}"
    yield f" Number of existing VTP VLANs         : {len(vlans) - extended}"
    yield f" Number of existing extended VLANs    : {extended}"
    yield ""


def show_vlan_remote_span(context: Context) -> Iterator[str]:
    """`show vlan remote-span`."""
    yield from _remote_span(_all(context.device))
