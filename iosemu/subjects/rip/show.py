"""`show ip rip database` (outputs/show_ip_rip_database)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.clock_text import span
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.handling.vrf import shown_vrf
from iosemu.net.prefixes import masked
from iosemu.routing.rip import Known, Origin, Rip, State, major
from iosemu.subjects.rip.service import RipRouting


def show_database(
    context: Context, address: IPv4Address | None = None, mask: IPv4Address | None = None, vrf: str = ""
) -> Iterator[str]:
    """`show ip rip database [vrf V] [A.B.C.D MASK]`."""
    shown_vrf(context.device, vrf)
    instance = context.device.service(RipRouting).instances.get(vrf)
    if instance is None:
        return
    engine = instance.engine
    if address is not None and mask is not None:
        wanted = masked(address, mask)
        if wanted is None:
            raise InvalidArgument("mask")
        known = engine.database.known.get(wanted)
        if known is None:
            yield "%Route not in database"
        else:
            yield from _entry(engine, known, context.device.now)
        return
    yield from _all(engine, context.device.now)


def _all(engine: Rip, now: float) -> Iterator[str]:
    known = list(engine.database)
    majors = {major(each.network) for each in known}
    summaries = {
        network
        for config in engine.interfaces.values()
        for network in config.summaries
        if any(each.network.subnet_of(network) for each in known)
    }
    rows: list[tuple[IPv4Network, int, list[str]]] = []
    rows += [(network, 0, [f"{network}    auto-summary"]) for network in majors]
    rows += [(network, 1, [f"{network}    int-summary"]) for network in summaries]
    rows += [(each.network, 2, list(_entry(engine, each, now))) for each in known]
    for _, _, lines in sorted(rows):
        yield from lines


def _entry(engine: Rip, known: Known, now: float) -> Iterator[str]:
    if known.origin is Origin.CONNECTED:
        for name in engine.database.connected_by(known.network):
            yield f"{known.network}    directly connected, {name}"
    elif known.origin is Origin.GIVEN:
        yield f"{known.network}    redistributed"
        via = "0.0.0.0" if known.gateway is None else f"{known.gateway}, from 0.0.0.0"  # noqa: S104
        yield f"    [{known.metric}] via {via},"
    elif known.state is not State.VALID:
        yield f"{known.network}    is possibly down"
    else:
        yield f"{known.network}"
        for path in known.paths:
            yield f"    [{known.metric}] via {path.gateway}, {span(now - path.updated)}, {path.interface}"
