"""`show ip bgp`: the table, one network, and parts of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.handling.effects import CommandError
from iosemu.handling.regexp import Regexp, RegexpError, ios_regexp
from iosemu.net.prefixes import masked
from iosemu.net.routing import RouteSource
from iosemu.routing.bgp import Attributes, Origin, Path, Speaker, extended
from iosemu.routing.bgp.attributes import as_text
from iosemu.routing.bgp.dampening import Flaps
from iosemu.routing.bgp.rib import Entry
from iosemu.subjects.bgp.protocol import IMPORTED
from iosemu.subjects.bgp.running import class_length
from iosemu.subjects.bgp.service.bgp import Bgp
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.policy.config import PolicyConfig
from iosemu.subjects.policy.config.lists import community_text
from iosemu.subjects.vrf.config import VrfDefinition, VrfsConfig

ORIGINS = {Origin.IGP: "i", Origin.EGP: "e", Origin.INCOMPLETE: "?"}
_WORDS = {Origin.IGP: "IGP", Origin.EGP: "EGP", Origin.INCOMPLETE: "incomplete"}
HEAD = "   Network          Next Hop            Metric LocPrf Weight Path"
_NETWORK = 17
Row = tuple[IPv4Network, str, Attributes, int]
"""Network, the three status letters, attributes, weight."""


def active(device: Device) -> Instance:
    """BGP of the default instance; CommandError where it does not run."""
    found = device.service(Bgp).instances.get("")
    if found is None:
        raise CommandError("% BGP not active\n")
    return found


def heading(speaker: Speaker, head: str = HEAD) -> Iterator[str]:
    """What stands above a table, the row of its titles last."""
    yield f"BGP table version is {speaker.rib.version}, local router ID is {speaker.config.router_id}"
    yield "Status codes: s suppressed, d damped, h history, * valid, > best, i - internal,"
    yield "              r RIB-failure, S Stale"
    yield "Origin codes: i - IGP, e - EGP, ? - incomplete"
    yield ""
    yield head


def network_text(network: IPv4Network) -> str:
    """A network; its length where it is not that of its class."""
    plain = network.prefixlen in (0, class_length(network.network_address))
    return str(network.network_address) if plain else str(network)


def instances_of(device: Device, vpnv4: bool, vrf: str) -> list[Instance]:
    """The default instance, or with `vpnv4` that of a VRF or those of all; CommandError where there is none."""
    if not vpnv4:
        return [active(device)]
    if device.service(Bgp).router is None:
        active(device)
    if vrf and vrf not in device.config.of(VrfsConfig).vrfs:
        raise CommandError(f"%VRF {vrf} does not exist")
    instances = device.service(Bgp).instances
    return [instances[each] for each in sorted(instances) if each and vrf in ("", each)]


def table_rows(rows: Iterable[Row], dotted: bool) -> Iterator[str]:
    """Rows as lines; a network is named once."""
    last: IPv4Network | None = None
    for network, status, attributes, weight in rows:
        name = "" if network == last else network_text(network)
        last = network
        if len(name) >= _NETWORK:
            yield f"{status}{name}"
            status, name = "   ", ""
        med = "" if attributes.med is None else str(attributes.med)
        preference = "" if attributes.local_pref is None else str(attributes.local_pref)
        path = f"{attributes.path_text(dotted)} {ORIGINS[attributes.origin]}".strip()
        yield f"{status}{name:{_NETWORK}}{attributes.next_hop!s:16}{med:>10}{preference:>7}{weight:>7} {path}"


def status(instance: Instance, network: IPv4Network, entry: Entry, path: Path) -> str:
    """The three letters before a path."""
    best = path is entry.best
    first = "*"
    if path.damped:
        return " h " if path.history else "*d "
    if entry.suppressed:
        first = "s"
    elif best and path.source is not None:
        route = instance.table.routes.lookup_exact(network)
        if route is None or route.source is not RouteSource.BGP:
            first = "r"
    return f"{first}{'>' if best else ' '}{'i' if path.internal else ' '}"


def paths_of(
    instance: Instance, wanted: Callable[[IPv4Network, Path], bool] = lambda _network, _path: True
) -> list[Row]:
    """The rows of an instance's table."""
    return [
        (network, status(instance, network, entry, path), path.attributes, path.weight)
        for network, entry in sorted(instance.speaker.table.items())
        for path in entry.paths
        if wanted(network, path)
    ]


