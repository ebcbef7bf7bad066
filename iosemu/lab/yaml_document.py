"""YAML documents that know the file and line of every value, for error messages that say where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from iosemu.lab.errors import LabError

Place = tuple[Path, int]
"""File and line (from 1)."""
KeyPath = tuple[str | int, ...]
_DEPTH = 20
MOST = 1_000_000
"""Values of one document, at most: each use of an alias counts as much as what it stands for."""

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""LibYAML's parser is eight times as fast; some builds of PyYAML lack it."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The place of a value, and of all values inside it.

    What an alias stands for, and what the copies of one entry have in common, is one object.
    """

    place: Place
    inside: Mapping[str | int, Marks] = field(default_factory=dict)

    def at(self, key: str | int) -> Mapping[str | int, Marks]:
        """The marks inside the value of a key; none when there is no such key."""
        found = self.inside.get(key)
        return {} if found is None else found.inside

    def replaced(self, **inside: Mapping[str | int, Marks]) -> Marks:
        """The same with other marks inside some values."""
        old = self.inside
        marks: dict[str | int, Marks] = dict(old)
        for key, new in inside.items():
            marks[key] = Marks(old[key].place if key in old else self.place, new)
        return Marks(self.place, marks)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document as plain values, and where each of them stands."""

    data: Any
    marks: Marks

    def place(self, path: KeyPath) -> Place:
        """Where the value at `path`, or the nearest one around it, stands."""
        marks = self.marks
        for part in path:
            inside = marks.inside.get(part)
            if inside is None:
                break
            marks = inside
        return marks.place


def describe(place: Place, at: KeyPath, text: str) -> str:
    """`file:line: path: text`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
    return f"{place[0]}:{place[1]}: {path}: {text}" if path else f"{place[0]}:{place[1]}: {text}"


def load(path: Path) -> Document:
    """Read a YAML file; the time it takes grows with the length of the file, whatever aliases it has.

    Raises LabError with file and line when it cannot be read, is no YAML, repeats a key, refers to itself, or
    says by aliases more than `MOST` values.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise LabError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise LabError(f"{path}: not UTF-8 text (byte {error.start})") from error
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return Document(None, Marks((path, 1)))
            return _Reader(loader, path).document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise LabError(f"{path}:{line}: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        character = error.character if isinstance(error.character, int) else ord(error.character)
        line = text[: text.find(chr(character)) + 1].count("\n") + 1
        raise LabError(f"{path}:{line}: the character #x{character:04x} may not stand here") from error
    except yaml.YAMLError as error:
        raise LabError(f"{path}: {error}") from error
    except RecursionError as error:
        raise LabError(f"{path}: nested too deeply") from error


@dataclass(slots=True)
class _Read:
    """A value that was read, with the marks inside it, how many values it is, and how deep they are nested."""

    value: Any
    inside: Mapping[str | int, Marks]
    count: int = 1
    depth: int = 1


class _Reader:
    """Makes values and marks of nodes, of each node once: an alias is the node that it stands for."""

    def __init__(self, loader: yaml.SafeLoader, path: Path) -> None:
        self._loader = loader
        self._path = path
        self._done: dict[yaml.Node, _Read | None] = {}
        """What was read; None for what is being read."""

    def document(self, node: yaml.Node) -> Document:
        read = self._read(node, 0)
        return Document(read.value, Marks((self._path, 1), read.inside))

    def _place(self, node: yaml.Node) -> Place:
        return self._path, node.start_mark.line + 1

    def _fault(self, node: yaml.Node, text: str) -> LabError:
        return LabError(f"{self._path}:{node.start_mark.line + 1}: {text}")

    def _read(self, node: yaml.Node, depth: int) -> _Read:
        if not isinstance(node, yaml.CollectionNode):
            return _Read(self._scalar(node), {})
        if node in self._done:
            known = self._done[node]
        else:
            self._done[node] = None
            known = None if depth > _DEPTH else self._collection(node, depth)
            self._done[node] = known
        if known is None or depth + known.depth > _DEPTH + 1:
            raise self._fault(node, "nested too deeply, or refers to itself")
        if known.count > MOST:
            raise self._fault(node, f"aliases make {known.count} values of this; {MOST} at most")
        return known

    def _scalar(self, node: yaml.Node) -> Any:
        """The value of a word; a date or number that there is not is a fault of the file."""
        try:
            return self._loader.construct_object(node)
        except (ValueError, OverflowError, LookupError) as error:
            shown = str(node.value)[:40]
            raise self._fault(node, f"{shown!r} is no value; put quotes around a text ({error})") from error

    def _collection(self, node: yaml.CollectionNode, depth: int) -> _Read:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        return self._list(node, depth)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> _Read:
        data: dict[str, Any] = {}
        inside: dict[str | int, Marks] = {}
        read = _Read(data, inside)
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._fault(key_node, "a key must be a plain word")
            key = str(key_node.value)
            if key in data:
                raise self._fault(key_node, f"{key!r} stands here twice")
            found = self._read(value_node, depth + 1)
            data[key] = found.value
            inside[key] = Marks(self._place(key_node), found.inside)
            read.count += found.count
            read.depth = max(read.depth, found.depth + 1)
        return read

    def _list(self, node: yaml.CollectionNode, depth: int) -> _Read:
        data: list[Any] = []
        inside: dict[str | int, Marks] = {}
        read = _Read(data, inside)
        for index, item in enumerate(node.value):
            found = self._read(item, depth + 1)
            data.append(found.value)
            inside[index] = Marks(self._place(item), found.inside)
            read.count += found.count
            read.depth = max(read.depth, found.depth + 1)
        return read
