"""How many strangers a lab lets in at once: the limits of a well-kept SSH server, and room for its own work.

The figures are those of OpenSSH's sshd_config(5): MaxStartups 10:30:100 and MaxSessions 10.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass

MAXIMUM_CHANNELS = 10
"""Channels that one connection may have open at once."""
MAXIMUM_KEYS = 20
"""Public keys that one connection may offer."""
ENVIRONMENT_OCTETS = 16384
"""Names and values of environment variables that one channel may set."""
SAVING_DESCRIPTORS = 16
"""Descriptors that no connection may take: saving a file takes up to three at once."""
CONSOLE_DESCRIPTORS = 16
"""More of them that only connections to the lab's console may take."""
WANTED_DESCRIPTORS = 8192


@dataclass(frozen=True)
class MaximumStartups:
    """`MaxStartups BEGIN:RATE:FULL`."""

    begin: int = 10
    """Connections without a login from which on new ones are dropped at random."""
    rate: int = 30
    """Per cent that are dropped then; it grows linearly."""
    full: int = 100
    """From here on all are dropped."""

    def chance(self, waiting: int) -> float:
        """The probability, 0 to 1, with which one more is dropped while so many are not logged in."""
        if waiting < self.begin:
            return 0.0
        if waiting >= self.full:
            return 1.0
        span = max(self.full - self.begin, 1)
        return (self.rate + (100 - self.rate) * (waiting - self.begin) / span) / 100


class Admission:
    """Counts the connections of a lab that are not logged in yet, and the descriptors of the process.

    `dice` gives numbers from 0 up to 1; `descriptors` gives how many are open and how many may be.
    """

    def __init__(
        self,
        dice: Callable[[], float],
        startups: MaximumStartups | None = None,
        descriptors: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        self.waiting = 0
        """Connections that are not logged in."""
        self._dice = dice
        self._startups = startups or MaximumStartups()
        self._descriptors = descriptors or open_descriptors

    def admits(self, *, console: bool = False) -> bool:
        """Whether one more connection may come in; the caller then calls `enter`."""
        used, most = self._descriptors()
        if used + SAVING_DESCRIPTORS + (0 if console else CONSOLE_DESCRIPTORS) >= most:
            return False
        chance = self._startups.chance(self.waiting)
        return chance < 1.0 and self._dice() >= chance

    def enter(self) -> None:
        """A connection begins to log in."""
        self.waiting += 1

    def leave(self) -> None:
        """It has logged in, or is gone."""
        self.waiting -= 1


class Environment(dict[bytes, bytes]):
    """The environment that a client sets; what goes beyond `limit` octets is left out."""

    def __init__(self, limit: int = ENVIRONMENT_OCTETS) -> None:
        super().__init__()
        self._left = limit

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._left -= len(key) + len(value)
        if self._left >= 0:
            super().__setitem__(key, value)


def open_descriptors() -> tuple[int, int]:
    """How many descriptors this process has open, and how many it may have (RLIMIT_NOFILE)."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    try:
        used = len(os.listdir("/dev/fd"))  # noqa: PTH208 - for each connection that comes
    except OSError as error:
        used = (
            most if error.errno in (errno.EMFILE, errno.ENFILE) else 0
        )  # none left to look with, or none told
    return used, most


def raise_descriptor_limit(wanted: int = WANTED_DESCRIPTORS) -> None:
    """Let this process have as many descriptors as it wants, or as it is given."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
