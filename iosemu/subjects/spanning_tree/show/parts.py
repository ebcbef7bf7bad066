"""`show spanning-tree root|bridge WHAT` and `show spanning-tree interface X WHAT`: one value a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.bridging.bridge import Bridge
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.spanning_tree.rows import PortRow, TreeRow
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.spanning_tree.show.root import bridge_lines, root_lines
from iosemu.subjects.spanning_tree.show.spanning_tree import INCONSISTENCIES, STATE_WORDS, tree_rows

_ROOT: dict[str, Callable[[TreeRow], object]] = {
    "address": lambda row: row.root.mac.dotted,
    "cost": lambda row: row.root_cost,
    "forward-time": lambda row: row.root_forward,
    "hello-time": lambda row: row.root_hello,
    "id": lambda row: f"{row.root.priority:04X}.{row.root.mac.dotted}",
    "max-age": lambda row: row.root_max_age,
    "port": lambda row: row.root_port or "This bridge is root",
    "priority": lambda row: row.root.priority,
    "priority system-id": lambda row: f"{row.root.priority} ({row.root.base_priority},{row.vlan:>4})",
}
_BRIDGE: dict[str, Callable[[TreeRow], object]] = {
    "address": lambda row: row.bridge.mac.dotted,
    "forward-time": lambda row: row.forward,
    "hello-time": lambda row: row.hello,
    "id": lambda row: f"{row.bridge.priority:04X}.{row.bridge.mac.dotted}",
    "max-age": lambda row: row.max_age,
    "priority": lambda row: row.bridge.priority,
    "priority system-id": lambda row: f"{row.bridge.priority} ({row.bridge.base_priority},{row.vlan:>4})",
    "protocol": lambda row: row.protocol,
}
_PORT: dict[str, Callable[[TreeRow, PortRow], object]] = {
    "cost": lambda _row, port: port.cost,
    "inconsistency": lambda _row, port: INCONSISTENCIES.get(port.inconsistent, "consistent"),
    "portfast": lambda _row, port: "enabled" if port.edge == "Edge" else "disabled",
    "priority": lambda _row, port: port.priority,
    "rootcost": lambda row, _port: row.root_cost,
    "state": lambda _row, port: "broken" if port.inconsistent else STATE_WORDS.get(port.state, "disabled"),
}


def show_root_part(context: Context, part: str, vlans: tuple[int, ...] | None = None) -> Iterator[str]:
    """`show spanning-tree [vlan LIST] root WHAT`."""
    for row in tree_rows(context.device, vlans):
        if part == "detail":
            yield row.label
            yield from root_lines(row)
        else:
            yield f"{row.label:<16} {_ROOT[part](row)}"


def show_bridge_part(context: Context, part: str, vlans: tuple[int, ...] | None = None) -> Iterator[str]:
    """`show spanning-tree [vlan LIST] bridge WHAT`."""
    for row in tree_rows(context.device, vlans):
        if part == "detail":
            yield row.label
            yield from bridge_lines(row)
        else:
            yield f"{row.label:<16} {_BRIDGE[part](row)}"


def show_port_part(context: Context, port: str, part: str) -> Iterator[str]:
    """`show spanning-tree interface X cost|inconsistency|portfast|priority|rootcost|state`."""
    device = context.device
    if not device.service(Bridge).is_switchport(port):
        raise InvalidArgument("port")
    found = [
        (row, each) for row in device.service(SpanningTrees).rows() for each in row.ports if each.name == port
    ]
    if not found:
        yield f"no spanning tree info available for {port}"
    for row, each in found:
        yield f"{row.label:<19} {_PORT[part](row, each)}"
