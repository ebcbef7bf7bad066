"""`show spanning-tree …` of an EtherSwitch module: the older words, and no number of a VLAN in a priority."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import format_vlan_list
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.spanning_tree.rows import PortRow, TreeRow
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.spanning_tree.show.root import root_lines, timers

_WORDS = {"FWD": "forwarding", "LRN": "learning", "LIS": "listening", "BLK": "blocking"}


def _brief(row: TreeRow) -> Iterator[str]:
    yield ""
    yield f"VLAN{row.vlan}"
    yield "  Spanning tree enabled protocol ieee"
    yield from root_lines(row)
    yield ""
    yield f"  Bridge ID  Priority    {row.bridge.priority}"
    yield f"             Address     {row.bridge.mac.dotted}"
    yield timers(row.hello, row.max_age, row.forward)
    yield f"             Aging Time {row.aging}"
    yield ""
    yield "Interface                                   Designated"
    yield "Name                 Port ID Prio Cost  Sts Cost  Bridge ID            Port ID"
    yield "-------------------- ------- ---- ----- --- ----- -------------------- -------"
    for port in row.ports:
        bridge = port.designated_bridge
        yield (
            f"{port.name:<20} {f'{port.priority}.{port.number}':<7} {port.priority:>4} {port.cost:>5} {port.state} "
            f"{port.designated_cost:>5} {bridge.priority:>5} {bridge.mac.dotted} "
            f"{f'{port.designated_port >> 8}.{port.designated_port & 0xFF}':<7}"
        )


def _full(row: TreeRow, now: float) -> Iterator[str]:
    yield ""
    yield f" VLAN{row.vlan} is executing the ieee compatible Spanning Tree protocol"
    yield f"  Bridge Identifier has priority {row.bridge.priority}, address {row.bridge.mac.dotted}"
    yield f"  Configured hello time {row.hello}, max age {row.max_age}, forward delay {row.forward}"
    if row.is_root:
        yield "  We are the root of the spanning tree"
    else:
        yield f"  Current root has priority {row.root.priority}, address {row.root.mac.dotted}"
        yield f"  Root port is {row.root_port_number} ({row.root_port}), cost of root path is {row.root_cost}"
    yield f"  Topology change flag {'set' if row.topology_change else 'not set'}, detected flag not set"
    yield f"  Number of topology changes {row.changes} last change occurred {hms(now - row.last_change)} ago"
    if row.changed_by:
        yield f"          from {row.changed_by}"
    yield f"  Times:  hold 1, topology change {row.max_age + row.forward}, notification 2"
    yield f"          hello {row.hello}, max age {row.max_age}, forward delay {row.forward} "
    yield f"  Timers: hello 0, topology change 0, notification 0, aging {row.aging}"
    for port in row.ports:
        yield from _port(row, port)


def _port(row: TreeRow, port: PortRow) -> Iterator[str]:
    root, bridge = port.designated_root, port.designated_bridge
    yield ""
    yield f" Port {port.number} ({port.name}) of VLAN{row.vlan} is {_WORDS.get(port.state, 'broken')}"
    yield (
        f"   Port path cost {port.cost}, Port priority {port.priority}, Port Identifier "
        f"{port.priority}.{port.number}."
    )
    yield f"   Designated root has priority {root.priority}, address {root.mac.dotted}"
    yield f"   Designated bridge has priority {bridge.priority}, address {bridge.mac.dotted}"
    yield (
        f"   Designated port id is {port.designated_port >> 8}.{port.designated_port & 0xFF}, "
        f"designated path cost {port.designated_cost}"
    )
    yield f"   Timers: message age {port.message_age}, forward delay {port.forward_timer}, hold 0"
    yield f"   Number of transitions to forwarding state: {port.transitions}"
    yield f"   BPDU: sent {port.sent}, received {port.received}"
    if port.edge == "Edge":
        yield "   The port is in the portfast mode"


def show(context: Context, vlans: tuple[int, ...] | None = None, brief: bool = False) -> Iterator[str]:
    """`show spanning-tree [vlan LIST] [brief]`."""
    rows = [row for row in context.device.service(SpanningTrees).rows() if vlans is None or row.vlan in vlans]
    if not rows:
        yield (
            "No spanning tree instances exist."
            if vlans is None
            else f"Spanning tree instance for VLAN {format_vlan_list(vlans)} does not exist."
        )
        return
    for row in rows:
        yield from _brief(row) if brief else _full(row, context.device.now)
    yield ""


def show_interface(context: Context, port: str) -> Iterator[str]:
    """`show spanning-tree interface X`."""
    if not context.device.service(Bridge).is_switchport(port):
        raise InvalidArgument("port")
    found = [
        (row, each)
        for row in context.device.service(SpanningTrees).rows()
        for each in row.ports
        if each.name == port
    ]
    for row, each in found:
        yield from list(_port(row, each))[1:]
    if not found:
        yield f"no spanning tree info available for {port}"


def show_summary(context: Context) -> Iterator[str]:
    """`show spanning-tree summary`."""
    rows = list(context.device.service(SpanningTrees).rows())
    roots = [f"VLAN{row.vlan}" for row in rows if row.is_root]
    yield f"Root bridge for: {', '.join(roots) or 'none'}."
    for feature in ("PortFast BPDU Guard", "UplinkFast", "BackboneFast"):
        yield f"{feature} is disabled"
    yield ""
    yield "Name                 Blocking Listening Learning Forwarding STP Active"
    rule = "-------------------- -------- --------- -------- ---------- ----------"
    yield rule
    totals = [0] * 5
    for row in rows:
        counts = [sum(port.state == short for port in row.ports) for short in ("BLK", "LIS", "LRN", "FWD")]
        counts.append(sum(counts))
        totals = [before + now for before, now in zip(totals, counts, strict=True)]
        yield _counted(f"VLAN{row.vlan:<16}", counts)
    yield rule
    yield _counted(f"{len(rows):>15} VLAN{'' if len(rows) == 1 else 's'}", totals)


def _counted(label: str, counts: list[int]) -> str:
    blocking, listening, learning, forwarding, active = counts
    return f"{label:<20} {blocking:<8} {listening:<9} {learning:<8} {forwarding:<10} {active:<10}"
