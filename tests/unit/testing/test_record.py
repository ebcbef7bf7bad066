import asyncio
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netmiko
import pytest

from iosemu.testing import compare
from iosemu.testing.batch import Options, run_files
from iosemu.testing.recording import HIDDEN, Recording

RunLab = Callable[..., Any]
RunCommand = Callable[..., Any]


def recorded(*steps: str | bytes, **options: Any) -> list[str]:
    recording = Recording("R1", **options)
    for step in steps:
        if isinstance(step, bytes):
            recording.typed(step)
        else:
            recording.printed(step.replace("\n", "\r\n").encode())
    return recording.text().splitlines()


def test_lines_answers_and_the_last_prompt() -> None:
    assert recorded("R1#", b"show clock\r", "show clock\n10:00:00.123 UTC Fri\nR1#", lab="a", title="T") == [
        "# T", "@lab a", "", "@device R1", "R1#show clock", "{{time}} UTC Fri", "R1#",
    ]  # fmt: skip
    assert "10:00:00.123 UTC" in recorded("R1#", b"x\r", "x\n10:00:00.123 UTC\nR1#", literal=True)


def test_keys_that_act_at_once() -> None:
    steps: list[str | bytes] = [
        "R1#",
        b"sh",
        "sh",
        b"\t",
        "\nR1#show ",
        b"\x1b[A",
        b"\r",
        "x\nR1#show c",
        b"?",
    ]
    assert recorded(*steps, "?\nclock\nR1#show c", b"\x03", "\nR1#")[1:] == [
        "R1#sh<Tab>", "R1#show <Up><Enter>", "R1#show c?", "clock", "R1#show c<Ctrl-C>", "R1#",
    ]  # fmt: skip


def test_passwords_are_hidden_and_the_pager_is_told_by_keys() -> None:
    lines = recorded("R1>", b"enable\r", "enable\nPassword: ", b"secret\r", "\nR1#", b"sh r\r", "sh r\na\n --More-- ",
                     b" ", "\r        \rb\n --More-- ", b"q", "\r         \rR1#")  # fmt: skip
    assert lines[1:] == [
        "R1>enable", f"Password: {HIDDEN}", "R1#sh r", "a", " --More-- <Space>", " --More-- <Ctrl-C>", "R1#",
    ]  # fmt: skip
    assert "secret" not in "\n".join(lines)


@pytest.fixture(scope="module")
def vpn(up_module: RunLab) -> Any:
    return up_module("ipsec-vpn")


