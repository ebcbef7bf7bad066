"""One run of an operation, from the first packet to its result; and those that a responder helps."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.ip.vrf import Vrf
from iosemu.net.scheduler import Timer
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ip_sla import CONTROL_PORT, Control, JitterPacket, Kind, Status
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.ip_sla.config import Operation
from iosemu.subjects.ip_sla.results import NO_CONNECTION, OK, SOCKET_ERROR, TIMEOUT, Jitter, Result
from iosemu.tcp import Connected, Connection, ConnectionEvent, Refused, Unreachable

EPHEMERAL = (49152, 65536)
SLACK = 5000
"""Milliseconds that a responder keeps a port open beyond the operation's own time."""

Done = Callable[[Result], None]


class Attempt:
    """One run; `done` hears once what came of it, unless `close` or `expired` came before."""

    def __init__(self, device: Device, operation: Operation, source: IPv4Address | None, done: Done) -> None:
        self.device = device
        self.stack = device.service(IpStack)
        self.operation = operation
        self.source = source
        self.began = device.now
        self._done: Done | None = done

    @property
    def patience(self) -> float:
        """Seconds after which it has expired."""
        return self.operation.timeout / 1000

    @property
    def vrf(self) -> Vrf:
        """The routing instance that it asks in; whoever begins it has looked whether it is there."""
        return self.stack.vrf(self.operation.vrf)

    def begin(self) -> None:
        """Send what comes first."""
        raise NotImplementedError

    def close(self) -> None:
        """Send and expect nothing more; nobody is told."""
        self._done = None

    def expired(self) -> Result:
        """What is known when the time is over."""
        return Result(TIMEOUT)

    @property
    def elapsed(self) -> int:
        """Milliseconds since it began, at least 1."""
        return max(1, int((self.device.now - self.began) * 1000))

    def end(self, result: Result) -> None:
        """Tell the result, once whoever brought it is done."""
        done, self._done = self._done, None
        if done is not None:
            self.device.scheduler.after(0.0, lambda: done(result))


class _Controlled(Attempt):
    """One that may ask a responder first to open the port."""

    kind = Kind.ECHO

    def __init__(self, device: Device, operation: Operation, source: IPv4Address | None, done: Done) -> None:
        super().__init__(device, operation, source, done)
        self._ports: list[int] = []
        self._asked: Control | None = None
        self.opened = not operation.control

    def open_port(self, handler: Callable[[IPv4Packet, UdpDatagram, str], None], wanted: int = 0) -> int:
        """Take a UDP port of ours until the end, `wanted` where it is free."""
        port = wanted
        while not port or self.stack.listens(port):
            port = self.device.rng.randrange(*EPHEMERAL)
        self.stack.bind_udp(port, handler, vrf=self.operation.vrf)
        self._ports.append(port)
        return port

    def begin(self) -> None:
        """Ask."""
        if self.opened:
            self.measure()
            return
        assert self.operation.destination is not None
        self._asked = Control(
            self.device.rng.randrange(0, 1 << 32),
            self.kind,
            self.operation.destination,
            self.operation.port,
            int(self.patience * 1000) + SLACK,
            stamp=int(self.device.now * 1e6),
        )
        self.send(self.open_port(self._controlled), CONTROL_PORT, self._asked.to_bytes())

    def send(self, port: int, to: int, data: bytes) -> None:
        """A datagram to the other end."""
        assert self.operation.destination is not None
        self.stack.send_udp(
            self.source, port, self.operation.destination, to, data, tos=self.operation.tos, vrf=self.vrf
        )

    def _controlled(self, _packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        try:
            answer = Control.parse(datagram.payload)
        except MalformedPacket:
            return
        if self.opened or self._asked is None or answer.sequence != self._asked.sequence:
            return
        if answer.status != Status.SUCCESS:
            self.end(Result(NO_CONNECTION))
            return
        self.opened = True
        self.began = self.device.now
        self.measure()

    def measure(self) -> None:
        """The port is open: measure."""
        raise NotImplementedError

    def expired(self) -> Result:
        """What is known by then."""
        return Result(TIMEOUT if self.opened else NO_CONNECTION)

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        for port in self._ports:
            self.stack.bind_udp(port, None, vrf=self.operation.vrf)
        self._ports.clear()


class UdpEcho(_Controlled):
    """`udp-echo`: a datagram that comes back."""

    _sent = b""

    def measure(self) -> None:
        """The port is open: measure."""
        self._sent = self.device.rng.randbytes(self.operation.size)
        self.send(self.open_port(self._echoed, self.operation.source_port), self.operation.port, self._sent)

    def _echoed(self, packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        if packet.source == self.operation.destination and datagram.payload == self._sent:
            self.end(Result(OK, self.elapsed))


class UdpJitter(_Controlled):
    """`udp-jitter`: datagrams at an even pace, which the responder counts and stamps (RFC 6812 section 4)."""

    kind = Kind.JITTER

    def __init__(self, device: Device, operation: Operation, source: IPv4Address | None, done: Done) -> None:
        super().__init__(device, operation, source, done)
        self._answers: dict[int, tuple[JitterPacket, int]] = {}
        self._count = 0
        self._port = 0
        self._next: Timer | None = None

    @property
    def patience(self) -> float:
        """Seconds, with those in which packets are sent."""
        return (self.operation.timeout + self.operation.packets * self.operation.interval) / 1000

    def measure(self) -> None:
        """The port is open: measure."""
        self._port = self.open_port(self._returned, self.operation.source_port)
        self._send_one()

    def _send_one(self) -> None:
        self._count += 1
        if self._count < self.operation.packets:
            self._next = self.device.scheduler.after(self.operation.interval / 1000, self._send_one)
        packet = JitterPacket(self._count, int(self.device.now * 1e6))
        self.send(self._port, self.operation.port, packet.to_bytes(self.operation.size))

    def _returned(self, packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        try:
            answer = JitterPacket.parse(datagram.payload)
        except MalformedPacket:
            return
        if packet.source != self.operation.destination or not 0 < answer.sequence <= self._count:
            return
        self._answers.setdefault(answer.sequence, (answer, int(self.device.now * 1e6)))
        if len(self._answers) == self.operation.packets:
            self.end(self._measured())

    def _measured(self) -> Result:
        found = Jitter.measured(self._count, list(self._answers.values()))
        return Result(OK, max(1, round(sum(found.rtts) / len(found.rtts))), found)

    def expired(self) -> Result:
        """What is known by then."""
        return self._measured() if self._answers else super().expired()

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        if self._next is not None:
            self._next.cancel()


class TcpConnect(_Controlled):
    """`tcp-connect`: how long a connection takes to open."""

    kind = Kind.TCP
    _connection: Connection | None = None

    def measure(self) -> None:
        """The port is open: measure."""
        assert self.operation.destination is not None
        try:
            self._connection = self.device.service(Tcp).connect(
                self.operation.destination,
                self.operation.port,
                self._told,
                source=self.source,
                vrf=self.operation.vrf,
                tos=self.operation.tos,
            )
        except NoRouteError:
            self.opened = True  # silence, as of one who does not answer

    def _told(self, event: ConnectionEvent) -> None:
        match event:
            case Connected():
                event.connection.close(self.device.now)
                self._connection = None
                self.end(Result(OK, self.elapsed))
            case Refused() | Unreachable():
                self._connection = None
                self.end(Result(SOCKET_ERROR, 0))
            case _:
                pass

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        if self._connection is not None:
            self.device.service(Tcp).abort(self._connection)
            self._connection = None
