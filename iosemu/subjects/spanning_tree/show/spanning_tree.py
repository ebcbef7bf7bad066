"""`show spanning-tree …`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import format_vlan_list
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig
from iosemu.subjects.spanning_tree.rows import PortRow, TreeRow
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.spanning_tree.show.root import root_lines, timers

_WIDTH = 80
_STATES = ("Blocking", "Listening", "Learning", "Forwarding")


def _port_type(row: PortRow) -> str:
    return " ".join(filter(None, (row.link_type, row.edge, row.inconsistent)))


def _status(row: PortRow) -> str:
    """`Root FWD 19        128.1    P2p `; the star of a broken port takes the blank's place."""
    mark = "*" if row.inconsistent else " "
    identifier = f"{row.priority}.{row.number}"
    return f"{row.role} {row.state}{mark}{row.cost:<9} {identifier:<8} {_port_type(row)} "


def _tree(row: TreeRow) -> Iterator[str]:
    yield ""
    yield f"VLAN{row.vlan:04}"
    yield f"  Spanning tree enabled protocol {'rstp' if row.rapid else 'ieee'}"
    yield from root_lines(row)
    yield ""
    yield (
        f"  Bridge ID  Priority    {row.bridge.priority}  (priority {row.bridge.base_priority} "
        f"sys-id-ext {row.vlan})"
    )
    yield f"             Address     {row.bridge.mac.dotted}"
    yield timers(row.hello, row.max_age, row.forward)
    yield (
        f"             Aging Time  {row.aging} sec"
        if row.aging >= 100
        else f"             Aging Time  {row.aging}"
    )
    yield ""
    yield "Interface           Role Sts Cost      Prio.Nbr Type"
    yield "------------------- ---- --- --------- -------- --------------------------------"
    for port in row.ports:
        yield f"{short_name(port.name):<19} {_status(port)}"
    yield ""


def _detail(row: TreeRow, now: float) -> Iterator[str]:
    bridge = row.bridge
    kind = "rstp" if row.rapid else "ieee"
    yield f" VLAN{row.vlan:04} is executing the {kind} compatible Spanning Tree protocol"
    yield (
        f"  Bridge Identifier has priority {bridge.base_priority}, sysid {row.vlan}, address {bridge.mac.dotted}"
    )
    yield f"  Configured hello time {row.hello}, max age {row.max_age}, forward delay {row.forward}"
    if row.is_root:
        yield "  We are the root of the spanning tree"
    else:
        yield f"  Current root has priority {row.root.priority}, address {row.root.mac.dotted}"
        yield f"  Root port is {row.root_port_number} ({row.root_port}), cost of root path is {row.root_cost}"
    yield f"  Topology change flag {'set' if row.topology_change else 'not set'}, detected flag not set"
    ago = hms(now - row.last_change)
    yield f"  Number of topology changes {row.changes} last change occurred {ago} ago"
    if row.changed_by:
        yield f"          from {row.changed_by}"
    yield f"  Times:  hold 1, topology change {row.max_age + row.forward}, notification 2"
    yield f"          hello {row.hello}, max age {row.max_age}, forward delay {row.forward} "
    yield f"  Timers: hello 0, topology change 0, notification 0, aging {row.aging}"
    yield ""
    for port in row.ports:
        yield from _detail_port(row, port)


_ROLE_WORDS = {"Desg": "designated", "Root": "root", "Altn": "alternate", "Back": "backup"}
_INCONSISTENCIES = {
    "*ROOT_Inc": "Root Inconsistent",
    "*LOOP_Inc": "Loop Inconsistent",
    "*PVID_Inc": "Port VLAN ID Mismatch",
    "*TYPE_Inc": "Port Type Inconsistent",
}
_STATE_WORDS = {"FWD": "forwarding", "LRN": "learning", "LIS": "listening", "BLK": "blocking"}


def _detail_port(row: TreeRow, port: PortRow) -> Iterator[str]:
    if port.inconsistent:
        state = f"broken  ({_INCONSISTENCIES[port.inconsistent]})"
    else:
        state = f"{_ROLE_WORDS.get(port.role, '')} {_STATE_WORDS.get(port.state, 'disabled')} "
    yield f" Port {port.number} ({port.name}) of VLAN{row.vlan:04} is {state}"
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
    yield f"   Link type is {'point-to-point' if port.link_type == 'P2p' else 'shared'} by default"
    yield f"   BPDU: sent {port.sent}, received {port.received}"
    yield ""


def show(context: Context, vlans: tuple[int, ...] | None = None, detail: bool = False) -> Iterator[str]:
    """`show spanning-tree [vlan LIST] [detail]`."""
    switch = context.device
    rows = [row for row in switch.service(SpanningTrees).rows() if vlans is None or row.vlan in vlans]
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
    yield "Vlan                Role Sts Cost      Prio.Nbr Type"
    yield "------------------- ---- --- --------- -------- --------------------------------"
    for row, member in found:
        yield f"{f'VLAN{row.vlan:04}':<19} {_status(member)}"


