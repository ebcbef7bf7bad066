"""A mode: its header, its commands, and what it makes of a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from iosemu.parser import notation
from iosemu.parser.command import Command, check_signature
from iosemu.parser.complete import complete_line
from iosemu.parser.fields import FieldRule
from iosemu.parser.graph import Graph
from iosemu.parser.help import help_line
from iosemu.parser.help_table import HelpTable, tokens_of
from iosemu.parser.match import match_line
from iosemu.parser.notation import Value, Word
from iosemu.parser.results import HelpResult, Result
from iosemu.parser.situation import Situation
from iosemu.parser.yamlfile import GrammarError, Place, Table

if TYPE_CHECKING:
    from iosemu.parser.loader import Grammar


SEVERAL = "several"
"""The key in `prompts:` of a mode for a list of objects."""


class Mode:
    """One mode of the grammar."""

    def __init__(self, name: str, place: Place, grammar: Grammar) -> None:
        self.name = name
        self.place = place
        self.header: Place | None = None
        self.title: str | None = None
        """What a bare `?` prints first."""
        self.prompt = ""
        """With `{hostname}` and the like, for `str.format`."""
        self.prompts: Mapping[str, str] = {}
        """Other prompts: `several` when more than one object is edited, else by the attribute that it has."""
        self.interpreter = False
        """Lines are no commands of the grammar: what the mode edits runs them (`steps`)."""
        self.parent: str | None = None
        """Where `exit` leads, and where lines that this mode does not know are tried."""
        self.dialect = "ios"
        """Which texts errors have: ios, pc, sniffer or console."""
        self.edits: str | None = None
        self.bare = False
        self.negation = True
        self.privilege = 15
        self.piped: tuple[str, ...] = ()
        self.helps: Mapping[str, str] = {}
        """Of `no` and `default`."""
        self.common = HelpTable({})
        """Help that the header states for all commands."""
        self.commands: list[Command] = []
        self.fields: list[tuple[Command, Table]] = []
        self._grammar = grammar
        self._graphs: dict[Any, Graph] = {}
        self._ready = False
        self._rules: dict[type, dict[str, list[FieldRule]]] = {}
        """The rules of the `set:` commands by class and field."""
        self._shared: dict[tuple[str, ...], str] = {}

    def prompt_for(self, target: Any) -> str:
        """The prompt while `target`, or a list of them, is edited."""
        if isinstance(target, list):
            return self.prompts.get(SEVERAL, self.prompt)
        return next((text for name, text in self.prompts.items() if getattr(target, name, None)), self.prompt)

    def match(self, line: str, situation: Situation) -> Result:
        """Read a whole line.

        Raises GrammarError when the edited class of a `set:` mode cannot be found.
        """
        self.prepare()
        return match_line(self._graph(situation), line, situation)

    def help(self, line: str, situation: Situation) -> HelpResult:
        """The answer to `?` typed after `line`."""
        return help_line(self._graph(situation), line, self.title, situation)

    def complete(self, line: str, situation: Situation) -> str | None:
        """The whole line that Tab makes of `line`; None when there is nothing to complete."""
        return complete_line(self._graph(situation), line, situation)

    def render(self, target: Any, **facts: Any) -> list[str]:
        """The configuration lines of `target` and its parts, in the grammar's order, defaults hidden.

        They are those of the `set:` fields, and what the functions named by `shows:` make of `target` and
        `facts`. Raises GrammarError when an edited class or a function cannot be found.
        """
        self.prepare()
        lines: list[str] = []
        for command, _ in self.fields:
            if command.rule is not None:
                line = command.rule.render(target)
                if line is not None and line not in lines:
                    lines.append(line)
            elif command.shows is not None and self._shown_of(command, target):
                lines += command.resolve(command.shows)(target, **facts)
        return lines

    def render_fields(self, target: Any, names: Sequence[str]) -> list[str]:
        """The configuration lines of these fields of `target` itself, in this order, defaults hidden."""
        self.prepare()
        rules = self._rules.get(type(target), {})
        lines = (rule.render(target) for name in names for rule in rules.get(name, ()))
        return list(dict.fromkeys(line for line in lines if line is not None))

    def _shown_of(self, command: Command, target: Any) -> bool:
        return command.edits is None or isinstance(target, self._edited(command.edits, command.place))

    def prepare(self) -> None:
        """Build the rules of the `set:` commands (at first use, since it imports the edited class)."""
        if self._ready:
            return
        for command, entry in self.fields:
            if command.set is not None and command.edits is not None:
                edited = self._edited(command.edits, command.place)
                command.rule = FieldRule(command, entry, edited)
                self._rules.setdefault(edited, {}).setdefault(command.set, []).append(command.rule)
        self._ready = True

    def _edited(self, name: str, place: Place) -> Any:
        try:
            return self._grammar.resolve_class(name)
        except (LookupError, ImportError, AttributeError) as error:
            raise GrammarError(place, f"edits: {name}: {error}") from error

    def finish(self) -> None:
        """Gather the help of the literal beginnings; raises GrammarError for two helps of one."""
        for command in self.commands:
            self._share(command)
            command.shared = self._shared

    def check_helps(self) -> None:
        """Check that every token has help, and that all help is of some token; raises GrammarError."""
        met: dict[int, tuple[HelpTable, Place, set[str]]] = {
            id(self.common): (self.common, self.place, set())
        }
        for command in self.commands:
            self._check_help(command)
            tokens = {token for form in command.forms for token in tokens_of(notation.leaves(form.nodes))}
            self._check_strangers(command.help, command.place, tokens)
            common = command.common
            while common is not None:
                met.setdefault(id(common), (common, command.place, set()))[2].update(tokens)
                common = common.behind
        for table, place, tokens in met.values():
            if not table.partly:
                self._check_strangers(table, Place(place.file, 1), tokens)

    def _check_strangers(self, table: HelpTable, place: Place, tokens: set[str]) -> None:
        stranger = table.stranger(tokens)
        if stranger is not None:
            raise GrammarError(place, f"help for {stranger!r}, which no syntax has")

    def check(self) -> None:
        """Resolve handlers and the edited class; raises GrammarError."""
        self.prepare()
        for command in self.commands:
            if command.do is not None:
                check_signature(command, command.resolve(command.do))
            if command.shows is not None:
                command.resolve(command.shows)
            self._check_groups(command)

    def _check_groups(self, command: Command) -> None:
        for name, group in command.groups.items():
            leaves = [leaf for form in command.forms for leaf in notation.leaves(form.nodes)]
            bound = {each for leaf in leaves for each in notation.bound(leaf) if each.startswith(f"{name}.")}
            names = {each.removeprefix(f"{name}.").partition(".")[0] for each in bound}
            fault = group.assembly.check(names)
            if fault is not None:
                raise GrammarError(command.place, f"{name}: {fault} (syntax: {command.syntax})")

    def _share(self, command: Command) -> None:
        path: tuple[str, ...] = ()
        for text in command.prefix:
            told = command.help_for(Word(text), path)
            path = (*path, text.lower())
            if told is None:
                continue
            if self._shared.setdefault(path, told) != told:
                raise GrammarError(
                    command.place,
                    f"two helps for {' '.join(path)!r}: {told!r} and, elsewhere, {self._shared[path]!r}",
                )

    def _check_help(self, command: Command) -> None:
        for form in command.forms:
            if form.relaxed:
                continue
            path: tuple[str, ...] = ()
            prefix = notation.literal_prefix(form.nodes)
            for index, leaf in enumerate(notation.leaves(form.nodes)):
                if index < len(prefix):
                    path = (*path, prefix[index].lower())
                    if path in self._shared:
                        continue
                if command.tells(leaf):
                    continue
                if isinstance(leaf, Value) and (
                    form.negated or self._grammar.value_type(leaf.type, command.place).help
                ):
                    continue
                token = leaf.text if isinstance(leaf, Word) else f"<{leaf.name}>"
                raise GrammarError(command.place, f"no help for {token!r} (syntax: {command.syntax})")

    def _graph(self, situation: Situation) -> Graph:
        levels = tuple(sorted(situation.levels.items())) if situation.levels else ()
        key = (
            situation.privilege,
            situation.kind,
            situation.subjects,
            situation.version,
            situation.capabilities,
            levels,
        )
        graph = self._graphs.get(key)
        if graph is None:
            forms = [
                form
                for command in self.commands
                if command.available(situation)
                and command.level(command.prefix, situation) <= situation.privilege
                for form in command.forms
            ]
            if len(self._graphs) >= 64:
                self._graphs.clear()
            graph = self._graphs[key] = Graph(forms, lambda name: self._grammar.types[name], self.helps)
        return graph
