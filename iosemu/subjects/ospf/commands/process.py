"""`router ospf N` and what is typed under it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Enter, Output
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.ospf.config import OspfConfig
from iosemu.subjects.ospf.config.area import AreaId
from iosemu.subjects.ospf.config.process import (
    DefaultOriginate,
    MaxMetricRouter,
    Neighbor,
    OspfProcess,
    Summary,
)
from iosemu.subjects.ospf.config.style import OspfStyle
from iosemu.subjects.ospf.service.ospf import Ospf
from iosemu.subjects.ospf.service.translate import MAX_SUMMARY_METRIC
from iosemu.subjects.routing.distances import typed


def router_ospf(context: Context, number: int, vrf: str = "") -> Iterator[str | Effect] | None:
    """`[no] router ospf N [vrf V]`."""
    processes = context.device.config.of(OspfConfig).processes
    found = processes.get(number)
    if context.off:
        if found is not None and vrf not in ("", found.vrf):
            raise CommandError("% VRF specified does not match existing router")
        processes.pop(number, None)
        return None
    if found is None:
        found_vrf(context.device, vrf)
        found = processes[number] = OspfProcess(number, vrf)
    elif found.vrf != vrf:
        raise CommandError("% VRF specified does not match existing router")
    return iter((Enter("config-router-ospf", found),))


def network_of(prefix: IPv4Address, mask: IPv4Address) -> IPv4Network:
    """A prefix and its mask; CommandError when the mask has gaps."""
    try:
        length = IPv4Network(f"0.0.0.0/{mask}").prefixlen
        found = IPv4Network((int(prefix), length), strict=False)
    except ValueError:
        raise CommandError("% OSPF: Invalid mask") from None
    if int(found.netmask) != int(mask):
        raise CommandError("% OSPF: Invalid mask")
    return found


def router_id(context: Context, address: IPv4Address | None = None) -> Output:
    """`[no] router-id A`: at once while there are no neighbors, else when the process restarts."""
    process = context.edited(OspfProcess)
    wanted = None if context.off else address
    if wanted is not None and int(wanted) == 0:
        raise CommandError("% OSPF: router-id 0.0.0.0 is invalid")
    others = context.device.config.of(OspfConfig).processes.values()
    if wanted is not None and any(each is not process and each.router_id == wanted for each in others):
        raise CommandError(f"% OSPF: router-id {wanted} is in use by another OSPF process")
    process.router_id = wanted
    service = context.device.service(Ospf)
    instance = service.instances.get(process.number)
    if instance is None or instance.config is not process:
        return None
    chosen = service.choose_router_id(process)
    if chosen is None or int(chosen) == instance.engine.router_id:
        return None
    if any(each.neighbors for each in instance.engine.interfaces.values()):
        return context.device.image.style(OspfStyle).reload_hint
    instance.restart(chosen)
    return None


def network(context: Context, address: IPv4Address, wildcard: IPv4Address, area: AreaId) -> Output:
    """`[no] network A W area N`: a mask that was typed for the wildcard is turned over."""
    process = context.edited(OspfProcess)
    bits = int(wildcard)
    inverted = bits ^ 0xFFFFFFFF
    if bits and bits & 0x80000000 and not inverted & (inverted + 1):
        bits = inverted if bits != 0xFFFFFFFF else bits
    key = (IPv4Address(int(address) & ~bits & 0xFFFFFFFF), IPv4Address(bits))
    if context.off:
        if process.networks.get(key) != area:
            raise CommandError("% Can't find network, or area does not match")
        del process.networks[key]
        return None
    process.networks[key] = area
    return None


def passive_interface(context: Context, interface: str | None = None, default: bool = False) -> Output:
    """`[no] passive-interface default | X`."""
    process = context.edited(OspfProcess)
    if interface is None:
        process.passive_default = not context.off
        process.passive.clear()
    elif process.is_passive(interface) == context.off:
        process.passive ^= {interface}
    return None


def reference_bandwidth(context: Context, megabits: int = 100) -> Output:
    """`[no] auto-cost reference-bandwidth N`."""
    process = context.edited(OspfProcess)
    wanted = 100 if context.off else megabits
    if process.reference_bandwidth == wanted:
        return None
    process.reference_bandwidth = wanted
    return [
        "% OSPF: Reference bandwidth is changed. ",
        "        Please ensure reference bandwidth is consistent across all routers.",
    ]


def log_adjacency_changes(context: Context, detail: bool = False) -> Output:
    """`[no] log-adjacency-changes [detail]`."""
    process = context.edited(OspfProcess)
    process.log_changes = (
        "on" if context.defaulted else "off" if context.negated else "detail" if detail else "on"
    )
    return None


def maximum_paths(context: Context, count: int = 4) -> Output:
    """`[no] maximum-paths N`."""
    context.edited(OspfProcess).maximum_paths = None if context.off or count == 4 else count
    return None


def rfc1583(context: Context) -> Output:
    """`[no] compatible rfc1583`."""
    context.edited(OspfProcess).rfc1583 = not context.negated
    return None


def capability(context: Context, what: str) -> Output:
    """`[no] capability opaque | lls | vrf-lite`."""
    process = context.edited(OspfProcess)
    if what == "opaque":
        process.opaque = not context.negated
    elif what == "vrf-lite":
        process.vrf_lite = not context.off
    else:
        process.lls = not context.negated
    return None


def default_metric(context: Context, metric: int | None = None) -> Output:
    """`[no] default-metric N`."""
    context.edited(OspfProcess).default_metric = None if context.off else metric
    return None


def distance(
    context: Context,
    value: int = 110,
    address: IPv4Address | None = None,
    wildcard: IPv4Address | None = None,
    access_list: str | None = None,
) -> Output:
    """`[no] distance N [A W [ACL]]`; A: of what routers with such IDs advertise."""
    process = context.edited(OspfProcess)
    if address is None or wildcard is None:
        process.distance = None if context.off or value == 110 else value
        return None
    process.source_distances = typed(
        process.source_distances, context.off, value, address, wildcard, access_list
    )
    return None


def distance_ospf(
    context: Context, external: int | None = None, inter: int | None = None, intra: int | None = None
) -> Output:
    """`[no] distance ospf {external N | inter-area N | intra-area N}`."""
    process = context.edited(OspfProcess)
    given = {"external": external, "inter-area": inter, "intra-area": intra}
    if context.off:
        process.distances = {}
    for kind, value in given.items():
        if value is not None and not context.off:
            process.distances[kind] = value
    return None


def max_metric(
    context: Context,
    external: int | None = None,
    summary: int | None = None,
    startup: int | None = None,
    external_lsa: bool = False,
    summary_lsa: bool = False,
    include_stub: bool = False,
) -> Output:
    """`[no] max-metric router-lsa …`."""
    if context.off:
        context.edited(OspfProcess).max_metric = None
        return None
    context.edited(OspfProcess).max_metric = MaxMetricRouter(
        external if external is not None else MAX_SUMMARY_METRIC if external_lsa else None,
        include_stub,
        startup,
        summary if summary is not None else MAX_SUMMARY_METRIC if summary_lsa else None,
    )
    return None


def throttle_spf(context: Context, start: int = 0, hold: int = 0, maximum: int = 0) -> Output:
    """`[no] timers throttle spf START HOLD MAX`, milliseconds."""
    context.edited(OspfProcess).spf = None if context.off else (start, hold, max(hold, maximum))
    return None


def throttle_lsa(context: Context, start: int = 0, hold: int = 0, maximum: int = 0) -> Output:
    """`[no] timers throttle lsa [all] START HOLD MAX`, milliseconds."""
    context.edited(OspfProcess).lsa = None if context.off else (start, hold, max(hold, maximum))
    return None


def lsa_arrival(context: Context, milliseconds: int = 1000) -> Output:
    """`[no] timers lsa arrival MS`."""
    off = context.off or milliseconds == 1000
    context.edited(OspfProcess).lsa_arrival = None if off else milliseconds
    return None


def flood_pacing(context: Context, milliseconds: int = 33) -> Output:
    """`[no] timers pacing flood MS`."""
    off = context.off or milliseconds == 33
    context.edited(OspfProcess).flood_pacing = None if off else milliseconds
    return None


def group_pacing(context: Context, seconds: int = 240) -> Output:
    """`[no] timers pacing lsa-group S`."""
    context.edited(OspfProcess).group_pacing = None if context.off or seconds == 240 else seconds
    return None


def neighbor(
    context: Context,
    address: IPv4Address,
    priority: int | None = None,
    poll: int | None = None,
    cost: int | None = None,
) -> Output:
    """`[no] neighbor A [priority N] [poll-interval S] [cost N]`."""
    neighbors = context.edited(OspfProcess).neighbors
    if context.off:
        neighbors.pop(address, None)
        return None
    known = neighbors.get(address, Neighbor())
    given = {"priority": priority, "poll_interval": poll, "cost": cost}
    neighbors[address] = replace(known, **{name: value for name, value in given.items() if value is not None})
    return None


def summary_address(
    context: Context,
    prefix: IPv4Address,
    mask: IPv4Address,
    tag_value: int | None = None,
    not_advertise: bool = False,
) -> Output:
    """`[no] summary-address P M [not-advertise | tag T]`."""
    summaries = context.edited(OspfProcess).summaries
    network = network_of(prefix, mask)
    if context.off:
        summaries.pop(network, None)
    else:
        summaries[network] = Summary(not not_advertise, tag_value)
    return None


def default_information(
    context: Context,
    metric: int | None = None,
    metric_type: int | None = None,
    route_map: str | None = None,
    always: bool = False,
) -> Output:
    """`[no] default-information originate …`."""
    process = context.edited(OspfProcess)
    kind = metric_type if metric_type == 1 else None
    process.default_information = None if context.off else DefaultOriginate(always, metric, kind, route_map)
    return None
