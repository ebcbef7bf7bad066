"""`show ip eigrp topology` (outputs/show_ip_eigrp_topology, …_all-links, …_prefix)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.box.clock_text import span
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.net.prefixes import masked
from iosemu.net.routing import RouteSource
from iosemu.routing.eigrp import INFINITY, Entry, Kind, Path
from iosemu.routing.eigrp.advertising import major
from iosemu.subjects.eigrp.service.importing import PROTOCOL_NAMES
from iosemu.subjects.eigrp.service.instance import Instance
from iosemu.subjects.eigrp.show.common import chosen, in_vrf, modern
from iosemu.subjects.eigrp.show.common import number as text_of

_ORIGINS = {0: "Local origin", 1: "Local origin", 2: "Multiple Origins", 3: "Successor Origin"}


def _heading(instance: Instance, new: bool) -> str:
    config = instance.config
    ending = f"for AS({config.number})/ID({instance.engine.config.router_id})"
    if not new:
        return f"IP-EIGRP Topology Table {ending}"
    name = f" VR({config.name})" if config.name else ""
    return f"EIGRP-IPv4{name} Topology Table {ending}{in_vrf(instance)}"


def show(
    context: Context,
    number: int | None = None,
    all_links: bool = False,
    active: bool = False,
    pending: bool = False,
    zero_successors: bool = False,
    detail_links: bool = False,
    vrf: str = "",
) -> Iterator[str]:
    """`show ip eigrp [N] topology [all-links | active | pending | zero-successors]`."""
    new = modern(context.device)
    for instance in chosen(context.device, number, vrf):
        yield _heading(instance, new)
        if not new:
            yield ""
        yield "Codes: P - Passive, A - Active, U - Update, Q - Query, R - Reply,"
        yield "       r - reply Status, s - sia Status" + (" " if new else "")
        yield ""
        for entry in instance.engine.topology:
            if active and not entry.active:
                continue
            if pending and not any(each.queue for each in entry.pending):
                continue
            if zero_successors and entry.successor is not None:
                continue
            yield from _entry(context, instance, entry, all_links or detail_links)
        yield ""


def _successors(context: Context, instance: Instance, entry: Entry) -> int:
    """How many are in use: none where another protocol has the network in the routing table."""
    found = [each for each in entry.successors if each.reachable]
    if found and found[0].kind in (Kind.LEARNED, Kind.SUMMARY):
        group = instance.table.routes.group(entry.network)
        if not group or group[0].source is not RouteSource.EIGRP or group[0].process != instance.process:
            return 0
    return len(found)


def _entry(context: Context, instance: Instance, entry: Entry, all_links: bool) -> Iterator[str]:
    count = 0 if entry.active else _successors(context, instance, entry)
    distance = str(entry.feasible) if count and entry.feasible < INFINITY else "Inaccessible"
    line = f"{'A' if entry.active else 'P'} {entry.network}, {count} successors, FD is {distance}"
    path = entry.successor
    tag = (path.outside.tag if path.outside is not None else path.vector.tag) if path is not None else 0
    if tag:
        line += f", tag is {tag}"
    if all_links:
        line += f", serno {entry.serial}"
    yield line + (", Q" if entry.active else "")
    if entry.active:
        age, origin = span(context.device.now - entry.active_since), _ORIGINS[entry.query_origin]
        yield f"    {len(entry.pending)} replies, active {age}, query-origin: {origin}"
    shown = entry.by_distance() if all_links or entry.active else entry.fitting()
    for each in shown:
        yield f"        via {_via(each)}"
    if entry.active and entry.pending:
        yield "    Remaining replies:"
        for peer in entry.pending:
            mark = "s" if peer in entry.sia_queries and peer not in entry.sia_answered else "r"
            yield f"         via {peer.address}, {mark}, {peer.port.name}"


def _via(path: Path) -> str:
    metrics = f"({text_of(path.distance)}/{text_of(path.reported)})"
    if path.kind is Kind.CONNECTED:
        return f"Connected, {path.interface}"
    if path.kind is Kind.SUMMARY:
        return f"Summary {metrics}, Null0"
    if path.kind is Kind.REDISTRIBUTED:
        word = {"static": "Rstatic", "connected": "Rconnected"}.get(path.origin, "Redistributed")
        return f"{word} {metrics}"
    return f"{path.next_hop} {metrics}, {path.interface}"


def summary(context: Context, number: int | None = None, vrf: str = "") -> Iterator[str]:
    """`show ip eigrp [N] topology summary`."""
    new = modern(context.device)
    for instance in chosen(context.device, number, vrf):
        engine = instance.engine
        yield _heading(instance, new)
        serials = [each.serial for each in engine.topology.entries.values()]
        yield f"Head serial {min(serials, default=0)}, next serial {engine.topology.serial + 1}"
        replies = sum(len(each.pending) for each in engine.topology.entries.values())
        yield f"{len(serials)} routes, {replies} pending replies, 0 dummies"
        peers = list(engine.neighbors)
        busy = {each.port.name for each in peers}
        ports = [each for each in engine.ports.values() if not instance.config.passive(each.name)]
        word = f"EIGRP-IPv4({instance.config.number})" if new else f"IP-EIGRP({instance.config.number})"
        yield f"{word} enabled on {len(ports)} interfaces, {len(peers)} neighbors present on {len(busy)} interfaces"
        yield "Quiescent interfaces: " + "".join(
            f" {short_name(each.name)}" for each in ports if not each.flow
        )
        yield ""


def one(
    context: Context,
    address: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    number: int | None = None,
    vrf: str = "",
    prefix: str = "",
) -> Iterator[str]:
    """`show ip eigrp [N] topology A.B.C.D [MASK] | A.B.C.D/N`."""
    new = modern(context.device)
    if prefix:
        typed = IPv4Interface(prefix)
        address, mask = typed.ip, typed.netmask
    assert address is not None
    wanted = masked(address, mask) if mask is not None else None
    if mask is not None and wanted is None:
        raise InvalidArgument("mask")
    for instance in chosen(context.device, number, vrf):
        entry = _find(instance, address, wanted)
        system, router = instance.config.number, instance.engine.config.router_id
        network = wanted or (entry.network if entry is not None else major(IPv4Network(address)))
        if entry is None:
            if new:
                yield f"EIGRP-IPv4 Topology Entry for AS({system})/ID({router})"
                yield f"%Entry {network} not in topology table"
            else:
                yield f"% IP-EIGRP (AS {system}): Route not in topology table"
            continue
        name = f" VR({instance.config.name})" if instance.config.name else ""
        if new:
            yield f"EIGRP-IPv4{name} Topology Entry for AS({system})/ID({router}) for {entry.network}"
        else:
            yield f"IP-EIGRP (AS {system}): Topology entry for {entry.network}"
        count = _successors(context, instance, entry)
        state = "Active" if entry.active else "Passive"
        distance = str(entry.feasible) if entry.feasible < INFINITY else "4294967295"
        scaled = f", RIB is {instance.scaled(entry.feasible)}" if instance.wide else ""
        yield (
            f"  State is {state}, Query origin flag is {entry.query_origin}, {count} Successor(s), "
            f"FD is {distance}{scaled}"
        )
        yield "  Descriptor Blocks:" if new else "  Routing Descriptor Blocks:"
        for path in entry.by_distance():
            yield from _block(instance, path, new)


def _find(instance: Instance, address: IPv4Address, wanted: IPv4Network | None) -> Entry | None:
    entries = instance.engine.topology.entries
    if wanted is not None:
        return entries.get(wanted)
    fits = [entry for network, entry in entries.items() if network.network_address == address]
    fits = fits or [entry for network, entry in entries.items() if address in network and network.prefixlen]
    return max(fits, key=lambda each: each.network.prefixlen, default=None)


def _block(instance: Instance, path: Path, new: bool) -> Iterator[str]:
    hop = path.next_hop or IPv4Address(0)
    if path.kind is Kind.LEARNED and path.neighbor is not None:
        source = str(path.neighbor.address)
    elif path.kind is Kind.REDISTRIBUTED:
        source = {"static": "Rstatic", "connected": "Rconnected"}.get(path.origin, "Redistributed")
    else:
        source = "Connected" if path.kind is Kind.CONNECTED else "0.0.0.0"  # noqa: S104
    where = f" ({path.interface})" if path.interface else ""
    yield f"  {hop}{where}, from {source}, Send flag is 0x0"
    kind = "External" if path.outside is not None else "Internal"
    word = "route" if new else "Route"
    yield f"      Composite metric is ({text_of(path.distance)}/{text_of(path.reported)}), {word} is {kind}"
    vector = path.vector
    yield "      Vector metric:"
    yield f"        Minimum bandwidth is {vector.bandwidth} Kbit"
    if instance.wide:
        yield f"        Total delay is {vector.delay} picoseconds"
    else:
        yield f"        Total delay is {vector.delay // 10**6} microseconds"
    yield f"        Reliability is {vector.reliability}/255"
    yield f"        Load is {vector.load}/255"
    yield f"        Minimum MTU is {vector.mtu}"
    yield f"        Hop count is {vector.hops}"
    if new and int(path.router):
        yield f"        Originating router is {path.router}"
    if path.outside is not None:
        outside = path.outside
        own = " (this system)" if outside.router == instance.engine.config.router_id else ""
        yield "      External data:"
        if not new:
            yield f"        Originating router is {outside.router}{own}"
        yield f"        AS number of route is {outside.system}"
        name = PROTOCOL_NAMES.get(outside.protocol, str(outside.protocol))
        yield f"        External protocol is {name}, external metric is {outside.metric}"
        yield f"        Administrator tag is {outside.tag} (0x{outside.tag:08X})"
