"""TCP of a box and TCP of Linux over a TAP device: 10 MB both ways through loss and reordering."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from test_tap import REASON, ip

from iosemu.ip.tcp import Tcp
from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.tcp import Closed, ConnectionEvent, DataReceived, PeerClosed, Refused, TcpConfig, Writable

SIZE = 10_000_000
CONFIG = TcpConfig(window=65535, send_buffer=65536)
_TAKE = """
import socket, sys
s = socket.create_connection(("10.9.0.1", 2000), timeout=120)
while data := s.recv(65536):
    sys.stdout.buffer.write(data)
"""
_GIVE = """
import socket, sys
s = socket.create_connection(("10.9.0.1", 2001), timeout=120)
s.sendall(sys.stdin.buffer.read())
s.shutdown(socket.SHUT_WR)
sys.stdout.buffer.write(s.recv(100))
"""
_LISTEN = """
import socket, sys
l = socket.create_server(("10.9.0.9", 2002))
print("ready", flush=True)
s, _ = l.accept()
s.settimeout(60)
sys.stdout.write(s.recv(100).decode())
s.sendall(b"hello router")
s.close()
"""
_CLOSED = """
import socket
try:
    socket.create_connection(("10.9.0.1", 9), timeout=20)
except ConnectionRefusedError:
    print("refused")
"""


@pytest.mark.skipif(bool(REASON), reason=REASON)
async def test_linux_and_a_router_exchange_bytes(tmp_path: Path) -> None:
    tap = name = f"iob{os.getpid()}"
    (tmp_path / "R1.cfg").write_text(
        "interface FastEthernet0/0\n ip address 10.9.0.1 255.255.255.0\n no shutdown\n"
    )
    (tmp_path / "lab.yaml").write_text(f"""name: tap
nodes:
  R1: {{model: c2811, config: R1.cfg}}
  SW-1: {{model: catalyst-2960-24tt}}
links:
  - endpoints: ["R1:Fa0/0", "SW-1:Fa0/1"]
  - endpoints: ["SW-1:Fa0/2", "tap:{tap}"]
""")
    lab = Lab.load(tmp_path / "lab.yaml", time="real")
    lab.boot()
    lab.links[0].impair(loss=0.01, reorder=0.01, delay=0.001)
    device = lab.devices["R1"]
    tcp = device.service(Tcp)
    data = random.Random(1).randbytes(SIZE)
    sent = 0
    received = bytearray()
    ended = asyncio.Event()

    def give(event: ConnectionEvent) -> None:
        nonlocal sent
        connection = event.connection
        if isinstance(event, (Closed, PeerClosed)):
            return
        while sent < SIZE and (taken := connection.send(data[sent : sent + 65536], device.now)):
            sent += taken
        if sent == SIZE:
            connection.close(device.now)

    def take(event: ConnectionEvent) -> None:
        connection = event.connection
        if isinstance(event, DataReceived):
            received.extend(connection.read(device.now))
        elif isinstance(event, PeerClosed):
            received.extend(connection.read(device.now))
            connection.send(b"thanks", device.now)
            connection.close(device.now)

    answers: list[bytes] = []

    def talk(event: ConnectionEvent) -> None:
        connection = event.connection
        if isinstance(event, DataReceived):
            answers.append(connection.read(device.now))
        elif isinstance(event, PeerClosed):
            connection.close(device.now)
            ended.set()
        elif isinstance(event, (Refused, Writable)):
            answers.append(b"refused")
            ended.set()
        elif not answers:
            connection.send(b"hello linux\n", device.now)

    async def python(script: str, given: bytes = b"") -> bytes:
        words = ("ip", "netns", "exec", name, sys.executable, "-c", script)
        done = await asyncio.to_thread(
            subprocess.run, words, input=given, capture_output=True, check=False, timeout=300
        )
        assert not done.stderr, done.stderr.decode()
        return done.stdout

    assert not ip("netns", "add", name).returncode
    try:
        async with serve(lab, base_port=0):
            for command in (
                ("link", "set", tap, "netns", name),
                ("-n", name, "address", "add", "10.9.0.9/24", "dev", tap),
                ("-n", name, "link", "set", tap, "up"),
            ):
                assert ip(*command).stderr == ""
            tcp.listen(2000, give, config=CONFIG)
            tcp.listen(2001, take, config=CONFIG)
            assert await python(_TAKE) == data
            assert await python(_GIVE, data) == b"thanks"
            assert received == data
            assert await python(_CLOSED) == b"refused\n"
            listener = subprocess.Popen(
                ("ip", "netns", "exec", name, sys.executable, "-c", _LISTEN), stdout=subprocess.PIPE
            )
            assert listener.stdout is not None
            assert await asyncio.to_thread(listener.stdout.readline) == b"ready\n"
            tcp.connect(IPv4Address("10.9.0.9"), 2002, talk)
            await asyncio.wait_for(ended.wait(), 60)
            said = await asyncio.to_thread(listener.stdout.read)
            listener.stdout.close()
            listener.wait()
            assert said == b"hello linux\n"
            assert answers == [b"hello router"]
    finally:
        ip("netns", "del", name)
