"""From `grammar/**/*.yaml` to modes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iosemu.parser import notation
from iosemu.parser.command import Command
from iosemu.parser.fragments import FragmentError, Piece, replaced
from iosemu.parser.mode import Mode
from iosemu.parser.modefile import ModeReader, Taken
from iosemu.parser.notation import NotationError, Value
from iosemu.parser.spell import spell
from iosemu.parser.types import ValueType, number_type
from iosemu.parser.typesfile import read_types
from iosemu.parser.yamlfile import GrammarError, Place, Table, files, read

Resolve = Callable[[str], Any]


def _unresolved(name: str) -> Any:
    raise LookupError(f"nothing resolves {name!r}")


class Grammar:
    """All modes."""

    def __init__(self, resolve_handler: Resolve = _unresolved, resolve_class: Resolve = _unresolved) -> None:
        self.modes = Modes(self)
        self.types: dict[str, ValueType] = {}
        self.pieces: dict[str, Piece] = {}
        """The types that are a piece of syntax."""
        self._spellings: dict[str, tuple[notation.Node, ...]] = {}
        """Of types that were spelled: their syntax, fragments replaced."""
        self.roots: list[Path] = []
        self.resolve_handler = resolve_handler
        self.resolve_class = resolve_class

    @classmethod
    def load(
        cls,
        directories: Iterable[Path],
        resolve_handler: Resolve = _unresolved,
        resolve_class: Resolve = _unresolved,
    ) -> Grammar:
        """Find the YAML files below `directories`; a mode is read when it is first asked for.

        The path of a file names its mode: `subject/mode.yaml` or `subject/mode/part.yaml`. A file right in one
        of the directories is read at once to learn it. `types.yaml` may stand in any directory.
        `resolve_handler("subject.function")` and `resolve_class("subject.Class")` find what `do:`, `edits:` and
        `value:` name and raise LookupError otherwise; they are asked when it is first needed (`check` asks for
        all). Raises GrammarError, which names file and line.
        """
        grammar = cls(resolve_handler, resolve_class)
        for directory in map(Path, directories):
            grammar.roots.append(directory)
            for path in sorted(directory.rglob("types.yaml")):
                read_types(path, grammar.types, grammar.pieces, grammar.edited)
            for path in files(directory):
                parts = path.relative_to(directory).with_suffix("").parts
                grammar.modes.add(path, parts[1] if len(parts) > 1 else None)
        return grammar

    def add_answers(self, path: Path) -> None:
        """One more file: commands that are answered by what `resolve_handler("answer:FILE")` gives.

        Raises GrammarError.
        """
        self.roots.append(path.parent)
        self.modes.add(path, None)

    def read(self) -> None:
        """Read all modes, and look for a token without help and for help without a token.

        Raises GrammarError.
        """
        for mode in self.modes.values():
            if mode.parent is not None and mode.parent not in self.modes:
                raise GrammarError(mode.place, f"parent {mode.parent!r} is no mode")
            mode.check_helps()

    def check(self) -> None:
        """Read all modes, resolve every handler and every class.

        Raises GrammarError.
        """
        self.read()
        for mode in self.modes.values():
            mode.check()

    def edited(self, name: str, place: Place) -> Any:
        """The class that a `value:` names.

        Raises GrammarError when there is none.
        """
        try:
            return self.resolve_class(name)
        except (LookupError, ImportError, AttributeError) as error:
            raise GrammarError(place, f"value: {name}: {error}") from error

    def value_type(self, name: str, place: Place) -> ValueType:
        """The type that a variable names: of types.yaml, or a range such as `1-100` or `range:1-100`."""
        if name not in self.types:
            low, dash, high = name.removeprefix("range:").partition("-")
            if not (dash and low.isdigit() and high.isdigit()):
                raise GrammarError(place, f"unknown type {name!r}")
            if int(low) > int(high):
                raise GrammarError(place, f"{name}: the range is empty")
            self.types[name] = number_type(int(low), int(high))
        return self.types[name]

    def syntax(self, text: str, place: Place) -> tuple[notation.Node, ...]:
        """Read a syntax line, fragments replaced.

        Raises GrammarError.
        """
        try:
            nodes = notation.parse(text)
            if any(isinstance(leaf, Value) and leaf.type in self.pieces for leaf in notation.leaves(nodes)):
                nodes = replaced(nodes, self.pieces)
        except (NotationError, FragmentError) as error:
            raise GrammarError(place, str(error)) from error
        for leaf in notation.leaves(nodes):
            if isinstance(leaf, Value):
                self.value_type(leaf.type, place)
                if leaf.name in leaf.labels:
                    raise GrammarError(place, f"variable {leaf.name!r} shares its name with a label")
        return nodes

    def spell(self, type_name: str, value: Any) -> str:
        """The words that a fragment or a type with named values has for a value: `any`, `www`, `8080`.

        Raises KeyError for a type that is no piece of syntax, ValueError when no form stands for the value.
        """
        if type_name not in self.pieces:
            raise KeyError(type_name)
        nodes = self._spellings.get(type_name)
        if nodes is None:
            nodes = self._spellings[type_name] = replaced((Value("value", type_name),), self.pieces)
        text = spell(nodes, {"value": value})
        if text is None:
            raise ValueError(f"{type_name} has no form for {value!r}")
        return text


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Make many objects that all stay: looking for garbage among them again and again costs as much as they do."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Modes(Mapping[str, Mode]):
    """The modes by name; each is made when it is first asked for."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._files: dict[str, list[tuple[Path, Table | None]]] = {}
        self._made: dict[str, Mode] = {}

    def add(self, path: Path, name: str | None) -> None:
        """A file of the mode; None: the file says of which.

        Raises GrammarError.
        """
        table = None
        if name is None:
            table = read(path)
            name = table.text("mode")
            if name is None:
                raise GrammarError(table.place, "mode is missing")
        self._files.setdefault(name, []).append((path, table))

    def __getitem__(self, name: str) -> Mode:
        """The mode.

        Raises KeyError for a name that there is not, GrammarError for a fault in its files.
        """
        made = self._made.get(name)
        if made is None:
            with _collector_paused():
                tables = [(path, table or read(path)) for path, table in self._files[name]]
                taken = [
                    Taken(read(path.parent / f"{file}.yaml"), prefix)
                    for path, table in tables
                    for each in table.texts("takes") or ()
                    for file, _, prefix in (each.partition(" behind "),)
                ]
                made = self._made[name] = ModeReader(self._grammar, name).read(tables, taken)
        return made

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._files)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._files)

    def __contains__(self, name: object) -> bool:
        """There is such a mode (it need not be read for that)."""
        return name in self._files


__all__ = ["Command", "Grammar", "GrammarError", "Mode", "Modes", "Value"]
