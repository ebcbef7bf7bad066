"""`show ip bgp`: the table, one network, and parts of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.handling.regexp import RegexpError, ios_regexp
from iosemu.net.prefixes import masked
from iosemu.net.routing import RouteSource
from iosemu.routing.bgp import Attributes, Origin, Path, Speaker
from iosemu.routing.bgp.attributes import as_text
from iosemu.routing.bgp.rib import Entry
from iosemu.subjects.bgp.protocol import IMPORTED
from iosemu.subjects.bgp.running import class_length
from iosemu.subjects.bgp.service.bgp import Bgp
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.policy.config import PolicyConfig
from iosemu.subjects.policy.config.lists import community_number, community_text
from iosemu.subjects.routing.policy import BgpPath, RoutePolicies, prefix_list
from iosemu.subjects.vrf.config import VrfDefinition, VrfsConfig

_ORIGINS = {Origin.IGP: "i", Origin.EGP: "e", Origin.INCOMPLETE: "?"}
_WORDS = {Origin.IGP: "IGP", Origin.EGP: "EGP", Origin.INCOMPLETE: "incomplete"}
_HEAD = "   Network          Next Hop            Metric LocPrf Weight Path"
_NETWORK = 17
Row = tuple[IPv4Network, str, Attributes, int]
"""Network, the three status letters, attributes, weight."""


def active(device: Device) -> Instance:
    """BGP of the default instance; CommandError where it does not run."""
    found = device.service(Bgp).instances.get("")
    if found is None:
        raise CommandError("% BGP not active\n")
    return found


def heading(speaker: Speaker) -> Iterator[str]:
    """What stands above a table."""
    yield f"BGP table version is {speaker.rib.version}, local router ID is {speaker.config.router_id}"
    yield "Status codes: s suppressed, d damped, h history, * valid, > best, i - internal,"
    yield "              r RIB-failure, S Stale"
    yield "Origin codes: i - IGP, e - EGP, ? - incomplete"
    yield ""
    yield _HEAD


def network_text(network: IPv4Network) -> str:
    """A network; its length where it is not that of its class."""
    plain = network.prefixlen in (0, class_length(network.network_address))
    return str(network.network_address) if plain else str(network)


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
        path = f"{attributes.path_text(dotted)} {_ORIGINS[attributes.origin]}".strip()
        yield f"{status}{name:{_NETWORK}}{attributes.next_hop!s:16}{med:>10}{preference:>7}{weight:>7} {path}"


def _status(instance: Instance, network: IPv4Network, entry: Entry, path: Path) -> str:
    best = path is entry.best
    first = "*"
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
        (network, _status(instance, network, entry, path), path.attributes, path.weight)
        for network, entry in sorted(instance.speaker.table.items())
        for path in entry.paths
        if wanted(network, path)
    ]


def _table(instance: Instance, wanted: Callable[[IPv4Network, Path], bool]) -> Iterator[str]:
    rows = paths_of(instance, wanted)
    if rows:
        yield from heading(instance.speaker)
        yield from table_rows(rows, instance.router.dotted)


def show_ip_bgp(
    context: Context, network: IPv4Address | None = None, mask: IPv4Address | None = None
) -> Iterator[str]:
    """`show ip bgp [A [M]]`."""
    instance = active(context.device)
    if network is None:
        return _table(instance, lambda network, path: True)
    return detail(context.device, instance, network, mask)


def show_regexp(context: Context, expression: str) -> Iterator[str]:
    """`show ip bgp regexp R`."""
    instance = active(context.device)
    try:
        compiled = ios_regexp(expression)
    except RegexpError as error:
        raise CommandError(f"% BGP: bad regular expression: {error}") from None
    return _table(
        instance, lambda network, path: compiled.found_in(path.attributes.path_text(instance.router.dotted))
    )


def show_community(context: Context, communities: str) -> Iterator[str]:
    """`show ip bgp community C …`: the paths that have all of them."""
    try:
        wanted = {community_number(each) for each in communities.split()}
    except ValueError as error:
        raise CommandError(f"% Invalid community number {error}") from None
    instance = active(context.device)
    return _table(instance, lambda network, path: wanted <= set(path.attributes.communities))


def show_filter_list(context: Context, number: int) -> Iterator[str]:
    """`show ip bgp filter-list N`: the paths that an AS path list permits."""
    lists, instance = context.device.service(RoutePolicies), active(context.device)
    dotted = instance.router.dotted
    return _table(
        instance, lambda network, path: lists.as_path_list(number, path.attributes.path_text(dotted))
    )


def show_community_list(context: Context, name: str, exact_match: bool = False) -> Iterator[str]:
    """`show ip bgp community-list NAME [exact-match]`."""
    lists, instance = context.device.service(RoutePolicies), active(context.device)
    return _table(
        instance,
        lambda network, path: lists.community_list(name, path.attributes.communities, exact_match),
    )


def show_prefix_list(context: Context, name: str) -> Iterator[str]:
    """`show ip bgp prefix-list NAME`."""
    device = context.device
    return _table(active(device), lambda network, path: prefix_list(device, name, network))


def show_route_map(context: Context, name: str) -> Iterator[str]:
    """`show ip bgp route-map NAME`: the paths that a route-map permits."""
    lists, instance = context.device.service(RoutePolicies), active(context.device)

    def permitted(network: IPv4Network, path: Path) -> bool:
        speaker = instance.speaker
        own = speaker.config.router_id
        peer = path.peer.config.address if path.peer is not None else IPv4Address(0)
        kind = "local" if path.peer is None else "external" if path.external else "internal"
        number, dotted = speaker.config.as_number, instance.router.dotted
        seen = BgpPath(network, path.attributes, peer, own, kind, True, number, dotted)
        return lists.bgp(name, seen) is not None

    return _table(instance, permitted)


def show_neighbor_routes(context: Context, address: IPv4Address, what: str) -> Iterator[str]:
    """`show ip bgp neighbors A advertised-routes | received-routes | routes`."""
    return neighbor_routes(active(context.device), address, what)


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
            rows.append((network, _status(instance, network, entry, path), path.attributes, path.weight))
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
    device: Device, instance: Instance, address: IPv4Address, mask: IPv4Address | None
) -> Iterator[str]:
    """All about one network."""
    speaker, vrf = instance.speaker, device.config.of(VrfsConfig).vrfs.get(instance.family.vrf)
    network = _lookup(speaker, address, mask)
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
        yield from _path(
            speaker, network, entry, path, new_format, _origin(device, path), instance.router.dotted
        )
        targets = _exported(device, instance, path)
        if targets:
            yield f"      Extended Community: {' '.join(f'RT:{each}' for each in targets)}"


def _lookup(speaker: Speaker, address: IPv4Address, mask: IPv4Address | None) -> IPv4Network | None:
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
    origin: VrfDefinition | None, dotted: bool,
) -> Iterator[str]:  # fmt: skip
    attributes, peer = path.attributes, path.source
    head = attributes.path_text(dotted) or "Local"
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
    if metric is not None:
        words.append("valid")
    if peer is not None:
        words.append(peer.relation.value)
    else:
        words.append(
            {"aggregate": "aggregated, local"}.get(path.kind, "sourced" if path.kind else "sourced, local")
        )
        if path.kind == "network":
            words.append("local")
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
