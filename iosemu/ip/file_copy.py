"""A file on its way between a box and a server: how whoever waits for it sees it, whatever carries it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from iosemu.box.device import Device
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal

PATIENCE = 30.0
"""Lab seconds without progress after which a server counts as silent."""


class FileCopy:
    """One transfer; `signal` tells of progress and of the end."""

    retransmissions = 0
    silent = False

    def __init__(self, device: Device) -> None:
        self.signal = Signal()
        self.done = False
        self.reason = ""
        """Why it ended early, in the words of IOS."""
        self._device = device
        self._timer: Timer | None = None

    @property
    def transfer(self) -> Self:
        """Itself: what moves is not apart from what carries it."""
        return self

    def close(self) -> None:
        """Give it up."""
        self._end("Aborted")

    def _wait(self) -> None:
        """There was progress: the server may take its time again."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._device.scheduler.after(PATIENCE, self._late)

    def _late(self) -> None:
        self._end("Timed out")

    def _end(self, reason: str) -> None:
        if self.done:
            return
        self.done, self.reason = True, reason
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._hang_up()
        self.signal.emit()

    @abstractmethod
    def _hang_up(self) -> None:
        """Close what carries it, or cut it where there is a `reason`."""
