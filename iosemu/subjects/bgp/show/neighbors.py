"""`show ip bgp summary` and `show ip bgp neighbors`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.routing.bgp import Peer, Relation, SessionState
from iosemu.subjects.bgp.config import Neighbor
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.bgp.show.table import active, instances_of
from iosemu.subjects.tcp.show.tcp import connection_lines

_KINDS = ("Opens", "Notifications", "Updates", "Keepalives", "Route Refresh")
_NETWORK, _PATH, _ATTRIBUTE, _AS_PATH = 120, 52, 124, 24
"""Octets of memory that an entry takes, as the summary says."""


def show_summary(context: Context, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp [vpnv4 all | vrf V] summary`."""
    instances = instances_of(context.device, vpnv4, vrf)
    return summary(context.device, instances) if instances else iter(())


def show_all_summaries(context: Context) -> Iterator[str]:
    """`show ip bgp all summary`: each address family under its name."""
    active(context.device)
    yield "For address family: IPv4 Unicast"
    yield from show_summary(context)
    others = instances_of(context.device, True, "")
    if others:
        yield ""
        yield "For address family: VPNv4 Unicast"
        yield from summary(context.device, others)


def summary(device: Device, instances: list[Instance]) -> Iterator[str]:
    """The summary of one or more instances whose tables are one to the user."""
    yield from summary_heading(instances)
    peers = [peer for each in instances for peer in each.speaker.peers.values()]
    yield from rows(device, instances[0].router.as_text, peers)
    yield from _dynamic(instances)


def summary_heading(instances: list[Instance]) -> Iterator[str]:
    """What stands above the neighbors, with the heading of their columns."""
    speakers = [each.speaker for each in instances]
    speaker, told = speakers[0], instances[0].router.as_text
    config, entries = speaker.config, [entry for each in speakers for entry in each.table.values()]
    paths = [path for entry in entries for path in entry.paths]
    attributes = {path.attributes for path in paths}
    history, damped = sum(each.history for each in paths), sum(each.damped for each in paths)
    best = {entry.best.attributes for entry in entries if entry.best is not None}
    as_paths = {each.as_path for each in attributes if each.as_path}
    sizes = [
        len(entries) * _NETWORK,
        len(paths) * _PATH,
        len(attributes) * _ATTRIBUTE,
        len(as_paths) * _AS_PATH,
    ]
    yield f"BGP router identifier {config.router_id}, local AS number {told(config.as_number)}"
    yield f"BGP table version is {speaker.rib.version}, main routing table version {speaker.rib.version}"
    if entries:
        yield f"{len(entries)} network entries using {sizes[0]} bytes of memory"
        yield f"{len(paths)} path entries using {sizes[1]} bytes of memory"
        yield f"{len(attributes)}/{len(best)} BGP path/bestpath attribute entries using {sizes[2]} bytes of memory"
        if as_paths:
            yield f"{len(as_paths)} BGP AS-PATH entries using {sizes[3]} bytes of memory"
        yield "0 BGP route-map cache entries using 0 bytes of memory"
        yield "0 BGP filter-list cache entries using 0 bytes of memory"
        if history or damped:
            yield f"{history} BGP history paths, {damped - history} BGP dampened paths"
        yield f"BGP using {sum(sizes)} total bytes of memory"
        ribs = [each.rib for each in speakers]
        yield (
            f"BGP activity {sum(each.prefixes_made for each in ribs)}/{sum(each.prefixes_gone for each in ribs)} "
            f"prefixes, {sum(each.paths_made for each in ribs)}/{sum(each.paths_gone for each in ribs)} paths, "
            "scan interval 60 secs"
        )
    yield ""
    yield "Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd"


def _dynamic(instances: list[Instance]) -> Iterator[str]:
    """What is said of neighbors that came from listen ranges."""
    ranges = [(each.family, network) for each in instances for network in sorted(each.family.listens)]
    if not ranges:
        return
    count = sum(peer.config.dynamic for each in instances for peer in each.speaker.peers.values())
    if count:
        yield "* Dynamically created based on a listen range command"
    yield f"Dynamically created neighbors: {count}, Subnet ranges: {len(ranges)}"
    yield ""
    for group in dict.fromkeys(family.listens[network] for family, network in ranges):
        yield f"BGP peergroup {group} listen range group members:"
        yield from (f"  {network}" for family, network in ranges if family.listens[network] == group)
    yield ""
    limit = instances[0].family.listen_limit
    yield f"Total dynamically created neighbors: {count}/({limit} max), Subnet ranges: {len(ranges)}"


