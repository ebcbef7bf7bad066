"""`router bgp` in the running configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.subjects.bgp.config import LISTEN_LIMIT, BgpConfig, BgpStyle, Family, Neighbor, Router

Told = Callable[[int], str]
"""How AS numbers are told."""
DEFAULT_DISTANCE = (20, 200, 200)
_CLASSES = ((0x80, 8), (0xC0, 16), (0xE0, 24))


def router_lines(device: Device, _render: Render) -> Iterator[str]:
    """`router bgp` and what is under it."""
    router = device.config.of(BgpConfig).router
    if router is None:
        return
    old = device.image.style(BgpStyle).synchronization
    told = router.as_text
    yield f"router bgp {told(router.as_number)}"
    if router.families_shown:
        yield from _templates(router)
        yield from (f" {line}" for line in (*_router_lines(router), *_sessions(router)))
        yield " !"
        yield " address-family ipv4"
        yield from (f"  {line}" for line in _family(router, old))
        yield " exit-address-family"
    else:
        yield from _templates(router)
        if old:
            yield " no synchronization"
        yield from (f" {line}" for line in (*_router_lines(router), *_damping(router)))
        lines = (
            *_networks(router),
            *_timers(router),
            *_redistributed(router),
            *_neighbors(router),
            *_tail(router),
        )
        yield from (f" {line}" for line in lines)
        if old:
            yield " no auto-summary"
    for name in sorted(router.vrfs):
        yield " !"
        yield f" address-family ipv4 vrf {name}"
        yield from (f"  {line}" for line in _vrf_family(router.vrfs[name], old, told))
        yield " exit-address-family"


def _vrf_family(family: Family, old: bool, told: Told) -> Iterator[str]:
    """What stands under `address-family ipv4 vrf V`: a neighbor's session and family together."""
    if family.router_id is not None:
        yield f"bgp router-id {family.router_id}"
    content = (*_networks(family), *_timers(family), *_redistributed(family))
    yield from _listens(family)
    yield from _damping(family)
    if not old:
        yield from content
    for name, each in _each(family):
        if name in family.groups:
            yield f"neighbor {name} peer-group"
        yield from (f"neighbor {name} {line}" for line in session_lines(each, told))
        if name not in family.groups:
            yield f"{'' if each.active else 'no '}neighbor {name} activate"
        yield from (f"neighbor {name} {line}" for line in family_lines(each))
    if old:
        yield "no auto-summary"
        yield "no synchronization"
        yield from content
    yield from _tail(family)


def _router_lines(router: Router) -> Iterator[str]:
    if router.dotted:
        yield "bgp asnotation dot"
    if router.router_id is not None:
        yield f"bgp router-id {router.router_id}"
    if router.cluster_id is not None:
        yield f"bgp cluster-id {router.cluster_id}"
    if router.always_compare_med:
        yield "bgp always-compare-med"
    yield f"{'' if router.log_changes else 'no '}bgp log-neighbor-changes"
    yield from _listens(router)
    if router.confederation is not None:
        yield f"bgp confederation identifier {router.as_text(router.confederation)}"
    if router.confederation_peers:
        yield f"bgp confederation peers {' '.join(map(router.as_text, sorted(router.confederation_peers)))}"
    if not router.enforce_first_as:
        yield "no bgp enforce-first-as"
    if not router.reflects_between_clients:
        yield "no bgp client-to-client reflection"
    if not router.fast_fallover:
        yield "no bgp fast-external-fallover"
    if router.deterministic_med:
        yield "bgp deterministic-med"
    if not router.default_active:
        yield "no bgp default ipv4-unicast"
    if router.ignore_as_path:
        yield "bgp bestpath as-path ignore"
    if router.compare_router_id:
        yield "bgp bestpath compare-routerid"
    if router.med_confederation:
        yield "bgp bestpath med confed"
    if router.missing_as_worst:
        yield "bgp bestpath med missing-as-worst"
    if router.local_preference != 100:
        yield f"bgp default local-preference {router.local_preference}"
    if router.families_shown:
        yield from _timers(router)


