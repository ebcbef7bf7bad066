"""The transform set and IPsec profile `default` of 15.x, there unless they are turned off (IKEv2 smart defaults)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iosemu.subjects.crypto.config.ikev2 import Ikev2Config
from iosemu.subjects.crypto.config.ipsec import IpsecConfig, IpsecStyle, Mode, TransformSet
from iosemu.subjects.crypto.config.maps import CryptoMapEntry, CryptoMapsConfig

if TYPE_CHECKING:
    from iosemu.box.device import Device

DEFAULT = "default"


def default_transform_set() -> TransformSet:
    """AES-128 with HMAC-SHA-1 in transport mode."""
    return TransformSet(DEFAULT, ("esp-aes", "esp-sha-hmac"), Mode.TRANSPORT)


def transform_sets(device: Device) -> dict[str, TransformSet]:
    """All transform sets of a box, the built-in one first while it is as it was built in."""
    config = device.config.of(IpsecConfig)
    built_in = device.image.style(IpsecStyle).default_transform_set and config.default_transform_set
    first = {DEFAULT: default_transform_set()} if built_in and DEFAULT not in config.transform_sets else {}
    return {**first, **config.transform_sets}


def ipsec_profile(device: Device, name: str | None) -> CryptoMapEntry | None:
    """The IPsec profile of a name, as it counts: one without transform sets has the built-in one."""
    return ipsec_profiles(device).get(name) if name is not None else None


def ipsec_profiles(device: Device) -> dict[str, CryptoMapEntry]:
    """All IPsec profiles of a box as they count, the built-in one first."""
    maps = device.config.of(CryptoMapsConfig)
    found = dict(maps.profiles)
    if device.image.style(IpsecStyle).default_transform_set and maps.default_profile and DEFAULT not in found:
        found = {DEFAULT: CryptoMapEntry(DEFAULT, 0), **found}
    sets = transform_sets(device)
    for name, entry in found.items():
        if not entry.transform_sets and DEFAULT in sets:
            entry = replace(entry, transform_sets=[DEFAULT])
        profiles = device.config.of(Ikev2Config).profiles
        if name == DEFAULT and entry.ikev2_profile is None and DEFAULT in profiles:
            entry = replace(entry, ikev2_profile=DEFAULT)
        found[name] = entry
    return found
