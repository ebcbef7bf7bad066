"""The routes of the API: their types make the OpenAPI document, nothing of it is written by hand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from iosemu.web.api import models
from iosemu.web.api.backend import Frames, LabApi, NotFound
from iosemu.web.page import Refused
from iosemu.web.sockets import first_to_end

PREFIX = f"/api/v{models.VERSION}"
PAUSE = 0.1
"""Wall seconds between two lots of news for one reader."""
CAPTURES = 16
"""Captures that may go on at once."""
PCAPNG = "application/x-pcapng"
_NODE = Path(description="Name of a device.", max_length=200)
_NUMBER = Path(ge=0, description="As `GET /links` numbers the cables.")
_MOMENT = Path(ge=1, description="As `GET /snapshots` numbers them.")
_TARGET = Query(
    max_length=200, description="`all` (every frame once), `cables`, a device, or a port such as `R-A:Fa0/0`."
)
_FILTER = Query(
    alias="filter", max_length=1000, description="As at the console: `icmp and host 192.168.1.1`."
)
_logger = logging.getLogger(__name__)
_ABOUT = """A lab of iosemu for programs.

Send `Authorization: Bearer TOKEN`; `iosemu web --token` prints one for a lab that runs with `--web`. What is refused
changes nothing and is told as a `Problem`. Times are lab time in seconds.

