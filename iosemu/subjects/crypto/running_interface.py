"""Crypto maps under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.crypto.config.ezvpn import EzvpnBinding
from iosemu.subjects.crypto.config.ipsec import IpsecBinding
from iosemu.subjects.crypto.config.maps import CryptoMapBinding


def _crypto_map(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    bound = config.of(CryptoMapBinding)
    if bound.name is not None:
        yield f" crypto map {bound.name}" + (f" redundancy {bound.redundancy}" if bound.redundancy else "")
    client = config.of(EzvpnBinding)
    if client.outside is not None:
        yield f" crypto ipsec client ezvpn {client.outside}"
    for name in client.inside:
        yield f" crypto ipsec client ezvpn {name} inside"
    binding = config.of(IpsecBinding)
    if binding.df_bit is not None:
        yield f" crypto ipsec df-bit {binding.df_bit}"
    if binding.fragment_first is not None:
        yield f" crypto ipsec fragmentation {'before' if binding.fragment_first else 'after'}-encryption"


SECTIONS = (InterfaceSection("crypto-map", _crypto_map),)
