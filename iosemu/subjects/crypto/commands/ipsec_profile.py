"""`crypto ipsec profile`: what protects a tunnel interface."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.subjects.crypto.commands.built_in import restored
from iosemu.subjects.crypto.config.ipsec import transform_names
from iosemu.subjects.crypto.config.maps import GROUPS, CryptoMapEntry, CryptoMapsConfig
from iosemu.subjects.crypto.config.smart_defaults import DEFAULT, ipsec_profiles, transform_sets
from iosemu.subjects.crypto.service.engine import CryptoEngine

GROUP_NAMES = {number: name for name, number in GROUPS.items()}


def profile(context: Context, name: str = "") -> Output:
    """`[no] crypto ipsec profile NAME`: enters the profile, made when new."""
    from iosemu.handling.effects import Enter

    router = context.device
    profiles = router.config.of(CryptoMapsConfig).profiles
    name = name or restored(context)
    if context.off:
        users = router.service(CryptoEngine).protected.users_of(name)
        if users:
            raise CommandError(f"%Profile {name} is in use by {', '.join(users)}")
        profiles.pop(name, None)
        if name == DEFAULT:
            router.config.of(CryptoMapsConfig).default_profile = context.defaulted
        return None
    if name not in profiles:
        profiles[name] = CryptoMapEntry(name, 0)
    if name == DEFAULT:
        router.config.of(CryptoMapsConfig).default_profile = True
    return [Enter("ipsec-profile", profiles[name])]


def show(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto ipsec profile [NAME]`."""
    router = context.device
    for entry in ipsec_profiles(router).values():
        if name in (None, entry.name):
            yield from _block(router, entry)


def _block(router: Device, entry: CryptoMapEntry) -> Iterator[str]:
    seconds, kilobytes = router.service(CryptoEngine).policy.lifetimes(entry)
    yield f"IPSEC profile {entry.name}"
    if entry.isakmp_profile is not None:
        yield f"\tISAKMP Profile: {entry.isakmp_profile}"
    if entry.ikev2_profile is not None:
        yield f"\tIKEv2 Profile: {entry.ikev2_profile}"
    yield f"\tSecurity association lifetime: {kilobytes} kilobytes/{seconds} seconds"
    yield f"\tResponder-Only (Y/N): {'Y' if entry.responder_only else 'N'}"
    yield f"\tPFS (Y/N): {'N' if entry.pfs_group is None else 'Y'}"
    if entry.pfs_group is not None:
        yield f"\tDH group:  {GROUP_NAMES[entry.pfs_group]}"
    yield "\tMixed-mode : Disabled"
    yield "\tTransform sets={ "
    sets = transform_sets(router)
    for each in entry.transform_sets:
        if each in sets:
            yield f"\t\t{each}:  {{ {' '.join(transform_names(sets[each].proposal()))}  }} , "
    yield "\t}"
    yield ""
