from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.lab.capture import Capture
from iosemu.lab.lab import STARTUP, Lab
from iosemu.lab.lint import check
from iosemu.lab.resources import labs
from iosemu.packets.pcapng import PcapngPacket, read_pcapng


def say(lab: Lab, device: str, *lines: str) -> str:
    session = lab.session(device)
    assert session is not None
    session.start()
    lab.clock.watch(session)
    for line in lines:
        session.receive(line.encode() + b"\r")
        lab.run_until(lambda: not session.waiting, 600)
    lab.clock.unwatch(session)
    said = session.output().decode()
    session.disconnect()
    return said


def boot(name: str = "ipsec-vpn", **options: object) -> Lab:
    lab = Lab.load(name, seed=7, **options)  # type: ignore[arg-type]
    lab.boot()
    return lab


@pytest.mark.parametrize("name", labs())
def test_every_line_of_our_labs_is_understood(name: str) -> None:
    assert check(name) == []


def test_a_line_that_is_not_understood_is_named(tmp_path: Path) -> None:
    (tmp_path / "R1.cfg").write_text("hostname R1\nfrobnicate 7\n")
    (tmp_path / "lab.yaml").write_text("name: bad\nnodes:\n  R1: {model: c2811, config: R1.cfg}\n")
    (finding,) = check(str(tmp_path / "lab.yaml"))
    assert str(finding).startswith(f"{tmp_path / 'R1.cfg'}:2: frobnicate 7: % Invalid input")


def test_a_seed_makes_captures_alike() -> None:
    def record() -> bytes:
        lab = Lab.load("ipsec-vpn", seed=7)
        capture = Capture(lab, "all")
        lab.boot()
        say(lab, "PC-A", "ping 192.168.2.1")
        capture.close()
        return capture.read()

    first = record()
    assert len([packet for packet in read_pcapng(first) if isinstance(packet, PcapngPacket)]) > 100
    assert record() == first


def test_a_capture_of_cables_has_the_copies_too() -> None:
    lab = boot()
    captures = [Capture(lab, target) for target in ("all", "cables", "SW-1", "R-A:Fa0/1")]
    say(lab, "PC-A", "ping 192.168.1.254")
    counts = []
    for capture in captures:
        capture.close()
        counts.append(
            len([packet for packet in read_pcapng(capture.read()) if isinstance(packet, PcapngPacket)])
        )
    assert 0 < counts[0] < counts[1]
    assert 0 < counts[3] < counts[2]


def test_reload_restarts_with_what_was_saved() -> None:
    lab = boot()
    say(lab, "R-A", "configure terminal", "hostname Saved", "end", "write memory")
    say(lab, "R-A", "configure terminal", "hostname Lost", "end")
    boots = lab["R-A"].boots
    lab["R-A"].reload_requested = True
    lab.advance(1)
    assert not lab["R-A"].powered
    lab.advance(30)
    assert lab["R-A"].boots == boots + 1
    assert lab["R-A"].hostname == "Saved"


def test_what_is_saved_outlives_the_lab(tmp_path: Path) -> None:
    lab = boot(keep=True, state_root=tmp_path)
    say(lab, "R-A", "configure terminal", "hostname Kept", "end", "write memory")
    lab.close()
    again = boot(keep=True, state_root=tmp_path)
    assert again["R-A"].hostname == "Kept"
    assert again["R-B"].hostname == "R-B"
    assert b"Kept" in again["R-A"].nvram[STARTUP]
    assert again.state is not None
    again.close()
    assert again.state.forget()
    assert boot(keep=True, state_root=tmp_path)["R-A"].hostname == "R-A"


def test_a_cut_cable_takes_both_ends_down() -> None:
    lab = boot()
    lab.link("R-A:fa0/1").plugged = False
    assert "down                  down" in say(lab, "R-A", "show ip interface brief")
    assert "Lost = 4 (100% loss)" in say(lab, "PC-A", "ping 192.168.1.254")


def test_the_sixth_session_finds_no_line() -> None:
    lab = boot()
    assert all(lab.session("R-A") is not None for _ in range(5))
    assert lab.session("R-A") is None
