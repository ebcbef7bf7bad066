"""IP over serial lines with Cisco's HDLC; the line protocol follows the keepalives."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium
from iosemu.box.service import Service
from iosemu.ip.stack import LIMITED_BROADCAST, IpStack
from iosemu.net.hdlc_line import HdlcLine
from iosemu.net.scheduler import Timer
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EtherType
from iosemu.packets.hdlc import SLARP, HdlcAddress, HdlcFrame, SlarpKeepalive
from iosemu.packets.ipv4 import IPv4Packet

KIND = "Serial"


class SerialLines(Service):
    """The serial ports of a router. Other lines (ATM, BRI) have no framing here: their protocol stays down."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._lines: dict[str, HdlcLine] = {}
        self._timers: dict[str, Timer] = {}

    def start(self) -> None:
        """Carry the packets that leave by serial lines."""
        self.device.service(IpStack).bind_link(KIND, self.send)

    def stop(self) -> None:
        """Forget all timers."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def interface_added(self, interface: Interface) -> None:
        """Take the frames of a serial port."""
        if not interface.is_physical or interface.type.medium is not Medium.SERIAL:
            return
        if interface.kind != KIND:
            interface.protocol_held = True
            return
        self._lines[interface.name] = HdlcLine()
        interface.receiver = lambda frame: self._receive(interface, frame)

    def interface_configured(self, interface: Interface) -> None:
        """`keepalive` may be another."""
        if interface.name in self._lines:
            self._restart(interface)

    def protocol_changed(self, interface: Interface) -> None:
        """A line that came up begins to send keepalives."""
        if interface.protocol_up and interface.name in self._lines and interface.name not in self._timers:
            self._restart(interface)

    def send(self, packet: IPv4Packet, interface: Interface, next_hop: IPv4Address) -> bool:
        """Frame a packet."""
        to_all = packet.destination.is_multicast or packet.destination == LIMITED_BROADCAST
        address = HdlcAddress.MULTICAST if to_all else HdlcAddress.UNICAST
        return interface.send(HdlcFrame(address, EtherType.IPV4, packet.to_bytes()).to_bytes())

    def _restart(self, interface: Interface) -> None:
        timer = self._timers.pop(interface.name, None)
        if timer is not None:
            timer.cancel()
        self._hold(interface, False)
        if interface.config.keepalive and interface.line_up:
            self._lines[interface.name] = HdlcLine()
            self._timers[interface.name] = self.device.scheduler.after(0.0, lambda: self._tick(interface))

    def _tick(self, interface: Interface) -> None:
        """Send a keepalive, and see whether those before were answered."""
        self._timers.pop(interface.name, None)
        seconds = interface.config.keepalive
        if not interface.line_up or not seconds:
            self._hold(interface, False)
            return
        line = self._lines[interface.name]
        data = line.keepalive().to_bytes()
        interface.send(HdlcFrame(HdlcAddress.MULTICAST, SLARP, data).to_bytes())
        self._hold(interface, not line.alive)
        self._timers[interface.name] = self.device.scheduler.after(seconds, lambda: self._tick(interface))

    def _hold(self, interface: Interface, down: bool) -> None:
        if interface.protocol_held != down:
            interface.protocol_held = down
            interface.refresh()

    def _receive(self, interface: Interface, data: bytes) -> None:
        try:
            frame = HdlcFrame.parse(data)
            if frame.protocol == SLARP:
                self._slarp(interface, SlarpKeepalive.parse(frame.payload))
            elif frame.protocol == EtherType.IPV4 and interface.protocol_up:
                self.device.service(IpStack).tunnelled(IPv4Packet.parse(frame.payload), interface)
            elif frame.protocol != EtherType.IPV4:
                interface.counters.in_unknown_protocol += 1
        except MalformedPacket:
            interface.counters.in_errors += 1

    def _slarp(self, interface: Interface, keepalive: SlarpKeepalive | None) -> None:
        if keepalive is None:
            return
        line = self._lines[interface.name]
        line.receive(keepalive)
        if line.alive and interface.config.keepalive:
            self._hold(interface, False)
