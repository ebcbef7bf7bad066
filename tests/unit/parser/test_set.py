"""`set:` commands beyond one word for one value, and `shows:`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from iosemu.parser import Grammar, GrammarError, Match, Situation
from iosemu.parser.renderer import Renderer


@dataclass(frozen=True)
class Pair:
    one: int
    two: int = 2

    def parts(self) -> dict[str, int]:
        return {"one": self.one, "two": self.two}


@dataclass
class Side:
    """A part of a port."""

    where: str | None = None
    up: bool = True


@dataclass
class Port:
    kind: str = "plain"
    times: Pair | None = None
    speed: str = ""
    idle: int = 600
    level: int = 1
    names: list[str] = field(default_factory=list)
    parts: dict[type[Any], Any] = field(default_factory=dict)

    def fresh(self) -> Port:
        return Port(self.kind, level=5 if self.kind == "big" else 1)

    def of(self, part: type[Any]) -> Any:
        if part is not Side:
            raise LookupError(part)
        return self.parts.setdefault(part, part())


TYPES = """
word: {base: word, placeholder: WORD}
pair: {syntax: "<one:1-9> [again <two:1-9>]", value: test.Pair, help: {<one>: One, again: And, <two>: Two}}
"""
PORT = """
mode: config-port
title: Port
edits: test.Port
commands:
  - syntax: times <times:pair>
    help: {times: Times}
    set: times
  - syntax: name <name:word>
    help: {name: A name, <name>: Name}
    do: x.name
    shows: x.names
  - syntax: speed rate=(10 | 100 [full] | auto)
    help: {speed: Speed, 10: Slow, 100: Fast, full: Both ways, auto: Either}
    set: speed
  - syntax: idle <minutes:0-900>
    help: {idle: Idle time, <minutes>: Minutes}
    set: idle
    off: 0
  - syntax: level <level:0-15>
    help: {level: Level, <level>: Level}
    set: level
"""
SIDE = """
mode: config-port
edits: test.Side
commands:
  - syntax: side (in | out)
    help: {side: Side, in: In, out: Out}
    set: where
    values: {in: in, out: out}
  - syntax: up
    help: {up: Up}
    set: up
"""


def names(target: Port, loud: bool = False) -> Iterator[str]:
    for name in target.names:
        yield f"name {name.upper() if loud else name}"


def handler(name: str) -> Any:
    def add(context: Any, name: str = "") -> None:
        context.target.names.append(name)

    return {"x.name": add, "x.names": names}[name]


def load(path: Path, port: str = PORT, side: str = SIDE) -> Grammar:
    (path / "one").mkdir(parents=True)
    (path / "two").mkdir()
    (path / "one" / "types.yaml").write_text(TYPES)
    (path / "one" / "config-port.yaml").write_text(port)
    (path / "two" / "config-port.yaml").write_text(side)
    classes = {"test.Pair": Pair, "test.Port": Port, "test.Side": Side}
    grammar = Grammar.load([path], handler, classes.__getitem__)
    grammar.check()
    return grammar


def type_in(grammar: Grammar, target: Any, *lines: str) -> Any:
    for line in lines:
        match = grammar.modes["config-port"].match(line, Situation())
        assert isinstance(match, Match), (line, match)
        match.call(SimpleNamespace(target=target))
    return target


def test_a_fragment_a_label_and_a_part(tmp_path: Path) -> None:
    grammar = load(tmp_path)
    port = type_in(grammar, Port(), "times 3 again 4", "speed auto", "side out", "no up", "name x")
    assert (port.times, port.speed, port.of(Side)) == (Pair(3, 4), "auto", Side("out", False))
    render = Renderer(grammar)
    assert render("config-port", port) == ["times 3 again 4", "name x", "speed auto", "side out", "no up"]
    assert render("config-port", port, loud=True)[1] == "name X"
    assert type_in(grammar, Port(), *render("config-port", port)) == port
    assert render("config-port", port.of(Side)) == ["side out", "no up"]


@pytest.mark.parametrize("speed", ["10", "100", "100 full", "auto"])
def test_a_label_may_be_several_words(tmp_path: Path, speed: str) -> None:
    grammar = load(tmp_path)
    port = type_in(grammar, Port(), f"speed {speed}")
    assert port.speed == speed
    assert Renderer(grammar)("config-port", port) == [f"speed {speed}"]


def test_no_and_default_restore(tmp_path: Path) -> None:
    grammar = load(tmp_path)
    typed = ["times 3", "speed 10", "side in", "no up", "idle 5", "level 9"]
    port = type_in(
        grammar, Port(), *typed, "no times", "no speed 10", "no side", "default up", "default idle"
    )
    assert type_in(grammar, port, "no level") == Port(parts={Side: Side()})
    assert Renderer(grammar)("config-port", port) == []


def test_no_may_mean_another_value_than_the_default(tmp_path: Path) -> None:
    grammar = load(tmp_path)
    port = type_in(grammar, Port(), "no idle")
    assert port.idle == 0
    assert Renderer(grammar)("config-port", port) == ["idle 0"]
    assert type_in(grammar, port, "default idle").idle == 600


def test_a_default_may_depend_on_the_object(tmp_path: Path) -> None:
    grammar = load(tmp_path)
    big = Port("big").fresh()
    assert Renderer(grammar)("config-port", big) == []
    assert Renderer(grammar)("config-port", type_in(grammar, big, "level 1")) == ["level 1"]
    assert type_in(grammar, big, "no level").level == 5


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("set: speed", "set: pace", "Port has no field 'pace'"),
        ("off: 0", "off: never", "'never' is no value of field 'idle'"),
        ("times <times:pair>", "times <one:1-9> <two:1-9>", "make several a fragment"),
        ("shows: x.names", "shows: x.gone", "x.gone"),
    ],
)
def test_faults(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in PORT
    with pytest.raises(GrammarError, match=r"\.yaml:\d+: ") as fault:
        load(tmp_path, PORT.replace(old, new).replace("{times: Times}", "{times: Times, <one>: 1, <two>: 2}")
             if "pair" in old else PORT.replace(old, new))  # fmt: skip
    assert message in str(fault.value)


def test_a_command_knows_its_subject(tmp_path: Path) -> None:
    mode = load(tmp_path).modes["config-port"]
    assert {command.syntax.split()[0]: command.subject for command in mode.commands}["side"] == "two"
    assert {command.subject for command in mode.commands} == {"one", "two"}


def test_a_file_in_another_mode_s_place_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(
        GrammarError, match=r"two/config-port\.yaml:2: the file's place says that its mode is"
    ):
        load(tmp_path, side=SIDE.replace("mode: config-port", "mode: config-other"))
