"""Standing between a person or a script and a device, and writing down what passes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import termios
import tty
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

import asyncssh

from iosemu.server.ssh import HOST
from iosemu.testing.channel import Ready
from iosemu.testing.patterns import PROMPT
from iosemu.testing.recording import Recording
from iosemu.testing.runner import QUESTION
from iosemu.testing.ssh import SSHChannel

LEGACY = {
    "kex_algs": "+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
    "encryption_algs": "+aes256-cbc,aes128-cbc,3des-cbc",
    "mac_algs": "+hmac-sha1",
    "server_host_key_algs": "+ssh-rsa",
}
"""What devices with old software need beside asyncssh's defaults."""
LEAVE = b"\x1d"
"""Ctrl-]: ends an interactive recording."""

Begin = Callable[[], Recording]
"""Starts a new recording."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a device answers, and as whom to log in."""

    host: str
    port: int
    username: str
    password: str
    legacy: bool = False


class Wire(SSHChannel):
    """A shell on a device whose bytes also go to a recording and to a listener."""

    def __init__(self) -> None:
        super().__init__()
        self.recording: Recording | None = None
        self.listener: Callable[[bytes], None] = lambda _data: None
        self._early = bytearray()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Bytes from the device."""
        super().data_received(data, datatype)
        if self.recording is None:
            self._early += data
        else:
            self.recording.printed(data)
            self.listener(data)

    def write_down(self, recording: Recording, listener: Callable[[bytes], None] | None = None) -> None:
        """Begin to record, from the first byte on."""
        self.recording = recording
        if listener is not None:
            self.listener = listener
        recording.printed(bytes(self._early))
        self.listener(bytes(self._early))

    def press(self, data: bytes) -> None:
        """Somebody pressed keys."""
        if self.recording is not None:
            self.recording.typed(data)
        if self._shell is not None and not self.closed:
            self._shell.write(data)


async def dial(target: Target, size: tuple[int, int]) -> Wire:
    """Log in to a device; raises ValueError when it refuses or does not answer."""
    options = LEGACY if target.legacy else {}
    return await Wire.open(target.host, target.port, target.username, target.password, size, **options)


async def script(target: Target, recording: Recording, lines: Iterable[str]) -> None:
    """Type lines one by one, each when the device has answered the one before.

    Raises ValueError when the device does not come back to a prompt.
    """
    wire = await dial(target, (80, 1000))
    wire.write_down(recording)
    try:
        await _settled(wire, "login")
        for line in lines:
            if wire.closed:
                break
            wire.press(line.encode() + b"\r")
            await _settled(wire, line)
    finally:
        await wire.close()


async def _settled(wire: Wire, after: str) -> None:
    row = len(wire.screen.rows) - 1

    def ready() -> Ready:
        cursor = wire.screen.cursor_line
        if PROMPT.fullmatch(cursor) and (len(wire.screen.rows) - 1 > row or after == "login"):
            return Ready.PERHAPS
        return Ready.PERHAPS if QUESTION.search(cursor) and len(wire.screen.rows) - 1 > row else Ready.NO

    if not await wire.settle(ready):
        raise ValueError(f"the device did not come back to a prompt after {after!r}")


async def interactive(target: Target, recording: Recording) -> None:
    """Join this terminal to the device until it hangs up or Ctrl-] is pressed."""
    loop = asyncio.get_running_loop()
    size = (80, 24)
    with contextlib.suppress(OSError):
        rows, columns = termios.tcgetwinsize(sys.stdin)
        size = (columns or 80, rows or 24)
    wire = await dial(target, size)
    done = asyncio.Event()
    source, sink = sys.stdin.fileno(), sys.stdout.buffer

    def show(data: bytes) -> None:
        sink.write(data)
        sink.flush()

    def keys() -> None:
        data = os.read(source, 1024)
        if not data or LEAVE in data:
            done.set()
        else:
            wire.press(data)

    before = termios.tcgetattr(source)
    tty.setraw(source)
    loop.add_reader(source, keys)
    try:
        wire.write_down(recording, show)
        hung_up = asyncio.create_task(wire.gone.wait())
        left = asyncio.create_task(done.wait())
        await asyncio.wait([hung_up, left], return_when=asyncio.FIRST_COMPLETED)
        hung_up.cancel()
        left.cancel()
    finally:
        loop.remove_reader(source)
        termios.tcsetattr(source, termios.TCSADRAIN, before)
        await wire.close()


@contextlib.asynccontextmanager
async def between(target: Target, begin: Begin, port: int, keys: list[asyncssh.SSHKey]) -> AsyncIterator[int]:
    """Answer SSH on a port of this machine and pass everything on to the device; yields the port.

    Whoever connects logs in with the device's own user and password, which are tried there. Every shell
    gets a recording from `begin`. Raises OSError when the port is taken.
    """
    server = await asyncssh.listen(
        HOST, port, server_factory=lambda: _Middle(target, begin), server_host_keys=keys, encoding=None
    )
    try:
        yield server.get_port()
    finally:
        server.close()
        await server.wait_closed()


class _Middle(asyncssh.SSHServer):
    """One connection of a script."""

    def __init__(self, target: Target, begin: Begin) -> None:
        self._target = target
        self._begin = begin

    def password_auth_supported(self) -> bool:
        """Yes."""
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """As the device says."""
        self._target = Target(self._target.host, self._target.port, username, password, self._target.legacy)
        try:
            wire = await dial(self._target, (80, 24))
        except ValueError:
            return False
        await wire.close()
        return True

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """A shell that leads to the device."""
        return _MiddleShell(self._target, self._begin)


class _MiddleShell(asyncssh.SSHServerSession[bytes]):
    def __init__(self, target: Target, begin: Begin) -> None:
        self._target = target
        self._begin = begin
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._wire: Wire | None = None
        self._early = bytearray()
        self._size = (80, 24)
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        self._size = (term_size[0] or 80, term_size[1] or 24)
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        if self._channel is not None:
            self._channel.set_encoding(None)
        self._task = asyncio.create_task(self._join())

    async def _join(self) -> None:
        channel = self._channel
        assert channel is not None
        try:
            wire = await dial(self._target, self._size)
        except ValueError:
            channel.exit(1)
            return
        wire.write_down(self._begin(), channel.write)
        self._wire = wire
        if self._early:
            wire.press(bytes(self._early))
        await wire.gone.wait()
        channel.exit(0)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if self._wire is None:
            self._early += data
        else:
            self._wire.press(data)

    def connection_lost(self, exc: Exception | None) -> None:
        wire = self._wire
        if wire is not None and not wire.closed:
            self._task = asyncio.create_task(wire.close())
