"""The words of a syntax for given values: reading backwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from iosemu.parser import notation
from iosemu.parser.notation import Node


@dataclass(frozen=True, slots=True)
class _Spelled:
    words: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    """Names whose values the words tell."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Of labels that several words tell: the words that are still to come."""


def spell(nodes: tuple[Node, ...], values: Mapping[str, Any]) -> str | None:
    """The line that binds `values`: variables, labels and True flags by name.

    Of several forms the first that tells most is taken. None when no form tells all the values whose names the
    syntax knows; other names are ignored, and so are False flags.
    """
    given = {name: value for name, value in values.items() if value is not False}
    if not all(isinstance(node, notation.Group | notation.Value) and node.name in given for node in nodes):
        known = {name.partition(".")[0] for leaf in notation.leaves(nodes) for name in _names(leaf)}
        given = {name: value for name, value in given.items() if name in known}
    found = _sequence(nodes, given, "")
    if found is None or not given.keys() <= found.used:
        return None
    return " ".join(found.words)


def _names(leaf: notation.Leaf) -> tuple[str, ...]:
    flag = leaf.flag if isinstance(leaf, notation.Word) else None
    return (*notation.bound(leaf), *((flag,) if flag is not None else ()))


def _sequence(nodes: tuple[Node, ...], given: Mapping[str, Any], prefix: str) -> _Spelled | None:
    words: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    left: dict[str, str] = {}
    for node in nodes:
        rest = {name: value for name, value in {**given, **left}.items() if name not in used}
        found = _node(node, rest, prefix)
        if found is None:
            return None
        words, used = words + found.words, used | found.used
        left.update(found.left)
    return _Spelled(words, used, {name: text for name, text in left.items() if name not in used})


def _node(node: Node, given: Mapping[str, Any], prefix: str) -> _Spelled | None:
    match node:
        case notation.Word():
            return _word(node, given, prefix)
        case notation.Value():
            name = node.name.removeprefix(prefix)
            if given.get(name) is None or not _fits(node.type, given[name]):
                return None
            return _Spelled((_text(given[name]),), frozenset({name, *_labels(node, prefix)}))
        case notation.Sequence():
            return _sequence(node.items, given, prefix)
        case notation.Optional():
            found = _node(node.item, given, prefix)
            return found if found is not None and (found.used or found.left) else _Spelled()
        case notation.AnyOrder():
            return _sequence(tuple(notation.Optional(item) for item in node.items), given, prefix)
        case notation.Choice():
            tried = [found for item in node.items if (found := _node(item, given, prefix)) is not None]
            return max(tried, key=lambda found: len(found.used), default=None)
        case notation.Repeat():
            name = node.item.name.removeprefix(prefix)
            if not given.get(name):
                return None
            return _Spelled(tuple(map(_text, given[name])), frozenset({name}))
        case notation.Group():
            return _group(node, given, prefix)


def _word(word: notation.Word, given: Mapping[str, Any], prefix: str) -> _Spelled | None:
    used: set[str] = set()
    left: dict[str, str] = {}
    if word.name is not None:
        name = word.name.removeprefix(prefix)
        if name not in given or given[name] != word.value or type(given[name]) is not type(word.value):
            return None
        used.add(name)
    for label in _labels(word, prefix):
        told, blank, rest = str(given.get(label, "")).partition(" ")
        if told != word.text:
            return None
        if blank:
            left[label] = rest
        else:
            used.add(label)
    if word.flag is not None:
        flag = word.flag.removeprefix(prefix)
        if given.get(flag) is True:
            used.add(flag)
    return _Spelled((word.text,), frozenset(used), left)


def _group(group: notation.Group, given: Mapping[str, Any], prefix: str) -> _Spelled | None:
    name = group.name.removeprefix(prefix)
    if given.get(name) is None:
        return None
    known = _known(group)
    told = group.assembly.parts(given[name])
    for parts in (told,) if isinstance(told, Mapping) else told:
        asked = {key: value for key, value in parts.items() if key in known and value is not False}
        found = _node(group.item, asked, f"{group.name}.")
        if found is not None and asked.keys() <= found.used:
            return _Spelled(found.words, frozenset({name}))
    return None


@lru_cache(maxsize=512)
def _known(group: notation.Group) -> frozenset[str]:
    """The names of the parts that a fragment has."""
    return frozenset(
        own.removeprefix(f"{group.name}.").partition(".")[0]
        for leaf in notation.leaves((group.item,))
        for own in _names(leaf)
    )


def _labels(leaf: notation.Leaf, prefix: str) -> list[str]:
    """The labels of this level (those of the fragments around are told by the fragments)."""
    return [label.removeprefix(prefix) for label in leaf.labels if label.startswith(prefix)]


def _fits(type_name: str, value: Any) -> bool:
    """A number is in the range that is its type; other types are not looked into."""
    low, _, high = type_name.removeprefix("range:").partition("-")
    if not (low.isdigit() and high.isdigit()):
        return True
    return isinstance(value, int) and int(low) <= value <= int(high)


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
