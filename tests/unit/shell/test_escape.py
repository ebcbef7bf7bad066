"""The way out of a box that the user has gone on to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.shell.relay import Escape


@pytest.mark.parametrize(
    ("typed", "away", "rest"),
    [
        (b"show\r", b"show\r", None),
        (b"sh\x1exls\r", b"sh", b"ls\r"),
        (b"\x1eX", b"", b""),
        (b"a\x1e\x1eb", b"a\x1eb", None),
        (b"a\x1ek", b"a\x1ek", None),
        (b"a\x1ebc\x1e?d", b"acd", None),
    ],
)
def test_what_goes_where(typed: bytes, away: bytes, rest: bytes | None) -> None:
    assert Escape().take(typed) == (away, rest)


@given(st.binary(max_size=40).map(lambda data: data.replace(b"y", b"\x1e").replace(b"z", b"x")), st.data())
def test_pieces_are_as_good_as_the_whole(typed: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(typed)))
    whole, rest = Escape().take(typed)
    escape = Escape()
    first, over = escape.take(typed[:cut])
    if over is None:
        second, over = escape.take(typed[cut:])
        assert (first + second, over) == (whole, rest)
    else:
        assert (first, over + typed[cut:]) == (whole, rest)


def test_functions_of_telnet_are_asked_for_by_letters() -> None:
    escape = Escape()
    escape.take(b"a\x1ebcd\x1eT\x1e")
    assert escape.functions() == [(1, "B"), (3, "T")]
    escape.take(b"?")
    assert escape.functions() == [(0, "?")]
    assert escape.functions() == []
