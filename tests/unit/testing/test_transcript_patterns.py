import pytest

from iosemu.testing.patterns import Expected, PatternError, align, escape, match_lines, renew


def matches(expected: str, actual: str) -> bool:
    return match_lines([Expected(expected)], [actual], {}) is not None


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("QM_IDLE           {{int}}    0 ACTIVE", "QM_IDLE           1058    0 ACTIVE"),
        ("current outbound spi: {{spi}}({{int}})", "current outbound spi: 0x07E39734(132355892)"),
        ("*{{time}} UTC {{date}}", "*12:01:02.345 UTC Fri Mar 1 2002"),
        ("Internet  {{ip}}  {{int}}   {{mac}}  ARPA", "Internet  10.0.0.1  4   0001.42ab.9f01  ARPA"),
        ("  Physical Address: {{mac}}", "  Physical Address: 00:01:42:AB:9F:01"),
        ("a {{…}} z", "a . * ( z"),
        ("a {{any}}", "a "),
        ("{{word}} up", "FastEthernet0/0 up"),
        ("uptime {{re:\\d+ (?:minutes|hours)}}", "uptime 3 hours"),
        ("{{re:0x[0-9A-F]{8}}}(1)", "0x0AE39734(1)"),
        ("{ {{int}}}", "{ 4}"),
        ("literal \\{{int}}", "literal {{int}}"),
        ("\\# not a comment", "# not a comment"),
        ("\\@wait", "@wait"),
        ("no trailing blanks", "no trailing blanks   "),
        ("TS esp-aes{{space}}", "TS esp-aes "),
        ("dots . + * [x]", "dots . + * [x]"),
    ],
)
def test_a_line_matches(expected: str, actual: str) -> None:
    assert matches(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("{{int}}", "x"),
        ("{{int}} ", "12 a"),
        ("TS esp-aes{{space}}", "TS esp-aes"),
        ("a.b", "aXb"),
        ("", "x"),
        (" indented", "indented"),
    ],
)
def test_a_line_does_not_match(expected: str, actual: str) -> None:
    assert not matches(expected, actual)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{integer}}", "is no pattern: use one of int"),
        ("{{int", "never closed"),
        ("{{re:(}}", "not a regular expression"),
        ("{{int=a b}}", "letters, digits"),
    ],
)
def test_a_bad_pattern_says_what_to_do(text: str, says: str) -> None:
    with pytest.raises(PatternError, match=says):
        Expected(text)


def test_a_name_is_bound_once_and_compared_later() -> None:
    lines = [Expected("spi {{spi=out}}"), Expected("again {{spi=out}}"), Expected("and {{=out}}")]
    assert match_lines(lines, ["spi 0xAB", "again 0xAB", "and 0xAB"], {}) == {"out": "0xAB"}
    assert match_lines(lines, ["spi 0xAB", "again 0xAC", "and 0xAB"], {}) is None


def test_a_name_twice_in_one_line() -> None:
    line = Expected("{{int=n}} of {{int=n}}")
    assert line.match("4 of 4", {}) == {"n": "4"}
    assert line.match("4 of 5", {}) is None


@pytest.mark.parametrize(
    ("expected", "lines", "good"),
    [
        (["..."], [], True),
        (["a", "...", "z"], ["a", "z"], True),
        (["a", "...", "z"], ["a", "b", "z", "c", "z"], True),
        (["a", "...", "z"], ["a", "b"], False),
        (["...", "b", "...", "d"], ["a", "b", "c", "b", "d"], True),
        (["...", "b"], ["a", "b", "c"], False),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a"], False),
    ],
)
def test_any_lines(expected: list[str], lines: list[str], good: bool) -> None:
    assert (match_lines([Expected(text) for text in expected], lines, {}) is not None) is good


def test_align_keeps_what_still_fits() -> None:
    expected = [Expected(text) for text in ("one", "n {{int}}", "gone", "...", "last")]
    pairs = align(expected, ["one", "new", "n 7", "x", "y", "last"], {})
    shown = [(item.text if item else None, line) for item, line in pairs]
    assert ("one", "one") in shown
    assert ("n {{int}}", "n 7") in shown
    assert ("last", "last") in shown
    assert (None, "new") in shown or ("gone", "new") in shown


@pytest.mark.parametrize("text", ["plain", "# x", "#", "@x", "...", "{{int}} \\ {{", "#pkts", "a\\b", "\\#"])
def test_escaped_text_matches_itself(text: str) -> None:
    assert matches(escape(text), text)
    assert not matches(escape(text), text + "x")


@pytest.mark.parametrize(
    ("expected", "line", "renewed"),
    [
        ("10.0.0.9  QM_IDLE   {{int}}   0", "10.0.0.2  QM_IDLE   1001  0", "10.0.0.2  QM_IDLE   {{int}}  0"),
        ("spi: {{spi=out}}({{int}}) old", "  spi: 0xAB12({{7}}) new", "  spi: 0xAB12(\\{{7}}) new"),
        ("spi: {{spi=out}}({{int}}) old", "  spi: 0xAB12(7) new", "  spi: {{spi=out}}({{int}}) new"),
        ("is {{=name}} now", "is other then", "is other then"),
        ("{{int}} packets input", "5 minute rate", "5 minute rate"),
        ("{{re:a b}} c d", "a b x d", "a b x d"),
        ("at {{int}}", "...", "\\..."),
    ],
)
def test_renewed_lines_keep_patterns_that_fit(expected: str, line: str, renewed: str) -> None:
    assert renew(Expected(expected), line, {"name": "bound"}) == renewed
