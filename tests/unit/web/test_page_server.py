"""The page's server as honest and hostile clients meet it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import zipfile
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from page_client import SECONDS, FeedClient, Site, TerminalClient, site, terminal_of
from websockets.exceptions import ConnectionClosed, InvalidStatus

from iosemu.lab.snapshot import Snapshot
from iosemu.packets.pcapng import PcapngPacket, read_pcapng
from iosemu.web.listener import LARGEST_MESSAGE
from iosemu.web.terminal import WINDOW

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Site, Snapshot]]:
    """One lab and its page for all tests, with how the lab was after it booted."""
    async with site() as found:
        yield found, found.kept()


@pytest_asyncio.fixture(loop_scope="module")
async def here(shared: tuple[Site, Snapshot]) -> Site:
    """The lab as it was after it booted, and nobody looks at it."""
    found, as_it_was = shared
    await found.left_alone()
    found.back(as_it_was)
    return found


# --- who may come in --------------------------------------------------------------------------------------


async def test_a_link_opens_the_page_once_and_the_cookie_goes_on(here: Site) -> None:
    path = here.served.link().removeprefix(f"http://{here.host}")
    status, headers, _ = await here.get(path, Cookie="")
    assert (status, headers["location"]) == (303, "/")
    assert "HttpOnly" in headers["set-cookie"]
    assert "samesite=strict" in headers["set-cookie"].lower()
    assert (await here.get(path, Cookie=""))[0] == 403
    status, headers, body = await here.get("/", Cookie=headers["set-cookie"].partition(";")[0])
    assert status == 200
    assert b"js/main.js" in body
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/js/main.js", "/style.css", "/?token=guess", "/download/keys"])
async def test_nothing_is_told_without_the_cookie(here: Site, path: str) -> None:
    for cookie in ("", f"{here.served.guard.cookie}=guess"):
        status, _, body = await here.get(path, Cookie=cookie)
        assert status == 403
        assert b"iosemu web" in body


@pytest.mark.parametrize(
    "host", ["evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "10.0.0.1:PORT", "localhost.evil:PORT", ""]
)
async def test_a_name_of_somebody_else_is_no_host_of_this_server(here: Site, host: str) -> None:
    status, _, _ = await here.get("/", Host=host.replace("PORT", str(here.port)))
    assert status in (400, 403)


async def test_files_outside_the_page_are_not_served(here: Site) -> None:
    for path in (
        "/../application.py",
        "/%2e%2e/application.py",
        "/js/../../guard.py",
        "//etc/passwd",
        "/nothing.js",
    ):
        assert (await here.get(path))[0] == 404


@pytest.mark.parametrize("path", ["/feed", "/terminal/R-A"])
async def test_other_pages_cannot_open_a_socket(here: Site, path: str) -> None:
    for origin in (
        None,
        "http://evil.example",
        f"https://{here.host}",
        f"http://localhost:{here.port}",
        "null",
    ):
        with pytest.raises(InvalidStatus):
            await here.socket(path, origin=origin)
    for cookie in ("", f"{here.served.guard.cookie}=guess"):
        with pytest.raises(InvalidStatus):
            await here.socket(path, cookie=cookie)
    assert not here.page._views


# --- the feed ---------------------------------------------------------------------------------------------


async def test_the_feed_tells_the_lab_and_what_changes(here: Site) -> None:
    async with here.socket("/feed") as socket:
        feed = FeedClient(socket)
        await feed.until("state")
        names = [device["name"] for device in feed.hello["devices"]]
        assert names == list(here.lab.devices)
        assert feed.state["d:R-A"]["power"]
        number = feed.hello["links"].index([["R-A", "FastEthernet0/0"], ["Sniffer1", "port0"]])
        assert feed.state[f"l:{number}"]["state"] == "up"
        assert feed.state[f"l:{number}"]["ends"][0] == {"line": "up", "address": "10.0.10.10/24", "stp": ""}
        assert "result" in await feed.ask("link", {"link": number, "action": "down"})
        while feed.state[f"l:{number}"]["state"] != "cut":
            await feed.take()
        assert not here.lab.link("R-A:FastEthernet0/0").plugged
        answer = await feed.ask("impair", {"link": number, "faults": {"delay": "20ms", "loss": "1%"}})
        assert "delay 20ms loss 1%" in answer["result"][0]
        await feed.ask("power", {"device": "SV-B", "state": "off"})
        while feed.state["d:SV-B"]["power"]:
            await feed.take()


async def test_what_cannot_be_done_is_said_and_changes_nothing(here: Site) -> None:
    async with here.socket("/feed") as socket:
        feed = FeedClient(socket)
        await feed.until("state")
        before = [link.plugged for link in here.lab.links]
        wrong = [
            ("link", {"link": 99, "action": "down"}), ("link", {"link": -1, "action": "down"}),
            ("link", {"link": "0", "action": "down"}), ("link", {"link": True, "action": "down"}),
            ("link", {"link": 0, "action": "explode"}), ("impair", {"link": 0, "faults": {"colour": "red"}}),
            ("impair", {"link": 0, "faults": {"delay": "soon"}}), ("impair", {"link": 0, "faults": []}),
            ("power", {"device": "R-Z", "state": "off"}), ("power", {"device": "R-A", "state": "maybe"}),
            ("time", {"pace": "sideways"}), ("advance", {"amount": "never"}), ("advance", {"amount": "9000d"}),
            ("config", {"device": ["R-A"]}), ("restore", {"number": 7}), ("__init__", {}), ("nothing", {}),
        ]  # fmt: skip
        for what, values in wrong:
            assert "error" in await feed.ask(what, values), what
        for text in (
            "",
            "nonsense",
            "[]",
            "{}",
            '{"id": "x"}',
            '{"id": 1, "do": "link", "with": []}',
            "[" * 9000,
        ):
            await socket.send(text)
        assert "result" in await feed.ask("moments")
        assert [link.plugged for link in here.lab.links] == before


async def test_the_configuration_and_what_changed_since_the_start(here: Site) -> None:
    async with here.socket("/feed") as socket, terminal_of(here, "R-A") as terminal:
        feed = FeedClient(socket)
        await terminal.until("R-A#")
        await terminal.type(
            "configure terminal\rinterface FastEthernet0/1\rdescription office", "(config-if)#descr"
        )
        await terminal.type("end", "R-A#")
        found = (await feed.ask("config", {"device": "R-A"}))["result"]
        assert set(found["running"]) - set(found["before"]) == {" description office"}
        assert set(found["before"]) <= set(found["running"])


async def test_a_moment_brings_the_lab_back(here: Site) -> None:
    async with here.socket("/feed") as socket:
        feed = FeedClient(socket)
        await feed.until("state")
        *_, moment = (await feed.ask("snapshot", {"label": "whole"}))["result"]
        await feed.ask("link", {"link": 0, "action": "down"})
        await feed.ask("advance", {"amount": "30s"})
        assert here.lab.links[0].ends[0].carrier is False
        async with terminal_of(here, "R-A") as terminal:
            await terminal.until("R-A#")
            assert "result" in await feed.ask("restore", {"number": moment["number"]})
            await terminal.end()
        assert here.lab.links[0].ends[0].carrier
        feed.seen.clear()
        await feed.ask("advance", {"amount": "10s"})
        await feed.until("traffic")  # the page still sees what passes
        assert all(link.ends[0].taps for link in here.lab.links)


async def test_a_page_that_opens_just_after_the_lab_was_put_back_sees_what_passes(here: Site) -> None:
    as_it_was = here.kept()
    async with here.socket("/feed") as socket:
        await FeedClient(socket).until("state")
    await here.left_alone()
    here.back(as_it_was)
    async with here.socket("/feed") as socket:
        feed = FeedClient(socket)
        await feed.until("state")
        await feed.ask("advance", {"amount": "10s"})
        async with asyncio.timeout(SECONDS):
            await feed.until("traffic")


async def test_the_checks_of_a_course(here: Site) -> None:
    async with here.socket("/feed") as socket:
        feed = FeedClient(socket)
        found = (await feed.ask("checks"))["result"]
        assert len(found["marks"]) == len(here.lab.topology.lab.checks)
        assert not any(mark["holds"] for mark in found["marks"])
        assert found["marks"][0]["title"].keys() == {"en", "ja"}
        assert found["stage"]["title"]["ja"].startswith("パターン1")


async def test_nobody_looks_at_the_lab_while_no_page_is_open(here: Site) -> None:
    async with here.socket("/feed") as socket:
        await FeedClient(socket).until("state")
        looking = len(here.lab.links[0].ends[0].taps)
        work = here.page._work
    assert work is not None
    await asyncio.wait_for(work, SECONDS)
    assert not here.page._views
    assert len(here.lab.links[0].ends[0].taps) < looking


# --- packets ----------------------------------------------------------------------------------------------


async def pinged(here: Site) -> None:
    """PC-A reached SV-B, through the tunnel where there is one."""
    async with terminal_of(here, "PC-A") as pc:
        await pc.until(">")
        await pc.type("ping 192.168.2.1", "Minimum")


async def test_the_packet_list_is_that_of_the_packet_view() -> None:
    async with site("ipsec-vpn") as here, here.socket("/feed") as socket:
        feed = FeedClient(socket)
        await feed.until("state")
        await pinged(here)
        assert "result" in await feed.ask("packets", {"filter": "isakmp or esp"})
        rows: list[list[object]] = []
        while len({row[7] for row in rows}) < 2 or not any(row[7] == "IPSec" and row[8] for row in rows):
            rows += (await feed.until("packets"))["rows"]
        assert {row[7] for row in rows} == {"IPSec", "ISAKMP"}
        first = rows[0]
        assert (first[3], first[4], first[6]) == (
            "10.0.10.10",
            "10.0.10.20",
            "Identity Protection (Main Mode)",
        )
        assert here.page.lab.links[int(str(first[9]))].ends[int(str(first[10]))].name == "R-A:FastEthernet0/0"
        esp = next(row for row in rows if row[7] == "IPSec" and row[8])
        found = (await feed.ask("packet", {"number": esp[0]}))["result"]
        assert [layer["name"] for layer in found["layers"] if layer["decrypted"]] == ["IPv4", "ICMP"]
        assert found["clear"].startswith("45")
        assert bytes.fromhex(found["frame"])[12:14] == b"\x08\x00"
        # as it was on the wire
        await feed.ask("packets", {"filter": "esp", "decrypt": False})
        again = await feed.until("packets")
        while not again["rows"]:
            again = await feed.until("packets")
        assert again["rows"][0][8] is False


async def test_a_place_shows_each_hop_and_everything_else_each_packet_once() -> None:
    async with site("ipsec-vpn") as here, here.socket("/feed") as socket:
        feed = FeedClient(socket)
        await feed.until("state")
        await pinged(here)

        async def ports(where: str) -> list[str]:
            """Where the first echo request of PC-A was seen."""
            await feed.ask(
                "packets", {"filter": "icmp and src 192.168.1.1", "where": where, "decrypt": False}
            )
            rows: list[list[str]] = []
            while not rows:
                rows = (await feed.until("packets"))["rows"]
            return [row[2] for row in rows if row[6] == rows[0][6]]

        assert await ports("") == ["PC-A:FastEthernet0"]
        assert await ports("SW-1") == ["PC-A:FastEthernet0", "SW-1:FastEthernet0/2", "SW-1:FastEthernet0/24"]
        assert await ports("R-A:FastEthernet0/1") == ["SW-1:FastEthernet0/2"]


async def test_packets_of_the_past_are_shown_opened_though_the_list_has_let_them_go() -> None:
    async with site("ipsec-vpn") as here, here.socket("/feed") as socket:
        feed = FeedClient(socket)
        await feed.until("state")
        await pinged(here)
        here.page.tape.decoded._most = 20  # the newest that are decoded
        then = here.lab.scheduler.now - 5
        await here.lab.clock.advance(900)
        assert (await feed.ask("packets", {"filter": "esp"}))["result"]["last"] > 500
        newest = await feed.until("packets")
        while newest["total"] < 20:
            newest = await feed.until("packets")
        assert newest["total"] == 20
        assert newest["span"][0] < then < newest["from"] <= newest["span"][1]
        await feed.ask("packets", {"filter": "esp", "when": then})
        rows: list[list[object]] = []
        while not rows:
            rows = (await feed.until("packets"))["rows"]
        assert rows[0][8] is True
        found = (await feed.ask("packet", {"number": rows[0][0]}))["result"]
        assert [layer["name"] for layer in found["layers"] if layer["decrypted"]] == ["IPv4", "ICMP"]
        await feed.ask("packets", {"filter": "isakmp", "when": then})
        while not any("Quick Mode" in str(row[6]) and row[8] for row in rows):
            rows = (await feed.until("packets"))["rows"]
        status, _, body = await here.get(f"/download/capture?filter=esp&when={then}")
        assert status == 200
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = [each for each in archive.namelist() if each.endswith(".pcapng")]
            assert any(isinstance(each, PcapngPacket) for each in read_pcapng(archive.read(names[0])))
        assert (await here.get("/download/capture?when=yesterday"))[0] == 400


async def test_filters_that_make_no_sense_are_refused(here: Site) -> None:
    async with here.socket("/feed") as socket:
        feed = FeedClient(socket)
        await feed.until("state")
        wrong: list[dict[str, object]] = [
            {"filter": "icmp and"}, {"filter": "(" * 900}, {"filter": "x" * 5000}, {"filter": 5},
            {"hidden": ["COLOUR"]}, {"hidden": "STP"}, {"where": "R-Z"}, {"where": "R-A:Fa9/9"}, {"where": []},
            {"when": "now"}, {"when": True}, {"when": float("nan")},
        ]  # fmt: skip
        for values in wrong:
            assert "error" in await feed.ask("packets", values), values
        for number in (0, -1, 10**9, "1", None):
            assert "error" in await feed.ask("packet", {"number": number})


async def test_a_list_that_is_full_goes_on_with_the_newest() -> None:
    async with site() as here, here.socket("/feed") as socket:
        here.page.tape.recorder.limit = 40
        feed = FeedClient(socket)
        await feed.until("state")
        await feed.ask("packets", {})
        await feed.ask("advance", {"amount": "300s"})
        newest = 0
        while newest < here.page.tape.recorder.received - 40:
            message = await feed.until("packets")
            newest = max([newest, *(row[0] for row in message["rows"])])
        assert message["total"] <= 40
        assert message["first"] > 40


async def test_a_capture_is_saved_with_its_keys() -> None:
    async with site("ipsec-vpn") as here:
        await pinged(here)
        status, headers, body = await here.get("/download/capture?filter=isakmp+or+esp")
        assert status == 200
        assert "ipsec-vpn.zip" in headers["content-disposition"]
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            packets = [
                each for each in read_pcapng(archive.read("capture.pcapng")) if isinstance(each, PcapngPacket)
            ]
            assert len(packets) > 9
            assert len(json.loads(archive.read("keys.json"))["esp"]) == 2
            assert archive.read("profile/esp_sa").count(b"AES") == 2
        assert (await here.get("/download/capture?filter=and"))[0] == 400
        assert (await here.get("/download/keys"))[0] == 400


# --- terminals --------------------------------------------------------------------------------------------


async def test_a_terminal_is_the_session_that_ssh_has(here: Site) -> None:
    async with terminal_of(here, "R-A", "?columns=120&rows=30") as terminal:
        await terminal.until("R-A#")
        await terminal.socket.send(b"show users\r")
        assert "vty 0" in await terminal.until("R-A#")
        await terminal.socket.send(json.dumps({"resize": [61, 20]}))
        await terminal.socket.send(b"show terminal | include Width\r")
        text = await terminal.until("R-A#")
        assert "Length: 20 lines, Width: 61 columns" in text
        await terminal.socket.send(b"exit\r")
        await terminal.end()
    assert not any(line.busy for line in here.lab["R-A"].lines.all())


async def test_the_lab_console_and_a_device_that_is_off(here: Site) -> None:
    async with terminal_of(here, "(lab)") as console:
        await console.until("lab> ")
        await console.socket.send(b"power off SV-B\r")
        await console.until("lab> ")
    async with terminal_of(here, "SV-B") as terminal:
        await terminal.until("no power")
    async with terminal_of(here, "nobody") as terminal:
        with pytest.raises(ConnectionClosed):
            await terminal.socket.recv()


async def test_a_device_that_does_not_know_the_usual_user_asks(here: Site) -> None:
    async with terminal_of(here, "R-A") as terminal:
        await terminal.until("R-A#")
        await terminal.type("configure terminal", "(config)#")
        await terminal.type("no username admin", "[confirm]")
        await terminal.type("", "(config)#")
        await terminal.type("username eve privilege 1 secret Xyz-9", "(config)#")
        await terminal.type("end", "R-A#")
    async with terminal_of(here, "R-A") as terminal:
        await terminal.until("Username: ")
        await terminal.socket.send(b"evx\x7fe\rXyz-9\r")
        assert "Xyz-9" not in await terminal.until("R-A>")


async def test_more_terminals_than_lines(here: Site) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(5):  # line vty 0 4
            socket = await stack.enter_async_context(here.socket("/terminal/R-A"))
            await TerminalClient(socket).until("R-A#")
        refused = await stack.enter_async_context(here.socket("/terminal/R-A"))
        await TerminalClient(refused).until("no free line")


# --- hostile ----------------------------------------------------------------------------------------------


async def answers(here: Site) -> None:
    """Somebody else is served as if nothing were."""
    async with terminal_of(here, "SW-1") as other:
        await other.until("SW-1#")
        await other.socket.send(b"show clock\r")
        await other.until("UTC")


@pytest.mark.parametrize("path", ["/feed", "/terminal/R-A"])
async def test_a_giant_message_ends_the_connection(here: Site, path: str) -> None:
    async with here.socket(path) as socket:
        with contextlib.suppress(ConnectionClosed):
            await socket.send("x" * (LARGEST_MESSAGE + 1))
        await TerminalClient(socket).end()
        assert socket.close_code == 1009
    await answers(here)


async def test_a_page_that_shows_nothing_is_sent_no_more_than_a_window(here: Site) -> None:
    async with terminal_of(here, "R-A", "?rows=512") as terminal:
        await terminal.socket.send(b"terminal length 0\r" + b"show running-config\r" * 400)
        got = 0
        while got < WINDOW:
            got += len(await asyncio.wait_for(terminal.socket.recv(), SECONDS))
        await answers(here)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(terminal.socket.recv(), 0.3)
        await terminal.socket.send(json.dumps({"shown": got}))
        assert await asyncio.wait_for(terminal.socket.recv(), SECONDS)


async def test_somebody_who_never_reads_holds_up_nobody(here: Site) -> None:
    async with terminal_of(here, "R-A") as terminal, here.socket("/feed"):
        terminal.socket.transport.pause_reading()
        await terminal.socket.send(json.dumps({"shown": 10**12}))
        await terminal.socket.send(b"terminal length 0\r" + b"show running-config\r" * 400)
        for _ in range(3):
            await answers(here)
        terminal.socket.transport.abort()


async def test_somebody_who_types_without_end_is_cut_off() -> None:
    async with site(time="real") as here:
        async with terminal_of(here, "R-A") as terminal:
            await terminal.socket.send(b"ping 192.0.2.1 repeat 100000\r")
            with contextlib.suppress(ConnectionClosed):
                for _ in range(1000):
                    await asyncio.wait_for(terminal.socket.send(b"x" * 60_000), SECONDS)
            await asyncio.wait_for(terminal.socket.wait_closed(), SECONDS)
        await answers(here)


async def test_nonsense_for_the_terminal_itself(here: Site) -> None:
    async with terminal_of(here, "R-A") as terminal:
        await terminal.until("R-A#")
        texts = [
            "",
            "[]",
            "{}",
            '{"resize": 5}',
            '{"resize": [1, 2, 3]}',
            '{"resize": ["a", "b"]}',
            "[" * 9000,
        ]
        texts += ['{"resize": [-5, 9999999]}', '{"shown": "much"}', '{"shown": -1}', '{"shown": 1e999}']
        for text in texts:
            await terminal.socket.send(text)
        await terminal.socket.send(b"show clock\r")
        await terminal.until("UTC")
