"""`show spanning-tree …`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import format_vlan_list
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig
from iosemu.subjects.spanning_tree.rows import PortRow, TreeRow
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.spanning_tree.show.root import bridge_lines, root_lines

_WIDTH = 80
_STATES = ("Blocking", "Listening", "Learning", "Forwarding")


def _port_type(row: PortRow) -> str:
    return " ".join(filter(None, (row.link_type, row.edge, row.inconsistent)))


def status(row: PortRow, last: str | None = None) -> str:
    """`Root FWD 19        128.1    P2p `; the star of a broken port takes the blank's place.

    `last` stands in place of the type.
    """
    mark = "*" if row.inconsistent else " "
    identifier = f"{row.priority}.{row.number}"
    last = f"{_port_type(row)} " if last is None else last
    return f"{row.role} {row.state}{mark}{row.cost:<9} {identifier:<8} {last}"


def _tree(row: TreeRow) -> Iterator[str]:
    yield ""
    yield row.label
    yield f"  Spanning tree enabled protocol {row.protocol}"
    yield from root_lines(row)
    yield ""
    yield from bridge_lines(row)
    if row.protocol != "mstp":
        yield f"             Aging Time  {row.aging}{' sec' if row.aging >= 100 else ''}"
    if row.uplinkfast:
        yield "  Uplinkfast enabled"
    yield ""
    yield "Interface           Role Sts Cost      Prio.Nbr Type"
    yield "------------------- ---- --- --------- -------- --------------------------------"
    for port in row.ports:
        yield f"{short_name(port.name):<19} {status(port)}"
    yield ""


def _detail(row: TreeRow, now: float) -> Iterator[str]:
    bridge = row.bridge
    yield f" {row.label} is executing the {row.protocol} compatible Spanning Tree protocol"
    yield (
        f"  Bridge Identifier has priority {bridge.base_priority}, sysid {row.vlan}, address {bridge.mac.dotted}"
    )
    hold = f", transmit hold-count {row.hold_count}" if row.protocol != "ieee" else ""
    yield f"  Configured hello time {row.hello}, max age {row.max_age}, forward delay {row.forward}{hold}"
    if row.is_root:
        yield "  We are the root of the spanning tree"
    else:
        yield f"  Current root has priority {row.root.priority}, address {row.root.mac.dotted}"
        yield f"  Root port is {row.root_port_number} ({row.root_port}), cost of root path is {row.root_cost}"
    if row.uplinkfast:
        yield "  Uplinkfast enabled"
    yield f"  Topology change flag {'set' if row.topology_change else 'not set'}, detected flag not set"
    ago = hms(now - row.last_change)
    yield f"  Number of topology changes {row.changes} last change occurred {ago} ago"
    if row.changed_by:
        yield f"          from {row.changed_by}"
    yield f"  Times:  hold 1, topology change {row.max_age + row.forward}, notification 2"
    yield f"          hello {row.hello}, max age {row.max_age}, forward delay {row.forward} "
    aging = f", aging {row.aging}" if row.protocol != "mstp" else ""
    yield f"  Timers: hello 0, topology change 0, notification 0{aging}"
    yield ""
    for port in row.ports:
        yield from _detail_port(row, port)


ROLE_WORDS = {
    "Desg": "designated", "Root": "root", "Altn": "alternate", "Back": "backup", "Mstr": "master",
}  # fmt: skip
INCONSISTENCIES = {
    "*ROOT_Inc": "Root Inconsistent",
    "*LOOP_Inc": "Loop Inconsistent",
    "*PVID_Inc": "Port VLAN ID Mismatch",
    "*TYPE_Inc": "Port Type Inconsistent",
    "*PVST_Inc": "PVST Sim. Inconsistent",
    "*PVST_Peer_Inc": "PVST Peer Inconsistent",
}
STATE_WORDS = {"FWD": "forwarding", "LRN": "learning", "LIS": "listening", "BLK": "blocking"}


def state_words(port: PortRow) -> str:
    """`designated forwarding `, `broken  (Root Inconsistent)`."""
    if port.inconsistent:
        return f"broken  ({INCONSISTENCIES[port.inconsistent]})"
    return f"{ROLE_WORDS.get(port.role, '')} {STATE_WORDS.get(port.state, 'disabled')} "


def _link(row: TreeRow, port: PortRow) -> str:
    words = f"   Link type is {'point-to-point' if port.link_type == 'P2p' else 'shared'} by default"
    if row.protocol == "mstp":
        return words + (f", Boundary {port.boundary}" if port.boundary else ", Internal")
    return words + (", Peer is STP" if port.edge == "Peer(STP)" else "")


def _detail_port(row: TreeRow, port: PortRow) -> Iterator[str]:
    state = state_words(port)
    yield f" Port {port.number} ({port.name}) of {row.label} is {state}"
    yield (
        f"   Port path cost {port.cost}, Port priority {port.priority}, Port Identifier "
        f"{port.priority}.{port.number}."
    )
    root = port.designated_root
    yield f"   Designated root has priority {root.priority}, address {root.mac.dotted}"
    yield (
        f"   Designated bridge has priority {port.designated_bridge.priority}, "
        f"address {port.designated_bridge.mac.dotted}"
    )
    yield (
        f"   Designated port id is {port.designated_port >> 8}.{port.designated_port & 0xFF}, "
        f"designated path cost {port.designated_cost}"
    )
    yield f"   Timers: message age {port.message_age}, forward delay {port.forward_timer}, hold 0"
    yield f"   Number of transitions to forwarding state: {port.transitions}"
    if port.edge == "Edge":
        yield "   The port is in the portfast mode"
    yield _link(row, port)
    for note in port.notes:
        yield f"   {note}"
    yield f"   BPDU: sent {port.sent}, received {port.received}"
    yield ""


def tree_rows(switch: Device, vlans: tuple[int, ...] | None) -> list[TreeRow]:
    """The trees, or those that some VLANs are in."""
    trees = switch.service(SpanningTrees)
    numbers = None if vlans is None else {trees.layout.number_of(vlan) for vlan in vlans}
    return [row for row in trees.rows() if numbers is None or row.vlan in numbers]


def show(context: Context, vlans: tuple[int, ...] | None = None, detail: bool = False) -> Iterator[str]:
    """`show spanning-tree [vlan LIST] [detail]`."""
    switch = context.device
    rows = tree_rows(switch, vlans)
    if not rows:
        if vlans is None:
            yield ""
            yield "No spanning tree instance exists."
        else:
            yield ""
            yield f"Spanning tree instance(s) for vlan {format_vlan_list(vlans)} does not exist."
        yield ""
        return
    for row in rows:
        if detail:
            yield ""
            yield from _detail(row, switch.now)
        else:
            yield from _tree(row)
            yield ""


def show_interface(context: Context, port: str, detail: bool = False) -> Iterator[str]:
    """`show spanning-tree interface X [detail]`."""
    switch = context.device
    if not switch.service(Bridge).is_switchport(port):
        raise InvalidArgument("port")
    found = [
        (row, row_port)
        for row in switch.service(SpanningTrees).rows()
        for row_port in row.ports
        if row_port.name == port
    ]
    if not found:
        yield f"no spanning tree info available for {port}"
        return
    if detail:
        for row, member in found:
            yield from _detail_port(row, member)
        return
    yield ""
    yield f"{_heading(context):<19} Role Sts Cost      Prio.Nbr Type"
    yield "------------------- ---- --- --------- -------- --------------------------------"
    for row, member in found:
        yield f"{row.label:<19} {status(member)}"


def _heading(context: Context) -> str:
    return "MST Instance" if context.device.config.of(SpanningTreeConfig).mode == "mst" else "Vlan"


def show_root(context: Context, vlans: tuple[int, ...] | None = None) -> Iterator[str]:
    """`show spanning-tree root`."""
    yield ""
    yield "                                        Root    Hello Max Fwd"
    yield f"{_heading(context):<22} Root ID          Cost    Time  Age Dly  Root Port"
    yield "---------------- -------------------- --------- ----- --- ---  ------------"
    for row in tree_rows(context.device, vlans):
        port = short_name(row.root_port) if row.root_port else ""
        yield (
            f"{row.label:<16} {row.root.priority:>5} {row.root.mac.dotted} {row.root_cost:>9} "
            f"{row.root_hello:>5} {row.root_max_age:>3} {row.root_forward:>3}  {port}"
        )


def show_bridge(context: Context, vlans: tuple[int, ...] | None = None) -> Iterator[str]:
    """`show spanning-tree bridge`."""
    yield ""
    yield "                                                   Hello  Max  Fwd"
    yield f"{_heading(context):<28} Bridge ID              Time  Age  Dly  Protocol"
    yield "---------------- --------------------------------- -----  ---  ---  --------"
    for row in tree_rows(context.device, vlans):
        own = row.bridge
        identifier = f"{own.priority:>5} ({own.base_priority:>5},{row.vlan:>4}) {own.mac.dotted}"
        yield (
            f"{row.label:<16} {identifier:<33} {row.hello:>5}  {row.max_age:>3}  "
            f"{row.forward:>3}  {row.protocol}"
        )


def show_one(context: Context, vlans: tuple[int, ...], which: str) -> Iterator[str]:
    """`show spanning-tree vlan LIST root|bridge`."""
    yield from show_root(context, vlans) if which == "root" else show_bridge(context, vlans)


def show_blocked(context: Context, vlans: tuple[int, ...] | None = None) -> Iterator[str]:
    """`show spanning-tree [vlan LIST] blockedports`."""
    total = 0
    yield ""
    yield "Name                 Blocked Interfaces List"
    yield "-------------------- ------------------------------------"
    for row in tree_rows(context.device, vlans):
        names = [short_name(port.name) for port in row.ports if port.state == "BLK"]
        total += len(names)
        if names:
            yield f"{row.label:<20} {', '.join(names)}"
    yield ""
    yield f"Number of blocked ports (segments) in the system : {total}"
    yield ""


def show_inconsistent(context: Context, vlans: tuple[int, ...] | None = None) -> Iterator[str]:
    """`show spanning-tree [vlan LIST] inconsistentports`."""
    total = 0
    yield ""
    yield "Name                 Interface                      Inconsistency"
    yield "-------------------- ------------------------------ ------------------"
    for row in tree_rows(context.device, vlans):
        for port in row.ports:
            if port.inconsistent:
                total += 1
                yield f"{row.label:<20} {port.name:<30} {INCONSISTENCIES[port.inconsistent]}"
    yield ""
    yield f"Number of inconsistent ports (segments) in the system : {total}"
    yield ""


def show_pathcost(context: Context) -> str:
    """`show spanning-tree pathcost method`."""
    config = context.device.config.of(SpanningTreeConfig)
    if config.mode == "mst" and not config.long_cost:
        return "Spanning tree default pathcost method used is short (Operational value is long)"
    return f"Spanning tree default pathcost method used is {'long' if config.long_cost else 'short'}"


def _runs(rows: list[TreeRow]) -> list[str]:
    """`VLAN0001`, `VLAN0010-VLAN0012`: two in a row are a run."""
    runs: list[list[TreeRow]] = []
    for row in rows:
        if runs and row.vlan == runs[-1][-1].vlan + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return [run[0].label + (f"-{run[-1].label}" if len(run) > 1 else "") for run in runs]


def _roots(rows: list[TreeRow]) -> Iterator[str]:
    """The VLANs that this switch is the root of, in lines of a terminal's width; a comma ends no line."""
    line = "Root bridge for: "
    room = 0
    for run in _runs(rows) or ["none"]:
        if room and len(line) + 2 + len(run) >= _WIDTH:
            yield line
            line, room = "  ", 0
        line += f", {run}" if room else run
        room += 1
    yield line


