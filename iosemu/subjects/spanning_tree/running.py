"""Spanning tree in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.bridging.vlans import format_vlan_list
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig, VlanTree
from iosemu.subjects.spanning_tree.service import extended


def tree_lines(switch: Device, render: Render) -> list[str]:
    """The global `spanning-tree` lines."""
    config = switch.config.of(SpanningTreeConfig)
    lines: list[str] = []
    if extended(switch):
        fields = ("mode", "loopguard_default", "portfast_default", "bpduguard_default", "bpdufilter_default")
        lines = [*render("config", config, only=fields), "spanning-tree extend system-id"]
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