def table(instance: Instance, wanted: Callable[[IPv4Network, Path], bool]) -> Iterator[str]:
    """The paths that are wanted, under their heading; nothing without any."""
    rows = paths_of(instance, wanted)
    if rows:
        yield from heading(instance.speaker)
        yield from table_rows(rows, instance.router.dotted)


def compiled(expression: str) -> Regexp:
    """A regular expression of AS paths; CommandError where it is none."""
    try:
        return ios_regexp(expression)
    except RegexpError as error:
        raise CommandError(f"% BGP: bad regular expression: {error}") from None


def named(address: IPv4Address, mask: IPv4Address | None) -> IPv4Network:
    """A network with its mask or that of its class; CommandError where that is no mask."""
    found = (
        IPv4Network((int(address), class_length(address)), strict=False)
        if mask is None
        else masked(address, mask)
    )
    if found is None:
        raise CommandError("% Inconsistent address and mask")
    return found


def neighbor_routes(instance: Instance, address: IPv4Address, what: str) -> Iterator[str]:
    """What a neighbor told, or is told; CommandError for an unknown one."""
    speaker = instance.speaker
    peer = speaker.peers.get(address)
    if peer is None:
        raise CommandError(f"% No such neighbor {address}")
    rows: list[Row] = []
    if what == "routes":
        for network in sorted(peer.paths):
            entry, path = speaker.table[network], peer.paths[network]
            rows.append((network, status(instance, network, entry, path), path.attributes, path.weight))
    elif what == "received-routes":
        if not peer.config.soft_reconfiguration:
            raise CommandError(f"% Inbound soft reconfiguration not enabled on {address}")
        for network, attributes in sorted(peer.received.items()):
            known = peer.paths.get(network)
            best = known is not None and speaker.table[network].best is known
            rows.append((network, f"*{'>' if best else ' '}{'i' if peer.internal else ' '}", attributes, 0))
    else:
        for network in sorted(peer.advertised):
            found = speaker.table.get(network)
            best_path = found.best if found is not None else None
            shown = best_path.attributes if best_path is not None else peer.advertised[network]
            weight = best_path.weight if best_path is not None else 0
            internal = best_path is not None and best_path.internal
            rows.append((network, f"*>{'i' if internal else ' '}", shown, weight))
    return _neighbor_table(instance, rows)


def _neighbor_table(instance: Instance, rows: list[Row]) -> Iterator[str]:
    if rows:
        yield from heading(instance.speaker)
        yield from table_rows(rows, instance.router.dotted)
        yield ""
    yield f"Total number of prefixes {len(rows)} "


def detail(
    device: Device, instance: Instance, address: IPv4Address, mask: IPv4Address | None, only: str = ""
) -> Iterator[str]:
    """All about one network; `only` its `best` path, or those of its `multipath`."""
    speaker, vrf = instance.speaker, device.config.of(VrfsConfig).vrfs.get(instance.family.vrf)
    network = lookup(speaker, address, mask)
    if network is None:
        yield "% Network not in table"
        return
    entry = speaker.table[network]
    head = f"{vrf.rd}:" if vrf is not None else ""
    yield f"BGP routing table entry for {head}{network}, version {entry.version}"
    best = next(
        (f", best #{at}" for at, each in enumerate(entry.paths, 1) if each is entry.best), ", no best path"
    )
    yield f"Paths: ({len(entry.paths)} available{best}, table {instance.family.vrf or 'default'})"
    told = sorted(each for each, peer in speaker.peers.items() if network in peer.advertised)
    if told:
        yield "  Advertised to non peer-group peers:"
        yield f"  {' '.join(map(str, told))} "
    else:
        yield "  Not advertised to any peer"
    new_format = device.config.of(PolicyConfig).new_format
    for path in entry.paths:
        if (only and path is not entry.best) and (only == "best" or path not in entry.more):
            continue
        yield from _path(
            speaker,
            network,
            entry,
            path,
            new_format,
            _origin(device, path),
            instance.router.dotted,
            device.now,
        )
        targets = [f"RT:{each}" for each in _exported(device, instance, path)]
        carried = dict.fromkeys((*map(extended.community_text, path.attributes.extended), *targets))
        if carried:
            yield f"      Extended Community: {' '.join(carried)}"


