"""The output queues of a Catalyst's port, in lab time: shares, shapes, priority, limits, thresholds."""

from __future__ import annotations

from collections import Counter

import pytest
from marked import Marked, frame, packet
from switch_lab import configure, refused, show

from iosemu.net.marking import dscp_of
from iosemu.packets.ethernet import without_tag

SLOW = "mls qos\ninterface fa0/1\n mls qos trust dscp\ninterface fa0/2\n speed 10\n"
QUEUES = {46: 1, 8: 2, 18: 3, 34: 4}
"""DSCPs, and the queues that they usually go to."""
GAP = 24
"""Octets that a frame takes on the line besides its own."""


def used(marked: Marked, seconds: float, rate: float, *dscps: int, octets: int = 1000) -> dict[int, float]:
    """Bits per second of the line of Fa0/2 (10 Mbit/s) that each queue had, while so much came in for each of them.

    What came in during the first tenth of the time is not counted.
    """
    sent = {dscp: frame(packet(dscp, octets=octets - 38), 0) for dscp in dscps or QUEUES}
    step = octets * 8 / rate
    start, counted = marked.bench.scheduler.now, Counter[int]()
    while (passed := marked.bench.scheduler.now - start) < seconds * 1.1:
        for each in sent.values():
            marked.put("Fa0/1", each)
        marked.bench.run(step)
        left = marked.left()
        if passed >= seconds * 0.1:
            for each in left:
                counted[QUEUES[dscp_of(without_tag(each))]] += (len(each) + GAP) * 8
    return {queue: counted[queue] / seconds for queue in QUEUES.values()}


def test_queues_share_a_line_by_their_weights() -> None:
    marked = Marked(SLOW + " srr-queue bandwidth shape 0 0 0 0\n srr-queue bandwidth share 10 10 60 20\n")
    found = used(marked, 3, 9_000_000)
    assert sum(found.values()) == pytest.approx(10_000_000, rel=0.02)
    for queue, part in ((1, 0.1), (2, 0.1), (3, 0.6), (4, 0.2)):
        assert found[queue] == pytest.approx(part * 10_000_000, rel=0.02)


def test_what_a_queue_leaves_the_others_have() -> None:
    marked = Marked(SLOW + " srr-queue bandwidth shape 0 0 0 0\n srr-queue bandwidth share 10 10 60 20\n")
    found = used(marked, 3, 9_000_000, 46, 34)
    assert found[1] == pytest.approx(10_000_000 / 3, rel=0.02)
    assert found[4] == pytest.approx(20_000_000 / 3, rel=0.02)


def test_a_shaped_queue_has_its_part_and_no_more() -> None:
    marked = Marked(SLOW + " srr-queue bandwidth shape 4 0 0 0\n")
    found = used(marked, 3, 9_000_000)
    assert found[1] == pytest.approx(2_500_000, rel=0.02)
    for queue in (2, 3, 4):
        assert found[queue] == pytest.approx(2_500_000, rel=0.02)
    assert used(marked, 3, 9_000_000, 46)[1] == pytest.approx(2_500_000, rel=0.02)


def test_the_first_queue_is_usually_shaped_to_a_25th() -> None:
    assert used(Marked(SLOW), 4, 9_000_000, 46)[1] == pytest.approx(400_000, rel=0.02)


def test_the_priority_queue_goes_first() -> None:
    marked = Marked(SLOW + " priority-queue out\n srr-queue bandwidth share 1 70 25 5\n")
    found = used(marked, 3, 4_000_000)
    assert found[1] == pytest.approx(4_000_000 * 1024 / 1000, rel=0.02)
    assert sum(found.values()) == pytest.approx(10_000_000, rel=0.02)


@pytest.mark.parametrize("percent", [20, 80])
def test_a_port_may_use_a_part_of_its_line(percent: int) -> None:
    marked = Marked(SLOW + f" srr-queue bandwidth limit {percent}\n")
    found = used(marked, 3, 9_000_000, 8, 18)
    assert sum(found.values()) == pytest.approx(100_000 * percent, rel=0.02)
    assert found[2] == pytest.approx(found[3], rel=0.02)


def burst(marked: Marked, dscp: int, count: int, octets: int = 1000) -> int:
    """Frames that leave of so many that come at once."""
    sent = frame(packet(dscp, octets=octets - 38), 0)
    for _ in range(count):
        marked.put("Fa0/1", sent)
    marked.bench.run(3)
    return len(marked.left())


def test_a_frame_is_dropped_at_its_threshold() -> None:
    """A queue has 50 buffers of 256 octets, of which a frame of 1000 takes four; one frame more is on the line."""
    marked = Marked(
        SLOW + "mls qos queue-set output 1 threshold 2 50 100 50 400\n"
        "mls qos srr-queue output dscp-map queue 2 threshold 2 10\n"
        "mls qos srr-queue output dscp-map queue 2 threshold 3 12\n"
    )
    fast = {8: 6 + 1, 10: 12 + 1, 12: 50 + 1}
    for dscp, most in fast.items():
        left = burst(marked, dscp, 100)
        assert most <= left <= most + 12  # while 100 come at ten times the rate, some leave
    counted = show(marked.switch, "show mls qos interface fa0/2 statistics")
    dropped = counted[counted.index("  output queues dropped: ") + 3 :][1].split()
    assert all(int(each) > 0 for each in dropped[2:])


def test_a_queue_set_divides_the_buffers() -> None:
    marked = Marked(SLOW + "mls qos queue-set output 2 buffers 10 70 10 10\n")
    before = burst(marked, 18, 100)
    configure(marked.switch, "interface fa0/2\n queue-set 2\n")
    assert burst(marked, 18, 100) < before
    assert burst(marked, 8, 100) > burst(marked, 18, 100)


def test_ports_that_trust_cos_queue_by_cos() -> None:
    marked = Marked(SLOW + "interface fa0/1\n mls qos trust cos\n")
    configure(marked.switch, "mls qos srr-queue output cos-map queue 1 threshold 3 3\n")
    marked.send("Fa0/1", frame(packet(0), 3))
    marked.send("Fa0/1", frame(packet(0), 2))
    counted = show(marked.switch, "show mls qos interface fa0/2 statistics")
    queues = counted[counted.index("  output queues enqueued: ") + 3 :]
    assert queues[0].split()[2:] == ["0", "0", "1"]
    assert queues[2].split()[2:] == ["1", "0", "0"]


def test_what_waits_goes_on_when_the_queues_are_others() -> None:
    marked = Marked(SLOW)
    sent = frame(packet(8, octets=1000), 0)
    for _ in range(10):
        marked.put("Fa0/1", sent)
    marked.bench.run(0.002)
    configure(marked.switch, "interface fa0/2\n srr-queue bandwidth share 10 10 60 20\n")
    marked.bench.run(0.002)
    configure(marked.switch, "no mls qos\n")
    marked.bench.run(1)
    assert len(marked.left()) == 10


def test_what_is_no_queueing() -> None:
    switch = Marked().switch
    assert "100" in refused(switch, "mls qos queue-set output 1 buffers 10 10 10 10")
    assert "100" in refused(switch, "mls qos srr-queue input buffers 50 40")
    assert "not supported" in refused(switch, "interface vlan 1\n priority-queue out\n")
    assert "% Invalid input" in refused(switch, "interface fa0/1\n srr-queue bandwidth share 0 10 10 10\n")
    assert "% Invalid input" in refused(switch, "mls qos srr-queue output cos-map queue 5 threshold 1 1")
