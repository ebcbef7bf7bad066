"""What a command's handler may ask of the session that runs it.

A handler returns None, a line, or an iterable of lines; or it is a generator that yields lines (`str`)
and the effects below, and receives their answers. It never touches a socket or a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Protocol, TypeVar

from iosemu.net.signal import Signal


@dataclass(frozen=True, slots=True)
class Write:
    """Print text at once, without a line end (the `!` of ping, a prompt that is answered by itself)."""

    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Print a question and read a line; the answer is sent back without its line end.

    With `echo` off what is typed stays invisible (passwords).
    """

    prompt: str
    echo: bool = True


@dataclass(frozen=True, slots=True)
class Confirm:
    """Print `prompt` (ends in `[confirm]`) and read one key: True for Enter or y, else False."""

    prompt: str


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """Read lines until one holds `delimiter`; sends back the text before it (banners)."""

    delimiter: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Let lab time pass, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Wait until `condition()` holds, or `timeout` lab seconds passed; sends back which (True: it holds).

    With `signal` the condition is looked at when that is emitted; without, after every event of the lab, which
    costs as much as there are such waits. Time alone is waited for with `Wait`.
    """

    condition: Callable[[], bool]
    timeout: float | None = None
    signal: Signal | None = None


@dataclass(frozen=True, slots=True)
class Enter:
    """Enter a mode that edits `target`."""

    mode: str
    target: Any = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Go up one mode."""


@dataclass(frozen=True, slots=True)
class End:
    """Leave configuration altogether."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the session."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Send what `read()` gives, as it is, until the client leaves; on a terminal the session refuses.

    `signal` tells that there is something to read.
    """

    read: Callable[[], bytes]
    signal: Signal


class FarEnd(Protocol):
    """A box that somebody has gone on to from here: what is typed goes there, what it prints comes from there."""

    host: str
    """As the user named it."""
    signal: Signal
    """Something came from there, or it has hung up."""
    address: IPv4Address
    number: int
    """In `show sessions`; 0: it has none yet."""
    used: float
    """Lab time at which the user was there last."""

    @property
    def unread(self) -> int:
        """Octets that came and were not read."""
        ...

    @property
    def open(self) -> bool:
        """Nobody has hung up."""
        ...

    @property
    def settled(self) -> bool:
        """Nothing is on its way there: no lab time need pass for it."""
        ...

    def read(self) -> bytes:
        """What it printed since the last call."""
        ...

    def write(self, data: bytes) -> None:
        """Type there."""
        ...

    def function(self, letter: str) -> None:
        """Ask for a function of Telnet: break, interrupt, erase a character, abort output, are you there, erase a line.

        Their letters are B, C, H, O, T and U. A protocol without such functions does nothing.
        """
        ...

    def close(self) -> None:
        """Hang up."""
        ...


@dataclass(frozen=True, slots=True)
class Relay:
    """Give the terminal to a far end; the answer is True when it hung up, False when the user escaped from it."""

    far: FarEnd
    escapes: bool = True
    """The escape character leads back."""


@dataclass(frozen=True, slots=True)
class View:
    """Give the terminal to a full-screen view until the user leaves it."""

    name: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Others may have their turn here, in wall time; the command goes on by itself, without an answer.

    A handler that works without printing yields one every millisecond or so.
    """

    breakable: bool = True
    """Ctrl-Shift-6 may end the command here."""


PAUSE = Pause()
WHOLE = Pause(breakable=False)
"""A pause within what must be done as a whole, such as a configuration that is loaded."""


Effect = (
    Write
    | Ask
    | Confirm
    | ReadBlock
    | Wait
    | WaitFor
    | Enter
    | Leave
    | End
    | Close
    | Stream
    | View
    | Relay
    | Pause
)
Steps = Generator[str | Effect, Any, None]
"""A handler that asks or waits."""
Output = None | str | Iterable[str | Effect]
"""Whatever a handler may return."""


ResultT = TypeVar("ResultT")
Work = Generator[Pause, None, ResultT]
"""Something long: it pauses now and then, and returns its result (`yield from`)."""


def paused(work: Generator[None, None, ResultT], pause: Pause = WHOLE) -> Work[ResultT]:
    """Work of a lower room, whose pauses are plain yields."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            result: ResultT = stop.value
            return result
        yield pause


def finished(work: Work[ResultT]) -> ResultT:
    """The result of work, without pauses."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            result: ResultT = stop.value
            return result


class Interrupted(Exception):  # noqa: N818 - thrown into a generator as a fact, not as a fault
    """Ctrl-Shift-6 (or a lost client): thrown into a waiting handler, which may say so and must end."""


class CommandError(Exception):
    """The command is refused: `str(error)` is printed as it stands and nothing was changed."""


class InvalidArgument(Exception):  # noqa: N818 - names what the user sees
    """A value that the grammar let pass does not fit; printed as a caret error under that argument."""

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.argument = argument
