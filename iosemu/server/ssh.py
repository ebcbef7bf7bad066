"""The SSH server of one endpoint: authentication, channels, and bytes to and from its shells."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import replace

import asyncssh

from iosemu.server.clock import LabClock
from iosemu.server.connection import Connection
from iosemu.server.endpoint import Client, Endpoint, Shell
from iosemu.server.latency import delayed
from iosemu.server.limits import MAXIMUM_CHANNELS, MAXIMUM_KEYS, Admission, Environment
from iosemu.server.transfer import is_scp, transfer_session
from iosemu.server.turns import Turns

HOST = "127.0.0.1"
"""The address listened on unless another is asked for: the passwords that come with labs protect nothing."""
REFUSAL_DELAY = 1.0
"""Wall seconds before a wrong password is refused."""
CHUNK = 16384
"""Bytes written at once at most; a longer text is divided after a line end."""
LARGEST = 4096
"""Columns and rows of a terminal; a larger one is taken for one of this size."""

_CHUNKS = re.compile(rb"(?s).{1,%d}(?:\n|\Z)|.{1,%d}" % (CHUNK - 1, CHUNK))


class Authentication(asyncssh.SSHServer):
    """One connection: who it is, and a shell for each channel it opens."""

    def __init__(self, endpoint: Endpoint, clock: LabClock, delay: float, admission: Admission) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._delay = delay
        self._admission = admission
        self._failures = 0
        self._keys = 0
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
        """Yes, with one question."""
        return True

    def public_key_auth_supported(self) -> bool:
        """Offered; no key fits before one is configured."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Ask the endpoint, which knows the keys by their MD5."""
        self._keys += 1
        if self._keys > MAXIMUM_KEYS:
            self._shut()
            return False
        digest = hashlib.md5(key.public_data, usedforsecurity=False).hexdigest()
        privilege = self._endpoint.key_fits(username, digest)
        if privilege is not None:
            self._privilege = privilege
        return privilege is not None

    async def validate_password(self, username: str, password: str) -> bool:
        """Ask the endpoint; a refusal takes time, for this client alone.

        A client need not wait for the answer before it sends the next password, so that the pause may be cut
        short: what it may try is counted before, and the end does not depend on its patience.
        """
        most = max(self._endpoint.retries, 1)
        if self._failures >= most or not self._endpoint.admits(self._address):
            self._shut()
            return False
        privilege = self._endpoint.authenticate(username, password)
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

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        """The one question."""
        return "", "", "", [("Password: ", False)]

    async def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:  # type: ignore[override]
        """The answer is the password."""
        return len(responses) == 1 and await self.validate_password(username, responses[0])

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


