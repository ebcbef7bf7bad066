"""`crypto ikev2 …`: what is configured, and how it stands in the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.subjects.crypto.commands.masks import network_of
from iosemu.subjects.crypto.config.ikev2 import (
    DEFAULT,
    DEFAULT_MTU,
    Ikev2Config,
    Ikev2Keyring,
    Ikev2Peer,
    Ikev2Policy,
    Ikev2Profile,
    Ikev2Proposal,
    NamedIdentity,
    Secret,
    default_policy,
    default_proposal,
)
from iosemu.subjects.crypto.config.maps import CryptoMapEntry, CryptoMapsConfig

PROPOSAL_NOTE = (
    "IKEv2 proposal MUST either have a set of an encryption algorithm other than aes-gcm, "
    "an integrity algorithm and a DH group configured or",
    " encryption algorithm aes-gcm, a prf algorithm and a DH group configured",
)
POLICY_NOTE = ("IKEv2 policy MUST have atleast one complete proposal attached",)
PROFILE_NOTE = (
    "IKEv2 profile MUST have:",
    "   1. A local and a remote authentication method.",
    "   2. A match identity or a match certificate statement.",
)

Entering = list[str | Enter] | None


def _config(context: Context) -> Ikev2Config:
    found: Ikev2Config = context.device.config.of(Ikev2Config)
    return found


def proposal(context: Context, name: str) -> Entering:
    """`[no | default] crypto ikev2 proposal NAME`: enters it, made when new; `default` is built in."""
    config = _config(context)
    if context.off:
        if name == DEFAULT:
            config.default_proposal = context.defaulted
        elif any(name in each.proposals for each in config.policies.values()):
            raise CommandError("% Cannot remove as proposal is in use.")
        config.proposals.pop(name, None)
        return None
    new = name not in config.proposals
    if new:
        config.proposals[name] = default_proposal() if name == DEFAULT else Ikev2Proposal(name)
    if name == DEFAULT:
        config.default_proposal = True
    note = PROPOSAL_NOTE if new and name != DEFAULT else ()
    return [*note, Enter("config-ikev2-proposal", config.proposals[name])]


def policy(context: Context, name: str) -> Entering:
    """`[no | default] crypto ikev2 policy NAME`: enters it, made when new; `default` is built in."""
    config = _config(context)
    if context.off:
        if name == DEFAULT:
            config.default_policy = context.defaulted
        config.policies.pop(name, None)
        return None
    new = name not in config.policies
    if new:
        config.policies[name] = default_policy() if name == DEFAULT else Ikev2Policy(name)
    if name == DEFAULT:
        config.default_policy = True
    note = POLICY_NOTE if new and name != DEFAULT else ()
    return [*note, Enter("config-ikev2-policy", config.policies[name])]


def keyring(context: Context, name: str) -> Entering:
    """`[no] crypto ikev2 keyring NAME`: enters it, made when new."""
    config = _config(context)
    if context.off:
        if any(each.keyring == name for each in config.profiles.values()):
            raise CommandError("% Cannot remove as keyring is in use.")
        config.keyrings.pop(name, None)
        return None
    return [Enter("config-ikev2-keyring", config.keyrings.setdefault(name, Ikev2Keyring(name)))]


def profile(context: Context, name: str) -> Entering:
    """`[no] crypto ikev2 profile NAME`: enters it, made when new."""
    config = _config(context)
    if context.off:
        if any(entry.ikev2_profile == name for entry in _entries(context)):
            raise CommandError("% Cannot remove as profile is in use.")
        config.profiles.pop(name, None)
        return None
    new = name not in config.profiles
    found = config.profiles.setdefault(name, Ikev2Profile(name))
    return [*(PROFILE_NOTE if new else ()), Enter("config-ikev2-profile", found)]


def _entries(context: Context) -> Iterator[CryptoMapEntry]:
    maps = context.device.config.of(CryptoMapsConfig)
    for each in maps.maps.values():
        yield from each.entries.values()
    for template in maps.dynamic.values():
        yield from template.entries.values()
    yield from maps.profiles.values()


def fragmentation(context: Context, octets: int = DEFAULT_MTU) -> None:
    """`[no] crypto ikev2 fragmentation [mtu N]`."""
    _config(context).fragmentation = 0 if context.off else octets


# Proposals.

CIPHERS = {
    1: "3des",
    2: "des",
    128: "aes-cbc-128",
    192: "aes-cbc-192",
    256: "aes-cbc-256",
    1128: "aes-gcm-128",
    1256: "aes-gcm-256",
}
HASHES = {1: "md5", 2: "sha1", 256: "sha256", 384: "sha384", 512: "sha512"}


def _given(*values: int | None) -> tuple[int, ...]:
    """What was typed, each once."""
    return tuple(dict.fromkeys(value for value in values if value is not None))


def encryption(
    context: Context,
    first: int | None = None,
    second: int | None = None,
    third: int | None = None,
    fourth: int | None = None,
    fifth: int | None = None,
    sixth: int | None = None,
    seventh: int | None = None,
) -> None:
    """`[no] encryption CIPHER …`: in order of preference."""
    words = tuple(CIPHERS[each] for each in _given(first, second, third, fourth, fifth, sixth, seventh))
    combined = [word.startswith("aes-gcm") for word in words]
    if any(combined) and not all(combined) and not context.off:
        raise CommandError("% Combined mode and non-combined mode ciphers cannot be in one proposal.")
    context.edited(Ikev2Proposal).encryption = () if context.off else words


def integrity(
    context: Context,
    first: int | None = None,
    second: int | None = None,
    third: int | None = None,
    fourth: int | None = None,
    fifth: int | None = None,
) -> None:
    """`[no] integrity HASH …`."""
    words = tuple(HASHES[each] for each in _given(first, second, third, fourth, fifth))
    context.edited(Ikev2Proposal).integrity = () if context.off else words


def prf(
    context: Context,
    first: int | None = None,
    second: int | None = None,
    third: int | None = None,
    fourth: int | None = None,
    fifth: int | None = None,
) -> None:
    """`[no] prf HASH …`; without it, as `integrity`."""
    words = tuple(HASHES[each] for each in _given(first, second, third, fourth, fifth))
    context.edited(Ikev2Proposal).prf = () if context.off else words


def group(
    context: Context,
    first: int | None = None,
    second: int | None = None,
    third: int | None = None,
    fourth: int | None = None,
    fifth: int | None = None,
    sixth: int | None = None,
    seventh: int | None = None,
    eighth: int | None = None,
    ninth: int | None = None,
    tenth: int | None = None,
) -> None:
    """`[no] group N …`."""
    given = _given(first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth)
    context.edited(Ikev2Proposal).groups = () if context.off else given


def encryption_lines(found: Ikev2Proposal) -> Iterator[str]:
    """`encryption …`."""
    if found.encryption:
        yield f"encryption {' '.join(found.encryption)}"


def integrity_lines(found: Ikev2Proposal) -> Iterator[str]:
    """`integrity …`."""
    if found.integrity:
        yield f"integrity {' '.join(found.integrity)}"


def prf_lines(found: Ikev2Proposal) -> Iterator[str]:
    """`prf …`."""
    if found.prf:
        yield f"prf {' '.join(found.prf)}"


def group_lines(found: Ikev2Proposal) -> Iterator[str]:
    """`group …`."""
    if found.groups:
        yield f"group {' '.join(map(str, found.groups))}"


# Policies.


def policy_address(context: Context, address: IPv4Address) -> None:
    """`[no] match address local A`."""
    target = context.edited(Ikev2Policy)
    target.addresses = [each for each in target.addresses if each != address]
    if not context.off:
        target.addresses.append(address)


def policy_address_lines(found: Ikev2Policy) -> Iterator[str]:
    """`match address local …`."""
    for address in found.addresses:
        yield f"match address local {address}"


def policy_proposal(context: Context, name: str) -> None:
    """`[no] proposal NAME`."""
    target = context.edited(Ikev2Policy)
    if not context.off and name != DEFAULT and name not in _config(context).proposals:
        raise CommandError(f"% Proposal {name} does not exist.")
    if context.off:
        target.proposals = [each for each in target.proposals if each != name]
    elif name not in target.proposals:
        target.proposals.append(name)


def policy_proposal_lines(found: Ikev2Policy) -> Iterator[str]:
    """`proposal …`."""
    for name in found.proposals:
        yield f"proposal {name}"


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
    return f"{identity.kind} {identity.name}"


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
    context: Context, key: bool = False, encoding: str | None = None, secret: str | None = None
) -> None:
    """`[no] authentication remote pre-share [key KEY]`."""
    target = context.edited(Ikev2Profile)
    target.remote = not context.off
    target.remote_key = None if context.off else _secret(encoding, secret)


def authentication_local(
    context: Context, key: bool = False, encoding: str | None = None, secret: str | None = None
) -> None:
    """`[no] authentication local pre-share [key KEY]`."""
    target = context.edited(Ikev2Profile)
    target.local = not context.off
    target.local_key = None if context.off else _secret(encoding, secret)


def authentication_remote_lines(found: Ikev2Profile) -> Iterator[str]:
    """`authentication remote …`."""
    if found.remote:
        yield "authentication remote pre-share" + (
            f" key {found.remote_key.words}" if found.remote_key else ""
        )


def authentication_local_lines(found: Ikev2Profile) -> Iterator[str]:
    """`authentication local …`."""
    if found.local:
        yield "authentication local pre-share" + (f" key {found.local_key.words}" if found.local_key else "")


def profile_keyring(context: Context, name: str | None = None) -> None:
    """`[no] keyring local NAME`."""
    target = context.edited(Ikev2Profile)
    if not context.off and name not in _config(context).keyrings:
        raise CommandError(f"% Keyring {name} does not exist.")
    target.keyring = None if context.off else name


def profile_keyring_lines(found: Ikev2Profile) -> Iterator[str]:
    """`keyring local …`."""
    if found.keyring is not None:
        yield f"keyring local {found.keyring}"


def set_profile(context: Context, name: str | None = None) -> None:
    """`[no] set ikev2-profile NAME` in a crypto map or an IPsec profile."""
    if not context.off and name not in _config(context).profiles:
        raise CommandError(f"% IKEv2 profile {name} does not exist.")
    context.edited(CryptoMapEntry).ikev2_profile = None if context.off else name


def set_profile_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set ikev2-profile …`."""
    if entry.ikev2_profile is not None:
        yield f"set ikev2-profile {entry.ikev2_profile}"
