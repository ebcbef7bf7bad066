"""Clients that people use, against the finished lab."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import asyncssh
import pytest
from netmiko import ConnectHandler

Params = Callable[..., dict[str, Any]]


@pytest.mark.lab("ipsec-vpn")
def test_netmiko(ssh_params: Params) -> None:
    with ConnectHandler(**ssh_params("R-A")) as router:
        assert router.find_prompt() == "R-A#"
        assert "hostname R-A" in router.send_command("show running-config")
    with ConnectHandler(**ssh_params("R-B", username="cisco", password="cisco")) as router:
        assert router.find_prompt() == "R-B>"
        router.enable()
        assert router.check_enable_mode()
    with ConnectHandler(**ssh_params("SW-1"), fast_cli=False) as switch:
        assert "Fa0/24" in switch.send_command("show monitor session all")


async def several_commands(params: dict[str, Any]) -> list[str]:
    shown = []
    for command in ("show clock", "show version", "show run"):  # one a connection, as IOS has it
        async with asyncssh.connect(**params) as connection:
            shown.append(str((await connection.run(command)).stdout))
    return shown


@pytest.mark.lab("ipsec-vpn")
def test_plain_asyncssh(ssh_params: Params) -> None:
    clock, version, config = asyncio.run(several_commands(ssh_params("R-B", "asyncssh")))
    assert "UTC" in clock
    assert "Cisco IOS Software" in version
    assert "hostname R-B" in config
    assert "--More--" not in config


@pytest.mark.skipif(shutil.which("ssh") is None, reason="OpenSSH is not installed")
@pytest.mark.lab("ipsec-vpn")
def test_openssh(ssh_params: Params, tmp_path: Any) -> None:
    askpass = tmp_path / "askpass"
    askpass.write_text("#!/bin/sh\necho admin\n")
    askpass.chmod(0o700)
    command = [
        "ssh", "-p", str(ssh_params("R-A")["port"]), "-F", "none", "-o", "StrictHostKeyChecking=no",
        "-o", f"UserKnownHostsFile={tmp_path}/known", "admin@127.0.0.1",
    ]  # fmt: skip
    environment = {**os.environ, "SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force"}
    result = subprocess.run(
        [*command, "show ip interface brief"], env=environment, capture_output=True, text=True, check=False
    )
    assert "192.168.1.254" in result.stdout, result.stderr
    assert result.returncode == 0
    typed = subprocess.run(
        [*command[:1], "-tt", *command[1:]], env=environment, input="show clock\nexit\n",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "R-A#show clock" in typed.stdout, typed.stderr


def test_the_console_moves_the_lab(up: Callable[..., Any]) -> None:
    running = up("ipsec-vpn")
    with ConnectHandler(**running.netmiko("R-A")) as router:
        assert "up                    up" in router.send_command("show ip interface brief")
    note = asyncio.run(console(running.console, "link R-A:Fa0/0 down", "links", "advance 1h", "time"))
    assert "R-A:Fa0/0" in note[1]
    assert "cut" in note[1]
    assert "1:01" in note[3]
    with ConnectHandler(**running.netmiko("R-A")) as router:
        assert "down                  down" in router.send_command("show ip interface brief")


async def console(port: int, *commands: str) -> list[str]:
    async with asyncssh.connect(
        "127.0.0.1", port, username="admin", password="admin", known_hosts=None, config=None
    ) as connection:
        return [str((await connection.run(command)).stdout) for command in commands]
