"""Spanning tree: `spanning-tree …` in global and interface configuration."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.subjects.spanning_tree.config import PRIORITY, SpanningTreeConfig, VlanTree
from iosemu.subjects.spanning_tree.layout import extended
from iosemu.subjects.spanning_tree.rows import TreeRow
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.switchport.commands import layer2_of

PRIORITY_STEP = 4096
PORT_PRIORITY_STEP = 16
PRIMARY = 24576
SECONDARY = 28672


def _trees(context: Context, vlans: tuple[int, ...], change: Callable[[int, VlanTree], None]) -> Output:
    config: SpanningTreeConfig = context.device.config.of(SpanningTreeConfig)
    for vlan in sorted(vlans):
        tree = config.vlans.setdefault(vlan, VlanTree())
        change(vlan, tree)
        if tree.is_default:
            del config.vlans[vlan]
    return None


def extend_system_id(context: Context) -> Output:
    """`spanning-tree extend system-id`: always on, these switches have one address for all trees."""
    return None


def uplinkfast(context: Context, max_update_rate: bool = False, rate: int = 150) -> Output:
    """`[no] spanning-tree uplinkfast [max-update-rate N]`: the rate is kept apart."""
    config: SpanningTreeConfig = context.device.config.of(SpanningTreeConfig)
    default = SpanningTreeConfig().update_rate
    if max_update_rate:
        config.update_rate = default if context.off else rate
    if not (context.off and max_update_rate):
        config.uplinkfast = not context.off
    return None


def vlan(context: Context, vlans: tuple[int, ...]) -> Output:
    """`[no] spanning-tree vlan LIST`: run the tree, or not."""

    def change(_vlan: int, tree: VlanTree) -> None:
        tree.enabled = not context.negated

    return _trees(context, vlans, change)


def checked_priority(value: int) -> None:
    """Refuse a bridge priority that would reach into the number of the tree."""
    if value % PRIORITY_STEP == 0:
        return
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


def root_priority(row: TreeRow | None) -> int:
    """The priority of `root primary`: 24576, or less than that of the present root."""
    root = row.root.base_priority if row is not None and not row.is_root else PRIORITY
    return PRIMARY if root > PRIMARY else max(root - PRIORITY_STEP, 0)


def vlan_priority(context: Context, vlans: tuple[int, ...], value: int = PRIORITY) -> Output:
    """`spanning-tree vlan LIST priority N`."""
    if not context.off and extended(context.device):
        checked_priority(value)

    def change(_vlan: int, tree: VlanTree) -> None:
        tree.priority = PRIORITY if context.off else value

    return _trees(context, vlans, change)


def timers_for(diameter: int, hello: int) -> tuple[int, int]:
    """Max age and forward delay, in seconds, for so many bridges between two stations (IEEE 802.1D-1998 annex B)."""
    return 4 * hello + 2 * diameter - 2, (4 * hello + 3 * diameter + 1) // 2


def vlan_root(
    context: Context, vlans: tuple[int, ...], role: str = "", diameter: int | None = None, hello: int = 2
) -> Output:
    """`spanning-tree vlan LIST root primary|secondary [diameter D [hello-time S]]`: a macro that sets the priority."""
    switch = context.device

    def change(number: int, tree: VlanTree) -> None:
        if context.off:
            tree.priority = PRIORITY
        elif role == "secondary":
            tree.priority = SECONDARY
        else:
            tree.priority = root_priority(switch.service(SpanningTrees).row_of(number))
        if diameter is not None:
            tree.hello_time = hello
            tree.max_age, tree.forward_time = timers_for(diameter, hello)

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
            tree.hello_time = default.hello_time if context.off or hello is None else hello
        elif timer.startswith("forward-time"):
            tree.forward_time = default.forward_time if context.off or forward is None else forward
        else:
            tree.max_age = default.max_age if context.off or age is None else age

    return _trees(context, vlans, change)


def portfast(context: Context, option: str = "") -> Output:
    """`[no] spanning-tree portfast [disable|trunk]`."""
    port = layer2_of(context)
    port.portfast = None if context.off else option != "disable"
    port.portfast_trunk = not context.off and option == "trunk"
    if context.off or option == "disable":
        return None
    name = context.edited(InterfaceConfig).name
    warning = [
        "%Warning: portfast should only be enabled on ports connected to a single",
        " host. Connecting hubs, concentrators, switches, bridges, etc... to this",
        " interface  when portfast is enabled, can cause temporary bridging loops.",
        " Use with CAUTION",
        "",
    ]
    if port.portfast_trunk:
        return warning
    return [
        *warning,
        f"%Portfast has been configured on {name} but will only",
        " have effect when the interface is in a non-trunking mode.",
    ]


def put_each(context: Context, values: dict[int, int], numbers: tuple[int, ...], value: int | None) -> None:
    """Set what a port has for each of some trees, or (`no`) forget it."""
    for number in numbers:
        if context.off or value is None:
            values.pop(number, None)
        else:
            values[number] = value


def checked_port_priority(context: Context, value: int) -> None:
    """Refuse a port priority that would reach into the number of the port."""
    if not context.off and value % PORT_PRIORITY_STEP:
        raise CommandError(f"% Port Priority in increments of {PORT_PRIORITY_STEP} is required")


def port_cost(context: Context, vlans: tuple[int, ...] | None = None, value: int | None = None) -> Output:
    """`spanning-tree [vlan LIST] cost N`."""
    port = layer2_of(context)
    if vlans is None:
        port.stp_cost = None if context.off else value
    else:
        put_each(context, port.stp_vlan_cost, vlans, value)
    return None


def port_priority(context: Context, vlans: tuple[int, ...] | None = None, value: int = 128) -> Output:
    """`spanning-tree [vlan LIST] port-priority N`."""
    checked_port_priority(context, value)
    port = layer2_of(context)
    if vlans is None:
        port.stp_priority = 128 if context.off else value
    else:
        put_each(context, port.stp_vlan_priority, vlans, value)
    return None
