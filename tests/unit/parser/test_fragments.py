"""Types that are pieces of syntax."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from iosemu.parser import Candidates, Grammar, GrammarError, Help, Incomplete, Invalid, Match, Situation


@dataclass(frozen=True)
class Span:
    """Ends in order."""

    low: int
    high: int | None = None

    def __post_init__(self) -> None:
        if self.high is not None and self.high < self.low:
            raise ValueError(self.high)

    def parts(self) -> dict[str, int]:
        return {"low": self.low} if self.high is None else {"low": self.low, "high": self.high}


@dataclass(frozen=True)
class Rule:
    """What may go where."""

    action: str
    where: Span
    other: Span | None = None
    log: bool = False

    def parts(self) -> dict[str, Any]:
        told = {"action": self.action, "where": self.where, "log": self.log}
        return told if self.other is None else {**told, "other": self.other}


TYPES = """
line: {base: line, placeholder: LINE}
port:
  base: names
  number: 0-65535
  help: Port number
  values: {www: [80, World Wide Web], telnet: [23, Telnet], whois: [43, Nicname]}
span:
  syntax: eq <low:port> | range <low:port> <high:port>
  value: test.Span
  help: {eq: "One {name} port", range: "{Name} ports", <high>: Last port}
rule:
  syntax: action=(permit | deny) <where:span> [to <other:span>] [log]
  value: test.Rule
  help: {permit: Yes, deny: No, to: Other end, log: Log it}
"""
MODE = """
mode: config
title: Configure
prompt: x
commands:
  - syntax: rule <number:1-9> <rule:rule>
    help: {rule: A rule, <number>: Its number}
    do: x.rule
  - syntax: service <port:port>
    help: {service: A service}
    do: x.port
