"""Whom IKEv2 talks to: the lines of keyrings and profiles, and what names a profile."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.crypto.commands.masks import network_of
from iosemu.subjects.crypto.config.ikev2 import (
    EAP_TIMEOUT,
    Ikev2Config,
    Ikev2Keyring,
    Ikev2Peer,
    Ikev2Profile,
    NamedIdentity,
    Secret,
)
from iosemu.subjects.crypto.config.maps import CryptoMapEntry

# Keyrings.


def peer(context: Context, name: str) -> list[Enter] | None:
    """`[no] peer NAME`: enters the block, made when new."""
    peers = context.edited(Ikev2Keyring).peers
    if context.off:
        peers.pop(name, None)
        return None
    return [Enter("config-ikev2-keyring-peer", peers.setdefault(name, Ikev2Peer(name)))]


def peer_address(
    context: Context, address: IPv4Address | None = None, mask: IPv4Address | None = None
) -> None:
    """`[no] address A [MASK]`."""
    target = context.edited(Ikev2Peer)
    target.network = None if context.off or address is None else network_of(address, mask)


def peer_address_lines(found: Ikev2Peer) -> Iterator[str]:
    """`address …`, with the mask unless it is one host."""
    network = found.network
    if network is not None:
        mask = "" if network.prefixlen == 32 else f" {network.netmask}"
        yield f"address {network.network_address}{mask}"


def peer_identity_address(context: Context, address: IPv4Address | None = None) -> None:
    """`[no] identity address A`."""
    context.edited(Ikev2Peer).identity = None if context.off or address is None else _address(address)


def peer_identity(context: Context, kind: str = "", name: str = "") -> None:
    """`[no] identity fqdn|email|key-id NAME`."""
    context.edited(Ikev2Peer).identity = None if context.off else NamedIdentity(kind, name)


def peer_identity_lines(found: Ikev2Peer) -> Iterator[str]:
    """`identity …`."""
    if found.identity is not None:
        yield f"identity {_words(found.identity)}"


def peer_key(
    context: Context, side: str | None = None, encoding: str | None = None, secret: str = ""
) -> None:
    """`[no] pre-shared-key [local | remote] [0 | 6] KEY`: one for both sides, or one for each."""
    _key(context, side, Secret(secret, int(encoding) if encoding else None))


def peer_hex_key(context: Context, digits: str, side: str | None = None) -> None:
    """`pre-shared-key [local | remote] hex DIGITS`."""
    plain = digits.removeprefix("0x")
    try:
        bytes.fromhex(plain)
    except ValueError:
        raise CommandError("% Invalid hex string.") from None
    _key(context, side, Secret(plain, hexadecimal=True))


def _key(context: Context, side: str | None, secret: Secret) -> None:
    target = context.edited(Ikev2Peer)
    given = None if context.off else secret
    if side == "local":
        target.local_key = given
    elif side == "remote":
        target.remote_key = given
    if side is None:
        target.key, target.local_key, target.remote_key = given, None, None
    elif given is not None:
        target.key = None


def peer_key_lines(found: Ikev2Peer) -> Iterator[str]:
    """`pre-shared-key …`."""
    for side, secret in (("", found.key), ("local ", found.local_key), ("remote ", found.remote_key)):
        if secret is not None:
            yield f"pre-shared-key {side}{secret.words}"


# Profiles.


def _address(address: IPv4Address) -> NamedIdentity:
    return NamedIdentity("address", network=IPv4Network(address))


def _words(identity: NamedIdentity) -> str:
    if identity.network is not None:
        return f"address {identity.network.network_address}"
    return f"{identity.kind} {identity.name}".strip()


def match_local(context: Context, port: str | None = None, address: IPv4Address | None = None) -> None:
    """`[no] match address local (interface X | A)`."""
    target = context.edited(Ikev2Profile)
    where: IPv4Address | str = port if port is not None else address or ""
    target.local_addresses = [each for each in target.local_addresses if each != where]
    if not context.off:
        target.local_addresses.append(where)


def match_local_lines(found: Ikev2Profile) -> Iterator[str]:
    """`match address local …`."""
    for where in found.local_addresses:
        yield f"match address local {f'interface {where}' if isinstance(where, str) else where}"


def match_address(context: Context, address: IPv4Address, mask: IPv4Address | None = None) -> None:
    """`[no] match identity remote address A [MASK]`."""
    _match(context, NamedIdentity("address", network=network_of(address, mask)))


def match_name(context: Context, kind: str, name: str) -> None:
    """`[no] match identity remote fqdn|email|key-id NAME`."""
    _match(context, NamedIdentity(kind, name))


def match_any(context: Context) -> None:
    """`[no] match identity remote any`."""
    _match(context, NamedIdentity("any"))


def _match(context: Context, match: NamedIdentity) -> None:
    target = context.edited(Ikev2Profile)
    target.matches = [each for each in target.matches if each != match]
    if not context.off:
        target.matches.append(match)


def match_lines(found: Ikev2Profile) -> Iterator[str]:
    """`match identity remote …`, with the space that IOS leaves at its end."""
    for match in found.matches:
        network = match.network
        if network is not None:
            mask = f"{network.netmask} " if network.prefixlen else ""
            yield f"match identity remote address {network.network_address} {mask}"
        else:
            yield f"match identity remote {match.kind}{f' {match.name}' if match.name else ''}"


def identity_address(context: Context, address: IPv4Address | None = None) -> None:
    """`[no] identity local address A`."""
    context.edited(Ikev2Profile).identity = None if context.off or address is None else _address(address)


def identity_name(context: Context, kind: str = "", name: str = "") -> None:
    """`[no] identity local fqdn|email|key-id NAME`."""
    context.edited(Ikev2Profile).identity = None if context.off else NamedIdentity(kind, name)


def identity_lines(found: Ikev2Profile) -> Iterator[str]:
    """`identity local …`."""
    if found.identity is not None:
        yield f"identity local {_words(found.identity)}"


def _secret(encoding: str | None, secret: str | None) -> Secret | None:
    return Secret(secret, int(encoding) if encoding else None) if secret is not None else None


def authentication_remote(
    context: Context,
    key: bool = False,
    encoding: str | None = None,
    secret: str | None = None,
    method: str | None = None,
) -> None:
    """`[no] authentication remote pre-share [key KEY] | rsa-sig | ecdsa-sig`: several may be allowed."""
    target = context.edited(Ikev2Profile)
    wanted = method or "pre-share"
    kept = (
        [] if context.off and method is None else [each for each in target.remote_methods if each != wanted]
    )
    target.remote_methods = kept if context.off else [*kept, wanted]
    if wanted == "pre-share":
        target.remote_key = None if context.off else _secret(encoding, secret)


def authentication_local(
    context: Context,
    key: bool = False,
    encoding: str | None = None,
    secret: str | None = None,
    method: str | None = None,
) -> None:
    """`[no] authentication local pre-share [key KEY] | rsa-sig | ecdsa-sig`."""
    target = context.edited(Ikev2Profile)
    target.local_method = None if context.off else method or "pre-share"
    target.local_key = None if context.off else _secret(encoding, secret)
    target.eap_user, target.eap_method = None, ""


def authentication_remote_eap(
    context: Context, query_identity: bool = False, seconds: int = EAP_TIMEOUT
) -> None:
    """`[no] authentication remote eap [query-identity] [timeout N]`."""
    target = context.edited(Ikev2Profile)
    kept = [each for each in target.remote_methods if each != "eap"]
    target.remote_methods = kept if context.off else [*kept, "eap"]
    target.query_identity = query_identity and not context.off
    target.eap_timeout = EAP_TIMEOUT if context.off else seconds


def authentication_local_eap(
    context: Context,
    kind: str = "",
    user: str | None = None,
    encoding: str | None = None,
    secret: str | None = None,
) -> None:
    """`[no] authentication local eap [gtc | md5 | ms-chapv2] [username U [password [0|6] P]]`."""
    target = context.edited(Ikev2Profile)
    off = context.off
    target.local_method = None if off else "eap"
    target.local_key = _secret(encoding, secret) if secret is not None and not off else None
    target.eap_user, target.eap_method = (None, "") if off else (user, kind)


def eap_list(context: Context, methods: str | None = None) -> None:
    """`[no] aaa authentication eap LIST`."""
    context.edited(Ikev2Profile).eap_list = None if context.off else methods


def eap_list_lines(found: Ikev2Profile) -> Iterator[str]:
    """`aaa authentication eap …`."""
    if found.eap_list is not None:
        yield f"aaa authentication eap {found.eap_list}"


def authentication_remote_lines(found: Ikev2Profile) -> Iterator[str]:
    """`authentication remote …`."""
    for method in found.remote_methods:
        more = f" key {found.remote_key.words}" if found.remote_key and method == "pre-share" else ""
        if method == "eap":
            more = " query-identity" if found.query_identity else ""
            more += f" timeout {found.eap_timeout}" if found.eap_timeout != EAP_TIMEOUT else ""
        yield f"authentication remote {method}{more}"


def authentication_local_lines(found: Ikev2Profile) -> Iterator[str]:
    """`authentication local …`."""
    if found.local_method == "eap":
        kind = f" {found.eap_method}" if found.eap_method else ""
        user = f" username {found.eap_user}" if found.eap_user is not None else ""
        password = f" password {found.local_key.words}" if found.local_key is not None else ""
        yield f"authentication local eap{kind}{user}{password}"
    elif found.local_method is not None:
        key = f" key {found.local_key.words}" if found.local_key else ""
        yield f"authentication local {found.local_method}{key}"


def match_certificate(context: Context, name: str) -> None:
    """`[no] match certificate MAP`."""
    target = context.edited(Ikev2Profile)
    target.certificate_maps = [each for each in target.certificate_maps if each != name]
    if not context.off:
        target.certificate_maps.append(name)


def match_certificate_lines(found: Ikev2Profile) -> Iterator[str]:
    """`match certificate …`."""
    for name in found.certificate_maps:
        yield f"match certificate {name}"


def identity_dn(context: Context) -> None:
    """`[no] identity local dn`."""
    context.edited(Ikev2Profile).identity = None if context.off else NamedIdentity("dn")


def profile_trustpoint(context: Context, name: str, use: str = "") -> None:
    """`[no] pki trustpoint NAME [sign | verify]`."""
    target = context.edited(Ikev2Profile)
    target.trustpoints = [each for each in target.trustpoints if each[0] != name]
    if not context.off:
        target.trustpoints.append((name, use))


def profile_trustpoint_lines(found: Ikev2Profile) -> Iterator[str]:
    """`pki trustpoint …`."""
    for name, use in found.trustpoints:
        yield f"pki trustpoint {name} {use}".rstrip()


def profile_keyring(context: Context, name: str | None = None) -> None:
    """`[no] keyring local NAME`."""
    target = context.edited(Ikev2Profile)
    if not context.off and name not in context.device.config.of(Ikev2Config).keyrings:
        raise CommandError(f"% Keyring {name} does not exist.")
    target.keyring = None if context.off else name


def profile_keyring_lines(found: Ikev2Profile) -> Iterator[str]:
    """`keyring local …`."""
    if found.keyring is not None:
        yield f"keyring local {found.keyring}"


def set_profile(context: Context, name: str | None = None) -> None:
    """`[no] set ikev2-profile NAME` in a crypto map or an IPsec profile."""
    if not context.off and name not in context.device.config.of(Ikev2Config).profiles:
        raise CommandError(f"% IKEv2 profile {name} does not exist.")
    context.edited(CryptoMapEntry).ikev2_profile = None if context.off else name


def set_profile_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set ikev2-profile …`."""
    if entry.ikev2_profile is not None:
        yield f"set ikev2-profile {entry.ikev2_profile}"


def inside(context: Context, name: str = "") -> None:
    """`[no] ivrf NAME`: the routing instance of what crypto maps with this profile protect."""
    if not context.off:
        found_vrf(context.device, name)
    context.edited(Ikev2Profile).ivrf = None if context.off else name


def inside_lines(found: Ikev2Profile) -> Iterator[str]:
    """`ivrf …`."""
    if found.ivrf is not None:
        yield f"ivrf {found.ivrf}"


def virtual_template(
    context: Context, number: int | None = None, auto: bool = False, mode: bool = False
) -> None:
    """`[no] virtual-template N [mode auto]` in an IKEv2 profile."""
    target = context.edited(Ikev2Profile)
    target.virtual_template = None if context.off else number
    target.virtual_template_auto = auto and not context.off


def virtual_template_lines(found: Ikev2Profile) -> Iterator[str]:
    """`virtual-template …`."""
    if found.virtual_template is not None:
        yield f"virtual-template {found.virtual_template}{' mode auto' if found.virtual_template_auto else ''}"
