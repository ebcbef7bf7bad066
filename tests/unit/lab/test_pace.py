"""Echoes take lab time, and what cannot be computed slows the traffic, not the clock."""

from __future__ import annotations

import re
from functools import partial

import pytest

from iosemu.lab.lab import Lab
from iosemu.net.link import QUEUE, Link, Port
from iosemu.net.scheduler import Scheduler
from iosemu.packets.icmp import redirect
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.server.clock import BEHIND, LabClock
from iosemu.server.pace import Pace
from iosemu.shell.session import Session

TWO = """
name: two
nodes:
  PC: {model: pc}
  R-A: {model: c2811}
  SW: {model: catalyst-2950-24}
  R-B: {model: c2811}
links: [{ends: [R-A:Fa0/0, SW:Fa0/1]}, {ends: [SW:Fa0/2, R-B:Fa0/0]}, {ends: [PC:Fa0, SW:Fa0/3]}]
"""


@pytest.fixture(scope="module")
def lab() -> Lab:
    made = Lab.load("ipsec-vpn", seed=3)
    made.boot()
    return made


def session(lab: Lab, name: str) -> Session:
    made = lab.session(name)
    assert made is not None
    made.start()
    lab.clock.watch(made)
    return made


def typed(lab: Lab, name: str, *lines: str, seconds: float = 60.0) -> str:
    made = session(lab, name)
    for line in lines:
        made.receive(line.encode() + b"\r")
        lab.run_until(lambda: not made.waiting, seconds)
    lab.clock.unwatch(made)
    output = made.output().decode()
    made.disconnect()
    return output


def test_an_echo_takes_lab_time_and_less_than_a_millisecond_to_the_next_router(lab: Lab) -> None:
    before = lab.scheduler.now
    output = typed(lab, "R-A", "ping 10.0.10.20 repeat 1000")
    assert "Success rate is 100 percent (1000/1000)" in output
    took = lab.scheduler.now - before
    assert 0.2 < took < 1.0
    assert "time<1ms" in typed(lab, "PC-A", "ping 192.168.1.254")


def test_a_ping_that_waits_for_nothing_takes_lab_time_all_the_same(lab: Lab) -> None:
    made = session(lab, "R-A")
    made.receive(b"terminal length 0\rping 10.0.10.99 repeat 2147483647 timeout 0\r")
    lab.advance(1.0)
    assert 1000 < made.output().count(b".") < 5100
    made.receive(b"\x1e")
    lab.advance(0.1)
    assert not made.waiting
    lab.clock.unwatch(made)
    made.disconnect()


def test_so_does_one_to_an_own_address(lab: Lab) -> None:
    before = lab.scheduler.now
    assert "(1000/1000)" in typed(lab, "R-A", "ping 10.0.10.10 repeat 1000")
    assert lab.scheduler.now - before >= 0.199


def test_a_slow_cable_is_seen_in_the_round_trip() -> None:
    lab = Lab.load("ipsec-vpn", seed=3)
    lab.boot()
    lab.link("R-B:Fa0/0").impair(rate=64_000.0, delay=0.010)
    output = typed(lab, "R-A", "ping 10.0.10.20 repeat 5 size 1000", "ping 10.0.10.20 repeat 5 size 1000")
    found = re.findall(r"min/avg/max = (\d+)/", output)
    least = 2 * (1014 * 8 / 64_000 + 0.010) * 1000
    assert int(least) <= int(found[-1]) <= least + 3


def test_a_redirect_is_no_answer(lab: Lab) -> None:
    """A router that redirects a packet forwards it, too: the echo is answered by whom it was for."""
    device, far = lab["R-A"], lab["R-B"]
    port = device.ports["FastEthernet0/0"]
    receiver = port.receiver

    def redirected(frame: bytes) -> None:
        if (
            frame[12:14] == b"\x08\x00" and frame[23] == 1 and frame[34] == 0
        ):  # an echo reply: a redirect before it
            packet = IPv4Packet.parse(frame[14:])
            echo = IPv4Packet(packet.destination, packet.source, 1, b"\x08\0\0\0" + packet.payload[4:], 255)
            message = redirect(echo.to_bytes(), packet.source)
            told = IPv4Packet(packet.source, packet.destination, 1, message.to_bytes(), 255)
            receiver(frame[:14] + told.to_bytes())
        receiver(frame)

    assert far.powered
    port.receiver = redirected
    try:
        assert "!!!!!" in typed(lab, "R-A", "ping 10.0.10.20")
    finally:
        port.receiver = receiver


