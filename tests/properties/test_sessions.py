"""Whatever arrives at a terminal: the session lives, nobody sees a traceback, and the device keeps serving."""

from __future__ import annotations

import logging
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iosemu.lab.lab import Lab
from iosemu.shell.session import Session

DEVICES = ["R-A", "SW-1", "PC-A", "Sniffer1"]

KEYS = [
    "\r", "\n", "\r\n", "?", "\t", " ", "\x00", "\x01", "\x02", "\x03", "\x04", "\x05", "\x06", "\x08", "\x0b",
    "\x0c", "\x0e", "\x10", "\x12", "\x14", "\x15", "\x16", "\x17", "\x18", "\x19", "\x1a", "\x1b", "\x1bb",
    "\x1bd", "\x1bf", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[3~", "\x1e", "\x1ex", "\x7f", "q", "y", "n", "é",
]  # fmt: skip
WORDS = [
    "show ", "run ", "| ", "include ", "section ", "begin ", "count ", "redirect flash:x ", "configure ", "terminal ",
    "interface ", "fa0/0", "range ", "loopback 1", "no ", "default ", "do ", "exit", "end", "enable", "disable",
    "ping ", "10.0.10.20 ", "traceroute ", "crypto ", "isakmp ", "policy ", "map ", "ipsec ", "copy ", "delete ",
    "flash:x ", "archive ", "config ", "replace ", "force ", "reload ", "in 5", "tclsh", "puts [", "{", "}", "$x",
    "banner motd #", "#", "username ", "secret ", "5 ", "line ", "vty ", "0 4", "access-list ", "1 ", "permit ",
    "any ", "vlan ", "monitor ", "session ", "clear ", "debug ", "undebug ", "all ", "aaa ", "new-model", "privilege ",
    "exec ", "level ", "15 ", "alias ", "logging ", "length ", "width ", "history ", "size ", "ipconfig ", "help",
    "ip ssh pubkey-chain", "key-string", "default-router", "write ", "erase", "verify /md5 ", "-1", "99999999999999",
    "255.255.255.255 ", "0.0.0.0 ", "::", "^", "'", '"', "\\", "%s", "{0}", "[", "(", "*",
]  # fmt: skip

typing = st.lists(
    st.one_of(
        st.sampled_from(WORDS).map(str.encode),
        st.sampled_from(KEYS).map(str.encode),
        st.binary(max_size=12),
    ),
    max_size=40,
)


@cache
def lab() -> Lab:
    made = Lab.load("ipsec-vpn", seed=7)
    made.boot()
    return made


def pass_time(session: Session) -> None:
    for _ in range(30):
        if not session.waiting:
            break
        lab().advance(2.0)
        session.tick()


@pytest.mark.parametrize("device", DEVICES)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(pieces=typing, pty=st.booleans(), columns=st.integers(0, 200), rows=st.integers(0, 60))
def test_any_typing(
    device: str, pieces: list[bytes], pty: bool, columns: int, rows: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    session = lab().session(device, columns=columns, rows=rows, pty=pty)
    assert session is not None
    session.start()
    printed = session.output()
    for piece in pieces:
        if session.closed:
            break
        session.receive(piece)
        pass_time(session)
        printed += session.output()
    session.disconnect()
    assert b"Traceback" not in printed
    assert b"Internal error" not in printed, caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR], caplog.text
    serves(device)


def serves(device: str) -> None:
    """Another session on the device gets its prompt and an answer."""
    box = lab()[device]
    if not box.powered or box.reload_requested:
        lab().advance(60.0)
    session = lab().session(device)
    assert session is not None
    session.start()
    session.receive(b"\r")
    pass_time(session)
    assert session.output().rstrip()[-1:] in (b"#", b">"), device
    session.disconnect()
