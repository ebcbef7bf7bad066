"""Spanning tree: its configuration and `show spanning-tree …`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.device.config.interface import short_name
from iosemu.device.config.spanning_tree import SpanningTreeConfig, VlanTree
from iosemu.device.config.switchport import Switchport
from iosemu.device.config.vlan import format_vlan_list
from iosemu.device.spanning_tree import PortRow, TreeRow
from iosemu.device.switch import Switch
from iosemu.features.context import Context, Render
from iosemu.features.effects import CommandError, InvalidArgument, Output
from iosemu.features.switchport import layer2_of

PRIORITY_STEP = 4096
PORT_PRIORITY_STEP = 16
PRIMARY = 24576
SECONDARY = 28672
_STATES = ("Blocking", "Listening", "Learning", "Forwarding")


def _off(context: Context) -> bool:
    return context.negated or context.defaulted


def _trees(context: Context, vlans: tuple[int, ...], change: Callable[[int, VlanTree], None]) -> Output:
    config: SpanningTreeConfig = context.device.config.spanning_tree
    for vlan in sorted(vlans):
        tree = config.vlans.setdefault(vlan, VlanTree())
        change(vlan, tree)
        if tree.is_default:
            del config.vlans[vlan]
    context.device.trees.refresh()
    return None


def mode(context: Context, mode: str = "pvst") -> Output:
    """`spanning-tree mode pvst|rapid-pvst`."""
    context.device.config.spanning_tree.mode = "pvst" if _off(context) else mode
    context.device.trees.restart()
    return None


def extend_system_id(context: Context) -> Output:
    """`spanning-tree extend system-id`: always on, these switches have one address for all trees."""
    return None


def portfast_default(context: Context, what: str = "default") -> Output:
    """`spanning-tree portfast default`, `… bpduguard default`, `… bpdufilter default`."""
    config: SpanningTreeConfig = context.device.config.spanning_tree
    field = {
        "default": "portfast_default",
        "bpduguard default": "bpduguard_default",
        "bpdufilter default": "bpdufilter_default",
    }[what]
    setattr(config, field, not _off(context))
    context.device.trees.refresh()
    return None


def vlan(context: Context, vlans: tuple[int, ...]) -> Output:
    """`[no] spanning-tree vlan LIST`: run the tree, or not."""

    def change(_vlan: int, tree: VlanTree) -> None:
        tree.enabled = not context.negated

    return _trees(context, vlans, change)


def vlan_priority(context: Context, vlans: tuple[int, ...], value: int = 32768) -> Output:
    """`spanning-tree vlan LIST priority N`."""
    if not _off(context) and value % PRIORITY_STEP:
        allowed = "  ".join(f"{allowed_value:<5}" for allowed_value in range(0, 61441, PRIORITY_STEP))
        rows = [allowed[start : start + 56].rstrip() for start in range(0, len(allowed), 56)]
        raise CommandError(
            "\n".join(
                [
                    f"% Bridge Priority must be in increments of {PRIORITY_STEP}.",
                    "% Allowed values are:",
                    *("  " + row for row in rows),
                ]
            )
        )

    def change(_vlan: int, tree: VlanTree) -> None:
        tree.priority = 32768 if _off(context) else value

    return _trees(context, vlans, change)


def vlan_root(context: Context, vlans: tuple[int, ...], role: str = "") -> Output:
    """`spanning-tree vlan LIST root primary|secondary`: a macro that sets the priority."""
    switch: Switch = context.device

    def change(number: int, tree: VlanTree) -> None:
        if _off(context):
            tree.priority = 32768
        elif role == "secondary":
            tree.priority = SECONDARY
        else:
            row = switch.trees.row(number)
            root = row.root.base_priority if row is not None and not row.is_root else 32768
            tree.priority = PRIMARY if root > PRIMARY else max(root - PRIORITY_STEP, 0)

    return _trees(context, vlans, change)


def vlan_timer(
    context: Context,
    vlans: tuple[int, ...],
    timer: str = "",
    hello: int | None = None,
    forward: int | None = None,
    age: int | None = None,
) -> Output:
    """`spanning-tree vlan LIST hello-time|forward-time|max-age SECONDS`."""
    default = VlanTree()

    def change(_vlan: int, tree: VlanTree) -> None:
        if timer.startswith("hello-time"):
            tree.hello_time = default.hello_time if _off(context) or hello is None else hello
        elif timer.startswith("forward-time"):
            tree.forward_time = default.forward_time if _off(context) or forward is None else forward
        else:
            tree.max_age = default.max_age if _off(context) or age is None else age

    return _trees(context, vlans, change)


def _port(context: Context, change: Callable[[Switchport], None]) -> None:
    switch: Switch = context.device
    change(layer2_of(context))
    switch.trees.refresh()


def portfast(context: Context, option: str = "") -> Output:
    """`[no] spanning-tree portfast [disable|trunk]`."""

    def change(port: Switchport) -> None:
        port.portfast = None if _off(context) else option != "disable"
        port.portfast_trunk = not _off(context) and option == "trunk"

    _port(context, change)
    if _off(context) or option == "disable":
        return None
    name = context.target.name
    return [
        "%Warning: portfast should only be enabled on ports connected to a single",
        " host. Connecting hubs, concentrators, switches, bridges, etc... to this",
        " interface  when portfast is enabled, can cause temporary bridging loops.",
        " Use with CAUTION",
        "",
        f"%Portfast has been configured on {name} but will only",
        " have effect when the interface is in a non-trunking mode.",
    ]


def bpduguard(context: Context, state: str = "") -> Output:
    """`spanning-tree bpduguard enable|disable`."""

    def change(port: Switchport) -> None:
        port.bpduguard = None if _off(context) else state == "enable"

    _port(context, change)
    return None


def bpdufilter(context: Context, state: str = "") -> Output:
    """`spanning-tree bpdufilter enable|disable`."""

    def change(port: Switchport) -> None:
        port.bpdufilter = None if _off(context) else state == "enable"

    _port(context, change)
    return None


def guard(context: Context, kind: str = "") -> Output:
    """`spanning-tree guard root|loop|none`."""

    def change(port: Switchport) -> None:
        port.guard = "" if _off(context) else kind

    _port(context, change)
    return None


def link_type(context: Context, kind: str = "") -> Output:
    """`spanning-tree link-type point-to-point|shared`."""

    def change(port: Switchport) -> None:
        port.link_type = "" if _off(context) else kind

    _port(context, change)
    return None


def loopguard_default(context: Context) -> Output:
    """`spanning-tree loopguard default`."""
    context.device.config.spanning_tree.loopguard_default = not _off(context)
    context.device.trees.refresh()
    return None


def port_cost(context: Context, vlans: tuple[int, ...] | None = None, value: int | None = None) -> Output:
    """`spanning-tree [vlan LIST] cost N`."""

    def change(port: Switchport) -> None:
        if vlans is None:
            port.stp_cost = None if _off(context) else value
            return
        for number in vlans:
            if _off(context) or value is None:
                port.stp_vlan_cost.pop(number, None)
            else:
                port.stp_vlan_cost[number] = value

    _port(context, change)
    return None


def port_priority(context: Context, vlans: tuple[int, ...] | None = None, value: int = 128) -> Output:
    """`spanning-tree [vlan LIST] port-priority N`."""
    if not _off(context) and value % PORT_PRIORITY_STEP:
        raise CommandError(f"% Port Priority in increments of {PORT_PRIORITY_STEP} is required")

    def change(port: Switchport) -> None:
        if vlans is None:
            port.stp_priority = 128 if _off(context) else value
            return
        for number in vlans:
            if _off(context):
                port.stp_vlan_priority.pop(number, None)
            else:
                port.stp_vlan_priority[number] = value

    _port(context, change)
    return None


def running_lines(switch: Switch, name: str) -> list[str]:
    """The `spanning-tree` lines of one port, as `show running-config` indents them."""
    port = switch.switchport(name)
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


def running_config(switch: Switch, render: Render) -> list[str]:
    """The global `spanning-tree` lines."""
    config = switch.config.spanning_tree
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


# ---------------------------------------------------------------- shows


def _port_type(row: PortRow) -> str:
    return " ".join(filter(None, (row.link_type, row.edge, row.inconsistent)))


def _status(row: PortRow) -> str:
    """`Root FWD 19        128.1    P2p `; the star of a broken port takes the blank's place."""
    mark = "*" if row.inconsistent else " "
    identifier = f"{row.priority}.{row.number}"
    return f"{row.role} {row.state}{mark}{row.cost:<9} {identifier:<8} {_port_type(row)} "


