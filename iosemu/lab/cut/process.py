"""Where a worker begins. What it needs is read once, by a process from which all workers are forked."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import traceback
import types
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

PRELOAD = "iosemu.lab.cut.preload"


def start(connection: Connection) -> BaseProcess:
    """A worker that obeys whoever is at the other end of `connection`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD])
    process = context.Process(target=_main, args=(connection,), daemon=True)
    # a worker needs nothing of the program that started the lab: without this it would be run again in each
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main
    return process


def _main(connection: Connection) -> None:
    """Work until the front ends it."""
    from iosemu.lab.cut.peers import PeerGone

    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the front ends the workers
    try:
        asyncio.run(_work(connection))
    except (PeerGone, EOFError):
        pass
    except Exception:  # noqa: BLE001 - the front tells it
        with contextlib.suppress(OSError):
            connection.send(("failed", traceback.format_exc()))


async def _work(connection: Connection) -> None:
    from iosemu.lab.cut.worker import Worker

    environment, orders = connection.recv()
    os.environ.clear()
    os.environ.update(environment)
    worker = Worker(connection, orders)
    gc.collect()
    gc.freeze()
    await worker.work()
