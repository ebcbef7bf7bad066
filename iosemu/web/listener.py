"""Serves the page of a lab beside its SSH ports, on the event loop that they have."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import uvicorn
from starlette.types import ASGIApp

from iosemu.web.api.backend import LabApi
from iosemu.web.application import API, Server
from iosemu.web.guard import Guard
from iosemu.web.page import Page

PORT = 2280
"""TCP port of the page, where it is free."""
LARGEST_MESSAGE = 65_536
"""Octets of one message from a page; whoever sends a larger one is cut off."""
CONNECTIONS = 512
"""Of all pages and terminals together."""


class _Server(uvicorn.Server):
    """Tells when it listens, and leaves signals alone: the lab has its own handlers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None are captured."""
        yield


@dataclass
class Served:
    """A page that is being served."""

    guard: Guard

    def link(self) -> str:
        """A fresh link; it opens the page once."""
        return self.guard.link()

    def token(self) -> tuple[str, str]:
        """Where the API is, and a token for a program."""
        return f"http://{self.guard.address}{API}", self.guard.issue()


def _application(api: LabApi | None) -> ASGIApp | None:
    if api is None or find_spec("fastapi") is None:
        return None
    from iosemu.web.api.routes import create

    return create(api)


def listening(host: str, port: int) -> socket.socket:
    """A socket that is bound to `host`:`port`. Raises OSError when the port is taken."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


@contextlib.asynccontextmanager
async def answering(application: ASGIApp, bound: socket.socket) -> AsyncIterator[None]:
    """Answer HTTP and WebSockets on a bound socket until the context ends."""
    config = uvicorn.Config(
        application,
        log_config=None,
        log_level="error",
        access_log=False,
        lifespan="off",
        http="h11",
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    ready = asyncio.create_task(server.ready.wait())
    try:
        await asyncio.wait((ready, task), return_when=asyncio.FIRST_COMPLETED)
        yield
    finally:
        ready.cancel()
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def serve_page(
    page: Page, *, host: str, port: int = PORT, api: LabApi | None = None
) -> AsyncIterator[Served]:
    """Answer browsers, and programs by `api`, on `host`:`port` (0: any free port) until the context ends.

    The API needs FastAPI; where that is not installed there is the page alone. Raises OSError when the port is taken.
    """
    with contextlib.closing(listening(host, port)) as bound:
        guard = Guard(host, bound.getsockname()[1])
        async with answering(Server(page, guard, _application(api)).application, bound):
            yield Served(guard)
