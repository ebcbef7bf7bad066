"""`reload` over a real connection: the session ends, links drop, and the box comes back with what was saved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncssh
import pytest


async def until(process: Any, text: str) -> str:
    seen = ""
    while not seen.endswith(text):
        piece = await process.stdout.read(4096)
        assert piece, f"ended after {seen!r}"
        seen += piece
    return seen


async def restart(r1: dict[str, Any], r2: dict[str, Any]) -> None:
    async with asyncssh.connect(**r1) as connection:
        process = await connection.create_process(term_type="vt100")
        process.stdin.write("configure terminal\nhostname SAVED\nend\nwrite memory\n")
        await until(process, "[OK]\r\nSAVED#")
        process.stdin.write("configure terminal\nhostname LOST\nend\n")
        await until(process, "LOST#")
        process.stdin.write("reload\n")
        await until(process, "Save? [yes/no]: ")
        process.stdin.write("no\n")
        await until(process, "Proceed with reload? [confirm]")
        process.stdin.write("\n")
        await asyncio.wait_for(process.wait_closed(), 20)
        assert "#" not in await process.stdout.read()  # no prompt follows
    async with asyncssh.connect(**r2) as neighbour:
        log = str((await neighbour.run("show ip interface brief | include 0/1")).stdout)
        assert "up                    down" in log or "down                  down" in log, log
    async with asyncssh.connect(**r2) as neighbour:
        assert "Success rate" in str((await neighbour.run("ping 203.0.113.1 repeat 12")).stdout)
    for _ in range(30):
        try:
            async with asyncssh.connect(**r1) as connection:
                assert "hostname SAVED" in str((await connection.run("show running-config")).stdout)
                return
        except (asyncssh.Error, OSError):
            async with asyncssh.connect(**r2) as neighbour:  # lab time passes while somebody waits for a ping
                await neighbour.run("ping 203.0.113.1 repeat 3")
    raise AssertionError("the box did not come back")


@pytest.mark.lab("office")
def test_reload(ssh_params: Callable[..., dict[str, Any]]) -> None:
    asyncio.run(restart(ssh_params("R1", "asyncssh"), ssh_params("R2", "asyncssh")))
