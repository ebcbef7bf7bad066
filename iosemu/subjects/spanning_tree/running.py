"""Spanning tree in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.bridging.vlans import format_ranges
from iosemu.subjects.spanning_tree.config import MstConfig, SpanningTreeConfig, VlanTree
from iosemu.subjects.spanning_tree.layout import extended


def tree_lines(switch: Device, render: Render) -> list[str]:
    """The global `spanning-tree` lines."""
    config = switch.config.of(SpanningTreeConfig)
    lines: list[str] = []
    if extended(switch):
        fields = (
            "mode", "loopguard_default", "portfast_default", "bpduguard_default", "bpdufilter_default",
            "etherchannel_guard", "long_cost", "simulate_pvst", "hold_count", "backbonefast",
        )  # fmt: skip
        lines = [*render("config", config, only=fields), "spanning-tree extend system-id"]
        if config.uplinkfast:
            lines.append("spanning-tree uplinkfast")
        if config.update_rate != SpanningTreeConfig().update_rate:
            lines.append(f"spanning-tree uplinkfast max-update-rate {config.update_rate}")
        lines += _mst_lines(config.mst)
    default = VlanTree()
    disabled = [number for number, tree in config.vlans.items() if not tree.enabled]
    if disabled:
        lines.append(f"no spanning-tree vlan {format_ranges(disabled)}")
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
            f"spanning-tree vlan {format_ranges(vlans)} {word} {value}" for value, vlans in values.items()
        ]
    return lines[:-1] if lines[-1:] == ["!"] else lines


def _mst_lines(config: MstConfig) -> Iterator[str]:
    """The region, a block of its own, and what this bridge is in it."""
    region, default = config.region, MstConfig()
    if region != default.region:
        yield "!"
        yield "spanning-tree mst configuration"
        if region.name:
            yield f" name {region.name}"
        if region.revision:
            yield f" revision {region.revision}"
        for number, vlans in sorted(region.instances.items()):
            yield f" instance {number} vlan {format_ranges(sorted(vlans)).replace(',', ', ')}"
        yield "!"
    for word, field in (
        ("hello-time", "hello_time"),
        ("forward-time", "forward_time"),
        ("max-age", "max_age"),
        ("max-hops", "max_hops"),
    ):
        if getattr(config, field) != getattr(default, field):
            yield f"spanning-tree mst {word} {getattr(config, field)}"
    values: dict[int, list[int]] = {}
    for number, priority in sorted(config.priorities.items()):
        values.setdefault(priority, []).append(number)
    for priority, numbers in values.items():
        yield f"spanning-tree mst {format_ranges(numbers)} priority {priority}"
