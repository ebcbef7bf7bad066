"""Addresses of `ip local pool` that VPN clients have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Protocol

from iosemu.ike.types import Identity
from iosemu.subjects.crypto.config.flexvpn import LocalPools

if TYPE_CHECKING:
    from iosemu.box.device import Device


class Holder(Protocol):
    """Who has an address."""

    @property
    def identity(self) -> Identity | None:
        """What the client proved to be."""
        ...

    @property
    def interface(self) -> str | None:
        """Whose packets its SAs protect."""
        ...


class PoolAddresses:
    """The pools of one router, and whoever gives addresses of them away."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.users: list[Callable[[str], Mapping[IPv4Address, Holder]]] = []
        """Each says which addresses of a pool its clients have."""

    def in_use(self, pool: str) -> dict[IPv4Address, Holder]:
        """The addresses of a pool that somebody has."""
        return {address: holder for user in self.users for address, holder in user(pool).items()}

    def free(self, pool: str, wanted: IPv4Address | None) -> IPv4Address | None:
        """The address that is asked for, or the lowest that is free; None: there is none, or no such pool."""
        ranges = self.device.config.of(LocalPools).pools.get(pool, [])
        used = self.in_use(pool)
        inside = wanted is not None and any(first <= wanted <= last for first, last in ranges)
        if wanted is not None and inside and wanted not in used:
            return wanted
        for first, last in ranges:
            for number in range(int(first), int(last) + 1):
                if IPv4Address(number) not in used:
                    return IPv4Address(number)
        return None