def _timers(hello: int, age: int, forward: int) -> str:
    return f"Hello Time {hello:>3} sec  Max Age {age} sec  Forward Delay {forward} sec"


def _tree(row: TreeRow) -> Iterator[str]:
    yield ""
    yield f"VLAN{row.vlan:04}"
    yield f"  Spanning tree enabled protocol {'rstp' if row.rapid else 'ieee'}"
    yield f"  Root ID    Priority    {row.root.priority}"
    yield f"             Address     {row.root.mac.dotted}"
    if row.is_root:
        yield "             This bridge is the root"
    else:
        yield f"             Cost        {row.root_cost}"
        yield f"             Port        {row.root_port_number} ({row.root_port})"
    yield f"             {_timers(row.root_hello, row.root_max_age, row.root_forward)}"
    yield ""
    yield (
        f"  Bridge ID  Priority    {row.bridge.priority}  (priority {row.bridge.base_priority} "
        f"sys-id-ext {row.vlan})"
    )
    yield f"             Address     {row.bridge.mac.dotted}"
    yield f"             {_timers(row.hello, row.max_age, row.forward)}"
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
    since = int(now - row.last_change)
    ago = f"{since // 3600:02}:{since % 3600 // 60:02}:{since % 60:02}"
    yield f"  Number of topology changes {row.changes} last change occurred {ago} ago"
    if row.changed_by:
        yield f"          from {row.changed_by}"
    yield f"  Times:  hold 1, topology change {row.max_age + row.forward}, notification 2"
    yield f"          hello {row.hello}, max age {row.max_age}, forward delay {row.forward} "
    yield f"  Timers: hello 0, topology change 0, notification 0, aging {row.aging}"
    yield ""
    words = {"Desg": "designated", "Root": "root", "Altn": "alternate", "Back": "backup"}
    states = {"FWD": "forwarding", "LRN": "learning", "LIS": "listening", "BLK": "blocking"}
    for port in row.ports:
        state = states.get(port.state, "broken")
        yield f" Port {port.number} ({port.name}) of VLAN{row.vlan:04} is {words.get(port.role, '')} {state} "
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
        yield "   Link type is point-to-point by default"
        yield f"   BPDU: sent {port.sent}, received {port.received}"
        yield ""


