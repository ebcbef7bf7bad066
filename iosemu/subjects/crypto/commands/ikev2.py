"""`crypto ikev2 …`, and the lines of proposals and policies."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.subjects.crypto.commands.built_in import restored
from iosemu.subjects.crypto.config.ikev2 import (
    DEFAULT,
    DEFAULT_MTU,
    Ikev2Config,
    Ikev2Keyring,
    Ikev2Policy,
    Ikev2Profile,
    Ikev2Proposal,
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


def proposal(context: Context, name: str = "") -> Entering:
    """`[no | default] crypto ikev2 proposal NAME`: enters it, made when new; `default` is built in."""
    config = _config(context)
    name = name or restored(context)
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


def policy(context: Context, name: str = "") -> Entering:
    """`[no | default] crypto ikev2 policy NAME`: enters it, made when new; `default` is built in."""
    config = _config(context)
    name = name or restored(context)
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


def _given(typed: dict[str, int | None]) -> tuple[int, ...]:
    """What was typed, in its order, each once."""
    return tuple(dict.fromkeys(value for value in typed.values() if value is not None))


def encryption(context: Context, **typed: int | None) -> None:
    """`[no] encryption CIPHER …`: in order of preference."""
    words = tuple(CIPHERS[each] for each in _given(typed))
    combined = [word.startswith("aes-gcm") for word in words]
    if any(combined) and not all(combined) and not context.off:
        raise CommandError("% Combined mode and non-combined mode ciphers cannot be in one proposal.")
    context.edited(Ikev2Proposal).encryption = () if context.off else words


def integrity(context: Context, **typed: int | None) -> None:
    """`[no] integrity HASH …`."""
    words = tuple(HASHES[each] for each in _given(typed))
    context.edited(Ikev2Proposal).integrity = () if context.off else words


def prf(context: Context, **typed: int | None) -> None:
    """`[no] prf HASH …`; without it, as `integrity`."""
    words = tuple(HASHES[each] for each in _given(typed))
    context.edited(Ikev2Proposal).prf = () if context.off else words


def group(context: Context, **typed: int | None) -> None:
    """`[no] group N …`."""
    context.edited(Ikev2Proposal).groups = () if context.off else _given(typed)


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