def test_a_port_sends_at_its_rate_and_drops_what_finds_its_queue_full() -> None:
    scheduler, a, b = Scheduler(), Port("a:0"), Port("b:0")
    arrived: list[float] = []
    b.receiver = lambda _frame: arrived.append(scheduler.now)
    dropped: list[None] = []
    a.out_dropped = lambda: dropped.append(None)
    a.rate = 1e6
    a.enabled = b.enabled = True
    Link(scheduler, a, b, 0.0)
    for _ in range(40):
        a.send(bytes(101))
    scheduler.run_until(1.0)
    assert arrived == pytest.approx([0.001 * (number + 1) for number in range(len(arrived))])
    assert len(arrived) == pytest.approx(QUEUE / 0.001, abs=2)
    assert len(arrived) + len(dropped) == 40


def test_a_port_has_the_rate_of_its_interface() -> None:
    lab = Lab.load("ipsec-vpn", seed=3)
    lab.boot()
    assert lab["R-A"].ports["FastEthernet0/0"].rate == 100e6


class Wall:
    """A wall clock on which each look takes some time."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 100.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def load(scheduler: Scheduler, link: Link, done: list[float]) -> None:
    """Frames that go to and fro for ever, each as soon as the last one came."""
    a, b = link.ends

    def back(port: Port, frame: bytes) -> None:
        done.append(scheduler.now)
        port.send(frame)

    a.receiver, b.receiver = partial(back, a), partial(back, b)
    a.send(bytes(60))


def test_a_load_that_cannot_be_computed_slows_the_traffic_and_not_the_clock() -> None:
    scheduler, wall = Scheduler(), Wall(0.0005)  # an event costs half a millisecond of wall time
    clock = LabClock(scheduler, Pace.REAL, wall)
    told: list[float] = []
    clock.overloaded = lambda: told.append(scheduler.now)
    a, b = Port("a:0", 50e-6), Port("b:0", 50e-6)
    a.enabled = b.enabled = True
    done: list[float] = []
    load(scheduler, Link(scheduler, a, b), done)
    hellos: list[float] = []

    def hello() -> None:
        hellos.append(scheduler.now)
        scheduler.after(1.0, hello)

    hello()
    begun, zero = wall.now, scheduler.now
    while wall.now < begun + 20.0:
        assert clock.turn() == 0.0
    assert scheduler.now - zero == pytest.approx(wall.now - begun, abs=0.1)
    assert len(told) == 1
    assert clock.overloads == 1
    assert 1_000 < len(done) < 100_000
    assert len(hellos) in (20, 21)


def test_a_storm_that_cannot_be_computed_is_dropped() -> None:
    scheduler, wall = Scheduler(), Wall(0.0001)
    clock = LabClock(scheduler, Pace.REAL, wall)
    a, b = Port("a:0"), Port("b:0")
    a.enabled = b.enabled = True
    Link(scheduler, a, b)
    came: list[float] = []
    dropped: list[float] = []

    def multiply(port: Port, frame: bytes) -> None:
        came.append(scheduler.now)
        for _ in range(2):
            port.send(frame)

    for port in (a, b):
        port.receiver, port.in_dropped = partial(multiply, port), lambda: dropped.append(scheduler.now)
    a.send(bytes(60))
    begun, zero = wall.now, scheduler.now
    while wall.now < begun + 5.0:
        clock.turn()
    assert scheduler.now - zero == pytest.approx(wall.now - begun, abs=0.1)
    assert came
    assert dropped
    assert len(scheduler._queue) < 5000


def test_after_a_stall_everything_comes_in_its_order_and_time() -> None:
    scheduler, wall = Scheduler(), Wall(0.0)
    clock = LabClock(scheduler, Pace.REAL, wall)
    ran: list[float] = []

    def hello() -> None:
        ran.append(scheduler.now)
        wall.now += 0.002  # it costs something
        scheduler.after(1.0, hello)

    scheduler.after(1.0, hello)
    clock.turn()
    wall.now += 30.0
    while clock.turn() == 0.0:
        pass
    assert ran == pytest.approx([float(second) for second in range(1, len(ran) + 1)])
    assert len(ran) == 30
    assert not clock.overloads
    assert BEHIND < 1.0
