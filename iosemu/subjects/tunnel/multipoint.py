"""What a tunnel with many far ends asks of who finds them; `subjects/nhrp` answers."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.packets.ipv4 import IPv4Packet


class FarEnds(Protocol):
    """Where the packets of multipoint tunnels go."""

    def resolve(self, interface: str, next_hop: IPv4Address, packet: IPv4Packet) -> IPv4Address | None:
        """The address outside of a next hop; None: the packet is dropped."""
        ...

    def groups(self, interface: str) -> Sequence[IPv4Address]:
        """The addresses outside that multicast and broadcasts are sent to."""
        ...

    def received(self, interface: str, message: bytes, outer: IPv4Packet) -> None:
        """A message of NHRP came out of a tunnel."""
        ...


class NoFarEnds:
    """A box without NHRP."""

    def resolve(self, interface: str, next_hop: IPv4Address, packet: IPv4Packet) -> IPv4Address | None:
        """Nobody knows."""
        return None

    def groups(self, interface: str) -> Sequence[IPv4Address]:
        """There are none."""
        return ()

    def received(self, interface: str, message: bytes, outer: IPv4Packet) -> None:
        """Nobody takes it."""
