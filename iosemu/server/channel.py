"""One channel of an SSH connection: bytes between the client and its shell."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import replace

import asyncssh

from iosemu.server.clock import LabClock
from iosemu.server.connection import Connection
from iosemu.server.endpoint import Client, Endpoint, Shell
from iosemu.server.limits import Environment
from iosemu.server.transfer import is_scp, transfer_session
from iosemu.server.waiters import ShellWaiter

CHUNK = 16384
"""Bytes written at once at most; a longer text is divided after a line end."""
LARGEST = 4096
"""Columns and rows of a terminal; a larger one is taken for one of this size."""

_CHUNKS = re.compile(rb"(?s).{1,%d}(?:\n|\Z)|.{1,%d}" % (CHUNK - 1, CHUNK))


class Channel(ShellWaiter[Shell], asyncssh.SSHServerSession[bytes]):
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
        self._paused = False
        self._deaf = False
        """Nothing is read from the client: it has typed far enough ahead."""

    @property
    def ends_connection(self) -> bool:
        """It was opened for one command, after which the connection is closed."""
        return self._answering and self._endpoint.one_command

    def tick(self) -> None:
        """Have the shell look, and send what it prints."""
        if self._shell is not None:
            self._begin_turn(self._shell)
            self._shell.tick()
            self._flush()

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
        self._begin_turn(self._shell)
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
        self._begin_turn(self._shell)
        self._shell.receive(data)
        self._after_input()

    def eof_received(self) -> bool:
        """The client will type no more; a command that runs may still finish."""
        if self._transfer is not None:
            return bool(self._transfer.eof_received())
        if self._shell is not None and not self._gone:
            self._clock.catch_up()
            self._begin_turn(self._shell)
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
            self._clock.turns.finish(shell)
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
        self._want_turn(shell)

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
