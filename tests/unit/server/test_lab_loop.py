"""asyncio in lab time."""

from __future__ import annotations

import asyncio

import pytest

from iosemu.net.scheduler import Scheduler
from iosemu.server.lab_loop import LabLoop


@pytest.fixture
def scheduler() -> Scheduler:
    return Scheduler()


@pytest.fixture
def loop(scheduler: Scheduler) -> LabLoop:
    return LabLoop(scheduler, 0, lambda: None)  # type: ignore[abstract]


def test_sleeps_in_lab_time(scheduler: Scheduler, loop: LabLoop) -> None:
    seen: list[float] = []

    async def work() -> str:
        for _ in range(3):
            await asyncio.sleep(10)
            seen.append(asyncio.get_running_loop().time())
        return "done"

    task = loop.create_task(work())
    scheduler.run_until(25)
    assert seen == [10, 20]
    assert not task.done()
    scheduler.run_until(31)
    assert task.result() == "done"


async def test_runs_inside_another_loop(scheduler: Scheduler, loop: LabLoop) -> None:
    here = asyncio.get_running_loop()

    async def work() -> object:
        async with asyncio.timeout(5):
            await loop.run_in_executor(None, len, "abc")
        return asyncio.get_running_loop()

    task = loop.create_task(work())
    scheduler.run_until(1)
    assert task.result() is loop
    assert asyncio.get_running_loop() is here
    assert asyncio.current_task() is not None


def test_forgets_when_closed(scheduler: Scheduler, loop: LabLoop) -> None:
    called: list[int] = []
    loop.call_later(1, called.append, 1)
    handle = loop.call_later(0.5, called.append, 2)
    handle.cancel()
    loop.close()
    loop.call_soon(called.append, 3)
    scheduler.run_until(5)
    assert called == []
    assert loop.is_closed()
