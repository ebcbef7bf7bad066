"""The SSH server of one endpoint: who may come in, and what listens."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from functools import partial

import asyncssh

from iosemu.server.channel import Channel
from iosemu.server.clock import LabClock
from iosemu.server.connection import Connection
from iosemu.server.deciding import Decision, made
from iosemu.server.endpoint import Client, Endpoint
from iosemu.server.latency import delayed
from iosemu.server.limits import MAXIMUM_CHANNELS, MAXIMUM_KEYS, Admission
from iosemu.server.turns import Turns

HOST = "127.0.0.1"
"""The address listened on unless another is asked for: the passwords that come with labs protect nothing."""
REFUSAL_DELAY = 1.0
"""Wall seconds before a wrong password is refused."""

Challenge = tuple[str, str, str, list[tuple[str, bool]]]
"""Name, instruction, language, and the questions with whether their answers may be seen (RFC 4256 section 3.2)."""


class Authentication(asyncssh.SSHServer):
    """One connection: who it is, and a shell for each channel it opens."""

    def __init__(self, endpoint: Endpoint, clock: LabClock, delay: float, admission: Admission) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._delay = delay
        self._admission = admission
        self._failures = 0
        self._keys = 0
        self._asking = 0
        """Passwords of which it is not known yet whether they fit."""
        self._dialogue: Decision | None = None
        """A login that goes on when its question is answered."""
        self._waiting = False
        """It counts among those that are not logged in."""
        self._channels: set[Channel] = set()
        self._address = ""
        self._privilege = 1
        self._connection: Connection | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._greeted = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Refuse the connection when no line is left."""
        assert isinstance(conn, Connection)
        self._connection = conn
        peer = conn.get_extra_info("peername")
        self._address = peer[0] if peer else ""
        endpoint = self._endpoint
        if (
            not self._admission.admits(console=endpoint.reserved)
            or endpoint.full()
            or not endpoint.admits(self._address)
        ):
            conn.abort()
            return
        self._admission.enter()
        self._waiting = True
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._endpoint.login_seconds, self._too_late)

    def _too_late(self) -> None:
        if self._connection is not None:
            self._connection.disconnect(asyncssh.DISC_BY_APPLICATION, "Timeout")

    def auth_completed(self) -> None:
        """The client has logged in."""
        self._in_time()
        self._leave()
        assert self._connection is not None
        self._endpoint.attempted(self._username(), self._address, True)
        self._clock.poke()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock; who gave wrong passwords keeps its place among those that wait for as long as a pause."""
        self._in_time()
        self._connection = None
        self._broken_off()
        if self._failures and self._waiting:
            asyncio.get_running_loop().call_later(self._pause, self._leave)
        else:
            self._leave()

    def _leave(self) -> None:
        if self._waiting:
            self._waiting = False
            self._admission.leave()

    @property
    def _pause(self) -> float:
        """Wall seconds that a wrong password takes."""
        return max(self._delay, self._endpoint.login_delay if self._delay else 0.0)

    def _username(self) -> str:
        return "" if self._connection is None else str(self._connection.get_extra_info("username") or "")

    def _in_time(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def begin_auth(self, username: str) -> bool:
        """Nobody comes in without authentication; the login banner comes first."""
        banner = self._endpoint.banner
        if banner and self._connection is not None and not self._greeted:
            self._greeted = True
            self._connection.send_auth_banner(banner)
        return True

    def password_auth_supported(self) -> bool:
        """Yes."""
        return True

    def kbdint_auth_supported(self) -> bool:
        """Yes: the password, and what a server asks beside it."""
        return True

    def public_key_auth_supported(self) -> bool:
        """Offered; no key fits before one is configured."""
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Ask the endpoint, which knows the keys by their MD5."""
        self._keys += 1
        if self._keys > MAXIMUM_KEYS:
            self._shut()
            return False
        digest = hashlib.md5(key.public_data, usedforsecurity=False).hexdigest()
        privilege = await made(self._clock, self._endpoint.log_in_by_key(username, digest, self._address))
        if privilege is not None:
            self._privilege = privilege
        return privilege is not None

    async def validate_password(self, username: str, password: str) -> bool:
        """Ask the endpoint; a refusal takes time, for this client alone.

        A client need not wait for the answer before it sends the next password, so that the pause may be cut
        short: what it may try is counted before, and the end does not depend on its patience.
        """
        begin = partial(self._endpoint.log_in, username, password, self._address)
        return await self._decided(username, begin) is True

    async def _decided(self, username: str, begin: Callable[[], Decision]) -> bool | Challenge:
        """The outcome of a login that `begin` starts, or goes on with; or what the client is asked further."""
        most = max(self._endpoint.retries, 1)
        if self._failures + self._asking >= most or not self._endpoint.admits(self._address):
            self._shut()
            return False
        # counted before the wait: a client need not be patient, but it may not try more meanwhile
        self._asking += 1
        try:
            decision = begin()
            privilege = await made(self._clock, decision)
        finally:
            self._asking -= 1
        if decision.question is not None:
            self._dialogue = decision
            return "", "", "", [(decision.question.prompt, decision.question.echo)]
        if privilege is not None:
            self._privilege = privilege
            return True
        self._failures += 1
        self._endpoint.attempted(username, self._address, False)
        self._clock.poke()
        if self._failures >= most:
            asyncio.get_running_loop().call_later(self._pause, self._shut)
        await asyncio.sleep(self._pause)
        if self._failures >= most:
            self._shut()
        return False

    def _shut(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect(
                asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many authentication failures"
            )

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Challenge:
        """The first question; who leaves a dialogue for another one has failed in that."""
        self._broken_off()
        return "", "", "", [("Password: ", False)]

    async def validate_kbdint_response(  # type: ignore[override]
        self, username: str, responses: list[str]
    ) -> bool | Challenge:
        """The answer is the password, or goes to the server that asked for more."""
        if len(responses) != 1:
            return False
        dialogue, self._dialogue = self._dialogue, None
        if dialogue is None:
            begin = partial(self._endpoint.log_in, username, responses[0], self._address, asks=True)
            return await self._decided(username, begin)

        def go_on() -> Decision:
            dialogue.answer(responses[0])
            return dialogue

        return await self._decided(username, go_on)

    def _broken_off(self) -> None:
        dialogue, self._dialogue = self._dialogue, None
        if dialogue is not None:
            dialogue.cancel()
            self._failures += 1

    def session_requested(self) -> Channel | bool:
        """A channel with a shell of its own, as long as lines are left."""
        connection = self._connection
        self._channels = {channel for channel in self._channels if not channel.gone}
        if any(channel.ends_connection for channel in self._channels):
            return False
        if connection is None or len(self._channels) >= MAXIMUM_CHANNELS:
            return False
        client = Client(
            self._username(),
            self._privilege,
            self._address,
            cipher=str(connection.get_extra_info("recv_cipher") or ""),
            mac=str(connection.get_extra_info("recv_mac") or ""),
        )
        channel = Channel(self._endpoint, self._clock, client, connection)
        self._channels.add(channel)
        connection.readers = self._channels
        return channel


class Listener:
    """A port on which one endpoint answers SSH."""

    def __init__(self, endpoint: Endpoint, server: asyncio.Server, connections: set[Connection]) -> None:
        self.endpoint = endpoint
        self._server = server
        self._connections = connections

    @property
    def port(self) -> int:
        """The TCP port."""
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening and cut every connection."""
        self._server.close()
        for connection in list(self._connections):
            connection.abort()


class _Tracked(Connection):
    """A connection that its listener knows for as long as it lives."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        options: asyncssh.SSHServerConnectionOptions,
        server_factory: Callable[[], asyncssh.SSHServer],
        turns: Turns,
        all_of_them: set[Connection],
    ) -> None:
        super().__init__(loop, options, server_factory, turns)
        self._all_of_them = all_of_them
        all_of_them.add(self)

    def _cleanup(self, exc: Exception | None) -> None:
        self._all_of_them.discard(self)
        super()._cleanup(exc)


