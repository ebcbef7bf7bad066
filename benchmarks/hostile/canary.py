"""`python -m benchmarks.hostile.canary PORT`: types on one device until its input ends; its slowest answer."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time

import asyncssh

PAUSE = 0.03
"""Seconds between an answer and the next question."""


async def measured(port: int) -> tuple[int, float]:
    """How many answers came, and the slowest in seconds."""
    loop = asyncio.get_running_loop()
    ended = loop.run_in_executor(None, sys.stdin.read)
    count, slowest = 0, 0.0
    async with asyncssh.connect(
        "127.0.0.1", port, username="admin", password="admin", known_hosts=None, client_keys=None, config=None
    ) as connection:
        process = await connection.create_process(term_type="vt100", encoding=None)
        with contextlib.suppress(asyncssh.Error, asyncio.IncompleteReadError):
            await process.stdout.readuntil(b"#")
            print("ready", flush=True)
            while not ended.done():
                began = time.monotonic()
                process.stdin.write(b"show clock\r")
                await process.stdout.readuntil(b"UTC")
                await process.stdout.readuntil(b"#")
                slowest = max(slowest, time.monotonic() - began)
                count += 1
                await asyncio.sleep(PAUSE)
        connection.abort()
    return count, slowest


if __name__ == "__main__":
    answers, worst = asyncio.run(measured(int(sys.argv[1])))
    print(answers, worst, flush=True)
