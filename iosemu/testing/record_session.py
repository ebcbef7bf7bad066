"""Recording a session: which device is meant, how to log in to it, and where the transcript goes."""

from __future__ import annotations

import asyncio
import getpass
import os
import re
import signal
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from iosemu.lab import registry
from iosemu.server.hostkeys import temporary_keys
from iosemu.server.ssh import HOST
from iosemu.testing import record
from iosemu.testing.record import Target
from iosemu.testing.recording import Recording

PASSWORD = "IOSEMU_PASSWORD"  # noqa: S105 - the name of the variable
_REAL = re.compile(r"(?:(?P<user>[^@\s]+)@)?(?P<host>[\w.-]+|\[[0-9A-Fa-f:]+\])(?::(?P<port>\d+))?")


def write_transcript(
    device: str,
    output: Path,
    *,
    commands: str | None = None,
    listen: int | None = None,
    user: str | None = None,
    name: str | None = None,
    literal: bool = False,
    legacy_ssh: bool = False,
    lab: str | None = None,
) -> None:
    """Record a device to `output`: the lines of the file `commands`, a script on port `listen`, or what is typed.

    Raises ValueError or LabError when there is no such device, and OSError when it cannot be reached or written.
    """
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
    known = {name.lower() for each in registry.running() for name in each.devices}
    real = _REAL.fullmatch(device)
    if device.lower() in known or lab is not None or not re.search(r"[.@:]", device):
        found, port = registry.find_device(device, lab)
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
