"""A shell on a terminal line: the login of the line, then a session."""

from __future__ import annotations

from iosemu.box.line_config import LinesConfig
from iosemu.shell.session import Session
from iosemu.subjects.access.line_login import LOGIN_SECONDS, line_login


class TerminalSession(Session):
    """A session that begins with the login of its line (`line` is required)."""

    def start(self) -> None:
        """Ask who is there, as the line says."""
        lines = self.device.config.find(LinesConfig)
        line = self.line
        if lines is None or line is None:
            super().start()
            return
        settings = lines.console if line.kind == "con" else lines.vty[line.number]
        self.enter(line_login(self.device, self.shell, line, settings), LOGIN_SECONDS)

    @property
    def greeted(self) -> bool:
        """Whoever types is known."""
        return not self.entering

    def named(self, terminal: str) -> None:
        """The client tells the type of its terminal."""
        if self.line is not None:
            self.line.terminal = terminal