def fast_status(config: SpanningTreeConfig, *, enabled: bool) -> str:
    """Whether one of UplinkFast and BackboneFast is enabled; they are additions to the oldest mode alone."""
    if enabled and config.mode != "pvst":
        return f"enabled but inactive in {config.mode} mode"
    return "enabled" if enabled else "disabled"


def show_summary(context: Context, totals: bool = False) -> Iterator[str]:
    """`show spanning-tree summary [totals]`."""
    switch = context.device
    config = switch.config.of(SpanningTreeConfig)
    rows = list(switch.service(SpanningTrees).rows())

    def enabled(value: bool) -> str:
        return "enabled" if value else "disabled"

    multiple = config.mode == "mst"
    yield f"Switch is in {config.mode} mode{' (IEEE Standard)' if multiple else ''}"
    yield from _roots([row for row in rows if row.is_root])
    for label, value in (
        ("Extended system ID", enabled(True)),
        ("Portfast Default", enabled(config.portfast_default)),
        ("PortFast BPDU Guard Default", enabled(config.bpduguard_default)),
        ("Portfast BPDU Filter Default", enabled(config.bpdufilter_default)),
        ("Loopguard Default", enabled(config.loopguard_default)),
        ("EtherChannel misconfig guard", enabled(config.etherchannel_guard)),
        ("UplinkFast", fast_status(config, enabled=config.uplinkfast)),
        ("BackboneFast", fast_status(config, enabled=config.backbonefast)),
    ):
        yield f"{label:<28} is {value}"
        if label == "Loopguard Default" and multiple and not config.simulate_pvst:
            yield f"{'PVST Simulation':<28} is disabled"
    method = "long" if config.long_cost else "short"
    operational = " (Operational value is long)" if multiple and not config.long_cost else ""
    yield f"Configured Pathcost method used is {method}{operational}"
    yield ""
    yield "Name                   Blocking Listening Learning Forwarding STP Active"
    yield "---------------------- -------- --------- -------- ---------- ----------"
    sums = [0] * (len(_STATES) + 1)
    for row in rows:
        counts = [sum(port.state == short for port in row.ports) for short in ("BLK", "LIS", "LRN", "FWD")]
        counts.append(sum(counts))
        sums = [before + now for before, now in zip(sums, counts, strict=True)]
        if totals:
            continue
        yield _counted(row.label, counts)
    if not totals:
        yield "---------------------- -------- --------- -------- ---------- ----------"
    label = f"{len(rows)} {'mst' if multiple else 'vlan'}{'s' if len(rows) != 1 else ''}"
    yield _counted(label, sums)


def _counted(label: str, counts: list[int]) -> str:
    blocking, listening, learning, forwarding, active = counts
    return f"{label:<22}{blocking:8}{listening:10}{learning:9}{forwarding:11}{active:11}"
