"""The page of a class, its reports, and what watches over the farm; no browser: what one sends."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import types
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from farming import PASSWORD, Bench, Hall, bench, typing, until
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from iosemu.farm.progress import STUCK, Row, csv_text, json_text
from iosemu.farm.site import Site, watching
from iosemu.farm.wire import ask
from iosemu.lab.errors import LabError
from iosemu.web.guard import Guard
from iosemu.web.listener import answering, listening


class Overseer:
    """What the site asks a supervisor, with the one worker of the test."""

    def __init__(self, made: Bench) -> None:
        self._made = made
        orders = {name: lab.order for name, lab in made.worker.labs.items()}
        self.found = types.SimpleNamespace(orders=orders)
        self.posts = [types.SimpleNamespace(number=1, up=True)]

    async def status(self) -> dict[str, Any]:
        told = await ask(self._made.worker.address, {"do": "status"})
        worker = {"number": 1, "pid": 1, "up": True, "restarts": 2, "since": 0.0, "labs": 2}
        labs = [{**each, "worker": 1} for each in told["labs"]]
        return {
            "name": "school",
            "title": "",
            "workers": [worker],
            "labs": labs,
            "ports": {"ssh": self._made.port},
        }

    async def do(self, what: str, student: str) -> dict[str, Any]:
        return await ask(self._made.worker.address, {"do": what, "lab": student})

    def post_of(self, student: str) -> Any:
        if student not in self.found.orders:
            raise LabError("there is none")

        async def ready() -> Any:
            return await Hall(self._made.worker).worker_of(student)

        return types.SimpleNamespace(ready=ready)


@contextlib.asynccontextmanager
async def site(folder: Path) -> AsyncIterator[tuple[Bench, str, Any]]:
    async with bench(folder) as made:
        farm: Any = types.SimpleNamespace(
            supervisor=Overseer(made), accounts=made.accounts, gateway=made.gateway
        )
        with contextlib.closing(listening("127.0.0.1", 0)) as bound:
            port = bound.getsockname()[1]
            application = Site(farm, Guard("127.0.0.1", port), delay=0.0).application
            async with answering(application, bound):
                yield made, f"http://127.0.0.1:{port}", farm


@contextlib.asynccontextmanager
async def browser(url: str, name: str = "", secret: str = PASSWORD) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=None) as client:
        if name:
            answer = await client.post("/login", content=json.dumps({"name": name, "secret": secret}))
            assert answer.status_code == 200, answer.text
        yield client


async def test_who_sees_and_does_what(tmp_path: Path) -> None:
    async with site(tmp_path) as (made, url, _farm):
        async with browser(url) as nobody:
            assert "<table" in (await nobody.get("/")).text
            assert (await nobody.get("/static/farm.js")).headers["content-type"].startswith("text/javascript")
            assert (
                "script-src 'self'"
                in (await nobody.get("/static/xterm.mjs")).headers["content-security-policy"]
            )
            assert (await nobody.get("/static/../site.py")).status_code == 404
            assert (await nobody.get("/status")).status_code == 401
            for bad in ({"name": "ada", "secret": "wrong"}, {"name": "x", "secret": PASSWORD}):
                assert (await nobody.post("/login", content=json.dumps(bad))).status_code == 403
            for text in ("", "[]", "{", '{"name": 1}', "[" * 4000):
                assert (await nobody.post("/login", content=text)).status_code == 400
            assert (await nobody.post("/login", content="x" * 5000)).status_code == 413
            assert (await nobody.post("/labs/ada/stop")).status_code == 403
            assert (await nobody.get("/report.csv")).status_code == 403
        async with browser(url, "ada") as ada:
            told = (await ada.get("/status")).json()
            assert [each["name"] for each in told["labs"]] == ["ada"]
            assert told["workers"] == []
            for path in ("/labs/ada/stop", "/labs/ben/restore", "/all/restore"):
                assert (await ada.post(path)).status_code == 403
            assert (await ada.get("/labs/ben/page")).status_code == 403
            assert (await ada.get("/report.json")).status_code == 403
            link = (await ada.get("/labs/ada/page")).headers["location"]
            async with httpx.AsyncClient(follow_redirects=True, timeout=None) as page:
                assert "<title>" in (await page.get(link)).text
            await ada.post("/logout")
            assert (await ada.get("/status")).status_code == 401
        async with browser(url, "tess") as tess:
            told = (await tess.get("/status")).json()
            assert [each["name"] for each in told["labs"]] == ["ada", "ben"]
            assert (await tess.post("/labs/ada/fly")).status_code == 404
            assert (await tess.post("/labs/nobody/stop")).status_code == 409
            assert (await tess.post("/labs/ada/stop")).json() == {"state": "stopped"}
            assert made.worker.labs["ada"].lab is None
            assert (await tess.post("/all/restore")).json() == {"done": 2, "failed": 0}
            assert made.worker.labs["ada"].lab is not None
            # another page cannot act with this browser's cookie
            evil = {"Origin": "http://evil.example"}
            assert (await tess.post("/labs/ada/stop", headers=evil)).status_code == 403
            assert (await tess.get("/status", headers={"Host": "evil.example"})).status_code == 403


async def test_a_terminal_through_the_page(tmp_path: Path) -> None:
    async with (
        site(tmp_path) as (made, url, _farm),
        made.ssh("ada+R1") as connection,
        typing(connection, "R1#") as terminal,
        browser(url, "tess") as tess,
        browser(url, "ada") as ada,
    ):
        number = next(iter(made.worker.labs["ada"].terminals))
        place = f"{url.replace('http', 'ws')}/watch/ada/{number}"

        def cookie(client: httpx.AsyncClient) -> dict[str, str]:
            return {
                "Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items()),
                "Origin": url,
            }

        for headers in ({"Origin": url}, cookie(ada), {**cookie(tess), "Origin": "http://evil.example"}):
            with pytest.raises(InvalidStatus):
                await connect(place, additional_headers=headers)
        with pytest.raises(InvalidStatus):
            await connect(place + "0", additional_headers=cookie(tess))
        async with connect(f"{place}?typing=1", additional_headers=cookie(tess)) as socket:
            assert json.loads(await socket.recv())["device"] == "R1"
            await socket.send(b"show privilege\r")
            await terminal.until("level is 15")
            seen = b""
            while b"level is 15" not in seen:
                piece = await socket.recv()
                assert isinstance(piece, bytes)
                seen += piece
        await until(lambda: not made.worker.labs["ada"].terminals[number].taken)


async def test_what_watches_over_the_farm(tmp_path: Path) -> None:
    async with site(tmp_path) as (made, _url, farm), made.ssh("ada+R1") as connection, \
            typing(connection, "R1#") as terminal:  # fmt: skip
        await terminal.type("show ip interface brief", "R1#")
        with contextlib.closing(listening("127.0.0.1", 0)) as bound:
            async with (
                answering(watching(farm), bound),
                httpx.AsyncClient(
                    base_url=f"http://127.0.0.1:{bound.getsockname()[1]}", timeout=None
                ) as client,
            ):
                text = (await client.get("/metrics")).text
                values = {
                    (sample.name, *sample.labels.values()): sample.value
                    for family in text_string_to_metric_families(text) for sample in family.samples
                }  # fmt: skip
                assert values["iosemu_labs", "running"] == 2
                assert values["iosemu_lab_sessions", "ada"] == 1
                assert values["iosemu_worker_restarts_total", "1"] == 2
                assert values["iosemu_gateway_logins_total", "accepted"] == 1
                assert values["iosemu_gateway_bytes_total", "out"] > 100
                assert values["iosemu_lab_cpu_seconds_total", "ada"] > 0
                assert (await client.get("/healthz")).text == "ok\n"
                assert (await client.get("/readyz")).status_code == 200
                farm.supervisor.posts[0].up = False
                assert (await client.get("/readyz")).status_code == 503
                assert (await client.get("/healthz")).status_code == 200


def _lab(**more: Any) -> dict[str, Any]:
    checks = [{"number": 1, "title": "=cmd()", "points": 10, "holds": True},
              {"number": 2, "title": "Two", "points": 5, "holds": False}]  # fmt: skip
    return {"name": "ada", "title": "+Ada", "state": "running", "points": 10, "total": 15, "checks": checks,
            "stage": "", "active_at": 5000.0, "progressed_at": 5000.0, **more}  # fmt: skip


def test_who_is_stuck() -> None:
    assert not Row.of(_lab(), 5000.0 + 60).stuck
    assert Row.of(_lab(active_at=5000.0 + STUCK), 5000.0 + STUCK).stuck
    assert not Row.of(_lab(), 5000.0 + STUCK).stuck  # is not there
    assert not Row.of(_lab(active_at=5000.0 + STUCK, state="aside"), 5000.0 + STUCK).stuck
    done = [{"number": 1, "title": "One", "points": 10, "holds": True}]
    row = Row.of(_lab(active_at=5000.0 + STUCK, checks=done, total=10), 5000.0 + STUCK)
    assert (row.stuck, row.percent, row.step) == (False, 100, "")
    assert Row.of({"name": "b", "title": "b", "state": "waiting"}, 1.0).percent == 0


def test_reports() -> None:
    labs = [_lab(), {"name": "ben", "title": "Ben", "state": "waiting"}]
    rows = list(csv.reader(io.StringIO(csv_text(labs, 5060.0))))
    assert rows[0][-2:] == ["1. =cmd()", "2. Two"]
    assert rows[1][:7] == ["ada", "'+Ada", "running", "10", "15", "66", "2 of 2: Two"]
    assert [row[-2:] for row in rows[1:]] == [["yes", "no"], ["", ""]]
    told = json.loads(json_text("school", labs, 5060.0))
    assert (told["class"], told["made"]) == ("school", "1970-01-01T01:24:20+00:00")
    assert [each["points"] for each in told["students"]] == [10, 0]
    assert told["students"][0]["checks"][1]["holds"] is False


async def test_nobody_keeps_others_waiting_by_guessing(tmp_path: Path) -> None:
    async with site(tmp_path) as (_made, url, _farm), browser(url) as guesser:
        wrong = json.dumps({"name": "ada", "secret": "wrong wrong"})
        told = await asyncio.gather(*(guesser.post("/login", content=wrong) for _ in range(4)))
        assert {each.status_code for each in told} == {403}
        async with browser(url, "ada") as ada:
            assert (await ada.get("/status")).status_code == 200
