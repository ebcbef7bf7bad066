"""A file read from, or written to, a web server (RFC 9110): GET and PUT."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from ipaddress import IPv4Address

import h11

from iosemu.box.device import Device
from iosemu.ip.file_copy import FileCopy
from iosemu.ip.http import PORT, Wire
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.packets.tftp import BLOCK
from iosemu.tcp import (
    Closed,
    Connected,
    ConnectionEvent,
    PeerClosed,
    Refused,
    Reset,
    TcpConfig,
    TimedOut,
    Unreachable,
)

AGENT = "cisco-IOS"
REASONS = {
    401: "Permission denied",
    403: "Permission denied",
    404: "No such file or directory",
    405: "Permission denied",
    507: "Not enough space on device",
}
"""What IOS makes of the status codes of RFC 9110."""
_LARGE = TcpConfig(window=16384)


@dataclass(frozen=True, slots=True)
class HttpPlace:
    """A file on a web server."""

    address: IPv4Address
    host: str
    """As it was typed, with the port where there is one."""
    path: str
    user: str = ""
    password: str = ""

    @property
    def port(self) -> int:
        """The TCP port."""
        port = self.host.rpartition(":")[2] if ":" in self.host else ""
        return int(port) if port.isdigit() and 0 < int(port) < 65536 else PORT


class HttpCopy(FileCopy):
    """One transfer."""

    def __init__(
        self,
        device: Device,
        place: HttpPlace,
        outgoing: bytes | None,
        limit: int,
        source: IPv4Address | None,
        vrf: str = "",
    ) -> None:
        super().__init__(device)
        self.blocks = 0
        self.data = bytearray()
        """What came."""
        self._tcp = device.service(Tcp)
        self._place = place
        self._outgoing = outgoing
        self._limit = limit
        self._http = h11.Connection(h11.CLIENT)
        self._status = 0
        self._wire: Wire | None = None
        self._wait()
        try:
            connection = self._tcp.connect(
                place.address, place.port, self._told, source=source, config=_LARGE, vrf=vrf
            )
        except NoRouteError:
            self._end("Timed out")
        else:
            self._wire = Wire(self._tcp, connection)

    def _hang_up(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            if self.reason:
                wire.abort()
            else:
                wire.finish()

    def _told(self, event: ConnectionEvent) -> None:
        wire = self._wire
        if self.done or wire is None:
            return
        self._wait()
        match event:
            case Connected():
                self._ask(wire)
            case Refused():
                self._end("Connection refused")
            case TimedOut() | Unreachable():
                self._end("Timed out")
            case Reset() | Closed():
                self._end("I/O error")
            case _:
                data = wire.read()
                if data:
                    self._look(data)
                if isinstance(event, PeerClosed) and not self.done:
                    self._look(b"")
                    self._end("I/O error")
                wire.flush()
        self.signal.emit()

    def _ask(self, wire: Wire) -> None:
        place, outgoing = self._place, self._outgoing
        headers = [("Host", place.host), ("User-Agent", AGENT), ("Connection", "close")]
        if place.user:
            account = b64encode(f"{place.user}:{place.password}".encode()).decode()
            headers.append(("Authorization", f"Basic {account}"))
        if outgoing is not None:
            headers.append(("Content-Length", str(len(outgoing))))
        target = "/" + place.path.lstrip("/").replace(" ", "%20")
        method = "GET" if outgoing is None else "PUT"
        data = self._http.send(h11.Request(method=method, target=target, headers=headers)) or b""
        if outgoing is not None:
            data += self._http.send(h11.Data(data=outgoing)) or b""
            self.blocks = len(outgoing) // BLOCK + bool(outgoing)
        wire.write(data + (self._http.send(h11.EndOfMessage()) or b""))

    def _look(self, data: bytes) -> None:
        try:
            self._http.receive_data(data)
            while not self.done:
                event = self._http.next_event()
                if isinstance(event, h11.Response):
                    self._status = event.status_code
                elif isinstance(event, h11.Data) and self._status == 200 and self._outgoing is None:
                    self.data += event.data
                    self.blocks = len(self.data) // BLOCK + bool(self.data)
                    if len(self.data) > self._limit:
                        self._end("Not enough space on device")
                elif isinstance(event, h11.EndOfMessage):
                    good = self._status == 200 if self._outgoing is None else self._status in (200, 201, 204)
                    self._end("" if good else REASONS.get(self._status, "I/O error"))
                elif not isinstance(event, h11.Data | h11.InformationalResponse):
                    return
        except h11.RemoteProtocolError:
            self._end("I/O error")
