"""Talking to a running lab from another process, through its console."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import asyncssh

from iosemu.lab import wireshark
from iosemu.lab.labfile import BASE_PORT
from iosemu.lab.marked import LabError
from iosemu.lab.state import Running, running
from iosemu.server.ssh import HOST

PASSWORD = "admin"  # noqa: S105 - the same in every lab
"""Opens the console of a lab that another user or machine runs."""
KEYS_EVERY = 2.0
"""Wall seconds between two looks at the keys while a capture goes on."""


def choose(name: str | None) -> Running:
    """The running lab of that name, or the only one.

    Raises LabError when there is none, or more than one to choose from.
    """
    labs = running()
    if name is not None:
        labs = [lab for lab in labs if lab.name == name]
    if not labs:
        which = f"lab {name!r}" if name else "no lab"
        raise LabError(f"{which} {'is not running' if name else 'is running'}; start one with: iosemu up LAB")
    if len(labs) > 1:
        raise LabError(f"several labs are running: {', '.join(lab.name for lab in labs)}; choose with --lab")
    return labs[0]


def find_device(device: str, lab: str | None) -> tuple[Running, int]:
    """The running lab that has a device, and the device's port; case does not matter.

    Raises LabError when no running lab has it.
    """
    candidates = [choose(lab)] if lab is not None else running()
    if not candidates:
        choose(None)
    for candidate in candidates:
        for name, port in candidate.devices.items():
            if name.lower() == device.lower():
                return candidate, port
    known = ", ".join(name for candidate in candidates for name in candidate.devices)
    raise LabError(f"there is no device {device!r}; running: {known}")


def locate(lab: str | None, host: str | None = None, port: int | None = None) -> Running:
    """A running lab of this user, or the one whose console answers at `host` and `port`.

    Raises LabError when none of this user's labs fits.
    """
    if host is None and port is None:
        return choose(lab)
    place = Running(lab or "", 0, port or BASE_PORT, PASSWORD)
    place.host = host or HOST
    return place


async def command(lab: Running, line: str) -> tuple[str, int]:
    """Type `line` at a lab's console: what it printed, and 1 if it was refused.

    Raises LabError when the lab does not answer.
    """
    async with console(lab) as connection:
        result = await connection.run(line)
    return str(result.stdout or ""), result.exit_status or 0


@contextlib.asynccontextmanager
async def console(lab: Running) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """A connection to a lab's console; raises LabError when it does not answer."""
    try:
        connection = await asyncssh.connect(
            lab.host, lab.console, username="admin", password=lab.key, known_hosts=None,
            client_keys=None, agent_path=None, config=None,
        )  # fmt: skip
    except (OSError, asyncssh.Error) as error:
        name = f"lab {lab.name}" if lab.name else "the lab"
        raise LabError(f"{name} does not answer on {lab.host}:{lab.console}: {error}") from error
    async with connection:
        yield connection


class Sink(Protocol):
    """Where captured bytes go; a binary file fits."""

    def write(self, data: bytes, /) -> object:
        """Take bytes."""
        ...

    def flush(self) -> object:
        """Have them where they belong."""
        ...


async def capture(
    lab: Running,
    target: str,
    stream: Sink,
    keys: Path | None = None,
    packets_seen: asyncio.Event | None = None,
    *,
    expression: str = "",
    profile: Path | None = None,
) -> None:
    """Write a capture to `stream` until cancelled or until the lab ends; keys and profile are kept up to date.

    `packets_seen` is set when the first bytes have been written. Raises LabError for a wrong target.
    """
    async with console(lab) as connection:
        line = f"capture {target}" + (f" filter {expression}" if expression else "")
        process = await connection.create_process(line, encoding=None)
        wanted = keys is not None or profile is not None
        keeper = asyncio.create_task(_keep_keys(connection, keys, profile)) if wanted else None
        first = True
        try:
            while data := await process.stdout.read(65536):
                if first and not data.startswith(b"\n"):
                    raise LabError(data.decode("utf-8", "replace").removeprefix("% ").strip())
                first = False
                stream.write(data)
                stream.flush()
                if packets_seen is not None:
                    packets_seen.set()
        finally:
            if keeper is not None:
                keeper.cancel()
                if not connection.is_closed():
                    with contextlib.suppress(OSError, asyncssh.Error):
                        await _write_keys(connection, keys, profile)
            process.close()


async def watch(lab: Running, target: str, expression: str, show: Callable[[str], object]) -> None:
    """Show one line for each frame until cancelled or until the lab ends; raises LabError for a wrong target."""
    async with console(lab) as connection:
        line = f"capture {target} text" + (f" filter {expression}" if expression else "")
        process = await connection.create_process(line)
        async for text in process.stdout:
            show(text)
        if process.exit_status:
            raise LabError(f"{target!r} cannot be captured")


async def _keep_keys(
    connection: asyncssh.SSHClientConnection, path: Path | None, profile: Path | None
) -> None:
    while True:
        with contextlib.suppress(OSError, asyncssh.Error):
            await _write_keys(connection, path, profile)
        await asyncio.sleep(KEYS_EVERY)


async def _write_keys(
    connection: asyncssh.SSHClientConnection, path: Path | None, profile: Path | None
) -> None:
    result = await connection.run("keys")
    text = result.stdout if isinstance(result.stdout, str) else ""
    if not text.startswith("{"):
        return
    keys = json.loads(text)
    if path is not None:
        wireshark.write_keys(path, keys)
    if profile is not None:
        wireshark.write_profile(profile, keys)
