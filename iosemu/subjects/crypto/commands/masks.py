"""Addresses of peers with their masks."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.handling.effects import InvalidArgument
from iosemu.net.prefixes import masked


def network_of(peer: IPv4Address, mask: IPv4Address | None) -> IPv4Network:
    """The peers that are meant; without a mask it is the one address, or all where it is 0.0.0.0."""
    if mask is None:
        return IPv4Network((peer, 32 if int(peer) else 0))
    network = masked(peer, mask)
    if network is None:
        raise InvalidArgument("mask")
    return network
