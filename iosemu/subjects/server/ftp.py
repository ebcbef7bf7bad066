"""FTP on a server (RFC 959): passive mode, what copying one file needs, and a list of names."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.device import Device
from iosemu.ip.tcp import Tcp
from iosemu.subjects.server.config import ServerConfig
from iosemu.subjects.server.connections import StreamService
from iosemu.subjects.server.files import LARGEST
from iosemu.tcp import (
    Closed,
    Connected,
    Connection,
    ConnectionClosed,
    ConnectionEvent,
    PeerClosed,
    PortInUse,
    Refused,
    Reset,
    TimedOut,
)

PORT = 21
LONGEST_LINE = 512
LOWEST, HIGHEST = 49152, 65535
ANONYMOUS = ("anonymous", "ftp")


@dataclass(eq=False)
class _Data:
    """A data connection: what is to go, or what comes."""

    port: int
    connection: Connection | None = None
    outgoing: bytes | None = None
    sent: int = 0
    incoming: bytearray = field(default_factory=bytearray)
    name: str = ""
    """Of the file that comes."""
    wanted: bool = False
    """A command has said what the connection is for."""
    ended: bool = False


class FtpSession:
    """One client's control connection."""

    def __init__(self, device: Device, connection: Connection) -> None:
        self.over = False
        self._device = device
        self._tcp = device.service(Tcp)
        self._control = connection
        self._lines = bytearray()
        self._user = ""
        self._known = False
        self._data: _Data | None = None

    def greeting(self) -> bytes:
        """What is said first."""
        return b"220 FTP server ready\r\n"

    def receive(self, data: bytes) -> bytes:
        """The answers to what came."""
        self._lines += data
        out = b""
        while not self.over and b"\n" in self._lines:
            line, _, rest = self._lines.partition(b"\n")
            self._lines = bytearray(rest)
            answer = self._command(bytes(line).decode("utf-8", "replace").strip())
            out += f"{answer}\r\n".encode() if answer else b""
        if len(self._lines) > LONGEST_LINE:
            self.over = True
        return out

    def _command(self, line: str) -> str:
        verb, _, argument = line.partition(" ")
        verb = verb.upper()
        if verb == "QUIT":
            self.over = True
            return "221 Goodbye"
        if verb == "USER":
            self._user, self._known = argument, False
            return "331 Password required"
        if verb == "PASS":
            self._known = self._admits(argument)
            return "230 Logged in" if self._known else "530 Login incorrect"
        if not self._known:
            return "530 Please log in"
        match verb:
            case "TYPE" | "MODE" | "STRU" | "NOOP":
                return "200 OK"
            case "SYST":
                return "215 UNIX Type: L8"
            case "PWD":
                return '257 "/"'
            case "PASV":
                return self._passive()
            case "SIZE":
                content = self._files_read(argument)
                return "550 No such file" if content is None else f"213 {len(content)}"
            case "RETR" | "STOR":
                return self._transfer(verb, argument)
        return "502 Not implemented"

    def _admits(self, password: str) -> bool:
        accounts = self._device.config.of(ServerConfig).accounts
        if not accounts.users:
            return self._user in ANONYMOUS
        return accounts.authenticate(self._user, password) is not None

    def _files_read(self, name: str) -> bytes | None:
        files = self._device.config.of(ServerConfig).files
        return None if files is None else files.read(name)

    def _passive(self) -> str:
        self._forget()
        for _ in range(100):
            port = self._device.rng.randrange(LOWEST, HIGHEST)
            try:
                self._tcp.listen(
                    port, self._moved, accepts=lambda _here, there, _vrf: self._same(there.address)
                )
            except PortInUse:
                continue
            self._data = _Data(port)
            address = str(self._control.local.address).replace(".", ",")
            return f"227 Entering Passive Mode ({address},{port >> 8},{port & 0xFF})"
        return "425 No port"

    def _same(self, address: object) -> bool:
        return address == self._control.remote.address

    def _transfer(self, verb: str, name: str) -> str:
        files, data = self._device.config.of(ServerConfig).files, self._data
        if files is None or data is None:
            return "425 Use PASV first"
        if verb == "RETR":
            content = files.read(name)
            if content is None:
                self._forget()
                return "550 No such file"
            data.outgoing = content
        elif not files.writable(name):
            self._forget()
            return "550 Permission denied"
        data.name, data.wanted = name, True
        self._say("150 Here it comes")
        self._push()
        return ""

    def _say(self, text: str) -> None:
        try:
            self._control.send(f"{text}\r\n".encode(), self._device.now)
        except ConnectionClosed:
            return
        self._tcp.run()

    def _moved(self, event: ConnectionEvent) -> None:
        data = self._data
        if data is None:
            return
        match event:
            case Connected():
                data.connection = event.connection
                self._tcp.stop_listening(data.port)
            case Refused() | TimedOut() | Reset():
                self._forget()
                self._say("426 Connection closed")
                return
            case _:
                pass
        if event.connection is data.connection and data.connection is not None:
            data.incoming += data.connection.read(self._device.now)
            if len(data.incoming) > LARGEST:
                self._forget()
                self._say("552 Too large")
                return
            data.ended = data.ended or isinstance(event, PeerClosed | Closed)
            self._push()

    def _push(self) -> None:
        """Send what is left, or keep what has come."""
        data = self._data
        if data is None or data.connection is None or not data.wanted:
            return
        now = self._device.now
        if data.outgoing is not None:
            try:
                data.sent += data.connection.send(data.outgoing[data.sent : data.sent + 65536], now)
            except ConnectionClosed:
                data.sent = len(data.outgoing)
            if data.sent < len(data.outgoing):
                return
            data.connection.close(now)
            self._data = None
            self._say("226 Transfer complete")
        elif data.ended:
            files = self._device.config.of(ServerConfig).files
            reason = "Access violation" if files is None else files.write(data.name, bytes(data.incoming))
            data.connection.close(now)
            self._data = None
            self._say(f"552 {reason}" if reason else "226 Transfer complete")
        self._tcp.run()

    def _forget(self) -> None:
        data, self._data = self._data, None
        if data is None:
            return
        if data.connection is None:
            self._tcp.stop_listening(data.port)
        else:
            self._tcp.abort(data.connection)


class FtpService(StreamService):
    """TCP port 21."""

    @property
    def port(self) -> int | None:
        """Where; None while the service is not chosen."""
        return PORT if self.device.config.of(ServerConfig).ftp else None

    def _speaker(self, connection: Connection) -> FtpSession:
        return FtpSession(self.device, connection)
