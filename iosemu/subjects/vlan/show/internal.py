"""`show vlan mtu`, `show vlan internal usage`: what a multilayer switch does with its VLANs."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.bridging.vlans import VlanConfig
from iosemu.handling.context import Context

FIRST_INTERNAL, LAST_INTERNAL = 1006, 4094
"""The extended VLANs, of which routed ports take one each."""
_POLICY = "vlan internal allocation policy"
_PORT_MTU = 1500


def show_mtu(context: Context) -> Iterator[str]:
    """`show vlan mtu`."""
    switch = context.device
    bridge = switch.service(Bridge)
    switching = [name for name in switch.ports if switch.config.interfaces[name].held(Switchport) is not None]
    yield "VLAN    SVI_MTU    MinMTU(port)      MaxMTU(port)     MTU_Mismatch"
    yield "---- ------------- ----------------  ---------------  ------------"
    for number in sorted(switch.config.of(VlanConfig).vlans):
        svi = switch.config.interfaces.get(f"Vlan{number}")
        ports = [name for name in switching if number in bridge.port_vlans(name)]
        sizes = {switch.config.interfaces[name].mtu for name in ports} or {_PORT_MTU}
        routed = str(svi.mtu) if svi is not None else "  -"
        unequal = len(sizes) > 1 or (svi is not None and svi.mtu > min(sizes))
        yield f"{number:<5}{routed:<14}{min(sizes):<18}{max(sizes):<18}{'Yes' if unequal else 'No'}"


def internal_vlans(switch: Device) -> dict[int, str]:
    """The VLANs that routed ports have taken, by the policy, past those that exist."""
    routed = [name for name in switch.ports if switch.config.interfaces[name].held(Switchport) is None]
    taken = switch.config.of(VlanConfig).vlans
    free = [number for number in range(FIRST_INTERNAL, LAST_INTERNAL + 1) if number not in taken]
    if switch.config.of(SystemConfig).kept.get(_POLICY, "").endswith("descending"):
        free.reverse()
    return dict(zip(free, routed, strict=False))


def show_internal(context: Context) -> Iterator[str]:
    """`show vlan internal usage`."""
    yield ""
    yield "VLAN Usage"
    yield "---- --------------------"
    for number, name in sorted(internal_vlans(context.device).items()):
        yield f"{number} {name}"
    yield ""
