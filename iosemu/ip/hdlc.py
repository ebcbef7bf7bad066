"""Cisco's HDLC on a serial line; the line protocol follows the keepalives."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.config import IpSettings
from iosemu.ip.serial import LinkProtocol, SerialLines, to_all
from iosemu.ip.stack import IpStack
from iosemu.net.hdlc_line import HdlcLine
from iosemu.net.scheduler import Timer
from iosemu.packets.ethernet import EtherType
from iosemu.packets.framing import Framing
from iosemu.packets.hdlc import SLARP, HdlcAddress, HdlcFrame, SlarpAddress, SlarpKeepalive, slarp
from iosemu.packets.ipv4 import IPv4Packet


class Hdlc(LinkProtocol):
    """One line: keepalives go out, and those that come in say whether the other end hears them."""

    framing = Framing.HDLC
    name = "HDLC"

    def __init__(self, device: Device, interface: Interface) -> None:
        super().__init__(device, interface)
        self._line = HdlcLine()
        self._timer: Timer | None = None
        self._seconds: int | None = None

    def start(self) -> None:
        """Begin to send keepalives."""
        self.interface.protocol_delay = 1.0
        self._seconds = self.interface.config.keepalive
        self._line = HdlcLine(self.device.rng.randrange(0, 1 << 32))
        self.hold(False)
        if self._seconds:
            self._timer = self.device.scheduler.after(0.0, self._tick)

    def stop(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.interface.note = ""

    def configured(self) -> None:
        """`keepalive` may be another."""
        if self.interface.config.keepalive != self._seconds:
            self.stop()
            self.start()

    def send(self, packet: IPv4Packet, out: Interface, next_hop: IPv4Address) -> bool:
        """Frame a packet."""
        address = HdlcAddress.MULTICAST if to_all(packet) else HdlcAddress.UNICAST
        return self.interface.send(HdlcFrame(address, EtherType.IPV4, packet.to_bytes()).to_bytes())

    def send_control(self, ethertype: int, payload: bytes) -> bool:
        """Frame it for all."""
        return self.interface.send(HdlcFrame(HdlcAddress.MULTICAST, ethertype, payload).to_bytes())

    def header(self) -> bytes:
        """Address, control and EtherType."""
        return HdlcFrame(HdlcAddress.UNICAST, EtherType.IPV4, b"").to_bytes()

    def describe(self) -> list[str]:
        """One line."""
        return [f"{self.name}, {self.loopback}"]

    def receive(self, frame: bytes) -> None:
        """Keepalives count, packets go to the stack."""
        got = HdlcFrame.parse(frame)
        if got.protocol == SLARP:
            self._slarp(slarp(got.payload))
        elif got.protocol != EtherType.IPV4:
            self.device.service(SerialLines).take_control(self.interface, got.protocol, got.payload)
        elif self.interface.protocol_up:
            self.device.service(IpStack).tunnelled(IPv4Packet.parse(got.payload), self.interface)

    def _slarp(self, packet: SlarpKeepalive | SlarpAddress | None) -> None:
        if isinstance(packet, SlarpKeepalive):
            self._line.receive(packet)
            if self._seconds and self._line.alive:
                self.hold(False, "looped" if self._line.looped else "")
        elif packet is None:
            address = self.interface.config.of(IpSettings).address
            if address is not None:
                self.send_control(SLARP, SlarpAddress(address.ip, address.netmask).to_bytes())

    def _tick(self) -> None:
        """Send a keepalive, and see whether those before were answered."""
        self.send_control(SLARP, self._line.keepalive(self.device.now).to_bytes())
        if not self._line.alive:
            self.hold(True)
        assert self._seconds is not None
        self._timer = self.device.scheduler.after(self._seconds, self._tick)
