"""Whoever breaks a login off is not in; who may have no shell is told so."""

import pytest

from iosemu.box.vtys import allocate_vty
from iosemu.lab.lab import Lab
from iosemu.lab.resources import grammar
from iosemu.shell.loader import load
from iosemu.shell.session import Session
from iosemu.shell.terminal_session import TerminalSession
from iosemu.subjects.access.authentication import UNAUTHORIZED

BREAK = b"\x1e"
LOCAL = "username admin privilege 15 secret admin\nline vty 0 4\n login local\n"


@pytest.fixture
def router(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text('name: one\nnodes: {R1: {model: c2811, image: "15.1"}}\n')
    lab = Lab.load(path, seed=1)
    lab.boot(settle=1)
    return lab["R1"]


def terminal(router):
    line = allocate_vty(router, "", "10.0.0.9", "telnet")
    assert line is not None
    session = TerminalSession(router, grammar(), origin="10.0.0.9", line=line)
    session.start()
    return session


def test_a_break_while_a_wrong_password_is_answered(router):
    load(router, grammar(), LOCAL)
    session = terminal(router)
    session.receive(b"admin\rwrong\r")
    assert session.waiting
    session.receive(BREAK)
    assert session.closed
    shown = session.output()
    assert b"Router" not in shown
    assert b">" not in shown


def test_no_shell_without_authorization(router):
    line = allocate_vty(router, "dave", "10.0.0.9")
    session = Session(
        router, grammar(), username="dave", privilege=UNAUTHORIZED, origin="10.0.0.9", line=line
    )
    session.start()
    assert session.closed
    assert session.output() == b"% Authorization failed.\r\n"
    assert not line.busy
    again = allocate_vty(router, "dave", "10.0.0.9")
    command = Session(
        router, grammar(), username="dave", privilege=UNAUTHORIZED, origin="10.0.0.9", line=again
    )
    command.run("show version")
    assert command.output() == b"% Authorization failed.\r\n"
