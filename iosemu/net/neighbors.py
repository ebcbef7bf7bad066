"""What CDP and LLDP have heard: neighbors per local port, forgotten when their holdtime is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from iosemu.packets.cdp import CdpPacket
from iosemu.packets.lldp import LldpPacket

Advertisement = TypeVar("Advertisement", CdpPacket, LldpPacket)


@dataclass(frozen=True, slots=True)
class Neighbor(Generic[Advertisement]):
    """What one neighbor said last; `expires` in lab seconds."""

    local_port: str
    packet: Advertisement
    expires: float

    def holdtime(self, now: float) -> int:
        """Seconds the entry has left, rounded as IOS prints them."""
        return max(0, round(self.expires - now))


class NeighborTable(Generic[Advertisement]):
    """The neighbors of one protocol."""

    def __init__(self) -> None:
        self._neighbors: dict[tuple[str, str, str], Neighbor[Advertisement]] = {}
        self.aged = 0
        """Those whose holdtime was over."""

    def hear(self, local_port: str, packet: Advertisement, now: float) -> bool:
        """Note an advertisement; one with a holdtime of 0 says goodbye. True if the neighbor is new."""
        device = packet.device_id if isinstance(packet, CdpPacket) else str(packet.chassis)
        key = (local_port, device, packet.port_id)
        if packet.ttl == 0:
            self._neighbors.pop(key, None)
            return False
        new = key not in self._neighbors
        self._neighbors[key] = Neighbor(local_port, packet, now + packet.ttl)
        return new

    def neighbors(self, now: float) -> Iterator[Neighbor[Advertisement]]:
        """Those alive at `now`, in the order in which they were first heard."""
        self.tick(now)
        return iter(list(self._neighbors.values()))

    def clear(self, local_port: str | None = None) -> None:
        """Forget everybody (behind one port)."""
        for key in [key for key in self._neighbors if local_port in (None, key[0])]:
            del self._neighbors[key]

    def next_timer(self) -> float | None:
        """When the next entry expires."""
        return min((neighbor.expires for neighbor in self._neighbors.values()), default=None)

    def tick(self, now: float) -> None:
        """Forget whose holdtime is over."""
        for key in [key for key, neighbor in self._neighbors.items() if neighbor.expires <= now]:
            del self._neighbors[key]
            self.aged += 1
