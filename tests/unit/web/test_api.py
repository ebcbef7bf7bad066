"""The API as honest and hostile programs meet it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator
from page_client import SECONDS, Site, site
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from iosemu.lab import capture
from iosemu.lab.snapshot import Snapshot
from iosemu.packets.pcapng import PcapngPacket, read_pcapng
from iosemu.web.api.admission import LARGEST_BODY
from iosemu.web.api.routes import CAPTURES, document

ROOT = Path(__file__).resolve().parents[3]
OPENAPI = ROOT / "docs" / "reference" / "openapi.json"
API = "/api/v1"
pytestmark = pytest.mark.asyncio(loop_scope="module")


DOCUMENT = document()


class Program:
    """A client with a token; whatever it is told must be as the OpenAPI document says."""

    def __init__(self, here: Site) -> None:
        self.here = here
        self.token = here.served.token()[1]
        self.document = DOCUMENT

    async def raw(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        sent = {"Host": self.here.host, "Authorization": f"Bearer {self.token}", "Connection": "close",
                "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}  # fmt: skip
        reader, writer = await asyncio.open_connection("127.0.0.1", self.here.port)
        lines = [f"{method} {API}{path} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items() if v)]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        answer = await asyncio.wait_for(reader.read(), SECONDS)
        writer.close()
        head, _, rest = answer.partition(b"\r\n\r\n")
        first, *others = head.decode().split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in others)}
        return int(first.split()[1]), found, rest

    async def ask(self, method: str, path: str, values: Any = None) -> tuple[int, Any]:
        body = b"" if values is None else json.dumps(values).encode()
        status, _, answer = await self.raw(method, path, body)
        found = json.loads(answer)
        self.check(method, path, status, found)
        return status, found

    async def get(self, path: str) -> Any:
        status, found = await self.ask("GET", path)
        assert status == 200, found
        return found

    def check(self, method: str, path: str, status: int, answer: Any) -> None:
        """The answer fits the schema of the document."""
        route = self.route(path)
        responses = self.document["paths"][route][method.lower()]["responses"]
        schema = responses[str(status)]["content"]["application/json"]["schema"]
        whole = {**schema, "components": self.document["components"]}
        Draft202012Validator(whole).validate(answer)

    def route(self, path: str) -> str:
        parts = path.partition("?")[0].split("/")
        for route in self.document["paths"]:
            names = route.split("/")
            if len(names) == len(parts) and all(
                a == b or a.startswith("{") for a, b in zip(names, parts, strict=True)
            ):
                return str(route)
        raise AssertionError(f"{path} is not in the document")

    def socket(self, path: str, token: str | None = None, **options: Any) -> connect:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return connect(f"ws://{self.here.host}{API}{path}", additional_headers=headers, compression=None,
                       max_size=None, ping_interval=None, **options)  # fmt: skip


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def here() -> AsyncIterator[tuple[Site, Snapshot]]:
    """One lab for all tests, with how it was after it booted."""
    async with site() as found:
        yield found, found.kept()


@pytest_asyncio.fixture(loop_scope="module")
async def program(here: tuple[Site, Snapshot]) -> Program:
    found, as_it_was = here
    found.back(as_it_was)
    return Program(found)


# --- the document -----------------------------------------------------------------------------------------


async def test_the_document_in_docs_is_that_of_the_routes() -> None:
    assert json.loads(OPENAPI.read_text("utf-8")) == document(), "run python docs/generate.py"


async def test_the_document_is_served(program: Program) -> None:
    status, _, body = await program.raw("GET", "/openapi.json")
    assert status == 200
    assert json.loads(body) == document()
    for path, methods in document()["paths"].items():
        for method, about in methods.items():
            assert about.get("description"), (method, path)


# --- what it does -----------------------------------------------------------------------------------------


async def test_the_lab_and_its_nodes(program: Program) -> None:
    lab = await program.get("/lab")
    assert (lab["name"], lab["nodes"], lab["api"]) == ("ipsec-vpn-exercise", len(program.here.lab.devices), 1)
    nodes = await program.get("/nodes")
    assert [each["name"] for each in nodes] == list(program.here.lab.devices)
    node = await program.get("/nodes/R-A")
    port = next(each for each in node["ports"] if each["name"] == "FastEthernet0/0")
    assert port == {"name": "FastEthernet0/0", "address": "10.0.10.10/24", "admin_up": True, "line_up": True,
                    "protocol_up": True}  # fmt: skip
    assert node["ssh"] == program.here.page.ports["R-A"]
    status, problem = await program.ask("GET", "/nodes/R-Z")
    assert status == 404
    assert "R-A" in problem["error"]


async def test_lines_are_typed_and_the_configuration_follows(program: Program) -> None:
    wish = {"lines": ["configure terminal", "interface loopback 7", "ip address 7.7.7.7 255.255.255.255", "end",
                      "show ip interface brief | include Loopback7"]}  # fmt: skip
    status, typed = await program.ask("POST", "/nodes/R-A/lines", wish)
    assert status == 200
    assert [each["prompt"] for each in typed[:3]] == ["R-A(config)#", "R-A(config-if)#", "R-A(config-if)#"]
    assert "7.7.7.7" in typed[-1]["output"]
    assert all(each["finished"] for each in typed)
    assert "ipconfig 192.168.1.1" in (await program.get("/nodes/PC-A/configuration"))["running"]
    texts = await program.get("/nodes/R-A/configuration")
    assert "interface Loopback7" in texts["running"]
    assert "interface Loopback7" not in texts["startup"]
    assert (await program.ask("POST", "/save"))[0] == 200
    assert b"interface Loopback7" in program.here.lab.devices["R-A"].nvram["startup-config"]


async def test_a_line_that_takes_lab_time_is_waited_for_and_one_that_never_ends_is_broken_off(
    program: Program,
) -> None:
    status, typed = await program.ask(
        "POST", "/nodes/R-A/lines", {"lines": ["ping 10.0.10.20", "show clock"]}
    )
    assert status == 200
    assert "Success rate is" in typed[0]["output"]
    assert typed[1]["finished"]
    wish = {"lines": ["ping 10.0.10.99 repeat 100000", "show clock"], "timeout": 30}
    status, typed = await program.ask("POST", "/nodes/R-A/lines", wish)
    assert (status, len(typed), typed[0]["finished"]) == (200, 1, False)
    assert "Sending 100000" in typed[0]["output"]
    status, typed = await program.ask("POST", "/nodes/R-A/lines", {"lines": ["reload"]})
    assert "confirm" in typed[0]["prompt"]


async def test_the_console_answers_and_refuses(program: Program) -> None:
    status, said = await program.ask("POST", "/console", {"line": "link R-A:Fa0/0 loss 1%"})
    assert (status, said["refused"]) == (200, False)
    assert "loss 1%" in said["output"]
    status, said = await program.ask("POST", "/console", {"line": "power off R-Z"})
    assert (status, said["refused"]) == (200, True)
    assert (await program.ask("POST", "/console", {"line": "capture all"}))[0] == 409
    status, said = await program.ask("POST", "/console", {"line": "web"})
    assert said["refused"]  # this lab was not started by `iosemu up`


async def test_cables_are_cut_spoilt_and_mended(program: Program) -> None:
    links = await program.get("/links")
    wanted = {"node": "R-A", "port": "FastEthernet0/0"}
    number = next(each["number"] for each in links if wanted in each["ends"])
    status, link = await program.ask("PATCH", f"/links/{number}", {"plugged": False, "faults": {"loss": 0.5}})
    assert (status, link["plugged"], link["carrier"], link["faults"]["loss"]) == (200, False, False, 0.5)
    status, link = await program.ask(
        "PATCH", f"/links/{number}", {"faults": {"rate": 64000}, "plugged": True}
    )
    assert (link["faults"]["loss"], link["faults"]["rate"], link["carrier"]) == (0.5, 64000, True)
    status, link = await program.ask("PATCH", f"/links/{number}", {"clear": True})
    assert (link["faults"]["loss"], link["faults"]["rate"]) == (0, None)
    status, problem = await program.ask("PATCH", f"/links/{number}", {"clear": True, "faults": {"jitter": 5}})
    assert (status, (await program.get(f"/links/{number}"))["faults"]["jitter"]) == (409, 0)
    assert problem["error"]
    assert (await program.ask("PATCH", "/links/999", {}))[0] == 404


async def test_power(program: Program) -> None:
    status, node = await program.ask("POST", "/nodes/SV-B/power", {"state": "off"})
    assert (status, node["powered"]) == (200, False)
    assert (await program.ask("GET", "/nodes/SV-B/configuration"))[0] == 409
    assert (await program.ask("POST", "/nodes/SV-B/lines", {"lines": ["ipconfig"]}))[0] == 409
    status, node = await program.ask("POST", "/nodes/SV-B/power", {"state": "on"})
    assert node["powered"]


async def test_time_and_snapshots(program: Program) -> None:
    before = await program.get("/clock")
    status, after = await program.ask("POST", "/clock/advance", {"seconds": 3600})
    assert status == 200
    assert after["now"] >= before["now"] + 3600
    status, clock = await program.ask("PUT", "/clock", {"pace": "manual"})
    assert clock["pace"] == "manual"
    status, moment = await program.ask("POST", "/snapshots", {"label": "before"})
    assert (status, moment["label"]) == (200, "before")
    await program.ask("POST", "/nodes/R-A/lines", {"lines": ["configure terminal", "hostname X", "end"]})
    assert (await program.get("/nodes/R-A"))["hostname"] == "X"
    status, clock = await program.ask("POST", f"/snapshots/{moment['number']}/restore")
    assert (status, clock["now"]) == (200, moment["when"])
    assert (await program.get("/nodes/R-A"))["hostname"] == "R-A"
    assert (await program.ask("POST", "/snapshots/77/restore"))[0] == 404
    assert moment["number"] in [each["number"] for each in await program.get("/snapshots")]


async def test_a_packet_is_traced_with_every_decision_and_the_lines_behind_it(program: Program) -> None:
    wish: dict[str, Any] = {"source": "R-A", "destination": "R-B"}
    status, traced = await program.ask("POST", "/trace", wish)
    assert (status, traced["answered"]) == (200, True)
    assert "ICMP echo" in traced["title"]
    assert [each["after"] for each in traced["steps"]] == sorted(each["after"] for each in traced["steps"])
    last = traced["steps"][-1]
    assert (last["device"], last["kind"], last["end"]) == ("R-A", "answer", "arrived")
    status, traced = await program.ask("POST", "/trace", {**wish, "protocol": "tcp", "port": 22})
    assert (status, traced["answered"]) == (200, True)
    lines = ["configure terminal", "ip access-list extended NOBODY", "deny udp any any", "permit ip any any", "exit",
             "interface FastEthernet0/0", "ip access-group NOBODY in", "end"]  # fmt: skip
    await program.ask("POST", "/nodes/R-B/lines", {"lines": lines})
    status, traced = await program.ask("POST", "/trace", {**wish, "protocol": "udp", "port": 4000})
    (dropped,) = [step for step in traced["steps"] if step["kind"] == "packet" and step["end"] == "dropped"]
    assert (status, traced["answered"], dropped["device"]) == (200, False, "R-B")
    assert any("deny" in line and "udp any any" in line for line in dropped["lines"])
    assert "R-B dropped it" in traced["verdict"]


async def test_a_trace_is_answered_however_lab_time_passes(program: Program) -> None:
    for pace in ("manual", "real"):
        await program.ask("PUT", "/clock", {"pace": pace})
        both = await asyncio.gather(
            program.ask("POST", "/trace", {"source": "R-A", "destination": "10.0.10.20"}),
            program.ask("POST", "/trace", {"source": "R-B", "destination": "10.0.10.10"}),
        )
        assert [(status, traced["answered"]) for status, traced in both] == [(200, True)] * 2
        assert [traced["steps"][-1]["device"] for _, traced in both] == ["R-A", "R-B"]


async def test_what_cannot_be_traced_is_refused(program: Program) -> None:
    for wish, wanted in (
        ({"source": "R-Z", "destination": "R-B"}, 404),
        ({"source": "R-A", "destination": "nowhere"}, 409),
        ({"source": "R-A", "destination": "SW-1"}, 409),
        ({"source": "Sniffer1", "destination": "R-B"}, 409),
        ({"source": "R-A", "destination": ""}, 422),
        ({"source": "R-A", "destination": "R-B", "protocol": "tcp"}, 422),
        ({"source": "R-A", "destination": "R-B", "port": 22}, 422),
        ({"source": "R-A", "destination": "R-B", "protocol": "udp", "port": 0}, 422),
        ({"source": "R-A", "destination": "R-B", "protocol": "sctp", "port": 7}, 422),
        ({"source": "R-A", "destination": "R-B", "colour": "red"}, 422),
        ({"source": ["R-A"], "destination": "R-B"}, 422),
    ):
        status, problem = await program.ask("POST", "/trace", wish)
        assert (status, bool(problem["error"])) == (wanted, True), wish
    await program.ask("POST", "/nodes/SV-B/power", {"state": "off"})
    status, problem = await program.ask("POST", "/trace", {"source": "SV-B", "destination": "R-B"})
    assert (status, problem["error"]) == (409, "SV-B cannot send packets")


async def test_checks(program: Program) -> None:
    found = await program.get("/checks")
    assert found["total"] == sum(each["points"] for each in found["checks"])
    assert found["reached"] < found["total"]
    assert found["checks"][0]["title"]["en"]


async def test_frames_come_as_they_pass(program: Program) -> None:
    async with program.socket("/captures?target=R-A:Fa0/1&filter=icmp") as socket:
        await program.ask("POST", "/nodes/R-A/lines", {"lines": ["ping 192.168.1.1"]})
        data = b""
        while sum(isinstance(each, PcapngPacket) for each in read_pcapng(data)) < 8:
            data += bytes(await asyncio.wait_for(socket.recv(), SECONDS))
        status, problem = await program.ask("POST", "/snapshots", {})
        assert (status, "capture" in problem["error"]) == (409, True)
    with pytest.raises(InvalidStatus):
        await program.socket("/captures?target=R-Z")
    status, _, body = await program.raw("GET", "/captures?target=all&filter=((")
    assert (status, "filter" in json.loads(body)["error"]) == (409, True)


async def test_changes_are_told(program: Program) -> None:
    async with program.socket("/events") as socket:
        await program.ask("POST", "/nodes/SV-B/power", {"state": "off"})
        state: dict[str, Any] = {}
        while state.get("d:SV-B", {}).get("power") is not False:
            message = json.loads(await asyncio.wait_for(socket.recv(), SECONDS))
            if message["type"] == "state":
                state.update(message["changed"])


# --- the hostile ------------------------------------------------------------------------------------------


async def test_nothing_is_told_without_a_token(program: Program) -> None:
    for path in ("/lab", "/openapi.json", "/nodes/R-A/configuration", "/captures", "/nothing"):
        for authorization in ("", "Bearer guess", f"Basic {program.token}", "Bearer"):
            status, _, body = await program.raw("GET", path, Authorization=authorization)
            assert status == 403
            assert "iosemu web --token" in json.loads(body)["error"]
    with pytest.raises(InvalidStatus):
        await program.socket("/events", token="guess")


async def test_other_pages_and_names_are_refused_whatever_they_know(program: Program) -> None:
    for origin in ("http://evil.example", f"https://{program.here.host}", "null"):
        assert (await program.raw("GET", "/lab", Origin=origin))[0] == 403
        assert (await program.raw("POST", "/save", Origin=origin))[0] == 403
        with pytest.raises(InvalidStatus):
            await program.socket("/events", origin=origin)
    for host in (f"evil.example:{program.here.port}", "127.0.0.1:1"):
        assert (await program.raw("GET", "/lab", Host=host))[0] == 403


async def test_the_pages_cookie_reads_and_changes_only_from_the_page_itself(program: Program) -> None:
    cookie = {"Authorization": "", "Cookie": program.here.cookie}
    assert (await program.raw("GET", "/lab", **cookie))[0] == 200
    assert (await program.raw("POST", "/save", **cookie))[0] == 403
    assert (await program.raw("POST", "/save", Origin=f"http://{program.here.host}", **cookie))[0] == 200


async def test_a_giant_body_is_refused_declared_or_not(program: Program) -> None:
    status, _, _ = await program.raw("POST", "/console", **{"Content-Length": str(LARGEST_BODY + 1)})
    assert status == 413
    chunk = b"%x\r\n" % 65536 + b" " * 65536 + b"\r\n"
    body = chunk * (LARGEST_BODY // 65536 + 2) + b"0\r\n\r\n"
    status, _, _ = await program.raw(
        "POST", "/console", body, **{"Content-Length": "", "Transfer-Encoding": "chunked"}
    )
    assert status == 413
    assert (await program.get("/lab"))["name"]


WRONG = (
    (b'{"lines": ["show clock",}', "body."),
    (b"", "body"),
    (b"[" * 100_000, ""),
    (b'{"lines": []}', "body.lines"),
    (b'{"lines": ["a\\nb"]}', "body.lines.0"),
    (b'{"lines": ["a", 7]}', "body.lines.1"),
    (b'{"lines": ["show clock"], "timeout": -1}', "body.timeout"),
    (b'{"lines": ["show clock"], "timeout": NaN}', "body.timeout"),
    (b'{"lines": ["show clock"], "loud": true}', "body.loud"),
    (b'\xff\xfe{"lines": 1}', "body"),
)
"""Bodies, and where in them something is wrong; a place cannot be told of one that is nested without end."""


async def test_a_wrong_body_is_told_with_its_place_and_changes_nothing(program: Program) -> None:
    for body, where in WRONG:
        status, _, answer = await program.raw("POST", "/nodes/R-A/lines", body)
        problem = json.loads(answer)
        assert problem["error"]
        assert status == (422 if where else 400), answer
        assert not where or problem["places"][0]["where"].startswith(where), answer
    assert program.here.lab.faults.of("R-A") == 0


async def test_what_is_not_there_and_other_methods_are_problems_too(program: Program) -> None:
    for method, path, wanted in (("GET", "/nothing", 404), ("DELETE", "/lab", 405), ("GET", "/links/x", 422),
                                 ("GET", "/links/-1", 422), ("GET", "/nodes/%00", 404)):  # fmt: skip
        status, _, body = await program.raw(method, path)
        assert status == wanted, (method, path)
        assert json.loads(body)["error"]


async def test_a_giant_frame_ends_its_socket_only(program: Program) -> None:
    async with program.socket("/events") as socket:
        with contextlib.suppress(ConnectionClosed):
            await socket.send("x" * 1_000_000)
        await asyncio.wait_for(socket.wait_closed(), SECONDS)
    assert (await program.get("/lab"))["name"]


async def test_a_reader_who_does_not_read_holds_nobody_up_and_little_memory(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture.Capture.__init__, "__defaults__", ("", 50_000, None))
    reader, writer = await asyncio.open_connection("127.0.0.1", program.here.port, limit=1024)
    writer.write(
        f"GET {API}/captures?target=cables HTTP/1.1\r\nHost: {program.here.host}\r\n"
        f"Authorization: Bearer {program.token}\r\n\r\n".encode()
    )
    await asyncio.wait_for(reader.read(100), SECONDS)
    (open_one,) = program.here.lab.captures
    assert isinstance(open_one, capture.Capture)
    for _ in range(60):
        if open_one.dropped:
            break
        line = "ping 192.168.1.1 size 1500 repeat 1000"
        status, typed = await program.ask("POST", "/nodes/R-A/lines", {"lines": [line], "timeout": 600})
        assert (status, typed[0]["finished"]) == (200, True)
    assert open_one.dropped
    assert open_one._buffer.tell() < 60_000
    writer.close()
    while program.here.lab.captures:
        await asyncio.sleep(0)
    assert (await program.ask("POST", "/snapshots", {}))[0] == 200


async def test_captures_are_few_at_once_and_each_end_frees_one(program: Program) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(CAPTURES):
            await stack.enter_async_context(program.socket("/captures"))
        with pytest.raises(InvalidStatus):
            await program.socket("/captures")
    while program.here.lab.captures:
        await asyncio.sleep(0)
    async with program.socket("/captures"):
        pass


async def test_many_type_at_once_and_nobody_waits_for_a_ping_of_another(program: Program) -> None:
    await program.ask("PUT", "/clock", {"pace": "real"})
    slow = asyncio.create_task(
        program.ask("POST", "/nodes/R-A/lines", {"lines": ["ping 10.0.10.99 repeat 100"], "timeout": 500})
    )
    answers = await asyncio.gather(
        *(
            program.ask("POST", f"/nodes/{name}/lines", {"lines": ["show version"]})
            for name in ("R-A", "R-B") * 5
        )
    )
    assert all(status == 200 and "uptime" in typed[0]["output"] for status, typed in answers)
    assert not slow.done()
    await program.ask("PUT", "/clock", {"pace": "fast"})
    status, typed = await slow
    assert (status, typed[0]["finished"]) == (200, True)
