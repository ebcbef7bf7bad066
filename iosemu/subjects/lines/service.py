"""Tells the sessions on the terminal lines that their lines are configured otherwise."""

from __future__ import annotations

from iosemu.box.service import Service


class LineSettings(Service):
    """A line's settings are read where they are used; `exec-timeout` alone has somebody who waits."""

    def changed(self) -> None:
        """An idle session may have to end sooner than it thought."""
        for line in self.device.lines.all():
            line.attention.emit()
