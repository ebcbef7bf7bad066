"""YAML with the place of everything, for error messages that say where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Place = tuple[Path, int]
"""File and line (from 1)."""
KeyPath = tuple[str | int, ...]
_DEPTH = 20


class LabError(Exception):
    """The lab cannot be used; the text says what, where and, where it helps, what to do."""


@dataclass(frozen=True)
class Document:
    """A YAML document as plain values, and where each of them stands."""

    data: Any
    places: dict[KeyPath, Place]

    def place(self, path: KeyPath) -> Place:
        """Where the value at `path`, or the nearest one around it, stands."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        raise KeyError(path)


def describe(place: Place, at: KeyPath, text: str) -> str:
    """`file:line: path: text`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
    return f"{place[0]}:{place[1]}: {path}: {text}" if path else f"{place[0]}:{place[1]}: {text}"


def load(path: Path) -> Document:
    """Read a YAML file.

    Raises LabError with file and line when it cannot be read, is no YAML, or repeats a key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise LabError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise LabError(f"{path}: not UTF-8 text (byte {error.start})") from error
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        places: dict[KeyPath, Place] = {(): (path, 1)}
        data = None if node is None else _value(loader, node, (), path, places)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise LabError(f"{path}:{line}: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise LabError(f"{path}: {error}") from error
    finally:
        loader.dispose()
    return Document(data, places)


def _value(
    loader: yaml.SafeLoader, node: yaml.Node, at: KeyPath, path: Path, places: dict[KeyPath, Place]
) -> Any:
    if len(at) > _DEPTH:
        raise LabError(f"{path}:{node.start_mark.line + 1}: nested too deeply, or refers to itself")
    places.setdefault(at, (path, node.start_mark.line + 1))
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise LabError(f"{path}:{key_node.start_mark.line + 1}: a key must be a plain word")
            key = str(key_node.value)
            if key in result:
                raise LabError(f"{path}:{key_node.start_mark.line + 1}: {key!r} stands here twice")
            places[(*at, key)] = (path, key_node.start_mark.line + 1)
            result[key] = _value(loader, value_node, (*at, key), path, places)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, (*at, index), path, places) for index, item in enumerate(node.value)]
    return loader.construct_object(node)