def rows(device: Device, told: Callable[[int], str], peers: list[Peer]) -> Iterator[str]:
    """A line for each neighbor; `told` writes AS numbers."""
    for peer in sorted(peers, key=lambda each: each.config.address):
        address = ("*" if peer.config.dynamic else "") + str(peer.config.address)
        if not peer.config.active:
            continue
        since = span(device.now - peer.changed_at) if peer.changed_at is not None else "never"
        yield (
            f"{address:16}4 {told(peer.config.remote_as):>12} {peer.messages_in.total():7} "
            f"{peer.messages_out.total():7} {peer.sent_version:8} {0:4} {0:4} {since:8} {_state(peer)}"
        )


def _state(peer: Peer) -> str:
    if peer.established is not None:
        return f"{len(peer.paths):8}"
    if peer.config.shutdown:
        return "Idle (Admin)"
    return "Idle (PfxCt)" if peer.over_limit else peer.state.value


def show_neighbors(
    context: Context, address: IPv4Address | None = None, vpnv4: bool = False, vrf: str = ""
) -> Iterator[str]:
    """`show ip bgp [vpnv4 all | vrf V] neighbors [A]`."""
    return neighbors(context.device, instances_of(context.device, vpnv4, vrf), address)


def show_all_neighbors(context: Context) -> Iterator[str]:
    """`show ip bgp all neighbors`: each address family under its name."""
    active(context.device)
    yield "For address family: IPv4 Unicast"
    yield from show_neighbors(context)
    others = instances_of(context.device, True, "")
    if others:
        yield ""
        yield "For address family: VPNv4 Unicast"
        yield from neighbors(context.device, others, None)


def neighbors(device: Device, instances: list[Instance], address: IPv4Address | None) -> Iterator[str]:
    """The neighbors of instances, or those with an address; CommandError where there is none."""
    found = [
        (instance, peer)
        for instance in instances
        for each, peer in sorted(instance.speaker.peers.items())
        if address in (None, each) and peer.config.active
    ]
    if address is not None and not found:
        raise CommandError(f"% No such neighbor or address family {address}")
    return _neighbors(device, found)


def _neighbors(device: Device, found: list[tuple[Instance, Peer]]) -> Iterator[str]:
    for instance, peer in found:
        yield from _session(device, instance, peer)
        yield from _messages(peer)
        yield from _family(instance, peer)
        yield from _transport(device, instance, peer)
        yield ""


def _session(device: Device, instance: Instance, peer: Peer) -> Iterator[str]:
    config, session, now = peer.config, peer.established, device.now
    link = "internal" if peer.internal else "external"
    vrf = f"  vrf {instance.family.vrf}," if instance.family.vrf else ""
    name, number = (
        ("*" if config.dynamic else "") + str(config.address),
        instance.router.as_text(config.remote_as),
    )
    yield f"BGP neighbor is {name},{vrf}  remote AS {number}, {link} link"
    if peer.relation is Relation.CONFEDERATION:
        yield "  Neighbor under common administration"
    own = instance.family.neighbors.get(config.address)
    if own is not None and own.description is not None:
        yield f" Description: {own.description}"
    if own is not None and own.peer_group is not None:
        yield f" Member of peer-group {own.peer_group} for session parameters"
    if config.dynamic:
        family, group = instance.family, instance.family.listening(config.address)
        inside = [each for each in family.listens if config.address in each and family.listens[each] == group]
        yield f" Member of peer-group {group} for session parameters"
        yield f" Belongs to the subnet range group: {max(inside, key=lambda each: each.prefixlen)}"
    if config.shutdown:
        yield " Administratively shut down"
    yield f"  BGP version 4, remote router ID {peer.router_id}"
    up = (
        f", up for {span(now - peer.changed_at)}"
        if session is not None and peer.changed_at is not None
        else ""
    )
    yield f"  BGP state = {peer.state.value}{up}"
    if session is None:
        return
    yield (
        f"  Last read {span(now - session.last_read)}, last write {span(now - session.last_write)}, "
        f"hold time is {session.hold_time:.0f}, keepalive interval is {session.keepalive:.0f} seconds"
    )
    yield "  Neighbor capabilities:"
    if session.refresh_code:
        yield f"    Route refresh: advertised and received({'new' if session.refresh_code == 5 else 'old'})"
    else:
        yield "    Route refresh: advertised"
    yield f"    Four-octets ASN Capability: advertised{' and received' if session.wide else ''}"
    yield "    Address family IPv4 Unicast: advertised and received"


