"""`show spanning-tree uplinkfast|backbonefast`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.net.stp_fast import FastCounts, FastSpanningTree
from iosemu.net.stp_types import PortRole, PortState
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.spanning_tree.show.spanning_tree import fast_status


def _trees(device: Device) -> list[tuple[str, FastSpanningTree]]:
    service = device.service(SpanningTrees)
    return [
        (service.layout.label(number), tree)
        for number, tree in sorted(service.instances.items())
        if isinstance(tree, FastSpanningTree)
    ]


def _sum(device: Device, name: str) -> int:
    return sum(getattr(tree.counts, name) for _, tree in _trees(device))


def show_uplinkfast(context: Context) -> Iterator[str]:
    """`show spanning-tree uplinkfast`: what it did, and each tree's ways to the root, the one in use first."""
    device = context.device
    config = device.config.of(SpanningTreeConfig)
    yield f"UplinkFast is {fast_status(config, enabled=config.uplinkfast)}"
    if not config.uplinkfast or config.mode != "pvst":
        return
    sent = device.service(SpanningTrees).stations.sent
    yield ""
    yield f"Station update rate set to {config.update_rate} packets/sec."  # noqa: S608 - no SQL
    yield ""
    yield "UplinkFast statistics"
    yield "-----------------------"
    yield f"Number of transitions via uplinkFast (all VLANs)            : {_sum(device, 'uplinks')}"
    yield f"Number of proxy multicast addresses transmitted (all VLANs) : {sent}"
    yield ""
    yield "Name                 Interface List"
    yield "-------------------- ------------------------------------"
    for label, tree in _trees(device):
        ways = sorted(() if tree.is_root else tree.ways, key=lambda port: port.role is not PortRole.ROOT)
        names = [
            short_name(port.name) + ("(fwd)" if port.state is PortState.FORWARDING else "") for port in ways
        ]
        yield f"{label:<20} {', '.join(names)}"
    yield ""


_COUNTS = (
    ("transition via backboneFast (all VLANs)", "transitions"),
    ("inferior BPDUs received (all VLANs)", "inferior"),
    ("RLQ request PDUs received (all VLANs)", "requests_received"),
    ("RLQ response PDUs received (all VLANs)", "responses_received"),
    ("RLQ request PDUs sent (all VLANs)", "requests_sent"),
    ("RLQ response PDUs sent (all VLANs)", "responses_sent"),
)
assert {field for _, field in _COUNTS} <= set(FastCounts.__dataclass_fields__)


def show_backbonefast(context: Context) -> Iterator[str]:
    """`show spanning-tree backbonefast`."""
    device = context.device
    config = device.config.of(SpanningTreeConfig)
    yield f"BackboneFast is {fast_status(config, enabled=config.backbonefast)}"
    if not config.backbonefast or config.mode != "pvst":
        return
    yield ""
    yield "BackboneFast statistics"
    yield "-----------------------"
    for text, field in _COUNTS:
        yield f"{f'Number of {text}':<60}: {_sum(device, field)}"
