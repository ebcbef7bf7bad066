"""A sniffer as a plain tool: its commands on a terminal and without one."""

from __future__ import annotations

import pytest

from iosemu.box.system import SystemConfig
from iosemu.lab.lab import Lab
from iosemu.packets.pcapng import PcapngInterface, PcapngPacket, read_pcapng
from iosemu.shell.session import Session
from iosemu.subjects.sniffer.config import SnifferConfig
from iosemu.subjects.sniffer.service import Sniffer


@pytest.fixture
def lab() -> Lab:
    lab = Lab.load("ipsec-vpn", seed=7)
    lab.boot()
    return lab


def open_session(lab: Lab, *, pty: bool = True) -> Session:
    session = lab.session("Sniffer1", rows=0, pty=pty)
    assert session is not None
    return session


def say(session: Session, line: str) -> str:
    session.receive(line.encode() + b"\r")
    return session.output().decode().replace("\r\n", "\n").partition("\n")[2].rpartition("\n")[0]


@pytest.fixture
def terminal(lab: Lab) -> Session:
    session = open_session(lab)
    session.start()
    session.output()
    return session


def run(lab: Lab, line: str) -> Session:
    session = open_session(lab, pty=False)
    session.run(line)
    return session


def test_capture_sends_pcapng_until_the_client_leaves(lab: Lab) -> None:
    session = run(lab, "capture -w - filter stp")
    data = session.output()
    assert not session.closed
    assert not session.waiting  # nobody waits: time does not jump
    lab.advance(20)
    data += session.output()
    session.disconnect()
    lab.advance(20)
    assert session.output() == b""
    records = list(read_pcapng(data))
    assert [each.name for each in records if isinstance(each, PcapngInterface)] == ["port0", "port1"]
    assert 8 <= len([each for each in records if isinstance(each, PcapngPacket)]) <= 12
    assert lab["Sniffer1"].service(Sniffer).recorder.listeners == []  # type: ignore[attr-defined]


def test_a_terminal_takes_neither_a_capture_nor_a_view_that_nobody_shows(terminal: Session) -> None:
    assert say(terminal, "capture -w -").startswith("% A terminal cannot take this")
    assert say(terminal, "view") == "% There is no full screen here"
    assert "Service" in say(terminal, "show settings")


def test_show_packets_where_an_expression_fits(lab: Lab, terminal: Session) -> None:
    lab.advance(60)
    rows = say(terminal, "show packets where stp and not arp").splitlines()
    assert len(rows) > 5
    assert all("STP" in row for row in rows[1:])
    assert say(terminal, "show packets where stp and").startswith("% Filter: the expression ends")


def test_save_writes_the_buffer_to_flash(lab: Lab, terminal: Session) -> None:
    kept = len(lab["Sniffer1"].service(Sniffer).recorder)  # type: ignore[attr-defined]
    assert say(terminal, "save morning") == f"{kept} frames are in flash:morning.pcapng"
    records = read_pcapng(lab["Sniffer1"].flash["morning.pcapng"])
    assert len([each for each in records if isinstance(each, PcapngPacket)]) == kept


def test_settings_and_users_are_saved_and_loaded(lab: Lab, terminal: Session) -> None:
    from iosemu.lab.startup_config import save

    for line in ("filter isakmp ipsec", "buffer size 50", "username eve privilege 1 secret hidden"):
        say(terminal, line)
    save(lab)
    text = lab["Sniffer1"].nvram["startup-config"].decode()
    assert "filter IPSEC ISAKMP\nbuffer size 50\n" in text
    assert "hidden" not in text
    before = lab["Sniffer1"].config.of(SystemConfig).users["eve"].secret
    lab.stop("Sniffer1")
    assert lab.start("Sniffer1") == []
    config = lab["Sniffer1"].config.of(SnifferConfig)
    users = lab["Sniffer1"].config.of(SystemConfig).users
    assert config.filters == {"IPSEC", "ISAKMP"}
    assert config.buffer_packets == 50
    assert users["eve"].secret == before
    assert users["admin"].password.value == "admin"
