"""`show ip bgp summary` and `show ip bgp neighbors`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.ip.stack import IpStack
from iosemu.routing.bgp import Peer, Relation, SessionState, Speaker
from iosemu.subjects.bgp.config import Neighbor
from iosemu.subjects.bgp.service import Bgp
from iosemu.subjects.bgp.show.table import active
from iosemu.subjects.tcp.show.tcp import connection_lines

_KINDS = ("Opens", "Notifications", "Updates", "Keepalives", "Route Refresh")
_NETWORK, _PATH, _ATTRIBUTE, _AS_PATH = 120, 52, 124, 24
"""Octets of memory that an entry takes, as the summary says."""


def show_summary(context: Context) -> Iterator[str]:
    """`show ip bgp summary`."""
    speaker = active(context.device)
    return _summary(context.device, speaker)


def _summary(device: Device, speaker: Speaker) -> Iterator[str]:
    config = speaker.config
    paths = [path for entry in speaker.table.values() for path in entry.paths]
    attributes = {path.attributes for path in paths}
    best = {entry.best.attributes for entry in speaker.table.values() if entry.best is not None}
    as_paths = {each.as_path for each in attributes if each.as_path}
    sizes = [
        len(speaker.table) * _NETWORK,
        len(paths) * _PATH,
        len(attributes) * _ATTRIBUTE,
        len(as_paths) * _AS_PATH,
    ]
    yield f"BGP router identifier {config.router_id}, local AS number {config.as_number}"
    yield f"BGP table version is {speaker.rib.version}, main routing table version {speaker.rib.version}"
    if speaker.table:
        yield f"{len(speaker.table)} network entries using {sizes[0]} bytes of memory"
        yield f"{len(paths)} path entries using {sizes[1]} bytes of memory"
        yield f"{len(attributes)}/{len(best)} BGP path/bestpath attribute entries using {sizes[2]} bytes of memory"
        if as_paths:
            yield f"{len(as_paths)} BGP AS-PATH entries using {sizes[3]} bytes of memory"
        yield "0 BGP route-map cache entries using 0 bytes of memory"
        yield "0 BGP filter-list cache entries using 0 bytes of memory"
        yield f"BGP using {sum(sizes)} total bytes of memory"
        yield (
            f"BGP activity {speaker.rib.prefixes_made}/{speaker.rib.prefixes_gone} prefixes, "
            f"{speaker.rib.paths_made}/{speaker.rib.paths_gone} paths, scan interval 60 secs"
        )
    yield ""
    yield "Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd"
    for address, peer in sorted(speaker.peers.items()):
        if not peer.config.active:
            continue
        since = span(device.now - peer.changed_at) if peer.changed_at is not None else "never"
        yield (
            f"{address!s:16}4 {peer.config.remote_as:12} {peer.messages_in.total():7} "
            f"{peer.messages_out.total():7} {peer.sent_version:8} {0:4} {0:4} {since:8} {_state(peer)}"
        )


def _state(peer: Peer) -> str:
    if peer.established is not None:
        return f"{len(peer.paths):8}"
    if peer.config.shutdown:
        return "Idle (Admin)"
    return "Idle (PfxCt)" if peer.over_limit else peer.state.value


def show_neighbors(context: Context, address: IPv4Address | None = None) -> Iterator[str]:
    """`show ip bgp neighbors [A]`."""
    speaker = active(context.device)
    if address is not None and (address not in speaker.peers or not speaker.peers[address].config.active):
        raise CommandError(f"% No such neighbor or address family {address}")
    return _neighbors(context.device, speaker, address)


def _neighbors(device: Device, speaker: Speaker, address: IPv4Address | None) -> Iterator[str]:
    for each, peer in sorted(speaker.peers.items()):
        if address in (None, each) and peer.config.active:
            yield from _session(device, peer)
            yield from _messages(peer)
            yield from _family(device, speaker, peer)
            yield from _transport(device, peer)
            yield ""


def _session(device: Device, peer: Peer) -> Iterator[str]:
    config, session, now = peer.config, peer.established, device.now
    link = "internal" if peer.internal else "external"
    yield f"BGP neighbor is {config.address},  remote AS {config.remote_as}, {link} link"
    if peer.relation is Relation.CONFEDERATION:
        yield "  Neighbor under common administration"
    router = device.service(Bgp).router
    own = router.neighbors.get(config.address) if router is not None else None
    if own is not None and own.description is not None:
        yield f" Description: {own.description}"
    if own is not None and own.peer_group is not None:
        yield f" Member of peer-group {own.peer_group} for session parameters"
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


def _family(device: Device, speaker: Speaker, peer: Peer) -> Iterator[str]:
    config = peer.config
    yield " For address family: IPv4 Unicast"
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
    router = device.service(Bgp).router
    if router is not None and config.address in router.neighbors:
        yield from _filters(router.effective(config.address))
    if config.default_originate:
        yield "  Default information originate, default sent"
    if config.maximum_prefix is not None:
        tail = " (warning-only)" if config.warning_only else ""
        yield f"  Maximum prefixes allowed {config.maximum_prefix}{tail}"
        yield "  Threshold for warning message 75%"
    best = sum(1 for network, path in peer.paths.items() if speaker.table[network].best is path)
    uses = f" (Consumes {len(peer.paths) * _PATH} bytes)" if peer.paths else ""
    yield "                                 Sent       Rcvd"
    yield "  Prefix activity:               ----       ----"
    yield f"    Prefixes Current:        {len(peer.advertised):8}{len(peer.paths):11}{uses}"
    yield f"    Prefixes Total:          {len(peer.advertised):8}{peer.prefixes_total:11}"
    yield f"    Implicit Withdraw:       {0:8}{peer.implicit_withdraws:11}"
    yield f"    Explicit Withdraw:       {0:8}{peer.explicit_withdraws:11}"
    yield f"    Used as bestpath:        {'n/a':>8}{best:11}"
    yield f"    Used as multipath:       {'n/a':>8}{0:11}"
    yield ""
    yield "                                   Outbound    Inbound"
    yield "  Local Policy Denied Prefixes:    --------    -------"
    yield f"    Total:                         {0:8}{peer.denied:11}"
    yield ""


def _transport(device: Device, peer: Peer) -> Iterator[str]:
    address = peer.config.address
    route = device.service(IpStack).routes.lookup(address)
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
    found = device.service(Bgp).connections.get(session.connection) if session is not None else None
    if found is None or peer.state is not SessionState.ESTABLISHED:
        yield "  No active TCP connection"
    else:
        yield from connection_lines(device, found)
