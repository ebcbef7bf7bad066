"""Nobody gets in, and nobody takes over."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest

from benchmarks.hostile.logins import judged
from iosemu.lab.errors import LabError
from iosemu.lab.exposure import is_loopback
from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.server.hostkeys import temporary_keys
from iosemu.server.limits import Admission, Environment, MaximumStartups
from iosemu.shell.executor import Executor
from iosemu.subjects.access.login import LoginGuard


def boot() -> Lab:
    lab = Lab.load("ipsec-vpn", seed=3)
    lab.boot(settle=0)
    return lab


def say(lab: Lab, *lines: str) -> list[str]:
    executor = Executor(lab["R-A"], lab.grammar, privilege=15)
    return [item for line in lines for item in executor.steps(line) if isinstance(item, str)]


def logged(lab: Lab) -> list[str]:
    return [message.mnemonic for message in lab["R-A"].syslog.messages if message.facility == "SEC_LOGIN"]


def connect(port: int, password: str = "admin") -> asyncssh.misc._ACMWrapper[asyncssh.SSHClientConnection]:
    return asyncssh.connect(
        "127.0.0.1",
        port,
        username="admin",
        password=password,
        known_hosts=None,
        client_keys=None,
        config=None,
    )


async def test_passwords_sent_at_once_are_counted_before_the_pause() -> None:
    assert await judged(200) == 3


async def test_failures_are_logged_and_close_the_door() -> None:
    lab = boot()
    say(lab, "configure terminal", "login block-for 60 attempts 2 within 30", "login on-failure log",
        "login on-success log", "end")  # fmt: skip
    async with serve(lab, base_port=0, keys=temporary_keys(), refusal_delay=0.0) as serving:
        port = serving.ports["R-A"]
        async with connect(port):
            pass
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(port, "wrong")
        assert logged(lab)[:2] == ["LOGIN_SUCCESS", "LOGIN_FAILED"]
        with pytest.raises((OSError, asyncssh.Error)):
            await connect(port, "wrong")
        assert "QUIET_MODE_ON" in logged(lab)
        with pytest.raises((OSError, asyncssh.Error)):
            await connect(port)
        assert any("Denying logins from all sources" in line for line in say(lab, "show login"))
        assert any("admin" in line and "127.0.0.1" in line for line in say(lab, "show login failures"))
        await lab.clock.advance(61)
        assert logged(lab)[-1] == "QUIET_MODE_OFF"
        async with connect(port):
            pass


def test_an_access_list_lets_some_in_while_it_is_quiet() -> None:
    lab = boot()
    say(lab, "configure terminal", "access-list 7 permit host 127.0.0.1",
        "login block-for 60 attempts 1 within 30", "login quiet-mode access-class 7", "end")  # fmt: skip
    guard = lab["R-A"].service(LoginGuard)
    guard.failed("x", "192.0.2.1")
    assert guard.admits("127.0.0.1")
    assert not guard.admits("192.0.2.1")
    say(lab, "configure terminal", "no login block-for", "end")
    assert guard.admits("192.0.2.1")


def test_old_failures_do_not_count() -> None:
    lab = boot()
    say(lab, "configure terminal", "login block-for 60 attempts 2 within 30", "end")
    guard = lab["R-A"].service(LoginGuard)
    guard.failed("x", "192.0.2.1")
    lab.advance(31)
    guard.failed("x", "192.0.2.1")
    assert guard.admits("192.0.2.1")


def test_login_lines_are_written_as_they_are_read() -> None:
    lines = [
        "login block-for 60 attempts 2 within 30",
        "login delay 3",
        "login quiet-mode access-class 7",
        "login on-failure log every 2",
        "login on-success log",
    ]
    lab = boot()
    say(lab, "configure terminal", *lines, "end")
    assert [line for line in say(lab, "show running-config") if line.startswith("login ")] == lines
    say(lab, "configure terminal", *(f"no {line}" for line in lines), "end")
    assert not [line for line in say(lab, "show running-config") if line.startswith("login ")]


def test_enable_takes_its_time_and_is_logged() -> None:
    lab = boot()
    say(lab, "configure terminal", "login on-failure log", "end")
    session = lab.session("R-A", privilege=1)
    assert session is not None
    session.start()
    session.receive(b"enable\rwrong\rwrong\rwrong\r")
    assert logged(lab) == ["LOGIN_FAILED"]
    assert session.waiting
    before = lab["R-A"].now
    lab.advance(10)
    session.tick()
    while session.waiting:
        lab.advance(1)
        session.tick()
    assert logged(lab) == ["LOGIN_FAILED"] * 3
    assert lab["R-A"].now - before >= 3
    assert b"% Bad secrets" in session.output()


async def test_a_question_without_anybody_to_answer_ends_the_session() -> None:
    lab = boot()
    async with serve(lab, base_port=0, keys=temporary_keys()) as serving:
        for _ in range(6):
            async with connect(serving.ports["R-A"]) as connection:
                result = await asyncio.wait_for(connection.run("reload", stdin=asyncssh.DEVNULL), 20)
                assert "confirm" in str(result.stdout)
        assert not lab["R-A"].reload_requested
        async with connect(serving.ports["R-A"]) as connection:
            result = await asyncio.wait_for(connection.run("show clock", stdin=asyncssh.DEVNULL), 20)
            assert "UTC" in str(result.stdout)


async def test_a_connection_has_ten_channels() -> None:
    lab = boot()
    async with (
        serve(lab, base_port=0, keys=temporary_keys()) as serving,
        connect(serving.console) as connection,
    ):
        channels = [await connection.create_process() for _ in range(10)]
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process()
        channels[0].close()
        await channels[0].wait_closed()
        await connection.create_process()


def test_strangers_are_dropped_at_random_and_then_all() -> None:
    startups = MaximumStartups()
    assert startups.chance(9) == 0.0
    assert startups.chance(10) == pytest.approx(0.3)
    assert startups.chance(55) == pytest.approx(0.65)
    assert startups.chance(100) == 1.0
    door = Admission(lambda: 0.999999, descriptors=lambda: (10, 1000))
    while door.admits():
        door.enter()
    assert door.waiting == 100
    door.leave()
    assert door.admits()


def test_descriptors_are_left_for_the_console_and_for_saving() -> None:
    used = 0
    door = Admission(lambda: 1.0, descriptors=lambda: (used, 64))
    assert door.admits()
    used = 32
    assert not door.admits()
    assert door.admits(console=True)
    used = 48
    assert not door.admits(console=True)


def test_an_environment_has_a_size() -> None:
    environment = Environment(100)
    for number in range(1000):
        environment[f"N{number}".encode()] = b"x" * 10
    assert 0 < len(environment) < 10


async def test_other_machines_are_let_in_only_with_passwords_of_ones_own(tmp_path: Path) -> None:
    lab = boot()
    with pytest.raises(LabError, match="R-A: user admin"):
        async with serve(lab, base_port=0, keys=temporary_keys(), host="0.0.0.0"):
            pass
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
