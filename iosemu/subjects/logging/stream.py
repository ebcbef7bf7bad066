"""`logging host A transport tcp`: messages on a connection, one a line (RFC 6587 section 3.4.2)."""

from __future__ import annotations

from collections import deque
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.net.scheduler import Timer
from iosemu.subjects.logging.config import LogHost
from iosemu.tcp.connection import Connection
from iosemu.tcp.events import Connected, ConnectionEvent, DataReceived, Writable
from iosemu.tcp.states import MAY_SEND

WAITING = 100
"""Messages that wait for a connection; of more the oldest are lost."""
RETRY = 30.0
"""Seconds after which a host that could not be reached is tried again."""


class SyslogStream:
    """The connection to one host: opened for the first message, and again when it broke."""

    def __init__(self, device: Device, host: LogHost) -> None:
        self.device = device
        self.host = host
        self.sent = 0
        self.dropped = 0
        self._waiting: deque[bytes] = deque()
        self._rest = b""
        self._connection: Connection | None = None
        self._timer: Timer | None = None
        self._failed = False

    @property
    def up(self) -> bool:
        """The connection stands."""
        return self._connection is not None and self._connection.state in MAY_SEND

    def send(self, text: str, source: IPv4Address | None) -> None:
        """Send one message, or keep it until that can be done."""
        if len(self._waiting) >= WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(text.replace("\n", " ").encode("ascii", "replace") + b"\n")
        if self._connection is None and self._timer is None:
            self._open(source)
        else:
            self._flush()

    def close(self) -> None:
        """The host is configured no more, or power goes."""
        if self._timer is not None:
            self._timer.cancel()
        connection, self._connection = self._connection, None
        tcp = self.device.find(Tcp)
        if connection is not None and tcp is not None:
            tcp.abort(connection)

    def _open(self, source: IPv4Address | None) -> None:
        self._timer = None
        try:
            self._connection = self.device.service(Tcp).connect(
                self.host.address, self.host.port, self._told, source=source, vrf=self.host.vrf
            )
        except NoRouteError:
            self._broken(source)

    def _told(self, event: ConnectionEvent) -> None:
        if event.connection is not self._connection:
            return
        if isinstance(event, Connected):
            self._failed = False
            self._flush()
        elif isinstance(event, Writable):
            self._flush()
        elif isinstance(event, DataReceived):
            event.connection.read(self.device.now)  # nothing that a collector says matters
        else:
            local = event.connection.local.address
            self._connection = None
            self._broken(local if isinstance(local, IPv4Address) else None)

    def _broken(self, source: IPv4Address | None) -> None:
        self._rest = b""
        self._timer = self.device.scheduler.after(RETRY, lambda: self._open(source))
        if not self._failed:
            self._failed = True
            text = f"Logging to host {self.host.address} port {self.host.port} failed"
            self.device.log("SYS", 3, "LOGGINGHOST_FAIL", text)

    def _flush(self) -> None:
        connection = self._connection
        if connection is None or connection.state not in MAY_SEND:
            return
        while self._rest or self._waiting:
            if not self._rest:
                self._rest = self._waiting.popleft()
                self.sent += 1
            taken = connection.send(self._rest, self.device.now)
            self._rest = self._rest[taken:]
            if self._rest:
                break
        self.device.service(Tcp).run()
