"""`crypto isakmp profile`, `crypto isakmp peer`, and `show crypto isakmp profile`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.crypto.commands.masks import network_of
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.isakmp_profile import IdentityMatch, IsakmpPeer, IsakmpProfile
from iosemu.subjects.crypto.config.maps import CryptoMapsConfig

INCOMPLETE = "% A profile is deemed incomplete until it has match identity statements"


def profile(context: Context, name: str) -> list[str | Enter] | None:
    """`[no] crypto isakmp profile NAME`: enters the profile, made when new."""
    isakmp: IsakmpConfig = context.device.config.of(IsakmpConfig)
    if context.off:
        isakmp.profiles.pop(name, None)
        return None
    new = name not in isakmp.profiles
    found = isakmp.profiles.setdefault(name, IsakmpProfile(name))
    return [*((INCOMPLETE,) if new else ()), Enter("conf-isa-prof", found)]


def inside(context: Context, name: str = "") -> None:
    """`[no] vrf NAME`: the routing instance of what crypto maps with this profile protect."""
    if not context.off:
        found_vrf(context.device, name)
    context.edited(IsakmpProfile).vrf = None if context.off else name


def inside_lines(found: IsakmpProfile) -> Iterator[str]:
    """`vrf …`, and before it that the profile is not complete."""
    if not found.matches and not found.certificate_maps:
        yield "! This profile is incomplete (no match identity statement)"
    if found.vrf is not None:
        yield f"vrf {found.vrf}"


def keyring(context: Context, name: str) -> None:
    """`[no] keyring NAME`: several are searched together."""
    target = context.edited(IsakmpProfile)
    if context.off:
        target.keyrings = [each for each in target.keyrings if each != name]
        return
    if name not in context.device.config.of(IsakmpConfig).keyrings:
        raise CommandError(f"% Keyring {name} does not exist.")
    if name not in target.keyrings:
        target.keyrings.append(name)


def match_address(
    context: Context, address: IPv4Address, mask: IPv4Address | None = None, vrf: str | None = None
) -> None:
    """`[no] match identity address A [MASK [VRF]]`."""
    if vrf is not None:
        found_vrf(context.device, vrf)
    _match(context, IdentityMatch("address", network_of(address, mask), vrf=vrf))


def match_name(context: Context, kind: str, name: str) -> None:
    """`[no] match identity (host | host domain | user | user domain) NAME`."""
    _match(context, IdentityMatch(kind, None, name))


def _match(context: Context, match: IdentityMatch) -> None:
    target = context.edited(IsakmpProfile)
    target.matches = [each for each in target.matches if each != match]
    if not context.off:
        target.matches.append(match)


def match_group(context: Context, name: str) -> None:
    """`[no] match identity group NAME`."""
    _match(context, IdentityMatch("group", None, name))


def client_authentication(context: Context, methods: str | None = None) -> None:
    """`[no] client authentication list L`."""
    context.edited(IsakmpProfile).clients.ask(None if context.off else methods)


def isakmp_authorization(context: Context, methods: str | None = None) -> None:
    """`[no] isakmp authorization list L`."""
    context.edited(IsakmpProfile).clients.authorize(None if context.off else methods)


def client_address(context: Context, how: str) -> None:
    """`[no] client configuration address (initiate | respond)`."""
    context.edited(IsakmpProfile).clients.configure(how, on=not context.off)


def client_group(context: Context, group: str | None = None) -> None:
    """`[no] client configuration group NAME`."""
    context.edited(IsakmpProfile).clients.group = None if context.off else group


def client_lines(found: IsakmpProfile) -> Iterator[str]:
    """`client …` and `isakmp authorization …`."""
    yield from found.clients.lines()


def match_certificate(context: Context, name: str) -> None:
    """`[no] match certificate MAP`."""
    target = context.edited(IsakmpProfile)
    target.certificate_maps = [each for each in target.certificate_maps if each != name]
    if not context.off:
        target.certificate_maps.append(name)


def match_certificate_lines(found: IsakmpProfile) -> Iterator[str]:
    """`match certificate …`."""
    for name in found.certificate_maps:
        yield f"match certificate {name}"


def trustpoint(context: Context, name: str) -> None:
    """`[no] ca trust-point NAME`."""
    target = context.edited(IsakmpProfile)
    target.trustpoints = [each for each in target.trustpoints if each != name]
    if not context.off:
        target.trustpoints.append(name)


def trustpoint_lines(found: IsakmpProfile) -> Iterator[str]:
    """`ca trust-point …`."""
    for name in found.trustpoints:
        yield f"ca trust-point {name}"


def self_identity(context: Context, kind: str = "address", name: str | None = None) -> None:
    """`[no] self-identity (address | fqdn [NAME] | user-fqdn NAME)`."""
    words = kind if name is None else f"{kind} {name}"
    context.edited(IsakmpProfile).self_identity = None if context.off else words


def peer(context: Context, address: IPv4Address) -> list[Enter] | None:
    """`[no] crypto isakmp peer address A`: enters the peer, made when new."""
    peers = context.device.config.of(IsakmpConfig).peers
    if context.off:
        peers.pop(address, None)
        return None
    return [Enter("config-isakmp-peer", peers.setdefault(address, IsakmpPeer(address)))]


def aggressive_endpoint(context: Context, kind: str = "", name: str = "") -> None:
    """`[no] set aggressive-mode client-endpoint (fqdn | user-fqdn) NAME`."""
    context.edited(IsakmpPeer).endpoint = None if context.off else f"{kind} {name}"


def aggressive_address(context: Context, address: IPv4Address | None = None) -> None:
    """`[no] set aggressive-mode client-endpoint ipv4-address A`."""
    context.edited(IsakmpPeer).endpoint = None if context.off else f"ipv4-address {address}"


def _matched(match: IdentityMatch) -> str:
    if match.network is None:
        return f"{match.kind} {match.name}"
    mask = f" {match.network.netmask}" if match.network.prefixlen else ""
    return f"address {match.network.network_address}{mask}" + (f" {match.vrf}" if match.vrf else "")


def endpoint_lines(peer: IsakmpPeer) -> Iterator[str]:
    """`set aggressive-mode client-endpoint …`, with the space that IOS leaves at its end."""
    if peer.endpoint is not None:
        yield f"set aggressive-mode client-endpoint {peer.endpoint} "


def keyring_lines(found: IsakmpProfile) -> Iterator[str]:
    """`keyring …`."""
    for name in found.keyrings:
        yield f"keyring {name}"


def identity_lines(found: IsakmpProfile) -> Iterator[str]:
    """`self-identity …`."""
    if found.self_identity is not None:
        yield f"self-identity {found.self_identity}"


def match_lines(found: IsakmpProfile) -> Iterator[str]:
    """`match identity …`, with the space that IOS leaves at its end."""
    for match in found.matches:
        yield f"match identity {_matched(match)} "


def show_profile(context: Context, tag: bool = False, name: str | None = None) -> Iterator[str]:
    """`show crypto isakmp profile [tag NAME]`."""
    isakmp: IsakmpConfig = context.device.config.of(IsakmpConfig)
    users = context.device.config.of(CryptoMapsConfig)
    for found in list(isakmp.profiles.values()):
        if name not in (None, found.name):
            continue
        entries = [entry for each in users.maps.values() for entry in each.entries.values()]
        entries += [entry for each in users.dynamic.values() for entry in each.entries.values()]
        count = 1 + sum(1 for entry in entries if users.profile_of(entry) == found.name)
        yield f"ISAKMP PROFILE {found.name}"
        yield f"Ref Count = {count}"
        yield "   Identities matched are:"
        for match in found.matches:
            if match.network is not None:
                yield f"    ip-address {match.network.network_address} {match.network.netmask}"
            else:
                yield f"    {match.kind} {match.name}"
        yield "   Certificate maps matched are:"
        for each in found.certificate_maps:
            yield f"    {each}"
        yield f"   Identity presented is: {_presented(found)}"
        yield f"   keyring(s): {', '.join(found.keyrings) or '<none>'}"
        yield f"   trustpoint(s): {', '.join(found.trustpoints) or '<all>'}"
        yield ""


def _presented(found: IsakmpProfile) -> str:
    if found.self_identity in (None, "address"):
        return "ip-address"
    return str(found.self_identity)
