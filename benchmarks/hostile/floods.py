"""What one user does to keep the others waiting: each is done to a lab of its own, with a canary on another device."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import asyncssh
from asyncssh.constants import MSG_CHANNEL_REQUEST
from asyncssh.packet import Boolean, String, UInt32

VICTIM = "R-A"
SNIFFER = "Sniffer1"

Ports = dict[str, int]
Flood = Callable[[Ports], Awaitable[None]]


async def connected(port: int, **options: Any) -> asyncssh.SSHClientConnection:
    """A connection to a device."""
    return await asyncssh.connect(
        "127.0.0.1", port, username="admin", password="admin", known_hosts=None, client_keys=None, config=None,
        **options,
    )  # fmt: skip


async def shell(port: int, *first: str, **options: Any) -> asyncssh.SSHClientProcess[bytes]:
    """A terminal on which these lines were typed."""
    connection = await connected(port)
    process = await connection.create_process(term_type="vt100", encoding=None, **options)
    process.stdin.write("".join(f"{line}\r" for line in ("terminal length 0", *first)).encode())
    return process


async def drain(process: asyncssh.SSHClientProcess[bytes]) -> None:
    """Read whatever comes."""
    while await process.stdout.read(65536):
        pass


async def typed(port: int, text: bytes, *first: str) -> None:
    """Type `text` again and again, and read what comes."""
    process = await shell(port, *first)
    reader = asyncio.create_task(drain(process))
    try:
        while True:
            process.stdin.write(text)
            await process.stdin.drain()
            await asyncio.sleep(0)
    finally:
        reader.cancel()


async def pings(ports: Ports) -> None:
    """Four pings without an end or a pause."""
    line = "ping 10.99.99.99 repeat 2147483647 timeout 0"
    ends = [await shell(ports[VICTIM], line) for _ in range(4)]
    await asyncio.gather(*map(drain, ends))


async def own_pings(ports: Ports) -> None:
    """The same to an address of the device itself, which answers at once."""
    line = "ping 127.0.0.1 repeat 2147483647 timeout 0"
    ends = [await shell(ports[VICTIM], line) for _ in range(4)]
    await asyncio.gather(*map(drain, ends))


async def long_lines(ports: Ports) -> None:
    """Lines of 16 KB without an end."""
    await typed(ports[VICTIM], b"x" * 16384)


async def editing(ports: Ports) -> None:
    """Keys that redraw the line."""
    await typed(ports[VICTIM], b"\x12\x01\x05\x14" * 1024, "show running-config | include a long line")


async def helps(ports: Ports) -> None:
    """Question marks and Tabs."""
    await typed(ports[VICTIM], b"show ?\tip ?\x15" * 200)


async def pastes(ports: Ports) -> None:
    """A hundred thousand commands at once."""
    await typed(ports[VICTIM], b"show ip interface brief\r" * 100_000)


async def interfaces(ports: Ports) -> None:
    """Ten thousand loopbacks, and the listings of them."""
    lines = "".join(
        f"interface Loopback{n}\rip address 10.{n // 250}.{n % 250}.1 255.255.255.255\r"
        for n in range(10_000)
    )
    shows = "end\rshow running-config\rshow running-config | include xyzzy\rwrite memory\rshow ip route\r"
    process = await shell(ports[VICTIM], "configure terminal")
    reader = asyncio.create_task(drain(process))
    process.stdin.write((lines + shows).encode())
    while True:
        process.stdin.write(shows.encode())
        await process.stdin.drain()
        await asyncio.sleep(0.5)
    reader.cancel()


async def keys(ports: Ports) -> None:
    """RSA keys of 4,096 bits, one after the other."""
    line = b"crypto key generate rsa label K modulus 4096\r"
    process = await shell(ports[VICTIM], "configure terminal")
    process.stdin.write(line * 20)
    await drain(process)


async def scripts(ports: Ports) -> None:
    """Loops within loops."""
    loop = b"foreach a {1 2 3 4 5 6 7 8 9} {foreach b {1 2 3 4 5 6 7 8 9} {foreach c {1 2 3 4 5 6 7 8 9} {set d $c}}}\r"
    await typed(ports[VICTIM], loop * 20, "tclsh")


async def huge_terminals(ports: Ports) -> None:
    """Terminals of a thousand million lines, and of none."""
    while True:
        for device in (SNIFFER, VICTIM):
            for size in ((10**9, 10**9), (0, 0)):
                connection = await connected(ports[device])
                with contextlib.suppress(asyncssh.Error):
                    process = await connection.create_process(
                        term_type="xterm", term_size=size, encoding=None
                    )
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(process.stdout.read(100), 2)
                connection.abort()
                await connection.wait_closed()


async def windows(ports: Ports) -> None:
    """Windows that change their size all the time, of a device and of a sniffer's view."""
    ends = []
    for device in (SNIFFER, VICTIM):
        connection = await connected(ports[device])
        ends.append(await connection.create_process(term_type="xterm", encoding=None))
    readers = [asyncio.create_task(drain(process)) for process in ends]
    number = 0
    while not any(reader.done() for reader in readers):
        for process in ends:
            for _ in range(50):
                number += 1
                process.channel.change_terminal_size(60 + number % 100, 20 + number % 40)
        await asyncio.sleep(0.001)


