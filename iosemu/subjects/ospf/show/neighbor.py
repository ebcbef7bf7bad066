"""`show ip ospf neighbor` and the lists that a neighbor has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.clock_text import span
from iosemu.handling.context import Context
from iosemu.routing.ospf import NeighborState
from iosemu.routing.ospf.constants import Option
from iosemu.routing.ospf.neighbor import Neighbor
from iosemu.routing.ospf.views import NeighborView, neighbors, request_list, retransmission_list
from iosemu.subjects.ospf.service.instance import Instance
from iosemu.subjects.ospf.service.messages import STATES
from iosemu.subjects.ospf.show.common import heading, instances, left, style

_BITS = ((Option.MC, "MC-bit"), (Option.E, "E-bit"), (Option.NP, "N/P-bit"), (Option.L, "L-bit"),
         (Option.DC, "DC-bit"), (Option.O, "O-bit"))  # fmt: skip

NONE = IPv4Address(0)


def _listed(
    context: Context, number: int | None, interface: str | None, address: IPv4Address | None
) -> Iterator[tuple[Instance, list[tuple[Neighbor, NeighborView]]]]:
    """The neighbors of each process, those on the newest interface first."""
    for instance in instances(context.device, number):
        at_work = [each for every in instance.engine.interfaces.values() for each in every.neighbors.values()]
        views = list(neighbors(instance.engine, context.device.now))
        order = list(instance.engine.interfaces)
        found = [
            (neighbor, view)
            for neighbor, view in zip(at_work, views, strict=True)
            if interface in (None, view.interface) and address in (None, view.router_id)
        ]
        found.sort(key=lambda each: (-order.index(each[1].interface), each[0].router_id))
        yield instance, found


def show_neighbor(
    context: Context,
    number: int | None = None,
    interface: str | None = None,
    address: IPv4Address | None = None,
    detail: bool = False,
) -> Iterator[str]:
    """`show ip ospf [N] neighbor [X | A] [detail]`."""
    for instance, found in _listed(context, number, interface, address):
        if detail or address is not None:
            for neighbor, view in found:
                yield from _detail(context, instance, neighbor, view)
        elif found:
            yield ""
            yield "Neighbor ID     Pri   State           Dead Time   Address         Interface"
            for each, view in found:
                yield _row(view, each.interface.config.hello_multiplier is not None)


def _row(view: NeighborView, fast: bool = False) -> str:
    role = f"{view.role:>3}" if view.role == "-" else view.role
    state = f"{STATES[view.state]}/{role}"
    dead = "   -    " if view.dead_in is None else left(view.dead_in, fast)
    router = view.router_id or "N/A"
    return (
        f"{router!s:<15} {view.priority:>3}   {state:<15} {dead:<8}    {view.address!s:<15} {view.interface}"
    )


def _detail(context: Context, instance: Instance, neighbor: Neighbor, view: NeighborView) -> Iterator[str]:
    yield f"Neighbor {view.router_id or 'N/A'}, interface address {view.address}"
    area = instance.config.spelled(view.area)
    yield f"    In the area {area} via interface {view.interface} "
    changes = f"{view.state_changes} state changes"
    yield f"    Neighbor priority is {view.priority}, State is {STATES[view.state]}, {changes}"
    yield f"    DR is {view.dr or NONE} BDR is {view.bdr or NONE}"
    if style(context.device).topology:
        if neighbor.hello_options:
            yield f"    Options is {_spelled(neighbor.hello_options, 'Hello')}"
        if neighbor.dd_options:
            yield f"    Options is {_spelled(neighbor.dd_options, 'DBD')}"
    else:
        yield f"    Options is 0x{neighbor.dd_options or neighbor.hello_options:02X}"
    if neighbor.hello_options & Option.L.value:
        yield "    LLS Options is 0x1 (LR)"
    if view.dead_in is not None:
        fast = neighbor.interface.config.hello_multiplier is not None
        yield f"    Dead timer due in {left(view.dead_in, fast)}"
    if view.up_for is not None:
        yield f"    Neighbor is up for {span(view.up_for)}"
    if view.ignored:
        yield "    Neighbor is currently ignored"
    index = neighbor_index(instance, neighbor)
    yield (
        f"    Index {index}, retransmission queue length {view.retransmission_queue}, "
        f"number of retransmission {view.retransmissions}"
    )
    yield "    First 0x0(0)/0x0(0) Next 0x0(0)/0x0(0)"
    scanned = int(view.retransmissions > 0)
    yield f"    Last retransmission scan length is {scanned}, maximum is {scanned}"
    yield "    Last retransmission scan time is 0 msec, maximum is 0 msec"


def neighbor_index(instance: Instance, neighbor: Neighbor) -> str:
    """Its number among the neighbors of its area, and among all."""
    everywhere = [each for every in instance.engine.interfaces.values() for each in every.neighbors.values()]
    inside = [each for each in everywhere if each.interface.area is neighbor.interface.area]
    return f"{inside.index(neighbor) + 1}/{everywhere.index(neighbor) + 1}"


def _spelled(value: int, where: str) -> str:
    names = [name for bit, name in _BITS if value & bit.value]
    return f"0x{value:X} in {where}" + (f" ({', '.join(names)})" if names else "")


def show_neighbor_summary(context: Context) -> Iterator[str]:
    """`show ip ospf neighbor summary`."""
    states: Counter[NeighborState] = Counter()
    for _, found in _listed(context, None, None, None):
        states.update(view.state for _, view in found)
    yield ""
    yield "         Neighbor summary for all OSPF processes"
    yield ""
    for state, name in STATES.items():
        yield f"{name:<13}{states[state]}"
    yield f"{'Total count':<13}{states.total():<5}(Undergoing NSF 0)"


def show_request_list(
    context: Context,
    number: int | None = None,
    interface: str | None = None,
    address: IPv4Address | None = None,
) -> Iterator[str]:
    """`show ip ospf [N] request-list [A] [X]`."""
    for instance, found in _listed(context, number, interface, address):
        yield from heading(instance)
        for neighbor, view in found:
            wanted = request_list(neighbor)
            yield f" Neighbor {view.router_id}, interface {view.interface} address {view.address}"
            if wanted:
                yield ""
                yield " Type  LS ID           ADV RTR         Seq NO      Age    Checksum"
            for kind, ls_id, router in wanted:
                header = neighbor.requests[int(kind), int(ls_id), int(router)]
                sequence = header.sequence & 0xFFFFFFFF
                yield (
                    f" {int(kind):>4}  {ls_id!s:<15} {router!s:<15} 0x{sequence:08X}  {header.age:<5}  "
                    f"0x{header.checksum:X}"
                )
            yield ""


def show_retransmission_list(
    context: Context,
    number: int | None = None,
    interface: str | None = None,
    address: IPv4Address | None = None,
) -> Iterator[str]:
    """`show ip ospf [N] retransmission-list [A] [X]`."""
    for instance, found in _listed(context, number, interface, address):
        yield from heading(instance)
        for neighbor, view in found:
            waiting = retransmission_list(neighbor, context.device.now)
            yield f" Neighbor {view.router_id}, interface {view.interface} address {view.address}"
            if waiting:
                due = max(0, int(min(left for _, _, left in waiting) * 1000))
                yield f" Link state retransmission due in {due} msec, Queue length {len(waiting)}"
                yield ""
                yield " Type  LS ID           ADV RTR         Seq NO      Age    Checksum"
            for lsa, age, _ in waiting:
                ls_id, router = IPv4Address(lsa.ls_id), IPv4Address(lsa.advertising_router)
                sequence = lsa.sequence & 0xFFFFFFFF
                yield (
                    f" {lsa.type:>4}  {ls_id!s:<15} {router!s:<15} 0x{sequence:08X}  {age:<5}  "
                    f"0x{lsa.checksum:X}"
                )
            yield ""
