from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.terminal import CtrlC, CtrlZ, HelpKey, History, Interrupt, KeyTyped, Line, LineEditor, Tab, Typing
from iosemu.terminal.editor import LONGEST

BS = b"\x08"


def typed(data: bytes, *, history: History | None = None, width: int = 80) -> tuple[bytes, str]:
    """What is echoed for keys after the prompt `R1#`, and the line they leave."""
    editor = LineEditor(width)
    editor.read("R1#", history=history)
    editor.feed(data)
    while (event := editor.next()) is not None:
        assert isinstance(event, Typing)
    return editor.take_output().removeprefix(b"R1#"), editor.text


@pytest.mark.parametrize(
    ("data", "echo", "line"),
    [
        (b"show", b"show", "show"),
        (b"ab\x7f", b"ab\x08 \x08", "a"),
        (b"ab\x08", b"ab\x08 \x08", "a"),
        (b"\x08", b"", ""),
        (b"abc\x01", b"abc" + BS * 3, "abc"),
        (b"abc\x01\x05", b"abc" + BS * 3 + b"abc", "abc"),
        (b"abc\x02\x02", b"abc" + BS * 2, "abc"),
        (b"abc\x02\x02\x06", b"abc" + BS * 2 + b"b", "abc"),
        (b"abc\x1b[D\x1b[D\x1b[C", b"abc" + BS * 2 + b"b", "abc"),
        (b"abc\x1bOD", b"abc" + BS, "abc"),
        (b"ac\x02b", b"ac" + BS + b"bc" + BS, "abc"),
        (b"abc\x01\x04", b"abc" + BS * 3 + b"bc \x08" + BS * 2, "bc"),
        (b"abc\x01\x1b[3~", b"abc" + BS * 3 + b"bc \x08" + BS * 2, "bc"),
        (b"abc\x02\x02\x0b", b"abc" + BS * 2 + b"  " + BS * 2, "a"),
        (b"abc\x15", b"abc" + BS * 3 + b"   " + BS * 3, ""),
        (b"abc\x18", b"abc" + BS * 3 + b"   " + BS * 3, ""),
        (b"sh run\x17", b"sh run" + BS * 3 + b"   " + BS * 3, "sh "),
        (b"sh run\x17\x19", b"sh run" + BS * 3 + b"   " + BS * 3 + b"run", "sh run"),
        (b"sh run\x1bb", b"sh run" + BS * 3, "sh run"),
        (b"sh run\x01\x1bf", b"sh run" + BS * 6 + b"sh", "sh run"),
        (b"sh run\x01\x1bd", b"sh run" + BS * 6 + b" run  " + BS * 2 + BS * 4, " run"),
        (b"ab\x14", b"ab" + BS * 2 + b"ba", "ba"),
        (b"abc\x01\x1bu", b"abc" + BS * 3 + b"ABC", "ABC"),
        (b"ABC\x01\x1bl", b"ABC" + BS * 3 + b"abc", "abc"),
        (b"abc\x01\x1bc", b"abc" + BS * 3 + b"Abc", "Abc"),
        (b"abc\x12", b"abc\r\nR1#abc", "abc"),
        (b"abc\x0c", b"abc\r\nR1#abc", "abc"),
        (b"a\x16?b", b"a?b", "a?b"),
        (b"a\x16\x1bb", b"a^[b", "a\x1bb"),
        (b"a\x1b[99;5Xb", b"ab", "ab"),
        (b"a\x1b[1;5Db", b"a" + BS + b"ba" + BS, "ba"),
        (b"a\x00\xff\xc2\x9bb", b"ab", "ab"),
        ("é".encode(), "é".encode(), "é"),
    ],
)
def test_keys(data: bytes, echo: bytes, line: str) -> None:
    assert typed(data) == (echo, line)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\x00"])
