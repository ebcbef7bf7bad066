"""Where iosemu differs from reality: a recording of a real device, run on an emulated one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from iosemu.testing import transcript
from iosemu.testing.bench import LabBench
from iosemu.testing.errors import TranscriptError
from iosemu.testing.recording import HIDDEN
from iosemu.testing.report import Report
from iosemu.testing.runner import Runner
from iosemu.testing.transcript import Transcript

_PROMPT = re.compile(r"([\w.-]+)[#>(]")


async def compare(
    path: Path,
    lab: str | None,
    devices: Mapping[str, str] | None = None,
    secret: str = "cisco",  # noqa: S107 - the labs' secret
) -> Report:
    """Run a recording on a lab; `devices` says which of its devices stands for which of the recording.

    Passwords that the recorder hid become `secret`. What cannot be carried out is the report's error.
    """
    bench = LabBench(direct=True)
    try:
        parsed = renamed(transcript.load(path), devices or {}, secret)
        if lab is None and parsed.lab is None:
            raise TranscriptError(path, 1, "names no lab: say with --lab on which it is to be run")
        return await Runner(parsed, bench, lab=lab).run()
    except TranscriptError as error:
        return Report(path, error=str(error))
    finally:
        await bench.close()


def renamed(parsed: Transcript, devices: Mapping[str, str], secret: str) -> Transcript:
    """A recording with its devices called as in the lab, in directives and prompts, and with passwords."""
    lines = []
    text = parsed.path.read_text(encoding="utf-8").splitlines()
    names = _with_host_names(text, devices)
    for line in text:
        for real, name in names.items():
            if line.startswith(("@device ", "@close ", "@link ")):
                line = line.replace(f" {real}", f" {name}", 1)
            elif line.startswith((f"{real}#", f"{real}>", f"{real}(")):
                line = name + line[len(real) :]
        if line.endswith(HIDDEN):
            line = line.removesuffix(HIDDEN) + secret
        lines.append(line)
    return transcript.parse("\n".join(lines), parsed.path)


def _with_host_names(text: list[str], devices: Mapping[str, str]) -> dict[str, str]:
    """`devices`, where a recorded device may go by its address or by the host name in its prompt."""
    names = dict(devices)
    device = None
    for line in text:
        prompt = _PROMPT.match(line)
        if line.startswith("@device "):
            device = line.split()[1]
        elif device is not None and prompt is not None:
            name = devices.get(device) or devices.get(prompt[1])
            if name is not None:
                names.setdefault(device, name)
                names.setdefault(prompt[1], name)
            device = None
    return names


def summary(report: Report) -> str:
    """One line: how much is the same."""
    if report.error:
        return report.error
    differ = len(report.failures)
    if not differ:
        return f"{report.path}: {report.compared} answers compared, all are the same"
    return f"{report.path}: {report.compared} answers compared, {differ} differ"


def markdown(reports: list[Report]) -> str:
    """The differences as text for a bug report."""
    parts = []
    for report in reports:
        parts.append(f"## {summary(report)}")
        parts.extend(f"```\n{failure}\n```" for failure in report.failures)
    return "\n\n".join(parts) + "\n"
