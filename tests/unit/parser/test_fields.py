from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_grammar import ISAKMP, Encryption, Policy

from iosemu.handling import resolve
from iosemu.parser import Grammar, GrammarError, Match, Situation

HEADER = "mode: config\ntitle: x\ncommands:\n"


def typed(grammar: Grammar, lines: list[str]) -> Policy:
    policy = Policy()
    for line in lines:
        result = grammar.modes["config-isakmp"].match(line, Situation())
        assert isinstance(result, Match), line
        result.call(SimpleNamespace(target=policy))
    return policy


def test_setting_and_restoring(grammar: Grammar) -> None:
    assert typed(grammar, ["enc aes"]).encryption is Encryption.AES_128
    assert typed(grammar, ["enc aes 256", "no enc"]).encryption is Encryption.DES
    assert typed(grammar, ["life 100", "default lifetime"]).lifetime == 86400
    assert typed(grammar, ["no keepalive"]).keepalive is False
    assert typed(grammar, ["no keepalive", "default keepalive"]).keepalive is True
    assert typed(grammar, ["description a  b "]).description == "a  b"


def test_rendering_hides_defaults(grammar: Grammar) -> None:
    mode = grammar.modes["config-isakmp"]
    assert mode.render(Policy()) == []
    assert mode.render(Policy(Encryption.AES_256, 60, False, True, "x y")) == [
        "encr aes 256", "lifetime 60", "no keepalive", "compress", "description x y",
    ]  # fmt: skip


@given(
    st.builds(
        Policy,
        st.sampled_from(Encryption),
        st.integers(60, 86400),
        st.booleans(),
        st.booleans(),
        st.none()
        | st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)).map(str.strip).filter(bool),
    )
)
def test_what_is_rendered_reads_back(grammar: Grammar, policy: Policy) -> None:
    assert typed(grammar, grammar.modes["config-isakmp"].render(policy)) == policy


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("aes 192: AES_192, ", "", "values has no row for 'aes 192'"),
        ("values: {des", "values: {rot13: DES, des", "the syntax has no form 'rot13'"),
        ("des: DES, 3des: TRIPLE", "des: NONE, 3des: TRIPLE", "'NONE' is no value"),
        ("default: 86400", "default: 3600", "the default of field 'lifetime' is 86400"),
        ("set: compress", "set: bogus", "Policy has no field 'bogus'"),
    ],
)
def test_disagreeing_tables_are_refused(
    write: Callable[..., Grammar], old: str, new: str, message: str
) -> None:
    assert old in ISAKMP
    grammar = write("mode: config\ntitle: x\n", ISAKMP.replace(old, new, 1))
    with pytest.raises(GrammarError, match=message):
        grammar.check()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  - syntax: a b\n    help: {a: x}\n    do: x.y\n", r"0\.yaml:4: no help for 'b'"),
        ("  - syntax: a [b\n    help: {a: x}\n    do: x.y\n", "']' is missing"),
        ("  - syntax: a <b:nope>\n    help: {a: x, b: x}\n    do: x.y\n", "unknown type 'nope'"),
        ("  - syntax: a\n    help: {a: x}\n", "either do: or set:"),
        ("  - syntax: a\n    bogus: 1\n", r"0\.yaml:5: unknown key 'bogus'"),
        ("  - syntax: a\n    privilege: 16\n", "privilege must be 0 to 15"),
        ("  - syntax: a\n    help: {a: x}\n    do: x.y\n  - syntax: a b\n    help: {a: y, b: z}\n    do: x.y\n",
         "two helps for 'a'"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_named_with_its_line(write: Callable[..., Grammar], text: str, message: str) -> None:
    with pytest.raises(GrammarError, match=message):
        write(HEADER + text)


def test_signatures_are_compared(write: Callable[..., Grammar]) -> None:
    def lacks(context: object) -> None: ...
    def surplus(context: object, address: object, other: object) -> None: ...
    def fits(context: object, address: object = None, detail: bool = False) -> None: ...

    text = (
        HEADER
        + "  - syntax: a [detail] <address:ipv4>\n    help: {a: x, detail: x, address: x}\n    do: x.y\n"
    )
    write(text, resolve=lambda name: fits).check()
    with pytest.raises(GrammarError, match="'address' is missing"):
        write(text, resolve=lambda name: lacks).check()
    with pytest.raises(GrammarError, match="no part of the syntax gives 'other'"):
        write(text, resolve=lambda name: surplus).check()


def test_a_generated_no_is_as_long_as_its_handler_needs(write: Callable[..., Grammar]) -> None:
    def needs(context: object, name: str, value: int | None = None) -> None: ...

    text = (
        HEADER + "  - syntax: a <name:word> <value:1-9>\n    help: {a: x, name: x, value: x}\n    do: x.y\n"
    )
    mode = write(text, resolve=lambda name: needs).modes["config"]
    assert not isinstance(mode.match("no a", Situation()), Match)
    assert isinstance(mode.match("no a x", Situation()), Match)
    assert isinstance(mode.match("no a x 3", Situation()), Match)


def test_the_project_grammar_fits_its_handlers_and_fields() -> None:
    directory = Path(__file__).parents[3] / "grammar"
    Grammar.load([directory], resolve.handler, resolve.edited).check()


def test_every_line_of_the_project_grammar_is_helped_without_raising() -> None:
    grammar = Grammar.load([Path(__file__).parents[3] / "grammar"])
    here = Situation(interfaces=("FastEthernet0/0", "Vlan1"))
    for mode in grammar.modes.values():
        for command in mode.commands:
            words = " ".join(command.prefix)
            for kind in ("router", "switch", "pc"):
                mode.help(f"{words} ", replace(here, kind=kind))
                mode.help(words, replace(here, kind=kind))
                mode.complete(words, replace(here, kind=kind))
