from __future__ import annotations

from dataclasses import replace

import pytest

from iosemu.parser import Ambiguous, Candidates, Grammar, Help, Invalid, Situation


def test_a_bare_question_mark_has_title_and_sorted_rows(grammar: Grammar, router: Situation) -> None:
    result = grammar.modes["config"].help("", router)
    assert isinstance(result, Help)
    assert result.lines()[:4] == [
        "Configure commands:",
        "  access-list  Add an access list entry",
        "  default      Set a command to its defaults",
        "  hostname     Set system's network name",
    ]
    assert [word for word, _ in result.rows] == sorted(word for word, _ in result.rows)


@pytest.mark.parametrize(
    ("mode", "line", "lines"),
    [
        ("exec", "show clock ", ["  detail  More", "  |       Output modifiers", "  <cr>"]),
        ("exec", "connect ", ["  Hostname or A.B.C.D  Address"]),
        ("exec", "show monitor session ", ["  <1-66>  SPAN session number", "  all     All sessions"]),
        ("exec", "no ", ["  debug  Debugging functions"]),
        ("config", "no access-list ", ["  <1-99>       ACL", "  <1300-1999>  ACL"]),
        (
            "exec",
            "show ip interface ",
            [
                "  FastEthernet  FastEthernet IEEE 802.3",
                "  Loopback      Loopback interface",
                "  Vlan          Catalyst Vlans",
                "  brief         Brief summary",
                "  |             Output modifiers",
                "  <cr>",
            ],
        ),
        ("exec", "show ip interface FastEthernet ", ["  <0-0>  FastEthernet interface number"]),
        ("exec", "show ip interface fa0", ["  /"]),
        ("exec", "show ip interface fa0/", ["  <0-1>  FastEthernet interface number"]),
        ("config", "interface Tunnel ", ["  <0-2147483647>  Tunnel interface number"]),
        ("config-isakmp", "encryption aes ",
         ["  128  128 bit keys.", "  192  192 bit keys.", "  256  256 bit keys.", "  <cr>"]),
    ],
)  # fmt: skip
def test_listing(grammar: Grammar, router: Situation, mode: str, line: str, lines: list[str]) -> None:
    result = grammar.modes[mode].help(line, router)
    assert isinstance(result, Help), result
    assert result.lines() == lines


@pytest.mark.parametrize(
    ("mode", "line", "expected"),
    [
        ("exec", "sh", Candidates(("show",))),
        ("exec", "co", Candidates(("configure", "connect"))),
        ("exec", "show ip interface fa", Candidates(("FastEthernet",))),
        ("exec", "xyz", Invalid(0)),
        ("exec", "xyz ", Invalid(0)),
        ("exec", "co ", Ambiguous()),
    ],
)
def test_inside_a_word_and_errors(
    grammar: Grammar, router: Situation, mode: str, line: str, expected: object
) -> None:
    assert grammar.modes[mode].help(line, router) == expected


def test_long_texts_wrap_under_their_column() -> None:
    rows = (("mrinfo", "Request neighbor and version information from a multicast router"),)
    assert Help(None, (*rows, ("access-template", "x")), False).lines()[:2] == [
        "  mrinfo           Request neighbor and version information from a multicast",
        "                   router",
    ]


@pytest.mark.parametrize(
    ("mode", "line", "expected"),
    [
        ("exec", "sh", "show "),
        ("exec", "sh ip int fa", "sh ip int fastEthernet "),
        ("exec", "show running-config in", "show running-config interface "),
        ("exec", "co", None),
        ("exec", "xyz", None),
        ("exec", "show ", None),
        ("config", "no shu", "no shutdown "),
    ],
)
def test_completion(grammar: Grammar, router: Situation, mode: str, line: str, expected: str | None) -> None:
    assert grammar.modes[mode].complete(line, router) == expected


def test_known_values_are_listed_and_completed(grammar: Grammar, router: Situation) -> None:
    here = replace(router, candidates=lambda name: [("R-B", "the other end")] if name == "host" else [])
    result = grammar.modes["exec"].help("connect ", here)
    assert isinstance(result, Help)
    assert ("R-B", "the other end") in result.rows
    assert grammar.modes["exec"].complete("connect R", here) == "connect R-B "
