"""What a listener serves: somebody who knows users and opens shells."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from iosemu.server.deciding import Decided, Decision

if TYPE_CHECKING:
    from iosemu.server.transfer import FileSystems


RETRIES = 3
"""Wrong passwords before the connection is closed (`ip ssh authentication-retries`)."""
LOGIN_SECONDS = 120
"""Seconds IOS gives a client to log in (`ip ssh time-out`)."""


class Shell(Protocol):
    """A sans-IO shell, as `iosemu.shell.session.Session` is one."""

    def attend(self, rouse: Callable[[], None]) -> None:
        """Call `rouse` from now on when something came that a `tick` is to deal with, or a wait began or ended."""
        ...

    def turn(self, spent: Callable[[], bool]) -> None:
        """What follows works until `spent()`, and is `busy` then if that was not all."""
        ...

    @property
    def busy(self) -> bool:
        """It gave way and wants another turn."""
        ...

    def go_on(self) -> None:
        """Here it is."""
        ...

    @property
    def eager(self) -> bool:
        """It takes more of what the client types."""
        ...

    def start(self) -> None:
        """Print banners and the first prompt."""
        ...

    def run(self, command: str) -> None:
        """Run one command line, then close."""
        ...

    def receive(self, data: bytes) -> None:
        """Take what the client typed."""
        ...

    def end_of_input(self) -> None:
        """The client will type no more: end where something would be read."""
        ...

    def output(self) -> bytes:
        """What is to be sent since the last call."""
        ...

    def tick(self) -> None:
        """What it was roused for, or waited for, may have come."""
        ...

    def resize(self, columns: int, rows: int) -> None:
        """The client's window changed."""
        ...

    def disconnect(self) -> None:
        """The client is gone."""
        ...

    @property
    def waiting(self) -> bool:
        """A command wants lab time to pass."""
        ...

    @property
    def restless(self) -> bool:
        """It waits for what nobody announces: it wants a tick after every event."""
        ...

    @property
    def wake(self) -> float | None:
        """Lab time of the next tick it wants by itself."""
        ...

    @property
    def closed(self) -> bool:
        """It ended; hang up after sending `output()`."""
        ...


@dataclass(frozen=True, slots=True)
class Client:
    """Who opens a shell, and from what."""

    username: str
    privilege: int
    address: str
    columns: int = 80
    rows: int = 24
    pty: bool = True
    term: str = ""
    """The type of its terminal, as the client gives it."""
    cipher: str = ""
    mac: str = ""
    """Algorithms of the connection."""


class Endpoint(Protocol):
    """A device, or the lab's console, as an SSH listener sees it."""

    @property
    def name(self) -> str:
        """For messages to the user."""
        ...

    def log_in(self, username: str, password: str, address: str, *, asks: bool = False) -> Decision:
        """The user's privilege level, or None when the password does not fit; it may take lab time.

        With `asks` there is somebody who can answer further questions.
        """
        ...

    @property
    def one_command(self) -> bool:
        """A connection that asked for one command is closed when that has ended, as IOS does."""
        ...

    @property
    def reserved(self) -> bool:
        """Descriptors are held back for its connections."""
        ...

    @property
    def login_delay(self) -> float:
        """Seconds that a wrong password takes at least."""
        ...

    def attempted(self, username: str, address: str, accepted: bool) -> None:
        """Somebody has logged in, or gave a wrong password."""
        ...

    def full(self) -> bool:
        """No line is left (or the power is off): the next connection is refused."""
        ...

    def admits(self, address: str) -> bool:
        """Whether a client with this address may connect at all."""
        ...

    def log_in_by_key(self, username: str, md5: str, address: str) -> Decision:
        """The privilege of a user that owns the key with this MD5 (hexadecimal); None when it is unknown."""
        ...

    def files(self, privilege: int) -> FileSystems:
        """The file systems that such a user may copy to and from; empty when there are none."""
        ...

    @property
    def banner(self) -> str:
        """What a client is told before it logs in; may be empty."""
        ...

    @property
    def retries(self) -> int:
        """Wrong passwords before the connection is closed."""
        ...

    @property
    def login_seconds(self) -> int:
        """Seconds for logging in."""
        ...

    def open(self, client: Client, hang_up: Callable[[], None]) -> Shell | None:
        """A shell for an authenticated client; None when no line is left.

        `hang_up` cuts the client off.
        """
        ...


class Unguarded(ABC):
    """What an endpoint without files, keys and filters answers."""

    banner = ""
    retries = RETRIES
    login_seconds = LOGIN_SECONDS
    login_delay = 0.0
    reserved = False
    one_command = False

    def attempted(self, username: str, address: str, accepted: bool) -> None:  # noqa: B027 - what most answer
        """Nobody keeps count."""

    def admits(self, address: str) -> bool:
        """Everybody."""
        return True

    @abstractmethod
    def authenticate(self, username: str, password: str) -> int | None:
        """The user's privilege level, or None when the password does not fit."""

    def log_in(self, username: str, password: str, address: str, *, asks: bool = False) -> Decision:
        """Decided at once."""
        return Decided(self.authenticate(username, password))

    def log_in_by_key(self, username: str, md5: str, address: str) -> Decision:
        """No key is known."""
        return Decided(None)

    def files(self, privilege: int) -> FileSystems:
        """None."""
        return {}
