"""The files of one mode: its header and its commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from iosemu.parser.command import Command, Form, release
from iosemu.parser.help_table import HelpTable
from iosemu.parser.mode import Mode
from iosemu.parser.notation import Word
from iosemu.parser.yamlfile import GrammarError, Place, Table

if TYPE_CHECKING:
    from iosemu.parser.loader import Grammar

_FILTERS = ("kinds", "since", "until", "needs")
_HEADER = (
    "title",
    "prompt",
    "prompts",
    "interpreter",
    "parent",
    "dialect",
    "privilege",
    "negation",
    "pipes",
    "bare",
)
_COMMAND = (
    "syntax", "help", "privilege", "do", "set", "values", "default", "always", "off", "render", "shows", "no", "status",
    "pipe", "hidden", "stays", "answer", *_FILTERS,
)  # fmt: skip
OWN_ANSWER = "own answer"
"""The status of a command that a lab answers itself, with a file."""
_NEGATE_HELP = {"no": "Negate a command or set its defaults", "default": "Set a command to its defaults"}


class Taken(NamedTuple):
    """A file of another mode whose commands this one has, too: all, or what of them stands behind some words."""

    table: Table
    prefix: str = ""


class ModeReader:
    """Makes one mode of its files."""

    def __init__(self, grammar: Grammar, name: str) -> None:
        self._grammar = grammar
        self._name = name

    def read(self, tables: list[tuple[Path, Table]], taken: Sequence[Taken] = ()) -> Mode:
        """The mode of the files and of what it takes from others.

        Raises GrammarError.
        """
        mode = Mode(self._name, Place(tables[0][0], 1), self._grammar)
        for _, table in tables:
            self._header(mode, table)
        if mode.header is None:
            place = Place(tables[0][0], 1)
            raise GrammarError(place, f"mode {self._name} has no header (title, prompt …) in any file")
        for table in (each for _, each in tables):
            self._commands(mode, table)
        for each in taken:
            self._commands(mode, *each)
        mode.finish()
        return mode

    def _header(self, mode: Mode, table: Table) -> None:
        table.only("mode", "commands", "help", "edits", "takes", *_HEADER, *_FILTERS)
        name = table.text("mode")
        if name is None:
            raise GrammarError(table.place, "mode is missing")
        if name != self._name:
            raise GrammarError(table.places["mode"], f"the file's place says that its mode is {self._name}")
        helps = table.table("help")
        for key in helps:
            helps.text(key)
        if not any(key in table for key in _HEADER):
            return
        if mode.header is not None:
            raise GrammarError(table.place, f"the header of mode {name} stands in {mode.header}")
        mode.header, mode.place = table.place, table.place
        mode.title = table.text("title")
        mode.prompt = table.text("prompt", "") or ""
        prompts = table.table("prompts")
        mode.prompts = {key: prompts.text(key) or "" for key in prompts}
        mode.interpreter = table.flag("interpreter", False)
        mode.parent = table.text("parent")
        mode.dialect = table.text("dialect", "ios") or "ios"
        mode.edits = table.text("edits")
        mode.bare = table.flag("bare", False)
        mode.negation = table.flag("negation", mode.dialect == "ios" and name not in {"exec", "pipe"})
        mode.piped = table.texts("pipes") or (("show", "more") if name == "exec" else ())
        mode.common = HelpTable({key: text for key, text in helps.items() if key not in _NEGATE_HELP})
        mode.helps = {**_NEGATE_HELP, **{key: helps[key] for key in _NEGATE_HELP if key in helps}}
        mode.privilege = _level(table, 1 if name == "exec" or mode.dialect != "ios" else 15)

    def _commands(self, mode: Mode, table: Table, prefix: str = "") -> None:
        commands = table.get("commands") or []
        if not isinstance(commands, list):
            raise GrammarError(table.places["commands"], "commands must be a list")
        helps = table.table("help")
        subject = self._subject(table.place)
        common = mode.common
        if helps and table.place is not mode.header:
            common = HelpTable(helps, mode.common, partly=bool(prefix))
        for entry in commands:
            if not isinstance(entry, Table):
                raise GrammarError(table.places["commands"], "a command must be a mapping with syntax:")
            syntax = entry.text("syntax")
            if syntax is None:
                raise GrammarError(entry.place, "syntax is missing")
            if _behind(prefix, syntax) is not None:
                mode.commands.append(self._command(mode, entry, table, common, subject, prefix))

    def _command(
        self, mode: Mode, entry: Table, table: Table, common: HelpTable, subject: str, prefix: str
    ) -> Command:
        place = entry.place
        entry.only(*_COMMAND)
        syntax = _behind(prefix, entry.text("syntax") or "") or ""
        nodes = self._grammar.syntax(syntax, place)
        helps = entry.table("help")
        for key in helps:
            helps.text(key)
        resolve = self._grammar.resolve_handler

        def resolved(name: str) -> Any:
            try:
                return resolve(name)
            except LookupError as error:
                raise GrammarError(place, f"do: {error.args[0] if error.args else name}") from error

        answer = entry.text("answer")
        kinds = _filter("kinds", entry, table)
        first = nodes[0].text if isinstance(nodes[0], Word) else ""
        command = Command(
            mode.name, place, syntax, nodes, HelpTable(helps), _level(entry, mode.privilege),
            kinds=frozenset(kinds) if kinds is not None else None,
            since=_release("since", entry, table),
            until=_release("until", entry, table),
            needs=frozenset((*(table.texts("needs") or ()), *(entry.texts("needs") or ()))),
            do=f"answer:{answer}" if answer else entry.text("do"), set=entry.text("set"),
            status=OWN_ANSWER if answer else entry.text("status"),
            pipes=entry.flag("pipe", first in mode.piped), common=common, resolve=resolved,
            hidden=entry.flag("hidden", False), stays=entry.flag("stays", False), subject=subject,
            edits=table.text("edits") or mode.edits, shows=entry.text("shows"),
        )  # fmt: skip
        if command.status not in (None, "accepted-only", OWN_ANSWER if answer else None):
            raise GrammarError(entry.places["status"], f"unknown status {command.status!r}")
        if (command.do is None) + (command.set is None) != 1 and not (
            command.do is None and command.set is None and (command.status or mode.bare)
        ):
            raise GrammarError(place, "a command has either do: or set: (or status: accepted-only)")
        self._forms(mode, command, entry, prefix)
        if command.set is not None and command.edits is None:
            raise GrammarError(entry.places["set"], f"neither the file nor mode {mode.name} has edits:")
        if command.set is not None or command.shows is not None:
            mode.fields.append((command, entry))
        return command

    def _subject(self, place: Place) -> str:
        """The folder right below the grammar's."""
        parts = Path(place.file).parent.parts
        root = next(
            (root.parts for root in self._grammar.roots if parts[: len(root.parts)] == root.parts), parts
        )
        return parts[len(root)] if len(parts) > len(root) else ""

    def _forms(self, mode: Mode, command: Command, entry: Table, prefix: str) -> None:
        command.add_form(Form(command, command.nodes))
        told = entry.texts("no")
        if told == ("false",) or (told is None and not mode.negation) or command.prefix[:1] == ("no",):
            return
        if told is None:
            lead = tuple(command.nodes[index:] for index in range(max(len(command.prefix), 1)))
            bodies = [(command.nodes, lead, True)]
        elif told == ("same",):
            bodies = [(command.nodes, (), False)]
        else:
            place = entry.places["no"]
            bodies = [
                (self._grammar.syntax(_behind(prefix, each) or each, place), (), False) for each in told
            ]
        for nodes, lead, relaxed in bodies:
            command.add_form(Form(command, nodes, True, False, lead, relaxed))
            if mode.negation:
                command.add_form(Form(command, nodes, True, True, lead, relaxed))


def _behind(prefix: str, syntax: str) -> str | None:
    """What of a syntax stands behind some words; None: it does not begin with them."""
    text = " ".join(syntax.split())
    if not prefix:
        return syntax
    return text.removeprefix(f"{prefix} ") if text.startswith(f"{prefix} ") else None


def _filter(key: str, *tables: Table) -> tuple[str, ...] | None:
    """What the first of the tables that says it says."""
    return next((texts for texts in (table.texts(key) for table in tables) if texts is not None), None)


def _release(key: str, *tables: Table) -> tuple[int, ...] | None:
    for table in tables:
        text = table.text(key)
        if text is not None:
            try:
                return release(text)
            except ValueError:
                raise GrammarError(table.places[key], f"{key} must be a release such as 12.4") from None
    return None


def _level(table: Table, default: int) -> int:
    text = table.text("privilege")
    if text is None:
        return default
    if not text.isdigit() or int(text) > 15:
        raise GrammarError(table.places["privilege"], "privilege must be 0 to 15")
    return int(text)