async def view_keys(ports: Ports) -> None:
    """Keys for a sniffer's view, as fast as they go."""
    process = await (await connected(ports[SNIFFER])).create_process(term_type="xterm", encoding=None)
    reader = asyncio.create_task(drain(process))
    while not reader.done():
        process.stdin.write(b"\x1b[B\x1b[A?/ip\r" * 1000)
        await process.stdin.drain()
        await asyncio.sleep(0)


async def expressions(ports: Ports) -> None:
    """Regular expressions that take for ever where they are tried by going back."""
    lines = b"show tech-support | include (a*)*b(.*.*)*c\rshow tech-support | exclude ((((.*)*)*)*)*x$\r"
    await typed(ports[VICTIM], lines * 10)


async def shows(ports: Ports) -> None:
    """Everything there is to show, on all lines."""
    line = b"show tech-support\r" * 100
    await asyncio.gather(*(typed(ports[VICTIM], line) for _ in range(4)))


def stop_reading(process: asyncssh.SSHClientProcess[bytes]) -> None:
    """Leave what comes in the socket."""
    transport = process.channel.get_connection()._transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()


async def stalled(ports: Ports) -> None:
    """Commands whose output nobody reads: not from the channel, and not from the socket either."""
    ends = []
    for _ in range(2):
        process = await shell(ports[VICTIM], *["show tech-support"] * 500)
        process.channel.pause_reading()
        ends.append(process)
    for _ in range(2):
        process = await shell(ports[VICTIM], *["show tech-support"] * 500)
        stop_reading(process)
        ends.append(process)
    await asyncio.sleep(3600)


async def stalled_debug(ports: Ports) -> None:
    """Debug output that nobody reads, and pings that make it."""
    watcher = await shell(ports[VICTIM], "terminal monitor", "debug ip packet", "debug ip icmp")
    await asyncio.sleep(0.5)
    stop_reading(watcher)
    await asyncio.gather(pings(ports), asyncio.sleep(3600))


async def executions(ports: Ports) -> None:
    """Commands on channels of their own, as fast as they are opened."""

    async def one(connection: asyncssh.SSHClientConnection) -> None:
        while True:
            with contextlib.suppress(asyncssh.Error):
                await connection.run("show tech-support", encoding=None)
            await asyncio.sleep(0)

    connection = await connected(ports[VICTIM])
    await asyncio.gather(*(one(connection) for _ in range(10)))


async def transfers(ports: Ports) -> None:
    """SFTP: files written, listed and looked at without a pause."""
    process = await shell(ports[VICTIM], "configure terminal", "ip scp server enable", "end")
    await asyncio.sleep(0.5)
    process.close()

    async def one(number: int) -> None:
        client = await (await connected(ports[VICTIM])).start_sftp_client()
        data = os.urandom(1 << 20)
        while True:
            with contextlib.suppress(asyncssh.SFTPError):
                async with client.open(f"flash:/f{number}", "wb") as file:
                    for _ in range(4):
                        await file.write(data)
            await asyncio.gather(*(client.listdir("flash:/") for _ in range(100)))
            await asyncio.gather(*(client.stat("flash:/f0") for _ in range(100)))

    await asyncio.gather(*(one(number) for number in range(3)))


async def replacements(ports: Ports) -> None:
    """A large configuration that replaces the running one, and back."""
    process = await shell(
        ports[VICTIM], "copy running-config flash:small", "", "configure terminal",
        *(f"interface Loopback{n}" for n in range(3000)), "end", "copy running-config flash:large", "",
    )  # fmt: skip
    process.stdin.write(b"configure replace flash:small force\rconfigure replace flash:large force\r" * 50)
    await drain(process)


async def requests(ports: Ports) -> None:
    """Requests of a channel that do nothing, in the smallest packets."""
    process = await shell(ports[VICTIM])
    connection = process.channel.get_connection()
    channel = process.channel._send_chan
    assert channel is not None
    while True:
        for _ in range(500):
            connection.send_packet(MSG_CHANNEL_REQUEST, UInt32(channel), String("x@y"), Boolean(True))
        await asyncio.sleep(0)


async def console(ports: Ports) -> None:
    """The lab's console: tables, and time that is to jump."""
    await typed(ports[""], b"nodes\rlinks\radvance 1h\r" * 100)


async def strangers(ports: Ports) -> None:
    """Connections that say nothing, or nothing that makes sense."""
    loop = asyncio.get_running_loop()
    while True:
        with contextlib.suppress(OSError):
            sock = socket.socket()
            sock.setblocking(False)
            await loop.sock_connect(sock, ("127.0.0.1", ports[VICTIM]))
            await loop.sock_sendall(sock, b"SSH-2.0-x\r\n" + struct.pack(">I", 30000) + os.urandom(30000))
            sock.close()
        await asyncio.sleep(0.001)


FLOODS: dict[str, Flood] = {
    "pings": pings, "own-pings": own_pings, "long-lines": long_lines, "editing": editing, "helps": helps,
    "pastes": pastes, "interfaces": interfaces, "keys": keys, "scripts": scripts, "terminals": huge_terminals,
    "windows": windows, "view-keys": view_keys, "expressions": expressions, "shows": shows, "stalled": stalled,
    "stalled-debug": stalled_debug, "executions": executions, "transfers": transfers,
    "replacements": replacements, "requests": requests, "console": console, "strangers": strangers,
}  # fmt: skip
