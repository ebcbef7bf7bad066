"""HTTP over a box's own TCP (RFC 9112): a server on port 80, and questions to servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from urllib.parse import parse_qs, urlsplit

import h11

from iosemu.box.device import Device
from iosemu.box.running_config import default_lines
from iosemu.box.service import Service
from iosemu.box.system import SystemConfig
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.net.scheduler import Timer
from iosemu.tcp import (
    Closed,
    Connected,
    Connection,
    ConnectionEvent,
    DataReceived,
    Endpoint,
    PeerClosed,
    Refused,
    Reset,
    TimedOut,
    Unreachable,
    Writable,
)

PORT = 80
LARGEST = 1 << 20
"""Octets of a message's body."""
MOST_CONNECTIONS = 16
PATIENCE = 30.0
"""Seconds of lab time for a question, or for one that says nothing."""
PKI_AGENT = "Mozilla/4.0 (compatible; MSIE 5.0; Cisco PKI)"
"""What a box that asks an authority says that it is."""


@dataclass(frozen=True)
class HttpRequest:
    """A question."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class HttpAnswer:
    """An answer."""

    status: int
    body: bytes = b""
    type: str = "text/plain"


class Wire:
    """A TCP connection that takes what is to be sent when there is room."""

    def __init__(self, tcp: Tcp, connection: Connection) -> None:
        self._tcp = tcp
        self._connection = connection
        self._waiting = b""
        self._closing = False

    def write(self, data: bytes) -> None:
        """Send, now or when there is room."""
        self._waiting += data
        self.flush()

    def flush(self) -> None:
        """Send what there is room for."""
        now = self._tcp.device.now
        if self._waiting and self._connection.writable:
            taken = self._connection.send(self._waiting, now)
            self._waiting = self._waiting[taken:]
        if self._closing and not self._waiting:
            self._closing = False
            self._connection.close(now)
        self._tcp.run()

    def read(self) -> bytes:
        """What came."""
        return self._connection.read(self._tcp.device.now)

    def finish(self) -> None:
        """Close, when all has gone."""
        self._closing = True
        self.flush()

    def abort(self) -> None:
        """Cut the connection."""
        self._tcp.abort(self._connection)


class _Exchange:
    """A client's connection: one question, one answer."""

    def __init__(self, server: HttpServer, tcp: Tcp, connection: Connection) -> None:
        self._server = server
        self._wire = Wire(tcp, connection)
        self._http = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = b""
        self._timer: Timer = server.device.scheduler.after(PATIENCE, self._gone)

    def told(self, event: ConnectionEvent) -> None:
        """What happened to the connection."""
        match event:
            case DataReceived():
                self._http.receive_data(self._wire.read())
                self._look()
            case PeerClosed():
                self._look()
                self._wire.finish()
            case Writable():
                self._wire.flush()
            case Closed() | Reset() | TimedOut():
                self._end()

    def _look(self) -> None:
        try:
            while True:
                event = self._http.next_event()
                if isinstance(event, h11.Request):
                    self._request = event
                elif isinstance(event, h11.Data):
                    self._body += bytes(event.data)
                    if len(self._body) > LARGEST:
                        self._wire.abort()
                        self._end()
                        return
                elif isinstance(event, h11.EndOfMessage):
                    self._answer()
                    return
                else:
                    return
        except h11.RemoteProtocolError:
            self._send(HttpAnswer(400, b"400 Bad Request\r\n"))

    def _answer(self) -> None:
        assert self._request is not None
        split = urlsplit(self._request.target.decode("latin-1"))
        # a + in base64 stands for itself: GET of RFC 8894 encodes it, old clients do not
        query = {
            key: values[0]
            for key, values in parse_qs(split.query.replace("+", "%2B"), keep_blank_values=True).items()
        }
        request = HttpRequest(self._request.method.decode("latin-1"), split.path, query, self._body)
        self._send(self._server.answer(request))

    def _send(self, answer: HttpAnswer) -> None:
        headers = [
            ("Server", "cisco-IOS"),
            ("Connection", "close"),
            ("Content-Type", answer.type),
            ("Content-Length", str(len(answer.body))),
        ]
        try:
            data = self._http.send(h11.Response(status_code=answer.status, headers=headers)) or b""
            data += self._http.send(h11.Data(data=answer.body)) or b""
            data += self._http.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError:  # what came was none of HTTP: there is no state to answer in
            self._wire.abort()
            self._end()
            return
        self._wire.write(data)
        self._wire.finish()

    def _gone(self) -> None:
        self._wire.abort()
        self._end()

    def _end(self) -> None:
        self._timer.cancel()
        self._server.ended(self)


