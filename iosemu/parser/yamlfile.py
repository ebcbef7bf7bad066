"""YAML with lines: every scalar is text, every error names file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_BASE: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _Loader(_BASE):  # type: ignore[misc]
    """Reads without asking what type a scalar looks like: all are text."""

    def resolve(self, *_: Any) -> str:
        return ""

    def descend_resolver(self, *_: Any) -> None:
        """Nothing depends on the path."""

    def ascend_resolver(self) -> None:
        """Nothing depends on the path."""


class GrammarError(Exception):
    """The grammar is at fault; the message starts with `file:line: `."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place


class Place:
    """A line of a file."""

    __slots__ = ("file", "line")

    def __init__(self, file: Path | str, line: int) -> None:
        self.file = file
        self.line = line

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Table(dict[str, Any]):
    """A mapping with the place of itself and of each key."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: dict[str, Place] = {}

    def text(self, key: str, default: str | None = None) -> str | None:
        """The text under `key`; raises GrammarError when something else stands there."""
        value = self.get(key, default)
        if value is not None and not isinstance(value, str):
            raise GrammarError(self.places.get(key, self.place), f"{key} must be text")
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """The list of texts under `key` (one text counts as a list); None when it is absent."""
        value = self.get(key)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in items):
            raise GrammarError(self.places[key], f"{key} must be a list of texts")
        return tuple(items)

    def table(self, key: str) -> Table:
        """The mapping under `key`, empty when it is absent."""
        value = self.get(key)
        if value is None:
            return Table(self.place)
        if not isinstance(value, Table):
            raise GrammarError(self.places[key], f"{key} must be a mapping")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """`true` or `false` under `key`."""
        value = self.text(key)
        if value is None:
            return default
        if value not in {"true", "false"}:
            raise GrammarError(self.places[key], f"{key} must be true or false")
        return value == "true"

    def only(self, *known: str) -> None:
        """Raise GrammarError for a key that is not known."""
        for key in self:
            if key not in known:
                raise GrammarError(self.places[key], f"unknown key {key!r}")


def read(path: Path) -> Table:
    """Read a file whose top is a mapping; raises GrammarError."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise GrammarError(Place(path, mark.line + 1 if mark else 1), error.problem or "not YAML") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise GrammarError(Place(path, 1), str(error)) from error
    if not isinstance(node, yaml.MappingNode):
        raise GrammarError(Place(path, 1), "the file must be a mapping")
    value = _value(node, path)
    assert isinstance(value, Table)
    return value


def _value(node: Any, path: Path) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, path) for item in node.value]
    table = Table(Place(path, node.start_mark.line + 1))
    for key, value in node.value:
        place = Place(path, key.start_mark.line + 1)
        if not isinstance(key, yaml.ScalarNode):
            raise GrammarError(place, "a key must be text")
        if key.value in table:
            raise GrammarError(place, f"{key.value!r} is there twice")
        table.places[key.value] = place
        table[key.value] = _value(value, path)
    return table


def files(directory: Path) -> list[Path]:
    """All YAML files below the directory but `types.yaml`, those of a mode before its parts."""
    found = sorted(directory.rglob("*.yaml"), key=lambda path: (len(path.parts), path))
    return [path for path in found if path.name != "types.yaml"]
