"""`types.yaml`: how values are read, and which types are pieces of syntax."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from iosemu.parser import notation
from iosemu.parser.fragments import Fragment, NamedValues, Piece
from iosemu.parser.help_table import HelpTable
from iosemu.parser.notation import NotationError
from iosemu.parser.types import ValueType, make_type
from iosemu.parser.yamlfile import GrammarError, Place, Table, read

Edited = Callable[[str, Place], Any]


def read_types(path: Path, types: dict[str, ValueType], pieces: dict[str, Piece], edited: Edited) -> None:
    """Add the types of one file to `types` and `pieces`.

    Raises GrammarError.
    """
    table = read(path)
    for name, spec in table.items():
        place = table.places[name]
        if not isinstance(spec, Table):
            raise GrammarError(place, f"type {name} must be a mapping")
        if name in types or name in pieces:
            raise GrammarError(place, f"there are two types {name}")
        if "syntax" in spec:
            pieces[name] = _fragment(name, spec, edited)
        elif spec.get("base") == "names":
            pieces[name] = _names(name, spec)
        else:
            try:
                types[name] = make_type(name, spec)
            except ValueError as error:
                raise GrammarError(place, str(error)) from error


def _fragment(name: str, spec: Table, edited: Edited) -> Fragment:
    spec.only("syntax", "value", "help")
    syntax, value = spec.text("syntax"), spec.text("value")
    if syntax is None or value is None:
        raise GrammarError(spec.place, f"type {name}: a fragment has syntax: and value:")
    try:
        nodes = notation.parse(f"({syntax})")
    except NotationError as error:
        raise GrammarError(spec.places["syntax"], str(error)) from error
    helps = spec.table("help")
    for key in helps:
        helps.text(key)
    return Fragment(
        name, " ".join(syntax.split()), nodes, HelpTable(helps), partial(edited, value, spec.places["value"])
    )


def _names(name: str, spec: Table) -> NamedValues:
    """`values: {www: [80, World Wide Web (HTTP)]}`, `number: 0-65535` with its `help:`."""
    spec.only("base", "values", "number", "help")
    rows = spec.table("values")
    if not rows:
        raise GrammarError(spec.place, f"type {name}: values is missing")
    values: dict[str, Any] = {}
    helps: dict[str, str] = {}
    for word, row in rows.items():
        if not (isinstance(row, list) and len(row) == 2 and all(isinstance(part, str) for part in row)):
            raise GrammarError(rows.places[word], f"{word} must be [value, help]")
        try:
            values[word] = _value(row[0])
        except ValueError:
            raise GrammarError(rows.places[word], f"{word}: {row[0]!r} is no number") from None
        helps[word] = row[1]
    number, told = spec.text("number"), spec.text("help")
    if (number is None) != (told is None):
        raise GrammarError(spec.place, f"type {name}: number: and its help: go together")
    if told is not None:
        helps["<number>"] = told
    return NamedValues(name, values, number, HelpTable(helps))


def _value(text: str) -> Any:
    """A number, `none`, or several of these as a tuple."""
    parts = tuple(None if part == "none" else int(part) for part in text.split())
    return parts[0] if len(parts) == 1 else parts
