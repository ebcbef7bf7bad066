"""The config logger: who changed the configuration by which commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.subjects.archive.config import ArchiveConfig, ChangeLogConfig

HIDDEN = "*****"
_KEY = re.compile(
    r"\b(password|secret|key-string|pre-shared-key(?: local| remote)?|key|message-digest-key \d+ md5|community|"
    r"authentication(?: text)?|md5)(?P<kind> [05-9])? (?P<value>\S.*)$"
)
"""What a command says last, where that is a key: as `hidekeys` finds it."""
_SESSION, _ENTRY = 3930, 376
"""Octets that IOS keeps for a session, and for an entry beside its text (reference: the command's outputs)."""


@dataclass(frozen=True, slots=True)
class LoggedCommand:
    """A command that was carried out in configuration mode."""

    number: int
    session: int
    """Counts those who configured, a new one for each user and line."""
    user: str
    line: str
    command: str

    @property
    def octets(self) -> int:
        """What it takes in memory."""
        return _ENTRY + len(self.user) + len(self.line) + len(self.command)


class ChangeLog(Service):
    """What `log config` remembers, and tells in system messages. Lost with power, as IOS has it in memory."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.entries: list[LoggedCommand] = []
        self.count = 0
        self.freed = 0
        """Octets of entries that are forgotten."""
        self._sessions: dict[tuple[str, str], int] = {}
        device.change_hooks.append(self._changed)

    @property
    def settings(self) -> ChangeLogConfig | None:
        """What is configured, where it is on."""
        log = self.device.config.of(ArchiveConfig).log
        return log if log is not None and log.enabled else None

    @property
    def sessions(self) -> int:
        """How many have configured the box since it started."""
        return len(self._sessions)

    def clear(self) -> None:
        """Forget all commands."""
        self._forget(len(self.entries))

    def _forget(self, count: int) -> None:
        self.freed += sum(each.octets for each in self.entries[:count])
        del self.entries[:count]

    def _changed(self, username: str, line: str, command: str) -> None:
        settings = self.settings
        if settings is None:
            return
        place = "console" if line.startswith("con") else line
        user = username or place
        session = self._sessions.setdefault((user, place), len(self._sessions) + 1)
        if settings.hide_keys:
            command = hidden(command)
        self.count += 1
        self.entries.append(LoggedCommand(self.count, session, user, place, command))
        self._forget(max(0, len(self.entries) - settings.size))
        if settings.notify_syslog or settings.notify_plaintext:
            self.device.log("PARSER", 5, "CFGLOG_LOGGEDCMD", f"User:{user}  logged command:{command}")


def hidden(command: str) -> str:
    """A command with its key as asterisks."""
    found = _KEY.search(command)
    if found is None:
        return command
    return f"{command[: found.start()]}{found[1]}{found['kind'] or ''} {HIDDEN}"


def rows(entries: list[LoggedCommand], provisioning: bool) -> Iterator[str]:
    """Entries as `show archive log config` prints them."""
    if provisioning:
        yield from (each.command for each in entries)
        return
    yield " idx   sess           user@line      Logged command"
    for each in entries:
        who = f"{each.user}@{each.line}"
        yield f"{each.number:>5}{each.session:>6}{who:>20}     |{each.command}"


def memory(log: ChangeLog) -> Iterator[str]:
    """`show archive log config statistics`."""
    held = sum(each.octets for each in log.entries)
    sessions = log.sessions * _SESSION
    yield "Config Log Session Info:"
    yield f"        Number of sessions being tracked: {log.sessions}"
    yield f"        Memory being held: {sessions} bytes"
    yield f"        Total memory allocated for session tracking: {sessions} bytes"
    yield "        Total memory freed from session tracking: 0 bytes"
    yield ""
    yield "Config Log log-queue Info:"
    yield f"        Number of entries in the log-queue: {len(log.entries)}"
    yield f"        Memory being held by the log-queue: {held} bytes"
    yield f"        Total memory allocated for log entries: {held + log.freed} bytes"
    yield f"        Total memory freed from log entries: {log.freed} bytes"
