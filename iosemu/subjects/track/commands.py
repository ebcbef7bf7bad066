"""`track N …` and `debug track`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Output
from iosemu.net.prefixes import masked
from iosemu.subjects.track.config import DEBUG, POLL, RESOLUTION, Kind, Member, TrackConfig, TrackedObject


def edit(context: Context, number: int) -> Output:
    """`[no] track N`: the object that is there already."""
    known = context.device.config.of(TrackConfig).objects
    if context.off:
        known.pop(number, None)
        return None
    if number not in known:
        raise CommandError(f"% Object {number} does not exist")
    return [Enter("config-track", known[number])]


def _make(context: Context, wanted: TrackedObject) -> Output:
    known = context.device.config.of(TrackConfig).objects
    if context.off:
        known.pop(wanted.number, None)
        return None
    found = known.setdefault(wanted.number, wanted)
    if found.same != wanted.same:
        raise CommandError(f"Cannot change tracked object {wanted.number} - delete old config first")
    return [Enter("config-track", found)]


def interface(context: Context, number: int, interface: str, what: str) -> Output:
    """`[no] track N interface X line-protocol`."""
    return _make(context, TrackedObject(number, Kind(what), interface))


def interface_routing(context: Context, number: int, interface: str) -> Output:
    """`[no] track N interface X ip routing`."""
    return _make(context, TrackedObject(number, Kind.IP_ROUTING, interface))


def _route(context: Context, number: int, network: IPv4Address, mask: IPv4Address, kind: Kind) -> Output:
    prefix = masked(network, mask)
    if prefix is None or prefix.network_address != network:
        raise CommandError("%Inconsistent address and mask")
    return _make(context, TrackedObject(number, kind, network=prefix))


def reachability(context: Context, number: int, network: IPv4Address, mask: IPv4Address) -> Output:
    """`[no] track N ip route A M reachability`."""
    return _route(context, number, network, mask, Kind.REACHABILITY)


def metric(context: Context, number: int, network: IPv4Address, mask: IPv4Address) -> Output:
    """`[no] track N ip route A M metric threshold`."""
    return _route(context, number, network, mask, Kind.METRIC)


def sla(context: Context, number: int, operation: int, what: str = "state") -> Output:
    """`[no] track N ip sla M [state | reachability]`."""
    kind = Kind.SLA if what == "reachability" else Kind.SLA_STATE
    return _make(context, TrackedObject(number, kind, operation=operation))


def boolean(context: Context, number: int, word: str) -> Output:
    """`[no] track N list boolean and|or`."""
    return _make(context, TrackedObject(number, Kind(f"boolean {word}")))


def threshold_list(context: Context, number: int, word: str) -> Output:
    """`[no] track N list threshold weight|percentage`."""
    return _make(context, TrackedObject(number, Kind(f"threshold {word}")))


def stub(context: Context, number: int) -> Output:
    """`[no] track N stub-object`: an applet says what its state is."""
    return _make(context, TrackedObject(number, Kind.STUB))


def default_state(context: Context, state: str = "down") -> None:
    """`[no] default-state up|down` of a stub."""
    each = context.edited(TrackedObject)
    if each.kind is not Kind.STUB:
        raise CommandError("% Command only valid for stub objects")
    each.default_up = state == "up" and not context.off


def delay(context: Context, up: int | None = None, down: int | None = None) -> None:
    """`[no] delay {up N | down N}`: seconds."""
    each = context.edited(TrackedObject)
    if context.off:
        each.delay_up = each.delay_up if down is not None and up is None else 0
        each.delay_down = each.delay_down if up is not None and down is None else 0
        return
    each.delay_up = each.delay_up if up is None else up
    each.delay_down = each.delay_down if down is None else down


def member(context: Context, number: int, not_: bool = False, weight: int | None = None) -> None:
    """`[no] object N [not | weight W]` of a list."""
    each = context.edited(TrackedObject)
    if context.off:
        each.members.pop(number, None)
        return
    if not each.kind.of_list:
        raise CommandError("% Command only valid for object lists")
    if number == each.number or each.number in _below(context, number):
        raise CommandError("% Object list cannot contain itself")
    if (not_ and each.kind not in (Kind.AND, Kind.OR)) or (
        weight is not None and each.kind is not Kind.WEIGHT
    ):
        raise CommandError(f"% Command not valid for list {each.kind.value}")
    each.members[number] = Member(number, not_, weight)


def _below(context: Context, number: int) -> set[int]:
    """The objects that an object depends on."""
    known = context.device.config.of(TrackConfig).objects
    found: set[int] = set()
    waiting = [number]
    while waiting:
        each = known.get(waiting.pop())
        fresh = set(each.members) - found if each is not None else set()
        found |= fresh
        waiting += fresh
    return found


def threshold(context: Context, what: str = "", up: int | None = None, down: int | None = None) -> None:
    """`[no] threshold metric|weight|percentage {up N | down N}`."""
    each = context.edited(TrackedObject)
    if context.off:
        each.threshold_up = each.threshold_down = None
        return
    if each.kind is not (Kind.METRIC if what == "metric" else Kind(f"threshold {what}")):
        raise CommandError(f"% Command not valid for {each.words().split()[0]} {each.kind.value}")
    higher, lower = (down, up) if what == "metric" else (up, down)
    if higher is not None and lower is not None and higher <= lower:
        side = "up threshold must be lower than" if what == "metric" else "up threshold must be higher than"
        raise CommandError(f"% The {side} the down threshold")
    each.threshold_up, each.threshold_down = up, down


def timer(context: Context, what: str, seconds: int | None = None, milliseconds: int | None = None) -> None:
    """`[no] track timer interface|ip route|list {N | msec N}`: how often objects are looked at."""
    timers = context.device.config.of(TrackConfig).timers
    timers.pop(what, None)
    if context.off:
        return
    wanted = float(seconds) if seconds is not None else (milliseconds or 0) / 1000
    if wanted != POLL[what]:
        timers[what] = wanted


def route_timer(context: Context, seconds: int | None = None, milliseconds: int | None = None) -> None:
    """`[no] track timer ip route {N | msec N}`."""
    timer(context, "ip route", seconds, milliseconds)


def resolution(context: Context, protocol: str, units: int = 0) -> None:
    """`[no] track resolution ip route eigrp|ospf|static N`: how much of a metric counts as one."""
    resolutions = context.device.config.of(TrackConfig).resolutions
    resolutions.pop(protocol, None)
    if not context.off and units != RESOLUTION[protocol]:
        resolutions[protocol] = units


def debug(context: Context) -> str:
    """`[no] debug track`."""
    return context.device.debugging.set(DEBUG, not context.silenced)
