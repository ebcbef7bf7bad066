"""The forms of `show ip bgp` and `show bgp`: the table, a network, and the paths that something is true of.

What is looked at is the default instance, or with `vpnv4` those of one VRF or of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.routing.bgp import Path
from iosemu.subjects.bgp.running import class_length
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.bgp.show.table import (
    active,
    compiled,
    detail,
    instances_of,
    named,
    neighbor_routes,
    status,
    table,
)
from iosemu.subjects.bgp.show.vpnv4 import by_distinguisher, distinguisher, tables
from iosemu.subjects.policy.config.lists import community_number
from iosemu.subjects.routing.policy import BgpPath, RoutePolicies, prefix_list

Wanted = Callable[[Instance, IPv4Network, Path], bool]


def _shown(context: Context, vpnv4: bool, vrf: str, wanted: Wanted) -> Iterator[str]:
    instances = instances_of(context.device, vpnv4, vrf)
    if vpnv4:
        return tables(context.device, instances, wanted)
    return table(instances[0], lambda network, path: wanted(instances[0], network, path))


def show_table(
    context: Context,
    network: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    prefix: str = "",
    bestpath: bool = False,
    multipaths: bool = False,
    vpnv4: bool = False,
    vrf: str = "",
) -> Iterator[str]:
    """`show ip bgp [vpnv4 all | vrf V] [A [M] | A/N [bestpath | multipaths]]`."""
    if prefix:
        named_by = IPv4Interface(prefix)
        network, mask = named_by.ip, named_by.netmask
    if network is None:
        return _shown(context, vpnv4, vrf, lambda *_: True)
    only = "best" if bestpath else "multipath" if multipaths else ""
    instances = instances_of(context.device, vpnv4, vrf)
    return (line for each in instances for line in detail(context.device, each, network, mask, only))


def show_all(context: Context) -> Iterator[str]:
    """`show ip bgp all`: each address family under its name."""
    instance = active(context.device)
    yield "For address family: IPv4 Unicast"
    yield ""
    yield from table(instance, lambda *_: True)
    others = instances_of(context.device, True, "")
    if others:
        yield ""
        yield "For address family: VPNv4 Unicast"
        yield ""
        yield from tables(context.device, others, lambda *_: True)


def show_longer(
    context: Context,
    network: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    prefix: str = "",
    vpnv4: bool = False,
    vrf: str = "",
) -> Iterator[str]:
    """`show ip bgp A [M] | A/N longer-prefixes | subnets`: a network and what lies in it."""
    if prefix:
        whole = IPv4Interface(prefix).network
    else:
        assert network is not None
        whole = named(network, mask)
    return _shown(context, vpnv4, vrf, lambda _, each, path: each.subnet_of(whole))


def show_regexp(context: Context, expression: str, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp regexp R`, `quote-regexp "R"`."""
    found = compiled(expression.strip('"'))
    return _shown(
        context, vpnv4, vrf, lambda at, _, path: found.found_in(path.attributes.path_text(at.router.dotted))
    )


def show_community(
    context: Context, communities: str = "", vpnv4: bool = False, vrf: str = ""
) -> Iterator[str]:
    """`show ip bgp community [C … [exact-match]]`: the paths that have all of them; without any, some."""
    words = communities.split()
    exact = bool(words) and len(words[-1]) > 1 and "exact-match".startswith(words[-1].lower())
    try:
        wanted = {community_number(each) for each in (words[:-1] if exact else words)}
    except ValueError as error:
        raise CommandError(f"% Invalid community number {error}") from None

    def has(_at: Instance, _network: IPv4Network, path: Path) -> bool:
        have = set(path.attributes.communities)
        return have == wanted if exact else wanted <= have and bool(have)

    return _shown(context, vpnv4, vrf, has)


