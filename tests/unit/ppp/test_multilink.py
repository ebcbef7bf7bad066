"""Packets over several links, in order at the other end whatever the links do to them."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.ppp.multilink import PATIENCE, ROOM, Assembler, Splitter
from iosemu.packets.multilink import SEQUENCES, Fragment


def pair(links: int) -> tuple[Splitter, Assembler]:
    assembler = Assembler()
    for link in range(links):
        assembler.join(link)
    return Splitter(), assembler


def test_a_packet_is_cut_for_the_links_and_put_together() -> None:
    splitter, assembler = pair(2)
    data = bytes(range(200)) * 2
    pieces = splitter.split(data, 2)
    assert [(each.begin, each.end, each.sequence, len(each.data)) for each in pieces] == [
        (True, False, 0, 200),
        (False, True, 1, 200),
    ]
    assert Fragment.parse(pieces[1].to_bytes()) == pieces[1]
    assert assembler.receive(1, pieces[1], 0.0) == []
    assert assembler.waiting == (1, 200)
    assert assembler.receive(0, pieces[0], 0.1) == [data]
    assert assembler.counts.reordered == 1
    assert splitter.split(b"short", 2)[0].end


def test_what_every_link_has_passed_is_lost() -> None:
    splitter, assembler = pair(2)
    first, second, third = (splitter.split(bytes([n]) * 100, 2) for n in range(3))
    assembler.receive(0, first[0], 0.0)  # its other half is lost
    assert assembler.receive(0, second[0], 0.1) == []
    assert assembler.receive(0, third[0], 0.2) == []  # the other link may still bring it
    assert assembler.receive(1, second[1], 0.3) == [second[0].data + second[1].data]
    assert (assembler.counts.lost, assembler.counts.discarded) == (1, 1)
    assert assembler.receive(1, third[1], 0.4) == [third[0].data + third[1].data]


def test_nobody_waits_longer_than_a_second() -> None:
    splitter, assembler = pair(2)
    first, second = (splitter.split(bytes([n]) * 100, 2) for n in range(2))
    assembler.receive(0, first[0], 5.0)
    assembler.receive(0, second[0], 5.5)
    assert assembler.next_timer() == 5.0 + PATIENCE
    assert assembler.tick(6.0) == []
    assert assembler.receive(1, second[1], 6.1) == [second[0].data + second[1].data]
    assert assembler.receive(1, first[1], 6.2) == []
    assert assembler.counts.late == 1
    assert assembler.next_timer() is None


def test_a_link_that_leaves_is_not_waited_for() -> None:
    splitter, assembler = pair(2)
    first, second = (splitter.split(bytes([n]) * 100, 2) for n in range(2))
    assembler.receive(0, first[0], 0.0)
    assembler.receive(0, second[0], 0.0)
    assembler.receive(0, second[1], 0.0)
    assert assembler.leave(1) == [second[0].data + second[1].data]


def test_a_leap_in_the_numbers_costs_no_time_and_no_room() -> None:
    _, assembler = pair(1)
    assert assembler.receive(0, Fragment(True, True, SEQUENCES // 2 - 1, b"x"), 0.0) == [b"x"]
    for number in range(1000):
        assembler.receive(0, Fragment(False, False, SEQUENCES // 2 + number, bytes(100)), 0.0)
    assert assembler.waiting[1] <= ROOM


def test_numbers_begin_again() -> None:
    splitter, assembler = pair(1)
    splitter.sequence = assembler.expected = SEQUENCES - 1
    for n in range(3):
        (piece,) = splitter.split(bytes([n]), 1)
        assert assembler.receive(0, piece, 0.0) == [bytes([n])]


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=30),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_what_is_delivered_is_whole_and_in_order(sizes: list[int], links: int, rng: random.Random) -> None:
    """Each link keeps its order, loses some, and is as late as it likes."""
    splitter, assembler = pair(links)
    sent, lines = [], [[] for _ in range(links)]
    lost = set()
    for index, size in enumerate(sizes):
        packet = index.to_bytes(2) + rng.randbytes(size)
        sent.append(packet)
        for at, piece in enumerate(splitter.split(packet, links)):
            if rng.random() < 0.1:
                lost.add(index)
            else:
                lines[at % links].append(piece)
    received: list[bytes] = []
    while any(lines):
        link = rng.choice([n for n in range(links) if lines[n]])
        received += assembler.receive(link, lines[link].pop(0), 0.0)
    received += assembler.tick(PATIENCE)
    numbers = [int.from_bytes(each[:2]) for each in received]
    assert numbers == sorted(set(numbers))
    assert all(each == sent[number] for each, number in zip(received, numbers, strict=True))
    assert set(range(len(sizes))) - set(numbers) <= lost
    assert assembler.waiting == (0, 0)
