"""Expressions that users write: IOS's dialect, and that none of them runs away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.handling.regexp import LONGEST, RegexpError, ios_regexp, quoted, regexp
from iosemu.parser.loader import Grammar
from iosemu.shell.pager import UNCOMPILED, Pager
from iosemu.testing.patterns import Expected
from tests.unit.shell.conftest import Terminal, make

RUNAWAYS = ("(a+)+$", "(a*)*b", "(a|aa)+$", "(a|a?)+$", "(.*a)(.*a)(.*a)(.*a)(.*a)(.*a)(.*a)(.*a)(.*a)(.*a)b")


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("Loopback1", "interface Loopback10", True),
        ("^interface", " interface", False),
        ("10.0.0.1", "10a0b0c1", True),
        (r"10\.0\.0\.1$", "ip 10.0.0.1", True),
        (r"10\.0\.0\.1$", "ip 10.0.0.12", False),
        ("a|b", "b", True),
        ("(vty|con) 0", "line con 0", True),
        ("[0-9]+/[0-9]", "Fa0/1", True),
        ("[^ -~]", "plain", False),
        ("[]x]", "]", True),
        ("[a\\]", "\\", True),
        ("[a-]", "-", True),
        ("{3}", "a{3}", True),
        ("a{3}", "aaa", False),
        (r"\d", "7", False),
        (r"\d", "d", True),
        ("L2L_MAP", "crypto map L2L_MAP 10", True),
        ("_10_", "route 10 via", True),
        ("_10_", "route 110 via", False),
        ("_65001$", "65001", True),
        ("case", "CASE", False),
        ("", "anything", True),
        ("a#b", "a#b", True),
        ("ü", "grün", True),
    ],
)
def test_the_dialect_of_ios(expression: str, text: str, found: bool) -> None:
    assert ios_regexp(expression).found_in(text) is found


@pytest.mark.parametrize(
    "expression", ["*", "a**", "+a", "(", ")", "(*)", "[", "[a", "[]", "a\\", "(a)\\1", "[z-a]", "a|?"]
)
def test_what_ios_refuses(grammar: Grammar, expression: str) -> None:
    with pytest.raises(RegexpError):
        ios_regexp(expression)
    terminal = Terminal(make("c2811"), grammar)
    command = f"show clock | include {expression}\r".replace("?", "\x16?")
    assert UNCOMPILED in terminal.keys(command)


@pytest.mark.parametrize("expression", RUNAWAYS)
def test_no_expression_runs_away(expression: str) -> None:
    text = "a" * 20_000 + "c"
    ios_regexp(expression).found_in(text)
    regexp(expression).found_in(text)
    Expected(f"{{{{re:{expression}}}}}").match(text, {})


@pytest.mark.parametrize(
    "expression", ["x" * (LONGEST + 1), "((((x{100}){100}){100}){100})", "(?=a)", r"(a)\1"]
)
def test_what_is_too_large_or_not_linear_is_refused(expression: str) -> None:
    with pytest.raises(RegexpError):
        regexp(expression)


@given(st.text(alphabet="ab_.*+?^$[]()|\\{}-1 é", max_size=30), st.text(alphabet="ab_ 1é", max_size=30))
def test_any_expression_is_taken_or_refused(expression: str, text: str) -> None:
    try:
        compiled = ios_regexp(expression)
    except RegexpError:
        return
    assert compiled.found_in(text) in (True, False)


@given(st.text(alphabet="ab.*+?|()^$", max_size=12), st.text(alphabet="ab", max_size=12))
def test_what_both_know_means_the_same_as_in_python(expression: str, text: str) -> None:
    try:
        compiled = ios_regexp(expression)
        wanted = re.search(expression, text) is not None
    except (RegexpError, re.error):
        return
    assert compiled.found_in(text) is wanted


@given(st.text(max_size=20), st.text(max_size=20))
def test_quoted_text_matches_itself_alone(text: str, other: str) -> None:
    compiled = regexp(quoted(text))
    assert compiled.groups_of(text) == {}
    assert (compiled.groups_of(other) is not None) is (text == other)


def test_the_pager_tells_of_a_wrong_expression() -> None:
    pager = Pager(4)
    pager.feed(f"line {number}" for number in range(20))
    said = "".join(pager.key(key) for key in "/*\r")
    assert UNCOMPILED in said
    assert "line 4" in said


def test_a_name_twice_in_a_line_is_the_same_word() -> None:
    item = Expected("from {{ip=a}} to {{=a}}")
    assert item.match("from 10.0.0.1 to 10.0.0.1", {}) == {"a": "10.0.0.1"}
    assert item.match("from 10.0.0.1 to 10.0.0.2", {}) is None
