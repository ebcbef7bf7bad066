"""The pages of a farm: a student's own lab, a teacher's view of the class, and what watches over the farm."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from iosemu.farm import progress
from iosemu.farm.farm import Farm
from iosemu.farm.metrics import exposition
from iosemu.farm.wire import Kind, Stream, begin
from iosemu.lab.errors import LabError
from iosemu.web.application import CLOSE_ENDED, CLOSE_REFUSED, HEADERS, STATIC
from iosemu.web.guard import Guard
from iosemu.web.sockets import first_to_end

HERE = Path(__file__).resolve().parent / "static"
SESSIONS = 4096
"""Browsers that are known; the oldest gives way."""
FORM = 4096
"""Octets of a login at most."""
DELAY = 1.0
"""Wall seconds before a wrong password is refused."""
ACTIONS = ("start", "stop", "restart", "restore")
_VENDORED = ("xterm.mjs", "xterm.css")
_TYPES = {".html": "text/html", ".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who has logged in."""

    name: str
    role: str


class Site:
    """Answers the requests of browsers."""

    def __init__(self, farm: Farm, guard: Guard, *, delay: float = DELAY) -> None:
        self._farm = farm
        self._guard = guard
        self._delay = delay
        self._known: dict[str, Visitor] = {}
        self._files = {path.name: path.read_bytes() for path in HERE.iterdir()}
        self._files |= {name: (STATIC / "vendor" / name).read_bytes() for name in _VENDORED}
        self.application = Starlette(
            routes=[
                Route("/", self._index),
                Route("/login", self._log_in, methods=["POST"]),
                Route("/logout", self._log_out, methods=["POST"]),
                Route("/status", self._status),
                Route("/report.{kind}", self._report),
                Route("/labs/{student}/page", self._page),
                Route("/labs/{student}/{action}", self._act, methods=["POST"]),
                Route("/all/{action}", self._act_on_all, methods=["POST"]),
                WebSocketRoute("/watch/{student}/{terminal}", self._watch),
                Route("/static/{name}", self._static),
            ]
        )

    # --- who it is ------------------------------------------------------------------------------------

    def _visitor(self, connection: HTTPConnection) -> Visitor | None:
        return self._known.get(connection.cookies.get(self._guard.cookie, ""))

    def _refusal(self, connection: HTTPConnection, *, cross: bool = False) -> Response | None:
        why = self._guard.refusal(connection.headers, cross=cross)
        return PlainTextResponse(f"{why}\n", 403, headers=HEADERS) if why else None

    async def _log_in(self, request: Request) -> Response:
        if (refused := self._refusal(request, cross=True)) is not None:
            return refused
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > FORM:
                return PlainTextResponse("too long\n", 413, headers=HEADERS)
        try:
            data = json.loads(body)
            name, secret = str(data["name"]), str(data["secret"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return PlainTextResponse("not understood\n", 400, headers=HEADERS)
        role = await self._farm.accounts.password(name, secret)
        if role is None:
            self._farm.gateway.counters.refused += 1
            await asyncio.sleep(self._delay)  # nothing is awaited: guessing is to take long
            return PlainTextResponse("wrong name, password or token\n", 403, headers=HEADERS)
        session = secrets.token_urlsafe(32)
        self._known[session] = Visitor(name, role)
        while len(self._known) > SESSIONS:
            del self._known[next(iter(self._known))]
        response = JSONResponse({"name": name, "role": role}, headers=HEADERS)
        response.set_cookie(self._guard.cookie, session, httponly=True, samesite="strict", path="/")
        return response

    async def _log_out(self, request: Request) -> Response:
        if (refused := self._refusal(request, cross=True)) is not None:
            return refused
        self._known.pop(request.cookies.get(self._guard.cookie, ""), None)
        return JSONResponse({}, headers=HEADERS)

    # --- what is there --------------------------------------------------------------------------------

    async def _index(self, request: Request) -> Response:
        return self._refusal(request) or self._file("index.html")

    async def _static(self, request: Request) -> Response:
        return self._refusal(request) or self._file(request.path_params["name"])

    def _file(self, name: str) -> Response:
        content = self._files.get(name)
        if content is None:
            return PlainTextResponse("not found\n", 404, headers=HEADERS)
        return Response(content, media_type=_TYPES[Path(name).suffix], headers=HEADERS)

    async def _labs(self, visitor: Visitor) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The farm, and the labs that a visitor may see."""
        found = await self._farm.supervisor.status()
        return found, [
            lab for lab in found["labs"] if visitor.role == "teacher" or lab["name"] == visitor.name
        ]

    async def _status(self, request: Request) -> Response:
        if (refused := self._refusal(request)) is not None:
            return refused
        visitor = self._visitor(request)
        if visitor is None:
            return PlainTextResponse("log in\n", 401, headers=HEADERS)
        found, labs = await self._labs(visitor)
        now = time.time()
        rows = [
            {**asdict(row), "why": lab["why"], "terminals": lab.get("terminals", []), "checks": lab.get("checks", []),
             "devices": lab.get("devices", []), "worker": lab["worker"]}
            for row, lab in zip(progress.rows(labs, now), labs, strict=True)
        ]  # fmt: skip
        return JSONResponse(
            {"class": found["name"], "title": found["title"], "visitor": asdict(visitor), "labs": rows,
             "workers": found["workers"] if visitor.role == "teacher" else [], "ssh": found["ports"]["ssh"]},
            headers=HEADERS,
        )  # fmt: skip

    async def _report(self, request: Request) -> Response:
        visitor = self._visitor(request)
        if (refused := self._refusal(request)) is not None or visitor is None or visitor.role != "teacher":
            return refused or PlainTextResponse("for teachers\n", 403, headers=HEADERS)
        found, labs = await self._labs(visitor)
        if request.path_params["kind"] not in ("csv", "json"):
            return PlainTextResponse("not found\n", 404, headers=HEADERS)
        kind = request.path_params["kind"]
        text = progress.csv_text(labs, time.time()) if kind == "csv" \
            else progress.json_text(found["name"], labs, time.time())  # fmt: skip
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{found["name"]}.{kind}"'}
        return Response(
            text, media_type=f"{'text' if kind == 'csv' else 'application'}/{kind}", headers=headers
        )

    # --- what is done ---------------------------------------------------------------------------------

    def _may(self, request: Request, student: str, *, cross: bool) -> Response | None:
        """Why not, if a visitor may not have this lab."""
        if (refused := self._refusal(request, cross=cross)) is not None:
            return refused
        visitor = self._visitor(request)
        if visitor is None or (visitor.role != "teacher" and visitor.name != student):
            return PlainTextResponse("this lab is not yours\n", 403, headers=HEADERS)
        return None

    async def _page(self, request: Request) -> Response:
        student = request.path_params["student"]
        if (refused := self._may(request, student, cross=False)) is not None:
            return refused
        try:
            link = (await self._farm.supervisor.do("page", student))["link"]
        except LabError as error:
            return PlainTextResponse(f"{error}\n", 409, headers=HEADERS)
        # the worker knows its address as it listens there; a browser has come by one that leads here
        parts, here = urlsplit(link), urlsplit(f"//{request.headers['host']}")
        host = f"[{here.hostname}]" if ":" in str(here.hostname) else here.hostname
        return RedirectResponse(
            urlunsplit(parts._replace(netloc=f"{host}:{parts.port}")), 303, headers=HEADERS
        )

    async def _act(self, request: Request) -> Response:
        student, action = request.path_params["student"], request.path_params["action"]
        if (refused := self._teacher(request, action)) is not None:
            return refused
        try:
            done = await self._farm.supervisor.do(action, student)
        except LabError as error:
            return PlainTextResponse(f"{error}\n", 409, headers=HEADERS)
        return JSONResponse({"state": done["state"]}, headers=HEADERS)

    async def _act_on_all(self, request: Request) -> Response:
        """A broadcast: all labs begin anew, for one; those of one worker after the other."""
        action = request.path_params["action"]
        if (refused := self._teacher(request, action)) is not None:
            return refused
        supervisor = self._farm.supervisor
        told = await asyncio.gather(
            *(supervisor.do(action, student) for student in supervisor.found.orders), return_exceptions=True
        )
        failed = sum(isinstance(each, BaseException) for each in told)
        return JSONResponse({"done": len(told) - failed, "failed": failed}, headers=HEADERS)

    def _teacher(self, request: Request, action: str) -> Response | None:
        if (refused := self._refusal(request, cross=True)) is not None:
            return refused
        visitor = self._visitor(request)
        if visitor is None or visitor.role != "teacher":
            return PlainTextResponse("for teachers\n", 403, headers=HEADERS)
        return None if action in ACTIONS else PlainTextResponse("not found\n", 404, headers=HEADERS)

    # --- terminals ------------------------------------------------------------------------------------

    async def _watch(self, socket: WebSocket) -> None:
        """A teacher sees what a student sees, and types in his place if he takes over."""
        visitor = self._visitor(socket)
        if self._guard.refusal(socket.headers, cross=True) or visitor is None or visitor.role != "teacher":
            await socket.close(CLOSE_REFUSED)
            return
        number = socket.path_params["terminal"]
        student = socket.path_params["student"]
        request = {
            "do": "watch", "lab": student, "terminal": int(number) if number.isdigit() else 0, "user": visitor.name,
            "typing": socket.query_params.get("typing") == "1",
        }  # fmt: skip
        try:
            stream, told = await begin(await self._farm.supervisor.post_of(student).ready(), request)
        except (LabError, OSError):
            await socket.close(CLOSE_REFUSED)
            return
        try:
            await socket.accept()
            await socket.send_text(json.dumps({"device": told["device"], "size": told["size"]}))
            await first_to_end(_tell(socket, stream), _hear(socket, stream))
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass
        finally:
            stream.close()
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(CLOSE_ENDED)


async def _tell(socket: WebSocket, stream: Stream) -> None:
    while (frame := await stream.frame()) is not None and frame[0] == Kind.DATA:
        await socket.send_bytes(frame[1])


async def _hear(socket: WebSocket, stream: Stream) -> None:
    while True:
        stream.put(Kind.DATA, await socket.receive_bytes())
        await stream.drained()


def watching(farm: Farm) -> Starlette:
    """What watches over the farm: /metrics, /healthz and /readyz."""

    async def metrics(_request: Request) -> Response:
        text = exposition(await farm.supervisor.status(), farm.gateway.counters)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    async def healthy(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> Response:
        down = [str(post.number) for post in farm.supervisor.posts if not post.up]
        if down:
            return PlainTextResponse(f"workers that do not answer: {', '.join(down)}\n", 503)
        return PlainTextResponse("ok\n")

    return Starlette(routes=[Route("/metrics", metrics), Route("/healthz", healthy), Route("/readyz", ready)])


@contextlib.asynccontextmanager
async def serving(
    farm: Farm, host: str, web: int | None, metrics: int | None
) -> AsyncIterator[dict[str, int]]:
    """Answer browsers and Prometheus until the context ends; gives the ports. Raises LabError when one is taken."""
    from iosemu.web.listener import answering, listening

    ports: dict[str, int] = {}
    async with contextlib.AsyncExitStack() as stack:
        for what, port in (("web", web), ("metrics", metrics)):
            if port is None:
                continue
            try:
                socket = stack.enter_context(contextlib.closing(listening(host, port)))
            except OSError as error:
                raise LabError(
                    f"cannot listen on {host}:{port} for {what}: {error.strerror or error}"
                ) from error
            ports[what] = int(socket.getsockname()[1])
            application = (
                Site(farm, Guard(host, ports[what])).application if what == "web" else watching(farm)
            )
            await stack.enter_async_context(answering(application, socket))
        yield ports