def test_each_line_end_is_one_enter(end: bytes) -> None:
    editor = LineEditor()
    editor.feed(b"one" + end + b"two" + end)
    lines = []
    for _ in range(2):
        editor.read("R1#")
        lines.append(editor.next())
    editor.read("R1#")
    assert lines == [Line("one"), Line("two")]
    assert editor.next() is None
    assert editor.take_output() == b"R1#one\r\nR1#two\r\nR1#"


def test_a_line_end_split_over_two_arrivals() -> None:
    editor = LineEditor()
    editor.read("R1#")
    editor.feed(b"one\r")
    assert editor.next() == Line("one")
    editor.feed(b"\n")
    editor.read("R1#")
    assert editor.next() is None


def test_a_line_feed_alone_after_the_prompt_is_an_enter() -> None:
    editor = LineEditor()
    editor.read("R1#")
    editor.feed(b"one\r")
    assert editor.next() == Line("one")
    editor.read("R1#")
    editor.feed(b"\n")
    assert editor.next() == Line("")


def test_what_is_typed_ahead_is_echoed_when_its_line_is_read() -> None:
    editor = LineEditor()
    editor.read("R1#")
    editor.feed(b"show clock\rshow ver")
    assert editor.next() == Line("show clock")
    assert editor.next() is None
    assert editor.take_output() == b"R1#show clock\r\n"
    editor.read("R1#")
    assert editor.next() is None
    assert editor.take_output() == b"R1#show ver"


def test_the_end_of_a_line_edited_in_the_middle() -> None:
    editor = LineEditor()
    editor.read("R1#")
    editor.feed(b"abc\x01\r")
    assert editor.next() == Line("abc")
    assert editor.take_output() == b"R1#abc" + BS * 3 + b"abc\r\n"


def test_help_returns_to_the_line_as_typed() -> None:
    editor = LineEditor()
    editor.read("R1#")
    editor.feed(b"show run\x1bb?x")
    assert editor.next() == HelpKey("show ")
    editor.take_output()
    assert editor.next() is None
    editor.resume()
    assert editor.next() is None
    assert editor.take_output() == b"R1#show run" + BS * 3 + b"xrun" + BS * 3
    assert editor.text == "show xrun"


def test_tab_replaces_what_stands_before_the_cursor() -> None:
    editor = LineEditor()
    editor.read("R1#")
    editor.feed(b"sh\t")
    assert editor.next() == Tab("sh")
    editor.resume(before="show ")
    assert editor.take_output() == b"R1#sh\r\nR1#show "


def test_control_keys() -> None:
    editor = LineEditor()
    editor.read("R1(config)#", show_controls=True)
    editor.feed(b"ab\x03ab\x1aa\x1exb\r")
    assert editor.next() == CtrlC()
    editor.read("R1#")
    assert editor.next() == CtrlZ("ab")
    editor.read("R1#")
    assert editor.next() == Interrupt()
    assert editor.next() == Line("ab")
    assert editor.take_output() == b"R1(config)#ab^C\r\nR1#ab^Z\r\nR1#ab\r\n"


def test_masked_input_and_questions() -> None:
    editor = LineEditor()
    editor.feed(b"sec?ret\r")
    editor.read("Password: ", masked=True)
    assert editor.next() == Line("sec?ret")
    editor.feed(b"a?\tb\r")
    editor.read("Name: ", help_keys=False)
    assert editor.next() == Line("a?b")
    assert editor.take_output() == b"Password: \r\nName: a?b\r\n"


def test_single_keys() -> None:
    editor = LineEditor()
    editor.feed(b" q\r\n\x1b[Ax")
    keys = []
    for _ in range(5):
        editor.read_key()
        keys.append(editor.next())
    assert keys == [KeyTyped(" "), KeyTyped("q"), KeyTyped("\r"), KeyTyped("<up>"), KeyTyped("x")]
    assert editor.take_output() == b""


