"""The page's server: the files of the page, its feed of news, and its terminals, each behind the guard."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import mimetypes
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from iosemu.server.endpoint import Client
from iosemu.web.api.admission import Admission
from iosemu.web.guard import Guard
from iosemu.web.page import Page, Refused
from iosemu.web.sockets import first_to_end
from iosemu.web.terminal import REFUSAL, Keys, Terminal, log_in

STATIC = Path(__file__).resolve().parent / "static"
API = "/api/v1"
"""Where the API of version 1 is."""
PAUSE = 0.1
"""Wall seconds between two lots of news for one page."""
MOST_TERMINALS = 32
"""Open at once in one browser; the devices' lines end earlier, mostly."""
CLOSE_REFUSED, CLOSE_ENDED = 4403, 4000
"""Codes with which a WebSocket is closed: who asked may not, or the session has ended."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_logger = logging.getLogger(__name__)


def static_files() -> dict[str, bytes]:
    """The page's files by path below `/`, read once: what a lab serves does not change under it."""
    return {
        path.relative_to(STATIC).as_posix(): path.read_bytes() for path in STATIC.rglob("*") if path.is_file()
    }


class Server:
    """Answers the requests of one lab's page."""

    def __init__(self, page: Page, guard: Guard, api: ASGIApp | None = None) -> None:
        self._page = page
        self._guard = guard
        self._files = static_files()
        self._terminals: dict[str, int] = {}
        """Open terminals by cookie."""
        self.application = Starlette(
            routes=[
                Route("/", self._index),
                *([] if api is None else [Mount(API, Admission(api, guard))]),
                Route("/download/{what}", self._download),
                Route("/{path:path}", self._static),
                WebSocketRoute("/feed", self._feed),
                WebSocketRoute("/terminal/{device}", self._terminal),
            ]
        )

    # --- files ---------------------------------------------------------------------------------------

    async def _index(self, request: Request) -> Response:
        refusal = self._refusal(request, cross=False)
        token = request.query_params.get("token")
        if not refusal and token is not None:
            session = self._guard.redeem(token)
            if session is not None or self._known(request):
                response = RedirectResponse("/", 303, headers=HEADERS)
                if session is not None:
                    response.set_cookie(
                        self._guard.cookie, session, httponly=True, samesite="strict", path="/"
                    )
                return response
        return self._file(request, "index.html")

    async def _static(self, request: Request) -> Response:
        return self._file(request, request.path_params["path"])

    def _file(self, request: Request, path: str) -> Response:
        refusal = self._refusal(request, cross=False) or ("" if self._known(request) else "no token")
        if refusal:
            return _refused(refusal)
        content = self._files.get(path)
        if content is None:
            return PlainTextResponse("not found\n", 404, headers=HEADERS)
        kind = _TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
        return Response(content, media_type=kind, headers=HEADERS)

    async def _download(self, request: Request) -> Response:
        refusal = self._refusal(request, cross=False) or ("" if self._known(request) else "no token")
        if refusal:
            return _refused(refusal)
        try:
            name, kind, content = await self._page.download(
                request.path_params["what"], dict(request.query_params)
            )
        except Refused as error:
            return PlainTextResponse(f"{error}\n", 400, headers=HEADERS)
        disposition = f"attachment; filename*=UTF-8''{quote(name)}"
        return Response(content, media_type=kind, headers={**HEADERS, "Content-Disposition": disposition})

    # --- WebSockets ----------------------------------------------------------------------------------

    async def _feed(self, socket: WebSocket) -> None:
        if not await self._admit(socket):
            return
        view = self._page.open()
        roused = asyncio.Event()
        view.attend(roused.set)
        lock = asyncio.Lock()

        async def send(message: Mapping[str, Any]) -> None:
            async with lock:
                await socket.send_text(json.dumps(message, separators=(",", ":"), ensure_ascii=False))

        async def tell() -> None:
            await send(self._page.hello())
            roused.set()
            while True:
                await roused.wait()
                roused.clear()
                for message in view.news():
                    await send(message)
                await asyncio.sleep(PAUSE)

        async def hear() -> None:
            while True:
                text = await socket.receive_text()
                answer = await _answer(view.do, text)
                if answer is not None:
                    await send(answer)

        try:
            await first_to_end(tell(), hear())
        finally:
            view.close()
            await _close(socket, CLOSE_ENDED)

    async def _terminal(self, socket: WebSocket) -> None:
        if not await self._admit(socket):
            return
        device = socket.path_params["device"]
        session = socket.cookies.get(self._guard.cookie, "")
        endpoint = self._page.endpoint(device)
        if endpoint is None or self._terminals.get(session, 0) >= MOST_TERMINALS:
            await _close(socket, CLOSE_REFUSED)
            return
        address = socket.client.host if socket.client is not None else ""
        client = Client("", 1, address, *_size(socket), pty=True, term=self._page.terminal(device))
        terminal = Terminal(self._page.clock, client, socket.send_bytes)
        self._terminals[session] = self._terminals.get(session, 0) + 1
        keys = Keys(_keys(socket, terminal))
        try:
            known = await log_in(endpoint, self._page.clock, client, socket.send_bytes, keys)
            if known is not None and not terminal.open(endpoint, known):
                await socket.send_bytes(REFUSAL)
            elif known is not None:

                async def hear() -> None:
                    async for data in keys.all():
                        if not terminal.typed(data):
                            return

                await first_to_end(terminal.pump(), hear())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            terminal.close()
            left = self._terminals.get(session, 1) - 1
            if left:
                self._terminals[session] = left
            else:
                self._terminals.pop(session, None)
            await _close(socket, CLOSE_ENDED)

    async def _admit(self, socket: WebSocket) -> bool:
        """Accept a WebSocket, or close it before it is open."""
        refusal = self._refusal(socket, cross=True) or ("" if self._known(socket) else "no token")
        if refusal:
            await socket.close(CLOSE_REFUSED, refusal)
            return False
        await socket.accept()
        return True

    def _refusal(self, connection: HTTPConnection, *, cross: bool) -> str:
        return self._guard.refusal(connection.headers, cross=cross)

    def _known(self, connection: HTTPConnection) -> bool:
        return self._guard.knows(connection.cookies.get(self._guard.cookie, ""))