def lookup(speaker: Speaker, address: IPv4Address, mask: IPv4Address | None) -> IPv4Network | None:
    """The network of the table that is named, or that an address lies in; None: there is none."""
    if mask is not None:
        named = masked(address, mask)
        return named if named is not None and named in speaker.table else None
    for length in range(32, -1, -1):
        wanted = IPv4Network((int(address), length), strict=False)
        if wanted in speaker.table:
            return wanted
    return None


def _origin(device: Device, path: Path) -> VrfDefinition | None:
    """The VRF that a path is imported from."""
    name = path.kind.removeprefix(IMPORTED) if path.imported is not None else ""
    return device.config.of(VrfsConfig).vrfs.get(name)


def _exported(device: Device, instance: Instance, path: Path) -> list[str]:
    """The route targets that a path bears: those of the VRF in which it began."""
    home = _origin(device, path) or device.config.of(VrfsConfig).vrfs.get(instance.family.vrf)
    return sorted(home.targets("exported")) if home is not None else []


def _path(
    speaker: Speaker, network: IPv4Network, entry: Entry, path: Path, new_format: bool,
    origin: VrfDefinition | None, dotted: bool, now: float,
) -> Iterator[str]:  # fmt: skip
    attributes, peer = path.attributes, path.source
    head = attributes.path_text(dotted) or "Local"
    if path.damped:
        head += ", (history entry)" if path.history else ", (suppressed due to dampening)"
    if attributes.aggregator is not None:
        number, router = attributes.aggregator
        head += f", (aggregated by {as_text(number, dotted)} {router})"
    if peer is not None and peer.config.client:
        head += ", (Received from a RR-client)"
    if peer is not None and network in peer.received:
        head += ", (received & used)"
    if origin is not None:
        head += f", imported path from {origin.rd}:{network} ({origin.name})"
    yield f"  {head}"
    metric = speaker.rib.metrics.get(attributes.next_hop) if path.peer is not None else 0
    reach = " (inaccessible)" if metric is None else f" (metric {metric})" if metric else ""
    source = f"{peer.config.address} ({peer.router_id})" if peer else f"0.0.0.0 ({speaker.config.router_id})"
    via = f" (via vrf {origin.name})" if origin is not None else ""
    yield f"    {attributes.next_hop}{via}{reach} from {source}"
    words = [f"Origin {_WORDS[attributes.origin]}"]
    if attributes.med is not None:
        words.append(f"metric {attributes.med}")
    preference = attributes.local_pref
    words.append(f"localpref {speaker.config.local_preference if preference is None else preference}")
    if path.weight:
        words.append(f"weight {path.weight}")
    if metric is not None and not path.history:
        words.append("valid")
    if peer is not None:
        words.append(peer.relation.value)
    else:
        words.append(
            {"aggregate": "aggregated, local"}.get(path.kind, "sourced" if path.kind else "sourced, local")
        )
        if path.kind == "network":
            words.append("local")
    if entry.more and (path is entry.best or path in entry.more):
        words.append("multipath")
    if attributes.atomic:
        words.append("atomic-aggregate")
    if path is entry.best:
        words.append("best")
    yield f"      {', '.join(words)}"
    if attributes.communities:
        words = [community_text(each, new_format) for each in attributes.communities]
        yield f"      Community: {' '.join(words)}"
    if attributes.originator is not None:
        clusters = ", ".join(map(str, attributes.clusters))
        yield f"      Originator: {attributes.originator}, Cluster list: {clusters}"
    if path.flaps is not None:
        yield f"      Dampinfo: {_damping_info(path.flaps, now)}"


def _damping_info(flaps: Flaps, now: float) -> str:
    text = f"penalty {flaps.now(now):.0f}, flapped {flaps.count} times in {span(now - flaps.since)}"
    return text + (f", reuse in {span(flaps.reuse_at - now)}" if flaps.suppressed else "")
