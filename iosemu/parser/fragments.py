"""Types that are a piece of syntax: named values, and fragments that make one Python value of their parts.

Both are written in the place of a variable, `<port:tcp-port>` or `<source:acl-address>`, and are replaced by
their words and values when a syntax is read. So one table gives what can be typed, its help, the Python value,
and (through `spell`) the words back.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from iosemu.parser import notation
from iosemu.parser.help_table import HelpTable
from iosemu.parser.notation import Choice, Group, Leaf, Node, Value, Word


@dataclass(frozen=True, eq=False)
class NamedValues:
    """`base: names`: words that stand for values, and perhaps the numbers themselves."""

    name: str
    values: Mapping[str, Any]
    number: str | None
    """The range of numbers that can be typed as well."""
    help: HelpTable

    @property
    def text(self) -> str:
        """Its syntax."""
        numbers = () if self.number is None else (f"<{self.number}>",)
        return " | ".join((*numbers, *self.values))

    def node(self, value: Value) -> Node:
        """What is written in place of a variable of this type."""
        helps = _Named(self.help, value.name)
        words: list[Node] = [
            Word(text, None, value.labels, value.name, meaning, helps)
            for text, meaning in self.values.items()
        ]
        if self.number is not None:
            words.append(Value(value.name, self.number, value.labels, helps=helps))
        return words[0] if len(words) == 1 else Choice(tuple(words))


@dataclass(frozen=True, eq=False)
class Fragment:
    """`syntax:`: a piece of syntax whose parts make one value of the class named by `value:`."""

    name: str
    text: str
    """Its syntax as written."""
    nodes: tuple[Node, ...]
    """Read, its own fragments not yet replaced."""
    help: HelpTable
    resolve: Callable[[], Any] = field(repr=False)

    @cached_property
    def _made_by(self) -> tuple[Callable[..., Any], frozenset[str]]:
        cls = self.resolve()
        maker = getattr(cls, "from_parts", cls)
        return maker, frozenset(inspect.signature(maker).parameters)

    def check(self, names: set[str]) -> str | None:
        """What is wrong between the class and the names that the syntax binds; None when they fit."""
        maker, known = self._made_by
        missing = sorted(names - known)
        if missing:
            return f"{maker.__qualname__} has no parameter {missing[0]!r}"
        if not hasattr(self.resolve(), "parts"):
            return f"{self.resolve().__qualname__} has no method parts()"
        return None

    def build(self, parts: dict[str, Any]) -> Any:
        """The value of the parts that were typed.

        Raises ValueError when they do not go together.
        """
        maker, known = self._made_by
        return maker(**{name: value for name, value in parts.items() if name in known})

    def parts(self, value: Any) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        """The parts that make `value`; several mappings where there are several ways to tell it."""
        made: Mapping[str, Any] | Sequence[Mapping[str, Any]] = self.resolve().parts(value)
        return made


@dataclass(frozen=True, eq=False)
class _Named:
    """The help of a type, told to one variable: `{name}` and `{Name}` in a text are the variable's name."""

    table: HelpTable
    variable: str

    def find(self, leaf: Leaf, path: tuple[str, ...]) -> str | None:
        """The help of `leaf` after `path`."""
        if isinstance(leaf, Value) and leaf.name == self.variable:
            leaf = replace(leaf, name="number")
        told = self.table.find(leaf, path)
        if told is None or "{" not in told:
            return told
        name = self.variable.rpartition(".")[2].replace("_", " ")
        return told.replace("{name}", name).replace("{Name}", name.capitalize())

    def tells(self, leaf: Leaf) -> bool:
        """There is help for `leaf`."""
        if isinstance(leaf, Value) and leaf.name == self.variable:
            leaf = replace(leaf, name="number")
        return self.table.tells(leaf)


