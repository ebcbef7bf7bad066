"""MST: `spanning-tree mst …`, and what is typed under `spanning-tree mst configuration`."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import Enter, InvalidArgument, Leave, Output
from iosemu.net.mst_region import CIST, Region
from iosemu.subjects.spanning_tree.commands.spanning_tree import (
    PRIMARY,
    SECONDARY,
    checked_port_priority,
    checked_priority,
    put_each,
    timers_for,
)
from iosemu.subjects.spanning_tree.commands.spanning_tree import root_priority as _root_priority
from iosemu.subjects.spanning_tree.config import PRIORITY, MstConfig, RegionEditor, SpanningTreeConfig
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.switchport.commands import layer2_of

NAME_LENGTH = 32


def _mst(context: Context) -> MstConfig:
    config: SpanningTreeConfig = context.device.config.of(SpanningTreeConfig)
    return config.mst


# --- the region ------------------------------------------------------------------------------------------


def configuration(context: Context) -> Output:
    """`[no] spanning-tree mst configuration`: edit the region; what is typed is pending until the mode is left."""
    device, mst = context.device, _mst(context)

    def apply(region: Region) -> None:
        mst.region = region
        device.configured("spanning_tree")

    if context.off:
        mst.region = Region()
        return None
    return [Enter("config-mst", RegionEditor(mst.region, apply))]


def name(context: Context, title: str = "") -> Output:
    """`[no] name NAME`."""
    if len(title) > NAME_LENGTH or not title.isascii():
        raise InvalidArgument("title")
    context.edited(RegionEditor).name = "" if context.off else title
    return None


def revision(context: Context, number: int = 0) -> Output:
    """`[no] revision N`."""
    context.edited(RegionEditor).revision = 0 if context.off else number
    return None


def instance(context: Context, number: int, vlans: tuple[int, ...] | None = None) -> Output:
    """`[no] instance N [vlan LIST]`: VLANs that leave an instance are in the common one again."""
    editor = context.edited(RegionEditor)
    if not context.off:
        editor.map(number, frozenset(vlans or ()))
        return None
    held = editor.instances.get(number, frozenset())
    editor.map(CIST, held if vlans is None else held & frozenset(vlans))
    return None


def abort(context: Context) -> Output:
    """`abort`: nothing was edited."""
    context.edited(RegionEditor).abort()
    return [Leave()]


# --- this bridge -----------------------------------------------------------------------------------------


def priority(context: Context, instances: tuple[int, ...], value: int = PRIORITY) -> Output:
    """`[no] spanning-tree mst LIST priority N`."""
    if not context.off:
        checked_priority(value)
    for number in instances:
        _set_priority(_mst(context), number, PRIORITY if context.off else value)
    return None


def _set_priority(mst: MstConfig, number: int, value: int) -> None:
    if value == PRIORITY:
        mst.priorities.pop(number, None)
    else:
        mst.priorities[number] = value


def root(
    context: Context, instances: tuple[int, ...], role: str = "", diameter: int | None = None, hello: int = 2
) -> Output:
    """`[no] spanning-tree mst LIST root primary|secondary [diameter D [hello-time S]]`: a macro that sets the priority.

    The diameter gives timers, which are those of the common tree.
    """
    mst = _mst(context)
    if diameter is not None:
        mst.hello_time = hello
        mst.max_age, mst.forward_time = timers_for(diameter, hello)
    trees = context.device.service(SpanningTrees)
    running = context.device.config.of(SpanningTreeConfig).mode == "mst"
    for number in instances:
        row = trees.row(number) if running else None
        value = SECONDARY if role == "secondary" else _root_priority(row) if row is not None else PRIMARY
        _set_priority(_mst(context), number, PRIORITY if context.off else value)
    return None


def timer(
    context: Context,
    word: str = "",
    hello: int | None = None,
    forward: int | None = None,
    age: int | None = None,
    hops: int | None = None,
) -> Output:
    """`[no] spanning-tree mst hello-time|forward-time|max-age SECONDS` and `max-hops N`."""
    mst, default = _mst(context), MstConfig()
    for begin, field, value in (
        ("hello-time", "hello_time", hello),
        ("forward-time", "forward_time", forward),
        ("max-age", "max_age", age),
        ("max-hops", "max_hops", hops),
    ):
        if word.startswith(begin):
            setattr(mst, field, getattr(default, field) if context.off or value is None else value)
    return None


# --- a port ----------------------------------------------------------------------------------------------


def port_cost(context: Context, instances: tuple[int, ...], value: int | None = None) -> Output:
    """`[no] spanning-tree mst LIST cost N`."""
    put_each(context, layer2_of(context).mst_cost, instances, value)
    return None


def port_simulate(context: Context, disable: bool = False) -> Output:
    """`[no] spanning-tree mst simulate pvst [disable]`."""
    layer2_of(context).simulate_pvst = None if context.off else not disable
    return None


def port_priority(context: Context, instances: tuple[int, ...], value: int = 128) -> Output:
    """`[no] spanning-tree mst LIST port-priority N`."""
    checked_port_priority(context, value)
    put_each(context, layer2_of(context).mst_priority, instances, value)
    return None
