"""Which addresses names and interfaces of the crypto configuration stand for."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.system import SystemConfig
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.subjects.crypto.config.maps import CryptoMapBinding
from iosemu.subjects.crypto.service.tunnels import ProtectedTunnels

if TYPE_CHECKING:
    from iosemu.box.device import Device


class Addresses:
    """Read anew each time, so that changes count at once; `tunnels` gives the protected tunnels there are."""

    def __init__(self, device: Device, tunnels: Callable[[], ProtectedTunnels]) -> None:
        self.device = device
        self._tunnels = tunnels

    def names(self) -> dict[str, IPv4Address]:
        """What `ip host` says, by lower case name."""
        hosts = self.device.config.of(SystemConfig).hosts
        return {name.lower(): IPv4Address(addresses[0]) for name, addresses in hosts.items() if addresses}

    def address_of(self, peer: IPv4Address | str) -> IPv4Address | None:
        """The address of a peer; None for a name that is not known."""
        return peer if isinstance(peer, IPv4Address) else self.names().get(peer.lower())

    def local_of(self, where: IPv4Address | str | None) -> IPv4Address | None:
        """The address that `local-address` means: itself or that of an interface.

        With `redundancy` that of the first-hop group; None while another router is active for it.
        """
        if where is None or isinstance(where, IPv4Address):
            return where
        config = self.device.config.interfaces.get(where)
        if config is not None and self._tunnels().has(config.name):
            return self._tunnels().source_of(where)
        binding = config.held(CryptoMapBinding) if config is not None else None
        if binding is not None and binding.redundancy:
            group = self.device.service(IpStack).virtual.redundancy.get(binding.redundancy)
            return group.address if group is not None and group.active else None
        return primary_address(config)
