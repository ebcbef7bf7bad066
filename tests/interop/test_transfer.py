"""SCP and SFTP to flash and NVRAM, and login with a public key."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from netmiko import ConnectHandler, file_transfer


def connect(port: int, **extra: Any) -> Any:
    options = {"username": "admin", "password": "admin", "known_hosts": None, "config": None, **extra}
    return asyncssh.connect("127.0.0.1", port, **options)


async def sftp(port: int, directory: Path) -> None:
    (directory / "up.txt").write_bytes(b"hello\n" * 10000)
    async with connect(port) as connection, connection.start_sftp_client() as client:
        assert sorted(await client.listdir("/")) == ["flash0:", "flash:", "nvram:"]
        await client.put(directory / "up.txt", "flash:/up.txt")
        await client.mkdir("flash:/old")
        await client.rename("flash:/up.txt", "flash:/old/up.txt")
        assert await client.listdir("flash:/old") == ["up.txt"]
        await client.get("flash:/old/up.txt", directory / "down.txt")
        assert (directory / "down.txt").read_bytes() == (directory / "up.txt").read_bytes()
        assert b"hostname R1" in await (await client.open("nvram:startup-config", "rb")).read()
        for path in ("/etc/passwd", "flash:/../../etc/passwd", "disk0:/x"):
            with pytest.raises(asyncssh.SFTPNoSuchFile):
                await client.open(path, "rb")
        file = await client.open("nvram:big", "wb")
        with pytest.raises(asyncssh.SFTPFailure, match="No space"):
            await file.write(bytes(300000))
        await client.remove("flash:/old/up.txt")
        await client.rmdir("flash:/old")


async def scp(port: int, directory: Path) -> None:
    (directory / "a.cfg").write_text("hostname FromFile\n")
    async with connect(port) as connection:
        await asyncssh.scp(directory / "a.cfg", (connection, "flash:/a.cfg"))
        await asyncssh.scp((connection, "flash:a.cfg"), directory / "b.cfg")
        shown = str((await connection.run("more flash:a.cfg")).stdout)
    assert (directory / "b.cfg").read_text() == "hostname FromFile\n"
    assert "hostname FromFile" in shown
    async with connect(port, username="cisco", password="cisco") as connection:
        with pytest.raises(asyncssh.Error):
            await asyncssh.scp(directory / "a.cfg", (connection, "flash:/x"))


def test_sftp_and_scp(up: Callable[..., Any], tmp_path: Path) -> None:
    running = up("office")
    asyncio.run(sftp(running.ports["R1"], tmp_path))
    asyncio.run(scp(running.ports["R1"], tmp_path))
    (tmp_path / "running").write_text("interface Loopback5\n description by file\nend\n")
    with ConnectHandler(**running.netmiko("R1")) as router:
        done = file_transfer(
            router, source_file=str(tmp_path / "running"), dest_file="merge", file_system="flash:"
        )
        assert done == {"file_exists": True, "file_transferred": True, "file_verified": True}
        again = file_transfer(
            router, source_file=str(tmp_path / "running"), dest_file="merge", file_system="flash:"
        )
        assert not again["file_transferred"]
        inline = file_transfer(
            router,
            source_file=str(tmp_path / "running"),
            dest_file="inline",
            file_system="flash:",
            inline_transfer=True,
        )
        assert inline["file_verified"]
        router.send_command("copy flash:merge running-config", expect_string=r"\]\?")
        router.send_command("\n", expect_string="#")
        assert "by file" in router.send_command("show running-config interface loopback5")


async def with_key(port: int, key: asyncssh.SSHKey) -> str:
    async with connect(port, password=None, client_keys=[key]) as connection:
        return str((await connection.run("show privilege")).stdout)


def test_public_key(up: Callable[..., Any]) -> None:
    running = up("office")
    key = asyncssh.generate_private_key("ssh-rsa", key_size=1024)
    text = key.export_public_key("openssh").decode().split()[1]
    lines = [text[at : at + 72] for at in range(0, len(text), 72)]
    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(with_key(running.ports["R1"], key))
    with ConnectHandler(**running.netmiko("R1")) as router:
        router.send_config_set(["ip ssh pubkey-chain", "username admin", "key-string", *lines, "exit"])
        assert "   key-hash ssh-rsa " in router.send_command("show running-config | section pubkey-chain")
    assert "level is 15" in asyncio.run(with_key(running.ports["R1"], key))


def test_openssh_scp(up: Callable[..., Any], tmp_path: Path) -> None:
    if shutil.which("scp") is None:
        pytest.fail("OpenSSH is needed")
    running = up("office")
    askpass = tmp_path / "askpass"
    askpass.write_text("#!/bin/sh\necho admin\n")
    askpass.chmod(0o700)
    environment = {**running.environment, "SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force"}
    (tmp_path / "x").write_text("text\n")
    options = ["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known"]
    for way, name in (("-O", "old"), ("-s", "new")):
        put = [
            "scp",
            way,
            *options,
            "-P",
            str(running.ports["R2"]),
            f"{tmp_path}/x",
            f"admin@127.0.0.1:flash:/{name}",
        ]
        subprocess.run(put, env=environment, check=True, capture_output=True)
        get = [
            "scp",
            way,
            *options,
            "-P",
            str(running.ports["R2"]),
            f"admin@127.0.0.1:flash:/{name}",
            f"{tmp_path}/{name}",
        ]
        subprocess.run(get, env=environment, check=True, capture_output=True)
        assert (tmp_path / name).read_text() == "text\n"