def show(context: Context, vlans: tuple[int, ...] | None = None, detail: bool = False) -> Iterator[str]:
    """`show spanning-tree [vlan LIST] [detail]`."""
    switch: Switch = context.device
    rows = [row for row in switch.trees.rows() if vlans is None or row.vlan in vlans]
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


def show_interface(context: Context, port: str) -> Iterator[str]:
    """`show spanning-tree interface X`."""
    switch: Switch = context.device
    if not switch.is_switchport(port):
        raise InvalidArgument("port")
    found = [
        (row, row_port) for row in switch.trees.rows() for row_port in row.ports if row_port.name == port
    ]
    if not found:
        yield f"no spanning tree info available for {port}"
        return
    yield ""
    yield "Vlan                Role Sts Cost      Prio.Nbr Type"
    yield "------------------- ---- --- --------- -------- --------------------------------"
    for row, member in found:
        yield f"{f'VLAN{row.vlan:04}':<19} {_status(member)}"


def show_root(context: Context) -> Iterator[str]:
    """`show spanning-tree root`."""
    switch: Switch = context.device
    yield ""
    yield "                                        Root    Hello Max Fwd"
    yield "Vlan                   Root ID          Cost    Time  Age Dly  Root Port"
    yield "---------------- -------------------- --------- ----- --- ---  ------------"
    for row in switch.trees.rows():
        port = short_name(row.root_port) if row.root_port else ""
        yield (
            f"{f'VLAN{row.vlan:04}':<16} {row.root.priority:>5} {row.root.mac.dotted} {row.root_cost:>9} "
            f"{row.root_hello:>5} {row.root_max_age:>3} {row.root_forward:>3}  {port}"
        )


def show_summary(context: Context) -> Iterator[str]:
    """`show spanning-tree summary`."""
    switch: Switch = context.device
    config = switch.config.spanning_tree
    rows = list(switch.trees.rows())
    roots = [f"VLAN{row.vlan:04}" for row in rows if row.is_root]

    def enabled(value: bool) -> str:
        return "enabled" if value else "disabled"

    yield f"Switch is in {config.mode} mode"
    yield f"Root bridge for: {', '.join(roots) or 'none'}"
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
    totals = [0] * (len(_STATES) + 1)
    for row in rows:
        counts = [sum(port.state == short for port in row.ports) for short in ("BLK", "LIS", "LRN", "FWD")]
        counts.append(sum(counts))
        totals = [before + now for before, now in zip(totals, counts, strict=True)]
        yield f"{f'VLAN{row.vlan:04}':<22} {counts[0]:8} {counts[1]:9} {counts[2]:8} {counts[3]:10} {counts[4]:10}"
    yield "---------------------- -------- --------- -------- ---------- ----------"
    label = f"{len(rows)} vlan{'s' if len(rows) != 1 else ''}"
    yield f"{label:<22} {totals[0]:8} {totals[1]:9} {totals[2]:8} {totals[3]:10} {totals[4]:10}"
