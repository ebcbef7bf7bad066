"""From `grammar/*.yaml` to modes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from iosemu.parser import notation
from iosemu.parser.command import Command, Form
from iosemu.parser.mode import Mode
from iosemu.parser.notation import NotationError, Value, Word
from iosemu.parser.types import ValueType, make_type, number_type
from iosemu.parser.yamlfile import GrammarError, Place, Table, files, read

_FILTERS = ("kinds", "images", "models")
_HEADER = ("title", "prompt", "parent", "edits", "dialect", "privilege", "negation", "pipes", "help", "bare")
_COMMAND = (
    "syntax", "help", "privilege", "do", "set", "values", "default", "always", "render", "no", "status",
    "pipe", "hidden", *_FILTERS,
)  # fmt: skip
_NEGATE_HELP = {"no": "Negate a command or set its defaults", "default": "Set a command to its defaults"}

Resolve = Callable[[str], Any]


def _unresolved(name: str) -> Any:
    raise LookupError(f"nothing resolves {name!r}")


class Grammar:
    """All modes."""

    def __init__(self) -> None:
        self.modes: dict[str, Mode] = {}
        self.types: dict[str, ValueType] = {}

    @classmethod
    def load(
        cls,
        directories: Iterable[Path],
        resolve_handler: Resolve = _unresolved,
        resolve_class: Resolve = _unresolved,
    ) -> Grammar:
        """Read every YAML file below `directories`.

        `resolve_handler("stem.function")` and `resolve_class("stem.Class")` find what `do:` and `edits:`
        name and raise LookupError otherwise; they are asked when it is first needed (`check` asks for all).
        Raises GrammarError, which names file and line.
        """
        grammar = cls()
        directories = [Path(directory) for directory in directories]
        for directory in directories:
            path = directory / "types.yaml"
            if path.is_file():
                grammar._read_types(path)
        tables = [(path, read(path)) for path in files(directories)]
        for path, table in tables:
            grammar._read_header(path, table, resolve_class)
        for path, table in tables:
            subject = next(
                (path.relative_to(each).parts[0] for each in directories if each in path.parents), ""
            )
            grammar._read_commands(path, table, resolve_handler, subject)
        for mode in grammar.modes.values():
            if mode.parent is not None and mode.parent not in grammar.modes:
                raise GrammarError(mode.place, f"parent {mode.parent!r} is no mode")
            mode.finish()
        return grammar

    def check(self) -> None:
        """Resolve every handler and every edited class, and look for two helps for one path.

        Raises GrammarError.
        """
        for mode in self.modes.values():
            mode.check()

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

    def _read_types(self, path: Path) -> None:
        table = read(path)
        for name, spec in table.items():
            if not isinstance(spec, Table):
                raise GrammarError(table.places[name], f"type {name} must be a mapping")
            try:
                self.types[name] = make_type(name, spec)
            except ValueError as error:
                raise GrammarError(table.places[name], str(error)) from error

    def _read_header(self, path: Path, table: Table, resolve_class: Resolve) -> None:
        table.only("mode", "commands", *_HEADER, *_FILTERS)
        name = table.text("mode")
        if name is None:
            raise GrammarError(table.place, "mode is missing")
        mode = self.modes.setdefault(name, Mode(name, table.place, self))
        told = [key for key in _HEADER if key in table]
        if not told:
            return
        if mode.header is not None:
            raise GrammarError(table.place, f"the header of mode {name} stands in {mode.header}")
        mode.header, mode.place = table.place, table.place
        mode.title = table.text("title")
        mode.prompt = table.text("prompt", "") or ""
        mode.parent = table.text("parent")
        mode.dialect = table.text("dialect", "ios") or "ios"
        mode.edits = table.text("edits")
        mode.resolve_class = resolve_class
        mode.bare = table.flag("bare", False)
        mode.negation = table.flag("negation", mode.dialect == "ios" and name not in {"exec", "pipe"})
        mode.piped = table.texts("pipes") or (("show", "more") if name == "exec" else ())
        mode.helps = {**_NEGATE_HELP, **table.table("help")}
        mode.privilege = _level(table, 1 if name == "exec" or mode.dialect != "ios" else 15)

    def _read_commands(self, path: Path, table: Table, resolve_handler: Resolve, subject: str) -> None:
        mode = self.modes[str(table["mode"])]
        if mode.header is None:
            raise GrammarError(table.place, f"mode {mode.name} has no header (title, prompt …) in any file")
        commands = table.get("commands") or []
        if not isinstance(commands, list):
            raise GrammarError(table.places["commands"], "commands must be a list")
        filters = {key: table.texts(key) for key in _FILTERS}
        for entry in commands:
            if not isinstance(entry, Table):
                raise GrammarError(table.places["commands"], "a command must be a mapping with syntax:")
            mode.commands.append(self._command(mode, entry, filters, resolve_handler, subject))

    def _command(
        self,
        mode: Mode,
        entry: Table,
        filters: Mapping[str, tuple[str, ...] | None],
        resolve: Resolve,
        subject: str,
    ) -> Command:
        place = entry.place
        entry.only(*_COMMAND)
        syntax = entry.text("syntax")
        if syntax is None:
            raise GrammarError(place, "syntax is missing")
        nodes = self._parse(syntax, place)
        helps = entry.table("help")
        for key in helps:
            helps.text(key)

        def filtered(key: str) -> frozenset[str] | None:
            texts = entry.texts(key) or filters[key]
            return None if texts is None else frozenset(texts)

        def resolved(name: str) -> Any:
            try:
                return resolve(name)
            except LookupError as error:
                raise GrammarError(place, f"do: {error.args[0] if error.args else name}") from error

        first = nodes[0].text if isinstance(nodes[0], Word) else ""
        command = Command(
            mode.name, place, syntax, nodes, helps, _level(entry, mode.privilege),
            filtered("kinds"), filtered("images"), filtered("models"),
            entry.text("do"), entry.text("set"), entry.text("status"),
            entry.flag("pipe", first in mode.piped), mode.negation, resolved,
            hidden=entry.flag("hidden", False), subject=subject,
        )  # fmt: skip
        if command.status not in (None, "accepted-only"):
            raise GrammarError(entry.places["status"], f"unknown status {command.status!r}")
        if (command.do is None) + (command.set is None) != 1 and not (
            command.do is None and command.set is None and (command.status or mode.bare)
        ):
            raise GrammarError(place, "a command has either do: or set: (or status: accepted-only)")
        self._forms(mode, command, entry)
        if command.set is not None:
            if mode.edits is None:
                raise GrammarError(entry.places["set"], f"mode {mode.name} has no edits:")
            mode.fields.append((command, entry))
        return command

    def _parse(self, syntax: str, place: Place) -> tuple[notation.Node, ...]:
        try:
            nodes = notation.parse(syntax)
        except NotationError as error:
            raise GrammarError(place, str(error)) from error
        for leaf in notation.leaves(nodes):
            if isinstance(leaf, Value):
                self.value_type(leaf.type, place)
                if leaf.name in leaf.labels:
                    raise GrammarError(place, f"variable {leaf.name!r} shares its name with a label")
        return nodes

    def _forms(self, mode: Mode, command: Command, entry: Table) -> None:
        command.forms.append(Form(command, command.nodes))
        told = entry.texts("no")
        if told == ("false",) or (told is None and not mode.negation) or command.prefix[:1] == ("no",):
            return
        if told is None:
            lead = tuple(command.nodes[index:] for index in range(max(len(command.prefix), 1)))
            bodies = [(command.nodes, lead, True)]
        else:
            bodies = [(self._parse(text, entry.places["no"]), (), False) for text in told]
        for nodes, lead, relaxed in bodies:
            command.forms.append(Form(command, nodes, True, False, lead, relaxed))
            if mode.negation:
                command.forms.append(Form(command, nodes, True, True, lead, relaxed))


def _level(table: Table, default: int) -> int:
    text = table.text("privilege")
    if text is None:
        return default
    if not text.isdigit() or int(text) > 15:
        raise GrammarError(table.places["privilege"], "privilege must be 0 to 15")
    return int(text)


__all__ = ["Command", "Grammar", "GrammarError", "Mode", "Value"]