@dataclass(frozen=True, eq=False)
class _Both:
    first: notation.Helps
    second: notation.Helps

    def find(self, leaf: Leaf, path: tuple[str, ...]) -> str | None:
        told = self.first.find(leaf, path)
        return self.second.find(leaf, path) if told is None else told

    def tells(self, leaf: Leaf) -> bool:
        return self.first.tells(leaf) or self.second.tells(leaf)


Piece = NamedValues | Fragment


class FragmentError(Exception):
    """A fragment stands where it cannot; the message says why."""


def replaced(nodes: tuple[Node, ...], pieces: Mapping[str, Piece]) -> tuple[Node, ...]:
    """The syntax with every variable whose type is a piece of syntax replaced by that syntax.

    Raises FragmentError for one that repeats, or that stands within itself.
    """
    return tuple(_Replacer(pieces).node(node) for node in nodes)


@dataclass
class _Replacer:
    pieces: Mapping[str, Piece]
    prefix: str = ""
    labels: tuple[str, ...] = ()
    helps: notation.Helps | None = None
    within: tuple[str, ...] = ()

    def node(self, node: Node) -> Node:
        match node:
            case Value():
                return self._value(node)
            case Word():
                return self._word(node)
            case notation.Sequence():
                return notation.Sequence(tuple(self.node(item) for item in node.items))
            case notation.Optional():
                return notation.Optional(self.node(node.item))
            case Choice():
                return Choice(tuple(self.node(item) for item in node.items))
            case notation.AnyOrder():
                return notation.AnyOrder(tuple(self.node(item) for item in node.items))
            case notation.Repeat():
                item = self.node(node.item)
                if not isinstance(item, Value):
                    raise FragmentError(f"{node.item.type} cannot be repeated")
                return notation.Repeat(item)
            case Group():
                return node

    def _word(self, word: Word) -> Word:
        if not self.prefix:
            return word
        labels = tuple(self.prefix + label for label in word.labels)
        flag = None if word.labels else self.prefix + notation.parameter_name(word.text)
        return replace(word, flag=flag, labels=(*self.labels, *labels), helps=self.helps)

    def _value(self, value: Value) -> Node:
        labels = (*self.labels, *(self.prefix + label for label in value.labels))
        made = replace(value, name=self.prefix + value.name, labels=labels, helps=self.helps)
        piece = self.pieces.get(value.type)
        if piece is None:
            return made
        if isinstance(piece, NamedValues):
            return self._told(piece.node(made))
        if piece.name in self.within:
            raise FragmentError(f"{piece.name} stands within itself")
        helps: notation.Helps = _Named(piece.help, made.name)
        if self.helps is not None:
            helps = _Both(self.helps, helps)
        inner = _Replacer(self.pieces, f"{made.name}.", labels, helps, (*self.within, piece.name))
        nodes = tuple(inner.node(node) for node in piece.nodes)
        return Group(made.name, nodes[0] if len(nodes) == 1 else notation.Sequence(nodes), piece)

    def _told(self, node: Node) -> Node:
        """The help of the fragment around named values goes before their own."""
        if self.helps is None:
            return node
        if isinstance(node, Choice):
            return Choice(tuple(self._told(item) for item in node.items))
        assert isinstance(node, Word | Value)
        assert node.helps is not None
        return replace(node, helps=_Both(self.helps, node.helps))


def assemble(groups: Mapping[str, Group], arguments: dict[str, Any], columns: dict[str, int]) -> str | None:
    """Replace the parts of every fragment in `arguments` by the value they make.

    Returns the name of a fragment whose parts do not go together, else None.
    """
    for name, group in groups.items():
        start = f"{name}."
        parts = {key: value for key, value in arguments.items() if key.startswith(start)}
        if not parts:
            continue
        columns[name] = min(columns[key] for key in parts)
        for key in parts:
            del arguments[key]
        try:
            arguments[name] = group.assembly.build({key[len(start) :]: value for key, value in parts.items()})
        except ValueError:
            return name
    return None
