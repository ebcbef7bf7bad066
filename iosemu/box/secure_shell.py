"""SSH over the lab's own network, as the services of a box reach it: whoever has the protocol is handed down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from iosemu.net.signal import Signal
from iosemu.tcp import Connection, ConnectionEvent


@dataclass(frozen=True, slots=True)
class SshAccount:
    """As whom, and with which algorithms, a server is asked."""

    username: str
    cipher: str = ""
    """Empty: what the release has."""
    mac: str = ""
    prompts: int = 3
    """How often a password may be given."""


@dataclass(frozen=True, slots=True)
class SshPurpose:
    """What for: a shell on a terminal of this size, or one command whose octets are passed on as they are."""

    command: str | None = None
    columns: int = 80
    rows: int = 24
    terminal: str = "vt100"


class SecureClient(Protocol):
    """A connection to a server; `signal` tells whatever happens."""

    signal: Signal
    cipher: str
    mac: str
    banner: str
    """What the server tells those who log in, since the last look."""

    @property
    def asking(self) -> bool:
        """The server wants a password."""
        ...

    @property
    def ready(self) -> bool:
        """The shell, or the command, runs."""
        ...

    @property
    def asked(self) -> int:
        """How often a password was given."""
        ...

    @property
    def refused(self) -> bool:
        """The server lets this user in, but does not run the command."""
        ...

    @property
    def open(self) -> bool:
        """Nobody has hung up, or what came before was not read."""
        ...

    @property
    def settled(self) -> bool:
        """Nothing is on its way to the server."""
        ...

    @property
    def unread(self) -> int:
        """Octets that came and were not read."""
        ...

    @property
    def clogged(self) -> bool:
        """The server reads too slowly: what was written last waits here."""
        ...

    def answer(self, password: str) -> None:
        """The password."""
        ...

    def told(self, event: ConnectionEvent) -> None:
        """What happened to the TCP connection."""
        ...

    def read(self) -> bytes:
        """What came since the last call."""
        ...

    def write(self, data: bytes) -> None:
        """Send."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class SecureShells(Protocol):
    """The SSH of one box."""

    def admits(self, address: str, vrf: str) -> bool:
        """Whether a client may connect: a line is free that takes SSH from there."""
        ...

    def serve(self, connection: Connection, vrf: str) -> Callable[[ConnectionEvent], None]:
        """Answer on a TCP connection; what is returned wants to hear what happens to it."""
        ...

    def reach(self, connection: Connection, account: SshAccount, purpose: SshPurpose) -> SecureClient:
        """Log in at the other end of a TCP connection, which is up."""
        ...

    def forget(self) -> None:
        """Cut all connections, without a word: lab time is put back."""
        ...
