"""The Telnet server of one endpoint: bytes to and from its shells; who logs in is asked by the shell itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Protocol, cast

from iosemu.server.clock import LabClock
from iosemu.server.endpoint import Shell
from iosemu.server.latency import delayed
from iosemu.server.limits import Admission
from iosemu.server.ssh import HOST
from iosemu.server.waiters import ShellWaiter
from iosemu.terminal.nvt import Nvt


class TerminalShell(Shell, Protocol):
    """A shell that asks itself who it is that types."""

    @property
    def greeted(self) -> bool:
        """Whoever types is known: the connection no longer counts among those that are not logged in."""
        ...

    def named(self, terminal: str) -> None:
        """The client tells the type of its terminal."""
        ...


class TerminalEndpoint(Protocol):
    """A terminal line, or a box with some of them, as a Telnet listener sees it."""

    @property
    def name(self) -> str:
        """For messages to the user."""
        ...

    @property
    def watched(self) -> bool:
        """Its shells want to be told by the clock; else somebody else has them print."""
        ...

    def open(self, address: str, changed: Callable[[], None]) -> TerminalShell | None:
        """A shell for a client with this address; None: nobody may come in now.

        `changed` is to be called when it has something to print that nobody asked for.
        """
        ...


class TelnetConnection(ShellWaiter[TerminalShell], asyncio.Protocol):
    """One connection and its shell."""

    def __init__(
        self,
        endpoint: TerminalEndpoint,
        clock: LabClock,
        admission: Admission,
        all_of_them: set[TelnetConnection],
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._admission = admission
        self._all_of_them = all_of_them
        self._nvt = Nvt(self._resized)
        self._shell: TerminalShell | None = None
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._deaf = False
        """Nothing is read from the client: it has typed far enough ahead."""
        self._counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse the connection when no line is left; else negotiate, and let the shell speak first."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._clock.catch_up()
        if self._admission.admits():
            self._shell = self._endpoint.open(peer[0] if peer else "", self.flush)
        if self._shell is None:
            self._transport.abort()
            return
        self._all_of_them.add(self)
        self._counted = True
        self._admission.enter()
        if self._endpoint.watched:
            self._clock.watch(self)
        self._begin_turn(self._shell)
        self._shell.start()
        self._after_input()

    # what the clock asks

    def tick(self) -> None:
        """Have the shell look, and send what it prints."""
        if self._shell is not None:
            self._begin_turn(self._shell)
            self._shell.tick()
            self.flush()

    # what the transport tells

    def data_received(self, data: bytes) -> None:
        """The client typed, or negotiates."""
        typed = self._nvt.receive(data)
        if self._shell is None:
            return
        if self._nvt.terminal:
            self._shell.named(self._nvt.terminal)
        if typed:
            self._clock.catch_up()
            self._begin_turn(self._shell)
            self._shell.receive(typed)
        self._after_input()

    def _resized(self, columns: int, rows: int) -> None:
        if self._shell is not None:
            self._shell.resize(columns, rows)

    def eof_received(self) -> bool:
        """The client will type no more; a command that runs may still finish."""
        if self._shell is not None:
            self._clock.catch_up()
            self._begin_turn(self._shell)
            self._shell.end_of_input()
            self._after_input()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the line."""
        self._all_of_them.discard(self)
        self._known()
        self._clock.unwatch(self)
        shell, self._shell = self._shell, None
        if shell is not None:
            shell.disconnect()
            self._clock.turns.finish(shell)
            self._clock.poke()

    def pause_writing(self) -> None:
        """The client reads slowly: what is to be sent stays in the shell."""
        self._paused = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self._paused = False
        self.flush()

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _known(self) -> None:
        """It no longer counts among those that are not logged in."""
        if self._counted:
            self._counted = False
            self._admission.leave()

    def _after_input(self) -> None:
        self.flush()
        if self._shell is not None and self._endpoint.watched:
            self._clock.served(self)
        else:
            self._clock.poke()

    def flush(self) -> None:
        """Send what is to be sent; hang up when the shell has ended."""
        shell, transport = self._shell, self._transport
        if transport is None or transport.is_closing():
            return
        negotiation = self._nvt.output()
        if negotiation:
            transport.write(negotiation)
        if shell is None:
            return
        if shell.greeted:
            self._known()
        if shell.eager is self._deaf:
            self._deaf = not self._deaf
            (transport.pause_reading if self._deaf else transport.resume_reading)()
        if not self._paused:
            data = shell.output()
            if data:
                transport.write(self._nvt.escaped(data))
            if shell.closed:
                self._clock.unwatch(self)
                transport.close()
                return
        self._want_turn(shell)


class TelnetListener:
    """A port on which one endpoint answers Telnet."""

    def __init__(self, server: asyncio.Server, connections: set[TelnetConnection]) -> None:
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


async def listen_telnet(
    endpoint: TerminalEndpoint,
    clock: LabClock,
    port: int,
    *,
    host: str = HOST,
    admission: Admission | None = None,
    delay: float = 0.0,
) -> TelnetListener:
    """Answer Telnet for `endpoint` on `host`:`port` (0: any free port); each byte takes `delay` wall seconds.

    Raises OSError when the port is taken.
    """
    connections: set[TelnetConnection] = set()
    door = admission or Admission(random.SystemRandom().random)

    def accept() -> TelnetConnection:
        return TelnetConnection(endpoint, clock, door, connections)

    server = await asyncio.get_running_loop().create_server(delayed(accept, delay), host, port)
    return TelnetListener(server, connections)
