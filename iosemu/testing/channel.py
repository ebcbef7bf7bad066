"""What a transcript runs against: benches (a lab) and channels (one session with one device)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum

from iosemu.testing.screen import Screen
from iosemu.testing.transcript import Converge, UseLab


class Ready(Enum):
    """What the rows so far say about whether the device has finished."""

    NO = 0
    PERHAPS = 1
    """It looks so, and is so if nothing more comes."""
    YES = 2


class Channel(ABC):
    """A session with a device as a terminal sees it."""

    def __init__(self) -> None:
        self.screen = Screen()
        self.closed = False
        """The device hung up."""

    @abstractmethod
    async def send(self, data: bytes) -> None:
        """Press keys."""

    @abstractmethod
    async def settle(self, ready: Callable[[], Ready]) -> bool:
        """Read until the device has finished; False when it does not.

        A channel that can see whether the device is idle need not ask `ready`.
        """

    @abstractmethod
    async def drain(self) -> None:
        """Take what has arrived, waiting for nothing."""

    @abstractmethod
    async def close(self) -> None:
        """Hang up."""


class Bench(ABC):
    """The lab under test and the ways to its devices."""

    @abstractmethod
    async def use(self, lab: UseLab) -> None:
        """Put a fresh copy of a lab on the bench; raises ValueError when there is none of that name."""

    @abstractmethod
    async def open(self, device: str, username: str, password: str, size: tuple[int, int]) -> Channel:
        """Log in to a device; raises ValueError when there is none of that name or it refuses."""

    @abstractmethod
    async def run(self, device: str, command: str) -> str:
        """Type a line into a session kept for this and return what it printed.

        Raises ValueError for an unknown device or one that does not come back to a prompt.
        """

    @abstractmethod
    async def advance(self, seconds: float) -> None:
        """Let lab time pass."""

    @abstractmethod
    async def set_link(self, endpoint: str, action: str) -> None:
        """`up`, `down`, `mute` or `clear` a cable; raises ValueError for an unknown endpoint."""

    @abstractmethod
    async def wait_until(self, device: str, command: str, holds: Callable[[str], bool], within: float) -> str:
        """Let lab time pass until a command's output satisfies `holds`; returns the last output.

        Raises TimeoutError with the last output after `within` lab seconds.
        """

    async def converge(self, directive: Converge) -> tuple[int | None, str]:
        """Cut a cable while pings go on; returns how many were lost, None when no way was found, and the report.

        Raises ValueError when nothing can be measured.
        """
        raise ValueError("cables cannot be cut here while pings go on")

    def take_faults(self) -> list[str]:
        """What went wrong in iosemu itself since the last call, as texts; none where that cannot be known."""
        return []

    @abstractmethod
    async def close(self) -> None:
        """Take the lab down."""
