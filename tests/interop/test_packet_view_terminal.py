"""The packet view in a real terminal, and captures that Wireshark's profile decrypts."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from netmiko import ConnectHandler

from iosemu import SyncLab

TMUX, SSH, TSHARK = shutil.which("tmux"), shutil.which("ssh"), shutil.which("tshark")


class Terminal:
    """tmux with one window, in which ssh runs."""

    def __init__(self, directory: Path, port: int, columns: int, rows: int) -> None:
        ask = directory / "ask"
        ask.write_text("#!/bin/sh\necho admin\n")
        ask.chmod(ask.stat().st_mode | stat.S_IXUSR)
        self._socket = str(directory / "tmux")
        environment = {**os.environ, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
        line = (
            f"{SSH} -p {port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "
            "-o PubkeyAuthentication=no admin@127.0.0.1; echo left; read line"
        )
        command = ["-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), line]
        subprocess.run([str(TMUX), "-S", self._socket, *command], env=environment, check=True)

    def tmux(self, *arguments: str) -> str:
        result = subprocess.run(
            [str(TMUX), "-S", self._socket, *arguments], capture_output=True, text=True, check=True
        )
        return result.stdout

    def until(self, reached: Callable[[str], bool]) -> str:
        """What is on the screen once it looks as wanted."""
        deadline = time.monotonic() + 20
        while True:
            screen = self.tmux("capture-pane", "-p")
            if reached(screen):
                return screen
            assert time.monotonic() < deadline, screen

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def close(self) -> None:
        subprocess.run([str(TMUX), "-S", self._socket, "kill-server"], check=False, capture_output=True)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(port: int, columns: int = 80, rows: int = 24) -> Terminal:
        opened.append(Terminal(tmp_path, port, columns, rows))
        return opened[-1]

    yield open_terminal
    for each in opened:
        each.close()


def ping(running: Any) -> None:
    with ConnectHandler(**{**running.netmiko("PC-A"), "device_type": "generic"}) as pc:
        for _ in range(2):
            pc.send_command("ping 192.168.2.1", expect_string=r"C:\\>$")


@pytest.mark.skipif(TMUX is None or SSH is None, reason="tmux or ssh is not installed")
@pytest.mark.lab("ipsec-vpn")
def test_the_packet_view_in_a_terminal(lab: SyncLab, terminal: Callable[..., Terminal]) -> None:
    for _ in range(2):
        lab["PC-A"].ping("192.168.2.1")
    window = terminal(lab.ssh_params("Sniffer1")["port"])
    screen = window.until(lambda text: "q quit" in text)
    assert len(screen.splitlines()) == 24
    assert "Sniffer1 ● service on, following" in screen.splitlines()[0]
    window.keys("/")
    window.keys("esp", "Enter")
    screen = window.until(lambda text: "Filter esp" in text and "STP    Conf" not in text)
    assert "▸ ICMP Echo (ping)" in screen
    window.keys("Home")
    window.until(lambda text: "following" not in text)
    window.tmux("resize-window", "-x", "160", "-y", "50")
    screen = window.until(lambda text: "b buffer" in text)
    rows = screen.splitlines()
    assert len(rows) == 50
    assert any("Seq=1 ▸ 192.168.1.1 → 192.168.2.1 ICMP Echo (ping) request" in row for row in rows)
    assert any("── Decoded" in row and "│── Bytes" in row for row in rows)
    assert any("Decrypted: " in row for row in rows)
    window.keys("d")
    window.until(lambda text: "As on the wire" in text and "▸" not in text)
    window.keys("!")
    window.until(lambda text: "Sniffer1>" in text)
    window.keys("view", "Enter")
    window.until(lambda text: "b buffer" in text)
    window.keys("q")
    window.until(lambda text: text.rstrip().endswith("Sniffer1>"))
    window.keys("exit", "Enter")
    window.until(lambda text: "left" in text)


@pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
def test_the_profile_beside_a_capture_decrypts_it(up: Callable[..., Any], tmp_path: Path) -> None:
    running = up("ipsec-vpn")
    file = tmp_path / "lab.pcapng"
    command = [sys.executable, "-m", "iosemu.lab.cli", "capture", "all", "-w", str(file)]
    recorder = subprocess.Popen(command, env=running.environment, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not (file.exists() and file.stat().st_size):
        assert time.monotonic() < deadline
    ping(running)
    recorder.send_signal(signal.SIGINT)
    _, said = recorder.communicate(timeout=20)
    assert recorder.returncode == 0
    assert b"WIRESHARK_CONFIG_DIR=" in said
    environment = {**os.environ, "WIRESHARK_CONFIG_DIR": f"{file}.profile"}

    def tshark(expression: str) -> list[str]:
        line = [str(TSHARK), "-r", str(file), "-Y", expression]
        return subprocess.run(
            line, env=environment, capture_output=True, text=True, check=True
        ).stdout.splitlines()

    assert len(tshark("esp && icmp")) == 13
    assert tshark("isakmp.exchangetype == 32 && isakmp.typepayload == 1")
    assert tshark("_ws.malformed") == []


def test_the_console_from_the_command_line(up: Callable[..., Any], iosemu: Callable[..., Any]) -> None:
    lab = up("ipsec-vpn")

    def at_console(*words: str) -> Any:
        return iosemu(*words, state=lab.state)

    assert "R-A" in at_console("nodes").stdout
    assert "delay 20ms loss 1%" in at_console("link", "R-A:Fa0/0", "delay", "20ms", "loss", "1%").stdout
    assert at_console("advance", "1h").stdout.startswith("lab time 1:0")
    refused = at_console("link", "R-A:Fa0/9", "down")
    assert refused.returncode == 1
    assert "has no port 'Fa0/9'" in refused.stderr
    assert f"pid {lab.process.pid}" in at_console("ls").stdout
    assert (
        at_console("time", "--host", "127.0.0.1", "--port", str(lab.console)).stdout.rstrip().endswith("fast")
    )
    assert at_console("time", "--host", "127.0.0.1", "--port", "1").returncode == 1
