"""A packet as class-maps see it."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.ip.path import Transit
from iosemu.packets.ipv4 import IPv4Packet, Protocol

_WITH_PORTS = frozenset((Protocol.TCP, Protocol.UDP))


@dataclass(slots=True)
class Sighting:
    """A packet, and what is known of it besides its octets."""

    packet: IPv4Packet | None
    """None: it is no IPv4 packet."""
    came_in: str = ""
    """The interface that it came in on; empty: it was made here."""
    octets: int = 0
    """Of the packet, from its network layer header on."""
    cos: int | None = None
    """The priority in its 802.1Q tag, None: it has none."""
    qos_group: int = 0
    transit: Transit | None = None
    """On its way through the stages of the stack; None: no longer."""
    ethertype: int = 0x0800

    @property
    def dscp(self) -> int | None:
        """The differentiated services code point (RFC 2474), None: it is no IPv4 packet."""
        return self.packet.tos >> 2 if self.packet is not None else None

    @property
    def ports(self) -> tuple[int, int] | None:
        """Source and destination port of TCP or UDP, None where the packet shows none."""
        packet = self.packet
        if packet is None or packet.fragment_offset or packet.protocol not in _WITH_PORTS:
            return None
        data = packet.payload
        return (data[0] << 8 | data[1], data[2] << 8 | data[3]) if len(data) >= 4 else None
