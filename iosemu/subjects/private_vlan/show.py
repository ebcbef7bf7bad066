"""`show vlan private-vlan [type]`, `show interfaces private-vlan mapping` (outputs/show_vlan_private-vlan*)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.bridging.vlans import VlanConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.private_vlan.config import PrivateMapping
from iosemu.subjects.vlan.commands.vlan import private_rows


def show_private(context: Context) -> Iterator[str]:
    """`show vlan private-vlan`."""
    yield from private_rows(context.device)


def show_type(context: Context) -> Iterator[str]:
    """`show vlan private-vlan type`."""
    yield "Vlan Type"
    yield "---- -----------------"
    for number, vlan in sorted(context.device.config.of(VlanConfig).vlans.items()):
        if vlan.private:
            yield f"{number:<4} {vlan.private:<17}"


def show_mapping(context: Context, port: str | None = None) -> Iterator[str]:
    """`show interfaces [VlanN] private-vlan mapping`."""
    interfaces = context.device.interfaces
    if port is not None and not port.startswith("Vlan"):
        raise InvalidArgument("port")
    vlans = context.device.config.of(VlanConfig).vlans
    yield "Interface Secondary VLAN Type"
    yield "--------- -------------- -----------------"
    for interface in interfaces.of_kind("Vlan"):
        held = interface.config.held(PrivateMapping)
        if held is None or port not in (None, interface.name):
            continue
        for number in sorted(held.vlans):
            kind = vlans[number].private if number in vlans else ""
            yield f"{interface.name.lower():<9} {number:<14} {kind or 'non-operational'}"
