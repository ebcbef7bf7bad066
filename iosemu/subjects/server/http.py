"""HTTP on a server (RFC 9110): GET and HEAD for everybody, PUT for the users, or for everybody where there are none."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import unquote, urlsplit

import h11

from iosemu.box.device import Device
from iosemu.subjects.server.config import ServerConfig
from iosemu.subjects.server.connections import StreamService
from iosemu.subjects.server.files import LARGEST
from iosemu.tcp import Connection

PORT = 80
_READS = ("GET", "HEAD")
INDEX = "index.html"


class HttpSession:
    """One client's connection."""

    def __init__(self, device: Device) -> None:
        self.over = False
        self._device = device
        self._http = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = bytearray()

    def greeting(self) -> bytes:
        """The client speaks first."""
        return b""

    def receive(self, data: bytes) -> bytes:
        """The answers to what came."""
        out = b""
        try:
            self._http.receive_data(data)
            while not self.over:
                event = self._http.next_event()
                if isinstance(event, h11.Request):
                    self._request, self._body = event, bytearray()
                elif isinstance(event, h11.Data):
                    self._body += event.data
                    if len(self._body) > LARGEST:
                        self.over = True
                elif isinstance(event, h11.EndOfMessage):
                    out += self._answer(*self._done())
                    if self._http.our_state is h11.MUST_CLOSE:
                        self.over = True
                    else:
                        self._http.start_next_cycle()
                else:
                    break
        except h11.RemoteProtocolError:
            self.over = True
            if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                out += self._answer(400, b"400 Bad Request\n")
        return out

    def _answer(self, status: int, body: bytes) -> bytes:
        headers = [("Server", "iosemu"), ("Content-Length", str(len(body)))]
        if status == 401:
            headers.append(("WWW-Authenticate", 'Basic realm="files"'))
        head = self._request is not None and self._request.method == b"HEAD"
        data = self._http.send(h11.Response(status_code=status, headers=headers)) or b""
        if not head:
            data += self._http.send(h11.Data(data=body)) or b""
        return data + (self._http.send(h11.EndOfMessage()) or b"")

    def _done(self) -> tuple[int, bytes]:
        """What came of a request: its status, and the body of the answer."""
        assert self._request is not None
        method = self._request.method.decode("latin-1")
        files = self._device.config.of(ServerConfig).files
        name = unquote(urlsplit(self._request.target.decode("latin-1")).path).lstrip("/") or INDEX
        if method in _READS:
            content = None if files is None else files.read(name)
            return (404, b"404 Not Found\n") if content is None else (200, content)
        if method != "PUT":
            return 405, b"405 Method Not Allowed\n"
        if not self._known():
            return 401, b"401 Unauthorized\n"
        if files is None or not files.writable(name):
            return 403, b"403 Forbidden\n"
        new = files.read(name) is None
        reason = files.write(name, bytes(self._body))
        if reason:
            return 507, f"507 {reason}\n".encode()
        return (201, b"") if new else (200, b"")

    def _known(self) -> bool:
        """Whether the client is one of the users."""
        accounts = self._device.config.of(ServerConfig).accounts
        if not accounts.users:
            return True
        assert self._request is not None
        told = next((value for name, value in self._request.headers if name == b"authorization"), b"")
        scheme, _, encoded = told.partition(b" ")
        try:
            user, _, password = b64decode(encoded, validate=True).decode("utf-8", "replace").partition(":")
        except ValueError:
            return False
        return scheme.lower() == b"basic" and accounts.authenticate(user, password) is not None


class HttpService(StreamService):
    """TCP port 80."""

    @property
    def port(self) -> int | None:
        """Where; None while the service is not chosen."""
        return PORT if self.device.config.of(ServerConfig).http else None

    def _speaker(self, connection: Connection) -> HttpSession:
        return HttpSession(self.device)
