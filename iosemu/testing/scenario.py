"""Scenario folders: a description, a lab or changes to one, and lines that say what must hold.

    description.txt   what is tried and what is expected, for people
    lab.yaml          the lab; or `@lab NAME` in checks.txt
    R-B.cfg           lines typed into that device at the start (unless lab.yaml names the file)
    checks.txt        device::command::regex::YES|NO, device::command, and @ directives

See docs/transcripts.md.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path

from iosemu.handling.regexp import RegexpError, regexp
from iosemu.testing.channel import Bench
from iosemu.testing.errors import TranscriptError
from iosemu.testing.report import Failure, Report
from iosemu.testing.runner import converge
from iosemu.testing.transcript import Advance, Converge, Directive, SetLink, UseLab, WaitUntil, directive

CHECKS = "checks.txt"
_REFUSED = re.compile(r"^% ?(Invalid|Incomplete|Ambiguous|Unknown)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Check:
    """`device::command::regex::YES|NO`, or `device::command`, which only types the command."""

    device: str
    command: str
    regex: str = ""
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One line of checks.txt."""

    number: int
    action: Check | Directive


@dataclass(frozen=True, slots=True)
class Scenario:
    """A folder that was read."""

    folder: Path
    description: str
    lab: UseLab
    changes: tuple[tuple[str, Path], ...]
    """Devices and the files typed into them at the start."""
    steps: tuple[Step, ...]


def load(folder: Path) -> Scenario:
    """Read a scenario folder; raises TranscriptError naming file and line."""
    path = folder / CHECKS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        description = (folder / "description.txt").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TranscriptError(path, 1, f"a scenario needs description.txt and {CHECKS}: {error}") from error
    steps: list[Step] = []
    lab = UseLab(str(folder / "lab.yaml")) if (folder / "lab.yaml").is_file() else None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        action = directive(line, path, number) if line.startswith("@") else _check(line, path, number)
        if isinstance(action, UseLab):
            lab = action if lab is None else UseLab(lab.lab, action.time)
        elif isinstance(action, Check | Advance | Converge | SetLink | WaitUntil):
            steps.append(Step(number, action))
        else:
            raise TranscriptError(path, number, f"{line.split()[0]} has no place in a scenario")
    if lab is None:
        raise TranscriptError(path, 1, "names no lab: put '@lab NAME' at its top or a lab.yaml beside it")
    return Scenario(folder, description, lab, _changes(folder), tuple(steps))


def _check(line: str, path: Path, number: int) -> Check:
    parts = line.split("::")
    if len(parts) < 2 or not parts[0].strip():
        raise TranscriptError(path, number, "write device::command::regex::YES, …::NO or device::command")
    device, command, rest = parts[0].strip(), parts[1].strip(), parts[2:]
    if not rest or rest == [""]:
        return Check(device, command)
    if len(rest) < 2 or rest[-1].strip() not in ("YES", "NO"):
        raise TranscriptError(path, number, "a check ends in ::YES (must match) or ::NO (must not)")
    regex = "::".join(rest[:-1])
    try:
        regexp(regex, lines=True)
    except RegexpError as error:
        raise TranscriptError(path, number, f"{regex!r} is not a regular expression: {error}") from error
    return Check(device, command, regex, rest[-1].strip() == "YES")


def _changes(folder: Path) -> tuple[tuple[str, Path], ...]:
    lab = folder / "lab.yaml"
    named = lab.read_text(encoding="utf-8") if lab.is_file() else ""
    return tuple((file.stem, file) for file in sorted(folder.glob("*.cfg")) if file.name not in named)


async def run(scenario: Scenario, bench: Bench) -> Report:
    """Carry a scenario out; raises TranscriptError when a line cannot be."""
    began = time.monotonic()
    path = scenario.folder / CHECKS
    report = Report(path)
    await _attempt(bench.use(scenario.lab), path, 1)
    for device, file in scenario.changes:
        await _configure(bench, device, file)
    for step in scenario.steps:
        try:
            failure = await _step(bench, step.action)
        except (ValueError, OSError) as error:
            raise TranscriptError(path, step.number, str(error)) from error
        if failure:
            report.failures.append(Failure(path, step.number, failure))
    report.failures.extend(Failure(path, 1, fault) for fault in bench.take_faults())
    report.seconds = time.monotonic() - began
    return report


async def _attempt(action: Awaitable[object], path: Path, number: int) -> None:
    try:
        await action
    except (ValueError, OSError) as error:
        raise TranscriptError(path, number, str(error)) from error


async def _configure(bench: Bench, device: str, file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    await _attempt(bench.run(device, "configure terminal"), file, 1)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            output = await bench.run(device, line)
        except ValueError as error:
            raise TranscriptError(file, number, str(error)) from error
        if _REFUSED.search(output):
            raise TranscriptError(file, number, f"{device} refuses {line.strip()!r}:\n{output}")
    await _attempt(bench.run(device, "end"), file, len(lines))


async def _step(bench: Bench, action: Check | Directive) -> str:
    """Carry out one line; returns what is wrong, if anything."""
    match action:
        case Check(device, command, regex, wanted):
            output = await bench.run(device, command)
            if not regex or regexp(regex, lines=True).found_in(output) is wanted:
                return ""
            verb = "does not match" if wanted else "matches"
            return f"{device}: {command!r} {verb} {regex!r}; it printed\n{output}"
        case Advance(seconds):
            await bench.advance(seconds)
        case SetLink(endpoint, change):
            await bench.set_link(endpoint, change)
        case WaitUntil():
            if action.device is None:
                raise ValueError("say on which device: '@wait until R-A: show … contains …'")
            try:
                await bench.wait_until(action.device, action.command, action.holds, action.within)
            except TimeoutError as error:
                return (
                    f"within {action.within:g} s of lab time {action.command!r} on {action.device} never "
                    f"{action.verb} {action.text!r}; at last it printed\n{error}"
                )
        case Converge():
            return await converge(bench, action)
        case _:
            raise ValueError(f"{action} has no place in a scenario")
    return ""
