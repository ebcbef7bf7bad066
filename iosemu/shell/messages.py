"""System messages on a terminal: which of them it shows, and in what form."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.subjects.clock.commands import stamped
from iosemu.subjects.logging.config import LoggingConfig


class Messages:
    """Polls a device's log for what this terminal has not seen."""

    def __init__(self, device: Device, console: bool) -> None:
        self.device = device
        self.console = console
        self.seen = device.syslog.count

    def fetch(self, monitor: bool) -> list[str]:
        """New lines to show: on the console always, elsewhere with `terminal monitor`."""
        syslog = self.device.syslog
        if syslog.count == self.seen:
            return []
        fresh = syslog.since(self.seen)
        self.seen = syslog.count
        settings = self.device.config.find(LoggingConfig)
        if settings is None or not settings.enabled or not (self.console or monitor):
            return []
        level = settings.console if self.console else settings.monitor
        if level is None:
            return []
        return [stamped(self.device, message) for message in fresh if message.severity <= level]
