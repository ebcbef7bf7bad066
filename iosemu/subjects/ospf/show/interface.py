"""`show ip ospf interface [brief | X]`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.routing.ospf import AuthenticationType, InterfaceState, NetworkType
from iosemu.routing.ospf.interface import Interface
from iosemu.routing.ospf.views import InterfaceView, interfaces
from iosemu.subjects.ospf.service.instance import Instance
from iosemu.subjects.ospf.show.common import instances, left, own_id, style

STATES = {
    InterfaceState.DOWN: "DOWN",
    InterfaceState.LOOPBACK: "LOOPBACK",
    InterfaceState.WAITING: "WAITING",
    InterfaceState.POINT_TO_POINT: "POINT_TO_POINT",
    InterfaceState.DR_OTHER: "DROTHER",
    InterfaceState.BACKUP: "BDR",
    InterfaceState.DR: "DR",
}
SHORT_STATES = {
    **STATES,
    InterfaceState.LOOPBACK: "LOOP",
    InterfaceState.WAITING: "WAIT",
    InterfaceState.POINT_TO_POINT: "P2P",
    InterfaceState.DR_OTHER: "DROTH",
}


def _listed(instance: Instance, now: float) -> Iterator[tuple[Interface, InterfaceView]]:
    """The newest first, as IOS lists them."""
    views = list(interfaces(instance.engine, now))
    for view in reversed(views):
        yield instance.engine.interfaces[view.name], view


def show_interface(
    context: Context, interface: str | None = None, number: int | None = None
) -> Iterator[str]:
    """`show ip ospf [N] interface [X]`."""
    found = False
    for instance in instances(context.device, number):
        for at_work, view in _listed(instance, context.device.now):
            if interface not in (None, view.name) or (at_work.virtual is not None and not at_work.attaches):
                continue
            found = True
            yield from _interface(context, instance, at_work, view)
    if interface is not None and not found:
        raise CommandError(f"%OSPF: OSPF not enabled on {interface}")


def _interface(
    context: Context, instance: Instance, at_work: Interface, view: InterfaceView
) -> Iterator[str]:
    config, late = instance.config, style(context.device).topology
    physical = context.device.interfaces.get(view.name)
    line = physical.state.value if physical is not None else "up"
    protocol = "up" if (physical.protocol_up if physical is not None else at_work.attaches) else "down"
    yield f"{view.name} is {line}, line protocol is {protocol} "
    networked = instance.by_network.get(view.name, True)
    attached = f", Attached via {'Network Statement' if networked else 'Interface Enable'}" if late else " "
    address = f"{view.address}/{view.prefix_length}"
    yield f"  Internet Address {address}, Area {config.spelled(view.area)}{attached}"
    yield (
        f"  Process ID {config.number}, Router ID {own_id(instance)}, "
        f"Network Type {view.network_type.value}, Cost: {view.cost}"
    )
    if late:
        yield "  Topology-MTID    Cost    Disabled    Shutdown      Topology Name"
        yield f"        0           {view.cost:<10}no          no            Base"
    elif not networked:
        yield "  Enabled by interface config, including secondary ip addresses"
    if view.state is InterfaceState.LOOPBACK:
        yield "  Loopback interface is treated as a stub Host"
        return
    yield from _state(view)
    yield from _timers(view, late)
    yield from _counters(instance, at_work, view, late)
    yield from _neighbors(at_work, view)
    yield from _authentication(at_work, view)


def _state(view: InterfaceView) -> Iterator[str]:
    multipoint = view.network_type.multipoint and view.state is not InterfaceState.DOWN
    state = "POINT_TO_MULTIPOINT" if multipoint else STATES[view.state]
    priority = f", Priority {view.priority}" if view.network_type.elects else ""
    end = " " if view.network_type.elects else ""
    yield f"  Transmit Delay is {view.transmit_delay} sec, State {state}{priority}{end}"
    if not view.network_type.elects:
        return
    if view.dr is None:
        yield "  No designated router on this network"
    else:
        yield f"  Designated Router (ID) {view.dr[0]}, Interface address {view.dr[1]}"
    if view.bdr is None or view.bdr == view.dr:
        yield "  No backup designated router on this network"
    else:
        yield f"  Backup Designated router (ID) {view.bdr[0]}, Interface address {view.bdr[1]}"


def _timers(view: InterfaceView, late: bool) -> Iterator[str]:
    fast = view.hello < 1
    hello = f"{view.hello * 1000:.0f} msec" if fast else f"{view.hello:.0f}"
    yield (
        f"  Timer intervals configured, Hello {hello}, Dead {view.dead}, Wait {view.dead}, "
        f"Retransmit {view.retransmit}"
    )
    yield "    oob-resync timeout " + str(max(40, view.dead))
    if view.passive:
        yield "    No Hellos (Passive interface) "
    elif view.hello_in is not None:
        yield f"    Hello due in {left(view.hello_in, fast)}"
    if view.wait_for is not None and view.state is InterfaceState.WAITING:
        yield f"    Wait time before Designated router selection {hms(view.wait_for)}"


def _counters(instance: Instance, at_work: Interface, view: InterfaceView, late: bool) -> Iterator[str]:
    yield "  Supports Link-local Signaling (LLS)"
    if late:
        yield "  Cisco NSF helper support enabled"
        yield "  IETF NSF helper support enabled"
    everywhere = list(instance.engine.interfaces.values())
    index = f"{at_work.area.interfaces.index(at_work) + 1}/{everywhere.index(at_work) + 1}"
    yield f"  Index {index}, flood queue length {view.flood_queue}"
    yield "  Next 0x0(0)/0x0(0)"
    yield "  Last flood scan length is 0, maximum is 0"
    yield "  Last flood scan time is 0 msec, maximum is 0 msec"


def _neighbors(at_work: Interface, view: InterfaceView) -> Iterator[str]:
    yield f"  Neighbor Count is {view.neighbors}, Adjacent neighbor count is {view.adjacent} "
    for neighbor in sorted(at_work.full_neighbors, key=lambda each: each.router_id):
        role = ""
        if at_work.kind.elects:
            role = (
                "  (Designated Router)"
                if neighbor.address == at_work.dr
                else "  (Backup Designated Router)"
                if neighbor.address == at_work.bdr
                else ""
            )
        suppressed = " (Hello suppressed)" if neighbor.inactivity.when is None else ""
        yield f"    Adjacent with neighbor {_router(neighbor.router_id)}{role}{suppressed}"
    quiet = sum(each.inactivity.when is None for each in at_work.full_neighbors)
    yield f"  Suppress hello for {quiet} neighbor(s)"


def _router(number: int) -> str:
    return ".".join(str(number >> shift & 0xFF) for shift in (24, 16, 8, 0))


def _authentication(at_work: Interface, view: InterfaceView) -> Iterator[str]:
    kind = at_work.authentication.type
    if kind is AuthenticationType.SIMPLE:
        yield "  Simple password authentication enabled"
    elif kind is AuthenticationType.CRYPTOGRAPHIC:
        yield "  Message digest authentication enabled"
        if view.youngest_key is None:
            yield "      No key configured, using default key id 0"
            return
        yield f"    Youngest key id is {view.youngest_key}"
        if view.old_keys:
            users = sum(1 for _ in at_work.neighbors_with_old_key())
            yield f"    Rollover in progress, {users} neighbor(s) using the old key(s):"
            yield from (f"      key id {key}" for key in view.old_keys)


def show_interface_brief(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip ospf [N] interface brief`."""
    found = list(instances(context.device, number))
    if not found:
        return
    yield "Interface    PID   Area            IP Address/Mask    Cost  State Nbrs F/C"
    for instance in found:
        for at_work, view in _listed(instance, context.device.now):
            name = view.name.removeprefix("OSPF_") if at_work.virtual is not None else short_name(view.name)
            mask = f"{view.address}/{view.prefix_length}"
            state = "P2MP" if view.network_type.multipoint else SHORT_STATES[view.state]
            if view.network_type is NetworkType.VIRTUAL_LINK and view.state is InterfaceState.DOWN:
                mask = "Unnumbered"
            yield (
                f"{name:<12} {instance.config.number:<5} {instance.config.spelled(view.area)!s:<15} {mask:<18} "
                f"{view.cost:<5} {state:<5} {view.adjacent}/{view.neighbors}"
            )
