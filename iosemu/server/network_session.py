"""The SSH server of a box towards the lab's own network: asyncssh over its TCP, in lab time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import asyncssh

from iosemu.net.signal import Signal
from iosemu.server.channel import LARGEST
from iosemu.server.clock import LabClock
from iosemu.server.connection import Connection
from iosemu.server.endpoint import Client, Endpoint
from iosemu.server.lab_transport import LabTransport
from iosemu.server.limits import Admission, Environment
from iosemu.server.ssh import REFUSAL_DELAY, Authentication
from iosemu.server.transfer import is_scp, transfer_session
from iosemu.server.turns import Turns
from iosemu.server.window import WindowedChannel

Answers = Callable[["NetworkSession", str | None], bool]
"""Gives somebody a shell, or has one command run; False when there is no line for him."""


class Unhurried(Turns):
    """What comes over the lab's network is dealt with at the lab time at which it comes."""

    def begin(self) -> Callable[[], bool]:
        """A turn that does not end."""
        return lambda: False


class NetworkAuthentication(Authentication):
    """One connection from the lab: who it is, and what it is given."""

    def __init__(
        self, endpoint: Endpoint, clock: LabClock, transport: LabTransport, vrf: str, answers: Answers
    ) -> None:
        super().__init__(endpoint, clock, REFUSAL_DELAY, _Everybody())
        self._transport = transport
        self._vrf = vrf
        self._answers = answers
        self._taken = False

    def session_requested(self) -> NetworkSession | bool:  # type: ignore[override]  # of the other network
        """One shell, or one command, a connection."""
        connection = self._connection
        if connection is None or self._taken:
            return False
        self._taken = True
        client = Client(
            self._username(),
            self._privilege,
            self._address,
            cipher=str(connection.get_extra_info("recv_cipher") or ""),
            mac=str(connection.get_extra_info("recv_mac") or ""),
        )
        return NetworkSession(self._endpoint, client, connection, self._transport, self._vrf, self._answers)


class _Everybody(Admission):
    """Whoever has a free line may try."""

    def __init__(self) -> None:
        super().__init__(lambda: 1.0)

    def admits(self, *, console: bool = False) -> bool:
        return True


class NetworkSession(asyncssh.SSHServerSession[bytes]):
    """`iosemu.box.terminals.RemoteUser`: what he types, and what is printed for him."""

    def __init__(
        self,
        endpoint: Endpoint,
        client: Client,
        connection: Connection,
        transport: LabTransport,
        vrf: str,
        answers: Answers,
    ) -> None:
        self.signal = Signal()
        self.client = client
        self.vrf = vrf
        self.columns, self.rows, self.term, self.pty = 80, 24, "", False
        self._endpoint = endpoint
        self._connection = connection
        self._transport = transport
        self._transport.signal.connect(self.signal.emit)
        self._answers = answers
        self._channel: WindowedChannel | None = None
        self._copy: asyncssh.SSHServerSession[bytes] | None = None
        self._command: str | None = None
        self._typed = bytearray()
        self._over = False
        self._paused = False

    # --- for the box -----------------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """Where from."""
        return self.client.address

    @property
    def open(self) -> bool:
        """He has not hung up, or what he typed before was not read."""
        return not self._over or bool(self._typed)

    @property
    def settled(self) -> bool:
        """What was printed has arrived."""
        return self._transport.settled

    @property
    def unread(self) -> int:
        """Octets that came and were not read."""
        return len(self._typed)

    @property
    def clogged(self) -> bool:
        """What was printed last has not gone yet."""
        return self._paused

    def read(self) -> bytes:
        """What he typed since the last call."""
        data = bytes(self._typed)
        self._typed.clear()
        return data

    def write(self, data: bytes) -> None:
        """Print for him."""
        if self._channel is not None and not self._over:
            with contextlib.suppress(OSError):
                self._channel.write(data)

    def close(self) -> None:
        """Hang up: the connection ends with its shell."""
        if self._channel is not None and not self._over:
            with contextlib.suppress(OSError):
                self._channel.exit(0)

    # --- for asyncssh ----------------------------------------------------------------------------------

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """The channel is open."""
        assert isinstance(chan, WindowedChannel)
        self._channel = chan
        chan._env = Environment()

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        """A size of 0 means: use the default."""
        self.pty, self.term = True, term_type
        columns, rows = term_size[0] or 80, term_size[1] or 24
        self.columns, self.rows = min(columns, LARGEST), min(rows, LARGEST)
        return True

    def shell_requested(self) -> bool:
        """An interactive shell."""
        return True

    def exec_requested(self, command: str | bytes) -> bool:
        """One command, or the far end of scp."""
        text = command.decode("utf-8", "replace") if isinstance(command, bytes) else command
        if not is_scp(text):
            self._command = text
            return True
        systems = self._endpoint.files(self.client.privilege)
        if not systems or self._channel is None:
            return False
        self._copy = transfer_session(systems)
        self._copy.connection_made(self._channel)
        return True

    def session_started(self) -> None:
        """Speak first."""
        if self._copy is not None:
            self._copy.session_started()
        elif not self._answers(self, self._command):
            self._connection.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, "No line is free")

    def data_received(self, data: bytes, datatype: object) -> None:
        """He typed."""
        if self._copy is not None:
            self._copy.data_received(data, None)
            return
        self._typed += data
        self.signal.emit()

    def eof_received(self) -> bool:
        """He will type no more."""
        return self._copy is None or bool(self._copy.eof_received())

    def break_received(self, msec: int) -> bool:
        """A break does no harm."""
        return True

    def signal_received(self, signal: str) -> None:
        """Signals do no harm."""

    def pause_writing(self) -> None:
        """He reads slowly."""
        self._paused = True
        if self._copy is not None:
            self._copy.pause_writing()

    def resume_writing(self) -> None:
        """He has caught up."""
        self._paused = False
        if self._copy is not None:
            self._copy.resume_writing()
        self.signal.emit()

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is closed: a box closes the connection, too."""
        self._over = True
        if self._copy is not None:
            self._copy.connection_lost(exc)
        if exc is None:
            self._connection.disconnect(asyncssh.DISC_BY_APPLICATION, "")
        self.signal.emit()
