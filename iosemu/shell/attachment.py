"""A session's place on a terminal line: what the line's configuration says about it."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig, LinesConfig
from iosemu.box.lines import Line
from iosemu.box.system import SystemConfig


class Attachment:
    """`line` None is the console (or a box without lines)."""

    def __init__(self, device: Device, line: Line | None) -> None:
        self.device = device
        self.line = line
        self.settings: LineConfig | None = None
        """What is configured; None on a box without lines."""
        lines = device.config.find(LinesConfig)
        if lines is None:
            return
        if line is None or line.kind == "con":
            self.settings = lines.console
        elif line.number < len(lines.vty):
            self.settings = lines.vty[line.number]

    @property
    def synchronous(self) -> bool:
        """`logging synchronous`."""
        return self.settings is not None and self.settings.logging_synchronous

    def size(self, columns: int, rows: int) -> tuple[int, int]:
        """Width and length: what the line says goes before the client's window."""
        settings = self.settings
        width = columns if settings is None or settings.width is None else settings.width
        length = rows if settings is None or settings.length is None else settings.length
        return max(width, 0), max(length, 0)

    def typed(self) -> None:
        """The user is there."""
        if self.line is not None:
            self.line.last_input = self.device.now

    def deadline(self) -> float | None:
        """Lab time at which nobody will have typed for too long; None: never."""
        if self.settings is None or self.line is None or not self.settings.exec_timeout:
            return None
        return self.line.last_input + self.settings.exec_timeout

    def session_deadline(self) -> float | None:
        """The same for whoever has gone on to another box (`session-timeout`)."""
        if self.settings is None or self.line is None or not self.settings.session_timeout:
            return None
        return self.line.last_input + self.settings.session_timeout * 60.0

    @property
    def last_input(self) -> float:
        """Lab time at which the user was there last."""
        return 0.0 if self.line is None else self.line.last_input

    def greeting(self, *, logged_in: bool = False) -> str:
        """What is printed before the first prompt; after a login on the line itself without what came before it."""
        greeting = self.device.composition.greeting
        text = f"{greeting}\r\n" if greeting else ""
        for banner in self._banners(("exec",) if logged_in else ("motd", "exec")):
            text += "\r\n" + banner.removeprefix("\n").removesuffix("\n").replace("\n", "\r\n") + "\r\n"
        return text or ("\r\n" if self.device.composition.leading_line and not logged_in else "")

    def _banners(self, names: tuple[str, ...]) -> Iterator[str]:
        system = self.device.config.find(SystemConfig)
        if system is not None:
            for name in names:
                shown = self.settings is None or getattr(self.settings, f"{name}_banner")
                if name in system.banners and shown:
                    yield system.banners[name]

    def autocommand(self, username: str) -> tuple[str, bool]:
        """What is run instead of a shell (empty: nothing), and whether it ends the session.

        The user's own command goes before that of the line.
        """
        system = self.device.config.find(SystemConfig)
        user = system.users.get(username) if system is not None and self.settings is not None else None
        if user is not None and user.autocommand:
            return user.autocommand, user.hangs_up
        return (self.settings.autocommand if self.settings is not None else ""), True

    def mail(self) -> str:
        """What other users sent to this line since the last call."""
        if self.line is None or not self.line.mail:
            return ""
        text = "".join(f"{row}\r\n" for rows in self.line.mail for row in rows)
        self.line.mail.clear()
        return text

    def free(self) -> None:
        """The session is over."""
        if self.line is not None:
            self.line.free()
