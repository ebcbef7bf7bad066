"""A lab with its page on free ports, and a browser's ways to it without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from iosemu.lab.lab import Lab
from iosemu.lab.page import LabPage, PageApi, page_of
from iosemu.lab.snapshot import Snapshot
from iosemu.lab.ssh_service import serve
from iosemu.server.hostkeys import temporary_keys
from iosemu.server.pace import Pace
from iosemu.web.listener import Served, serve_page

SECONDS = 30
KEYS = temporary_keys()


@dataclass
class Site:
    """A page that is served."""

    lab: Lab
    page: LabPage
    served: Served
    cookie: str = ""

    @property
    def port(self) -> int:
        return self.served.guard.port

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a request; `Host` and the cookie are the right ones unless given."""
        sent = {"Host": self.host, "Cookie": self.cookie, "Connection": "close", **headers}
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items() if value)]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = await asyncio.wait_for(reader.read(), SECONDS)
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        return int(first.split()[1]), found, body

    async def log_in(self) -> None:
        """Open a link as a browser does, and keep the cookie."""
        _status, headers, _ = await self.get(self.served.link().removeprefix(f"http://{self.host}"))
        self.cookie = headers["set-cookie"].partition(";")[0]

    def kept(self) -> Snapshot:
        """The lab as it is now."""
        with self.page._out_of_the_way():
            return self.lab.snapshot()

    def back(self, snapshot: Snapshot) -> None:
        """Put the lab back, lab time fast."""
        with self.page._out_of_the_way():
            self.lab.restore(snapshot)
        self.lab.clock.pace = Pace.FAST

    async def left_alone(self) -> None:
        """Wait until the server has seen that every page is gone."""
        async with asyncio.timeout(SECONDS):
            while self.page._views:
                await asyncio.sleep(0)

    def socket(self, path: str, origin: str | None = "", cookie: str | None = None) -> connect:
        """A WebSocket; with the right origin and cookie unless given."""
        origin = f"http://{self.host}" if origin == "" else origin
        headers = {"Cookie": self.cookie if cookie is None else cookie}
        return connect(
            f"ws://{self.host}{path}", origin=origin, additional_headers=headers, max_size=None,
            compression=None, ping_interval=None,
        )  # fmt: skip


@contextlib.asynccontextmanager
async def site(
    name: str = "ipsec-vpn-exercise", time: str = "fast", host: str = "127.0.0.1"
) -> AsyncIterator[Site]:
    lab = Lab.load(name, seed=3, time=time)
    lab.boot()
    async with (
        serve(lab, base_port=0, keys=KEYS) as serving,
        page_of(lab, serving.ports) as page,
        serve_page(page, host=host, port=0, api=PageApi(page)) as served,
    ):
        here = Site(lab, page, served)
        await here.log_in()
        yield here


class FeedClient:
    """The feed as the page has it: the state so far, and answers to what was asked."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.state: dict[str, Any] = {}
        self.hello: dict[str, Any] = {}
        self.seen: list[dict[str, Any]] = []
        self._number = 0

    async def take(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(self._socket.recv(), SECONDS))
        self.seen.append(message)
        if message["type"] == "hello":
            self.hello = message
        elif message["type"] == "state":
            self.state.update(message["changed"])
        return message

    async def until(self, kind: str) -> dict[str, Any]:
        while (message := await self.take())["type"] != kind:
            pass
        return message

    async def ask(self, what: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self._number += 1
        await self._socket.send(json.dumps({"id": self._number, "do": what, "with": values or {}}))
        while (message := await self.until("answer"))["id"] != self._number:
            pass
        return message


class TerminalClient:
    """A terminal that tells the server what it has shown."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._text = ""

    async def until(self, wanted: str) -> str:
        """What is printed up to and with `wanted`; what comes after it is for the next call."""
        while wanted not in self._text:
            await self._take()
        text, _, self._text = self._text.partition(wanted)
        return text + wanted

    async def _take(self) -> None:
        data = await asyncio.wait_for(self.socket.recv(), SECONDS)
        assert isinstance(data, bytes)
        self._text += data.decode("utf-8", "replace")
        with contextlib.suppress(ConnectionClosed):
            await self.socket.send(json.dumps({"shown": len(data)}))

    async def type(self, text: str, prompt: str) -> str:
        """Type a line; returns what is printed up to the next prompt."""
        await self.socket.send(f"{text}\r".encode())
        return await self.until(prompt)

    async def end(self) -> None:
        """Wait until the server closes it."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.wait_for(self.socket.recv(), SECONDS)


@contextlib.asynccontextmanager
async def terminal_of(here: Site, device: str, query: str = "") -> AsyncIterator[TerminalClient]:
    async with here.socket(f"/terminal/{device}{query}") as socket:
        yield TerminalClient(socket)
