"""System messages on a terminal: which of them it shows, and in what form."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.box.timestamps import stamped
from iosemu.subjects.logging.config import LoggingConfig


class Messages:
    """What this terminal has not seen of a device's log; `arrived` is called when there is more to show.

    A terminal that shows no messages is not told of any.
    """

    def __init__(self, device: Device, console: bool, arrived: Callable[[], None]) -> None:
        self.device = device
        self.console = console
        self._syslog = device.syslog
        self._seen = self._syslog.count
        self._arrived = arrived
        self._following = False
        self.follow(False)

    def follow(self, monitor: bool) -> None:
        """Show what comes from now on: on the console always, elsewhere with `terminal monitor`."""
        if (self.console or monitor) == self._following:
            return
        self._following = not self._following
        if self._following:
            self._seen = self._syslog.count
            self._syslog.added.connect(self._arrived)
        else:
            self.close()

    def close(self) -> None:
        """Show no more."""
        self._following = False
        self._syslog.added.disconnect(self._arrived)

    def fetch(self) -> list[str]:
        """New lines to show."""
        syslog = self._syslog
        if not self._following or syslog.count == self._seen:
            return []
        fresh = syslog.since(self._seen)
        self._seen = syslog.count
        settings = self.device.config.find(LoggingConfig)
        if settings is None or not settings.enabled:
            return []
        level = settings.console if self.console else settings.monitor
        if level is None:
            return []
        return [stamped(self.device, message) for message in fresh if message.severity <= level]
