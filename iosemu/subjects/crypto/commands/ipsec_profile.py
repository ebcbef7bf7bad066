"""`crypto ipsec profile`: what protects a tunnel interface."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context, Render
from iosemu.handling.effects import CommandError, Output
from iosemu.kinds.router import Router
from iosemu.subjects.crypto.config.ipsec import transform_names
from iosemu.subjects.crypto.config.maps import GROUPS, CryptoMapEntry

GROUP_NAMES = {number: name for name, number in GROUPS.items()}


def profile(context: Context, name: str) -> Output:
    """`[no] crypto ipsec profile NAME`: enters the profile, made when new."""
    from iosemu.handling.effects import Enter

    router: Router = context.device
    profiles = router.config.crypto_maps.profiles
    if context.off:
        users = [each for each, tunnel in router.tunnels.all() if tunnel.protection == name]
        if users:
            raise CommandError(f"%Profile {name} is in use by {', '.join(users)}")
        profiles.pop(name, None)
        return None
    if name not in profiles:
        profiles[name] = CryptoMapEntry(name, 0)
    return [Enter("ipsec-profile", profiles[name])]


def running_config(device: Router, render: Render) -> list[str]:
    """All profiles, separated by `!`."""
    lines: list[str] = []
    for name, entry in device.config.crypto_maps.profiles.items():
        lines += [
            f"crypto ipsec profile {name}",
            *(f" {line}" for line in render("ipsec-profile", entry)),
            "!",
        ]
    return lines


def show(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto ipsec profile [NAME]`."""
    router: Router = context.device
    for entry in router.config.crypto_maps.profiles.values():
        if name in (None, entry.name):
            yield from _block(router, entry)


def _block(router: Router, entry: CryptoMapEntry) -> Iterator[str]:
    seconds, kilobytes = router.crypto.policy.lifetimes(entry)
    yield f"IPSEC profile {entry.name}"
    if entry.isakmp_profile is not None:
        yield f"\tISAKMP Profile: {entry.isakmp_profile}"
    yield f"\tSecurity association lifetime: {kilobytes} kilobytes/{seconds} seconds"
    yield "\tResponder-Only (Y/N): N"
    yield f"\tPFS (Y/N): {'N' if entry.pfs_group is None else 'Y'}"
    if entry.pfs_group is not None:
        yield f"\tDH group:  {GROUP_NAMES[entry.pfs_group]}"
    yield "\tMixed-mode : Disabled"
    yield "\tTransform sets={ "
    sets = router.config.ipsec.transform_sets
    for each in entry.transform_sets:
        if each in sets:
            yield f"\t\t{each}:  {{ {' '.join(transform_names(sets[each].proposal()))}  }} , "
    yield "\t}"
    yield ""
