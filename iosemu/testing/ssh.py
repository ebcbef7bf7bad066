"""A channel over real SSH."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Self

import asyncssh

from iosemu.testing.channel import Channel, Ready

QUIET = 0.1
"""Wall seconds without a byte after which a likely prompt counts as one."""
QUIET_HERE = 0.03
"""The same where the device works in this very event loop: it is done, only the socket takes time."""
TURNS = 20
"""Times that the event loop goes round without a byte, before the device counts as done there: on a busy machine
bytes take several to come."""
PATIENCE = 15.0
"""Wall seconds without a byte after which a device is given up."""


class SSHChannel(Channel, asyncssh.SSHClientSession[bytes]):
    """An interactive shell on a device."""

    def __init__(self) -> None:
        super().__init__()
        self._arrived = asyncio.Event()
        self.gone = asyncio.Event()
        """The device has hung up."""
        self.quiet = QUIET
        """Wall seconds without a byte after which a likely prompt counts as one."""
        self.busy: Callable[[], bool] | None = None
        """Whether the device still computes, where it works in this very event loop."""
        self._connection: asyncssh.SSHClientConnection | None = None
        self._shell: asyncssh.SSHClientChannel[bytes] | None = None

    @classmethod
    async def open(
        cls, host: str, port: int, username: str, password: str, size: tuple[int, int], **options: Any
    ) -> Self:
        """Log in with a terminal of `size` columns and rows; `options` are asyncssh's.

        Raises ValueError when refused.
        """
        try:
            connection = await asyncssh.connect(
                host,
                port,
                username=username,
                password=password,
                known_hosts=None,
                client_keys=None,
                agent_path=None,
                config=None,
                **options,
            )
        except asyncssh.PermissionDenied as error:
            raise ValueError(f"{host}:{port} refuses user {username!r}: {error.reason}") from error
        except (OSError, asyncssh.Error) as error:
            raise ValueError(f"{host}:{port} does not answer SSH: {error}") from error
        channel = cls()
        channel._connection = connection
        try:
            channel._shell, _ = await connection.create_session(
                lambda: channel, encoding=None, term_type="vt100", term_size=size
            )
        except asyncssh.Error as error:
            await channel.close()
            raise ValueError(f"{host}:{port} opens no shell: {error}") from error
        return channel

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Bytes from the device."""
        self.screen.feed(data)
        self._arrived.set()

    def eof_received(self) -> bool:
        """The device will send no more."""
        self._hung_up()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone."""
        self._hung_up()

    def _hung_up(self) -> None:
        self.closed = True
        self.gone.set()
        self._arrived.set()

    async def send(self, data: bytes) -> None:
        """Press keys; a device that has hung up hears nothing."""
        if self._shell is not None and not self.closed:
            self._shell.write(data)

    async def settle(self, ready: Callable[[], Ready]) -> bool:
        """Read until `ready`, or until nothing more comes while it is perhaps ready."""
        loop = asyncio.get_running_loop()
        silent = loop.time()
        while True:
            state = Ready.YES if self.closed else ready()
            if state is Ready.YES:
                return True
            self._arrived.clear()
            try:
                async with asyncio.timeout(self.quiet if state is Ready.PERHAPS else PATIENCE):
                    await self._arrived.wait()
                silent = loop.time()
            except TimeoutError:
                if state is Ready.NO:
                    return False
                if await self._rests() or loop.time() > silent + PATIENCE:
                    return True

    async def _rests(self) -> bool:
        """Whether a device that was quiet for a while has nothing under way."""
        if self.busy is None:
            return True
        for _ in range(TURNS):
            if self.busy() or self._arrived.is_set():
                return False
            await asyncio.sleep(0)
        return True

    async def drain(self) -> None:
        """Let bytes that have arrived be read."""
        await asyncio.sleep(0)

    async def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            await self._connection.wait_closed()
        self.closed = True
