"""The sniffer's packet view, from its model to the bytes on a terminal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest

from iosemu.box.device import Device
from iosemu.lab.decryptor import decryptor_of
from iosemu.lab.lab import Lab
from iosemu.packets.dissect import dissect
from iosemu.packets.pcapng import PcapngPacket, read_pcapng
from iosemu.server.endpoint import Client
from iosemu.server.packet_view import PacketView, SnifferShell, panes
from iosemu.subjects.sniffer.service import Sniffer


def ping(lab: Lab) -> None:
    session = lab.session("PC-A", rows=0)
    assert session is not None
    session.run("ping 192.168.2.1")
    lab.clock.watch(session)
    assert lab.run_until(lambda: not session.waiting, 60)
    lab.clock.unwatch(session)


@pytest.fixture(scope="module")
def pinged() -> Lab:
    lab = Lab.load("ipsec-vpn", seed=7)
    lab.boot()
    ping(lab)
    return lab


@pytest.fixture
def lab() -> Lab:
    lab = Lab.load("ipsec-vpn", seed=7)
    lab.boot()
    return lab


def sniffer(lab: Lab, name: str = "Sniffer1") -> Device:
    return lab[name]


def view_of(lab: Lab, name: str = "Sniffer1") -> PacketView:
    return PacketView(sniffer(lab, name), decryptor_of(lab))


def text(lines: list[panes.Fragments]) -> list[str]:
    return ["".join(part for _, part in line).rstrip() for line in lines]


def test_lists_what_the_sniffer_has_and_follows(lab: Lab) -> None:
    view = view_of(lab)
    before = len(view.rows)
    assert before > 10
    assert view.chosen == before - 1
    lab.advance(10)
    assert view.poll()
    assert not view.poll()
    assert len(view.rows) > before
    assert view.current is not None
    assert view.current.number == sniffer(lab).service(Sniffer).recorder.received


def test_moving_up_stops_following_and_the_end_starts_again(lab: Lab) -> None:
    view = view_of(lab)
    view.move(-5)
    chosen = view.current
    lab.advance(10)
    view.poll()
    assert not view.following
    assert view.current == chosen
    view.move(1_000_000)
    assert view.following
    view.follow()
    lab.advance(10)
    view.poll()
    assert view.chosen < len(view.rows) - 1


def test_pause_keeps_new_frames_outside(lab: Lab) -> None:
    view = view_of(lab)
    view.pause()
    shown = len(view.rows)
    lab.advance(10)
    view.poll()
    assert len(view.rows) == shown
    assert view.waiting > 0
    view.pause()
    assert len(view.rows) > shown


def test_events_and_expressions_choose_frames(pinged: Lab) -> None:
    view = view_of(pinged)
    view.show_events("ISAKMP", "IPSec")
    assert {row.event for row in view.rows} == {"ISAKMP", "IPSec"}
    view.toggle_event("ISAKMP")
    assert {row.event for row in view.rows} == {"IPSec"}
    view.show_events()
    assert view.filter("isakmp and src 10.0.10.10")
    assert {row.dissection.summary.source for row in view.rows} == {"10.0.10.10"}
    shown = list(view.rows)
    assert not view.filter("isakmp and")
    assert view.rows == shown
    assert "the expression ends" in view.message
    view.filter("")
    view.hide_events()
    assert view.rows == []
    assert text(panes.packets(view, 80, 5)) == [" No frame passes the filters"]


def test_the_keys_of_the_lab_open_esp_and_isakmp(pinged: Lab) -> None:
    view = view_of(pinged)
    view.show_events("IPSec")
    assert len(view.rows) >= 4
    assert all(row.opened for row in view.rows)
    assert "▸ 192.168.1.1 → 192.168.2.1 ICMP Echo (ping) request" in view.rows[0].dissection.summary.info
    view.choose(0)
    titles = [line.text for line in view.lines if line.title]
    assert titles[-2:] == ["IPv4  [decrypted]", "ICMP  [decrypted]"]
    assert any(mark.startswith("Decrypted: ") for mark, _, _ in view.dump)
    view.show_events("ISAKMP")
    infos = [row.dissection.summary.info for row in view.rows]
    encrypted = [row for row in view.rows if any("Encrypted" in line.text for line in _lines(view, row))]
    assert len(encrypted) == 5  # two of main mode, three of quick mode
    assert all(row.opened for row in encrypted)
    assert "Identity Protection (Main Mode) ▸ Identification, Hash" in infos[4]
    assert "Quick Mode ▸ Hash, Security Association, Nonce" in infos[6]
    view.decrypt()
    assert not any(row.opened for row in view.rows)
    view.decrypt()
    assert sum(row.opened for row in view.rows) == 5


def _lines(view: PacketView, row: object) -> list[object]:
    view.choose(view.rows.index(row))  # type: ignore[arg-type]
    return list(view.lines)


def test_who_comes_late_opens_quick_mode_with_the_living_sa(lab: Lab) -> None:
    ping(lab)
    late = decryptor_of(lab)
    frames = [packet.frame for packet in sniffer(lab).service(Sniffer).recorder]
    quick = [frame for frame in frames if dissect(frame).summary.info == "Quick Mode"]
    assert len(quick) == 3
    assert all(dissect(frame, late).decrypted for frame in quick)


def test_clear_service_buffer_and_save(lab: Lab) -> None:
    view = view_of(lab)
    view.clear()
    assert view.rows == []
    assert len(sniffer(lab).service(Sniffer).recorder) == 0
    view.switch_service()
    lab.advance(5)
    assert not view.poll()
    view.switch_service()
    lab.advance(30)
    view.poll()
    assert view.rows
    assert not view.resize_buffer("0")
    assert not view.resize_buffer("many")
    assert view.resize_buffer("5")
    lab.advance(30)
    view.poll()
    assert view.total == len(view.rows) == 5
    assert not view.save(" ")
    assert view.save("morning")
    written = [
        each for each in read_pcapng(sniffer(lab).flash["morning.pcapng"]) if isinstance(each, PcapngPacket)
    ]
    assert [packet.data for packet in written] == [row.captured.frame for row in view.rows]


def test_a_sniffer_that_starts_again_begins_with_nothing(lab: Lab) -> None:
    view = view_of(lab)
    lab.stop("Sniffer1")
    lab.start("Sniffer1")
    view.poll()
    assert view.rows == []
    assert view.current is None
    assert view.lines == []
    assert view.dump == []


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 50), (40, 8), (20, 3)])
def test_panes_fit_their_place(pinged: Lab, width: int, height: int) -> None:
    view = view_of(pinged)
    view.show_events("IPSec")
    for lines in (
        panes.packets(view, width, height),
        panes.details(view, width, height, True),
        [
            panes.title(view, width),
            panes.heading(width),
            panes.footer(view, width),
            panes.rule("Bytes", width, True),
        ],
    ):
        assert len(lines) <= max(height, 4)
        assert all(len("".join(part for _, part in line)) <= width for line in lines)


def test_bytes_of_the_line_pointed_at_are_marked(pinged: Lab) -> None:
    view = view_of(pinged)
    view.show_events("IPSec")
    view.choose(0)
    while "Time to Live" not in view.lines[view.line].text:
        view.point(1)
    marked = [part for row in panes.octets(view, 80, 30) for style, part in row if "marked" in style]
    assert marked == ["ff", "·"]
    view.point(1000)
    rows = panes.octets(view, 80, 4)
    assert any("decrypted" in style for row in rows for style, _ in row)


class Screen:
    """Runs a sniffer's shell and collects what it draws."""

    def __init__(self, lab: Lab, term: str = "xterm-256color", rows: int = 24) -> None:
        session = lab.session("Sniffer1", columns=80, rows=rows)
        assert session is not None
        self.drawn = ""
        self.poked = asyncio.Event()
        client = Client("admin", 15, "127.0.0.1", 80, rows, True, term)
        self.shell = SnifferShell(session, client, lambda: view_of(lab))
        self.shell.attend(self.poked.set)
        self.shell.start()

    async def until(self, reached: Callable[[str], bool]) -> str:
        async with asyncio.timeout(10):
            while True:
                self.poked.clear()
                self.shell.tick()
                self.drawn += self.shell.output().decode()
                if reached(self.drawn):
                    drawn, self.drawn = self.drawn, ""
                    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn)
                await self.poked.wait()

    async def keys(self, data: bytes, reached: Callable[[str], bool] = bool) -> str:
        self.shell.receive(data)
        return await self.until(reached)


