"""`ip tcp adjust-mss`: connections through an interface agree on segments that fit behind it."""

from __future__ import annotations

from dataclasses import replace

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.config import AdjustMss
from iosemu.ip.path import In, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.tcp.options import clamp_mss


class MssClamp(Service):
    """Lowers the MSS of SYNs that come in or leave by the interfaces that say so."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._limits: dict[str, int] = {}
        """Octets, by interface; nothing is looked at while there are none."""

    def interface_configured(self, interface: Interface) -> None:
        """Take notice of `ip tcp adjust-mss`."""
        settings = interface.config.held(AdjustMss)
        limit = settings.octets if settings is not None else None
        had = bool(self._limits)
        if limit is None:
            self._limits.pop(interface.name, None)
        else:
            self._limits[interface.name] = limit
        stack = self.device.service(IpStack)
        if self._limits and not had:
            stack.incoming.hook(In.SEGMENT_SIZE, self._arriving)
            stack.outgoing.hook(Out.SEGMENT_SIZE, self._leaving)
        elif had and not self._limits:
            stack.incoming.unhook(self._arriving)
            stack.outgoing.unhook(self._leaving)

    def interface_removed(self, interface: Interface) -> None:
        """What it said counts no more."""
        if interface.name in self._limits:
            interface.config.drop(AdjustMss)
            self.interface_configured(interface)

    def _arriving(self, transit: Transit) -> bool:
        self._clamp(transit, transit.came_in)
        return True

    def _leaving(self, transit: Transit) -> bool:
        if transit.came_in is not None:  # what is made here has the size of the interface that it leaves by
            self._clamp(transit, transit.out)
        return True

    def _clamp(self, transit: Transit, interface: Interface | None) -> None:
        limit = self._limits.get(interface.name) if interface is not None else None
        packet: IPv4Packet = transit.packet
        if limit is None or packet.protocol != Protocol.TCP or packet.fragment_offset:
            return
        clamped = clamp_mss(packet.payload, limit)
        if clamped != packet.payload:
            transit.packet = replace(packet, payload=clamped)
