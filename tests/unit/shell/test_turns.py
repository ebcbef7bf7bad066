"""One session gives way to the others: what it does in a turn is bounded, and nothing of it is lost."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from iosemu.box.device import Device
from iosemu.box.rsa import _power
from iosemu.handling.effects import finished, paused
from iosemu.parser.loader import Grammar
from iosemu.shell.session import ROOM, TYPED_AHEAD, Session
from iosemu.terminal.editor import LONGEST
from tests.unit.shell.conftest import make


def counted(steps: int) -> Callable[[], bool]:
    """A turn that is over after so many looks at it."""
    left = steps

    def spent() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    return spent


def session_on(device: Device, grammar: Grammar, privilege: int = 15, rows: int = 0) -> Session:
    session = Session(device, grammar, username="admin", privilege=privilege, rows=24)
    session.start()
    session.receive(f"terminal length {rows}\r".encode())
    session.output()
    return session


def turns(session: Session, steps: int, most: int = 100_000) -> tuple[bytes, int]:
    """Give it turns for as long as it wants them; what it printed, and how many it took."""
    output, taken = session.output(), 0
    while session.busy:
        taken += 1
        assert taken < most
        session.turn(counted(steps))
        session.go_on()
        output += session.output()
    return output, taken


LOOPBACKS = "".join(
    f"interface Loopback{n}\rip address 10.{n // 250}.{n % 250}.1 255.255.255.255\r" for n in range(300)
)
SHOWS = (
    "show running-config",
    "show ip interface brief",
    "show interfaces",
    "show ip route",
    "show tech-support",
)


@pytest.mark.parametrize("command", SHOWS)
def test_what_prints_much_gives_way_and_prints_the_same(grammar: Grammar, command: str) -> None:
    device = make("c2811")
    session = session_on(device, grammar)
    session.receive(f"configure terminal\r{LOOPBACKS}end\r".encode())
    session.output()
    session.receive(f"{command}\r".encode())
    whole = session.output()
    session.turn(counted(50))
    session.receive(f"{command}\r".encode())
    assert session.busy
    parts, taken = turns(session, 50)
    assert parts == whole
    assert taken >= len(whole.splitlines()) // 60


def test_lines_that_a_filter_drops_count_as_work(grammar: Grammar) -> None:
    session = session_on(make("c2811"), grammar)
    session.turn(counted(20))
    session.receive(b"show running-config | include xyzzy\r")
    assert session.busy
    assert turns(session, 20)[1] > 2


def test_many_pasted_lines_are_many_turns(grammar: Grammar) -> None:
    device = make("c2811")
    session = session_on(device, grammar)
    session.turn(counted(40))
    session.receive(f"configure terminal\r{LOOPBACKS}end\r".encode())
    assert session.busy
    assert "Loopback299" not in device.config.interfaces
    assert turns(session, 40)[1] >= 600 // 41
    assert "Loopback299" in device.config.interfaces


def test_a_ping_that_waits_for_nothing_gives_way(grammar: Grammar) -> None:
    device = make("c2811")
    session = session_on(device, grammar, privilege=1)
    session.turn(counted(100))
    session.receive(b"ping 127.0.0.1 repeat 2147483647 timeout 0\r")
    for _ in range(50):
        session.turn(counted(100))
        session.go_on()
        device.scheduler.run_until(device.scheduler.now + 0.001)
        session.turn(counted(100))
        session.tick()
        session.output()
    assert session.busy or session.waiting
    session.turn(counted(100))
    session.receive(b"\x1e")
    assert b"Success rate" in turns(session, 100)[0]


def test_output_that_is_broken_off_ends_where_it_is(grammar: Grammar) -> None:
    session = session_on(make("c2811"), grammar)
    session.turn(counted(5))
    session.receive(b"show running-config\r")
    assert session.busy
    session.receive(b"\x1e")
    assert not session.busy
    assert session.output().endswith(b"#")


def test_who_does_not_read_stops_the_command(grammar: Grammar) -> None:
    session = session_on(make("c2811"), grammar)
    session.turn(counted(10**9))
    session.receive(b"show tech-support\r" * 200)
    for _ in range(20):
        assert not session.busy
        session.turn(counted(10**9))
        session.go_on()
        session.receive(b"\r")
        session.tick()
    first = session.output()
    assert ROOM <= len(first) < 2 * ROOM
    assert session.busy
    assert (first + turns(session, 10**9)[0]).count(b"show tech-support\r\n") == 200


def test_what_is_typed_far_ahead_is_not_wanted(grammar: Grammar) -> None:
    session = session_on(make("c2811"), grammar)
    session.turn(counted(1))
    session.receive(b"show clock\r" * 10)
    assert session.eager
    session.receive(b"show clock\r" * (TYPED_AHEAD // 11))
    assert not session.eager
    turns(session, 100)
    assert session.eager


@pytest.mark.parametrize("key", [b"x", b"\x12", b"\x01", b"\x14", b"\x19", b"\x1bc", b"\x08", b"\x10"])
def test_keys_without_an_enter_give_way_and_print_little(grammar: Grammar, key: bytes) -> None:
    session = session_on(make("c2811"), grammar)
    session.receive(b"show ip route 10.0.0.0")
    session.output()
    session.turn(counted(2))
    session.receive(key * 16384)
    output, taken = turns(session, 2)
    assert taken > 16384 // (64 * 4) or len(output) < 40_000
    session.receive(b"\r")
    assert len(session.shell.history[-1]) <= LONGEST


def test_a_stalled_reader_is_told_how_many_messages_it_missed(grammar: Grammar) -> None:
    device = make("c2811")
    session = session_on(device, grammar)
    session.receive(b"terminal monitor\r")
    session.turn(counted(10**9))
    session.receive(b"show tech-support\r" * 100)
    assert not session.busy
    kept = device.syslog.messages.maxlen or 0
    for number in range(kept + 500):
        device.log("SYS", 7, "", f"debug line {number}")
        session.tick()
    output = turns(session, 10**9)[0]
    session.tick()
    output += session.output()
    assert b"System dropped 500 console debug messages" in output
    assert output.count(b"debug line ") == kept


KEY = "crypto key generate rsa label K modulus 1024\r"


def generating(device: Device, grammar: Grammar) -> Session:
    session = session_on(device, grammar)
    session.receive(b"configure terminal\r")
    session.turn(counted(4))
    session.receive(KEY.encode())
    device.scheduler.run_until(device.scheduler.now + 2)
    session.turn(counted(4))
    session.tick()
    assert session.busy
    return session


def test_a_key_is_made_in_turns(grammar: Grammar) -> None:
    device = make("c2811")
    session = generating(device, grammar)
    output, taken = turns(session, 4)
    assert taken > 20
    assert b"[OK]" in output
    assert device.rsa_keys["K"].bits == 1024
    other = make("c2811")
    whole = session_on(other, grammar)
    whole.receive(f"configure terminal\r{KEY}".encode())
    other.scheduler.run_until(other.scheduler.now + 2)
    whole.tick()
    assert other.rsa_keys["K"].modulus == device.rsa_keys["K"].modulus


def test_a_key_that_takes_too_long_is_broken_off(grammar: Grammar) -> None:
    device = make("c2811")
    session = generating(device, grammar)
    session.receive(b"\x1e")
    assert not session.busy
    assert "K" not in device.rsa_keys
    assert session.output().endswith(b"(config)#")


def test_the_power_is_that_of_python() -> None:
    rng = random.Random(5)
    for bits in (1, 3, 4, 64, 521):
        base, exponent, modulus = rng.getrandbits(bits), rng.getrandbits(bits) | 1, rng.getrandbits(bits) | 1
        assert finished(paused(_power(base, exponent, modulus))) == pow(base, exponent, modulus)


@pytest.mark.parametrize("script", ["foreach a {1 2 3 4 5 6 7 8} {foreach b {1 2 3 4 5 6 7 8} {set c $b}}",
                                    "foreach a {" + "1 " * 100 + "} {set a}"])  # fmt: skip
def test_loops_of_a_script_give_way(grammar: Grammar, script: str) -> None:
    session = session_on(make("c2811"), grammar)
    session.receive(b"tclsh\r")
    session.turn(counted(10))
    session.receive(f"{script}\r".encode())
    assert session.busy
    assert turns(session, 10)[1] > 5


def test_a_script_of_very_many_lines_has_an_end(grammar: Grammar) -> None:
    session = session_on(make("c2811"), grammar)
    session.receive(b"tclsh\r")
    session.receive(b"foreach a {1} {\r" + b"set b 123456789012345678901234567890\r" * 2000 + b"}\r")
    assert b"unable to alloc memory" in session.output()


@pytest.mark.parametrize("command", ["copy flash:x running-config\r", "configure replace flash:x force"])
def test_a_file_of_a_configuration_is_typed_in_turns_and_as_a_whole(grammar: Grammar, command: str) -> None:
    device = make("c2811")
    device.flash["x"] = ("\n".join(["version 15.1", *LOOPBACKS.split("\r"), "end"]) + "\n").encode()
    session = session_on(device, grammar)
    session.turn(counted(20))
    session.receive(f"{command}\r".encode())
    assert session.busy
    session.receive(b"\x1e")
    device.scheduler.run_until(device.scheduler.now + 2)
    assert turns(session, 20)[1] > 20
    assert "Loopback299" in device.config.interfaces


def test_no_configuration_has_millions_of_lines(grammar: Grammar) -> None:
    device = make("c2811")
    device.flash["x"] = b"hostname A\n" * 300_000
    session = session_on(device, grammar)
    session.receive(b"configure replace flash:x force\r")
    assert b"is not a valid config file" in session.output()


@pytest.mark.parametrize("line", [b"x", b"word\r\nword\n", "grün ".encode() * 9 + b"\n"])
def test_a_huge_file_is_shown_in_turns(grammar: Grammar, line: bytes) -> None:
    device = make("c2811")
    device.flash["x"] = line * (1_000_000 // len(line))
    session = session_on(device, grammar)
    session.turn(counted(1))
    session.receive(b"more flash:x\r")
    assert len(session.output()) < 2 * ROOM
    assert session.busy
    shown, taken = turns(session, 1)
    assert taken > 10
    if b"\n" in line:
        assert shown.count(b"\r\n") >= device.flash["x"].count(b"\n") - 2
        assert "\ufffd".encode() not in shown


@pytest.mark.parametrize("after", [1, 10, 40])
def test_a_configuration_is_replaced_whole_though_its_user_leaves(grammar: Grammar, after: int) -> None:
    device = make("c2811")
    session = session_on(device, grammar)
    session.receive(b"show running-config | redirect flash:old\r")
    session.receive(f"configure terminal\r{LOOPBACKS}end\r".encode())
    session.output()
    session.turn(counted(1))
    session.receive(b"configure replace flash:old force\r")
    for _ in range(after):
        session.turn(counted(10))
        session.go_on()
    assert session.busy
    assert not session.closed
    session.disconnect()
    turns(session, 50)
    assert session.closed
    later = session_on(device, grammar)
    later.receive(b"show running-config | include Loopback\r")
    assert b"\r\ninterface Loopback" not in later.output()


def test_a_session_of_a_box_that_went_down_does_not_go_on(grammar: Grammar) -> None:
    device = make("c2811")
    session = session_on(device, grammar)
    session.receive(b"show running-config | redirect flash:old\r")
    session.output()
    session.turn(counted(1))
    session.receive(b"configure replace flash:old force\r")
    session.disconnect()
    assert session.busy
    device.power_off()
    session.turn(counted(10))
    session.go_on()
    assert session.closed
    assert not session.busy


def test_a_session_that_is_abandoned_does_not_go_on(grammar: Grammar) -> None:
    session = session_on(make("c2811"), grammar)
    session.turn(counted(1))
    session.receive(b"show running-config | redirect flash:old\rconfigure replace flash:old force\r")
    session.abandon()
    assert session.closed
    assert not session.busy
