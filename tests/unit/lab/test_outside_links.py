from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.packets.arp import ArpPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.server.pace import Pace


def free_ports() -> tuple[int, int]:
    with socket.socket(type=socket.SOCK_DGRAM) as a, socket.socket(type=socket.SOCK_DGRAM) as b:
        a.bind(("127.0.0.1", 0))
        b.bind(("127.0.0.1", 0))
        return a.getsockname()[1], b.getsockname()[1]


def lab_file(directory: Path, name: str, address: str, *ends: str) -> Path:
    links = "".join(f'  - endpoints: ["{name}:Fa0", "{end}"]\n' for end in ends)
    (directory / f"{name}.cfg").write_text(f"ipconfig {address} 255.255.255.0\n")
    path = directory / f"{name}.yaml"
    path.write_text(f"name: {name}\nnodes:\n  {name}: {{model: pc, config: {name}.cfg}}\nlinks:\n{links}")
    return path


def udp(to: int, own: int) -> str:
    return f"udp:127.0.0.1:{to}?listen=127.0.0.1:{own}"


async def test_two_labs_joined_by_a_cable_are_one_network(tmp_path: Path) -> None:
    here, there = free_ports()
    one = Lab.load(lab_file(tmp_path, "PC1", "10.0.0.1", udp(there, here)), time=Pace.REAL)
    two = Lab.load(lab_file(tmp_path, "PC2", "10.0.0.2", udp(here, there)), time=Pace.FAST)
    assert two.clock.pace is Pace.REAL, "who is outside lives by the wall clock"
    one.boot()
    two.boot()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(serve(one, base_port=0))
        await stack.enter_async_context(serve(two, base_port=0))
        session = one.session("PC1")
        assert session is not None
        session.start()
        one.clock.watch(session)
        session.receive(b"ping 10.0.0.2\r")
        async with asyncio.timeout(30):
            assert await one.clock.run_until(lambda: not session.waiting)
        assert "Received = 4" in session.output().decode() or "Received = 3" in session.output().decode()
        assert one.outsides[0].received >= 3


async def test_a_box_says_who_it_is_when_the_cable_is_plugged_in(tmp_path: Path) -> None:
    here, there = free_ports()
    lab = Lab.load(lab_file(tmp_path, "PC1", "10.0.0.1", udp(there, here)), time=Pace.REAL)
    lab.boot()
    loop = asyncio.get_running_loop()
    with socket.socket(type=socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", there))
        far.setblocking(False)
        async with serve(lab, base_port=0):
            async with asyncio.timeout(30):
                frame = EthernetFrame.parse(await loop.sock_recv(far, 2000))
    announced = ArpPacket.parse(frame.payload)
    assert frame.ethertype == EtherType.ARP
    assert str(announced.sender_ip) == str(announced.target_ip) == "10.0.0.1"


def test_ends_are_checked_where_they_stand(tmp_path: Path) -> None:
    path = lab_file(tmp_path, "PC1", "10.0.0.1", "udp:127.0.0.1:1")
    with pytest.raises(LabError, match=r"PC1.yaml:5: links\[0\].endpoints\[1\]: 'udp:127.0.0.1:1' is not"):
        Lab.load(path)
    path.write_text(path.read_text().replace("PC1:Fa0", "tap:x").replace("udp:127.0.0.1:1", "tap:y"))
    with pytest.raises(LabError, match="one end must be a port of the lab"):
        Lab.load(path)
    path.write_text(
        "name: l\nnodes: {A: {model: pc}, B: {model: pc}}\n"
        'links:\n  - endpoints: ["A:Fa0", "tap:x"]\n  - endpoints: ["B:Fa0", "tap:x"]\n'
    )
    with pytest.raises(LabError, match=r"links\[1\].endpoints\[1\]: tap:x already has a cable"):
        Lab.load(path)


async def test_a_socket_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        lab = Lab.load(lab_file(tmp_path, "PC1", "10.0.0.1", udp(9, taken)))
        lab.boot()
        with pytest.raises(LabError, match="Address already in use"):
            async with serve(lab, base_port=0):
                pass
