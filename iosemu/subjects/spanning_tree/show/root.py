"""What all forms of `show spanning-tree` say of the root and of timers."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.subjects.spanning_tree.rows import TreeRow


def timers(hello: int, age: int, forward: int) -> str:
    """The line of timers, in seconds."""
    return f"             Hello Time {hello:>3} sec  Max Age {age} sec  Forward Delay {forward} sec"


def root_lines(row: TreeRow) -> Iterator[str]:
    """The root of a tree, and the way to it."""
    yield f"  Root ID    Priority    {row.root.priority}"
    yield f"             Address     {row.root.mac.dotted}"
    if row.is_root:
        yield "             This bridge is the root"
    else:
        yield f"             Cost        {row.root_cost}"
        yield f"             Port        {row.root_port_number} ({row.root_port})"
    yield timers(row.root_hello, row.root_max_age, row.root_forward)


def bridge_lines(row: TreeRow) -> Iterator[str]:
    """This bridge in a tree."""
    own = row.bridge
    yield f"  Bridge ID  Priority    {own.priority}  (priority {own.base_priority} sys-id-ext {row.vlan})"
    yield f"             Address     {own.mac.dotted}"
    yield timers(row.hello, row.max_age, row.forward)