class Channel(asyncssh.SSHServerSession[bytes]):
    """One channel: carries bytes between the client and a shell, and the shell's waits to the clock."""

    def __init__(
        self, endpoint: Endpoint, clock: LabClock, client: Client, connection: Connection | None = None
    ) -> None:
        self._connection = connection
        self._endpoint = endpoint
        self._clock = clock
        self._client = client
        self._pty = False
        self._term = ""
        self._columns, self._rows = 80, 24
        self._shell: Shell | None = None
        self._transfer: asyncssh.SSHServerSession[bytes] | None = None
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self.gone = False
        """The channel is closed."""
        self._command: str | None = None
        self._answering = False
        """That command was begun."""
        self._gone = False
        self._paused = False
        self._deaf = False
        """Nothing is read from the client: it has typed far enough ahead."""
        self._queued = False
        """It waits for a turn."""

    @property
    def ends_connection(self) -> bool:
        """It was opened for one command, after which the connection is closed."""
        return self._answering and self._endpoint.one_command

    def attend(self, rouse: Callable[[], None]) -> None:
        """Whom the shell is to tell when there is something to do."""
        if self._shell is not None:
            self._shell.attend(rouse)

    @property
    def waiting(self) -> bool:
        """The shell wants lab time to pass."""
        return self._shell is not None and self._shell.waiting

    @property
    def restless(self) -> bool:
        """The shell wants a tick after every event."""
        return self._shell is not None and self._shell.restless

    @property
    def wake(self) -> float | None:
        """When the shell wants a tick by itself."""
        return None if self._shell is None else self._shell.wake

    def tick(self) -> None:
        """Have the shell look, and send what it prints."""
        if self._shell is not None:
            self._shell.turn(self._clock.turns.begin())
            self._shell.tick()
            self._flush()

    def _go_on(self) -> None:
        """A turn for what gave way."""
        self._queued = False
        shell = self._shell
        if shell is None or self._gone or not shell.busy:
            return
        shell.turn(self._clock.turns.begin())
        shell.go_on()
        self._after_input()

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """The channel is open."""
        self._channel = chan
        chan._env = Environment()

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        """A size of 0 means: use the default."""
        self._pty = True
        self._term = term_type
        columns, rows = term_size[0] or 80, term_size[1] or 24
        self._columns, self._rows = min(columns, LARGEST), min(rows, LARGEST)
        return True

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """The client's window changed."""
        if self._shell is not None and width and height:
            self._shell.resize(min(width, LARGEST), min(height, LARGEST))
            self._flush()

    def shell_requested(self) -> bool:
        """An interactive shell."""
        return self._open()

    def exec_requested(self, command: str | bytes) -> bool:
        """One command, then the end."""
        self._command = command.decode("utf-8", "replace") if isinstance(command, bytes) else command
        self._answering = self._copy() if is_scp(self._command) else self._open()
        return self._answering

    def subsystem_requested(self, subsystem: str) -> bool:
        """SFTP."""
        return subsystem == "sftp" and self._copy()

    def _copy(self) -> bool:
        """Serve files instead of a shell."""
        systems = self._endpoint.files(self._client.privilege)
        if not systems or self._channel is None:
            return False
        self._transfer = transfer_session(systems)
        self._transfer.connection_made(self._channel)
        return True

    def _open(self) -> bool:
        client = replace(self._client, columns=self._columns, rows=self._rows, pty=self._pty, term=self._term)
        self._clock.catch_up()
        self._shell = self._endpoint.open(client, self.hang_up)
        return self._shell is not None

    def session_started(self) -> None:
        """Speak first: a client may send nothing before it has seen the prompt."""
        if self._transfer is not None:
            self._transfer.session_started()
        if self._shell is None:
            return
        self._clock.watch(self)
        self._shell.turn(self._clock.turns.begin())
        if self._command is None:
            self._shell.start()
        else:
            self._shell.run(self._command)
        self._after_input()

    def data_received(self, data: bytes, datatype: object) -> None:
        """The client typed."""
        if self._transfer is not None:
            self._transfer.data_received(data, None)
        if self._shell is None or self._gone:
            return
        self._clock.catch_up()
        self._shell.turn(self._clock.turns.begin())
        self._shell.receive(data)
        self._after_input()

    def eof_received(self) -> bool:
        """The client will type no more; a command that runs may still finish."""
        if self._transfer is not None:
            return bool(self._transfer.eof_received())
        if self._shell is not None and not self._gone:
            self._clock.catch_up()
            self._shell.turn(self._clock.turns.begin())
            self._shell.end_of_input()
            self._after_input()
        return True

    def break_received(self, msec: int) -> bool:
        """A break does no harm."""
        return True

    def signal_received(self, signal: str) -> None:
        """Signals do no harm."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the line."""
        self._gone = self.gone = True
        self._clock.unwatch(self)
        if self._transfer is not None:
            self._transfer.connection_lost(exc)
            self._clock.poke()
        if self._shell is not None:
            shell, self._shell = self._shell, None
            shell.disconnect()
            self._clock.poke()
        if exc is None and self.ends_connection and self._connection is not None:
            self._connection.disconnect(asyncssh.DISC_BY_APPLICATION, "")

    def pause_writing(self) -> None:
        """The client reads slowly: what is to be sent stays in the shell."""
        self._paused = True
        if self._transfer is not None:
            self._transfer.pause_writing()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._paused = False
        self.unclogged()
        if self._transfer is not None:
            self._transfer.resume_writing()

    def unclogged(self) -> None:
        """Something can be sent again."""
        self._flush()

    def hang_up(self) -> None:
        """Send what is left and close."""
        if self._gone or self._channel is None:
            return
        self._gone = True
        self._clock.unwatch(self)
        with contextlib.suppress(OSError):
            self._channel.exit(getattr(self._shell, "status", 0))

    def _after_input(self) -> None:
        self._flush()
        if not self._gone:
            self._clock.served(self)
        else:
            self._clock.poke()

    def _flush(self) -> None:
        shell, channel = self._shell, self._channel
        if shell is None or channel is None or self._gone:
            return
        self._listen(shell, channel)
        if not self._paused and not self._clogged:
            data = shell.output()
            if data:
                with contextlib.suppress(OSError):
                    for chunk in _CHUNKS.findall(data) if len(data) > CHUNK else (data,):
                        channel.write(chunk)
            if shell.closed:
                self.hang_up()
                return
        if shell.busy and not self._queued:
            self._queued = True
            self._clock.turns.add(self._go_on)

    @property
    def _clogged(self) -> bool:
        """The whole connection is read slowly, whatever the channel may still take."""
        return self._connection is not None and self._connection.clogged

    def _listen(self, shell: Shell, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        """Read on, or leave what comes in the network, as the shell likes."""
        if shell.eager == self._deaf:
            self._deaf = not self._deaf
            if self._deaf:
                channel.pause_reading()
            else:
                # not now: it delivers what came meanwhile
                asyncio.get_running_loop().call_soon(self._hear)

    def _hear(self) -> None:
        if self._channel is not None and not self.gone and not self._deaf:
            self._channel.resume_reading()


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
    loop = asyncio.get_running_loop()
    connections: set[Connection] = set()
    door = admission or Admission(random.SystemRandom().random)

    def accept() -> Connection:
        return _Tracked(
            loop,
            options,
            lambda: Authentication(endpoint, clock, refusal_delay, door),
            clock.turns,
            connections,
        )

    server = await loop.create_server(delayed(accept, delay), host, port)
    return Listener(endpoint, server, connections)
