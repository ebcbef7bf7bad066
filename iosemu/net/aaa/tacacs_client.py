"""A TACACS+ client (RFC 8907): what it says in a session, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.net.aaa.outcome import Outcome, Verdict
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.tacacs import (
    AcctReply,
    AcctRequest,
    AcctStatus,
    AuthenContinue,
    AuthenReply,
    AuthenStart,
    AuthenStatus,
    AuthorRequest,
    AuthorResponse,
    AuthorStatus,
    TacacsPacket,
    TacacsType,
    take,
)

Request = AuthenStart | AuthorRequest | AcctRequest
_TYPES = {
    AuthenStart: TacacsType.AUTHENTICATION,
    AuthorRequest: TacacsType.AUTHORIZATION,
    AcctRequest: TacacsType.ACCOUNTING,
}
MOST_QUESTIONS = 8
"""A server that asks more in one login is not listened to any longer."""


@dataclass(frozen=True)
class Question:
    """A request, and the password for a login that asks for it."""

    request: Request
    password: str = ""


class TacacsExchange:
    """One session with one server."""

    def __init__(self, question: Question, key: bytes, session: int) -> None:
        self._question = question
        self._key = key
        self._session = session
        self._buffer = bytearray()
        self._sequence = 1
        self.sent = 0
        self.received = 0
        """Packets."""
        self.last: AuthenReply | AuthorResponse | AcctReply | None = None
        self.outcome: Outcome | None = None
        """Set when it is decided."""

    @property
    def type(self) -> TacacsType:
        """What is asked for."""
        return _TYPES[type(self._question.request)]

    def start(self) -> bytes:
        """The first packet. Raises ValueError for a name or an argument over 255 octets."""
        return self._packet(self._question.request.to_bytes())

    def receive(self, data: bytes) -> bytes:
        """What is to be sent next; empty when `outcome` is set, or more must come."""
        self._buffer += data
        out = b""
        try:
            while self.outcome is None and (packet := take(self._buffer, self._key)) is not None:
                out += self._hear(packet)
        except (MalformedPacket, ValueError):
            self.outcome = Outcome(Verdict.ERROR)  # another key, mostly
        return out

    def _packet(self, body: bytes) -> bytes:
        self.sent += 1
        packet = TacacsPacket(self.type, self._sequence, self._session, body)
        return packet.to_bytes(self._key)

    def _hear(self, packet: TacacsPacket) -> bytes:
        if (packet.type, packet.session, packet.sequence) != (self.type, self._session, self._sequence + 1):
            raise MalformedPacket("not an answer to what was asked")
        self.received += 1
        self._sequence += 2
        match self.type:
            case TacacsType.AUTHENTICATION:
                return self._login(AuthenReply.parse(packet.body))
            case TacacsType.AUTHORIZATION:
                self._authorized(AuthorResponse.parse(packet.body))
            case TacacsType.ACCOUNTING:
                reply = AcctReply.parse(packet.body)
                self.last = reply
                fits = reply.status == AcctStatus.SUCCESS
                self.outcome = Outcome(Verdict.PASS if fits else Verdict.ERROR, reply.message)
        return b""

    def _login(self, reply: AuthenReply) -> bytes:
        self.last = reply
        request = self._question.request
        assert isinstance(request, AuthenStart)
        match reply.status:
            case AuthenStatus.PASS:
                self.outcome = Outcome(Verdict.PASS, reply.message)
            case AuthenStatus.GETUSER if self._sequence < 2 * MOST_QUESTIONS:
                return self._packet(AuthenContinue(request.client.user).to_bytes())
            case AuthenStatus.GETPASS if self._sequence < 2 * MOST_QUESTIONS:
                return self._packet(AuthenContinue(self._question.password).to_bytes())
            case AuthenStatus.ERROR:
                self.outcome = Outcome(Verdict.ERROR, reply.message)
            case _:
                self.outcome = Outcome(Verdict.FAIL, reply.message)
        return b""

    def _authorized(self, reply: AuthorResponse) -> None:
        self.last = reply
        request = self._question.request
        assert isinstance(request, AuthorRequest)
        match reply.status:
            case AuthorStatus.PASS_ADD | AuthorStatus.PASS_REPL:
                self.outcome = Outcome(Verdict.PASS, reply.message, reply.arguments)
            case AuthorStatus.ERROR:
                self.outcome = Outcome(Verdict.ERROR, reply.message)
            case _:
                self.outcome = Outcome(Verdict.FAIL, reply.message)
