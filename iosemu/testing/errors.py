"""What can be wrong with a test, told with its place and with what to do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from iosemu.handling.context import LineError


class TranscriptError(Exception):
    """A line of a test file that cannot be understood or carried out: where, what, and what to do."""

    def __init__(self, path: Path | str, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")
        self.path = Path(path)
        self.line = line
        self.problem = problem


class NoSuchDeviceError(KeyError):
    """A device that the lab does not have."""

    def __init__(self, name: str, devices: Iterable[str]) -> None:
        super().__init__(f"the lab has no device {name!r}; it has: {', '.join(devices)}")

    def __str__(self) -> str:
        return str(self.args[0])


class ConfigurationRefusedError(ValueError):
    """A configuration line that a device did not take."""

    def __init__(self, device: str, line: str, output: str) -> None:
        super().__init__(
            f"{device} refuses {line.strip()!r}:\n{output}\n"
            "The lines before it have taken effect. Try the line with `iosemu ssh` and `?`, or pass check=False."
        )
        self.device = device
        self.line = line
        self.output = output


class RefusedLinesWarning(UserWarning):
    """A line of a startup configuration that a device did not take.

    pytest sums them up; `-W error::iosemu.testing.errors.RefusedLinesWarning` makes them failures.
    """

    def __init__(self, device: str, error: LineError) -> None:
        super().__init__(
            f"{device} refuses line {error.number} of its configuration, {error.line!r}: {error.reason}"
        )


class NotReachedError(TimeoutError):
    """What was waited for did not come in lab time."""

    def __init__(self, timeout: float, now: float, down: list[str]) -> None:
        shown = ", ".join(down[:6]) + (" …" if len(down) > 6 else "")
        links = f"these cabled interfaces are down: {shown}" if down else "all cabled interfaces are up"
        super().__init__(
            f"the condition did not hold within {timeout:g} s of lab time (it is {timedelta(seconds=round(now))} "
            f"now, {links}); wait longer with timeout=, or look with cli('show …') at what is missing"
        )