"""

Load = Callable[..., Grammar]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def made(types: str = TYPES, mode: str = MODE) -> Grammar:
        (tmp_path / "types.yaml").write_text(types)
        (tmp_path / "config.yaml").write_text(mode)

        def handler(name: str) -> Any:
            return lambda context, **arguments: arguments

        grammar = Grammar.load([tmp_path], handler, {"test.Span": Span, "test.Rule": Rule}.__getitem__)
        grammar.check()
        return grammar

    return made


def arguments(grammar: Grammar, line: str) -> dict[str, Any]:
    match = grammar.modes["config"].match(line, Situation())
    assert isinstance(match, Match), (line, match)
    return match.arguments


def test_parts_become_one_value(load: Load) -> None:
    grammar = load()
    assert arguments(grammar, "service telnet") == {"port": 23}
    assert arguments(grammar, "se 99") == {"port": 99}
    assert arguments(grammar, "rule 1 permit range telnet 80 to eq whois") == {
        "number": 1, "rule": Rule("permit", Span(23, 80), Span(43)),
    }  # fmt: skip
    assert arguments(grammar, "ru 2 d e 5 l") == {"number": 2, "rule": Rule("deny", Span(5), log=True)}


def test_no_needs_no_part_of_it_but_all_of_what_was_begun(load: Load) -> None:
    mode = load().modes["config"]
    assert isinstance(mode.match("no rule 1", Situation()), Match)
    assert isinstance(mode.match("no rule 1 permit", Situation()), Incomplete)
    assert isinstance(mode.match("no rule 1 permit range 3", Situation()), Incomplete)
    assert isinstance(mode.match("no rule 1 permit eq 3", Situation()), Match)


def test_what_the_class_refuses_is_invalid_input(load: Load) -> None:
    assert load().modes["config"].match("rule 1 permit range www telnet", Situation()) == Invalid(14)


@pytest.mark.parametrize("rule", [
    Rule("permit", Span(80)), Rule("deny", Span(1, 23), Span(43, 44), True), Rule("deny", Span(9), None, True),
])  # fmt: skip
def test_a_value_is_spelled_and_reads_back(load: Load, rule: Rule) -> None:
    grammar = load()
    text = grammar.spell("rule", rule)
    assert arguments(grammar, f"rule 1 {text}")["rule"] == rule


def test_spelling_uses_the_names(load: Load) -> None:
    grammar = load()
    assert grammar.spell("port", 80) == "www"
    assert grammar.spell("port", 81) == "81"
    assert grammar.spell("rule", Rule("permit", Span(23, 90))) == "permit range telnet 90"
    with pytest.raises(ValueError, match="port"):
        grammar.spell("port", 65536)


def test_help_names_every_value(load: Load) -> None:
    mode = load().modes["config"]
    assert mode.help("service ", Situation()) == Help(
        None,
        (("<0-65535>", "Port number"), ("telnet", "Telnet"), ("whois", "Nicname"), ("www", "World Wide Web")),
        False,
    )
    assert mode.help("service w", Situation()) == Candidates(("whois", "www"))
    shown = mode.help("rule 1 permit ", Situation())
    assert isinstance(shown, Help)
    assert shown.rows == (("eq", "One where port"), ("range", "Where ports"))
    shown = mode.help("rule 1 permit range 1 ", Situation())
    assert isinstance(shown, Help)
    assert ("<0-65535>", "Last port") in shown.rows


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("eq <low:port>", "eq <odd:port>", "has no parameter 'odd'"),
        ("to <other:span>", "to <other:rule>", "rule stands within itself"),
        ("[80, World Wide Web]", "[http, World Wide Web]", "www: 'http' is no number"),
        ("number: 0-65535", "", "number: and its help: go together"),
        ("value: test.Span", "", "a fragment has syntax: and value:"),
        ("value: test.Span", "value: test.Spam", "value: test.Spam"),
        ("to: Other end, ", "", "no help for 'to'"),
        ("syntax: eq <low:port>", "syntax: eq <low:port>...", "port cannot be repeated"),
    ],
)
def test_faults_are_told_with_their_place(load: Load, old: str, new: str, message: str) -> None:
    assert old in TYPES
    with pytest.raises(GrammarError, match=r"\.yaml:\d+: ") as fault:
        load(TYPES.replace(old, new))
    assert message in str(fault.value)


@pytest.mark.parametrize(
    ("told", "version", "capabilities", "there"),
    [
        ("since: 15.0", "15.1", (), True), ("since: 15.0", "12.4", (), False), ("until: 12.4", "12.4.24", (), True),
        ("until: 12.4", "15.1", (), False), ("needs: [crypto]", "15.1", ("crypto",), True),
        ("needs: [crypto, poe]", "15.1", ("crypto",), False),
    ],
)  # fmt: skip
def test_release_and_capabilities_say_who_has_a_command(
    load: Load, told: str, version: str, capabilities: tuple[str, ...], there: bool
) -> None:
    mode = load(TYPES, MODE.replace("do: x.port", f"do: x.port\n    {told}")).modes["config"]
    here = Situation(version=version, capabilities=frozenset(capabilities))
    assert isinstance(mode.match("service 1", here), Match) == there


def test_a_release_is_a_number(load: Load) -> None:
    with pytest.raises(GrammarError, match=r"yaml:\d+: since must be a release such as 12\.4"):
        load(TYPES, MODE.replace("do: x.port", "do: x.port\n    since: new"))


def test_help_that_a_file_states_once(load: Load) -> None:
    once = MODE.replace("commands:", "help: {<number>: Any number, service: Some service}\ncommands:")
    grammar = load(
        TYPES, once.replace(", <number>: Its number", "").replace("    help: {service: A service}\n", "")
    )
    shown = grammar.modes["config"].help("rule ", Situation())
    assert isinstance(shown, Help)
    assert shown.rows == (("<1-9>", "Any number"),)
    told = (
        load(TYPES, once.replace("    help: {service: A service}\n", ""))
        .modes["config"]
        .help("rule ", Situation())
    )
    assert isinstance(told, Help)
    assert told.rows == (("<1-9>", "Its number"),)


def test_help_of_nothing_is_a_fault(load: Load) -> None:
    with pytest.raises(GrammarError, match=r"yaml:\d+: help for '<bits>', which no syntax has"):
        load(TYPES, MODE.replace("<number>: Its number", "<number>: Its number, <bits>: Gone"))
    with pytest.raises(GrammarError, match=r"yaml:\d+: help for 'gone', which no syntax has"):
        load(TYPES, MODE.replace("commands:", "help: {gone: Gone}\ncommands:"))


def test_two_helps_of_one_beginning_are_a_fault(load: Load) -> None:
    other = "  - syntax: service stop\n    help: {service: Other, stop: Stop}\n    do: x.stop\n"
    with pytest.raises(GrammarError, match=r"yaml:\d+: two helps for 'service'"):
        load(TYPES, MODE + other)
