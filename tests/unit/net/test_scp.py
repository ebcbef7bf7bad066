"""The two ends of `scp`, octet by octet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.scp import ScpSink, ScpSource


@given(st.binary(max_size=3000), st.integers(1, 700))
def test_source_and_sink_carry_a_file_in_any_pieces(content: bytes, piece: int) -> None:
    source, sink = ScpSource("f", content), ScpSink(1 << 20)
    source.receive(sink.output())
    while not (source.done and sink.done):
        moved = source.output()
        for at in range(0, len(moved), piece):
            sink.receive(moved[at : at + piece])
            source.receive(sink.output())
        source.receive(sink.output())
    assert bytes(sink.data) == content
    assert sink.header == f"C0644 {len(content)} f"
    assert not source.error
    assert not sink.error


@given(st.binary(max_size=300))
def test_whatever_comes_ends_or_waits(noise: bytes) -> None:
    for end in (ScpSource("f", b"x"), ScpSink(100)):
        end.output()
        end.receive(noise)
        end.output()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"\1scp: f: No such file or directory\n", "scp: f: No such file or directory"),
        (b"C0644 101 f\n", "Not enough space on device"),
        (b"D0755 0 d\n", "I/O error"),
        (b"C0644 -1 f\n", "I/O error"),
    ],
)
def test_sink_refuses(said: bytes, error: str) -> None:
    sink = ScpSink(100)
    sink.receive(said)
    assert sink.done
    assert sink.error == error


def test_source_hears_what_is_wrong() -> None:
    source = ScpSource("f", b"x")
    source.receive(b"\0\1scp: f: Permission ")
    source.receive(b"denied\n")
    assert source.done
    assert source.error == "scp: f: Permission denied"


def test_times_are_passed_over() -> None:
    sink = ScpSink(100)
    sink.receive(b"T1 0 1 0\nC0644 1 f\n")
    assert sink.output() == b"\0\0\0"
    sink.receive(b"x\0")
    assert sink.done
    assert sink.data == b"x"
