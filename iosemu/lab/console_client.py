"""A client for the console of a lab that runs in another process."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import asyncssh

from iosemu.lab import wireshark_profile
from iosemu.lab.errors import LabError
from iosemu.lab.registry import Running

KEYS_EVERY = 2.0
"""Wall seconds between two looks at the keys while a capture goes on."""


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
        """Write out what is buffered."""
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
        wireshark_profile.write_keys(path, keys)
    if profile is not None:
        wireshark_profile.write_profile(profile, keys)
