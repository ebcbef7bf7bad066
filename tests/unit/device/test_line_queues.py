"""What an interface does without policies, in lab time: conversations, rate limits, hold queues and rings."""

from __future__ import annotations

import pytest
from session import run
from streams import Traffic, wire

SLOW = "interface FastEthernet0/0\nspeed 10\n"
"""The line to the far router: 10 Mb/s."""
WHOLE = 10e6 * 1000 / (1000 + 38)
"""Bits of packets of 1000 octets that pass it in a second."""


@pytest.mark.parametrize("image", ["15.1", "12.4"])
def test_conversations_share_the_line(image: str) -> None:
    traffic = Traffic(image)
    traffic.configure(SLOW + "fair-queue\nend")
    for port, bits, dscp in ((5001, 12e6, 0), (5002, 9e6, 0), (5003, 1e6, 0), (5004, 9e6, 8)):
        traffic.stream(port, bits, 1.9, dscp=dscp)
    got = traffic.measure(1.5, warm=0.3)
    # who wants less than its share has all it wants, and precedence 1 weighs twice
    assert got[5003] == pytest.approx(1e6, rel=0.02)
    assert sum(got.values()) == pytest.approx(WHOLE, rel=0.02)
    for port, parts in ((5001, 1), (5002, 1), (5004, 2)):
        assert got[port] == pytest.approx((WHOLE - 1e6) * parts / 4, rel=0.02)


def test_a_conversation_has_no_more_waiting_than_the_threshold() -> None:
    traffic = Traffic("12.4")
    traffic.configure(SLOW + "fair-queue 16 32 0\nend")
    traffic.stream(5001, 50e6, 0.1)
    traffic.network.run(0.05)
    told = run(traffic.network, traffic.network.a, "show queue FastEthernet0/0")
    assert "  Queueing strategy: weighted fair" in told
    assert "(depth/weight/total drops/no-buffer drops/interleaves) 16/32384/" in told
    assert "linktype: ip, length: 1014" in told
    assert "prot: 17, source port 4000, destination port 5001" in told
    assert "Conversations  1/1/32 (active/max active/max total)" in told
    traffic.network.run(1.0)
    counters = traffic.network.a.interfaces["FastEthernet0/0"].counters
    assert len(traffic.delays[5001]) + counters.out_drops == 625


def test_who_has_priority_does_not_overtake_what_the_ring_has() -> None:
    waits = []
    for ring in (1, 8):
        traffic = Traffic("12.4")
        traffic.configure(
            SLOW
            + f"tx-ring-limit {ring}\nexit\nclass-map VOICE\nmatch ip dscp ef\n"
            + "policy-map P\nclass VOICE\npriority 500\n"
            + "interface FastEthernet0/0\nservice-policy output P\nend"
        )
        traffic.stream(5002, 12e6, 1.0)
        traffic.stream(5001, 1e5, 1.0, size=100, dscp=46)
        traffic.network.run(1.5)
        waits.append(max(traffic.delays[5001]))
    assert waits[0] < 0.002  # behind one frame of 0.83 ms
    assert 0.006 < waits[1] < 0.009  # behind eight


@pytest.mark.parametrize("direction", ["input", "output"])
def test_a_rate_limit_lets_its_rate_pass(direction: str) -> None:
    traffic = Traffic()
    port = "FastEthernet0/1" if direction == "input" else "FastEthernet0/0"
    traffic.configure(
        f"interface {port}\nrate-limit {direction} 1000000 8000 16000 conform-action transmit exceed-action drop\nend"
    )
    traffic.stream(5001, 2e6, 7.0, size=500)
    assert wire(traffic.measure(5.0, warm=1.0)[5001], 500) == pytest.approx(1e6, rel=0.02)
    told = run(traffic.network, traffic.network.a, "show interfaces rate-limit")
    assert f"  {direction.capitalize()}\n    matches: all traffic" in told.replace("\r", "")
    assert "params:  1000000 bps, 8000 limit, 16000 extended limit" in told
    assert "exceeded 0 packets" not in told


