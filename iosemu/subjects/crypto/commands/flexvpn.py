"""FlexVPN: authorization policies, client profiles and pools of addresses."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, NetmaskValueError

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.subjects.crypto.config.flexvpn import (
    DEFAULT,
    Authorization,
    AuthorizationPolicy,
    FlexClient,
    FlexConfig,
    FlexPeer,
    FlexSource,
    LocalPools,
    Tracking,
    default_authorization,
)
from iosemu.subjects.crypto.config.ikev2 import Ikev2Profile
from iosemu.subjects.crypto.config.name_mangler import NameMangler

LARGEST_POOL = 65536
"""Addresses of one range."""


def _config(context: Context) -> FlexConfig:
    found: FlexConfig = context.device.config.of(FlexConfig)
    return found


# Authorization policies.


def policy(context: Context, name: str) -> list[Enter] | None:
    """`[no] crypto ikev2 authorization policy NAME`: enters it, made when new; `default` is built in."""
    policies = _config(context).policies
    if context.off:
        policies.pop(name, None)
        return None
    new = default_authorization() if name == DEFAULT else AuthorizationPolicy(name)
    return [Enter("config-ikev2-author-policy", policies.setdefault(name, new))]


def dns(context: Context, first: IPv4Address | None = None, second: IPv4Address | None = None) -> None:
    """`[no] dns A [B]`."""
    given = [] if context.off else [each for each in (first, second) if each is not None]
    context.edited(AuthorizationPolicy).dns = given


def dns_lines(found: AuthorizationPolicy) -> Iterator[str]:
    """`dns …`."""
    if found.dns:
        yield f"dns {' '.join(str(each) for each in found.dns)}"


def route_interface(context: Context, port: str | None = None) -> None:
    """`[no] route set interface [X]`."""
    target = context.edited(AuthorizationPolicy)
    if port is None:
        target.own_address = not context.off
        return
    target.interfaces = [each for each in target.interfaces if each != port]
    if not context.off:
        target.interfaces.append(port)


def route_access_list(context: Context, acl: str | None = None) -> None:
    """`[no] route set access-list NAME`."""
    context.edited(AuthorizationPolicy).access_list = None if context.off else acl


def route_network(context: Context, address: IPv4Address, mask: IPv4Address, side: str = "remote") -> None:
    """`[no] route set (local | remote) ipv4 A M`."""
    try:
        network = IPv4Network((address, str(mask)))
    except (NetmaskValueError, ValueError):
        raise CommandError("% Invalid network or mask") from None
    target = context.edited(AuthorizationPolicy)
    target.networks = [each for each in target.networks if each != (side, network)]
    if not context.off:
        target.networks.append((side, network))


def route_accept(context: Context, tag: int = 1, distance: int = 2) -> None:
    """`[no] route accept any [tag T] [distance D]`."""
    target = context.edited(AuthorizationPolicy)
    target.accepts = not context.negated
    target.tag, target.distance = (1, 2) if context.off else (tag, distance)


def route_lines(found: AuthorizationPolicy) -> Iterator[str]:
    """`route …`."""
    if found.own_address:
        yield "route set interface"
    for name in found.interfaces:
        yield f"route set interface {name}"
    if found.access_list is not None:
        yield f"route set access-list {found.access_list}"
    for side, network in found.networks:
        yield f"route set {side} ipv4 {network.network_address} {network.netmask}"
    if not found.accepts:
        yield "no route accept any"
    elif (found.tag, found.distance) != (1, 2):
        tag = f" tag {found.tag}" if found.tag != 1 else ""
        yield f"route accept any{tag}{f' distance {found.distance}' if found.distance != 2 else ''}"


def authorization(
    context: Context,
    kind: str,
    methods: str | None = None,
    name: str | None = None,
    mangler: str | None = None,
) -> None:
    """`[no] aaa authorization group psk|cert|eap list LIST (POLICY | name-mangler M)` in an IKEv2 profile."""
    target = context.edited(Ikev2Profile)
    target.authorizations.pop(kind, None)
    if not context.off and methods is not None and name is not None:
        target.authorizations[kind] = Authorization(methods, name)
    elif not context.off and methods is not None and mangler is not None:
        target.authorizations[kind] = Authorization(methods, mangler, mangled=True)


def authorization_lines(found: Ikev2Profile) -> Iterator[str]:
    """`aaa authorization group …`."""
    for kind in ("cert", "eap", "psk"):
        if kind in found.authorizations:
            wanted = found.authorizations[kind]
            yield f"aaa authorization group {kind} list {wanted.methods} {wanted.words}"


# Name manglers.


def mangler(context: Context, name: str) -> list[Enter] | None:
    """`[no] crypto ikev2 name-mangler NAME`: enters it, made when new."""
    manglers = _config(context).manglers
    if context.off:
        manglers.pop(name, None)
        return None
    return [Enter("config-ikev2-mangler", manglers.setdefault(name, NameMangler(name)))]


# Client profiles.


def client(context: Context, name: str) -> list[Enter] | None:
    """`[no] crypto ikev2 client flexvpn NAME`: enters it, made when new."""
    clients = _config(context).clients
    if context.off:
        clients.pop(name, None)
        return None
    return [Enter("config-ikev2-flexvpn", clients.setdefault(name, FlexClient(name)))]


def _tracking(track: int | None, state: str) -> Tracking | None:
    return Tracking(track, state == "up") if track is not None else None


def client_peer(
    context: Context,
    number: int,
    address: IPv4Address | None = None,
    name: str | None = None,
    track: int | None = None,
    state: str = "up",
) -> None:
    """`[no] peer N (A | fqdn NAME) [track T [up | down]]`."""
    peers = context.edited(FlexClient).peers
    peers.pop(number, None)
    where = address if address is not None else name
    if not context.off and where is not None:
        peers[number] = FlexPeer(where, _tracking(track, state))


def client_peer_lines(found: FlexClient) -> Iterator[str]:
    """`peer …`."""
    for number in sorted(found.peers):
        peer = found.peers[number]
        where = f"fqdn {peer.where}" if isinstance(peer.where, str) else str(peer.where)
        yield f"peer {number} {where}{f' {peer.track.words}' if peer.track is not None else ''}"


def client_source(
    context: Context, number: int, port: str = "", track: int | None = None, state: str = "up"
) -> None:
    """`[no] source N INTERFACE [track T [up | down]]`."""
    sources = context.edited(FlexClient).sources
    sources.pop(number, None)
    if not context.off:
        sources[number] = FlexSource(port, _tracking(track, state))


def client_source_lines(found: FlexClient) -> Iterator[str]:
    """`source …`."""
    for number, each in sorted(found.sources.items()):
        yield f"source {number} {each.port}{f' {each.track.words}' if each.track is not None else ''}"


def client_connect(context: Context, how: str = "auto", track: int | None = None, state: str = "up") -> None:
    """`[no] connect (auto | manual | track N [up | down])`."""
    target = context.edited(FlexClient)
    target.manual = how == "manual" and not context.off
    target.track = None if context.off else _tracking(track, state)


def client_connect_lines(found: FlexClient) -> Iterator[str]:
    """`connect …`."""
    if found.manual or found.track is not None:
        yield f"connect {found.track.words if found.track is not None else 'manual'}"


def client_tunnel(context: Context, port: str = "") -> None:
    """`[no] client connect TunnelN`: one client for each tunnel."""
    target = context.edited(FlexClient)
    if not context.off:
        if not port.startswith("Tunnel"):
            raise CommandError("% Only tunnel interfaces can be connected")
        for each in _config(context).clients.values():
            if each is not target and each.tunnel == port:
                raise CommandError(f"% {port} is already used by client {each.name}")
    target.tunnel = None if context.off else port


# Pools.


def pool(
    context: Context, name: str, low: IPv4Address | None = None, high: IPv4Address | None = None
) -> None:
    """`[no] ip local pool NAME LOW [HIGH]`."""
    pools = context.device.config.of(LocalPools)
    if low is None:
        pools.pools.pop(name, None)
        return
    last = high if high is not None else low
    if context.off:
        kept = [each for each in pools.pools.get(name, []) if each != (low, last)]
        if kept:
            pools.pools[name] = kept
        else:
            pools.pools.pop(name, None)
        return
    if last < low or int(last) - int(low) >= LARGEST_POOL:
        raise CommandError(f"%Bad IP range, {low} - {last}")
    ranges = pools.pools.get(name, [])
    if (low, last) in ranges:
        return
    other = pools.overlapping(low, last)
    if other is not None:
        raise CommandError(f"%IP address range overlaps with pool: {other}")
    pools.pools[name] = [*ranges, (low, last)]


def client_tunnel_lines(found: FlexClient) -> Iterator[str]:
    """`client connect …`."""
    if found.tunnel is not None:
        yield f"client connect {found.tunnel}"