WebSockets: `/events` tells as JSON what changes (`{"type": "state", "changed": {…}}`, `{"type": "time", …}`; a slow
reader is told the newest state, and less often), `/captures?target=…&filter=…` sends pcapng as binary messages.
"""


class Api:
    """The API of one lab."""

    def __init__(self, lab: LabApi) -> None:
        self._lab = lab
        self._captures = 0

    # --- the lab -------------------------------------------------------------------------------------

    async def get_lab(self) -> models.LabFacts:
        """The lab."""
        return self._lab.lab()

    async def get_checks(self) -> models.Checks:
        """Which checks of the lab's file hold."""
        return await self._lab.checks()

    async def save(self) -> models.Saved:
        """Write every device's running configuration to its memory."""
        return self._lab.save()

    async def get_keys(self) -> models.Keys:
        """The IKE and ESP keys that were used so far."""
        return self._lab.keys()

    async def type_at_console(self, wish: models.ConsoleLine) -> models.ConsoleAnswer:
        """Type a line at the lab's console."""
        return await self._lab.console(wish)

    async def trace_packet(self, wish: models.TraceWish) -> models.Traced:
        """Send one packet; tells what each device decided about it and its answer, for 5 s of lab time at most."""
        return await self._lab.trace(wish)

    # --- nodes ---------------------------------------------------------------------------------------

    async def list_nodes(self) -> list[models.Node]:
        """Every device."""
        return self._lab.nodes()

    async def get_node(self, node: Annotated[str, _NODE]) -> models.Node:
        """One device."""
        return self._lab.node(node)

    async def switch_power(self, node: Annotated[str, _NODE], wish: models.Power) -> models.Node:
        """Switch a device on, off, or off and on again."""
        return self._lab.power(node, wish.state)

    async def get_configuration(self, node: Annotated[str, _NODE]) -> models.Configuration:
        """A device's running configuration, and the startup configuration that it had when the lab began."""
        return self._lab.configuration(node)

    async def type_at_node(self, node: Annotated[str, _NODE], wish: models.Lines) -> list[models.Typed]:
        """Type lines at a device; each waits for the one before, in lab time."""
        return await self._lab.type(node, wish)

    # --- cables --------------------------------------------------------------------------------------

    async def list_links(self) -> list[models.Link]:
        """Every cable."""
        return self._lab.links()

    async def get_link(self, number: Annotated[int, _NUMBER]) -> models.Link:
        """One cable."""
        return self._lab.link(number)

    async def change_link(self, number: Annotated[int, _NUMBER], wish: models.LinkChange) -> models.Link:
        """Cut, mend or spoil a cable."""
        return self._lab.change_link(number, wish)

    # --- time ----------------------------------------------------------------------------------------

    async def get_clock(self) -> models.Clock:
        """Lab time."""
        return self._lab.clock()

    async def set_pace(self, wish: models.PaceChange) -> models.Clock:
        """Choose how lab time passes."""
        return self._lab.set_pace(wish.pace)

    async def advance(self, wish: models.Step) -> models.Clock:
        """Let lab time pass as quickly as it can be computed; answers when it has passed."""
        return await self._lab.advance(wish.seconds)

    async def list_snapshots(self) -> list[models.Moment]:
        """The snapshots that are kept."""
        return await self._lab.moments()

    async def take_snapshot(self, wish: models.Label) -> models.Moment:
        """Keep the lab as it is now."""
        return await self._lab.snapshot(wish.label)

    async def restore_snapshot(self, number: Annotated[int, _MOMENT]) -> models.Clock:
        """Put the lab back, its time too; sessions are hung up."""
        return await self._lab.restore(number)

    # --- captures and news ---------------------------------------------------------------------------

    async def stream_capture(
        self, target: Annotated[str, _TARGET] = "all", expression: Annotated[str, _FILTER] = ""
    ) -> StreamingResponse:
        """Frames as pcapng until the reader hangs up; a slow reader misses frames, and the file says how many."""
        frames = self._begin(target, expression)
        return CaptureResponse(_read(frames), lambda: self._end(frames))

    async def socket_capture(self, socket: WebSocket) -> None:
        """The same by a WebSocket."""
        query = socket.query_params
        try:
            frames = self._begin(query.get("target", "all")[:200], query.get("filter", "")[:1000])
        except Refused as error:
            await socket.close(4400, str(error)[:120])
            return
        try:
            await socket.accept()

            async def send() -> None:
                async for data in _read(frames):
                    await socket.send_bytes(data)

            await _while_open(socket, send())
        finally:
            self._end(frames)

    async def socket_events(self, socket: WebSocket) -> None:
        """What changes, as JSON."""
        await socket.accept()
        view = self._lab.open()
        roused = asyncio.Event()
        view.attend(roused.set)
        roused.set()

        async def tell() -> None:
            while True:
                await roused.wait()
                roused.clear()
                for message in view.news():
                    await socket.send_text(json.dumps(message, separators=(",", ":"), ensure_ascii=False))
                await asyncio.sleep(PAUSE)

        try:
            await _while_open(socket, tell())
        finally:
            view.close()

    def _begin(self, target: str, expression: str) -> Frames:
        if self._captures >= CAPTURES:
            raise Refused(f"{CAPTURES} captures go on already")
        frames = self._lab.capture(target, expression)
        self._captures += 1
        return frames

    def _end(self, frames: Frames) -> None:
        self._captures -= 1
        frames.close()


class CaptureResponse(StreamingResponse):
    """A capture; however it ends, the capture is closed."""

    media_type = PCAPNG

    def __init__(self, content: AsyncIterator[bytes], end: Callable[[], None]) -> None:
        super().__init__(content, headers={"Cache-Control": "no-store"})
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the reader is gone."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()


async def _read(frames: Frames) -> AsyncIterator[bytes]:
    """The file so far, and what is added to it."""
    there = asyncio.Event()
    frames.arrived.connect(there.set)
    try:
        while True:
            there.clear()
            data = frames.read()
            if data:
                yield data
                await asyncio.sleep(PAUSE)
            else:
                await there.wait()
    finally:
        frames.arrived.disconnect(there.set)


async def _while_open(socket: WebSocket, work: Coroutine[Any, Any, object]) -> None:
    """Do it until the reader hangs up; what he sends is not looked at."""

    async def listen() -> None:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass

    try:
        await first_to_end(work, listen())
    finally:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()


# --- what is refused ------------------------------------------------------------------------------------------


def _problem(status: int, error: str, places: list[models.Place] | None = None) -> JSONResponse:
    return JSONResponse(models.Problem(error=error, places=places or []).model_dump(), status)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    text = str(error).removeprefix("% ")
    return _problem(404 if isinstance(error, NotFound) else 409, text)


