"""`?` and Tab wherever they are typed: through outer modes, after `do` and after a `|`."""

from __future__ import annotations

import logging
import re
from typing import Any

from iosemu.parser.results import Candidates, Help, HelpResult
from iosemu.shell.errors import help_error
from iosemu.shell.executor import Executor
from iosemu.shell.pipes import split_pipe

_logger = logging.getLogger(__name__)
_DO = re.compile(r"\s*do\s+", re.IGNORECASE)


def help_lines(shell: Executor, line: str) -> list[str]:
    """What `?` prints after `line`, without the blank line that follows the list."""
    result = None
    for mode, text in _readings(shell, line):
        found: HelpResult = mode.help(text, shell.situation())
        if isinstance(found, Help | Candidates):
            lines = found.lines(shell.width)
            if lines:
                return lines
        if result is None:
            result = found
    if result is None or isinstance(result, Help | Candidates):
        return ["% Unrecognized command"]
    return help_error(shell.dialect, result, line)


def complete(shell: Executor, line: str) -> str | None:
    """The line that Tab makes of `line`; None when nothing can be completed."""
    for mode, text in _readings(shell, line):
        completed: str | None = mode.complete(text, shell.situation())
        if completed is not None:
            return line[: len(line) - len(text)] + completed
    return None


def shown_help(shell: Executor, line: str) -> list[str]:
    """What `?` prints, with the blank line after a list; a fault is logged, not shown."""
    try:
        lines = help_lines(shell, line)
        return lines if lines and lines[0].startswith("% ") else [*lines, ""]
    except Exception:
        _logger.exception("%s: help for %r failed", shell.device.name, line)
        return ["% Unrecognized command"]


def completed(shell: Executor, line: str) -> str | None:
    """As `complete`; a fault is logged and completes nothing."""
    try:
        return complete(shell, line)
    except Exception:
        _logger.exception("%s: completing %r failed", shell.device.name, line)
        return None


def _readings(shell: Executor, line: str) -> list[tuple[Any, str]]:
    """Modes that may know the end of `line`, with that end, the innermost first."""
    modes = shell.grammar.modes
    levels = shell.modes.levels
    if shell.modes.configuring and not shell.interpreting:
        found = _DO.match(line)
        if found is None:
            return [(modes[levels[at].mode], line) for at in shell.chain()]
        line = line[found.end() :]
    _, bar = split_pipe(line)
    if bar is not None and "pipe" in modes:
        return [(modes["pipe"], line[bar:].lstrip(" ") if line[bar:].strip() else "")]
    return [(modes[levels[0].mode], line)]
