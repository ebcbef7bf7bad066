"""Every command that only looks (`show …`) or wipes what it shows (`clear …`, `debug …`) is typed in some test."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
VERBS = ("show", "clear", "debug")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C it reads all of the grammar in a second

EXCEPTIONS: dict[str, str] = {}
"""Syntax of a command that no test needs to type -> the reason."""

TOKEN = re.compile(
    r"(?P<optional>[\[{])|(?P<field>\w*=?<[^>]*>)|(?P<choice>(?:\w+=)?\([^)]*\))|(?P<word>\S+)"
)


def pattern_of(syntax: str) -> str:
    """The regular expression that a typed line of this command matches, options left out or not."""
    parts: list[str] = []
    at = 0
    while found := TOKEN.search(syntax, at):
        at = found.end()
        if found["optional"]:
            at = _end_of_group(syntax, found.start())
            # Options at the end need not be there; in the middle they may put words between.
            parts.append(r"(?: \S+){0,3}?" if syntax[at:].strip() else "")
        elif found["field"]:
            parts.append(r" \S+(?: \S+)?")
        elif found["choice"]:
            inner = found["choice"].partition("(")[2].rstrip(")")
            words = [re.escape(word.strip()) for word in inner.split("|") if "<" not in word]
            parts.append(rf" (?:{'|'.join(words)})" if words else r" \S+")
        else:
            parts.append(" " + re.escape(found["word"]))
    return "".join(parts).lstrip() + r"(?![\w-])"


def _end_of_group(syntax: str, start: int) -> int:
    depth = 0
    for at in range(start, len(syntax)):
        depth += (syntax[at] in "[{") - (syntax[at] in "]}")
        if not depth:
            return at + 1
    raise ValueError(f"a bracket of {syntax!r} is not closed")


@cache
def commands_of_the_grammar() -> list[str]:
    """The syntax of every show, clear and debug command."""
    found = set()
    for file in sorted((ROOT / "grammar").rglob("*.yaml")):
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader) or {}
        for command in content.get("commands", ()):
            syntax = " ".join(str(command["syntax"]).split())
            if syntax.split()[0] in VERBS:
                found.add(syntax)
    return sorted(found)


def typed_in_tests() -> str:
    """The lines of all tests that have one of the verbs, each once."""
    files = [
        file
        for file in (ROOT / "tests").rglob("*")
        if file.is_file()
        and file.suffix in {".py", ".transcript", ".txt"}
        and file != Path(__file__).resolve()
    ]
    verb = re.compile("|".join(VERBS))
    lines = {
        line: None
        for file in sorted(files)
        for line in file.read_text(encoding="utf-8").splitlines()
        if verb.search(line)
    }
    return "\n".join(lines)


def test_every_command_that_shows_is_typed_somewhere() -> None:
    text = typed_in_tests()
    commands = commands_of_the_grammar()
    assert len(commands) > 150
    unnamed = [
        syntax for syntax in commands if syntax not in EXCEPTIONS and not re.search(pattern_of(syntax), text)
    ]
    assert not unnamed, "typed in no test:\n" + "\n".join(unnamed)


def test_the_exceptions_are_commands_of_the_grammar() -> None:
    assert set(EXCEPTIONS) <= set(commands_of_the_grammar())


@pytest.mark.parametrize(
    ("syntax", "line", "named"),
    [
        ("show clock [detail]", "R#show clock", True),
        ("show clock [detail]", "R#show clocks", False),
        ("show interfaces <port:interface> counters [errors]", "show interfaces fa0/1 counters", True),
        ("show interfaces <port:interface> counters [errors]", "show interfaces fa0/1 status", False),
        ("show ip bgp [all] (summary | neighbors)", "show ip bgp all summary", True),
        ("show ip bgp [all] (summary | neighbors)", "show ip bgp all", False),
    ],
)
def test_a_line_names_its_command(syntax: str, line: str, named: bool) -> None:
    assert bool(re.search(pattern_of(syntax), line)) is named
