"""Whether what is tracked is up, as things are at this moment."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.routing import Route, RouteSource
from iosemu.subjects.ip_sla.service import IpSla
from iosemu.subjects.track.config import METRIC_DOWN, METRIC_UP, Kind, TrackConfig, TrackedObject

_PROTOCOLS = {RouteSource.EIGRP: "eigrp", RouteSource.OSPF: "ospf", RouteSource.STATIC: "static"}
"""Those whose metric is scaled by `track resolution ip route`."""
_PER_HOP = 17
"""The scaled metric of one hop of RIP, of which there are 15."""


def interface_trouble(device: Device, each: TrackedObject) -> str | None:
    """Why a tracked interface is down, in the words of `show track`; None: it is up."""
    interface = device.interfaces.get(each.interface)
    if interface is None or not interface.protocol_up:
        shut = interface is not None and not interface.admin_up
        return "hw admin-down" if shut else "hw down"
    if each.kind is Kind.LINE_PROTOCOL:
        return None
    if not device.service(IpStack).forwarding:
        return "ip disabled"
    return None if interface.config.of(IpSettings).addresses else "no ip addr"


def tracked_route(device: Device, each: TrackedObject) -> Route | None:
    """The installed route to a tracked network, None without one."""
    return device.service(IpStack).routes.lookup_exact(each.network) if each.network is not None else None


def scaled(device: Device, route: Route) -> int:
    """A metric as thresholds see it, 0 to 255."""
    protocol = _PROTOCOLS.get(route.source)
    if protocol is not None:
        return min(route.metric // device.config.of(TrackConfig).resolution(protocol), 255)
    return min(route.metric * (_PER_HOP if route.source is RouteSource.RIP else 1), 255)


def operation_up(device: Device, each: TrackedObject) -> bool:
    """Whether a tracked operation was answered; its state also asks for an answer within the threshold."""
    run = device.service(IpSla).runs.get(each.operation)
    if run is None or not run.active:
        return False
    return run.code == "OK" or (each.kind is Kind.SLA and run.code == "Over threshold")


def weights(each: TrackedObject, state: Callable[[int], bool | None]) -> tuple[int, int]:
    """The weight of the members that are up, and of all: percent have the weight one each."""
    up = total = 0
    for member in each.members.values():
        weight = (member.weight or 10) if each.kind is Kind.WEIGHT else 1
        total += weight
        up += weight if state(member.number) else 0
    return up, total


def is_up(device: Device, each: TrackedObject, before: bool, state: Callable[[int], bool | None]) -> bool:
    """Whether an object is up now; `state` knows other objects, `before` counts between two thresholds."""
    if each.kind.of_interface:
        return interface_trouble(device, each) is None
    if each.kind.of_route:
        route = tracked_route(device, each)
        if each.kind is Kind.REACHABILITY or route is None:
            return route is not None
        metric = scaled(device, route)
        upper = METRIC_UP if each.threshold_up is None else each.threshold_up
        lower = METRIC_DOWN if each.threshold_down is None else each.threshold_down
        return metric <= upper or (before and metric < lower)
    if each.kind.of_sla:
        return operation_up(device, each)
    if each.kind is Kind.STUB:
        return each.default_up  # unless somebody has set another
    if each.kind in (Kind.AND, Kind.OR):
        # an object that there is not is not up, and nothing else either
        states = [(state(one.number), one.negated) for one in each.members.values()]
        held = [now is not None and now is not negated for now, negated in states]
        return bool(held) and (all(held) if each.kind is Kind.AND else any(held))
    up, total = weights(each, state)
    if each.kind is Kind.PERCENTAGE:
        up = up * 100 // total if total else 0
    wanted = 1 if each.threshold_up is None else each.threshold_up
    least = (
        (0 if each.threshold_up is None else wanted - 1)
        if each.threshold_down is None
        else each.threshold_down
    )
    return up >= wanted or (before and up > least)
