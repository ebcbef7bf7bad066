"""The syntax notation of command references, as a tree.

`[]` optional, `(a | b)` choose one, `{a | b}` any order, each at most once, `<name:type>` a typed value,
`<name:type>...` one or more of them, `label=(a | b)` a choice whose words are bound to `label`.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from collections.abc import Sequence as ManyOf
from dataclasses import dataclass, field
from typing import Any, Protocol

_TOKEN = re.compile(
    r"\s*(?:(?P<label>[A-Za-z_][A-Za-z0-9_]*)=(?=\()|<(?P<name>[A-Za-z_][A-Za-z0-9_]*):(?P<type>[^>\s]+)>"
    r"(?P<repeat>\.\.\.)?|(?P<mark>[\[\](){}|])|(?P<word>[^\s\[\](){}|<>=]+))"
)


class NotationError(Exception):
    """The syntax text is not in the notation; the message says where."""


class Helps(Protocol):
    """Where a leaf that came out of types.yaml finds its help."""

    def find(self, leaf: Leaf, path: tuple[str, ...]) -> str | None:
        """The help of `leaf` after `path`; None when nothing is told."""
        ...

    def tells(self, leaf: Leaf) -> bool:
        """There is help for `leaf`, whatever comes before it."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Word:
    """A keyword."""

    text: str
    flag: str | None = None
    """The parameter that is True when the word was typed (words inside optional parts and choices)."""
    labels: tuple[str, ...] = ()
    name: str | None = None
    """The variable that a named value of a type is bound to …"""
    value: Any = None
    """… and that value."""
    helps: Helps | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """A variable."""

    name: str
    type: str
    labels: tuple[str, ...] = ()
    repeated: bool = False
    helps: Helps | None = None


Leaf = Word | Value


@dataclass(frozen=True, eq=False, slots=True)
class Sequence:
    """One after the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Optional:
    """May be left out."""

    item: Node


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """One of these."""

    items: tuple[Node, ...]


@dataclass(frozen=True, eq=False, slots=True)
class AnyOrder:
    """Any of these in any order, each at most once."""

    items: tuple[Node, ...]
    _without: dict[int, AnyOrder] = field(default_factory=dict, repr=False)

    def without(self, index: int) -> AnyOrder:
        """What remains when one was typed."""
        if index not in self._without:
            self._without[index] = AnyOrder(self.items[:index] + self.items[index + 1 :])
        return self._without[index]


@dataclass(frozen=True, eq=False, slots=True)
class Repeat:
    """A value once or more."""

    item: Value
    _more: list[Optional] = field(default_factory=list, repr=False)

    @property
    def more(self) -> Optional:
        """What may follow when one was typed."""
        if not self._more:
            self._more.append(Optional(self))
        return self._more[0]


class Assembly(Protocol):
    """What makes one value of the parts of a fragment, and parts of the value."""

    def check(self, names: set[str]) -> str | None:
        """What is wrong with the names of the parts; None when they fit."""
        ...

    def build(self, parts: dict[str, Any]) -> Any:
        """The value; raises ValueError when the parts do not go together."""
        ...

    def parts(self, value: Any) -> Mapping[str, Any] | ManyOf[Mapping[str, Any]]:
        """The parts of a value; several mappings where there are several ways to tell it, the best first."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Group:
    """A fragment in place of a variable: the names inside begin with the variable's and a dot."""

    name: str
    item: Node
    assembly: Assembly


Node = Word | Value | Sequence | Optional | Choice | AnyOrder | Repeat | Group

_CLOSING = {"[": "]", "(": ")", "{": "}"}