async def _wrong(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    places = []
    for each in error.errors()[:20]:
        message = str(each["msg"])
        why = each.get("ctx", {}).get("error") if each["type"] == "json_invalid" else None
        where = ".".join(str(part)[:100] for part in each["loc"])
        places.append(models.Place(where=where, message=f"{message}: {why}" if why else message))
    return _problem(422, f"{places[0].where}: {places[0].message}" if places else "wrong request", places)


async def _unknown(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, str(error.detail))


async def _failed(request: Request, error: Exception) -> JSONResponse:
    _logger.error("%s %s", request.method, request.url.path, exc_info=error)
    return _problem(500, "internal error")


# --- the application ------------------------------------------------------------------------------------------


def create(lab: LabApi) -> FastAPI:
    """The API of a lab, to be mounted at `PREFIX`."""
    api = Api(lab)
    made = FastAPI(
        title="iosemu",
        version=str(models.VERSION),
        description=_ABOUT,
        docs_url=None,  # those pages load from elsewhere
        redoc_url=None,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        redirect_slashes=False,
        exception_handlers={
            Refused: _refused,
            RequestValidationError: _wrong,
            HTTPException: _unknown,
            Exception: _failed,
        },
        responses={
            403: {"model": models.Problem, "description": "No token, or a foreign page"},
            409: {"model": models.Problem, "description": "It cannot be done now"},
            413: {"model": models.Problem, "description": "The body is too large"},
            422: {"model": models.Problem, "description": "The request is wrong, and where"},
        },
    )
    unknown: dict[int | str, dict[str, Any]] = {
        404: {"model": models.Problem, "description": "There is none of that name"}
    }
    for method, path, handler, tag in (
        ("GET", "/lab", api.get_lab, "lab"),
        ("GET", "/checks", api.get_checks, "lab"),
        ("POST", "/save", api.save, "lab"),
        ("GET", "/keys", api.get_keys, "lab"),
        ("POST", "/console", api.type_at_console, "lab"),
        ("POST", "/trace", api.trace_packet, "lab"),
        ("GET", "/nodes", api.list_nodes, "nodes"),
        ("GET", "/nodes/{node}", api.get_node, "nodes"),
        ("POST", "/nodes/{node}/power", api.switch_power, "nodes"),
        ("GET", "/nodes/{node}/configuration", api.get_configuration, "nodes"),
        ("POST", "/nodes/{node}/lines", api.type_at_node, "nodes"),
        ("GET", "/links", api.list_links, "links"),
        ("GET", "/links/{number}", api.get_link, "links"),
        ("PATCH", "/links/{number}", api.change_link, "links"),
        ("GET", "/clock", api.get_clock, "time"),
        ("PUT", "/clock", api.set_pace, "time"),
        ("POST", "/clock/advance", api.advance, "time"),
        ("GET", "/snapshots", api.list_snapshots, "time"),
        ("POST", "/snapshots", api.take_snapshot, "time"),
        ("POST", "/snapshots/{number}/restore", api.restore_snapshot, "time"),
    ):
        made.add_api_route(
            path, handler, methods=[method], tags=[tag], responses=unknown if "{" in path or path == "/trace" else {},
            operation_id=handler.__name__,
        )  # fmt: skip
    made.add_api_route(
        "/captures", api.stream_capture, methods=["GET"], tags=["captures"], response_class=CaptureResponse,
        operation_id="stream_capture", status_code=200,
    )  # fmt: skip
    made.add_api_websocket_route("/captures", api.socket_capture)
    made.add_api_websocket_route("/events", api.socket_events)
    return made


def document() -> dict[str, Any]:
    """The OpenAPI document, made of the types of the routes."""

    class _Nobody:
        def __getattr__(self, name: str) -> Any:
            raise AttributeError(name)

    found: dict[str, Any] = create(_Nobody()).openapi()
    return found
