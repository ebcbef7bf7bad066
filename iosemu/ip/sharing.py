"""Which of several equal ways a packet takes.

What is passed on goes by destination: a hash of source and destination chooses one of 16 buckets, so a conversation
keeps to one way. The hash is seeded by an identity of the box: otherwise all boxes in a row would choose alike.
`ip load-sharing per-packet` on all interfaces that lead there lets packets take turns, and so do the packets
that a box makes itself: they are switched by a process, which takes the routes in turn.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING
from zlib import crc32

from iosemu.ip.config import IpSettings

if TYPE_CHECKING:
    from iosemu.ip.stack import IpStack
    from iosemu.net.route import Hop
    from iosemu.net.routing import RoutingTable
    from iosemu.packets.ipv4 import IPv4Packet

_SPREAD, _MIX, _BITS = 0x9E3779B1, 0x85EBCA6B, 0xFFFFFFFF
_BUCKETS = 16


class LoadSharing:
    """Chooses among the ways that the routing table has."""

    def __init__(self, stack: IpStack) -> None:
        self._stack = stack
        self.identity = crc32(bytes(stack.device.base_mac) + stack.device.name.encode())
        """Of the algorithm, as `show ip cef summary` calls it."""

    def bucket(self, source: IPv4Address, destination: IPv4Address) -> int:
        """The bucket of a conversation, 0 to 15."""
        mixed = ((int(source) ^ self.identity) * _SPREAD + int(destination) * _MIX) & _BITS
        mixed = ((mixed ^ mixed >> 15) * _SPREAD) & _BITS
        return mixed >> 28

    def by_conversation(
        self, source: IPv4Address, destination: IPv4Address, ways: tuple[Hop, ...]
    ) -> Hop | None:
        """The way of a conversation."""
        return ways[self.bucket(source, destination) % len(ways)] if ways else None

    def passed_on(self, routes: RoutingTable, packet: IPv4Packet, ways: tuple[Hop, ...]) -> Hop | None:
        """The way of a packet that is passed on."""
        if ways and all(self._per_packet(each.interface) for each in ways):
            return routes.take_turn(packet.destination)
        return self.by_conversation(packet.source, packet.destination, ways)

    def made_here(
        self, routes: RoutingTable, packet: IPv4Packet, ways: tuple[Hop, ...], *, wrapped: bool
    ) -> Hop | None:
        """The way of a packet that was made here; `wrapped`: around another one (ESP, GRE), and so passed on."""
        if wrapped:
            return self.passed_on(routes, packet, ways)
        return routes.take_turn(packet.destination)

    def _per_packet(self, interface: str) -> bool:
        found = self._stack.interfaces.get(interface)
        return found is not None and found.config.of(IpSettings).per_packet
