"""Switch ports under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import Fields, InterfaceSection
from iosemu.bridging.switchport import ALL_VLANS, PRUNABLE, Switchport
from iosemu.bridging.vlans import format_vlan_list


def _switchport(device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(Switchport)
    if port is None:
        if config.name in device.switch_ports:
            yield " no switchport"
        return
    if port.access_vlan != 1:
        yield f" switchport access vlan {port.access_vlan}"
    if port.host_association is not None:
        yield " switchport private-vlan host-association {} {}".format(*port.host_association)
    if port.private_mapping is not None:
        primary, mapped = port.private_mapping
        yield f" switchport private-vlan mapping {primary} {format_vlan_list(mapped)}"
    if port.encapsulation:
        yield f" switchport trunk encapsulation {port.encapsulation}"


def _modes(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(Switchport)
    if port is None:
        return
    if port.extended_cos is not None:
        yield f" switchport priority extend cos {port.extended_cos}"
    if port.extended_trust:
        yield " switchport priority extend trust"
    if port.pruned_vlans != PRUNABLE:
        yield f" switchport trunk pruning vlan {format_vlan_list(port.pruned_vlans) or 'none'}"
    if port.allowed_vlans != ALL_VLANS:
        yield f" switchport trunk allowed vlan {format_vlan_list(port.allowed_vlans) or 'none'}"
    if port.mode is not None:
        yield f" switchport mode {port.mode.value}"
    if port.nonegotiate:
        yield " switchport nonegotiate"
    if port.voice_vlan is not None or port.voice_form:
        yield f" switchport voice vlan {port.voice_form or port.voice_vlan}"


_NATIVE = Fields(Switchport, ("native_vlan",))
_PROTECTED = Fields(Switchport, ("protected", "block_multicast", "block_unicast"))
SECTIONS = (InterfaceSection("switchport", (_switchport, _NATIVE, _modes, _PROTECTED)),)