def _messages(peer: Peer) -> Iterator[str]:
    yield "  Message statistics:"
    yield "    InQ depth is 0"
    yield "    OutQ depth is 0"
    yield ""
    yield "                         Sent       Rcvd"
    for kind in _KINDS:
        yield f"    {kind + ':':17}{peer.messages_out[kind]:8}{peer.messages_in[kind]:11}"
    yield f"    {'Total:':17}{peer.messages_out.total():8}{peer.messages_in.total():11}"
    yield f"  Default minimum time between advertisement runs is {peer.config.advertisement_interval:.0f} seconds"
    yield ""


def _filters(each: Neighbor) -> Iterator[str]:
    """What its updates have to pass."""
    for what, inward, outward in (
        ("network", each.distribute_in, each.distribute_out),
        ("prefix", each.prefix_in, each.prefix_out),
        ("AS path", each.filter_in, each.filter_out),
    ):
        if inward is not None:
            yield f"  Incoming update {what} filter list is {inward}"
        if outward is not None:
            yield f"  Outgoing update {what} filter list is {outward}"
    if each.route_map_in is not None:
        yield f"  Route map for incoming advertisements is {each.route_map_in}"
    if each.route_map_out is not None:
        yield f"  Route map for outgoing advertisements is {each.route_map_out}"


def _family(instance: Instance, peer: Peer) -> Iterator[str]:
    config, speaker, vrf = peer.config, instance.speaker, instance.family.vrf
    yield f" For address family: {'VPNv4' if vrf else 'IPv4'} Unicast"
    if vrf:
        yield f"  Translates address family IPv4 Unicast for VRF {vrf}"
    yield f"  BGP table version {speaker.rib.version}, neighbor version {peer.sent_version}/0"
    yield "  Output queue size : 0"
    if config.next_hop_self:
        yield "  NEXT_HOP is always this router for eBGP paths"
    if config.client:
        yield "  Route-Reflector Client"
    if config.soft_reconfiguration:
        yield "  Inbound soft reconfiguration allowed"
    if config.send_community:
        yield "  Community attribute sent to this neighbor"
    if config.send_extended:
        yield "  Extended-community attribute sent to this neighbor"
    if config.address in instance.family.neighbors:
        yield from _filters(instance.family.effective(config.address))
    if config.default_originate:
        yield "  Default information originate, default sent"
    if config.maximum_prefix is not None:
        tail = " (warning-only)" if config.warning_only else ""
        yield f"  Maximum prefixes allowed {config.maximum_prefix}{tail}"
        yield f"  Threshold for warning message {config.warn_at}%"
    best = sum(1 for network, path in peer.paths.items() if speaker.table[network].best is path)
    uses = f" (Consumes {len(peer.paths) * _PATH} bytes)" if peer.paths else ""
    yield "                                 Sent       Rcvd"
    yield "  Prefix activity:               ----       ----"
    yield f"    Prefixes Current:        {len(peer.advertised):8}{len(peer.paths):11}{uses}"
    yield f"    Prefixes Total:          {len(peer.advertised):8}{peer.prefixes_total:11}"
    yield f"    Implicit Withdraw:       {0:8}{peer.implicit_withdraws:11}"
    yield f"    Explicit Withdraw:       {0:8}{peer.explicit_withdraws:11}"
    yield f"    Used as bestpath:        {'n/a':>8}{best:11}"
    more = sum(1 for network, path in peer.paths.items() if path in speaker.table[network].more)
    yield f"    Used as multipath:       {'n/a':>8}{more:11}"
    yield ""
    yield "                                   Outbound    Inbound"
    yield "  Local Policy Denied Prefixes:    --------    -------"
    yield f"    Total:                         {0:8}{peer.denied:11}"
    yield ""


def _transport(device: Device, instance: Instance, peer: Peer) -> Iterator[str]:
    address = peer.config.address
    route = instance.table.routes.lookup(address)
    have = "does" if route is not None else "does not"
    yield f"  Address tracking is enabled, the RIB {have} have a route to {address}"
    yield f"  Connections established {peer.established_count}; dropped {peer.dropped_count}"
    if peer.last_reset is None:
        yield "  Last reset never"
    else:
        when, reason = peer.last_reset
        yield f"  Last reset {span(device.now - when)}, due to {reason}"
    yield "  Transport(tcp) path-mtu-discovery is enabled"
    session = peer.session
    found = instance.transport.connections.get(session.connection) if session is not None else None
    if found is None or peer.state is not SessionState.ESTABLISHED:
        yield "  No active TCP connection"
    else:
        yield from connection_lines(device, found)
