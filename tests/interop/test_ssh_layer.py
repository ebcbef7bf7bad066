"""What happens below the shell: rekeying, keepalives, window changes, several channels, login limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncssh
import pytest

Arguments = dict[str, Any]


async def until(process: Any, text: str) -> str:
    seen = ""
    while not seen.endswith(text):
        seen += await process.stdout.read(4096)
    return seen


async def rekeyed(arguments: Arguments) -> None:
    async with asyncssh.connect(
        **arguments, rekey_bytes=4000, keepalive_interval=0.05, keepalive_count_max=1000
    ) as connection:
        process = await connection.create_process(term_type="vt100", term_size=(80, 10_000))
        await until(process, "R1#")
        for _ in range(5):
            process.stdin.write("show running-config\n")
            assert "\nend\r\n" in await until(process, "R1#")


async def several_channels(arguments: Arguments) -> None:
    async with asyncssh.connect(**arguments) as connection:
        many = [await connection.create_process() for _ in range(5)]
        for process in many:
            await until(process, "R1#")
        with pytest.raises((asyncssh.ChannelOpenError, asyncssh.ProcessError)):
            await connection.run("show clock", check=True)
        many[0].stdin.write("exit\n")
        await many[0].wait()
        assert "UTC" in str((await connection.run("show clock")).stdout)
        await asyncio.wait_for(connection.wait_closed(), 20)


async def one_command(arguments: Arguments) -> None:
    async with asyncssh.connect(**arguments) as connection:
        result = await connection.run("show privilege")
        assert (result.stdout, result.exit_status) == ("Current privilege level is 15\r\n", 0)
        with pytest.raises((asyncssh.ChannelOpenError, asyncssh.DisconnectError)):
            await connection.run("show clock")
        await asyncio.wait_for(connection.wait_closed(), 20)


async def window(arguments: Arguments) -> None:
    async with asyncssh.connect(**arguments) as connection:
        process = await connection.create_process(term_type="xterm", term_size=(80, 10))
        await until(process, "R1#")
        process.stdin.write("show running-config\n")
        page = await until(process, " --More-- ")
        assert page.count("\n") == 10  # the echo and nine lines
        process.stdin.write("q")
        await until(process, "R1#")
        process.change_terminal_size(80, 6)
        process.stdin.write("show running-config\n")
        assert (await until(process, " --More-- ")).count("\n") == 6
        process.stdin.write("q")
        await until(process, "R1#")
        process.stdin.write("\x00show privilege\x00\n")
        assert "level is 15" in await until(process, "R1#")


class Reader(asyncssh.SSHClient):
    def __init__(self) -> None:
        self.heard = ""

    def auth_banner_received(self, msg: str, lang: str) -> None:
        self.heard += msg


async def banners(arguments: Arguments) -> None:
    async with asyncssh.connect(**arguments) as connection:
        process = await connection.create_process(term_type="vt100")
        process.stdin.write("configure terminal\nbanner login #\nbefore\n#\nbanner motd #\nafter\n#\nend\n")
        await until(process, "(config)#end\r\nR1#")
    async with asyncssh.connect(**arguments, client_factory=Reader) as connection:
        process = await connection.create_process(term_type="vt100")
        shown = await until(process, "R1#")
        assert connection._owner.heard == "\r\nbefore\r\n"
        assert shown == "\r\nafter\r\nR1#"


async def limits(arguments: Arguments) -> None:
    async with asyncssh.connect(**arguments) as connection:
        process = await connection.create_process(term_type="vt100")
        process.stdin.write("configure terminal\nip ssh time-out 3\nip ssh authentication-retries 1\nend\n")
        await until(process, "(config)#end\r\nR1#")
        process.stdin.write("show ip ssh\n")
        assert "timeout: 3 secs; Authentication retries: 1" in await until(process, "R1#")
    with pytest.raises(asyncssh.DisconnectError, match="Too many"):
        async with asyncssh.connect(**{**arguments, "password": "wrong"}, preferred_auth="password"):
            pass
    reader, writer = await asyncio.open_connection(arguments["host"], arguments["port"])
    assert (await reader.readline()).startswith(b"SSH-2.0-Cisco-1.25")
    writer.write(b"SSH-2.0-idle\r\n")
    await reader.read()  # ends when the device hangs up
    writer.close()


@pytest.mark.lab("office")
@pytest.mark.parametrize("story", [rekeyed, several_channels, one_command, window, banners, limits])
def test_ssh_layer(ssh_params: Callable[..., Arguments], story: Callable[[Arguments], Any]) -> None:
    asyncio.run(asyncio.wait_for(story(ssh_params("R1", "asyncssh")), 60))
