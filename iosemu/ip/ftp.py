"""A file read from, or written to, an FTP server (RFC 959), in passive mode and binary."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.file_copy import FileCopy
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.packets.tftp import BLOCK
from iosemu.tcp import (
    Closed,
    Connection,
    ConnectionClosed,
    ConnectionEvent,
    DataReceived,
    PeerClosed,
    Refused,
    Reset,
    TcpConfig,
    TimedOut,
    Unreachable,
)

PORT = 21
LONGEST_LINE = 4096
_REPLY = re.compile(rb"(\d{3}) ")
_PASSIVE = re.compile(rb"(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})")
LOGIN = "Incorrect Login/Password"
ABSENT = "No such file or directory"
DENIED = "Permission denied"
_LARGE = TcpConfig(window=16384)


@dataclass(frozen=True, slots=True)
class FtpAccount:
    """As whom a server is asked."""

    user: str
    password: str


class FtpCopy(FileCopy):
    """One transfer."""

    def __init__(
        self,
        device: Device,
        server: IPv4Address,
        path: str,
        outgoing: bytes | None,
        limit: int,
        account: FtpAccount,
        source: IPv4Address | None,
        vrf: str = "",
        port: int = PORT,
        tos: int = 0,
    ) -> None:
        super().__init__(device)
        self.blocks = 0
        self.data = bytearray()
        """What came."""
        self._tcp = device.service(Tcp)
        self._server = server
        self._path = path
        self._outgoing = outgoing
        self._sent = 0
        self._limit = limit
        self._account = account
        self._source = source
        self._vrf = vrf
        self._tos = tos
        self._lines = bytearray()
        self._state = "greeting"
        self._control: Connection | None = None
        self._carrier: Connection | None = None
        self._carried = False
        """All of the file has come or gone."""
        self._confirmed = False
        self._going = False
        """The server takes the file."""
        try:
            self._control = self._tcp.connect(server, port, self._heard, source=source, vrf=vrf, tos=tos)
        except NoRouteError:
            self._end("Timed out")
        else:
            self._wait()

    def _late(self) -> None:
        self.silent = True
        super()._late()

    def _hang_up(self) -> None:
        for connection in (self._carrier, self._control):
            if connection is None:
                continue
            if self.reason:
                self._tcp.abort(connection)
            else:
                connection.close(self._device.now)
        self._tcp.run()

    # --- the control connection ----------------------------------------------------------------------

    def _heard(self, event: ConnectionEvent) -> None:
        if self.done:
            event.connection.read(self._device.now)
            return
        match event:
            case Refused():
                self._end("Connection refused")
            case TimedOut() | Unreachable():
                self._end("Timed out")
            case DataReceived() | PeerClosed() | Reset() | Closed():
                self._wait()
                self._lines += event.connection.read(self._device.now)
                while not self.done and b"\n" in self._lines:
                    line, _, rest = self._lines.partition(b"\n")
                    self._lines = bytearray(rest)
                    found = _REPLY.match(line)
                    if found is not None:
                        self._reply(int(found[1]), bytes(line))
                if not self.done and (not isinstance(event, DataReceived) or len(self._lines) > LONGEST_LINE):
                    self._end("Undefined error")
            case _:
                pass

    def _say(self, state: str, text: str) -> None:
        self._state = state
        assert self._control is not None
        try:
            self._control.send(f"{text}\r\n".encode(), self._device.now)
        except ConnectionClosed:
            return
        self._tcp.run()

    def _reply(self, code: int, line: bytes) -> None:
        if code >= 400:
            self._refused(code)
            return
        verb = "RETR" if self._outgoing is None else "STOR"
        match self._state:
            case "greeting" if code == 220:
                self._say("user", f"USER {self._account.user}")
            case "user" if code == 331:
                self._say("password", f"PASS {self._account.password}")
            case "user" | "password" if code in (202, 230):
                self._say("type", "TYPE I")
            case "type":
                self._say("passive", "PASV")
            case "passive" if code == 227:
                self._open(line)
                if not self.done:
                    self._say("transfer", f"{verb} {self._path}")
            case "transfer" if code in (125, 150):
                self._going = True
                if self._carrier is not None and self._outgoing is not None:
                    self._push(self._carrier)
                    self._tcp.run()
                    self.signal.emit()
            case "transfer" if code in (226, 250):
                self._confirmed = True
                self._finish()
            case _:
                pass

    def _refused(self, code: int) -> None:
        if self._state in ("user", "password") or code in (530, 532):
            self._end(LOGIN)
        elif self._state == "transfer":
            full = code in (452, 552)
            absent = ABSENT if self._outgoing is None else DENIED
            self._end("Not enough space on device" if full else absent)
        else:
            self._end("Undefined error")

    # --- the data connection -------------------------------------------------------------------------

    def _open(self, line: bytes) -> None:
        found = _PASSIVE.search(line)
        if found is None:
            self._end("Undefined error")
            return
        port = int(found[5]) << 8 | int(found[6])
        # where the data are is the server that was asked, whatever it says (RFC 2577 section 3)
        try:
            self._carrier = self._tcp.connect(
                self._server,
                port & 0xFFFF,
                self._moved,
                source=self._source,
                config=_LARGE,
                vrf=self._vrf,
                tos=self._tos,
            )
        except NoRouteError:
            self._end("Timed out")

    def _moved(self, event: ConnectionEvent) -> None:
        connection = event.connection
        if self.done:
            connection.read(self._device.now)
            return
        match event:
            case Refused() | TimedOut() | Unreachable():
                self._end("Timed out")
                return
            case _:
                pass
        self._wait()
        if self._outgoing is None:
            self.data += connection.read(self._device.now)
            self.blocks = len(self.data) // BLOCK + bool(self.data)
            if len(self.data) > self._limit:
                self._end("Not enough space on device")
                return
            if isinstance(event, PeerClosed | Closed | Reset):
                connection.close(self._device.now)
                self._carried = not isinstance(event, Reset)
                self._finish()
        elif not isinstance(event, Reset | Closed):
            self._push(connection)
        self.signal.emit()

    def _push(self, connection: Connection) -> None:
        assert self._outgoing is not None
        if self._carried or not self._going:
            return
        try:
            self._sent += connection.send(self._outgoing[self._sent : self._sent + 65536], self._device.now)
        except ConnectionClosed:
            return
        self.blocks = self._sent // BLOCK + 1
        if self._sent >= len(self._outgoing):
            self._carried = True
            connection.close(self._device.now)
            self._finish()

    def _finish(self) -> None:
        if self._carried and self._confirmed:
            self._say("over", "QUIT")
            self._end("")
