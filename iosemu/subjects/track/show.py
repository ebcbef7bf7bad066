"""`show track`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.net.routing import RouteSource
from iosemu.subjects.ip_sla.service import IpSla
from iosemu.subjects.track.config import METRIC_DOWN, METRIC_UP, POLL, Kind, TrackConfig, TrackedObject
from iosemu.subjects.track.evaluation import interface_trouble, scaled, tracked_route, weights
from iosemu.subjects.track.service import State, Tracker

_SOURCES = {
    RouteSource.CONNECTED: "connected",
    RouteSource.STATIC: "static",
    RouteSource.RIP: "RIP",
    RouteSource.EIGRP: "EIGRP",
    RouteSource.OSPF: "OSPF",
    RouteSource.BGP: "BGP",
}
_WORDS = ("Down", "Up")


def _listed(device: Device, number: int | None, kind: str) -> list[int]:
    """The objects that are asked for: one, those of a type, or all."""
    known = device.config.of(TrackConfig).objects
    if number is not None and number not in known:
        raise CommandError(f"% Object {number} does not exist")
    if number is not None:
        return [number]
    return [each for each in sorted(known) if kind in ("", known[each].kind.type)]


def show_track(context: Context, number: int | None = None, kind: str = "") -> Iterator[str]:
    """`show track [N | interface | ip route | ip sla | list | stub-object]`."""
    device = context.device
    known = device.config.of(TrackConfig).objects
    for each in _listed(device, number, kind):
        state = device.service(Tracker).states.get(each)
        if state is not None:
            yield f"Track {each}"
            yield from _object(device, known[each], state)


def _seconds(count: float) -> str:
    return f"{count:.0f} sec{'' if round(count) == 1 else 's'}"


def _held(device: Device, state: State) -> str:
    if state.pending is None:
        return ""
    left = _seconds(state.pending.when - device.now)
    return f", delayed {_WORDS[not state.up]} ({left} remaining)"


def _object(device: Device, each: TrackedObject, state: State) -> Iterator[str]:
    up = _WORDS[state.up]
    tail: list[str] = []
    if each.kind.of_interface:
        yield f"  Interface {each.interface} {each.kind.value}"
        what = "Line protocol" if each.kind is Kind.LINE_PROTOCOL else "IP routing"
        trouble = interface_trouble(device, each)
        yield f"  {what} is {up}{f' ({trouble})' if trouble else ''}{_held(device, state)}"
    elif each.kind.of_sla:
        word = each.kind.value.split()[-1]
        yield f"  IP SLA {each.operation} {word}"
        yield f"  {word.capitalize()} is {up}{_held(device, state)}"
        tail = list(_operation(device, each))
    elif each.kind is Kind.STUB:
        yield "  Stub-object"
        yield f"  State is {up}{_held(device, state)}"
    elif each.network is not None:
        yield f"  IP route {each.network.network_address} {each.network.netmask} {each.kind.value}"
        yield from _route(device, each, state)
        tail = [_hop(state)]
    else:
        yield f"  List {each.kind.value}"
        yield from _list(device, each, state)
    changes = "1 change" if state.changes == 1 else f"{state.changes} changes"
    yield f"    {changes}, last change {span(device.now - state.since)}"
    if each.kind.of_list:
        yield from _members(device, each)
    if each.kind is Kind.METRIC:
        lower = METRIC_DOWN if each.threshold_down is None else each.threshold_down
        upper = METRIC_UP if each.threshold_up is None else each.threshold_up
        yield f"  Metric threshold down {lower} up {upper}"
    delays = [("up", each.delay_up), ("down", each.delay_down)]
    if words := ", ".join(f"{word} {_seconds(count)}" for word, count in delays if count):
        yield f"  Delay {words}"
    yield from tail
    clients = device.service(Tracker).clients(each.number)
    if clients:
        yield "  Tracked by:"
        yield from (f"    {client}" for client in clients)


def _route(device: Device, each: TrackedObject, state: State) -> Iterator[str]:
    route, up = tracked_route(device, each), _WORDS[state.up]
    if each.kind is Kind.METRIC:
        words = (
            "no route"
            if route is None
            else f"{_SOURCES.get(route.source, '')}/{route.metric}/{scaled(device, route)}"
        )
        yield f"  Metric threshold is {up} ({words}){_held(device, state)}"
        return
    now = "" if route is None else f" ({_SOURCES.get(route.source, '')})"
    if state.up:
        yield f"  Reachability is {up}{now if route is not None else ''}{_held(device, state)}"
    else:
        yield f"  Reachability is {up} (no ip route){_held(device, state)}{now}"


def _operation(device: Device, each: TrackedObject) -> Iterator[str]:
    run = device.service(IpSla).runs.get(each.operation)
    yield f"  Latest operation return code: {run.code if run is not None else 'Unknown'}"
    if run is not None and run.rtt is not None:
        yield f"  Latest RTT (millisecs) {run.rtt}"


def _hop(state: State) -> str:
    if state.first_hop is not None:
        return f"  First-hop interface is {state.first_hop}"
    before = f" (was {state.last_hop})" if state.last_hop is not None else ""
    return f"  First-hop interface is unknown{before}"


def _list(device: Device, each: TrackedObject, state: State) -> Iterator[str]:
    up, held = _WORDS[state.up], _held(device, state)
    if each.kind in (Kind.AND, Kind.OR):
        yield f"  Boolean {each.kind.value.split()[1].upper()} is {up}{held}"
        return
    have, total = weights(each, device.service(Tracker).state)
    if each.kind is Kind.PERCENTAGE:
        yield f"  Threshold percentage is {up} ({have * 100 // total if total else 0}%){held}"
    else:
        yield f"  Threshold weight is {up} ({have}/{total}){held}"


def _members(device: Device, each: TrackedObject) -> Iterator[str]:
    tracker = device.service(Tracker)
    total = weights(each, tracker.state)[1]
    for _, member in sorted(each.members.items()):
        state = tracker.state(member.number)
        word = "Undefined" if state is None else _WORDS[state]
        text = f"    object {member.number}{' not' if member.negated else ''} {word}"
        if each.kind is Kind.WEIGHT:
            weight = member.weight or 10
            text += f" ({weight if state else 0}/{weight})"
        elif each.kind is Kind.PERCENTAGE:
            text += f" ({100 // total if state else 0}%)"
        yield text


def show_timers(context: Context) -> Iterator[str]:
    """`show track timers`."""
    device = context.device
    yield "Object type    Poll Interval  Time to next poll"
    for kind in POLL:
        interval = device.config.of(TrackConfig).poll(kind)
        due = device.service(Tracker).due(kind)
        left = f"{max(due - device.now, 0.0):.3f}" if due is not None else "expired"
        yield f"{kind:15}{interval:<15g}{left}"


def show_resolution(context: Context) -> Iterator[str]:
    """`show track resolution`."""
    config = context.device.config.of(TrackConfig)
    yield "Route type     Metric Resolution"
    for protocol, word in (("static", "static"), ("eigrp", "EIGRP"), ("ospf", "OSPF")):
        yield f"{word:15}{config.resolution(protocol)}"


def show_routes(context: Context, brief: bool = False) -> Iterator[str]:
    """`show track ip route [brief]`."""
    return show_brief(context, kind="ip route") if brief else show_track(context, kind="ip route")


def show_operations(context: Context, brief: bool = False) -> Iterator[str]:
    """`show track ip sla [brief]`."""
    return show_brief(context, kind="ip sla") if brief else show_track(context, kind="ip sla")


def show_summary(context: Context) -> Iterator[str]:
    """`show track summary`: how many objects of each type there are, and are up."""
    device = context.device
    states = device.service(Tracker).states
    known = [each for each in device.config.of(TrackConfig).objects.values() if each.number in states]
    yield f"{'Object type':15}{'Total':>6}{'Up':>6}{'Down':>6}"
    kinds = sorted({each.kind.type for each in known})
    for kind in kinds:
        objects = [states[each.number].up for each in known if each.kind.type == kind]
        yield f"{kind:15}{len(objects):>6}{sum(objects):>6}{len(objects) - sum(objects):>6}"
    up = sum(states[each.number].up for each in known)
    yield f"{'Total':15}{len(known):>6}{up:>6}{len(known) - up:>6}"


def show_brief(context: Context, number: int | None = None, kind: str = "") -> Iterator[str]:
    """`show track [N | interface | list | stub-object] brief`."""
    device = context.device
    wanted = _listed(device, number, kind)
    if not wanted:
        return
    yield f"{'Track':6}{'Type':12}{'Instance':27}{'Parameter':17}{'State':6}Last Change"
    for listed in wanted:
        each = device.config.of(TrackConfig).objects[listed]
        state = device.service(Tracker).states.get(listed)
        if state is None:
            continue
        type_ = each.kind.type
        instance = each.interface if each.network is None else str(each.network)
        instance = str(each.operation) if each.kind.of_sla else instance
        parameter = each.kind.value.removeprefix("sla ")
        age = span(device.now - state.since)
        yield f"{listed:<6}{type_:12}{instance:27}{parameter:16} {_WORDS[state.up]:6}{age}"