def test_breaking_a_running_command() -> None:
    editor = LineEditor()
    editor.feed(b"typed ahead\x1exshow")
    assert editor.take_break()
    assert not editor.take_break()
    editor.read("R1#")
    assert editor.next() is None
    assert editor.text == "show"


def test_history_is_walked_with_the_arrows() -> None:
    history = History(2)
    for line in ("one", "two", "two", "", "three"):
        history.add(line)
    assert history.lines == ["two", "three"]
    assert typed(b"\x10", history=history)[1] == "three"
    assert typed(b"\x1b[A\x1b[A\x1b[A", history=history)[1] == "two"
    assert typed(b"\x10\x10\x0e", history=history)[1] == "three"
    assert typed(b"\x10\x0e", history=history)[1] == ""
    assert typed(b"\x0e", history=history)[1] == ""
    history.size = 1
    assert history.lines == ["three"]


def test_a_line_over_the_width_scrolls_sideways_by_ten() -> None:
    editor = LineEditor(80)
    editor.read("Router(config)#")
    line = b"crypto ipsec transform-set MY_TRANSFORM_SET esp-aes esp-sha-hmac"
    editor.feed(line)
    assert editor.next() is None
    assert editor.display.shown == "$c transform-set MY_TRANSFORM_SET esp-aes esp-sha-hmac"
    editor.feed(b"\x01")
    editor.next()
    assert editor.display.shown == line.decode()
    assert editor.display.column == 0
    editor.feed(b"\r")
    assert editor.next() == Line(line.decode())


def test_five_thousand_pasted_lines_arrive_in_order() -> None:
    editor = LineEditor()
    editor.feed(b"".join(b"interface Loopback%d\r\n" % number for number in range(5000)))
    got = []
    while True:
        editor.read("R1(config)#")
        event = editor.next()
        if event is None:
            break
        got.append(event)
    assert got == [Line(f"interface Loopback{number}") for number in range(5000)]


@given(st.lists(st.binary(max_size=30), max_size=8), st.integers(0, 90))
def test_no_bytes_raise_and_no_escape_leaves(chunks: list[bytes], width: int) -> None:
    editor = LineEditor(width)
    history = History()
    editor.read("R1#", history=history)
    sent = b""
    for chunk in chunks:
        editor.feed(chunk)
        while (event := editor.next()) is not None:
            if isinstance(event, HelpKey | Tab):
                editor.resume()
            elif not isinstance(event, Interrupt):
                if isinstance(event, Line):
                    history.add(event.text)
                editor.read("R1#", history=history)
        sent += editor.take_output()
    assert b"\x1b" not in sent


@given(
    st.lists(
        st.sampled_from(
            [b"a", b"bc d", b"\x01", b"\x05", b"\x02", b"\x06", b"\x17", b"\x04", b"\x08", b"\x14"]
        )
    )
)
def test_the_screen_shows_what_the_line_is(pieces: list[bytes]) -> None:
    echo, line = typed(b"".join(pieces))
    screen: list[str] = []
    column = 0
    for character in echo.decode():
        if character == "\b":
            column -= 1
            continue
        screen[column : column + 1] = character
        column += 1
    assert "".join(screen).rstrip() == line.rstrip()


@given(st.binary(max_size=60), st.integers(0, 60))
def test_how_bytes_are_cut_into_arrivals_does_not_matter(data: bytes, cut: int) -> None:
    def run(*chunks: bytes) -> tuple[bytes, str]:
        editor = LineEditor()
        editor.read("R1#")
        for chunk in chunks:
            editor.feed(chunk)
            while editor.next() is not None:
                editor.resume()
        return editor.take_output(), editor.text

    assert run(data) == run(data[:cut], data[cut:])


def test_a_line_has_an_end_and_a_bell_tells() -> None:
    echo, line = typed(b"x" * 300)
    assert line == "x" * LONGEST
    assert echo.endswith(b"\a")
    assert echo.count(b"\a") == 300 - LONGEST
