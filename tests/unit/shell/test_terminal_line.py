import pytest

from iosemu.box.vtys import allocate_vty
from iosemu.shell.loader import load
from tests.unit.shell.conftest import Terminal

USERS = "username admin privilege 15 secret admin\nusername low password 0 low\n"


@pytest.fixture
def vty(router, grammar) -> Terminal:
    line = allocate_vty(router, "admin", "10.0.0.5")
    assert line is not None
    return Terminal(router, grammar, line=line, origin="10.0.0.5")


def test_show_terminal_tells_what_was_set(vty):
    vty.type("terminal length 0")
    vty.type("terminal width 132")
    vty.type("terminal history size 3")
    vty.type("terminal terminal-type vt220")
    vty.type("terminal monitor")
    shown = vty.type("show terminal")
    assert shown.startswith('Line 514, Location: "", Type: "vt220"\nLength: 0 lines, Width: 132 columns\n')
    assert "Capabilities: Receives Logging Output\n" in shown
    assert "History is enabled, history size is 3.\n" in shown
    assert "               00:10:00        never " in shown


def test_no_and_default_go_back_to_what_the_line_says(vty, router, grammar):
    load(router, grammar, "line vty 0 4\n width 100\n history size 30\n")
    for command in ("length 0", "width 132", "no history"):
        vty.type(f"terminal {command}")
    assert "Length: 0 lines, Width: 132 columns" in (shown := vty.type("show terminal"))
    assert "History is disabled." in shown
    for command in ("default length", "no width", "no history size"):
        vty.type(f"terminal {command}")
    shown = vty.type("show terminal | include Length|History")
    assert shown == ("Length: 24 lines, Width: 100 columns\nHistory is enabled, history size is 30.\nRouter#")


def test_systat_and_where(vty):
    vty.type("terminal length 0")
    assert vty.type("systat") == vty.type("show users")
    assert vty.type("where") == "% No connections open\nRouter#"


def test_login_as_somebody_else(vty, router, grammar):
    load(router, grammar, USERS)
    vty.type("login")
    assert vty.keys("low\rwrong\r").endswith("% Login invalid\r\n\r\nRouter#")
    vty.type("login")
    assert vty.keys("low\rlow\r").endswith("Router>")
    assert "low" in vty.type("show users")


def test_a_locked_terminal_opens_with_its_password_only(vty, router, grammar):
    assert vty.type("lock") == "% Locking is not enabled on this line\n\nRouter#"
    load(router, grammar, "line vty 0 4\n lockable\n")
    assert "lockable" in vty.type("show running-config | section vty")
    vty.type("lock")
    assert vty.keys("a\rb\r").endswith("% Passwords do not match\r\n\r\nRouter#")
    vty.type("lock")
    assert "Locked" in vty.keys("open\ropen\r")
    assert vty.keys("show clock\r").endswith("Password: ")
    assert vty.keys("\x03").endswith("Password: ")
    assert vty.keys("open\r").endswith("Router#")


def test_a_client_that_leaves_a_locked_terminal_frees_its_line(vty, router, grammar):
    load(router, grammar, "line vty 0 4\n lockable\n")
    vty.type("lock")
    vty.keys("open\ropen\r")
    vty.session.disconnect()
    assert vty.session.closed
    assert not router.lines.vty[0].busy
