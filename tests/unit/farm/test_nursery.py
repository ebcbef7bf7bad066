"""The process that forks workers: children end and are heard of, and it goes when nobody needs it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from farming import alive, until

from iosemu.farm.carriers import Processes
from iosemu.farm.nursery import Nursery


async def test_children_are_heard_of(tmp_path: Path) -> None:
    log = tmp_path / "log"
    nursery = Nursery(log)
    await nursery.begin()
    first, second, third = [await nursery.child() for _ in range(3)]
    assert len({first.pid, second.pid, third.pid}) == 3
    first.kill(signal.SIGKILL)
    assert await first.wait() == -signal.SIGKILL
    await second.tell(b"no job\n")
    assert await second.wait() == 1
    assert "JSONDecodeError" in log.read_text()
    first.kill(signal.SIGKILL)  # again, when it is gone: nothing happens
    with pytest.raises(BrokenPipeError):
        await first.tell(b"\n")
    nursery.leave()
    assert not nursery.gone  # one is there still
    assert alive(third.pid)
    third.kill(signal.SIGKILL)
    assert await third.wait() == -signal.SIGKILL
    await until(lambda: nursery.gone)
    with pytest.raises(OSError, match="has ended"):
        await nursery.child()
    await nursery.close()


async def test_the_process_itself_may_die(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "log")
    child = await processes.take()
    nursery = processes._nursery
    assert nursery is not None
    assert nursery._process is not None
    os.kill(nursery._process.pid, signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL  # nobody would hear of its end any more
    await until(lambda: not alive(child.pid))
    other = await processes.take()
    assert alive(other.pid)
    await processes.close()
    await until(lambda: not alive(other.pid))
