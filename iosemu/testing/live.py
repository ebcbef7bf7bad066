"""How far a learner is: the checks of a running lab, transcripts among them."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from pathlib import Path

from iosemu.lab import console_client, labfile, registry
from iosemu.lab.course_report import CourseReport
from iosemu.lab.errors import LabError
from iosemu.lab.labfile import Topology
from iosemu.lab.registry import Running
from iosemu.testing import transcript
from iosemu.testing.channel import Bench, Channel
from iosemu.testing.console import Console
from iosemu.testing.errors import TranscriptError
from iosemu.testing.runner import Runner
from iosemu.testing.ssh import SSHChannel
from iosemu.testing.transcript import UseLab

_OPEN = re.compile(r"\[\?\] +(\d+)  .*\((\d+)\)$")
_TOTAL = re.compile(r"(\d+) of (\d+) points")
POLLS = 60


class RemoteBench(Bench):
    """A lab that runs in another process, as its users see it: by SSH and its console."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def use(self, lab: UseLab) -> None:
        """It is there already."""

    async def open(self, device: str, username: str, password: str, size: tuple[int, int]) -> Channel:
        """Log in to a device; raises ValueError when there is none of that name or it refuses."""
        if device not in self._running.devices:
            known = ", ".join(self._running.devices)
            raise ValueError(f"the lab has no device {device!r}; it has: {known}")
        port = self._running.devices[device]
        return await SSHChannel.open(self._running.host, port, username, password, size)

    async def run(self, device: str, command: str) -> str:
        """Type a line into a session of its own and return what it printed."""
        channel = await self.open(device, "admin", registry.PASSWORD, (80, 1000))
        try:
            console = Console(device, channel)
            await console.greet()
            return await console.run(command)
        finally:
            await channel.close()

    async def _console(self, line: str) -> str:
        text, refused = await console_client.command(self._running, line)
        if refused:
            raise ValueError(text.strip().removeprefix("% "))
        return text

    async def advance(self, seconds: float) -> None:
        """Let lab time pass."""
        await self._console(f"advance {seconds}s")

    async def set_link(self, endpoint: str, action: str) -> None:
        """`up`, `down`, `mute` or `clear` a cable; raises ValueError for an unknown endpoint."""
        await self._console(f"link {endpoint} {action}")

    async def converge(self, directive: transcript.Converge) -> tuple[int | None, str]:
        """Cut a cable while pings go on; returns how many were lost, None when no way was found, and the report."""
        line = f"converge {directive.source} {directive.destination} {directive.endpoint}"
        text = await self._console(f"{line} within {directive.within}s")
        lost = re.search(r": (\d+) lost", text)
        found = lost is not None and "no other way was found" not in text
        return int(lost[1]) if lost is not None and found else None, text

    async def wait_until(self, device: str, command: str, holds: transcript.Holds, within: float) -> str:
        """Let lab time pass until a command's output satisfies `holds`; returns the last output."""
        for _ in range(POLLS + 1):
            output = await self.run(device, command)
            if holds(output):
                return output
            await self.advance(within / POLLS)
        raise TimeoutError(output)

    async def close(self) -> None:
        """Nothing is kept open."""


def examine(lab: str) -> tuple[str, bool]:
    """The report on a running lab (its name or file), and whether everything holds.

    Raises LabError when it does not run or has no checks.
    """
    known = {each.name for each in registry.running()}
    topology = None if lab in known else labfile.read(labfile.find(lab), outside_configs=True)
    running = registry.choose(lab if topology is None else topology.lab.name)
    text, refused = asyncio.run(console_client.command(running, "check"))
    if refused:
        raise LabError(text.strip().removeprefix("% "))
    if "[?]" in text:
        text = asyncio.run(
            _with_transcripts(
                text, running, topology or labfile.read(labfile.find(lab), outside_configs=True)
            )
        )
    total = _TOTAL.search(text)
    return text, total is not None and total[1] == total[2]


def report(lab: str, learner: str = "") -> CourseReport:
    """The report on a running lab (its name or file) as data, with its transcripts run.

    Raises LabError when it does not run or has no checks.
    """
    known = {each.name for each in registry.running()}
    topology = None if lab in known else labfile.read(labfile.find(lab), outside_configs=True)
    running = registry.choose(lab if topology is None else topology.lab.name)
    text, refused = asyncio.run(console_client.command(running, "check json"))
    if refused:
        raise LabError(text.strip().removeprefix("% "))
    found = CourseReport.model_validate_json(text)
    found.learner, found.made = learner, datetime.now().astimezone().isoformat(timespec="seconds")
    for each in found.checks:
        if each.holds is None:
            topology = topology or labfile.read(labfile.find(lab), outside_configs=True)
            folder = topology.document.place(("checks", each.number - 1))[0].parent
            each.said = asyncio.run(_run(folder / each.transcript, running))
            each.holds = not each.said
    return found


async def _with_transcripts(text: str, running: Running, topology: Topology) -> str:
    """The report with the transcripts run that the console left open."""
    lines: list[str] = []
    gained = 0
    for line in text.splitlines():
        found = _OPEN.match(line)
        if found is not None:
            check = topology.lab.checks[int(found[1]) - 1]
            folder = topology.document.place(("checks", int(found[1]) - 1))[0].parent
            problem = await _run(folder / (check.transcript or ""), running)
            gained += 0 if problem else int(found[2])
            lines.append(line.replace("[?]", "[ ]" if problem else "[x]", 1))
            lines.extend(f"        {row}" for row in problem.splitlines())
        elif (sums := _TOTAL.fullmatch(line)) is not None:
            lines.append(f"{int(sums[1]) + gained} of {sums[2]} points")
        elif not line.startswith("        a transcript: "):
            lines.append(line)
    return "\n".join(lines) + "\n"


async def _run(path: Path, running: Running) -> str:
    """What is wrong, if anything."""
    try:
        parsed = transcript.load(path)
        return str(await Runner(parsed, RemoteBench(running), lab=running.name).run())
    except TranscriptError as error:
        return str(error)
