"""Spanning tree in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.bridging.switchport import Switchport
from iosemu.bridging.vlans import format_vlan_list
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig, VlanTree


def tree_lines(switch: Device, render: Render) -> list[str]:
    """The global `spanning-tree` lines."""
    config = switch.config.of(SpanningTreeConfig)
    lines = [f"spanning-tree mode {config.mode}"]
    if config.loopguard_default:
        lines.append("spanning-tree loopguard default")
    if config.portfast_default:
        lines.append("spanning-tree portfast default")
    if config.bpduguard_default:
        lines.append("spanning-tree portfast bpduguard default")
    if config.bpdufilter_default:
        lines.append("spanning-tree portfast bpdufilter default")
    lines.append("spanning-tree extend system-id")
    default = VlanTree()
    disabled = [number for number, tree in config.vlans.items() if not tree.enabled]
    if disabled:
        lines.append(f"no spanning-tree vlan {format_vlan_list(disabled)}")
    for word, field in (
        ("priority", "priority"),
        ("hello-time", "hello_time"),
        ("forward-time", "forward_time"),
        ("max-age", "max_age"),
    ):
        values: dict[int, list[int]] = {}
        for number, tree in sorted(config.vlans.items()):
            value = getattr(tree, field)
            if value != getattr(default, field):
                values.setdefault(value, []).append(number)
        lines += [
            f"spanning-tree vlan {format_vlan_list(vlans)} {word} {value}" for value, vlans in values.items()
        ]
    return lines


def port_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """The `spanning-tree` lines of one port."""
    port = config.held(Switchport)
    if port is None:
        return []
    lines = []
    if port.portfast is not None:
        option = " disable" if not port.portfast else " trunk" if port.portfast_trunk else ""
        lines.append(f" spanning-tree portfast{option}")
    if port.bpduguard is not None:
        lines.append(f" spanning-tree bpduguard {'enable' if port.bpduguard else 'disable'}")
    if port.bpdufilter is not None:
        lines.append(f" spanning-tree bpdufilter {'enable' if port.bpdufilter else 'disable'}")
    if port.link_type:
        lines.append(f" spanning-tree link-type {port.link_type}")
    for number, cost in sorted(port.stp_vlan_cost.items()):
        lines.append(f" spanning-tree vlan {number} cost {cost}")
    if port.stp_cost is not None:
        lines.append(f" spanning-tree cost {port.stp_cost}")
    for number, priority in sorted(port.stp_vlan_priority.items()):
        lines.append(f" spanning-tree vlan {number} port-priority {priority}")
    if port.stp_priority != 128:
        lines.append(f" spanning-tree port-priority {port.stp_priority}")
    if port.guard:
        lines.append(f" spanning-tree guard {port.guard}")
    return lines