def show_root(context: Context) -> Iterator[str]:
    """`show spanning-tree root`."""
    switch = context.device
    yield ""
    yield "                                        Root    Hello Max Fwd"
    yield "Vlan                   Root ID          Cost    Time  Age Dly  Root Port"
    yield "---------------- -------------------- --------- ----- --- ---  ------------"
    for row in list(switch.service(SpanningTrees).rows()):
        port = short_name(row.root_port) if row.root_port else ""
        yield (
            f"{f'VLAN{row.vlan:04}':<16} {row.root.priority:>5} {row.root.mac.dotted} {row.root_cost:>9} "
            f"{row.root_hello:>5} {row.root_max_age:>3} {row.root_forward:>3}  {port}"
        )


def show_bridge(context: Context) -> Iterator[str]:
    """`show spanning-tree bridge`."""
    yield ""
    yield "                                                   Hello  Max  Fwd"
    yield "Vlan                         Bridge ID              Time  Age  Dly  Protocol"
    yield "---------------- --------------------------------- -----  ---  ---  --------"
    switch = context.device
    for row in list(switch.service(SpanningTrees).rows()):
        own = row.bridge
        identifier = f"{own.priority:>5} ({own.base_priority:>5},{row.vlan:>4}) {own.mac.dotted}"
        protocol = "rstp" if row.rapid else "ieee"
        yield (
            f"{f'VLAN{row.vlan:04}':<16} {identifier:<33} {row.hello:>5}  {row.max_age:>3}  "
            f"{row.forward:>3}  {protocol}"
        )


def show_one(context: Context, vlans: tuple[int, ...], which: str) -> Iterator[str]:
    """`show spanning-tree vlan LIST root|bridge`."""
    for line in show_root(context) if which == "root" else show_bridge(context):
        if not line.startswith("VLAN") or int(line[4:8]) in vlans:
            yield line


def show_blocked(context: Context) -> Iterator[str]:
    """`show spanning-tree blockedports`."""
    total = 0
    yield ""
    yield "Name                 Blocked Interfaces List"
    yield "-------------------- ------------------------------------"
    for row in list(context.device.service(SpanningTrees).rows()):
        names = [short_name(port.name) for port in row.ports if port.state == "BLK"]
        total += len(names)
        if names:
            yield f"{f'VLAN{row.vlan:04}':<20} {', '.join(names)}"
    yield ""
    yield f"Number of blocked ports (segments) in the system : {total}"
    yield ""


def show_inconsistent(context: Context) -> Iterator[str]:
    """`show spanning-tree inconsistentports`."""
    total = 0
    yield ""
    yield "Name                 Interface                      Inconsistency"
    yield "-------------------- ------------------------------ ------------------"
    for row in list(context.device.service(SpanningTrees).rows()):
        for port in row.ports:
            if port.inconsistent:
                total += 1
                yield f"{f'VLAN{row.vlan:04}':<20} {port.name:<30} {_INCONSISTENCIES[port.inconsistent]}"
    yield ""
    yield f"Number of inconsistent ports (segments) in the system : {total}"
    yield ""


def show_pathcost(context: Context) -> str:
    """`show spanning-tree pathcost method`."""
    return "Spanning tree default pathcost method used is short"


def _runs(numbers: list[int]) -> list[str]:
    """`VLAN0001`, `VLAN0010-VLAN0012`: two in a row are a run."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [f"VLAN{run[0]:04}" + (f"-VLAN{run[-1]:04}" if len(run) > 1 else "") for run in runs]


def _roots(numbers: list[int]) -> Iterator[str]:
    """The VLANs that this switch is the root of, in lines of a terminal's width; a comma ends no line."""
    line = "Root bridge for: "
    room = 0
    for run in _runs(numbers) or ["none"]:
        if room and len(line) + 2 + len(run) >= _WIDTH:
            yield line
            line, room = "  ", 0
        line += f", {run}" if room else run
        room += 1
    yield line


def show_summary(context: Context, totals: bool = False) -> Iterator[str]:
    """`show spanning-tree summary [totals]`."""
    switch = context.device
    config = switch.config.of(SpanningTreeConfig)
    rows = list(switch.service(SpanningTrees).rows())

    def enabled(value: bool) -> str:
        return "enabled" if value else "disabled"

    yield f"Switch is in {config.mode} mode"
    yield from _roots([row.vlan for row in rows if row.is_root])
    for label, value in (
        ("Extended system ID", True),
        ("Portfast Default", config.portfast_default),
        ("PortFast BPDU Guard Default", config.bpduguard_default),
        ("Portfast BPDU Filter Default", config.bpdufilter_default),
        ("Loopguard Default", config.loopguard_default),
        ("EtherChannel misconfig guard", True),
        ("UplinkFast", False),
        ("BackboneFast", False),
    ):
        yield f"{label:<28} is {enabled(value)}"
    yield "Configured Pathcost method used is short"
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
        yield f"{f'VLAN{row.vlan:04}':<22} {counts[0]:8} {counts[1]:9} {counts[2]:8} {counts[3]:10} {counts[4]:10}"
    if not totals:
        yield "---------------------- -------- --------- -------- ---------- ----------"
    label = f"{len(rows)} vlan{'s' if len(rows) != 1 else ''}"
    yield f"{label:<22} {sums[0]:8} {sums[1]:9} {sums[2]:8} {sums[3]:10} {sums[4]:10}"