def show_filter_list(context: Context, number: int, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp filter-list N`: the paths that an AS path list permits."""
    lists = context.device.service(RoutePolicies)
    return _shown(
        context,
        vpnv4,
        vrf,
        lambda at, _, path: lists.as_path_list(number, path.attributes.path_text(at.router.dotted)),
    )


def show_community_list(
    context: Context, name: str, exact_match: bool = False, vpnv4: bool = False, vrf: str = ""
) -> Iterator[str]:
    """`show ip bgp community-list NAME [exact-match]`."""
    lists = context.device.service(RoutePolicies)
    return _shown(
        context,
        vpnv4,
        vrf,
        lambda _at, _, path: lists.community_list(name, path.attributes.communities, exact_match),
    )


def show_prefix_list(context: Context, name: str, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp prefix-list NAME`."""
    return _shown(context, vpnv4, vrf, lambda _, network, path: prefix_list(context.device, name, network))


def show_route_map(context: Context, name: str, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp route-map NAME`: the paths that a route-map permits."""
    lists = context.device.service(RoutePolicies)

    def permitted(at: Instance, network: IPv4Network, path: Path) -> bool:
        own, number = at.speaker.config.router_id, at.speaker.config.as_number
        peer = path.peer.config.address if path.peer is not None else IPv4Address(0)
        kind = "local" if path.peer is None else "external" if path.external else "internal"
        seen = BgpPath(network, path.attributes, peer, own, kind, True, number, at.router.dotted)
        return lists.bgp(name, seen) is not None

    return _shown(context, vpnv4, vrf, permitted)


def show_cidr_only(context: Context, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp cidr-only`: the networks whose masks are not those of their classes."""
    return _shown(
        context,
        vpnv4,
        vrf,
        lambda _, each, path: each.prefixlen not in (0, class_length(each.network_address)),
    )


def show_inconsistent(context: Context, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp inconsistent-as`: the networks that more than one AS is said to originate."""

    def several(at: Instance, network: IPv4Network, _path: Path) -> bool:
        paths = [each.attributes.as_path for each in at.speaker.table[network].paths]
        return len({each[-1][1][-1] for each in paths if each and each[-1][1]}) > 1

    return _shown(context, vpnv4, vrf, several)


def show_rib_failure(context: Context, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp rib-failure`: best paths that other routes stand before in the routing table."""
    instances = instances_of(context.device, vpnv4, vrf)
    yield f"{'Network':19}{'Next Hop':30}{'RIB-failure':14}RIB-NH Matches"
    for instance in instances:
        for network, entry in sorted(instance.speaker.table.items()):
            best = entry.best
            if best is None or status(instance, network, entry, best)[0] != "r":
                continue
            route = instance.table.routes.lookup_exact(network)
            why = "Higher admin distance" if route is not None else "Unsuccessful"
            yield f"{network!s:19}{best.attributes.next_hop!s:16}{why:>25}{'n/a':>21}"


def show_neighbor_routes(
    context: Context, address: IPv4Address, what: str, vpnv4: bool = False, vrf: str = ""
) -> Iterator[str]:
    """`show ip bgp neighbors A advertised-routes | received-routes | routes`."""
    instances = instances_of(context.device, vpnv4, vrf)
    if not instances:
        raise CommandError(f"% No such neighbor {address}")
    found = next((each for each in instances if address in each.speaker.peers), instances[0])
    return neighbor_routes(found, address, what)


def show_paths(context: Context, expression: str = "", vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp paths [R]`: the AS paths that are kept, and how many routes share each."""
    found = compiled(expression) if expression else None
    counts: dict[tuple[str, int], int] = {}
    for instance in instances_of(context.device, vpnv4, vrf):
        for entry in instance.speaker.table.values():
            for path in entry.paths:
                text = path.attributes.path_text(instance.router.dotted)
                if found is None or found.found_in(text):
                    ending = "ie?"[path.attributes.origin]
                    key = f"{text} {ending}".strip(), path.attributes.med or 0
                    counts[key] = counts.get(key, 0) + 1
    yield "Address    Hash Refcount Metric Path"
    for number, ((text, metric), count) in enumerate(sorted(counts.items())):
        yield f"0x{0x65B10000 + number * 0x58:08X} {number:4} {count:8} {metric:6} {text}"


def show_labels(context: Context, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp vpnv4 … labels`: without MPLS no route has one."""
    yield "   Network          Next Hop      In label/Out label"
    for instance in instances_of(context.device, vpnv4, vrf):
        rows = sorted(instance.speaker.table.items())
        if not rows:
            continue
        if instance.family.vrf:
            yield distinguisher(context.device, instance)
        for network, entry in rows:
            for path in entry.paths:
                yield f"   {network!s:17}{path.attributes.next_hop!s:16}nolabel/nolabel"


def show_distinguished(
    context: Context,
    rd: str,
    network: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    prefix: str = "",
) -> Iterator[str]:
    """`show ip bgp vpnv4 rd N:N [A [M] | A/N]`."""
    vrf = by_distinguisher(context.device, rd)
    return show_table(context, network, mask, prefix, vpnv4=True, vrf=vrf)