def parameter_name(word: str) -> str:
    """The Python name of a keyword: `-` becomes `_`, a Python keyword gets `_` appended."""
    name = re.sub(r"\W", "_", word)
    return f"{name}_" if keyword.iskeyword(name) else name


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.tokens: list[re.Match[str]] = []
        end = len(text.rstrip())
        while self.position < end:
            found = _TOKEN.match(text, self.position)
            if found is None:
                raise NotationError(f"{text!r}: cannot read {text[self.position :].strip()!r}")
            self.tokens.append(found)
            self.position = found.end()
        self.index = 0

    def peek(self) -> str | None:
        if self.index < len(self.tokens):
            return self.tokens[self.index]["mark"]
        return None

    def alternatives(self, closing: str | None, varying: bool, labels: tuple[str, ...]) -> list[Node]:
        result = [self.sequence(closing, varying, labels)]
        while self.peek() == "|":
            self.index += 1
            result.append(self.sequence(closing, varying, labels))
        if closing is not None:
            if self.peek() != closing:
                raise NotationError(f"{self.text!r}: {closing!r} is missing")
            self.index += 1
        return result

    def sequence(self, closing: str | None, varying: bool, labels: tuple[str, ...]) -> Node:
        items: list[Node] = []
        while self.index < len(self.tokens):
            token = self.tokens[self.index]
            mark = token["mark"]
            if mark == "|" or (mark is not None and mark == closing):
                break
            self.index += 1
            items.append(self.item(token, varying, labels))
        if not items:
            raise NotationError(f"{self.text!r}: an empty alternative")
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def item(self, token: re.Match[str], varying: bool, labels: tuple[str, ...]) -> Node:
        if token["word"]:
            flag = parameter_name(token["word"]) if varying and not labels else None
            return Word(token["word"], flag, labels)
        if token["name"]:
            value = Value(token["name"], token["type"], labels, bool(token["repeat"]))
            return Repeat(value) if value.repeated else value
        if token["label"]:
            self.index += 1
            return Choice(tuple(self.alternatives(")", True, (*labels, token["label"]))))
        if token["mark"] not in _CLOSING:
            raise NotationError(f"{self.text!r}: unexpected {token['mark']!r}")
        inner = self.alternatives(_CLOSING[token["mark"]], True, labels)
        if token["mark"] == "{":
            return AnyOrder(tuple(inner))
        node = inner[0] if len(inner) == 1 else Choice(tuple(inner))
        return Optional(node) if token["mark"] == "[" else node


def parse(text: str) -> tuple[Node, ...]:
    """Read a syntax line as the sequence of its parts.

    Raises NotationError when it is not in the notation.
    """
    reader = _Reader(text)
    if not reader.tokens:
        raise NotationError("the syntax is empty")
    node = reader.sequence(None, False, ())
    if reader.index < len(reader.tokens):
        raise NotationError(f"{text!r}: put alternatives into parentheses")
    return node.items if isinstance(node, Sequence) else (node,)


def bound(leaf: Leaf) -> Iterator[str]:
    """The names of the variable and the labels that a leaf binds (not of its flag)."""
    yield from leaf.labels
    if leaf.name is not None:
        yield leaf.name


def leaves(nodes: tuple[Node, ...]) -> Iterator[Leaf]:
    """All words and values, in the order they are written."""
    todo = list(reversed(nodes))
    while todo:
        node = todo.pop()
        match node:
            case Word() | Value():
                yield node
            case Optional() | Repeat() | Group():
                todo.append(node.item)
            case _:
                todo += reversed(node.items)


def groups(nodes: tuple[Node, ...]) -> Iterator[Group]:
    """All fragments, an inner one before the one it stands in."""
    for node in nodes:
        match node:
            case Group():
                yield from groups((node.item,))
                yield node
            case Optional():
                yield from groups((node.item,))
            case Sequence() | Choice() | AnyOrder():
                yield from groups(node.items)
            case _:
                pass


def literal_prefix(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    """The keywords that every form of the command starts with."""
    words: list[str] = []
    for node in nodes:
        if not isinstance(node, Word):
            break
        words.append(node.text)
    return tuple(words)


def forms(nodes: tuple[Node, ...]) -> list[tuple[Leaf, ...]]:
    """Every form of a syntax without repetition; any-order groups as written, a fragment as one value."""
    result: list[tuple[Leaf, ...]] = [()]
    for node in nodes:
        match node:
            case Word() | Value():
                tails: list[tuple[Leaf, ...]] = [(node,)]
            case Repeat():
                tails = [(node.item,)]
            case Optional():
                tails = [*forms((node.item,)), ()]
            case Sequence():
                tails = forms(node.items)
            case Group():
                tails = [(Value(node.name, ""),)]
            case Choice():
                tails = [form for item in node.items for form in forms((item,))]
            case AnyOrder():
                tails = forms(tuple(Optional(item) for item in node.items))
        result = [head + tail for head in result for tail in tails]
    return result


def required(nodes: tuple[Node, ...]) -> set[str]:
    """Names (variables and labels) that every form of the syntax binds.

    Names with dots belong to a fragment that was begun.
    """
    names: set[str] = set()
    for node in nodes:
        match node:
            case Word():
                names.update(node.labels)
                if node.name is not None:
                    names.add(node.name)
                if node.flag is not None and "." in node.flag:
                    names.add(node.flag)
            case Group():
                names.add(node.name)
            case Value():
                names.update((node.name, *node.labels))
            case Repeat():
                names.update(required((node.item,)))
            case Sequence():
                names |= required(node.items)
            case Choice():
                names |= set.intersection(*(required((item,)) for item in node.items))
            case Optional() | AnyOrder():
                pass
    return names
