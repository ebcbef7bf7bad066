"""Protocol discovery: what passes interfaces, by protocol.

"NBAR Protocol Discovery" (Cisco IOS Quality of Service Solutions): all packets of IP that come in by an interface or
leave by it, those of the router itself, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.counters import Load
from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.path import In, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.packets.framing import Framing
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.mqc.protocols import Applications, applications
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.nbar.config import DiscoveryPort

ETHERNET, SERIAL = 14, 4
"""Octets before the packet in a frame, without tags."""


@dataclass(slots=True)
class Seen:
    """What was seen of a protocol in one direction."""

    packets: int = 0
    octets: int = 0
    load: Load = field(default_factory=Load)
    most: int = 0
    """The highest rate, in bits per second."""

    def add(self, now: float, octets: int) -> None:
        """Count a packet."""
        self.most = max(self.most, self.load.rates(now)[0])
        self.packets += 1
        self.octets += octets
        self.load.add(now, octets)

    def rate(self, now: float) -> int:
        """Bits per second over five minutes."""
        rate = self.load.rates(now)[0]
        self.most = max(self.most, rate)
        return rate


@dataclass(slots=True)
class Discovery:
    """What was seen on one interface."""

    since: float
    """Lab time of the last clearing."""
    seen: dict[str, tuple[Seen, Seen]] = field(default_factory=dict)
    """By protocol: what came in, and what left."""

    def of(self, protocol: str) -> tuple[Seen, Seen]:
        """Of a protocol."""
        return self.seen.setdefault(protocol, (Seen(), Seen()))


class ProtocolDiscovery(Service):
    """Counts on the interfaces that it is typed on."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.found: dict[str, Discovery] = {}
        """By interface."""
        self._applications: Applications | None = None

    def changed(self) -> None:
        """Protocols may have other ports."""
        self._applications = None

    def interface_configured(self, interface: Interface) -> None:
        """It may have been typed."""
        port = interface.config.held(DiscoveryPort)
        self._stand(interface.name, port is not None and port.discovery)

    def interface_added(self, interface: Interface) -> None:
        """It may have come with its configuration."""
        self.interface_configured(interface)

    def interface_removed(self, interface: Interface) -> None:
        """Nothing passes it any more."""
        self._stand(interface.name, False)

    def clear(self, name: str = "") -> None:
        """Begin anew, on one interface or on all."""
        for each in self.found:
            if name in ("", each):
                self.found[each] = Discovery(self.device.now)

    def _stand(self, name: str, wanted: bool) -> None:
        """Be in the packets' way while anybody wants to know."""
        before = bool(self.found)
        if wanted:
            self.found.setdefault(name, Discovery(self.device.now))
        else:
            self.found.pop(name, None)
        stack, after = self.device.service(IpStack), bool(self.found)
        if after and not before:
            stack.incoming.hook(In.DISCOVERY, self._incoming)
            stack.outgoing.hook(Out.DISCOVERY, self._outgoing)
        elif before and not after:
            stack.incoming.unhook(self._incoming)
            stack.outgoing.unhook(self._outgoing)

    def _incoming(self, transit: Transit) -> bool:
        return self._count(transit.came_in, transit.packet, 0)

    def _outgoing(self, transit: Transit) -> bool:
        return self._count(transit.out, transit.packet, 1)

    def _count(self, interface: Interface | None, packet: IPv4Packet, direction: int) -> bool:
        discovery = self.found.get(interface.name) if interface is not None else None
        if interface is None or discovery is None:
            return True
        if self._applications is None:
            self._applications = applications(self.device)
        name = self._applications.name(Sighting(packet))
        head = ETHERNET if interface.counters.framing is Framing.ETHERNET else SERIAL
        discovery.of(name)[direction].add(self.device.now, packet.total_length + head)
        return True
