"""SCP and SFTP to flash and NVRAM, and login with a public key."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from netmiko import ConnectHandler, file_transfer

Arguments = dict[str, Any]
Params = Callable[..., Arguments]
pytestmark = pytest.mark.lab("office")


async def sftp(admin: Arguments, directory: Path) -> None:
    (directory / "up.txt").write_bytes(b"hello\n" * 10000)
    async with asyncssh.connect(**admin) as connection, connection.start_sftp_client() as client:
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


async def greedy(admin: Arguments) -> None:
    """What would cost the lab memory, or its clock, is refused, and the next client is served."""
    async with asyncssh.connect(**admin) as connection, connection.start_sftp_client() as client:
        with pytest.raises(asyncssh.SFTPError):
            await client.open("flash:" + "x" * 300, "wb")
        sparse = await client.open("flash:sparse", "wb")
        with pytest.raises(asyncssh.SFTPFailure, match="No space"):
            await sparse.write(b"end", offset=1_000_000_000)
        with pytest.raises(asyncssh.SFTPFailure, match="in use"):
            await client.open("flash:sparse", "wb")
        half = (await client.statvfs("flash:")).bavail * 512 // 2 + 1000
        await sparse.write(b"end", offset=half)
        other = await client.open("flash:other", "wb")
        with pytest.raises(asyncssh.SFTPFailure, match="No space"):
            await other.write(b"end", offset=half)
        for _ in range(62):
            await client.open("nvram:startup-config", "rb")
        with pytest.raises(asyncssh.SFTPFailure, match="Too many"):
            await client.open("nvram:startup-config", "rb")
    async with asyncssh.connect(**admin) as connection, connection.start_sftp_client() as client:
        await client.remove("flash:sparse")
        await client.remove("flash:other")
        async with client.open("flash:sparse", "wb") as file:
            await file.write(b"done")
        await client.remove("flash:sparse")


async def scp(admin: Arguments, user: Arguments, directory: Path) -> None:
    (directory / "a.cfg").write_text("hostname FromFile\n")
    async with asyncssh.connect(**admin) as connection:
        await asyncssh.scp(directory / "a.cfg", (connection, "flash:/a.cfg"))
    async with asyncssh.connect(**admin) as connection:
        await asyncssh.scp((connection, "flash:a.cfg"), directory / "b.cfg")
    async with asyncssh.connect(**admin) as connection:
        shown = str((await connection.run("more flash:a.cfg")).stdout)
    assert (directory / "b.cfg").read_text() == "hostname FromFile\n"
    assert "hostname FromFile" in shown
    async with asyncssh.connect(**user) as connection:
        with pytest.raises(asyncssh.Error):
            await asyncssh.scp(directory / "a.cfg", (connection, "flash:/x"))


@pytest.mark.usefixtures("brisk_transfers")
def test_sftp_and_scp(ssh_params: Params, tmp_path: Path) -> None:
    admin = ssh_params("R1", "asyncssh")
    asyncio.run(sftp(admin, tmp_path))
    asyncio.run(greedy(admin))
    asyncio.run(scp(admin, ssh_params("R1", "asyncssh", username="cisco", password="cisco"), tmp_path))
    (tmp_path / "running").write_text("interface Loopback5\n description by file\nend\n")
    with ConnectHandler(**ssh_params("R1")) as router:
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


async def with_key(arguments: Arguments, key: asyncssh.SSHKey) -> str:
    async with asyncssh.connect(**{**arguments, "password": None, "client_keys": [key]}) as connection:
        return str((await connection.run("show privilege")).stdout)


def test_public_key(ssh_params: Params) -> None:
    arguments = ssh_params("R1", "asyncssh")
    key = asyncssh.generate_private_key("ssh-rsa", key_size=1024)
    text = key.export_public_key("openssh").decode().split()[1]
    lines = [text[at : at + 72] for at in range(0, len(text), 72)]
    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(with_key(arguments, key))
    with ConnectHandler(**ssh_params("R1")) as router:
        router.send_config_set(["ip ssh pubkey-chain", "username admin", "key-string", *lines, "exit"])
        assert "   key-hash ssh-rsa " in router.send_command("show running-config | section pubkey-chain")
    assert "level is 15" in asyncio.run(with_key(arguments, key))


def test_openssh_scp(ssh_params: Params, tmp_path: Path) -> None:
    if shutil.which("scp") is None:
        pytest.fail("OpenSSH is needed")
    port = str(ssh_params("R2")["port"])
    askpass = tmp_path / "askpass"
    askpass.write_text("#!/bin/sh\necho admin\n")
    askpass.chmod(0o700)
    environment = {**os.environ, "SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force"}
    (tmp_path / "x").write_text("text\n")
    options = ["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known"]
    for way, name in (("-O", "old"), ("-s", "new")):
        put = [
            "scp",
            way,
            *options,
            "-P",
            port,
            f"{tmp_path}/x",
            f"admin@127.0.0.1:flash:/{name}",
        ]
        subprocess.run(put, env=environment, check=True, capture_output=True)
        get = [
            "scp",
            way,
            *options,
            "-P",
            port,
            f"admin@127.0.0.1:flash:/{name}",
            f"{tmp_path}/{name}",
        ]
        subprocess.run(get, env=environment, check=True, capture_output=True)
        assert (tmp_path / name).read_text() == "text\n"
