"""Who may use the API, and how much may be sent: before anything else is looked at."""

from __future__ import annotations

import contextlib
import json

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iosemu.web.guard import Guard

LARGEST_BODY = 1_200_000
"""Octets of a request's body: as many lines as one request may have."""
SWALLOWED = 16_000_000
"""Octets more that are read and thrown away before the answer."""
CLOSE_REFUSED = 4403


class _TooLargeError(Exception):
    pass


class Admission:
    """Lets a program in by `Authorization: Bearer TOKEN`, and the page's browser by its cookie.

    A browser says where a request comes from (`Origin`); with the cookie alone a WebSocket, or a request that
    changes something, must say so.
    """

    def __init__(self, application: ASGIApp, guard: Guard) -> None:
        self._application = application
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            return
        refusal = self._refusal(HTTPConnection(scope))
        if scope["type"] == "websocket":
            if refusal:
                await send({"type": "websocket.close", "code": CLOSE_REFUSED, "reason": refusal})
            else:
                await self._application(scope, receive, send)
        elif refusal:
            await _answer(send, 403, refusal)
        else:
            await self._bounded(scope, receive, send)

    def _refusal(self, connection: HTTPConnection) -> str:
        kind, _, token = connection.headers.get("authorization", "").partition(" ")
        known = kind.lower() == "bearer" and self._guard.knows_token(token.strip())
        changes = connection.scope["type"] == "websocket" or connection.scope["method"] not in ("GET", "HEAD")
        refusal = self._guard.refusal(connection.headers, cross=changes and not known)
        if refusal:
            return refusal
        if known or self._guard.knows(connection.cookies.get(self._guard.cookie, "")):
            return ""
        return "no token: send Authorization: Bearer TOKEN; iosemu web --token prints one"

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:20]) > LARGEST_BODY:
            await _answer(send, 413, f"a body has at most {LARGEST_BODY} octets")
            return
        left = LARGEST_BODY
        refused = False

        async def counted() -> Message:
            nonlocal left, refused
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                refused = True
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            if not refused:  # what the application makes of it is no answer
                await send(message)

        with contextlib.suppress(_TooLargeError):
            await self._application(scope, counted, noted)
        if refused:
            while left > -SWALLOWED and (message := await receive()).get("more_body"):
                left -= len(message.get("body", b""))  # who is still sending would not see the answer
            await _answer(send, 413, f"a body has at most {LARGEST_BODY} octets")


async def _answer(send: Send, status: int, error: str) -> None:
    body = json.dumps({"error": error, "places": []}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
               (b"connection", b"close")]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