def test_a_file_of_commands_is_recorded_and_runs(vpn: Any, iosemu: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "a.transcript"
    (tmp_path / "commands").write_text(
        "show crypto isakmp sa\nshow ip interface brief\nconfigure terminal\nhostname X\nend\n"
    )
    result = iosemu("record", "r-a", "-o", path, "--commands", tmp_path / "commands", state=vpn.state)
    assert result.returncode == 0, result.stderr
    text = path.read_text()
    assert text.startswith("# Recorded on R-A\n@lab ipsec-vpn\n\n@device R-A\nR-A#show crypto isakmp sa\n")
    assert "X(config)#end" in text
    (report,) = run_files([path], Options(direct=True))
    assert report.passed, str(report)


@pytest.mark.lab("ipsec-vpn")
def test_a_script_is_recorded_on_its_way_to_a_real_address(
    ssh_params: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    arguments = ssh_params("R-A")
    path = tmp_path / "s.transcript"
    real = f"admin@127.0.0.1:{arguments['port']}"
    words = ["record", real, "-o", str(path), "--name", "core-1", "--listen", "0"]
    command = [sys.executable, "-m", "iosemu.lab.cli", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    port = int(process.stderr.readline().split(":")[1].split(";")[0])
    with netmiko.ConnectHandler(**{**arguments, "port": port}) as router:
        assert "QM_IDLE" not in router.send_command("show crypto isakmp sa")
    with pytest.raises(netmiko.NetmikoAuthenticationException):
        netmiko.ConnectHandler(**{**arguments, "port": port, "password": "wrong"})
    process.terminate()
    process.communicate(timeout=20)
    text = path.read_text()
    assert "@device core-1\n" in text
    assert "#show crypto isakmp sa\nIPv4 Crypto ISAKMP SA\n" in text
    report = asyncio.run(compare.compare(path, "ipsec-vpn", {"core-1": "R-A"}))
    assert report.passed, str(report)
    assert report.compared > 2


def test_typing_at_a_terminal(vpn: Any, tmp_path: Path) -> None:
    path = tmp_path / "typed.transcript"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "iosemu.lab.cli", "record", "PC-A", "-o", str(path)]
    process = subprocess.Popen(
        command, env=vpn.environment, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE
    )

    seen = ""

    def until(text: str) -> None:
        nonlocal seen
        while text not in seen:
            assert select.select([ours], [], [], 20)[0], seen
            seen += os.read(ours, 4096).decode()
        seen = seen.partition(text)[2]

    with process:
        try:
            until("C:\\>")
            os.write(ours, b"ipconfig\r")
            until("Default Gateway")
            until("C:\\>")
            os.write(ours, b"\x1d")
            process.wait(timeout=20)
        finally:
            process.kill()
            os.close(ours)
            os.close(theirs)
    (report,) = run_files([path], Options(direct=True))
    assert report.passed, str(report)
    assert "C:\\>ipconfig" in path.read_text()


REAL = """\
@device core-1
core-1#show crypto isakmp sa
IPv4 Crypto ISAKMP SA
dst             src             state          conn-id status

IPv6 Crypto ISAKMP SA

core-1#disable
core-1>enable
Password: ********
core-1#
"""


def test_compare_says_where_iosemu_differs(iosemu: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "real.transcript"
    path.write_text(REAL)
    options = ["--lab", "ipsec-vpn", "--device", "core-1=R-A", "--report", tmp_path / "r.md"]
    result = iosemu("compare", path, *options)
    assert result.returncode == 1
    assert "4 answers compared, 1 differ" in result.stdout
    assert "real.transcript:4: the device answered otherwise" in result.stdout
    assert (tmp_path / "r.md").read_text().startswith(f"## {path}: 4 answers compared, 1 differ\n\n```\n")
    path.write_text(REAL.replace("conn-id status", "conn-id slot status"))
    result = iosemu("compare", path, *options)
    assert result.returncode == 0, result.stdout
    assert "all are the same" in result.stdout
    by_address = REAL.replace("@device core-1", "@device 192.0.2.1")
    path.write_text(by_address.replace("conn-id status", "conn-id slot status"))
    for recorded in ("core-1", "192.0.2.1"):
        result = iosemu("compare", path, "--lab", "ipsec-vpn", "--device", f"{recorded}=R-A")
        assert "4 answers compared, all are the same" in result.stdout


def test_what_differs_from_run_to_run_becomes_a_pattern() -> None:
    recording = Recording("R1")
    recording.printed(b"R1#")
    recording.typed(b"show x\r")
    recording.printed(
        b"show x\r\n*12:00:01.5 UTC Fri Mar 1 2002\r\nR1 uptime is 3 weeks, 2 days\r\nMar 7\r\nR1#"
    )
    assert "*{{time}} UTC {{date}}\nR1 uptime is {{any}}\nMar 7\nR1#" in recording.text()


def test_a_password_that_nobody_can_be_asked_for(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "IOSEMU_PASSWORD"}
    words = ["record", "admin@127.0.0.1:1", "-o", str(tmp_path / "x"), "--commands", "-"]
    result = subprocess.run(
        [str(Path(sys.executable).with_name("iosemu")), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        start_new_session=True,
    )
    assert result.returncode == 1
    message = (
        "iosemu: there is no terminal to ask for a password: put it into the environment as IOSEMU_PASSWORD"
    )
    assert result.stderr.split() == message.split()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("record", "R-A", "-o", "x"), "no lab is running; start one with: iosemu up"),
        (("compare", "nowhere.transcript", "--lab", "ipsec-vpn"), "there is no file or directory"),
        (("compare", "a.transcript"), "a.transcript:1: names no lab: say with --lab"),
        (("compare", "a.transcript", "--lab", "ipsec-vpn", "--device", "x"), "write REAL=NAME"),
        (("compare", "a.transcript", "--lab", "ipsec-vpn"), "the lab has no device 'core-1'; it has: R-A"),
        (("record", "admin@127.0.0.1:1", "-o", "x", "--commands", "a.transcript"), "does not answer SSH"),
    ],
)
def test_mistakes_leave_an_older_recording_alone(
    iosemu: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    (tmp_path / "a.transcript").write_text(REAL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IOSEMU_PASSWORD", "admin")
    (tmp_path / "x").write_text("older")
    result = iosemu(*words, state=tmp_path / "state")
    assert result.returncode == 1
    assert (tmp_path / "x").read_text() == "older"
    assert message in result.stdout + result.stderr
