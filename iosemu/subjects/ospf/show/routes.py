"""Border routers, virtual links, summary addresses and the local RIB."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.clock_text import hms
from iosemu.handling.context import Context
from iosemu.routing.ospf import InterfaceState, PathType
from iosemu.routing.ospf.constants import Option
from iosemu.routing.ospf.interface import Interface
from iosemu.routing.ospf.views import border_routers
from iosemu.subjects.ospf.service.instance import Instance
from iosemu.subjects.ospf.service.messages import STATES
from iosemu.subjects.ospf.show.common import heading, instances, style
from iosemu.subjects.ospf.show.neighbor import neighbor_index


def show_border_routers(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip ospf [N] border-routers`."""
    for instance in instances(context.device, number):
        yield from heading(instance, style(context.device).topology)
        yield "Internal Router Routing Table"
        yield "Codes: i - Intra-area route, I - Inter-area route"
        yield ""
        for view in border_routers(instance.engine):
            if not (view.abr or view.asbr):
                continue
            code = "i" if view.type is PathType.INTRA else "I"
            role = "/".join(word for word, is_one in (("ABR", view.abr), ("ASBR", view.asbr)) if is_one)
            area = instance.config.spelled(view.area)
            for hop in view.next_hops:
                yield (
                    f"{code} {view.router_id} [{view.cost}] via {hop.address}, {hop.interface}, {role}, "
                    f"Area {area}, SPF {view.spf}"
                )


def show_virtual_links(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip ospf [N] virtual-links`."""
    for instance in instances(context.device, number):
        for interface in instance.engine.interfaces.values():
            if interface.virtual is not None:
                yield from _virtual_link(context, instance, interface)


def _virtual_link(context: Context, instance: Instance, interface: Interface) -> Iterator[str]:
    link, transit, config = interface.virtual, interface.transit_area, interface.config
    assert link is not None
    assert transit is not None
    up = interface.state is not InterfaceState.DOWN
    yield f"Virtual Link {interface.name} to router {link.router_id} is {'up' if up else 'down'}"
    yield "  Run as demand circuit"
    lsdbs = [area.lsdb for area in instance.engine.areas.values()]
    bitless = sum(not entry.lsa.options & Option.DC.value for lsdb in lsdbs for entry in lsdb)
    allowed = f"not allowed (Number of DCbitless LSA is {bitless})" if bitless else "allowed"
    yield f"  DoNotAge LSA {allowed}."
    where = f", via interface {interface.outgoing}" if up else ""
    yield f"  Transit area {instance.config.spelled(transit.id)}{where}"
    cost = interface.cost if up else 65535
    if style(context.device).topology:
        yield " Topology-MTID    Cost    Disabled     Shutdown      Topology Name"
        yield f"        0           {cost:<10}no          no            Base"
        state = "POINT_TO_POINT" if up else "DOWN"
        yield f"  Transmit Delay is {config.transmit_delay} sec, State {state},"
    else:
        state = f"State {'POINT_TO_POINT' if up else 'DOWN'}"
        yield f", Cost of using {cost}"
        yield f"  Transmit Delay is {config.transmit_delay} sec, {state},"
    yield (
        f"  Timer intervals configured, Hello {config.hello}, Dead {config.dead}, Wait {config.dead}, "
        f"Retransmit {config.retransmit_interval}"
    )
    if not up:
        return
    due = interface.hello_timer.when
    yield f"    Hello due in {hms(due - context.device.now) if due is not None else '00:00:00'}"
    for neighbor in interface.neighbors.values():
        quiet = " (Hello suppressed)" if instance.engine.hello.suppressed(neighbor) else ""
        yield f"    Adjacency State {STATES[neighbor.state]}{quiet}"
        index = neighbor_index(instance, neighbor)
        yield (
            f"    Index {index}, retransmission queue length {len(neighbor.retransmit)}, "
            f"number of retransmission {neighbor.retransmissions}"
        )
        yield "    First 0x0(0)/0x0(0) Next 0x0(0)/0x0(0)"
        yield "    Last retransmission scan length is 0, maximum is 0"
        yield "    Last retransmission scan time is 0 msec, maximum is 0 msec"


def show_summary_address(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip ospf [N] summary-address`."""
    for instance in instances(context.device, number):
        yield from heading(instance, style(context.device).topology)
        if not instance.config.summaries:
            yield "Not configured"
            continue
        for prefix, each in instance.config.summaries.items():
            inside = [
                route for route in instance.engine.externals.routes.values() if route.prefix.subnet_of(prefix)
            ]
            metric = min((route.metric for route in inside), default=-1)
            kind = min((int(route.metric_type) for route in inside), default=0)
            yield (
                f"{prefix.network_address}/{prefix.netmask} Metric {metric}, Type {kind}, Tag {each.tag or 0}"
                + ("" if each.advertise else ", Not advertised")
            )


def show_rib(context: Context, number: int | None = None, prefix: IPv4Address | None = None) -> Iterator[str]:
    """`show ip ospf [N] rib [A]`: the process's own table."""
    words = {PathType.INTRA: "Intra", PathType.INTER: "Inter", PathType.E1: "Ext1", PathType.E2: "Ext2",
             PathType.N1: "NSSA1", PathType.N2: "NSSA2"}  # fmt: skip
    for instance in instances(context.device, number):
        engine = instance.engine
        yield from heading(instance, style(context.device).topology)
        yield "OSPF local RIB"
        yield "Codes: * - Best, > - Installed in global RIB"
        yield ""
        for _, route in sorted(engine.routing.installed.items()):
            if prefix is not None and prefix not in route.prefix:
                continue
            connected = all(hop.address is None for hop in route.next_hops)
            mark = "* " if connected else "*>"
            line = f"{mark}  {route.prefix}, {words[route.type]}, cost {route.cost}"
            if route.type.external:
                yield f"{line}, fwd cost {route.forward_cost}, tag {route.tag}"
            else:
                area = instance.config.spelled(route.area or 0)
                yield f"{line}, area {area}" + (", Connected" if connected else "")
            for hop in route.next_hops:
                yield f"      via {hop.address or route.prefix.network_address}, {hop.interface}"
