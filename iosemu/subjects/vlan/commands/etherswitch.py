"""`show vlan-switch …`: the VLANs of an EtherSwitch module."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.bridging.vlans import Vlan, VlanConfig
from iosemu.handling.context import Context
from iosemu.subjects.vlan.commands.vlan import PORTS_WIDTH, access_ports, status


@dataclass(frozen=True)
class VlanSwitchStyle:
    """How `show vlan-switch` prints."""

    stem: ClassVar[str] = "vlan_switch"
    shifted: bool = False
    """Status and ports stand to the right of their titles."""


_PARAMETERS = {
    1: ("enet", "-", "-", "-", "-", "-", "1002", "1003"),
    1002: ("fddi", "-", "-", "-", "-", "-", "1", "1003"),
    1003: ("tr", "1005", "0", "-", "-", "srb", "1", "1002"),
    1004: ("fdnet", "-", "-", "1", "ibm", "-", "0", "0"),
    1005: ("trnet", "-", "-", "1", "ibm", "-", "0", "0"),
}
_ETHERNET = ("enet", "-", "-", "-", "-", "-", "0", "0")


def _brief(switch: Device, vlans: list[Vlan]) -> Iterator[str]:
    shifted = switch.image.style(VlanSwitchStyle).shifted
    yield ""
    yield "VLAN Name                             Status    Ports"
    yield "---- -------------------------------- --------- -------------------------------"
    for vlan in vlans:
        ports = ", ".join(access_ports(switch, vlan.number))
        rows = textwrap.wrap(ports, PORTS_WIDTH + 1, break_long_words=False) or [""]
        state = f"{status(vlan):>9}    " if shifted else f" {status(vlan):<9} "
        head = f"{vlan.number:<4} {vlan.name:<32}{state}"
        yield f"{head}{rows[0].rstrip(',')}".rstrip()
        for row in rows[1:]:
            yield f"{'':{len(head)}}{row.rstrip(',')}"


def _parameters(vlans: list[Vlan]) -> Iterator[str]:
    yield ""
    yield "VLAN Type  SAID       MTU   Parent RingNo BridgeNo Stp  BrdgMode Trans1 Trans2"
    yield "---- ----- ---------- ----- ------ ------ -------- ---- -------- ------ ------"
    for vlan in vlans:
        kind, parent, ring, bridge, stp, mode, first, second = _PARAMETERS.get(vlan.number, _ETHERNET)
        parent = f"   {parent}" if parent == "-" else f"  {parent}"
        yield (
            f"{vlan.number:<4} {kind:<6} {100000 + vlan.number:<10} {vlan.mtu:<4}{parent:<6}{ring:>8}{bridge:>7}"
            f"{stp:>7}{mode:>7}{first:>9}{second:>7}"
        )


def _all(switch: Device) -> list[Vlan]:
    return [vlan for _, vlan in sorted(switch.config.of(VlanConfig).vlans.items())]


def _listed(switch: Device, vlans: list[Vlan]) -> Iterator[str]:
    yield from _brief(switch, vlans)
    yield from _parameters(vlans)


def show(context: Context) -> Iterator[str]:
    """`show vlan-switch`."""
    return _listed(context.device, _all(context.device))


def show_brief(context: Context) -> Iterator[str]:
    """`show vlan-switch brief`."""
    return _brief(context.device, _all(context.device))


def show_id(context: Context, number: int) -> Iterator[str]:
    """`show vlan-switch id N`."""
    found = [vlan for vlan in _all(context.device) if vlan.number == number]
    if not found:
        yield f"VLAN id {number} not found in current VLAN database"
        return
    yield from _listed(context.device, found)


def show_name(context: Context, title: str) -> Iterator[str]:
    """`show vlan-switch name NAME`."""
    found = [vlan for vlan in _all(context.device) if vlan.name == title]
    if not found:
        yield f"VLAN name {title} not found in current VLAN database"
        return
    yield from _listed(context.device, found)
