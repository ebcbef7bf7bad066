"""SPAN in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.box.render import Render
from iosemu.bridging.monitor import MonitorConfig
from iosemu.bridging.vlans import format_vlan_list
from iosemu.subjects.interface.names import port_ranges


def session_lines(switch: Device, render: Render) -> list[str]:
    """The `monitor session` lines."""
    lines: list[str] = []
    for number, session in sorted(switch.config.of(MonitorConfig).sessions.items()):
        lead = f"monitor session {number}"
        for key in ("both", "rx", "tx"):
            suffix = "" if key == "both" else f" {key}"
            names = [name for name, direction in session.source_interfaces.items() if direction == key]
            if names:
                lines.append(f"{lead} source interface {port_ranges(names)}{suffix}")
            vlans = [vlan for vlan, direction in session.source_vlans.items() if direction == key]
            if vlans:
                lines.append(f"{lead} source vlan {format_vlan_list(vlans)}{suffix}")
        if session.source_remote_vlan is not None:
            lines.append(f"{lead} source remote vlan {session.source_remote_vlan}")
        if session.filter_vlans:
            lines.append(f"{lead} filter vlan {format_vlan_list(session.filter_vlans)}")
        if session.destination_interfaces:
            line = f"{lead} destination interface {port_ranges(session.destination_interfaces)}"
            if session.encapsulation:
                line += f" encapsulation {session.encapsulation}"
            if session.ingress_vlan is not None:
                kind = (
                    f"{session.ingress_encapsulation} "
                    if session.ingress_encapsulation in ("dot1q", "untagged")
                    else ""
                )
                line += f" ingress {kind}vlan {session.ingress_vlan}"
            lines.append(line)
        if session.destination_remote_vlan is not None:
            line = f"{lead} destination remote vlan {session.destination_remote_vlan}"
            if session.reflector_port is not None:
                line += f" reflector-port {short_name(session.reflector_port)}"
            lines.append(line)
    return lines
