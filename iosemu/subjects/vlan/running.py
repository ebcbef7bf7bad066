"""VLANs and VTP in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.bridging.vlans import VlanConfig


def vtp_lines(switch: Device, _render: Render) -> list[str]:
    """`vtp domain` and `vtp mode`."""
    config = switch.config.of(VlanConfig)
    lines: list[str] = []
    if config.vtp_domain:
        lines.append(f"vtp domain {config.vtp_domain}")
    if config.vtp_mode != "server":
        lines.append(f"vtp mode {config.vtp_mode}")
    return lines


def vlan_lines(switch: Device, _render: Render) -> list[str]:
    """VLANs are part of the configuration only while VTP is transparent; else vlan.dat holds them."""
    config = switch.config.of(VlanConfig)
    lines: list[str] = []
    if config.vtp_mode != "transparent":
        return lines
    for vlan in config.ethernet():
        if vlan.number == 1:
            continue
        lines += ["!", f"vlan {vlan.number}"]
        if not vlan.has_default_name:
            lines.append(f" name {vlan.name}")
        if vlan.suspended:
            lines.append(" state suspend")
        if vlan.shutdown:
            lines.append(" shutdown")
        if vlan.remote_span:
            lines.append(" remote-span")
        if vlan.mtu != 1500:
            lines.append(f" mtu {vlan.mtu}")
    return lines[1:]
