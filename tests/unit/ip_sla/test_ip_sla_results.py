"""What udp-jitter makes of its answers, and the messages of the control protocol."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ip_sla import Control, JitterPacket, Kind, Status
from iosemu.subjects.ip_sla.results import Jitter

MS = 1000


def answered(sequence: int, count: int, there: int, back: int) -> tuple[JitterPacket, int]:
    """A packet of a 20 ms pace, with the milliseconds of its way there and back."""
    sent = sequence * 20 * MS
    received = sent + there * MS
    return JitterPacket(sequence, sent, count, received), received + back * MS


def test_loss_is_told_by_direction() -> None:
    # 2 never came, 4 and 5 came and their answers were lost, 8 was not answered
    answers = [answered(n, count, 5, 5) for n, count in ((1, 1), (3, 2), (6, 5), (7, 6))]
    found = Jitter.measured(8, answers)
    assert found.lost_outward.periods == [(2, 1)]
    assert found.lost_homeward.periods == [(4, 2)]
    assert (found.lost_homeward.total, found.lost_homeward.lengths) == (2, (2, 2))
    assert found.tail == 1
    assert found.rtts == [10, 10, 10, 10]
    assert found.outward == found.homeward == [0]


def test_jitter_is_told_by_direction() -> None:
    found = Jitter.measured(3, [answered(1, 1, 5, 5), answered(2, 2, 9, 5), answered(3, 3, 7, 6)])
    assert found.outward == [4, -2]
    assert found.homeward == [0, 1]
    assert found.out_of_sequence == 0


def test_packets_that_overtake_are_out_of_sequence() -> None:
    found = Jitter.measured(2, [answered(2, 1, 5, 5), answered(1, 2, 30, 5)])
    assert found.out_of_sequence == 1
    assert (found.lost_outward.total, found.lost_homeward.total, found.tail) == (0, 0, 0)


def test_periods_between() -> None:
    found = Jitter.measured(6, [answered(n, c, 5, 5) for n, c in ((1, 1), (3, 2), (4, 3), (6, 4))])
    assert found.lost_outward.periods == [(2, 1), (5, 1)]
    assert found.lost_outward.between == (2, 2)


def test_a_control_message_is_read_as_it_was_written() -> None:
    asked = Control(7, Kind.JITTER, IPv4Address("10.0.0.2"), 5000, 8000, Status.SUCCESS, 99)
    assert Control.parse(asked.to_bytes()) == asked


@pytest.mark.parametrize("data", [b"", b"\x02" * 19, b"\x01" * 52, bytes(52)])
def test_what_is_no_control_message(data: bytes) -> None:
    with pytest.raises(MalformedPacket):
        Control.parse(data)


@pytest.mark.parametrize("data", [b"", bytes(28), bytes(27)])
def test_what_is_no_test_packet(data: bytes) -> None:
    with pytest.raises(MalformedPacket):
        JitterPacket.parse(data)
