from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.parser import Ambiguous, Empty, Grammar, Incomplete, Invalid, Match, Situation

F00 = "FastEthernet0/0"


@pytest.mark.parametrize(
    ("mode", "line", "words", "arguments"),
    [
        ("exec", "sh clo", "show clock", {}),
        ("exec", "SHOW CLOCK Det", "show clock detail", {"detail": True}),
        ("exec", "sh ip int bri", "show ip interface brief", {"brief": True}),
        ("exec", "show ip int fa0/0", f"show ip interface {F00}", {"name": F00}),
        ("exec", "show ip int f 0/0 brief", f"show ip interface {F00} brief", {"name": F00, "brief": True}),
        ("exec", "show ip int lo0", "show ip interface Loopback0", {"name": "Loopback0"}),
        ("exec", "show ip int vlan 1", "show ip interface Vlan1", {"name": "Vlan1"}),
        ("exec", "show int Fast0/0.10 st", f"show interfaces {F00}.10 status", {"name": f"{F00}.10", "status": True}),
        ("exec", "sh interfaces stat", "show interfaces status", {"status": True}),
        ("exec", "sh mon ses 3", "show monitor session 3", {"number": 3}),
        ("exec", "sh mon ses all", "show monitor session all", {"all": True}),
        ("exec", "conf t", "configure terminal", {"terminal": True}),
        ("exec", "connect 10.0.0.1", "connect 10.0.0.1", {"target": IPv4Address("10.0.0.1")}),
        ("exec", "connect R-B", "connect R-B", {"target": "R-B"}),
        ("config", "int f0/0.20", f"interface {F00}.20", {"name": f"{F00}.20"}),
        ("config", "int Tunnel 5", "interface Tunnel5", {"name": "Tunnel5"}),
        ("config", "int range f0/0 - 1 , lo0", "interface range FastEthernet0/0 - 1 , Loopback0",
         {"names": (F00, "FastEthernet0/1", "Loopback0")}),
        ("config", "int range f0/0-1,lo0", "interface range FastEthernet0/0 - 1 , Loopback0",
         {"names": (F00, "FastEthernet0/1", "Loopback0")}),
        ("config", "acc 5 per host 1.2.3.4 log", "access-list 5 permit host 1.2.3.4 log",
         {"number": 5, "action": "permit", "host": True, "address": IPv4Address("1.2.3.4"), "log": True}),
        ("config", "transform T esp-sha esp-aes 256", "transform T esp-sha esp-aes 256",
         {"name": "T", "esp_sha": True, "esp_aes": True, "256": True}),
        ("config", "peers A b C", "peers A b C", {"names": ("A", "b", "C")}),
    ],
)  # fmt: skip
def test_accepted(
    grammar: Grammar, router: Situation, mode: str, line: str, words: str, arguments: dict[str, Any]
) -> None:
    result = grammar.modes[mode].match(line, router)
    assert isinstance(result, Match), result
    assert " ".join(result.words) == words
    assert result.arguments == arguments


@pytest.mark.parametrize(
    ("mode", "line", "expected"),
    [
        ("config", "show clock", Invalid(2)),
        ("config", "logging 0255.255.1", Invalid(8)),
        ("config", "logging", Incomplete()),
        ("exec", "enable secret", Invalid(7)),
        ("exec", "conz t", Invalid(3)),
        ("exec", "show i", Ambiguous()),
        ("exec", "co", Ambiguous()),
        ("exec", "show", Incomplete()),
        ("exec", "show clock now", Invalid(11)),
        ("exec", "show monitor session 99", Invalid(21)),
        ("exec", "show ip interface fa0/7", Invalid(22)),
        ("exec", "show ip interface fa", Incomplete()),
        ("exec", "show ip interface fa0", Incomplete()),
        ("exec", "show ip interface fx0/0", Invalid(19)),
        ("exec", "show ip interface fa0/0 bx", Invalid(25)),
        ("exec", "connect 1.2.3", Invalid(8)),
        ("config", "interface gi0/0", Invalid(10)),
        ("config", "transform T esp-sha esp-sha", Invalid(24)),
        ("config", "interface range fa0/0 - 7", Invalid(24)),
        ("config", "interface range fa0/0 ,", Incomplete()),
        ("config", "no ip forward", Invalid(4)),
        ("exec", "", Empty()),
        ("exec", "   ! a comment", Empty()),
    ],
)
def test_refused(grammar: Grammar, router: Situation, mode: str, line: str, expected: Any) -> None:
    assert grammar.modes[mode].match(line, router) == expected


@pytest.mark.parametrize(
    ("mode", "line", "words", "negated", "defaulted"),
    [
        ("config", "no shut", "shutdown", True, False),
        ("config", "default shutdown", "shutdown", False, True),
        ("config", "no logging", "logging", True, False),
        ("config", "no logging 1.2.3.4", "logging 1.2.3.4", True, False),
        ("config", "no access-list 7", "access-list 7", True, False),
        ("exec", "no debug crypto isakmp", "debug crypto isakmp", True, False),
    ],
)
def test_negated(
    grammar: Grammar, router: Situation, mode: str, line: str, words: str, negated: bool, defaulted: bool
) -> None:
    result = grammar.modes[mode].match(line, router)
    assert isinstance(result, Match), result
    assert (" ".join(result.words), result.negated, result.defaulted) == (words, negated, defaulted)


def test_an_explicit_no_form_is_exact(grammar: Grammar, router: Situation) -> None:
    config = grammar.modes["config"]
    assert config.match("no access-list", router) == Incomplete()
    assert config.match("no access-list 7 permit any", router) == Invalid(17)


def test_what_the_box_or_the_level_does_not_have_is_invalid(grammar: Grammar, router: Situation) -> None:
    user = replace(router, privilege=1)
    assert isinstance(grammar.modes["exec"].match("show clock", user), Match)
    assert grammar.modes["exec"].match("show run", user) == Invalid(5)
    assert grammar.modes["config"].match("hostname X", replace(router, kind="switch")) == Invalid(0)


def test_privilege_levels_move_commands(grammar: Grammar, router: Situation) -> None:
    moved = replace(
        router, privilege=7, levels={("exec", "show running-config"): 7, ("exec", "show clock"): 8}
    )
    mode = grammar.modes["exec"]
    assert isinstance(mode.match("show run", moved), Match)
    assert isinstance(mode.match("show clock", moved), Invalid)


def test_the_call_passes_what_was_typed(grammar: Grammar, router: Situation) -> None:
    result = grammar.modes["exec"].match("show ip int brief", router)
    assert isinstance(result, Match)
    assert result.call(None) == {"brief": True}
    assert result.columns == {"brief": 12}


@given(st.text(max_size=40) | st.text(alphabet="showintfa0/1 .-,bre?!no", max_size=40))
def test_no_line_raises(grammar: Grammar, line: str) -> None:
    here = Situation(interfaces=("FastEthernet0/0", "Loopback0"))
    for mode in grammar.modes.values():
        mode.match(line, here)
        mode.help(line, here)
        mode.complete(line, here)


@given(st.sampled_from(["show clock detail", "show monitor session all", "configure terminal"]), st.data())
def test_an_abbreviation_is_the_command_or_ambiguous(
    grammar: Grammar, line: str, data: st.DataObject
) -> None:
    here = Situation()
    mode = grammar.modes["exec"]
    full = mode.match(line, here)
    short = " ".join(word[: data.draw(st.integers(1, len(word)))] for word in line.split())
    result = mode.match(short, here)
    assert (
        result == full
        or isinstance(result, Ambiguous)
        or (isinstance(result, Match) and isinstance(full, Match) and result.words == full.words)
    )