class HttpServer(Service):
    """`ip http server`: whoever has something to tell puts a handler at a path."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._tcp = device.service(Tcp)
        self.handlers: dict[str, Callable[[HttpRequest], HttpAnswer]] = {}
        self.accepted = 0
        """Connections since power on."""
        self._exchanges: list[_Exchange] = []
        self._port: int | None = None

    def start(self) -> None:
        """Power came."""
        self.changed()

    def stop(self) -> None:
        """Power goes: TCP forgets its connections by itself."""
        self._exchanges.clear()
        self._port = None

    def _lines(self) -> list[str]:
        """What the box has by itself, then what was typed: the last word counts."""
        return [*default_lines(self.device), *self.device.config.of(SystemConfig).kept.values()]

    @property
    def enabled(self) -> bool:
        """Whether it is switched on."""
        said = [line for line in self._lines() if line in ("ip http server", "no ip http server")]
        return bool(said) and not said[-1].startswith("no ")

    @property
    def port(self) -> int:
        """As `ip http port` says."""
        words = [line.split()[3] for line in self._lines() if line.startswith("ip http port ")]
        return int(words[-1]) if words and words[-1].isdigit() and 0 < int(words[-1]) < 65536 else PORT

    def changed(self) -> None:
        """Listen where it is switched on."""
        wanted = self.port if self.enabled else None
        if wanted == self._port:
            return
        if self._port is not None:
            self._tcp.stop_listening(self._port, vrf=None)
        if wanted is not None:
            self._tcp.listen(wanted, self._arrived, vrf=None, accepts=self._accepts)
        self._port = wanted

    def _accepts(self, _local: Endpoint, _remote: Endpoint, _vrf: str) -> bool:
        return len(self._exchanges) < MOST_CONNECTIONS

    def _arrived(self, event: ConnectionEvent) -> None:
        exchange = _Exchange(self, self._tcp, event.connection)
        self._exchanges.append(exchange)
        self.accepted += 1
        self._tcp.hand_over(event.connection, exchange.told)
        exchange.told(event)

    def ended(self, exchange: _Exchange) -> None:
        """A connection is over."""
        if exchange in self._exchanges:
            self._exchanges.remove(exchange)

    def answer(self, request: HttpRequest) -> HttpAnswer:
        """What is said to a question; pages that people look at want a login that nobody here gives."""
        handler = self.handlers.get(request.path)
        if handler is not None:
            return handler(request)
        if request.path == "/":
            return HttpAnswer(401, b"401 Unauthorized\r\n")
        return HttpAnswer(404, b"404 Not Found\r\n")


Done = Callable[[HttpAnswer | None, str], None]
"""The answer, or None and why there is none."""


class HttpQuestion:
    """One question to a server; `done` hears once what came of it."""

    def __init__(self, device: Device, address: IPv4Address, port: int, target: str, done: Done,
                 body: bytes | None = None, source: IPv4Address | None = None, host: str = "",
                 agent: str = PKI_AGENT, vrf: str = "", tos: int = 0) -> None:  # fmt: skip
        self._device = device
        self._tcp = device.service(Tcp)
        self._done: Done | None = done
        self._http = h11.Connection(h11.CLIENT)
        self._target, self._body_sent, self._host = target, body, host or str(address)
        self._agent = agent
        self.connected: float | None = None
        """When the connection was open, in lab seconds."""
        self._status, self._body = 0, b""
        self._wire: Wire | None = None
        self._timer = device.scheduler.after(PATIENCE, lambda: self._end(None, "Connection timed out"))
        try:
            connection = self._tcp.connect(address, port, self._told, source=source, vrf=vrf, tos=tos)
            self._wire = Wire(self._tcp, connection)
        except NoRouteError:
            # the asker hears of it later, as of all other ends
            self._timer.cancel()
            self._timer = device.scheduler.after(0.0, lambda: self._end(None, "Host unreachable"))

    def _told(self, event: ConnectionEvent) -> None:
        if self._wire is None:
            self._wire = Wire(self._tcp, event.connection)
        match event:
            case Connected():
                self.connected = self._device.now
                self._ask()
            case DataReceived():
                self._http.receive_data(self._wire.read())
                self._look()
            case Writable():
                self._wire.flush()
            case PeerClosed():
                self._http.receive_data(b"")
                self._look()
                self._end(None, "Connection closed")
            case Refused():
                self._end(None, "Connection refused")
            case Unreachable():
                self._end(None, "Host unreachable")
            case TimedOut():
                self._end(None, "Connection timed out")
            case Closed() | Reset():
                self._end(None, "Connection closed")

    def _ask(self) -> None:
        headers = [("Host", self._host), ("User-Agent", self._agent)]
        method, data = "GET", b""
        if self._body_sent is not None:
            method = "POST"
            headers += [
                ("Content-Type", "application/x-pki-message"),
                ("Content-Length", str(len(self._body_sent))),
            ]
        data += self._http.send(h11.Request(method=method, target=self._target, headers=headers)) or b""
        if self._body_sent is not None:
            data += self._http.send(h11.Data(data=self._body_sent)) or b""
        data += self._http.send(h11.EndOfMessage()) or b""
        assert self._wire is not None
        self._wire.write(data)

    def _look(self) -> None:
        try:
            while True:
                event = self._http.next_event()
                if isinstance(event, h11.Response):
                    self._status = event.status_code
                elif isinstance(event, h11.Data):
                    self._body += bytes(event.data)
                    if len(self._body) > LARGEST:
                        self._end(None, "Answer too large")
                        return
                elif isinstance(event, h11.EndOfMessage):
                    self._end(HttpAnswer(self._status, self._body), "")
                    return
                else:
                    return
        except h11.RemoteProtocolError:
            self._end(None, "Bad answer")

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        self._done = None
        self._end(None, "")

    def _end(self, answer: HttpAnswer | None, reason: str) -> None:
        self._timer.cancel()
        done, self._done = self._done, None
        wire, self._wire = self._wire, None
        if wire is not None:
            if answer is not None:
                wire.finish()
            else:
                wire.abort()
        if done is not None:
            done(answer, reason)
