"""`ip sla responder`: opens ports for those who ask, and sends back what comes there."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import Tcp
from iosemu.net.scheduler import Timer
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ip_sla import CONTROL_PORT, Control, JitterPacket, Kind, Status
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.ip_sla.config import IpSlaConfig, PermanentPort
from iosemu.tcp import ConnectionEvent, PeerClosed, PortInUse

RECENT = 5
"""Sources that are remembered."""
MOST_PORTS = 1000
LONGEST = 24 * 3600 * 1000
"""Milliseconds for which a port is opened at most."""


class Responder(Service):
    """The control port, and the ports that are open now."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._stack = device.service(IpStack)
        self._tcp = device.service(Tcp)
        self.messages = 0
        self.errors = 0
        self.recent: deque[tuple[IPv4Address, float]] = deque(maxlen=RECENT)
        """Who asked last, and when in lab seconds; the latest first."""
        self.faulty: deque[tuple[IPv4Address, float]] = deque(maxlen=RECENT)
        self.open: dict[tuple[Kind, int], Timer | None] = {}
        """The ports, and when they are closed; None: never."""
        self._counts: dict[tuple[int, IPv4Address, int], int] = {}
        """Test packets of udp-jitter by port and sender."""

    @property
    def _config(self) -> IpSlaConfig:
        return self.device.config.of(IpSlaConfig)

    def start(self) -> None:
        """Do as the startup configuration says."""
        self.changed()

    def stop(self) -> None:
        """Power goes."""
        for timer in self.open.values():
            if timer is not None:
                timer.cancel()
        self.open.clear()

    def changed(self) -> None:
        """The responder, or one of its permanent ports, may have come or gone."""
        if not self.device.powered:
            return
        self._stack.bind_udp(CONTROL_PORT, self._controlled if self._config.responder else None)
        wanted = {(self._kind(each), each.port) for each in self._config.permanent}
        for key, timer in list(self.open.items()):
            if (timer is None and key not in wanted) or (timer is not None and not self._config.responder):
                self._shut(key)
        for key in sorted(wanted):
            if key not in self.open or self.open[key] is not None:
                self._unplan(key)
                if key in self.open or self._opened(key):
                    self.open[key] = None

    @staticmethod
    def _kind(each: PermanentPort) -> Kind:
        return Kind.TCP if each.kind == "tcp-connect" else Kind.ECHO

    # --- ports ---------------------------------------------------------------------------------------

    def _opened(self, key: tuple[Kind, int]) -> bool:
        """Whether a port could be opened, or is by somebody who will answer."""
        kind, port = key
        if kind is Kind.TCP:
            try:
                self._tcp.listen(port, self._connected)
            except PortInUse:
                return False
            return True
        if self._stack.listens(port):
            return False
        self._stack.bind_udp(port, self._jitter if kind is Kind.JITTER else self._echo)
        return True

    def _shut(self, key: tuple[Kind, int]) -> None:
        self._unplan(key)
        del self.open[key]
        kind, port = key
        if kind is Kind.TCP:
            self._tcp.stop_listening(port)
            return
        self._stack.bind_udp(port, None)
        for counted in [each for each in self._counts if each[0] == port]:
            del self._counts[counted]

    def _unplan(self, key: tuple[Kind, int]) -> None:
        timer = self.open.get(key)
        if timer is not None:
            timer.cancel()

    def _controlled(self, packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        self.messages += 1
        try:
            asked = Control.parse(datagram.payload)
            if asked.status:
                raise MalformedPacket("an answer")
        except MalformedPacket:
            self._fault(packet.source)
            return
        key = (asked.kind, asked.port)
        held = self.open.get(key)
        fits = key in self.open or (len(self.open) < MOST_PORTS and self._opened(key))
        # a TCP port that something else of the box listens on answers by itself
        taken = asked.kind is Kind.TCP and not fits and len(self.open) < MOST_PORTS
        if fits and (key not in self.open or held is not None):
            self._unplan(key)
            seconds = min(asked.duration, LONGEST) / 1000
            self.open[key] = self.device.scheduler.after(seconds, lambda: self._shut(key))
        if fits or taken:
            self._note(self.recent, packet.source)
        else:
            self._fault(packet.source)
        status = Status.SUCCESS if fits or taken else Status.FAILED
        answer = replace(asked, status=status).to_bytes()
        self._stack.send_udp(packet.destination, CONTROL_PORT, packet.source, datagram.source_port, answer)

    def _fault(self, source: IPv4Address) -> None:
        self.errors += 1
        self._note(self.faulty, source)

    def _note(self, where: deque[tuple[IPv4Address, float]], source: IPv4Address) -> None:
        for each in [each for each in where if each[0] == source]:
            where.remove(each)
        where.appendleft((source, self.device.now))

    # --- test packets --------------------------------------------------------------------------------

    def _echo(self, packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        self._stack.send_udp(
            packet.destination,
            datagram.destination_port,
            packet.source,
            datagram.source_port,
            datagram.payload,
        )

    def _jitter(self, packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        try:
            heard = JitterPacket.parse(datagram.payload)
        except MalformedPacket:
            return
        key = (datagram.destination_port, packet.source, datagram.source_port)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        answer = heard.answer(count, int(self.device.now * 1e6)).to_bytes(len(datagram.payload))
        self._stack.send_udp(
            packet.destination, datagram.destination_port, packet.source, datagram.source_port, answer
        )

    def _connected(self, event: ConnectionEvent) -> None:
        if isinstance(event, PeerClosed):
            event.connection.close(self.device.now)
