"""An SSH client of a box in the lab: asyncssh over the lab's own network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncssh

from iosemu.box.secure_shell import SshAccount, SshPurpose
from iosemu.ip.tcp import Tcp
from iosemu.net.signal import Signal
from iosemu.server.connection import SOFTWARE, Offer
from iosemu.server.lab_loop import LabLoop
from iosemu.server.lab_transport import LabTransport
from iosemu.tcp import Connection, ConnectionEvent

WINDOW = 65536
"""Octets that a server may send before they are read."""
NAMES = {"3des": "3des-cbc"}
"""Ciphers that IOS calls otherwise."""


class Client:
    """`iosemu.box.secure_shell.SecureClient`; also what asyncssh asks for a way to the server ("tunnel")."""

    def __init__(
        self,
        loop: LabLoop,
        tcp: Tcp,
        connection: Connection,
        account: SshAccount,
        purpose: SshPurpose,
        offer: Offer,
    ) -> None:
        self.signal = Signal()
        self.cipher = self.mac = self.banner = ""
        self.asked = 0
        self.refused = False
        self._loop = loop
        self._account = account
        self._purpose = purpose
        self._offer = offer
        self._transport = LabTransport(loop, tcp, connection)
        self._transport.signal.connect(self.signal.emit)
        self._peer = connection.remote
        self._question: asyncio.Future[str] | None = None
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._came = bytearray()
        self._over = False
        self._deaf = False
        self._paused = False
        self._task = loop.create_task(self._run())

    # --- for the box -----------------------------------------------------------------------------------

    @property
    def asking(self) -> bool:
        """The server wants a password."""
        return self._question is not None

    @property
    def ready(self) -> bool:
        """The shell, or the command, runs."""
        return self._channel is not None

    @property
    def open(self) -> bool:
        """Nobody has hung up, or what came before was not read."""
        return not self._over or bool(self._came)

    @property
    def settled(self) -> bool:
        """Nothing is on its way to the server."""
        return self._over or self._transport.settled

    @property
    def unread(self) -> int:
        """Octets that came and were not read."""
        return len(self._came)

    @property
    def clogged(self) -> bool:
        """What was written last waits here."""
        return self._paused

    def told(self, event: ConnectionEvent) -> None:
        """What happened to the TCP connection."""
        self._transport.told(event)

    def answer(self, password: str) -> None:
        """The password that was asked for."""
        question, self._question = self._question, None
        if question is not None and not question.done():
            self.asked += 1
            question.set_result(password)

    def read(self) -> bytes:
        """What came since the last call."""
        data = bytes(self._came)
        self._came.clear()
        if self._deaf and self._channel is not None:
            self._deaf = False
            self._loop.call_soon(self._channel.resume_reading)
        return data

    def write(self, data: bytes) -> None:
        """Send."""
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(data)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        else:
            self._transport.abort()
        self._end()

    # --- for asyncssh ----------------------------------------------------------------------------------

    async def create_connection(
        self, session_factory: Callable[[], Any], _remote_host: str, _remote_port: int, *_: Any
    ) -> tuple[LabTransport, Any]:
        """The way to the server is there already."""
        protocol = session_factory()
        self._transport.begin(protocol)
        return self._transport, protocol

    async def _run(self) -> None:
        account, purpose, offer = self._account, self._purpose, self._offer
        cipher = NAMES.get(account.cipher, account.cipher)
        terminal = None if purpose.command is not None else purpose.terminal
        try:
            connection = self._connection = await asyncssh.connect(
                str(self._peer.address),
                self._peer.port,
                tunnel=self,
                config=None,
                known_hosts=None,
                client_keys=None,
                agent_path=None,
                gss_host=None,
                username=account.username,
                client_factory=lambda: _Owner(self),
                client_version=SOFTWARE,
                preferred_auth=("password", "keyboard-interactive"),
                compression_algs=None,
                kex_algs=offer.kex,
                encryption_algs=(cipher,) if cipher else offer.ciphers,
                mac_algs=(account.mac,) if account.mac else offer.macs,
                server_host_key_algs="+ssh-rsa",
                signature_algs="+ssh-rsa",
            )
            channel, _session = await connection.create_session(
                lambda: _Session(self),
                command=purpose.command,
                term_type=terminal,
                term_size=(purpose.columns, purpose.rows),
                encoding=None,
                window=WINDOW,
            )
            self.cipher = str(connection.get_extra_info("send_cipher") or "")
            self.mac = str(connection.get_extra_info("send_mac") or "")
            self._channel = channel
            self.signal.emit()
            await channel.wait_closed()
            connection.close()
        except asyncssh.ChannelOpenError:
            self.refused = True
        except (asyncssh.Error, OSError, ValueError, TimeoutError):
            pass  # whoever waits sees that nothing came of it
        finally:
            self._end()

    def ended(self) -> None:
        """The shell is over."""
        self._end()

    def _end(self) -> None:
        self._over = True
        self._question = None
        self.signal.emit()

    async def ask(self) -> str | None:
        """The user's password; None when he has given it often enough."""
        if self.asked >= self._account.prompts or self._over:
            return None
        question: asyncio.Future[str] = self._loop.create_future()
        self._question = question
        self.signal.emit()
        return await question

    def arrived(self, data: bytes) -> None:
        """The server printed."""
        self._came += data
        if len(self._came) >= WINDOW and self._channel is not None and not self._deaf:
            self._deaf = True
            self._channel.pause_reading()
        self.signal.emit()

    def held(self, paused: bool) -> None:
        """The server does not read, or reads again."""
        self._paused = paused
        self.signal.emit()

    def told_banner(self, text: str) -> None:
        """Before the login."""
        self.banner += text


class _Owner(asyncssh.SSHClient):
    """Answers the server's questions."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def auth_banner_received(self, msg: str, lang: str) -> None:
        self._client.told_banner(msg)

    async def password_auth_requested(self) -> str | None:
        return await self._client.ask()

    def kbdint_auth_requested(self) -> str | None:
        return ""

    async def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Any
    ) -> list[str] | None:
        answers: list[str] = []
        for _ in prompts:
            answer = await self._client.ask()
            if answer is None:
                return None
            answers.append(answer)
        return answers


class _Session(asyncssh.SSHClientSession[bytes]):
    """Octets of the shell."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def data_received(self, data: bytes, datatype: object) -> None:
        self._client.arrived(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.ended()

    def pause_writing(self) -> None:
        self._client.held(True)

    def resume_writing(self) -> None:
        self._client.held(False)
