import pytest

from iosemu.testing.screen import Screen


@pytest.mark.parametrize(
    ("chunks", "rows"),
    [
        ([b"a\r\nb"], ["a", "b"]),
        ([b"abc\b\bX"], ["aXc"]),
        ([b" --More-- ", b"\b" * 9 + b" " * 8 + b"\b" * 9 + b"next\r\n"], ["next      ", ""]),
        ([b"ab\x1b", b"[Kc"], ["abc"]),
        ([b"abcd\rxy\x1b[K"], ["xy"]),
        ([b"a\tb\x07c"], ["a\tbc"]),
        (["é".encode()], ["é"]),
    ],
)
def test_rows(chunks: list[bytes], rows: list[str]) -> None:
    screen = Screen()
    for chunk in chunks:
        screen.feed(chunk)
    assert screen.rows == rows


def test_blanks_right_of_the_cursor_are_no_part_of_its_line() -> None:
    screen = Screen()
    screen.feed(b" --More-- " + b"\b" * 9 + b" " * 8 + b"\b" * 9 + b"\rR1#")
    assert screen.cursor_line == "R1#"
    screen.feed(b" x\b")
    assert screen.cursor_line == "R1# x"