def _templates(router: Router) -> Iterator[str]:
    """Before all else; a separator stands behind each."""
    for word, known in (("policy", router.templates.policies), ("session", router.templates.sessions)):
        for name, each in known.items():
            yield f" template peer-{word} {name}"
            lines = family_lines(each) if word == "policy" else session_lines(each, router.as_text)
            yield from (f"  {line}" for line in lines)
            yield f" exit-peer-{word}"
            yield " !"


def _listens(family: Family) -> Iterator[str]:
    for network, group in sorted(family.listens.items()):
        yield f"bgp listen range {network} peer-group {group}"
    if family.listen_limit != LISTEN_LIMIT:
        yield f"bgp listen limit {family.listen_limit}"


def _networks(router: Family) -> Iterator[str]:
    for network, line in sorted(router.networks.items()):
        mapped = f" route-map {line.route_map}" if line.route_map is not None else ""
        yield f"network {prefix_words(network)}{mapped}{' backdoor' if line.backdoor else ''}"
    for network, each in sorted(router.aggregates.items()):
        words = (" as-set" if each.as_set else "") + (" summary-only" if each.summary_only else "")
        maps = (("suppress", each.suppress), ("advertise", each.advertise), ("attribute", each.attributes))
        words += "".join(f" {word}-map {name}" for word, name in maps if name is not None)
        yield f"aggregate-address {network.network_address} {network.netmask}{words}"


def _timers(router: Family) -> Iterator[str]:
    if router.timers is not None:
        yield f"timers bgp {' '.join(map(str, router.timers))}"


def _damping(router: Family) -> Iterator[str]:
    if isinstance(router.damping, str):
        yield f"bgp dampening route-map {router.damping}"
    elif router.damping is not None:
        yield f"bgp dampening{damping_words(router.damping)}"


def damping_words(each: DampingParameters) -> str:
    """What stands behind the word, with a leading blank: nothing for the defaults."""
    if each == DampingParameters():
        return ""
    if each == DampingParameters(each.half_life, maximum=4 * each.half_life):
        return f" {each.half_life}"
    return f" {each.half_life} {each.reuse} {each.suppress} {each.maximum}"


def _tail(router: Family) -> Iterator[str]:
    if router.default_metric is not None:
        yield f"default-metric {router.default_metric}"
    if router.default_originate:
        yield "default-information originate"
    if router.maximum_paths != 1:
        yield f"maximum-paths {router.maximum_paths}"
    if router.maximum_paths_internal != 1:
        yield f"maximum-paths ibgp {router.maximum_paths_internal}"
    yield from _distance(router)


def _redistributed(router: Family) -> Iterator[str]:
    for origin in sorted(router.redistribute):
        yield f"redistribute {origin}{router.redistribute[origin].words()}"


def _distance(router: Family) -> Iterator[str]:
    if router.table_map is not None:
        yield f"table-map {router.table_map}"
    yield from (each.words() for each in router.distances)
    if router.distance != DEFAULT_DISTANCE:
        yield "distance bgp {} {} {}".format(*router.distance)


def _each(router: Family) -> Iterator[tuple[str, Neighbor]]:
    yield from sorted(router.groups.items())
    yield from ((str(address), each) for address, each in sorted(router.neighbors.items()))


def _neighbors(router: Router) -> Iterator[str]:
    """Neighbors with all that is theirs, where there is one address family."""
    for name, each in _each(router):
        if name in router.groups:
            yield f"neighbor {name} peer-group"
        yield from (f"neighbor {name} {line}" for line in neighbor_lines(each, router.as_text))
        if not each.active:
            yield f"no neighbor {name} activate"


def _sessions(router: Router) -> Iterator[str]:
    for name, each in _each(router):
        if name in router.groups:
            yield f"neighbor {name} peer-group"
        yield from (f"neighbor {name} {line}" for line in session_lines(each, router.as_text))


def _family(router: Router, old: bool) -> Iterator[str]:
    """What stands under `address-family ipv4`: once neighbors came first."""
    content = (*_networks(router), *_redistributed(router))
    yield from _damping(router)
    if not old:
        yield from content
    for name, each in _each(router):
        if name not in router.groups:
            if each.active:
                yield f"neighbor {name} activate"
            elif router.default_active:
                yield f"no neighbor {name} activate"
        yield from (f"neighbor {name} {line}" for line in family_lines(each))
    if old:
        yield "no auto-summary"
        yield "no synchronization"
        yield from content
    yield from _tail(router)


