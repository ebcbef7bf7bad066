"""Telnet (RFC 854) over TCP: the far ends of users who go on from here, and those who come here."""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address

from iosemu.box.vtys import vty_lines
from iosemu.ip.line_port import LinePort
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.net.signal import Signal
from iosemu.subjects.telnet.config import DEBUG
from iosemu.tcp import (
    Closed,
    Connected,
    Connection,
    ConnectionClosed,
    ConnectionEvent,
    Endpoint,
    PeerClosed,
    Refused,
    Reset,
    TimedOut,
    Unreachable,
)
from iosemu.terminal.nvt import CLIENT, FUNCTIONS, IAC, OPTIONS, VERBS, Nvt

PORT = 23


class Failure(Enum):
    """Why there is no connection, in the words of IOS."""

    REFUSED = "% Connection refused by remote host"
    SILENT = "% Connection timed out; remote host not responding"
    UNREACHABLE = "% Destination unreachable; gateway or host down"


class Peer:
    """One connection, with Telnet's octets taken out of what comes and put into what goes."""

    def __init__(self, tcp: Tcp, nvt: Nvt) -> None:
        self.signal = Signal()
        """Something came, the connection is up, or there is none any more."""
        self.connected = False
        self.failure: Failure | None = None
        self._tcp = tcp
        self.nvt = nvt
        self._connection: Connection | None = None
        self._waiting = bytearray()
        """What the connection did not take yet."""
        self._over = False
        self._leaving = False
        """It is hung up as soon as all has gone."""

    def attach(self, connection: Connection) -> None:
        """This is the connection."""
        self._connection = connection

    @property
    def local(self) -> Endpoint | None:
        """Our end."""
        return None if self._connection is None else self._connection.local

    @property
    def open(self) -> bool:
        """There is a connection, and all that came over it has not been read."""
        connection = self._connection
        return connection is not None and (not self._over or connection.readable > 0)

    @property
    def settled(self) -> bool:
        """Nothing is on its way: whatever was sent has arrived."""
        connection = self._connection
        if connection is None or self._over:
            return True
        return not self._waiting and not connection.view().unacknowledged

    @property
    def unread(self) -> int:
        """Octets that came and were not read."""
        return 0 if self._connection is None else self._connection.readable

    def read(self) -> bytes:
        """What the other end typed, or printed."""
        if self._connection is None:
            return b""
        data = self.nvt.receive(self._connection.read(self._tcp.device.now))
        self._send(self.nvt.output())
        self._tcp.run()
        return data

    def write(self, data: bytes) -> None:
        """Type, or print, there."""
        self._send(Nvt.escaped(data))
        self._tcp.run()

    @property
    def clogged(self) -> bool:
        """What was written last has not gone yet: the other end does not read."""
        return bool(self._waiting)

    def negotiate(self) -> None:
        """Send what this end offers and asks for."""
        self._send(self.nvt.output())
        self._tcp.run()

    def close(self) -> None:
        """Hang up, when all has gone that was written."""
        self._leaving = True
        self._send(b"")
        self._tcp.run()
        self.signal.emit()

    def abort(self) -> None:
        """Cut the connection."""
        if self._connection is not None and not self._over:
            self._over = True
            self._tcp.abort(self._connection)
        self.signal.emit()

    def told(self, event: ConnectionEvent) -> None:
        """What happened to the connection."""
        self.attach(event.connection)
        match event:
            case Connected():
                self.connected = True
            case Refused():
                self._end(Failure.REFUSED)
            case TimedOut():
                self._end(Failure.SILENT)
            case Unreachable():
                if not self.connected:
                    self._end(Failure.UNREACHABLE)
            case PeerClosed():
                self.close()
            case Reset() | Closed():
                self._end(None)
            case _:
                self._send(b"")
        self.signal.emit()

    def _end(self, failure: Failure | None) -> None:
        self._over = True
        self.failure = failure
        self._waiting.clear()

    def _send(self, data: bytes) -> None:
        self._waiting += data
        connection = self._connection
        if connection is None or self._over or not self.connected:
            return
        if self._waiting:
            try:
                taken = connection.send(bytes(self._waiting), self._tcp.device.now)
            except ConnectionClosed:
                taken = len(self._waiting)
            del self._waiting[:taken]
        if self._leaving and not self._waiting:
            self._over = True
            connection.close(self._tcp.device.now)


class Outgoing(Peer):
    """A box that a user of this one has gone on to (`handling.effects.FarEnd`)."""

    def __init__(self, tcp: Tcp, host: str, address: IPv4Address, size: tuple[int, int], now: float) -> None:
        super().__init__(tcp, Nvt(role=CLIENT, terminal="vt100", size=size))
        self.host = host
        self.address = address
        self.number = 0
        """In `show sessions`; 0: it has none yet."""
        self.used = now
        """Lab time at which the user was there last."""

    @property
    def decided(self) -> bool:
        """There is a connection, or there will be none."""
        return self.connected or self.failure is not None or not self.open

    def function(self, letter: str) -> None:
        """Send a function of the virtual terminal (RFC 854)."""
        self._send(bytes((IAC, FUNCTIONS[letter])))
        self._tcp.run()


class Incoming(Peer):
    """Somebody who comes over the lab's own network."""

    def __init__(self, tcp: Tcp, vrf: str = "") -> None:
        super().__init__(tcp, Nvt())
        self.vrf = vrf
        """The routing instance that he comes from."""

    @property
    def address(self) -> str:
        """Where from."""
        return "" if self._connection is None else str(self._connection.remote.address)


class Telnet(LinePort):
    """Port 23, where a terminal line takes Telnet; and connections to other boxes."""

    protocol, port = "telnet", PORT

    def _accepts(self, local: Endpoint, remote: Endpoint, vrf: str) -> bool:
        terminals = self.device.terminals
        return terminals is not None and terminals.admits("telnet", str(remote.address), vrf)

    def _arrived(self, event: ConnectionEvent) -> None:
        peer = Incoming(self._tcp, self._tcp.vrf_of(event.connection))
        self._tcp.hand_over(event.connection, peer.told)
        peer.told(event)
        terminals = self.device.terminals
        if terminals is None or not peer.open or not terminals.answer(peer):
            peer.abort()
            return
        self._watch(peer)
        peer.negotiate()

    def _watch(self, peer: Incoming) -> None:
        """`debug telnet`: what is negotiated with somebody who has come, told by his line."""
        lines = [line for line in vty_lines(self.device) if line.busy and line.origin == peer.address]
        tty = max(lines, key=lambda line: line.since).tty if lines else 0

        def noted(sent: bool, verb: int, option: int) -> None:
            if self.device.debugging.wants(DEBUG):
                name = OPTIONS.get(option, "UNKNOWN")
                way = "sent" if sent else "received"
                self.device.log("", 7, "", f"TCP{tty}: Telnet {way} {VERBS[verb]} {name} ({option})")

        for verb, option in peer.nvt.opening:
            noted(True, verb, option)
        peer.nvt.noted = noted

    def connect(
        self,
        host: str,
        address: IPv4Address,
        port: int,
        source: IPv4Address | None,
        size: tuple[int, int],
        vrf: str = "",
    ) -> Outgoing:
        """Go on to another box; `decided` tells when it is known what came of it."""
        far = Outgoing(self._tcp, host, address, size, self.device.now)
        try:
            far.attach(
                self._tcp.connect(address, port, far.told, source=source, config=self.tcp_config, vrf=vrf)
            )
        except NoRouteError:
            far.failure = Failure.UNREACHABLE
        return far