def acceptor(
    endpoint: Endpoint,
    clock: LabClock,
    options: asyncssh.SSHServerConnectionOptions,
    connections: set[Connection],
    admission: Admission,
    refusal_delay: float = REFUSAL_DELAY,
) -> Callable[[], Connection]:
    """Makes the protocol of one more connection to `endpoint`; those that live are in `connections`."""
    loop = asyncio.get_running_loop()

    def accept() -> Connection:
        return _Tracked(
            loop,
            options,
            lambda: Authentication(endpoint, clock, refusal_delay, admission),
            clock.turns,
            connections,
        )

    return accept


async def listen(
    endpoint: Endpoint,
    clock: LabClock,
    options: asyncssh.SSHServerConnectionOptions,
    port: int,
    *,
    refusal_delay: float = REFUSAL_DELAY,
    host: str = HOST,
    admission: Admission | None = None,
    delay: float = 0.0,
) -> Listener:
    """Answer SSH for `endpoint` on `host`:`port` (0: any free port); a lab's listeners share one `admission`.

    Every byte takes `delay` wall seconds, either way.

    Raises OSError when the port is taken.
    """
    connections: set[Connection] = set()
    door = admission or Admission(random.SystemRandom().random)
    accept = acceptor(endpoint, clock, options, connections, door, refusal_delay)
    server = await asyncio.get_running_loop().create_server(delayed(accept, delay), host, port)
    return Listener(endpoint, server, connections)
