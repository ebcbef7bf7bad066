"""OSPF's block of `show ip protocols`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.box.interface_types import sort_key
from iosemu.routing.ospf import AreaKind, Process
from iosemu.subjects.ospf.config.process import Filter, OspfProcess


def summary_lines(
    device: Device,
    config: OspfProcess,
    engine: Process,
    by_network: Mapping[str, bool],
    updates: Mapping[IPv4Address, float],
) -> Iterator[str]:
    """What `show ip protocols` says of a process."""
    yield from _filters("Outgoing", config.filters_out)
    yield from _filters("Incoming", config.filters_in)
    yield f"  Router ID {IPv4Address(engine.router_id)}"
    yield from (f"  {line}" for line in role_lines(engine))
    yield from redistribution_lines(config, "  ", "   ")
    kinds = [area.config.kind for area in engine.areas.values()]
    yield (
        f"  Number of areas in this router is {len(kinds)}. {kinds.count(AreaKind.NORMAL)} normal "
        f"{kinds.count(AreaKind.STUB)} stub {kinds.count(AreaKind.NSSA)} nssa"
    )
    if config.summaries:
        yield "  Address Summarization:"
        for prefix, each in config.summaries.items():
            yield f"    {prefix}" + ("" if each.advertise else " not advertised")
    yield f"  Maximum path: {config.maximum_paths or 4}"
    yield "  Routing for Networks:"
    for (network, wildcard), area in sorted(config.networks.items()):
        yield f"    {network} {wildcard} area {area}"
    explicit = [name for name, networked in by_network.items() if not networked]
    for area_id in sorted({engine.interfaces[name].area.id for name in explicit}):
        yield f"  Routing on Interfaces Configured Explicitly (Area {config.spelled(area_id)}):"
        names = [name for name in explicit if engine.interfaces[name].area.id == area_id]
        yield from (f"    {name}" for name in sorted(names, key=sort_key))
    passive = [name for name in device.interfaces if config.is_passive(name)]
    if passive:
        yield "  Passive Interface(s):"
        yield from (f"    {name}" for name in passive)
    yield "  Routing Information Sources:"
    yield "    Gateway         Distance      Last Update"
    for router, when in sorted(updates.items()):
        yield f"    {router!s:<16}{config.distance or 110:>8}      {span(device.now - when)}"
    if config.distances:
        given = config.distances
        words = " ".join(
            f"{kind} {given.get(kind, 110)}" for kind in ("intra-area", "inter-area", "external")
        )
        yield f"  Distance: {words}"
    else:
        yield f"  Distance: (default is {config.distance or 110})"
    for line in config.source_distances:
        yield f"    {line.address!s:<16}{line.distance:>8}      {line.wildcard}"


def _filters(direction: str, filters: Mapping[tuple[str, str], Filter]) -> Iterator[str]:
    everywhere = [each for each in filters.values() if not each.where]
    words = {"list": "", "prefix": "(prefix-list) ", "route-map": "(route-map) "}
    named = ", ".join(f"{words[each.kind]}{each.name}" for each in everywhere)
    yield f"  {direction} update filter list for all interfaces is {named or 'not set'}"
    for each in filters.values():
        if each.where and direction == "Outgoing":
            yield f"    Redistributed {each.where} filtered by {words[each.kind]}{each.name}"
        elif each.where:
            yield f"    {each.where} filtered by {words[each.kind]}{each.name} (per-user), default is not set"


def role_lines(engine: Process) -> Iterator[str]:
    """Whether the router is a border router, as shows say it."""
    if engine.is_abr and engine.is_asbr:
        yield "It is an area border and autonomous system boundary router"
    elif engine.is_abr:
        yield "It is an area border router"
    elif engine.is_asbr:
        yield "It is an autonomous system boundary router"


def redistribution_lines(config: OspfProcess, indent: str, inner: str) -> Iterator[str]:
    """What is redistributed, as shows say it."""
    if not config.redistribute:
        return
    yield f"{indent}Redistributing External Routes from,"
    for origin, each in config.redistribute.items():
        line = f"{indent}{inner}{origin}"
        if each.metric is not None:
            line += f" with metric mapped to {each.metric}"
        yield line + (", includes subnets in redistribution" if each.subnets else "")
