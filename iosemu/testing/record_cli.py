"""`iosemu record` and `iosemu compare`."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import re
import signal
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from iosemu.lab import client
from iosemu.lab.state import running
from iosemu.server.hostkeys import temporary_keys
from iosemu.server.ssh import HOST
from iosemu.testing import compare, record
from iosemu.testing.batch import find
from iosemu.testing.record import Target
from iosemu.testing.recording import Recording
from iosemu.testing.report import Report

PASSWORD = "IOSEMU_PASSWORD"  # noqa: S105 - the name of the variable
_REAL = re.compile(r"(?:(?P<user>[^@\s]+)@)?(?P<host>[\w.-]+|\[[0-9A-Fa-f:]+\])(?::(?P<port>\d+))?")


def record_device(
    device: Annotated[
        str,
        typer.Argument(
            metavar="DEVICE",
            help="A device of a running lab, or a real one: [USER@]HOST[:PORT] "
            "(password: asked for, or in IOSEMU_PASSWORD).",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write.")],
    commands: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Type the lines of this file (-: standard input), one by one."),
    ] = None,
    listen: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Stand between a script and the device on this port."
        ),
    ] = None,
    user: Annotated[str | None, typer.Option(help="Whom to log in as.")] = None,
    name: Annotated[str | None, typer.Option(help="What the transcript calls the device.")] = None,
    literal: Annotated[
        bool, typer.Option("--literal", help="Keep times, SPIs and MAC addresses instead of patterns.")
    ] = False,
    legacy_ssh: Annotated[
        bool, typer.Option("--legacy-ssh", help="Also offer the SSH algorithms of old devices.")
    ] = False,
    lab: Annotated[str | None, typer.Option(help="Which running lab, if there are several.")] = None,
) -> None:
    """Write down a session with a device as a transcript: typed here, by a file, or by a script."""
    target, called, lab_name = _target(device, user, lab, legacy_ssh, listen is not None)
    recordings: list[Recording] = []

    def begin() -> Recording:
        title = f"Recorded on {name or called}"
        recordings.append(Recording(name or called, lab=lab_name, title=title, literal=literal))
        return recordings[-1]

    note = Console(stderr=True, highlight=False)
    try:
        if listen is not None:
            asyncio.run(_listen(target, begin, listen, note))
        elif commands is not None:
            asyncio.run(record.script(target, begin(), _lines(commands)))
        elif sys.stdin.isatty():
            note.print(f"Recording {called} to {output}; Ctrl-] ends.")
            asyncio.run(record.interactive(target, begin()))
        else:
            asyncio.run(record.script(target, begin(), _lines("-")))
    finally:
        for number, recording in enumerate((each for each in recordings if not each.empty), 1):
            path = output if number == 1 else output.with_stem(f"{output.stem}-{number}")
            path.write_text(recording.text(), encoding="utf-8")
            note.print(f"Wrote {path}", markup=False)


async def _listen(target: Target, begin: record.Begin, port: int, note: Console) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with record.between(target, begin, port, temporary_keys()) as chosen:
        note.print(f"Point the script at {HOST}:{chosen}; Ctrl-C ends.", markup=False)
        await stop.wait()


def _target(
    device: str, user: str | None, lab: str | None, legacy: bool, script_logs_in: bool
) -> tuple[Target, str, str]:
    """Where to connect, what the device is called, and its lab; raises ValueError or LabError."""
    known = {name.lower() for each in running() for name in each.devices}
    real = _REAL.fullmatch(device)
    if device.lower() in known or lab is not None or not re.search(r"[.@:]", device):
        found, port = client.find_device(device, lab)
        called = next(name for name in found.devices if name.lower() == device.lower())
        password = os.environ.get(PASSWORD, "admin")
        return Target(HOST, port, user or "admin", password), called, found.name
    if real is None:
        raise ValueError(f"{device!r} is neither a device of a running lab nor [USER@]HOST[:PORT]")
    username = user or real["user"] or getpass.getuser()
    password = os.environ.get(PASSWORD, "")
    if not password and not script_logs_in:
        password = _ask(f"Password of {username} at {real['host']}: ")
    host = real["host"].strip("[]")
    return Target(host, int(real["port"] or 22), username, password, legacy), host, ""


def _ask(question: str) -> str:
    """A password typed at the terminal; raises ValueError where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question)
        except getpass.GetPassWarning:
            raise ValueError(
                f"there is no terminal to ask for a password: put it into the environment as {PASSWORD}"
            ) from None


def _lines(source: str) -> Iterable[str]:
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    return text.splitlines()


def compare_recordings(
    paths: Annotated[list[Path], typer.Argument(metavar="TRANSCRIPT…", help="Recordings to run.")],
    lab: Annotated[
        str | None, typer.Option(help="Lab or lab file to run on, instead of what @lab says.")
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(metavar="REAL=NAME", help="The lab's device that stands for a recorded one."),
    ] = None,
    secret: Annotated[str, typer.Option(help="Password typed where the recorder hid one.")] = "cisco",  # noqa: S107
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the differences as Markdown.")
    ] = None,
) -> None:
    """Say where iosemu answers otherwise than the device that was recorded."""
    devices = {}
    for pair in device or []:
        real, equals, called = pair.partition("=")
        if not (equals and real and called):
            raise ValueError(f"--device {pair}: write REAL=NAME, such as --device core-1=R-A")
        devices[real] = called
    reports: list[Report] = []
    with contextlib.suppress(KeyboardInterrupt):
        for path in find(paths):
            reports.append(asyncio.run(compare.compare(path, lab, devices, secret)))
            print(compare.summary(reports[-1]))  # noqa: T201 - what the command is for
            for failure in reports[-1].failures:
                print(f"\n{failure}")  # noqa: T201
    if report is not None:
        report.write_text(compare.markdown(reports), encoding="utf-8")
    if not all(each.passed for each in reports):
        raise typer.Exit(1)
