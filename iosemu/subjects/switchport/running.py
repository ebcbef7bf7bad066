"""Switch ports in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.switchport import ALL_VLANS, Switchport
from iosemu.bridging.vlans import format_vlan_list


def port_lines(switch: Device, config: InterfaceConfig) -> list[str]:
    """The `switchport` lines of one port."""
    port = config.held(Switchport)
    if port is None:
        return [" no switchport"] if config.name in switch.ports else []
    lines = []
    if port.access_vlan != 1:
        lines.append(f" switchport access vlan {port.access_vlan}")
    if port.encapsulation:
        lines.append(f" switchport trunk encapsulation {port.encapsulation}")
    if port.native_vlan != 1:
        lines.append(f" switchport trunk native vlan {port.native_vlan}")
    if port.allowed_vlans != ALL_VLANS:
        lines.append(f" switchport trunk allowed vlan {format_vlan_list(port.allowed_vlans) or 'none'}")
    if port.mode is not None:
        lines.append(f" switchport mode {port.mode.value}")
    if port.nonegotiate:
        lines.append(" switchport nonegotiate")
    if port.voice_vlan is not None:
        lines.append(f" switchport voice vlan {port.voice_vlan}")
    if port.protected:
        lines.append(" switchport protected")
    return lines
