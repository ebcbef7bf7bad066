"""`router bgp` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.bgp.config import BgpConfig, Neighbor, Router

_CLASSES = ((0x80, 8), (0xC0, 16), (0xE0, 24))


def router_lines(device: Device, _render: Render) -> Iterator[str]:
    """`router bgp` and what is under it."""
    router = device.config.of(BgpConfig).router
    if router is not None:
        yield f"router bgp {router.as_number}"
        yield " no synchronization"
        yield from (f" {line}" for line in _lines(router))
        yield " no auto-summary"


def _lines(router: Router) -> Iterator[str]:
    if router.router_id is not None:
        yield f"bgp router-id {router.router_id}"
    if router.cluster_id is not None:
        yield f"bgp cluster-id {router.cluster_id}"
    if router.always_compare_med:
        yield "bgp always-compare-med"
    yield f"{'' if router.log_changes else 'no '}bgp log-neighbor-changes"
    if router.compare_router_id:
        yield "bgp bestpath compare-routerid"
    if router.missing_as_worst:
        yield "bgp bestpath med missing-as-worst"
    if router.local_preference != 100:
        yield f"bgp default local-preference {router.local_preference}"
    for network in sorted(router.networks):
        yield f"network {prefix_words(network)}"
    for network, (summary_only, as_set) in sorted(router.aggregates.items()):
        words = (" as-set" if as_set else "") + (" summary-only" if summary_only else "")
        yield f"aggregate-address {network.network_address} {network.netmask}{words}"
    if router.timers != (60, 180):
        yield "timers bgp {} {}".format(*router.timers)
    for origin in sorted(router.redistribute):
        yield f"redistribute {origin}{router.redistribute[origin].words()}"
    for name, group in sorted(router.groups.items()):
        yield f"neighbor {name} peer-group"
        yield from (f"neighbor {name} {line}" for line in neighbor_lines(group))
    for address, neighbor in sorted(router.neighbors.items()):
        yield from (f"neighbor {address} {line}" for line in neighbor_lines(neighbor))
    if router.distance != (20, 200, 200):
        yield "distance bgp {} {} {}".format(*router.distance)


def prefix_words(network: IPv4Network) -> str:
    """A network with its mask where that is not its class's."""
    plain = network.prefixlen == class_length(network.network_address)
    return str(network.network_address) + ("" if plain else f" mask {network.netmask}")


def class_length(address: IPv4Address) -> int:
    """The prefix length of an address's class."""
    first = int(address) >> 24
    return next((length for limit, length in _CLASSES if first < limit), 32)


def neighbor_lines(each: Neighbor) -> Iterator[str]:
    """What stands behind `neighbor WHO`, in the order of IOS."""
    if each.remote_as is not None:
        yield f"remote-as {each.remote_as}"
    if each.peer_group is not None:
        yield f"peer-group {each.peer_group}"
    if each.description is not None:
        yield f"description {each.description}"
    if each.password is not None:
        yield f"password {each.password}"
    if each.shutdown:
        yield "shutdown"
    if each.ebgp_multihop is not None:
        yield f"ebgp-multihop {each.ebgp_multihop}"
    if each.ttl_security is not None:
        yield f"ttl-security hops {each.ttl_security}"
    if each.passive:
        yield "transport connection-mode passive"
    if each.update_source is not None:
        yield f"update-source {each.update_source}"
    if each.timers is not None:
        yield "timers {} {}".format(*each.timers)
    if each.advertisement_interval is not None:
        yield f"advertisement-interval {each.advertisement_interval}"
    if each.route_reflector_client:
        yield "route-reflector-client"
    if each.next_hop_self:
        yield "next-hop-self"
    if each.remove_private_as:
        yield "remove-private-as"
    if each.send_community or each.send_extended:
        both = " both" if each.send_community else " extended"
        yield "send-community" + (both if each.send_extended else "")
    if each.default_originate:
        yield "default-originate"
    if each.soft_reconfiguration:
        yield "soft-reconfiguration inbound"
    if each.allowas_in is not None:
        yield f"allowas-in {each.allowas_in}"
    if each.weight is not None:
        yield f"weight {each.weight}"
    yield from _filters(each)
    if each.maximum_prefix is not None:
        count, warn, minutes = each.maximum_prefix
        tail = " warning-only" if warn else f" restart {minutes}" if minutes is not None else ""
        yield f"maximum-prefix {count}{tail}"


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
