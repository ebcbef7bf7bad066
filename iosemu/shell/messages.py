"""System messages on a terminal: which of them it shows, and in what form."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.subjects.logging.config import LoggingConfig

DROPPED = "%SYS-3-LOGGER_DROPPED: System dropped {} console debug messages."
"""What a terminal that read too slowly is told in place of the oldest messages."""


class Messages:
    """What this terminal has not seen of a device's log; `arrived` is called when there is more to show.

    A terminal that shows no messages is not told of any.
    """

    def __init__(self, device: Device, console: bool, arrived: Callable[[], None]) -> None:
        self.device = device
        self.console = console
        self._syslog = device.syslog
        self._seen = self._syslog.count
        self._totals = list(self._syslog.totals)
        """How many there had been of each severity when it last looked."""
        self._arrived = arrived
        self._following = False
        self.follow(False)

    def follow(self, monitor: bool) -> None:
        """Show what comes from now on: on the console always, elsewhere with `terminal monitor`."""
        if (self.console or monitor) == self._following:
            return
        self._following = not self._following
        if self._following:
            self._look()
            self._syslog.added.connect(self._arrived)
        else:
            self.close()

    def close(self) -> None:
        """Show no more."""
        self._following = False
        self._syslog.added.disconnect(self._arrived)

    def fetch_all(self) -> list[str]:
        """All lines of the log that are kept, and from then on the new ones."""
        self._seen = 0
        return self.fetch()

    def fetch(self) -> list[str]:
        """New lines to show."""
        syslog = self._syslog
        if not self._following or syslog.count == self._seen:
            return []
        fresh = syslog.since(self._seen)
        before = self._totals
        self._look()
        settings = self.device.config.find(LoggingConfig)
        if settings is None or not settings.enabled:
            return []
        level = settings.console if self.console else settings.monitor
        if level is None:
            return []
        lines = [message.stamped for message in fresh if message.severity <= level]
        came = sum(self._totals[: level + 1]) - sum(before[: level + 1])
        if came > len(lines):
            lines.insert(0, DROPPED.format(came - len(lines)))
        return lines

    def _look(self) -> None:
        self._seen = self._syslog.count
        self._totals = list(self._syslog.totals)
