"""Serial lines: who frames the packets of an interface without stations, and when its line protocol is up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.service import Service
from iosemu.ip.stack import LIMITED_BROADCAST, IpStack
from iosemu.net.link import Port
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.framing import Framing
from iosemu.packets.ipv4 import IPv4Packet

KIND = "Serial"
CLOCK = 2_000_000
"""Bits per second of the end that gives the clock, where nothing else is configured."""
OVERHEAD = 4
"""Octets on the line besides those of a frame: FCS, a flag, and about one in stuffed bits (ISO 13239)."""
HOLD_QUEUE = 40
"""Frames that wait for the line, at most."""


@dataclass
class SerialSettings:
    """What is typed under `interface SerialX` about the line itself."""

    encapsulation: str = "hdlc"
    ietf: bool = False
    """`encapsulation frame-relay ietf`: packets in frames as RFC 2427 has it."""
    clock_rate: int | None = None
    """Bits per second; None: what the hardware does."""
    loopback: bool = False


class LinkProtocol(ABC):
    """What runs on one line: it frames packets, and says whether the line protocol may be up."""

    framing: ClassVar[Framing]
    name: ClassVar[str]
    """As shows call it."""

    def __init__(self, device: Device, interface: Interface) -> None:
        self.device = device
        self.interface = interface

    @abstractmethod
    def start(self) -> None:
        """The line is there: the carrier came, or this is the encapsulation from now on."""

    @abstractmethod
    def stop(self) -> None:
        """The line is gone, or has another encapsulation: cancel every timer."""

    @abstractmethod
    def configured(self) -> None:
        """Something was configured under the interface while the line is there."""

    @abstractmethod
    def receive(self, frame: bytes) -> None:
        """Take a frame from the line. Raises MalformedPacket."""

    @abstractmethod
    def send(self, packet: IPv4Packet, out: Interface, next_hop: IPv4Address) -> bool:
        """Frame an IPv4 packet and send it out of the interface or a subinterface; False: dropped."""

    @abstractmethod
    def send_control(self, ethertype: int, payload: bytes) -> bool:
        """Frame what another protocol says to all at the other end (CDP); False: it cannot be carried."""

    def send_control_by(self, out: Interface, ethertype: int, payload: bytes) -> bool:
        """The same out of a subinterface, where there are some."""
        return False

    @abstractmethod
    def header(self) -> bytes:
        """What stands before an IPv4 packet."""

    @abstractmethod
    def describe(self) -> list[str]:
        """What `show interfaces` says behind `Encapsulation`, line by line."""

    def details(self) -> list[str]:
        """What `show interfaces` says below the keepalive, line by line."""
        return []

    def hold(self, down: bool, note: str = "") -> None:
        """Keep the line protocol down, or no longer."""
        interface = self.interface
        interface.note = note
        if interface.protocol_held != down:
            interface.protocol_held = down
            interface.refresh()

    @property
    def loopback(self) -> str:
        """How `show interfaces` speaks of a loop."""
        return f"loopback {'' if self.interface.config.of(SerialSettings).loopback else 'not '}set"


ControlHandler = Callable[[Interface, bytes], None]
ProtocolFactory = Callable[[Device, Interface], LinkProtocol]


class SerialLines(Service):
    """The serial ports of a router. Other lines (ATM, BRI) have no framing here: their protocol stays down."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.encapsulations: dict[str, ProtocolFactory] = {}
        """By the word of `encapsulation`; subjects add theirs when they start."""
        self.control: dict[int, ControlHandler] = {}
        """Who takes what comes in by serial lines, by EtherType."""
        self._lines: dict[str, LinkProtocol] = {}
        self._factories: dict[str, ProtocolFactory] = {}
        self._running: set[str] = set()
        """Lines that are there."""
        self._looped: set[str] = set()

    def start(self) -> None:
        """Carry the packets that leave by serial lines."""
        self.device.service(IpStack).bind_link(KIND, self.send)

    def stop(self) -> None:
        """Forget all timers."""
        for name in list(self._running):
            self._end(name)

    def adopt(self, interface: str, line: LinkProtocol | None) -> None:
        """What runs on an interface without a port, for those who ask; None: nothing any more."""
        if line is None:
            self._lines.pop(interface, None)
        else:
            self._lines[interface] = line

    def protocol_of(self, interface: str) -> LinkProtocol | None:
        """What runs on a line; None: it is none, or nothing can run there."""
        return self._lines.get(interface)

    # --- lines come and go ---------------------------------------------------------------------------

    def interface_added(self, interface: Interface) -> None:
        """Take the frames of a serial port."""
        port = interface.port
        if port is None or not interface.serial:
            return
        if interface.kind != KIND:
            interface.protocol_held = True
            return
        port.overhead, port.room = OVERHEAD, HOLD_QUEUE
        interface.receiver = lambda frame: self._receive(interface, frame)
        interface.state_listeners += (lambda: self._state_changed(interface),)
        self._take_up(interface)

    def interface_configured(self, interface: Interface) -> None:
        """Its encapsulation, clock or keepalive may be another."""
        if interface.is_physical and interface.name in self._lines:
            self._take_up(interface)

    def _take_up(self, interface: Interface) -> None:
        """Run what is configured on a line."""
        settings = interface.config.of(SerialSettings)
        self._loop(interface, settings.loopback)
        set_clock(interface.port, settings.clock_rate)
        wanted = self.encapsulations[settings.encapsulation]
        line = self._lines.get(interface.name)
        if line is None or self._factories.get(interface.name) is not wanted:
            self._end(interface.name)
            self._factories[interface.name] = wanted
            line = self._lines[interface.name] = wanted(self.device, interface)
            interface.counters.framing = line.framing
            if interface.port is not None:
                interface.port.framing = line.framing
            if interface.line_up:
                self._begin(interface.name)
        elif interface.name in self._running:
            line.configured()

    def _state_changed(self, interface: Interface) -> None:
        if interface.line_up:
            self._begin(interface.name)
        else:
            self._end(interface.name)

    def _begin(self, name: str) -> None:
        if name not in self._running:
            self._running.add(name)
            self._lines[name].start()

    def _end(self, name: str) -> None:
        if name in self._running:
            self._running.discard(name)
            self._lines[name].stop()

    def _loop(self, interface: Interface, looped: bool) -> None:
        """`loopback`: what is sent comes back when it has left."""
        port = interface.port
        if port is None or looped == (interface.name in self._looped):
            return
        if looped:
            self._looped.add(interface.name)
            interface.has_carrier = lambda: True
            interface.transmit = lambda frame: self._return(interface, port, frame)
            port.receiver = lambda _frame: None
        else:
            self._looped.discard(interface.name)
            interface.has_carrier = lambda: port.carrier
            interface.transmit = port.send
            port.receiver = interface.frame_received
        interface.refresh()

    def _return(self, interface: Interface, port: Port, frame: bytes) -> None:
        left = port.queue(self.device.now, len(frame))
        if left is None:
            interface.counters.out_drops += 1
        else:
            self.device.scheduler.at(left, lambda: interface.frame_received(frame))

    # --- packets -------------------------------------------------------------------------------------

    def send(self, packet: IPv4Packet, interface: Interface, next_hop: IPv4Address) -> bool:
        """Frame a packet."""
        line = self._lines.get(interface.config.parent or interface.name)
        return line is not None and line.send(packet, interface, next_hop)

    def send_control(self, interface: Interface, ethertype: int, payload: bytes) -> bool:
        """Send what a protocol beside IP says to all at the other end; False: the line does not carry it."""
        parent = interface.config.parent
        line = self._lines.get(parent or interface.name)
        if line is None:
            return False
        if parent is not None:
            return line.send_control_by(interface, ethertype, payload)
        return line.send_control(ethertype, payload)

    def take_control(self, interface: Interface, ethertype: int, payload: bytes) -> None:
        """Hand over what came for a protocol beside IP; counted where there is none."""
        handler = self.control.get(ethertype)
        if handler is None:
            interface.counters.in_unknown_protocol += 1
        elif interface.protocol_up:
            handler(interface, payload)

    def _receive(self, interface: Interface, frame: bytes) -> None:
        try:
            self._lines[interface.name].receive(frame)
        except MalformedPacket:
            interface.counters.in_errors += 1


POINT_TO_POINT = " point-to-point"
"""What stands behind the name of a subinterface with one circuit: `InterfaceConfig.suffix`."""


def has_one_circuit(config: InterfaceConfig) -> bool:
    """Whether it is a subinterface of Frame Relay with one station at the other end."""
    return config.kind == KIND and config.suffix == POINT_TO_POINT


def to_all(packet: IPv4Packet) -> bool:
    """Whether a packet is for all at the other end."""
    return packet.destination.is_multicast or packet.destination == LIMITED_BROADCAST


def clocked_by(port: Port) -> Port | None:
    """The end of a port's cable that gives the clock; itself where the cable leads out of the lab, None without one."""
    if port.link is None:
        return None
    return port.link.dce or port


def set_clock(port: Port | None, rate: int | None) -> None:
    """Let both directions of a port's line run at `rate` bits per second, if the port gives the clock."""
    if port is None:
        return
    if port.link is None:
        port.rate = float(rate or CLOCK)
    elif clocked_by(port) is port:
        for end in port.link.ends:
            end.rate = float(rate or CLOCK)