def test_rate_limits_are_looked_at_in_their_order() -> None:
    traffic = Traffic()
    traffic.configure(
        """
        access-list 101 permit udp any any eq 5003
        interface FastEthernet0/1
        rate-limit input access-group 101 1000000 8000 8000 conform-action set-prec-continue 3 exceed-action drop
        rate-limit input 4000000 16000 16000 conform-action transmit exceed-action set-dscp-transmit 8
        end
        """
    )
    traffic.stream(5003, 2e6, 3.5, size=500)
    traffic.stream(5004, 5e6, 3.5, size=500)
    traffic.network.run(1.0)
    traffic.tos.clear()
    got = traffic.measure(2.0, warm=0.0)
    assert wire(got[5003], 500) == pytest.approx(1e6, rel=0.02)
    assert got[5004] == pytest.approx(5e6, rel=0.02)
    marked = wire(traffic.tos[8 << 2] * 500 * 8 / 2.0, 500)
    assert marked == pytest.approx(wire(got[5004], 500) + 1e6 - 4e6, rel=0.03)
    assert set(traffic.tos) <= {0, 3 << 5, 8 << 2}


def test_a_hold_queue_is_the_room_of_the_line() -> None:
    traffic = Traffic("12.4")
    traffic.configure(SLOW + "hold-queue 10 out\nend")
    traffic.stream(5001, 50e6, 0.01)
    traffic.network.run(1.0)
    told = run(traffic.network, traffic.network.a, "show interfaces FastEthernet0/0")
    assert "Output queue: 0/10 (size/max)" in told
    few = len(traffic.delays[5001])
    traffic.configure("interface FastEthernet0/0\nno hold-queue 10 out\nend")
    traffic.delays.clear()
    traffic.stream(5001, 50e6, 0.01)
    traffic.network.run(1.0)
    assert 11 <= few < len(traffic.delays[5001])


LISTS = SLOW.replace("\nspeed", "\n{}\nspeed") + "end"


def test_a_priority_list_sends_the_higher_queue_first() -> None:
    traffic = Traffic("12.4")
    traffic.configure(
        "access-list 101 permit udp any any eq 5003\npriority-list 1 protocol ip high udp 5001\n"
        "priority-list 1 protocol ip low list 101\npriority-list 1 queue-limit 20 40 10 10\n"
        + LISTS.format("priority-group 1")
    )
    traffic.stream(5001, 4e6, 1.9)
    traffic.stream(5002, 20e6, 1.9)
    traffic.stream(5003, 1e6, 1.9)
    got = traffic.measure(1.5, warm=0.3)
    assert got[5001] == pytest.approx(4e6, rel=0.02)
    assert got[5002] == pytest.approx(WHOLE - 4e6, rel=0.02)
    assert not traffic.delays.get(5003)  # the low one has no turn while others wait
    told = run(traffic.network, traffic.network.a, "show interfaces FastEthernet0/0")
    assert "Queueing strategy: priority-list 1" in told
    assert "high: 0/20/0, medium: 0/40/0, normal: " in told
    counters = traffic.network.a.interfaces["FastEthernet0/0"].counters
    assert counters.out_drops > 1000


def test_custom_queues_take_turns_by_octets() -> None:
    traffic = Traffic("15.1")
    traffic.configure(
        "queue-list 3 protocol ip 1 udp 5001\nqueue-list 3 protocol ip 2 gt 600\nqueue-list 3 default 3\n"
        "queue-list 3 queue 1 byte-count 3000\nqueue-list 3 queue 3 byte-count 4500 limit 40\n"
        + LISTS.format("custom-queue-list 3")
    )
    traffic.stream(5001, 12e6, 1.9)
    traffic.stream(5002, 12e6, 1.9)
    traffic.stream(5003, 12e6, 1.9, size=500)
    got = traffic.measure(1.5, warm=0.3)
    octets = {5001: wire(got[5001], 1000), 5002: wire(got[5002], 1000), 5003: wire(got[5003], 500)}
    shares = {port: each / sum(octets.values()) for port, each in octets.items()}
    for port, parts in ((5001, 3000), (5002, 1500), (5003, 4500)):
        assert shares[port] == pytest.approx(parts / 9000, rel=0.02)


def test_a_list_that_changes_takes_over_what_waits() -> None:
    traffic = Traffic("12.4")
    traffic.configure("queue-list 1 protocol ip 4\n" + LISTS.format("custom-queue-list 1"))
    traffic.stream(5001, 100e6, 0.001)
    traffic.network.run(0.0005)
    traffic.configure("queue-list 1 queue 4 limit 50\nend")
    traffic.configure("interface FastEthernet0/0\nno custom-queue-list\nend")
    traffic.network.run(1.0)
    assert len(traffic.delays[5001]) == 13  # all that was sent
