"""A TACACS+ server (RFC 8907): ASCII and PAP logins, enable, authorization of shells and commands, accounting."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.net.aaa.records import AccountingRecord, AccountingRecords
from iosemu.net.aaa.users import Accounts
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.tacacs import (
    ABORT,
    NOECHO,
    AcctFlag,
    AcctReply,
    AcctRequest,
    AcctStatus,
    AuthenAction,
    AuthenContinue,
    AuthenReply,
    AuthenService,
    AuthenStart,
    AuthenStatus,
    AuthenType,
    AuthorRequest,
    AuthorResponse,
    AuthorStatus,
    TacacsFlag,
    TacacsPacket,
    TacacsType,
    take,
)

Report = AuthenReply | AuthorResponse | AcctReply


class TacacsSession:
    """One connection of a client; several sessions may follow each other, or run side by side, on it."""

    def __init__(
        self,
        client: str,
        accounts: Callable[[], Accounts],
        key: Callable[[], bytes],
        records: AccountingRecords,
        now: Callable[[], float],
    ) -> None:
        self._client = client
        self._accounts = accounts
        self._key = key
        self._records = records
        self._now = now
        self._buffer = bytearray()
        self._logins: dict[int, tuple[AuthenStart, str]] = {}
        """Logins that go on, by session: how it began, and the user."""
        self._first = True
        self._single = False
        self.over = False
        """Hang up, when what was answered has gone."""

    def greeting(self) -> bytes:
        """Nothing: the client speaks first."""
        return b""

    def receive(self, data: bytes) -> bytes:
        """The answers to what came; a body that makes no sense (another key) is answered by hanging up."""
        self._buffer += data
        out = b""
        try:
            while not self.over and (packet := take(self._buffer, self._key())) is not None:
                out += self._answer(packet)
        except (MalformedPacket, ValueError):
            self.over = True
        return out

    def _answer(self, packet: TacacsPacket) -> bytes:
        if self._first:
            self._single = bool(packet.flags & TacacsFlag.SINGLE_CONNECT)
        reply = self._reply(packet)
        if reply is None:
            self.over = not self._single
            return b""
        flags = TacacsFlag.SINGLE_CONNECT if self._first and self._single else 0
        self._first = False
        if packet.session not in self._logins:
            self.over = not self._single
        out = TacacsPacket(
            packet.type, packet.sequence + 1, packet.session, reply.to_bytes(), flags, packet.minor
        )
        clear = packet.flags & TacacsFlag.UNENCRYPTED
        return out.to_bytes(b"" if clear else self._key())

    def _reply(self, packet: TacacsPacket) -> Report | None:
        if packet.flags & TacacsFlag.UNENCRYPTED and self._key():
            raise MalformedPacket("clear text where a key is configured")
        match packet.type:
            case TacacsType.AUTHENTICATION if packet.sequence == 1:
                return self._begin(packet.session, AuthenStart.parse(packet.body))
            case TacacsType.AUTHENTICATION:
                return self._continue(packet.session, AuthenContinue.parse(packet.body))
            case TacacsType.AUTHORIZATION:
                return self._authorize(AuthorRequest.parse(packet.body))
            case TacacsType.ACCOUNTING:
                return self._account(AcctRequest.parse(packet.body))
        raise MalformedPacket(f"TACACS+ type {packet.type}")

    def _begin(self, session: int, start: AuthenStart) -> AuthenReply:
        client = start.client
        if start.action != AuthenAction.LOGIN:
            return AuthenReply(AuthenStatus.FAIL, "not supported")
        if client.type == AuthenType.PAP:
            return self._judge(start, client.user, start.data.decode("utf-8", "replace"))
        if client.type != AuthenType.ASCII:
            return AuthenReply(AuthenStatus.FAIL, "not supported")
        self._logins[session] = start, client.user
        if not client.user:
            return AuthenReply(AuthenStatus.GETUSER, "Username: ")
        return AuthenReply(AuthenStatus.GETPASS, "Password: ", flags=NOECHO)

    def _continue(self, session: int, told: AuthenContinue) -> AuthenReply | None:
        if session not in self._logins:
            raise MalformedPacket("an answer to no question")
        start, user = self._logins[session]
        if told.flags & ABORT:
            del self._logins[session]
            return None
        if not user:
            self._logins[session] = start, told.message
            return AuthenReply(AuthenStatus.GETPASS, "Password: ", flags=NOECHO)
        del self._logins[session]
        return self._judge(start, user, told.message)

    def _judge(self, start: AuthenStart, user: str, password: str) -> AuthenReply:
        accounts = self._accounts()
        if start.client.service == AuthenService.ENABLE:
            fits = accounts.enables(user, password)
        else:
            fits = accounts.authenticate(user, password) is not None
        return AuthenReply(AuthenStatus.PASS if fits else AuthenStatus.FAIL)

    def _authorize(self, request: AuthorRequest) -> AuthorResponse:
        user = self._accounts().users.get(request.client.user)
        if user is None:
            return AuthorResponse(AuthorStatus.FAIL)
        pairs = [pair.replace("*", "=", 1).partition("=")[::2] for pair in request.arguments]
        service = next((value for name, value in pairs if name == "service"), "")
        command = next((value for name, value in pairs if name == "cmd"), "")
        if service != "shell":
            return AuthorResponse(AuthorStatus.PASS_ADD)
        if not command:
            if not user.exec_:
                return AuthorResponse(AuthorStatus.FAIL)
            return AuthorResponse(AuthorStatus.PASS_ADD, (f"priv-lvl={user.privilege}", *user.attributes))
        words = [command, *(value for name, value in pairs if name == "cmd-arg" and value != "<cr>")]
        return AuthorResponse(AuthorStatus.PASS_ADD if user.permits(" ".join(words)) else AuthorStatus.FAIL)

    def _account(self, request: AcctRequest) -> AcctReply:
        client, flags = request.client, request.flags
        kind = "stop" if flags & AcctFlag.STOP else "start" if flags & AcctFlag.START else "update"
        self._records.add(
            AccountingRecord(
                self._now(), "tacacs", self._client, kind, client.user, client.port, client.remote,
                request.arguments,
            )
        )  # fmt: skip
        return AcctReply(AcctStatus.SUCCESS)
