from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
import pytest
from doubles import EchoEndpoint

from iosemu.net.scheduler import Scheduler
from iosemu.server.clock import LabClock
from iosemu.server.connection import connection_options
from iosemu.server.hostkeys import host_keys
from iosemu.server.pace import Pace
from iosemu.server.ssh import Listener, listen


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> list[asyncssh.SSHKey]:
    return host_keys(tmp_path_factory.mktemp("keys"))


class Bench:
    def __init__(self, endpoint: EchoEndpoint, listener: Listener) -> None:
        self.endpoint = endpoint
        self.port = listener.port
        self.listener = listener

    def connect(self, **extra: Any) -> Any:
        given = {"username": "admin", "password": "admin", **extra}
        return asyncssh.connect(
            "127.0.0.1", self.port, known_hosts=None, client_keys=None, agent_path=None, config=None, **given
        )


@pytest.fixture
async def bench(request: pytest.FixtureRequest, keys: list[asyncssh.SSHKey]) -> AsyncIterator[Bench]:
    options = getattr(request, "param", {})
    scheduler = Scheduler()
    clock = LabClock(scheduler, Pace.FAST)
    endpoint = EchoEndpoint(scheduler)
    listener = await listen(endpoint, clock, connection_options(keys, **options), 0, refusal_delay=0.0)
    task = asyncio.create_task(clock.run())
    yield Bench(endpoint, listener)
    listener.close()
    task.cancel()


async def test_the_prompt_comes_unasked(bench: Bench) -> None:
    async with bench.connect() as connection:
        process = await connection.create_process(term_type="vt100", encoding=None)
        assert await process.stdout.read(10) == b"R1#"


async def test_exec_runs_one_command_and_closes(bench: Bench) -> None:
    async with bench.connect() as connection:
        for _ in range(3):
            result = await connection.run("show version")
            assert result.stdout == "show version\r\n"
            assert result.exit_status == 0


async def test_a_wait_is_jumped_over_and_the_line_stays_usable(bench: Bench) -> None:
    async with bench.connect() as connection:
        process = await connection.create_process(term_type="vt100", encoding=None)
        process.stdin.write(b"wait 86400\n")
        assert (await process.stdout.readuntil(b"done\r\nR1#")).startswith(b"R1#wait")
        result = await connection.run("wait 30")
        assert "done" in result.stdout


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
async def test_both_methods_log_in(bench: Bench, method: str) -> None:
    async with bench.connect(preferred_auth=method) as connection:
        assert connection.get_extra_info("server_version") == "SSH-2.0-Cisco-1.25"


async def test_keys_are_refused_and_the_password_still_works(bench: Bench) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with asyncssh.connect(
        "127.0.0.1", bench.port, username="admin", password="admin", client_keys=[key], known_hosts=None,
        agent_path=None, config=None, preferred_auth="publickey,password",
    ) as connection:  # fmt: skip
        assert (await connection.run("x")).stdout == "x\r\n"


async def test_wrong_passwords(bench: Bench) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with bench.connect(password="wrong"):
            pass


async def test_paramiko_after_a_failed_method(bench: Bench) -> None:
    def log_in() -> bytes:
        with socket.create_connection(("127.0.0.1", bench.port)) as raw:
            transport = paramiko.Transport(raw)
            transport.start_client()
            with pytest.raises(paramiko.AuthenticationException):
                transport.auth_password("admin", "wrong", fallback=False)
            transport.auth_interactive("admin", lambda *_: ["admin"])
            channel = transport.open_session()
            channel.get_pty("vt100", 511, 1000)
            channel.invoke_shell()
            data = channel.recv(100)
            channel.sendall(b"bye\n")
            while more := channel.recv(100):
                data += more
            transport.close()
            return data

    assert await asyncio.to_thread(log_in) == b"R1#bye\r\nR1#"


async def test_pty_sizes(bench: Bench) -> None:
    async with bench.connect() as connection:
        for size, expected in (
            ((0, 0), (80, 24)),
            ((511, 1000), (511, 1000)),
            ((10**9, 10**9), (4096, 4096)),
        ):
            process = await connection.create_process(term_type="xterm", term_size=size, encoding=None)
            await process.stdout.read(10)
            assert bench.endpoint.shells[-1].size == expected
        process.change_terminal_size(132, 43)
        process.stdin.write(b"hello\n")
        await process.stdout.readuntil(b"hello\r\nR1#")
        assert bench.endpoint.shells[-1].size == (132, 43)


async def test_without_a_pty_and_with_noise(bench: Bench) -> None:
    async with bench.connect(keepalive_interval=0.01) as connection:
        process = await connection.create_process(encoding=None, env={"LANG": "C.UTF-8"})
        assert not bench.endpoint.shells[-1].client.pty
        process.stdin.write(b"\0")
        process.send_signal("INT")
        process.send_break(100)
        process.stdin.write(b"x\n")
        assert await process.stdout.readuntil(b"x\r\nR1#")


async def test_no_chunk_of_a_long_output_ends_like_a_prompt(bench: Bench) -> None:
    chunks: list[bytes] = []
    ended = asyncio.Event()

    class Client(asyncssh.SSHClientSession[bytes]):
        def data_received(self, data: bytes, datatype: object) -> None:
            chunks.append(data)

        def connection_lost(self, exc: Exception | None) -> None:
            ended.set()

    async with bench.connect() as connection:
        await connection.create_session(Client, "big", encoding=None)
        await ended.wait()
    assert b"".join(chunks).endswith(b"line 4999 word#\r\n")
    assert len(chunks) > 1
    assert all(chunk.endswith(b"\n") for chunk in chunks)


async def test_the_sixth_line_is_refused_and_a_dead_client_frees_its_own(bench: Bench) -> None:
    connections = [await bench.connect() for _ in range(5)]
    for connection in connections:
        process = await connection.create_process(term_type="vt100", encoding=None)
        await process.stdout.read(10)
    with pytest.raises((asyncssh.Error, OSError)):
        await bench.connect()
    lost = bench.endpoint.shells[0]
    connections[0].abort()
    await connections[0].wait_closed()
    while not lost.gone:
        await asyncio.sleep(0)
    again = await bench.connect()
    for connection in [*connections[1:], again]:
        connection.close()
        await connection.wait_closed()


async def test_modern_only_by_default(bench: Bench) -> None:
    with pytest.raises(asyncssh.KeyExchangeFailed):
        await bench.connect(kex_algs=["diffie-hellman-group1-sha1"])


@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
@pytest.mark.parametrize("bench", [{"legacy": True}], indirect=True)
async def test_what_an_old_router_offers(bench: Bench) -> None:
    async with bench.connect(
        kex_algs=["diffie-hellman-group1-sha1"], encryption_algs=["aes128-cbc"], mac_algs=["hmac-sha1-96"],
        server_host_key_algs=["ssh-rsa"],
    ) as connection:  # fmt: skip
        assert (await connection.run("x")).stdout == "x\r\n"
    async with bench.connect() as connection:
        assert (await connection.run("x")).stdout == "x\r\n"


def test_host_keys_are_made_once(tmp_path: Path) -> None:
    first = [key.export_public_key() for key in host_keys(tmp_path)]
    assert [key.export_public_key() for key in host_keys(tmp_path)] == first
    assert all(file.stat().st_mode & 0o077 == 0 for file in tmp_path.iterdir())
