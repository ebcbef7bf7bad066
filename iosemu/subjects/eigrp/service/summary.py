"""The block of an autonomous system in `show ip protocols` (outputs/show_ip_protocols)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.routing.eigrp import Eigrp, Kind
from iosemu.routing.eigrp.advertising import major
from iosemu.routing.filters import DistributeList
from iosemu.subjects.eigrp.config import EigrpProcess, EigrpStyle

if TYPE_CHECKING:
    from iosemu.subjects.eigrp.service.instance import Instance


def summary_lines(device: Device, config: EigrpProcess, engine: Eigrp, instance: Instance) -> Iterator[str]:
    """The lines below `Routing Protocol is …`."""
    modern = device.image.style(EigrpStyle).modern
    yield from _filters(config)
    yield "  Default networks flagged in outgoing updates"
    yield "  Default networks accepted from incoming updates"
    k = engine.config.weights.k
    weights = f"etric weight K1={k[0]}, K2={k[1]}, K3={k[2]}, K4={k[3]}, K5={k[4]}"
    origins = ", ".join(sorted(config.redistribute))
    internal, external = config.distances
    if modern:
        if origins:
            yield f"  Redistributing: {origins}"
        named = f" VR({config.name}) Address-Family" if config.name else ""
        yield f"  EIGRP-IPv4{named} Protocol for AS({config.number})"
        yield f"    M{weights}" + (f" K6={k[5]}" if config.name else "")
        if config.name:
            yield "    Metric rib-scale 128"
            yield "    Metric version 64bit"
        yield "    NSF-aware route hold timer is 240"
        yield f"    Router-ID: {engine.config.router_id}"
        if config.stub is not None:
            yield f"    Stub, {', '.join(config.stub.kinds)}"
        yield "    Topology : 0 (base) "
        timer = f"{config.active_time} min" if config.active_time is not None else "disabled"
        yield f"      Active Timer: {timer}"
        yield f"      Distance: internal {internal} external {external}"
        yield f"      Maximum path: {config.maximum_paths}"
        yield f"      Maximum hopcount {config.maximum_hops}"
        yield f"      Maximum metric variance {config.variance}"
        yield ""
        yield f"  Automatic Summarization: {'enabled' if config.auto_summary else 'disabled'}"
    else:
        yield f"  EIGRP m{weights}"
        yield f"  EIGRP maximum hopcount {config.maximum_hops}"
        yield f"  EIGRP maximum metric variance {config.variance}"
        if config.stub is not None:
            yield f"  EIGRP stub, {', '.join(config.stub.kinds)}"
        yield f"  Redistributing: {', '.join(filter(None, (f'eigrp {config.number}', origins)))}"
        yield "  EIGRP NSF-aware route hold timer is 240s"
        state = "" if config.auto_summary else "not "
        yield f"  Automatic network summarization is {state}in effect"
    yield from _summaries(engine)
    yield f"  Maximum path: {config.maximum_paths}"
    yield "  Routing for Networks:"
    for address, wildcard in sorted(config.networks, key=lambda each: (int(each[0]), int(each[1] or 0))):
        length = f"/{32 - int(wildcard).bit_length()}" if wildcard is not None else ""
        yield f"    {address}{length}"
    passive = [name for name in device.interfaces if config.passive(name) and instance.covers(name)]
    if passive:
        yield "  Passive Interface(s):"
        yield from (f"    {name}" for name in passive)
    yield "  Routing Information Sources:"
    yield "    Gateway         Distance      Last Update"
    if any(path.kind is Kind.SUMMARY for entry in engine.topology for path in entry.paths.values()):
        yield f"    {'(this router)':<16}{internal:>8}      {span(device.now - instance.started)}"
    for gateway, heard in sorted(engine.gateways.items()):
        yield f"    {gateway!s:<16}{internal:>8}      {span(device.now - heard)}"
    yield f"  Distance: internal {internal} external {external}"


def _summaries(engine: Eigrp) -> Iterator[str]:
    automatic: dict[str, list[str]] = {}
    typed: list[str] = []
    for port in engine.ports.values():
        for network, by_itself in engine.advertising.summaries(port).items():
            if by_itself:
                automatic.setdefault(str(major(network)), []).append(port.name)
            else:
                entry = engine.topology.entries.get(network)
                path = entry.paths.get(("summary",)) if entry is not None else None
                typed.append(f"    {network} for {port.name}")
                if path is not None:
                    typed.append(f"      Summarizing with metric {path.distance}")
    if automatic:
        yield "  Automatic address summarization:"
        for network_text, names in automatic.items():
            yield f"    {network_text} for {', '.join(names)}"
    if typed:
        yield "  Address Summarization:"
        yield from typed


def _filters(config: EigrpProcess) -> Iterator[str]:
    for outgoing, word in ((True, "Outgoing"), (False, "Incoming")):
        whole = config.lists.get((outgoing, "", ""))
        yield f"  {word} update filter list for all interfaces is {_said(whole)}"
        for each in config.lists.values():
            if each.outgoing == outgoing and each.interface:
                yield f"    {each.interface} filtered by {_said(each)} (per-user), default is {_said(whole)}"
            elif each.outgoing == outgoing and each.origin:
                yield f"    Redistributed {each.origin} filtered by {_said(each)}"
    yield from (offset.told for offset in config.offsets)


def _said(each: DistributeList | None) -> str:
    if each is None:
        return "not set"
    if each.access_list:
        return each.access_list
    if each.prefix_list:
        return f"(prefix-list) {each.prefix_list}"
    return f"(route-map) {each.route_map}" if each.route_map else f" gateway {each.gateway}"
