"""Meters, queues and schedulers, without any box."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.net.queueing.meter import Bucket, Color, Meter, Shaper
from iosemu.net.queueing.queues import FairQueue, Fifo, Item
from iosemu.net.queueing.red import Profile, Red
from iosemu.net.queueing.scheduler import Node, RoundRobin


@given(st.integers(8_000, 10_000_000), st.integers(1500, 50_000), st.integers(64, 1500))
def test_a_meter_lets_its_rate_and_one_burst_conform(rate: int, burst: int, octets: int) -> None:
    meter, passed, seconds = Meter(rate, burst), 0, 5.0
    step = octets * 8 / (rate * 3)
    count = min(int(seconds / step), 3000)
    for number in range(count):
        if meter.judge(number * step, octets) is Color.CONFORM:
            passed += octets
    most = min(burst + rate * (count - 1) * step / 8, count * octets)
    assert passed <= most + 1e-6
    assert passed > most - 4 * octets


def test_the_colors_of_one_rate() -> None:
    meter = Meter(8000, 2000, 3000)
    colors = Counter(meter.judge(0.0, 1000) for _ in range(8))
    assert colors == {Color.CONFORM: 2, Color.EXCEED: 3, Color.VIOLATE: 3}
    # a second brings 1000 octets: to the first bucket alone while that has room
    assert [meter.judge(1.0, 1000), meter.judge(1.0, 1000)] == [Color.CONFORM, Color.VIOLATE]
    # what the first has no room for falls into the second
    assert [meter.judge(5.0, 1000) for _ in range(5)] == [Color.CONFORM] * 2 + [Color.EXCEED] * 2 + [
        Color.VIOLATE
    ]


def test_the_colors_of_two_rates() -> None:
    meter = Meter(8000, 1000, 2000, pir=16000)
    assert [meter.judge(0.0, 1000) for _ in range(3)] == [Color.CONFORM, Color.EXCEED, Color.VIOLATE]
    assert [meter.judge(1.0, 1000) for _ in range(3)] == [Color.CONFORM, Color.EXCEED, Color.VIOLATE]


@settings(max_examples=60)
@given(
    st.integers(8_000, 100_000_000),
    st.floats(0.001, 0.2),
    st.integers(60, 1500),
    st.floats(0, 1e6),
    st.booleans(),
)
def test_a_shaper_is_exact_whatever_the_packets(
    rate: int, interval: float, octets: int, start: float, peak: bool
) -> None:
    bc = rate * interval
    shaper = Shaper(rate, bc, bc if peak else 0.0, peak)
    now, sent = start, 0
    for _ in range(200):
        due = shaper.when(now)
        assert due >= now
        now = due
        assert shaper.ready(now)
        shaper.take(now, octets)
        sent += octets * 8
    allowed = shaper.target * (now - start) + 2 * bc * (2 if peak else 1)
    assert sent <= allowed + octets * 8 + 1e-3 * rate
    assert sent >= shaper.target * (now - start) - shaper.increment - octets * 8 - 1e-3 * rate


@settings(max_examples=40)
@given(st.lists(st.integers(1, 100), min_size=2, max_size=6), st.integers(0, 1000))
def test_classes_that_always_wait_share_by_their_weights(weights: list[int], seed: int) -> None:
    rng = random.Random(seed)
    root = Node()
    leaves = [root.add(Node(weight, queue=Fifo(10))) for weight in weights]
    got: Counter[int] = Counter()
    rounds = 4000
    for _ in range(rounds):
        for number, leaf in enumerate(leaves):
            while leaf.queue.depth < 2:
                leaf.push(Item(rng.randrange(64, 1500), number), 0.0)
        item = root.pop(0.0)
        got[item.what] += item.octets
    whole = sum(got.values())
    for number, weight in enumerate(weights):
        assert got[number] == pytest.approx(whole * weight / sum(weights), abs=3 * 1500)


def test_priority_first_and_levels_in_their_order() -> None:
    root = Node()
    data = root.add(Node(10.0, queue=Fifo(10)))
    second = root.add(Node(1.0, level=2, queue=Fifo(10)))
    first = root.add(Node(1.0, level=1, queue=Fifo(10)))
    for leaf, name in ((data, "data"), (second, "second"), (first, "first"), (data, "data")):
        leaf.push(Item(100, name), 0.0)
    assert [root.pop(0.0).what for _ in range(4)] == ["first", "second", "data", "data"]
    assert not root.backlog


def test_priority_is_held_to_its_rate_only_while_others_wait() -> None:
    root = Node()
    data = root.add(Node(10.0, queue=Fifo(10)))
    voice = root.add(Node(1.0, level=1, queue=Fifo(10), meter=Bucket(8000.0, 1000)))
    assert all(voice.push(Item(500), 0.0) for _ in range(2))
    root.pop(0.0)
    root.pop(0.0)
    assert voice.push(Item(500), 0.0)  # nobody waits
    root.pop(0.0)
    data.push(Item(500), 0.0)
    assert not voice.push(Item(500), 0.0)
    assert voice.exceeded == 1
    assert voice.push(Item(500, urgent=True), 0.0)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(60, 1500)), max_size=200))
def test_nothing_is_lost_and_counts_agree(steps: list[tuple[bool, int, int]]) -> None:
    root = Node()
    parent = root.add(Node(5.0))
    leaves = [
        root.add(Node(3.0, level=1, queue=Fifo(5))),
        parent.add(Node(1.0, queue=FairQueue(8, 4))),
        parent.add(Node(2.0, queue=Fifo(100, octet_limit=4000))),
        root.add(Node(1.0, queue=Fifo(3))),
    ]
    taken_in = left = 0
    for push, number, octets in steps:
        if push:
            taken_in += leaves[number].push(Item(octets, flow=octets), 0.0)
        elif root.backlog:
            root.pop(0.0)
            left += 1
        depth = sum(leaf.queue.depth for leaf in leaves)
        assert root.backlog == depth == taken_in - left
        assert parent.backlog == leaves[1].queue.depth + leaves[2].queue.depth
    assert len(root.drain(0.0)) == taken_in - left
    assert root.backlog == parent.backlog == 0


def test_flows_take_turns_by_octets() -> None:
    queue = FairQueue(100, 16, flow_limit=50)
    for _ in range(20):
        queue.push(Item(1000, "big", flow=1), 0.0)
        queue.push(Item(500, "small", flow=2), 0.0)
    got = Counter(queue.pop(0.0).what for _ in range(15))
    assert got == {"big": 5, "small": 10}


def test_one_flow_cannot_fill_the_queue() -> None:
    queue = FairQueue(64)
    assert sum(queue.push(Item(100, flow=1), 0.0) for _ in range(40)) == 16
    assert queue.counters.flow == 24
    assert queue.push(Item(100, flow=2), 0.0)


def test_early_drops_follow_the_average() -> None:
    red = Red({0: Profile(10, 20, 1), 5: Profile(18, 20, 1)}, random.Random(1).random, exponent=1)
    assert not any(red.drops(0.0, 5, 0) for _ in range(20))
    assert Counter(red.drops(0.0, 15, 0) for _ in range(400))["random"] == pytest.approx(200, abs=50)
    assert not any(red.drops(0.0, 15, 5) for _ in range(20))
    assert [red.drops(0.0, 40, 0) for _ in range(10)][-1] == "tail"


@settings(max_examples=40)
@given(st.lists(st.integers(1, 6000), min_size=2, max_size=5), st.integers(0, 1 << 30))
def test_turns_are_shared_by_octets_whatever_the_packets(weights: list[int], seed: int) -> None:
    rng = random.Random(seed)
    root = RoundRobin()
    leaves = [root.add(Node(weight, queue=Fifo(10_000))) for weight in weights]
    sizes = [rng.randint(64, 1500) for _ in weights]
    sent = Counter[int]()
    for at, leaf in enumerate(leaves):
        for _ in range(3):
            leaf.push(Item(sizes[at], at), 0.0)
    total = 400 * sum(weights) // max(weights) * 1500
    while sum(sent.values()) < total:
        item = root.pop(0.0)
        sent[item.what] += item.octets
        leaves[item.what].push(Item(item.octets, item.what), 0.0)
    for at, weight in enumerate(weights):
        share = total * weight / sum(weights)
        assert abs(sent[at] - share) <= 2 * max(weights) + 2 * 1500


def test_what_goes_before_the_turns_does_not_use_them() -> None:
    root = RoundRobin()
    first = root.add(Node(level=1, queue=Fifo(10)))
    turns = [root.add(Node(1500, queue=Fifo(10))) for _ in range(2)]
    for leaf in (*turns, *turns, first, first):
        leaf.push(Item(1500, (first, *turns).index(leaf)), 0.0)
    assert [root.pop(0.0).what for _ in range(6)] == [0, 0, 1, 2, 1, 2]
    assert not root.backlog
