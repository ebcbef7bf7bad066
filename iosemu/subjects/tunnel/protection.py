"""What `tunnel protection` amounts to: a crypto map with one entry."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.ipsec.selectors import Selector
from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.tunnel.config import Tunnel, TunnelMode

MAP_SEQUENCE = 65537
ANY = IPv4Network("0.0.0.0/0")


def protecting(name: str, tunnel: Tunnel, source: IPv4Address, profile: CryptoMapEntry) -> CryptoMap | None:
    """The crypto map that stands for an IPsec profile on a tunnel; None while it has no far end."""
    if tunnel.destination is None:
        return None
    if tunnel.mode is TunnelMode.IPSEC:
        selector = Selector(ANY, ANY)
    else:
        selector = Selector(IPv4Network(source), IPv4Network(tunnel.destination), Protocol.GRE)
    label = f"{name}-head-0"
    entry = replace(
        profile,
        name=label,
        sequence=MAP_SEQUENCE,
        peers=[tunnel.destination],
        selector=selector,
        profile=tunnel.protection,
    )
    return CryptoMap(label, {MAP_SEQUENCE: entry})
