"""The processor of a box: the samples of its load, and what passes it by."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iosemu.box.counters import Counters, protocol_of
from iosemu.box.processor import BUFFER_SIZES, HOURS, MINUTES, SAMPLES, Processor
from iosemu.packets.framing import Framing


def test_a_busy_minute_is_told_in_all_three_graphs() -> None:
    processor = Processor()
    processor.start(0.0)
    for second in range(60):
        for _ in range(100 if second < 5 else 10):
            processor.frame(float(second))
    processor.roll(60.0)
    assert list(processor.recent) == [50] * 11 + [500]
    assert [(span.most, span.total, span.samples) for span in processor.minutes] == [(500, 1050, SAMPLES)]
    assert not processor.hours
    processor.roll(3600.0)
    assert len(processor.minutes) == MINUTES
    assert [(span.most, span.total, span.samples) for span in processor.hours] == [(500, 1050, 60 * SAMPLES)]


def test_what_was_is_forgotten_at_power_on() -> None:
    processor = Processor()
    processor.frame(7.0)
    processor.roll(600.0)
    processor.start(600.0)
    processor.roll(604.9)
    assert not processor.recent
    assert not processor.minutes


@given(st.lists(st.floats(0.0, 500_000.0), max_size=60))
def test_no_graph_has_more_than_its_room_and_no_frame_is_told_twice(moments: list[float]) -> None:
    processor = Processor()
    processor.start(0.0)
    for moment in sorted(moments):
        processor.frame(moment)
    processor.roll(max(moments, default=0.0) + 60.0)
    assert len(processor.recent) <= SAMPLES
    assert len(processor.minutes) <= MINUTES
    assert len(processor.hours) <= HOURS
    assert sum(span.total for span in processor.hours) <= len(moments)
    assert sum(span.total for span in processor.minutes) <= len(moments)


def test_a_frame_is_switched_once() -> None:
    processor, counters = Processor(), Counters()
    processor.switched()
    processor.arrived = (counters, 98)
    processor.switched()
    processor.switched()
    assert (counters.in_switched, counters.in_switched_octets) == (1, 98)


def test_a_buffer_is_the_smallest_that_holds_a_frame() -> None:
    processor = Processor()
    for octets in (60, 104, 105, 1500, 4000, 5000, 9000, 65535):
        processor.made(octets)
    assert processor.buffers == [2, 1, 1, 1, 1, 2]
    assert len(processor.buffers) == len(BUFFER_SIZES)


def test_frames_are_accounted_by_what_they_carry() -> None:
    group = bytes(12)
    assert protocol_of(group + b"\x08\x00" + bytes(40)) == "IP"
    assert protocol_of(group + b"\x81\x00\x00\x0a\x08\x06" + bytes(40)) == "ARP"
    assert protocol_of(group + b"\x00\x26\x42\x42\x03" + bytes(40)) == "Spanning Tree"
    assert protocol_of(group + b"\x81\x00\x00\x01\x00\x26\x42\x42\x03" + bytes(40)) == "Spanning Tree"
    assert protocol_of(group + b"\x01\x00\xaa\xaa\x03\x00\x00\x0c\x20\x00" + bytes(40)) == "CDP"
    assert protocol_of(group + b"\x90\x00" + bytes(46)) == "Other"
    assert protocol_of(b"\x8f\x00\x20\x00" + bytes(40), Framing.HDLC) == "CDP"
    assert protocol_of(b"\x0f\x00\x08\x00" + bytes(40), Framing.HDLC) == "IP"
    assert protocol_of(b"\x8f\x00\x80\x35" + bytes(20), Framing.HDLC) == "Other"


def test_clearing_forgets_the_protocols() -> None:
    counters = Counters()
    counters.count_in(1.0, bytes(12) + b"\x08\x00" + bytes(46))
    counters.count_out(1.0, bytes(12) + b"\x08\x06" + bytes(46))
    assert counters.protocols == {"IP": [1, 60, 0, 0], "ARP": [0, 0, 1, 60]}
    counters.clear(2.0)
    assert counters.protocols == {}
