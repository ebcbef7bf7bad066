"""Cables that harm frames, taps that record them, mirrors that copy them."""

from __future__ import annotations

import io
import random

import pytest

from iosemu.net.capture import OVERHEAD, Recorder
from iosemu.net.impairment import Impairment
from iosemu.net.link import Direction, Link, Port
from iosemu.net.neighbors import NeighborTable
from iosemu.net.scheduler import Scheduler
from iosemu.net.span import Mirror, SpanDestination, SpanDirection, SpanSession
from iosemu.packets.cdp import CdpPacket
from iosemu.packets.pcapng import PcapngPacket, read_pcapng

FRAME = bytes(60)


def wire(
    impairment: Impairment | None = None,
) -> tuple[Scheduler, Port, Port, Link, list[tuple[float, bytes]]]:
    scheduler = Scheduler()
    a, b = Port("a"), Port("b")
    link = Link(scheduler, a, b, impairment=impairment, rng=random.Random(1))
    got: list[tuple[float, bytes]] = []
    b.receiver = lambda frame: got.append((scheduler.now, frame))
    a.enabled = b.enabled = True
    return scheduler, a, b, link, got


@pytest.mark.parametrize(
    ("impairment", "low", "high"),
    [
        (Impairment(), 1000, 1000),
        (Impairment(loss=0.1), 850, 950),
        (Impairment(duplicate=0.1), 1050, 1150),
        (Impairment(corrupt=0.1), 850, 950),
        (Impairment(mtu=40), 0, 0),
    ],
)
def test_how_many_arrive(impairment, low, high):
    scheduler, a, b, link, got = wire(impairment)
    for _ in range(1000):
        a.send(FRAME)
    scheduler.run_until(1.0)
    assert low <= len(got) <= high
    assert b.crc_errors == link.counters.corrupted


def test_rate_spaces_frames():
    scheduler, a, _, _, got = wire(Impairment(delay=1.0, rate=480.0))
    a.send(FRAME)
    a.send(FRAME)
    scheduler.run_until(9.0)
    assert [when for when, _ in got] == [2.0, 3.0]


@pytest.mark.parametrize(("reorder", "ordered"), [(0.0, True), (0.3, False)])
def test_order(reorder, ordered):
    scheduler, a, _, _, got = wire(Impairment(delay=0.5, jitter=0.4, reorder=reorder))
    frames = [bytes([number]) * 60 for number in range(100)]
    for frame in frames:
        a.send(frame)
        scheduler.run_until(scheduler.now + 0.01)
    scheduler.run_until(9.0)
    assert ([frame for _, frame in got] == frames) is ordered


def test_an_unplugged_cable_loses_what_is_on_it():
    scheduler, a, b, link, got = wire()
    a.send(FRAME)
    link.plugged = False
    scheduler.run_until(1.0)
    assert got == []
    assert not b.carrier


@pytest.mark.parametrize(
    "wrong", [{"loss": 1.5}, {"delay": -1.0}, {"rate": 0.0}, {"delay": 0.0, "jitter": 1.0}]
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(ValueError, match=r".+"):
        Impairment(**wrong)


def test_recorder_writes_what_it_saw():
    scheduler, a, b, _, _ = wire()
    recorder = Recorder(lambda: scheduler.now, limit=3)
    recorder.attach(a, "R-A:Fa0/0")
    for _ in range(5):
        a.send(FRAME)
    b.send(FRAME)
    scheduler.run_until(1.0)
    assert (len(recorder), recorder.received, recorder.dropped) == (3, 6, 3)
    assert [frame.direction for frame in recorder] == [Direction.OUT, Direction.OUT, Direction.IN]
    stream = io.BytesIO()
    recorder.write(stream, origin=10**18)
    packets = [record for record in read_pcapng(stream.getvalue()) if isinstance(record, PcapngPacket)]
    assert packets[-1].time == 10**18 + 5000
    recorder.detach()
    a.send(FRAME)
    assert recorder.received == 6


def test_a_recorder_keeps_what_is_young_and_fits_but_always_the_newest():
    scheduler, a, *_ = wire()
    recorder = Recorder(lambda: scheduler.now, seconds=60.0, octets=10_000, least=3)
    recorder.attach(a)
    for second in range(100):
        scheduler.run_until(float(second))
        a.send(FRAME)
    times = [frame.time for frame in recorder]
    assert times[0] >= scheduler.now - 60.0
    assert recorder.size <= 10_000
    assert len(recorder) == recorder.size // (len(FRAME) + OVERHEAD)
    assert [frame.number for frame in recorder] == list(range(101 - len(recorder), 101))
    found = recorder.around(90.0, 2, 5)
    assert [round(frame.time) for frame in found] == [88, 89, 90, 91, 92]
    assert recorder.around(0.0, 2, 1)[0].time == times[0]
    assert [round(frame.time) for frame in recorder.around(1e9, 2, 9)] == [98, 99]
    assert recorder.span() == (times[0], times[-1])
    scheduler.run_until(500.0)
    a.send(FRAME)
    assert [round(frame.time) for frame in recorder] == [98, 99, 500]


def test_mirror():
    to = (SpanDestination("24"),)
    mirror = Mirror(
        [
            SpanSession(1, {"1": SpanDirection.BOTH, "2": SpanDirection.RX}, destinations=to),
            SpanSession(2, vlans={10: SpanDirection.RX}, destinations=(SpanDestination("23"),)),
        ]
    )
    assert mirror.destinations("1", 1, Direction.OUT) == to
    assert mirror.destinations("2", 1, Direction.OUT) == ()
    assert [d.port for d in mirror.destinations("2", 10, Direction.IN)] == ["24", "23"]
    assert mirror.is_destination("24")


def test_neighbors_are_forgotten():
    table: NeighborTable[CdpPacket] = NeighborTable()
    assert table.hear("Fa0/1", CdpPacket("R1", "Fa0/0", ttl=180), 0.0)
    assert not table.hear("Fa0/1", CdpPacket("R1", "Fa0/0", ttl=180), 60.0)
    assert [neighbor.holdtime(100.0) for neighbor in table.neighbors(100.0)] == [140]
    assert list(table.neighbors(240.0)) == []
