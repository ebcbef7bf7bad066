"""Both ends of an SMTP session (RFC 5321), sans-IO: one message, without extensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PORT = 25
LONGEST = 1 << 20
"""Octets of a message that a server takes."""
LINE = 1000
"""Octets of a line (RFC 5321 section 4.5.3.1)."""


@dataclass(frozen=True)
class Message:
    """An envelope, and the text with its header, in lines that end in CR LF."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes


class _Lines:
    """What came, in lines."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def take(self, data: bytes) -> list[bytes]:
        """The lines that are whole, without their ends; raises ValueError for one that never ends."""
        self._waiting += data
        *lines, rest = bytes(self._waiting).split(b"\n")
        self._waiting = bytearray(rest)
        if len(rest) > LINE:
            raise ValueError("the line is too long")
        return [line.removesuffix(b"\r") for line in lines]


class SmtpClient:
    """Gives a message to a server: HELO, MAIL, RCPT for each recipient, DATA, QUIT."""

    def __init__(self, name: str, message: Message) -> None:
        self.done = False
        self.error = ""
        """What the server said against it; empty: nothing."""
        self.delivered = False
        body = message.data.replace(b"\r\n.", b"\r\n..")
        if body.startswith(b"."):
            body = b"." + body
        self._steps: list[tuple[int, bytes]] = [
            (220, f"HELO {name}".encode()),
            (250, f"MAIL FROM:<{message.sender}>".encode()),
            *((250, f"RCPT TO:<{each}>".encode()) for each in message.recipients),
            (250, b"DATA"),
            (354, body.removesuffix(b"\r\n") + b"\r\n."),
            (250, b"QUIT"),
        ]
        self._lines = _Lines()

    def receive(self, data: bytes) -> bytes:
        """What is said to what came."""
        out = b""
        try:
            lines = self._lines.take(data)
        except ValueError as error:
            return self._end(str(error))
        for line in lines:
            if self.done or line[3:4] == b"-":  # more of the same answer follows
                continue
            if not self._steps:
                self.done = True
                continue
            wanted, said = self._steps.pop(0)
            if not line[:3].isdigit() or int(line[:3]) // 10 != wanted // 10:
                return out + self._end(line.decode("latin-1"))
            self.delivered = said == b"QUIT"
            out += said + b"\r\n"
        return out

    def _end(self, error: str) -> bytes:
        self.done, self.error = True, error
        return b"QUIT\r\n"


class SmtpServer:
    """Takes messages and hands each to `deliver`."""

    def __init__(self, name: str, deliver: Callable[[Message], None]) -> None:
        self.over = False
        self._name = name
        self._deliver = deliver
        self._lines = _Lines()
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._data: bytearray | None = None

    def greeting(self) -> bytes:
        """The server speaks first."""
        return f"220 {self._name} ESMTP\r\n".encode()

    def receive(self, data: bytes) -> bytes:
        """The answers to what came."""
        out = b""
        try:
            lines = self._lines.take(data)
        except ValueError:
            self.over = True
            return b"500 Line too long\r\n"
        for line in lines:
            if self.over:
                break
            answer = self._text(line) if self._data is not None else self._command(line)
            out += answer and answer + b"\r\n"
        return out

    def _text(self, line: bytes) -> bytes:
        assert self._data is not None
        if line != b".":
            self._data += line.removeprefix(b".") + b"\r\n"
            if len(self._data) > LONGEST:
                self.over = True
                return b"552 Message size exceeds fixed maximum message size"
            return b""
        self._deliver(Message(self._sender or "", tuple(self._recipients), bytes(self._data)))
        self._forget()
        return b"250 OK"

    def _forget(self) -> None:
        self._sender, self._recipients, self._data = None, [], None

    def _command(self, line: bytes) -> bytes:
        verb, _, rest = line.decode("latin-1").partition(" ")
        match verb.upper():
            case "HELO" | "EHLO":
                self._forget()
                return f"250 {self._name}".encode()
            case "MAIL" if (address := _path(rest, "FROM:")) is not None:
                self._forget()
                self._sender = address
                return b"250 OK"
            case "RCPT" if self._sender is None:
                return b"503 Bad sequence of commands"
            case "RCPT" if address := _path(rest, "TO:"):
                if len(self._recipients) >= 100:
                    return b"452 Too many recipients"
                self._recipients.append(address)
                return b"250 OK"
            case "DATA" if self._recipients:
                self._data = bytearray()
                return b"354 Start mail input; end with <CRLF>.<CRLF>"
            case "DATA":
                return b"503 Bad sequence of commands"
            case "RSET":
                self._forget()
                return b"250 OK"
            case "NOOP":
                return b"250 OK"
            case "QUIT":
                self.over = True
                return f"221 {self._name} closing".encode()
            case "MAIL" | "RCPT":
                return b"501 Syntax error in parameters or arguments"
        return b"500 Command not recognized"


def _path(text: str, word: str) -> str | None:
    """The address in `FROM:<address>`; None where it is none."""
    if text[: len(word)].upper() != word:
        return None
    path = text[len(word) :].strip().partition(">")[0]
    return path.removeprefix("<") if path.startswith("<") else None
