"""Crypto maps under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.crypto.config.maps import CryptoMapBinding


def _crypto_map(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    name = config.of(CryptoMapBinding).name
    if name is not None:
        yield f" crypto map {name}"


SECTIONS = (InterfaceSection("crypto-map", _crypto_map),)