async def _answer(do: Any, text: str) -> Mapping[str, Any] | None:
    """Do what a message of the page asks for; None for what is no message at all."""
    try:
        message = json.loads(text)
        number, what = int(message["id"]), str(message["do"])
        values = message.get("with", {})
        if not isinstance(values, dict):
            raise ValueError("no values")
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None
    try:
        return {"type": "answer", "id": number, "result": await do(what, values)}
    except Refused as error:
        return {"type": "answer", "id": number, "error": str(error)}
    except Exception:
        _logger.exception("the page asked for %s", what)
        return {"type": "answer", "id": number, "error": f"% internal error: {what}"}


async def _keys(socket: WebSocket, terminal: Terminal) -> AsyncIterator[bytes]:
    """What is typed: binary messages; texts are for the terminal itself."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("bytes") is not None:
            yield bytes(message["bytes"])
        elif message.get("text") is not None:
            terminal.told(str(message["text"]))


def _size(socket: WebSocket) -> tuple[int, int]:
    """Columns and rows as the page gives them."""
    found = []
    for name, default in (("columns", 80), ("rows", 24)):
        text = socket.query_params.get(name, "")
        found.append(
            min(int(text), 500) if text.isascii() and text.isdigit() and int(text[:6]) > 0 else default
        )
    return found[0], found[1]


async def _close(socket: WebSocket, code: int) -> None:
    if WebSocketState.DISCONNECTED not in (socket.client_state, socket.application_state):
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(code)


def _refused(why: str) -> Response:
    text = (
        f"iosemu: {why}. Open the page by the link that `iosemu web` prints; it is good once, "
        "and `iosemu web` prints another.\n"
    )
    return PlainTextResponse(text, 403, headers=HEADERS)
