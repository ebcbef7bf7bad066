from __future__ import annotations

import asyncio
import os
import socket

import pytest

from iosemu.net.link import Link, Port
from iosemu.net.scheduler import Scheduler
from iosemu.server.clock import LabClock
from iosemu.server.outside import OutsideError, TapEnd, UdpEnd, create, is_outside, parse
from iosemu.server.pace import Pace

FRAME = bytes(range(64))


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_ends_are_read_and_written() -> None:
    text = "udp:127.0.0.1:20000?listen=127.0.0.1:20001"
    assert parse(text) == UdpEnd("127.0.0.1", 20000, "127.0.0.1", 20001)
    assert str(parse(text)) == text
    assert parse("udp:10.1.1.1:7?listen=8") == UdpEnd("10.1.1.1", 7, "127.0.0.1", 8)
    assert parse("tap:lab0") == TapEnd("lab0")
    assert is_outside("tap:")
    assert not is_outside("R-A:Fa0/0")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("udp:127.0.0.1:20000", "is not udp:HOST:PORT?listen=HOST:PORT"),
        ("udp:", "is not udp:HOST:PORT?listen=HOST:PORT"),
        ("udp:a:70000?listen=b:1", "from 1 to 65535"),
        ("udp:a:0?listen=b:1", "from 1 to 65535"),
        ("tap:", "tap:NAME"),
        ("tap:a-name-that-is-too-long", "at most 15 characters"),
    ],
)
def test_other_ends_are_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        parse(text)
    assert fault in str(caught.value)


async def test_frames_cross_as_datagrams() -> None:
    here, there = free_ports(2)
    scheduler = Scheduler()
    clock = LabClock(scheduler, Pace.MANUAL)
    inside, arrived = Port("R-A:Fa0/0"), []
    inside.enabled = True
    inside.receiver = arrived.append
    far = create(UdpEnd("127.0.0.1", there, "127.0.0.1", here))
    Link(scheduler, inside, far.port)
    inside.send(FRAME)
    scheduler.run_until(1)
    assert far.sent == 0, "nothing leaves before the cable is plugged in"

    far.attach(asyncio.get_running_loop(), clock)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", there))
        peer.settimeout(5)
        peer.connect(("127.0.0.1", here))
        inside.send(FRAME)
        scheduler.run_until(2)
        assert peer.recv(2000) == FRAME
        peer.send(b"short")
        peer.send(FRAME[::-1])
        while far.received == 0:
            await asyncio.sleep(0)
        scheduler.run_until(3)
        assert arrived == [FRAME[::-1]]
        assert far.dropped == 1
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(FRAME, ("127.0.0.1", here))
            peer.send(FRAME)
        while far.received == 1:
            await asyncio.sleep(0)
        assert far.pump() == 0
        assert far.received == 2, "only the peer is heard"
    far.detach()
    far.detach()
    inside.send(FRAME)
    scheduler.run_until(4)
    assert far.sent == 1


def test_nobody_at_the_other_end_is_no_fault() -> None:
    here, there = free_ports(2)
    far = create(UdpEnd("127.0.0.1", there, "127.0.0.1", here))
    far.open()
    far.port.receiver(FRAME)
    far.port.receiver(FRAME)
    far.pump()
    far.close()
    assert far.received == 0
    assert far.sent + far.dropped >= 2


def test_a_taken_port_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        with pytest.raises(
            OutsideError, match=f"listen=127.0.0.1:{taken}: Address already in use; stop what"
        ):
            create(UdpEnd("127.0.0.1", 9, "127.0.0.1", taken)).open()


def test_a_tap_that_may_not_be_made_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutsideError, match=r"tap:lab0: .*Operation not permitted; it needs Linux .*CAP_NET"):
        create(TapEnd("lab0")).open()


def test_time_does_not_jump_while_a_cable_leads_out() -> None:
    clock = LabClock(Scheduler(), Pace.REAL)
    clock.bound = True
    with pytest.raises(ValueError, match="cannot jump"):
        clock.pace = Pace.FAST
    clock.pace = Pace.REAL
