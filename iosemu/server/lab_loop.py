"""An event loop of asyncio whose time is lab time, for libraries that speak over the lab's own network.

What is ready runs as an event of the scheduler, at the lab time at which it became ready: nothing depends on the wall
clock, and it works as well where no other loop runs. `asyncio`'s documentation says what a loop of one's own does
("Extending").
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import events, tasks
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any, TypeVar, cast

from iosemu.net.scheduler import Scheduler, Timer

ResultT = TypeVar("ResultT")
_logger = logging.getLogger(__name__)
PATIENCE = 10
"""How often a task is cancelled that goes on waiting."""


class LabLoop(asyncio.AbstractEventLoop):
    """Callbacks, futures and tasks of one box; without sockets, processes and threads.

    `stir` is called when something was planned, since whoever runs lab time may sleep.
    """

    def __init__(self, scheduler: Scheduler, lane: int, stir: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._lane = lane
        self._stir = stir
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: dict[asyncio.TimerHandle, Timer] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._planned = False
        self._running = False
        self._closed = False
        self.closing: set[Callable[[], None]] = set()
        """Called before everything is cancelled: who sends, sends nothing more."""

    # --- what is planned -------------------------------------------------------------------------------

    def time(self) -> float:
        """Lab time in seconds."""
        return self._scheduler.now

    def call_soon(  # type: ignore[override]  # the arguments need not be told one by one
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Call it at this lab time, after what was planned before."""
        handle = asyncio.Handle(callback, args, self, context)
        if not self._closed:
            self._ready.append(handle)
            self._plan()
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call it `delay` lab seconds from now."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call it at a lab time."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        if not self._closed:
            self._timers[handle] = self._scheduler.at(when, lambda: self._due(handle), self._lane)
            self._stir()
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        timer = self._timers.pop(handle, None)
        if timer is not None:
            timer.cancel()

    def _due(self, handle: asyncio.TimerHandle) -> None:
        if self._timers.pop(handle, None) is not None:
            self._ready.append(handle)
            self._run()

    def _plan(self) -> None:
        if not self._planned and not self._running:
            self._planned = True
            self._scheduler.at(self._scheduler.now, self._run, self._lane)
            self._stir()

    def _run(self) -> None:
        self._planned = False
        with self._entered():
            while self._ready:
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()

    @contextmanager
    def _entered(self) -> Iterator[None]:
        """This loop runs, whichever other one runs around it."""
        outer = events._get_running_loop()
        task = None if outer is None else tasks.current_task(outer)
        if outer is not None and task is not None:
            tasks._leave_task(outer, task)
        events._set_running_loop(self)
        self._running = True
        try:
            yield
        finally:
            self._running = False
            events._set_running_loop(outer)
            if outer is not None and task is not None:
                tasks._enter_task(outer, task)

    # --- what asyncio asks of a loop -------------------------------------------------------------------

    def create_future(self) -> asyncio.Future[Any]:
        """A future that calls back from here."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: Context | None = None) -> Any:
        """Run a coroutine."""
        made = asyncio.Task(cast("Coroutine[Any, Any, Any]", coro), loop=self, name=name, context=context)
        self._tasks.add(made)
        made.add_done_callback(self._tasks.discard)
        return made

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., ResultT], *args: Any
    ) -> asyncio.Future[ResultT]:
        """Do it now: lab time does not pass meanwhile, however long it takes."""
        future: asyncio.Future[ResultT] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whoever awaits it gets it
            future.set_exception(error)
        return future

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Note what a callback raised; that somebody was cut off in the middle is no fault."""
        error = context.get("exception")
        if error is not None and not self._closed:
            _logger.error("%s", context.get("message"), exc_info=error)

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """One of its callbacks is at work."""
        return self._running

    def is_closed(self) -> bool:
        """Nothing runs any more."""
        return self._closed

    def close(self) -> None:
        """Forget all that was planned, and end what runs: it is not to be found half done later."""
        if self._closed or self._running:
            return
        for cut in list(self.closing):
            cut()
        for _ in range(PATIENCE):
            for task in list(self._tasks):
                task.cancel()
            self._running = True  # nothing is planned by this
            self._run()
            if not self._tasks:
                break
        self._closed = True
        self._ready.clear()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
