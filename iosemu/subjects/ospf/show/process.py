"""`show ip ospf`, `show ip ospf max-metric` and `show ip ospf statistics`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.routing.ospf import AreaKind, Process
from iosemu.routing.ospf.area import Area
from iosemu.routing.ospf.constants import DO_NOT_AGE, LsaType, Option
from iosemu.routing.ospf.lsdb import Lsdb
from iosemu.subjects.ospf.config.process import OspfProcess
from iosemu.subjects.ospf.service.instance import Instance
from iosemu.subjects.ospf.service.summary import redistribution_lines, role_lines
from iosemu.subjects.ospf.show.common import heading, instances, own_id, stamp, style

_OPAQUE = (LsaType.OPAQUE_LINK, LsaType.OPAQUE_AREA, LsaType.OPAQUE_AS)


def show_ip_ospf(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip ospf [N]`."""
    for instance in instances(context.device, number):
        yield from (f" {line}" if line else "" for line in _process(context, instance))
        yield ""


def _process(context: Context, instance: Instance) -> Iterator[str]:
    device, engine, config = context.device, instance.engine, instance.config
    late = style(device).long_process
    yield f'Routing Process "ospf {config.number}" with ID {own_id(instance)}'
    started, elapsed = instance.started - device.booted_at, device.now - instance.started
    yield f"Start time: {stamp(started)}, Time elapsed: {stamp(elapsed)}"
    yield "Supports only single TOS(TOS0) routes"
    if config.opaque:
        yield "Supports opaque LSA"
    if config.lls:
        yield "Supports Link-local Signaling (LLS)"
    yield "Supports area transit capability"
    if late:
        yield "Supports NSSA (compatible with RFC 3101)"
    if engine.config.superbackbone:
        yield f"Connected to MPLS VPN Superbackbone, VRF {config.vrf}"
    yield from role_lines(engine)
    yield from redistribution_lines(config, "", "   ")
    yield from max_metric_lines(engine)
    yield from _timers(config, engine, late)
    yield from _database(engine)
    kinds = [area.config.kind for area in engine.areas.values()]
    yield (
        f"Number of areas in this router is {len(kinds)}. {kinds.count(AreaKind.NORMAL)} normal "
        f"{kinds.count(AreaKind.STUB)} stub {kinds.count(AreaKind.NSSA)} nssa"
    )
    yield f"Number of areas transit capable is {sum(area.transit for area in engine.areas.values())}"
    yield "External flood list length 0"
    if late:
        yield "IETF NSF helper support enabled"
        yield "Cisco NSF helper support enabled"
        yield f"Reference bandwidth unit is {config.reference_bandwidth} mbps"
    for number in sorted(engine.areas):
        yield from (f"   {line}" for line in _area(context, instance, engine.areas[number]))


def max_metric_lines(engine: Process) -> Iterator[str]:
    """Whether router-LSAs say that nobody should go through."""
    wanted = engine.config.max_metric
    if wanted is None or engine.max_metric is None:
        yield "Router is not originating router-LSAs with maximum metric"
        return
    if wanted.on_startup is None:
        yield "Originating router-LSAs with maximum metric"
        yield "   Condition: always, State: active"
    else:
        left = engine.started + wanted.on_startup - engine.now
        yield f"Originating router-LSAs with maximum metric, Time remaining: {stamp(left)[:8]}"
        yield f"   Condition: on startup for {wanted.on_startup} seconds, State: active"
    if wanted.include_stub:
        yield "   Advertise stub links with maximum metric in router-LSAs"
    if wanted.summary_metric is not None:
        yield f"   Advertise summary-LSAs with metric {wanted.summary_metric}"
    if wanted.external_metric is not None:
        yield f"   Advertise external-LSAs with metric {wanted.external_metric}"


def _timers(config: OspfProcess, engine: Process, late: bool) -> Iterator[str]:
    timing = engine.config
    yield f"Initial SPF schedule delay {_ms(timing.spf_start)} msecs"
    yield f"Minimum hold time between two consecutive SPFs {_ms(timing.spf_hold)} msecs"
    yield f"Maximum wait time between two consecutive SPFs {_ms(timing.spf_maximum)} msecs"
    yield "Incremental-SPF disabled"
    if config.lsa is not None:
        yield f"Initial LSA throttle delay {_ms(timing.lsa_start)} msecs"
        yield f"Minimum hold time for LSA throttle {_ms(timing.lsa_hold)} msecs"
        yield f"Maximum wait time for LSA throttle {_ms(timing.lsa_maximum)} msecs"
    else:
        yield f"Minimum LSA interval {int(timing.lsa_hold)} secs"
    yield f"Minimum LSA arrival {_ms(timing.lsa_arrival)} msecs"
    yield f"LSA group pacing timer {int(timing.lsa_group_pacing)} secs"
    yield f"Interface flood pacing timer {_ms(timing.flood_pacing)} msecs"
    yield "Retransmission pacing timer 66 msecs"


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _counted(lsdb: Lsdb, kinds: tuple[LsaType, ...]) -> str:
    found = [entry for entry in lsdb if entry.lsa.type in kinds]
    return f"{len(found)}. Checksum Sum 0x{sum(entry.lsa.checksum for entry in found):06X}"


