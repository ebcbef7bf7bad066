"""Where the workers of this machine come from: a process that has loaded everything forks one whenever it is asked to.

So a worker that died is replaced within milliseconds, and what all of them need (the program, the grammar) is in memory
once. The process itself runs no lab, and no event loop: it waits for requests and for the ends of its children.

A request is one octet with the two descriptors that become standard input and standard error of the child. It is told
`loaded` once, and then, in lines, `child PID` for each request and `gone PID STATUS` for each that ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

REQUEST = b"+"
_LOADED = "loaded"
_CHILD = "child"
_GONE = "gone"


class Child:
    """A process that was forked for us."""

    def __init__(self, pid: int, stdin: int, forgotten: Callable[[], None]) -> None:
        self.pid = pid
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """As `waitstatus_to_exitcode` gives it, when it has ended."""
        self._stdin = open(stdin, "wb", buffering=0)  # noqa: SIM115 - open as long as the process is wanted
        self._forgotten = forgotten

    async def tell(self, data: bytes) -> None:
        """Write to its standard input, which stays open for as long as we are there. Raises OSError."""
        await asyncio.to_thread(self._write, data)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            if self._stdin.closed:
                raise BrokenPipeError("the process has ended")
            left = left[self._stdin.write(left) :]

    async def wait(self) -> int:
        """Its status."""
        return await asyncio.shield(self.status)

    def kill(self, number: signal.Signals) -> None:
        """Send a signal, if it has not ended."""
        if not self.status.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def ended(self, status: int) -> None:
        """It has."""
        if not self.status.done():
            self._stdin.close()
            self.status.set_result(status)
            self._forgotten()


class Nursery:
    """The process, as seen from the farm. Needs an event loop."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._listening: asyncio.Task[None] | None = None
        self._loaded = asyncio.Event()
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._children: dict[int, Child] = {}
        self._one = asyncio.Lock()
        self._leaving = False

    async def begin(self) -> None:
        """Have it load; `loaded` waits for that. Raises OSError."""
        ours, theirs = socket.socketpair()
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__, stdin=theirs.fileno(), stdout=asyncio.subprocess.DEVNULL,
                stderr=descriptor,
            )  # fmt: skip
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(descriptor)
        self._control = ours.dup()
        reader, writer = await asyncio.open_connection(sock=ours)
        self._listening = asyncio.create_task(self._listen(reader, writer))

    @property
    def gone(self) -> bool:
        """It has ended, or was never begun."""
        return self._listening is None or self._listening.done()

    async def loaded(self) -> None:
        """Wait until it can fork at once, or has ended."""
        await self._loaded.wait()

    async def child(self) -> Child:
        """A process that waits for what it is told on standard input. Raises OSError."""
        async with self._one:
            await self._loaded.wait()
            if self._control is None or self.gone:
                raise OSError("the process that forks workers has ended")
            stdin, stdin_here = os.pipe()
            try:
                stderr = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                try:
                    socket.send_fds(self._control, [REQUEST], [stdin, stderr])
                finally:
                    os.close(stderr)
                pid = await self._born.get()
                if not pid:
                    raise OSError("the process that forks workers has ended")
            except BaseException:
                os.close(stdin_here)
                raise
            finally:
                os.close(stdin)
            child = self._children[pid] = Child(pid, stdin_here, self._forget)
            return child

    def leave(self) -> None:
        """No more children will be asked for: it ends with the last of them."""
        self._leaving = True
        self._forget()

    def _forget(self) -> None:
        self._children = {pid: child for pid, child in self._children.items() if not child.status.done()}
        if self._leaving and not self._children and self._control is not None:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)

    async def close(self) -> None:
        """End it now."""
        self.leave()
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)
        if self._listening is not None:
            await self._listening
        if self._process is not None:
            await self._process.wait()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while line := (await reader.readline()).decode().split():
                match line:
                    case [str(what)] if what == _LOADED:
                        self._loaded.set()
                    case [str(what), pid] if what == _CHILD:
                        self._born.put_nowait(int(pid))
                    case [str(what), pid, status] if what == _GONE and int(pid) in self._children:
                        self._children[int(pid)].ended(int(status))
        writer.close()
        if self._control is not None:
            self._control.close()
            self._control = None
        self._loaded.set()
        self._born.put_nowait(0)
        for child in list(self._children.values()):  # nobody would hear of their ends any more
            child.kill(signal.SIGKILL)
            child.ended(-signal.SIGKILL)


# --- the process itself -------------------------------------------------------------------------------


class Closing(Protocol):
    """Has a descriptor that a child does without."""

    def close(self) -> None:
        """Close it."""
        ...


def _load() -> None:
    """What every worker needs, and what a lab needs when it first boots: read once, and never looked at for garbage."""
    from iosemu.farm import worker
    from iosemu.lab import labfile
    from iosemu.lab.lab import Lab

    assert worker
    lab = Lab.load(labfile.find("ipsec-vpn"))
    lab.boot(settle=1.0)
    lab.close()
    del lab
    gc.collect()
    gc.freeze()


def _tell(control: socket.socket, *words: object) -> None:
    with contextlib.suppress(OSError):
        control.sendall(" ".join(map(str, words)).encode() + b"\n")


def _fork(control: socket.socket, others: list[Closing], descriptors: list[int]) -> None:
    pid = os.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        _tell(control, _CHILD, pid)
        return
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        stdin, stderr = descriptors
        for each in (control, *others):
            each.close()
        os.dup2(stdin, 0)
        os.dup2(stderr, 2)
        for descriptor in descriptors:
            os.close(descriptor)
        from iosemu.farm import worker

        asyncio.run(worker.work_by_job(0))
        status = 0
    except BaseException:  # noqa: BLE001 - it is told, and ends the child
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(Exception):
            sys.stderr.flush()
        os._exit(status)  # what this process has loaded is not taken apart: its parent goes on with it


def _reap(control: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            _tell(control, _GONE, pid, os.waitstatus_to_exitcode(status))


def main() -> None:
    """Fork when asked, until the farm is gone. Its own signals are the farm's to deal with."""
    control = socket.socket(fileno=os.dup(0))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _load()
    wake, woken = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    _tell(control, _LOADED)
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(wake, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is wake:
                with contextlib.suppress(BlockingIOError):
                    wake.recv(4096)
                _reap(control)
                continue
            data, descriptors, _, _ = socket.recv_fds(control, len(REQUEST), 2)
            if not data:
                return
            _fork(control, [wake, woken, selector], descriptors)


if __name__ == "__main__":
    main()
