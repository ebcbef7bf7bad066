"""TACACS+ of a box: a connection for each question, to one server of a group after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.net.aaa.outcome import SILENCE, Outcome, Verdict
from iosemu.net.aaa.tacacs_client import Question, TacacsExchange
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal
from iosemu.subjects.aaa_servers.service import debug
from iosemu.subjects.aaa_servers.service.counters import TacacsCounters
from iosemu.tcp import (
    Closed,
    Connected,
    Connection,
    ConnectionClosed,
    ConnectionEvent,
    DataReceived,
    PeerClosed,
    Refused,
    Reset,
    TimedOut,
    Unreachable,
)


@dataclass(frozen=True)
class TacacsTarget:
    """A server as one question sees it."""

    address: IPv4Address
    port: int
    key: bytes
    timeout: float
    """Seconds for the connection, and for each answer."""
    counters: TacacsCounters
    vrf: str = ""
    """The routing instance that it is reached in."""


class TacacsQuestion:
    """One question to the servers of a group; the next one is asked while those before are silent."""

    def __init__(
        self,
        device: Device,
        targets: Sequence[TacacsTarget],
        question: Question,
        source: IPv4Address | None,
        number: int,
        over: Callable[[TacacsQuestion], object],
    ) -> None:
        self.signal = Signal()
        """It is decided."""
        self.outcome: Outcome | None = None
        self.number = number
        """Of the request, in debug output."""
        self._device = device
        self._tcp = device.service(Tcp)
        self._targets = list(targets)
        self._question = question
        self._source = source
        self._over = over
        self._connection: Connection | None = None
        self._exchange: TacacsExchange | None = None
        self._timer: Timer | None = None
        self._connected = False
        self._next()

    @property
    def target(self) -> TacacsTarget:
        """The server that is asked."""
        return self._targets[0]

    def _next(self) -> None:
        """Ask the first of the servers that are left."""
        while self._targets and self.outcome is None:
            target = self.target
            session = int.from_bytes(self._device.rng.randbytes(4), "big")
            self._exchange = TacacsExchange(self._question, target.key, session)
            self._connected = False
            debug.tacacs(self._device, f"TPLUS: Using server {target.address}")
            try:
                self._connection = self._tcp.connect(
                    target.address, target.port, self._told, source=self._source, vrf=target.vrf
                )
            except NoRouteError:
                target.counters.failed_connects += 1
                debug.tacacs(self._device, f"TPLUS({self.number:08X}): no route to {target.address}")
                del self._targets[0]
                continue
            self._wait()
            return
        if self.outcome is None:
            self._decide(SILENCE)

    def _wait(self) -> None:
        self._cancel()
        seconds = self.target.timeout
        debug.tacacs(self._device, f"TPLUS({self.number:08X}): Started {seconds:g} sec timeout")
        self._timer = self._device.scheduler.after(seconds, self._late)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        debug.tacacs(self._device, f"TPLUS({self.number:08X}): timed out")
        self.target.counters.timeouts += 1
        self._failed()

    def _failed(self) -> None:
        """This server does not decide: go on with the next."""
        self._cancel()
        counters = self.target.counters
        if not self._connected:
            counters.failed_connects += 1
        else:
            counters.aborts += 1
        connection, self._connection = self._connection, None
        del self._targets[0]
        if connection is not None:
            self._tcp.abort(connection)
        self._next()

    def _told(self, event: ConnectionEvent) -> None:
        if event.connection is not self._connection or self._exchange is None:
            return
        match event:
            case Connected():
                self._connected = True
                self.target.counters.opens += 1
                self._wait()
                try:
                    self._write(self._exchange.start())
                except ValueError:  # a name too long for the protocol
                    self._decide(Outcome(Verdict.FAIL))
            case DataReceived():
                self._read()
            case PeerClosed() | Closed() | Reset():
                self._read()
                if self.outcome is None:
                    self.target.counters.errors += 1
                    self._failed()
            case Refused() | TimedOut() | Unreachable():
                self._failed()
            case _:
                pass

    def _read(self) -> None:
        exchange, connection, counters = self._exchange, self._connection, self.target.counters
        if exchange is None or connection is None:
            return
        data = connection.read(self._device.now)
        if not data:
            return
        before = exchange.received
        out = exchange.receive(data)
        counters.received += exchange.received - before
        debug.tacacs_reply(self._device, exchange)
        if exchange.outcome is None:
            if out:
                self._wait()
                self._write(out)
        elif exchange.outcome.verdict is Verdict.ERROR:
            counters.errors += 1
            self._failed()
        else:
            self._decide(exchange.outcome)

    def _write(self, data: bytes) -> None:
        assert self._connection is not None
        self.target.counters.sent += 1
        debug.tacacs(self._device, f"TPLUS({self.number:08X}): wrote entire {len(data)} bytes request")
        try:
            self._connection.send(data, self._device.now)
        except ConnectionClosed:
            return  # the event that says so follows
        self._tcp.run()

    def _decide(self, outcome: Outcome) -> None:
        self._cancel()
        self.outcome = outcome
        connection, self._connection = self._connection, None
        if connection is not None:
            self.target.counters.closes += 1
            connection.close(self._device.now)
            self._tcp.run()
        self._over(self)
        self.signal.emit()

    def stop(self) -> None:
        """The power goes."""
        self._cancel()