def _without(lsdb: Lsdb, option: Option) -> int:
    return sum(not entry.lsa.options & option.value for entry in lsdb)


def _ageless(lsdb: Lsdb, now: float) -> int:
    return sum(bool(entry.age(now) & DO_NOT_AGE) for entry in lsdb)


def _database(engine: Process) -> Iterator[str]:
    lsdb = engine.external_lsdb
    yield f"Number of external LSA {_counted(lsdb, (LsaType.AS_EXTERNAL,))}"
    yield f"Number of opaque AS LSA {_counted(lsdb, (LsaType.OPAQUE_AS,))}"
    yield f"Number of DCbitless external and opaque AS LSA {_without(lsdb, Option.DC)}"
    yield f"Number of DoNotAge external and opaque AS LSA {_ageless(lsdb, engine.now)}"


def _area(context: Context, instance: Instance, area: Area) -> Iterator[str]:
    engine, config, now = instance.engine, instance.config, context.device.now
    name = config.spelled(area.id)
    yield f"Area BACKBONE({name})" if area.is_backbone else f"Area {name}"
    yield from (f"    {line}" for line in _area_lines(engine, config, area, now))


def _area_lines(engine: Process, config: OspfProcess, area: Area, now: float) -> Iterator[str]:
    loopbacks = f" ({area.loopbacks} loopback)" if area.loopbacks else ""
    yield f"Number of interfaces in this area is {len(area.interfaces)}{loopbacks}"
    if area.transit:
        yield "This area has transit capability: Virtual Link Endpoint"
    no_summary = ", no summary LSA in this area" if area.config.no_summary else ""
    if area.config.kind is AreaKind.STUB:
        yield f"It is a stub area{no_summary}"
        if engine.is_abr:
            yield f"  Generates stub default route with cost {area.config.default_cost}"
    elif area.nssa:
        yield f"It is a NSSA area{no_summary}"
        if engine.is_abr:
            yield (
                "Perform type-7/type-5 LSA translation"
                if engine.externals.translates(area)
                else "Does not perform type-7/type-5 LSA translation"
            )
        if area.config.no_summary and engine.is_abr:
            yield f"generates NSSA default route with cost {area.config.default_cost}"
    signs = config.areas[area.id].authentication if area.id in config.areas else None
    words = {None: "no", "simple": "simple password", "message-digest": "message digest"}
    yield f"Area has {words[signs]} authentication"
    last = stamp(now - area.last_spf) if area.last_spf is not None else None
    yield f"SPF algorithm last executed {last} ago" if last else "SPF algorithm not yet executed"
    yield f"SPF algorithm executed {area.spf_runs} times"
    yield "Area ranges are"
    active = engine.summaries.find_active()
    for each in area.config.ranges:
        found = active.get((int(each.prefix.network_address), int(each.prefix.netmask)))
        state = (
            f"Active({found[1]}{' - configured' if each.cost is not None else ''})" if found else "Passive"
        )
        yield f" {each.prefix} {state} {'Advertise' if each.advertise else 'DoNotAdvertise'}"
    yield f"Number of LSA {_counted(area.lsdb, tuple(LsaType))}"
    yield f"Number of opaque link LSA {_counted(area.lsdb, (LsaType.OPAQUE_LINK,))}"
    yield f"Number of DCbitless LSA {_without(area.lsdb, Option.DC)}"
    yield "Number of indication LSA 0"
    yield f"Number of DoNotAge LSA {_ageless(area.lsdb, now)}"
    yield "Flood list length 0"


def show_max_metric(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip ospf [N] max-metric`."""
    for instance in instances(context.device, number):
        yield from heading(instance, style(context.device).topology)
        started = instance.started - context.device.booted_at
        elapsed = context.device.now - instance.started
        yield f" Start time: {stamp(started)}, Time elapsed: {stamp(elapsed)}"
        yield from (f" {line}" for line in max_metric_lines(instance.engine))
        yield ""


def show_statistics(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip ospf [N] statistics`: the last ten calculations."""
    for instance in instances(context.device, number):
        engine = instance.engine
        yield from heading(instance)
        for area in sorted(engine.areas.values(), key=lambda each: each.id):
            yield f"  Area {instance.config.spelled(area.id)}: SPF algorithm executed {area.spf_runs} times"
        yield ""
        yield "  Summary OSPF SPF statistic"
        yield ""
        yield "  SPF calculation time"
        yield "Delta T   Intra\tD-Intra\tSumm\tD-Summ\tExt\tD-Ext\tTotal\tReason"
        for run in [run for run in engine.routing.log if run.areas]:
            reasons = ", ".join(sorted(run.reasons)) or "X"
            # a calculation takes no lab time
            yield f"{stamp(context.device.now - run.time)[:8]:<10}" + "0\t" * 7 + reasons
        yield ""