async def test_the_view_draws_itself_and_takes_keys(pinged: Lab) -> None:
    screen = Screen(pinged)
    assert "Sniffer1" in await screen.until(lambda drawn: "quit" in drawn)
    await screen.keys(b"/")
    drawn = await screen.keys(b"isakmp\r", lambda drawn: "▸ Hash, Sec" in drawn)
    assert "ISAKMP" in drawn
    screen.shell.resize(160, 50)
    assert "Decoded" in await screen.until(lambda drawn: "quit" in drawn)
    await screen.keys(b"?", lambda drawn: "choose a frame" in drawn)
    assert "choose a frame" not in await screen.keys(b" ", bool)  # any key closes the help
    application = screen.shell._application
    assert application is not None
    assert application.view.following
    screen.shell.receive(b"\x1b[<0;20;5M\x1b[<0;20;5m")
    await screen.until(lambda _: application.view.chosen == 0)
    screen.shell.receive(b"\x1b[<65;20;5M")
    await screen.until(lambda _: application.view.chosen == 3)
    screen.shell.receive(b"\t\x1b[B")
    await screen.until(lambda _: application.view.line == 1)
    screen.shell.receive(b"q")
    await screen.until(lambda _: screen.shell.closed)
    screen.shell.disconnect()


async def test_the_plain_prompt_is_behind_the_view(pinged: Lab) -> None:
    screen = Screen(pinged)
    await screen.until(lambda drawn: "quit" in drawn)
    await screen.keys(b"!", lambda drawn: "Sniffer1>" in drawn)
    await screen.keys(b"view\r", lambda drawn: "Decoded" in drawn)
    await screen.keys(b"q", lambda drawn: drawn.endswith("Sniffer1>"))
    assert "Service" in await screen.keys(b"show settings\r", lambda drawn: drawn.endswith("Sniffer1>"))
    screen.shell.receive(b"exit\r")
    assert screen.shell.closed
    screen.shell.disconnect()


async def test_programs_get_the_plain_prompt(pinged: Lab) -> None:
    screen = Screen(pinged, "vt100")
    assert await screen.until(bool) == "Sniffer1>"
    screen.shell.disconnect()
    screen = Screen(pinged)
    await screen.until(lambda drawn: "quit" in drawn)
    screen.shell.disconnect()
    await asyncio.sleep(0)


async def test_power_off_ends_the_view(lab: Lab) -> None:
    screen = Screen(lab)
    await screen.until(lambda drawn: "quit" in drawn)
    lab.stop("Sniffer1")
    await screen.until(lambda _: screen.shell.closed)
    screen.shell.disconnect()
