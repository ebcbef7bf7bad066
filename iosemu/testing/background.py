"""An event loop in a thread of its own, so that synchronous tests can use an asynchronous lab."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """Runs coroutines for callers that have no event loop, or another one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="iosemu lab", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; whatever it raises is raised here.

        Raises RuntimeError in the loop's own thread, where it could not be waited for.
        """
        if self._inside:
            work.close()
            raise RuntimeError(
                "the lab cannot wait for itself: a condition of run_until may look at state, now and links, "
                "but not type commands, ping or let time pass"
            )
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def call(self, function: Callable[[], T]) -> T:
        """The result of `function`, called in the loop's thread."""
        if self._inside:
            return function()

        async def work() -> T:
            return function()

        return self.run(work())

    @property
    def _inside(self) -> bool:
        return threading.current_thread() is self._thread

    @property
    def closed(self) -> bool:
        """It was stopped."""
        return self._loop.is_closed()

    def close(self) -> None:
        """Stop the loop; closing twice does no harm."""
        if self._loop.is_closed():
            return
        self.run(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _finish(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
