"""The page of one lab of a farm, served by its worker from the first time that somebody wants it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from iosemu.lab.commands.labs import require_web
from iosemu.lab.errors import LabError

if TYPE_CHECKING:
    from iosemu.farm.hosted import HostedLab
    from iosemu.lab.lab import Lab

logger = logging.getLogger("iosemu.farm")


class LabPages:
    """The pages that are served in this process, each as long as its lab runs."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._links: dict[Lab, Callable[[], str]] = {}
        self._opening = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def link(self, hosted: HostedLab, lab: Lab) -> str:
        """A fresh link to a lab's page, good once. Raises LabError where what pages need is not installed."""
        require_web()
        async with self._opening:
            if lab not in self._links:
                await self._open(hosted, lab)
        return self._links[lab]()

    async def _open(self, hosted: HostedLab, lab: Lab) -> None:
        from iosemu.lab.page import PageApi, page_of
        from iosemu.web.listener import serve_page

        ended = asyncio.Event()
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def serve() -> None:
            try:
                async with (
                    page_of(lab, {}) as page,
                    serve_page(page, host=self._host, port=0, api=PageApi(page)) as served,
                ):
                    self._links[lab] = served.link
                    hosted.pages = lambda: page.pages
                    ready.set_result(None)
                    await ended.wait()
            except Exception as error:
                if ready.done():
                    logger.exception("page", extra={"lab": hosted.name})
                else:
                    ready.set_exception(LabError(f"the page cannot be served: {error}"))
            finally:
                self._links.pop(lab, None)
                hosted.pages = None

        task = asyncio.create_task(serve())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await ready
        hosted.closing.append(ended.set)

    async def close(self) -> None:
        """End them all."""
        for task in list(self._tasks):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