def prefix_words(network: IPv4Network) -> str:
    """A network with its mask where that is not its class's."""
    plain = network.prefixlen == class_length(network.network_address)
    return str(network.network_address) + ("" if plain else f" mask {network.netmask}")


def class_length(address: IPv4Address) -> int:
    """The prefix length of an address's class."""
    first = int(address) >> 24
    return next((length for limit, length in _CLASSES if first < limit), 32)


def neighbor_lines(each: Neighbor, told: Told = str) -> Iterator[str]:
    """What stands behind `neighbor WHO`, in the order of IOS."""
    yield from session_lines(each, told)
    yield from family_lines(each)


def session_lines(each: Neighbor, told: Told = str) -> Iterator[str]:
    """What is of its session."""
    if each.remote_as is not None:
        yield f"remote-as {told(each.remote_as)}"
    if each.peer_group is not None:
        yield f"peer-group {each.peer_group}"
    if each.inherit_session is not None:
        yield f"inherit peer-session {each.inherit_session}"
    if each.local_as is not None:
        words = "" if each.local_as.prepends else " no-prepend"
        words += " replace-as" if each.local_as.replaces else ""
        yield f"local-as {told(each.local_as.number)}{words}"
    if each.description is not None:
        yield f"description {each.description}"
    if each.password is not None:
        yield f"password {each.password.words}"
    if each.shutdown:
        yield "shutdown"
    if each.ebgp_multihop is not None:
        yield f"ebgp-multihop {each.ebgp_multihop}"
    if each.ttl_security is not None:
        yield f"ttl-security hops {each.ttl_security}"
    if each.disable_connected_check:
        yield "disable-connected-check"
    if each.two_octets:
        yield "dont-capability-negotiate four-octets-as"
    if each.passive:
        yield "transport connection-mode passive"
    if each.update_source is not None:
        yield f"update-source {each.update_source}"
    if each.timers is not None:
        yield f"timers {' '.join(map(str, each.timers))}"
    if each.fall_over:
        yield "fall-over"


def family_lines(each: Neighbor) -> Iterator[str]:
    """What is of the address family."""
    if each.inherit_policy is not None:
        yield f"inherit peer-policy {each.inherit_policy}" + (
            f" {each.inherit_sequence}" if each.inherit_sequence else ""
        )
    if each.advertisement_interval is not None:
        yield f"advertisement-interval {each.advertisement_interval}"
    if each.route_reflector_client:
        yield "route-reflector-client"
    if each.next_hop_self:
        yield "next-hop-self"
    if each.next_hop_unchanged:
        yield "next-hop-unchanged"
    if each.as_override:
        yield "as-override"
    if each.remove_private_as:
        yield "remove-private-as"
    if each.send_community or each.send_extended:
        both = " both" if each.send_community else " extended"
        yield "send-community" + (both if each.send_extended else "")
    if each.default_originate:
        yield "default-originate" + (f" route-map {each.default_map}" if each.default_map else "")
    if each.soft_reconfiguration:
        yield "soft-reconfiguration inbound"
    if each.allowas_in is not None:
        yield f"allowas-in {each.allowas_in}"
    if each.weight is not None:
        yield f"weight {each.weight}"
    yield from _filters(each)
    if each.unsuppress_map is not None:
        yield f"unsuppress-map {each.unsuppress_map}"
    if each.advertise_map is not None:
        yield each.advertise_map.words()
    if each.maximum_prefix is not None:
        count, warn, minutes = each.maximum_prefix
        percent = each.maximum_prefix_warning
        at = f" {percent}" if percent is not None else ""
        tail = " warning-only" if warn else f" restart {minutes}" if minutes is not None else ""
        yield f"maximum-prefix {count}{at}{tail}"


def _filters(each: Neighbor) -> Iterator[str]:
    for word, inward, outward in (
        ("distribute-list", each.distribute_in, each.distribute_out),
        ("prefix-list", each.prefix_in, each.prefix_out),
        ("route-map", each.route_map_in, each.route_map_out),
        ("filter-list", each.filter_in, each.filter_out),
    ):
        if inward is not None:
            yield f"{word} {inward} in"
        if outward is not None:
            yield f"{word} {outward} out"
