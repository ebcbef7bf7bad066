"""Clients that go in the middle, read nothing or type into a lab that is taken down: nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from pathlib import Path

import asyncssh
import pytest

from iosemu.farm.hosted import State
from tests.unit.farm.farming import Bench, bench, typing, until

STUDENTS = 6
ROUNDS = 4


async def _rude(made: Bench, name: str, dice: random.Random) -> None:
    """Comes, types or looks at much, and goes in one of the ways there are."""
    with contextlib.suppress(asyncssh.Error, OSError):
        async with made.ssh(f"{name}+R1") as connection:
            process = await connection.create_process(term_type="xterm", term_size=(80, 500))
            await process.stdout.readuntil("#")
            process.stdin.write("show running-config\r" * dice.randrange(1, 30))
            for _ in range(dice.randrange(40)):
                await asyncio.sleep(0)
            match dice.randrange(4):
                case 0:
                    process.channel.abort()
                case 1:
                    connection.abort()
                case 2:
                    process.stdin.write_eof()
                    await process.wait_closed()
                case _:
                    process.close()


async def _deaf(made: Bench, name: str) -> None:
    """Asks for more than its window holds, and takes nothing of it."""
    async with made.ssh(f"{name}+R2") as connection:
        process = await connection.create_process(term_type="xterm", term_size=(80, 500), window=1024)
        process.channel.pause_reading()
        process.stdin.write("show running-config\r" * 50)
        await until(lambda: any(t.lines_typed >= 50 for t in made.worker.labs[name].terminals.values()))
        connection.abort()


async def _patient(made: Bench, name: str, stop: asyncio.Event) -> int:
    """Types on, and is always answered."""
    answered = 0
    async with made.ssh(f"{name}+R1") as connection, typing(connection, "R1#") as terminal:
        while not stop.is_set():
            assert "Interface" in await terminal.type("show ip interface brief", "R1#")
            answered += 1
    return answered


async def test_nobody_is_thrown_out_by_those_who_go(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    async with bench(tmp_path, students=f"students: {{count: {STUDENTS}, name: s}}\n", cpu="100%") as made:
        stop = asyncio.Event()
        patient = [asyncio.create_task(_patient(made, f"s{number}", stop)) for number in (1, 2)]
        await until(lambda: made.gateway.counters.terminals == len(patient))
        for turn in range(ROUNDS):
            others = [
                _rude(made, f"s{number}", random.Random(f"{turn} {number}"))
                for number in range(1, STUDENTS + 1)
            ]
            await asyncio.gather(*others, _deaf(made, "s3"))
            for lab in made.worker.labs.values():
                lab.memory = 0
                await lab.measure()
                await lab.look()
        stop.set()
        assert all(answered > 0 for answered in await asyncio.gather(*patient))
        await until(lambda: not made.gateway.counters.terminals and not made.gateway.tasks)
        await until(lambda: not any(lab.terminals for lab in made.worker.labs.values()))
        assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_a_lab_is_put_aside_while_somebody_types(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with bench(tmp_path, students="students: [ada, ben]\n") as made:
        ada = made.worker.labs["ada"]
        for _ in range(ROUNDS):
            async with made.ssh("ada+R1") as connection:
                process = await connection.create_process(term_type="xterm")
                await process.stdout.readuntil("#")
                process.stdin.write("show clock\r" * 10)
                await ada.stop(State.ASIDE)
                with contextlib.suppress(OSError, asyncssh.Error):
                    process.stdin.write("show clock\r")
                await process.wait_closed()
                assert process.exit_status == 0
            assert "hostname R1" in await made.run("ada+R1", "show running-config")  # it goes on
        await until(lambda: not made.gateway.counters.terminals and not ada.terminals)
        assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
