"""One command of the grammar: its forms, who has it, and what it does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from iosemu.parser import notation
from iosemu.parser.help_table import HelpTable
from iosemu.parser.notation import Leaf, Node, Value, Word
from iosemu.parser.situation import Situation
from iosemu.parser.yamlfile import GrammarError, Place

if TYPE_CHECKING:
    from iosemu.parser.fields import FieldRule


@dataclass(eq=False, slots=True)
class Form:
    """One way to type a command: as it is, or after `no`, or after `default`."""

    command: Command
    nodes: tuple[Node, ...]
    negated: bool = False
    defaulted: bool = False
    lead: tuple[tuple[Node, ...], ...] = ()
    """For a generated `no`: what is still to come while the line is too short; elsewhere it may end."""
    relaxed: bool = False
    _edges: dict[tuple[Node, ...], tuple[list[tuple[Leaf, tuple[Node, ...]]], bool]] = field(
        default_factory=dict
    )

    def edges(self, rest: tuple[Node, ...]) -> tuple[list[tuple[Leaf, tuple[Node, ...]]], bool]:
        """What may come next when `rest` is to come: (leaf, what is to come after it), and: may it end."""
        found = self._edges.get(rest)
        if found is None:
            steps, end = _expand(rest)
            if self.relaxed and rest not in self.lead and not self.command.wants(rest):
                end = True
            found = self._edges[rest] = (steps, end)
        return found


def release(text: str) -> tuple[int, ...]:
    """The numbers of a release such as 12.4 or 15.1.4, to compare releases by.

    Raises ValueError for anything else.
    """
    return tuple(map(int, text.split(".")))


def _expand(rest: tuple[Node, ...]) -> tuple[list[tuple[Leaf, tuple[Node, ...]]], bool]:
    if not rest:
        return [], True
    head, tail = rest[0], rest[1:]
    options: list[tuple[Node, ...]]
    match head:
        case Word() | Value():
            return [(head, tail)], False
        case notation.Sequence():
            options = [(*head.items, *tail)]
        case notation.Group():
            options = [(head.item, *tail)]
        case notation.Optional():
            options = [(head.item, *tail), tail]
        case notation.Choice():
            options = [(item, *tail) for item in head.items]
        case notation.AnyOrder():
            options = [(item, head.without(index), *tail) for index, item in enumerate(head.items)]
            options.append(tail)
        case notation.Repeat():
            return [(head.item, (head.more, *tail))], False
    steps: list[tuple[Leaf, tuple[Node, ...]]] = []
    end = False
    for option in options:
        more, ends = _expand(option)
        steps += more
        end = end or ends
    return steps, end


@dataclass(eq=False)
class Command:
    """An entry of a mode's `commands`."""

    mode: str
    place: Place
    syntax: str
    nodes: tuple[Node, ...]
    help: HelpTable
    privilege: int
    kinds: frozenset[str] | None = None
    since: tuple[int, ...] | None = None
    """The first release that has it …"""
    until: tuple[int, ...] | None = None
    """… and the last one."""
    needs: frozenset[str] = frozenset()
    """Capabilities that the box must have."""
    do: str | None = None
    set: str | None = None
    status: str | None = None
    pipes: bool = False
    common: HelpTable | None = None
    """Help that the file and the mode state once for all their commands."""
    resolve: Callable[[str], Any] = field(default=lambda name: None, repr=False)
    forms: list[Form] = field(default_factory=list, repr=False)
    rule: FieldRule | None = None
    stays: bool = False
    """No part of the configuration: in an inner mode it leaves the session where it is, and changes nothing."""
    hidden: bool = False
    """Works, but `?` and Tab do not know it."""
    subject: str = ""
    """The folder of the grammar that it stands in."""
    edits: str | None = None
    """The class whose field `set` names."""
    shows: str | None = None
    """The function that gives the configuration lines at the place of this command."""
    shared: Mapping[tuple[str, ...], str] = field(default_factory=dict, repr=False)
    """Help of the literal beginnings of all commands of the mode, by lower-case path."""

    def __post_init__(self) -> None:
        self.prefix = notation.literal_prefix(self.nodes)
        self.names: frozenset[str] = frozenset()
        """Variables and labels of all forms; a keyword of the same name as one of these is no flag."""
        self.groups: Mapping[str, notation.Group] = {}
        """The fragments of all forms by name, inner ones first."""

    def add_form(self, form: Form) -> None:
        """One more way to type it."""
        known = any(form.nodes is other.nodes for other in self.forms)
        self.forms.append(form)
        if known:
            return
        self.names |= {name for leaf in notation.leaves(form.nodes) for name in notation.bound(leaf)}
        self.groups = {**self.groups, **{group.name: group for group in notation.groups(form.nodes)}}

    def available(self, situation: Situation) -> bool:
        """The box has the command (privilege aside)."""
        if self.subject and situation.subjects is not None and self.subject not in situation.subjects:
            return False
        if self.kinds is not None and situation.kind not in self.kinds:
            return False
        if not self.needs <= situation.capabilities:
            return False
        if self.since is None and self.until is None:
            return True
        version = release(situation.version)
        return (self.since is None or version >= self.since) and (
            self.until is None or version[: len(self.until)] <= self.until
        )

    def level(self, words: tuple[str, ...], situation: Situation) -> int:
        """The privilege level that the command needs when it begins with `words`."""
        for length in range(len(words), 0, -1) if situation.levels else ():
            moved = situation.levels.get((self.mode, " ".join(words[:length])))
            if moved is not None:
                return moved
        return self.privilege

    def help_for(self, leaf: Leaf, path: tuple[str, ...]) -> str | None:
        """The help of a token that follows `path` (canonical words; values as `<>`)."""
        told = self.help.find(leaf, path)
        if told is None and leaf.helps is not None:
            told = leaf.helps.find(leaf, path)
        return told if told is not None or self.common is None else self.common.find(leaf, path)

    def tells(self, leaf: Leaf) -> bool:
        """There is help for a token of the command, whatever comes before it."""
        return (
            self.help.tells(leaf)
            or (leaf.helps is not None and leaf.helps.tells(leaf))
            or (self.common is not None and self.common.tells(leaf))
        )

    @cached_property
    def handler(self) -> Callable[..., Any]:
        """The function behind `do`.

        Raises GrammarError when it is not there or does not fit the syntax.
        """
        assert self.do is not None
        function: Callable[..., Any] = self.resolve(self.do)
        self._parameters = check_signature(self, function)
        return function

    def wants(self, rest: tuple[Node, ...]) -> bool:
        """Whether the handler cannot do without something that only `rest` can give.

        It decides how short a generated `no` may be. A handler that is not there needs nothing.
        """
        names = notation.required(rest)
        if any("." in name for name in names):
            return True
        if not names or self.do is None:
            return False
        try:
            parameters = inspect.signature(self.handler).parameters.values()
        except GrammarError:
            return False
        return any(p.name in names and p.default is p.empty for p in parameters)

    def select(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments that the handler asks for."""
        _ = self.handler
        names = self._parameters
        return dict(arguments) if names is None else {k: v for k, v in arguments.items() if k in names}


def check_signature(command: Command, function: Callable[..., Any]) -> frozenset[str] | None:
    """Compare a handler with the syntax: the names of its parameters, None when it takes any.

    Raises GrammarError.
    """

    def fault(message: str) -> GrammarError:
        return GrammarError(command.place, f"{command.do}: {message} (syntax: {command.syntax})")

    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise fault("is not a function") from error
    if not parameters:
        raise fault("the first parameter must be the context")
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
    must: set[str] = set()
    may: set[str] = set()
    for form in command.forms:
        for leaf in notation.leaves(form.nodes):
            (may if form.negated else must).update(name.partition(".")[0] for name in notation.bound(leaf))
            if isinstance(leaf, Word) and leaf.flag is not None:
                (may if "." not in leaf.flag or form.negated else must).add(leaf.flag.partition(".")[0])
    always = set.intersection(*(notation.required(form.nodes) for form in command.forms))
    named = {p.name: p for p in parameters[1:] if p.kind is not p.VAR_KEYWORD}
    for name, parameter in named.items():
        if parameter.default is not parameter.empty:
            continue
        if name not in must | may:
            raise fault(f"no part of the syntax gives {name!r}")
        if name not in always:
            raise fault(f"parameter {name!r} needs a default: a form of the command leaves it out")
    if anything:
        return None
    for name in sorted(must):
        if name not in named:
            raise fault(f"parameter {name!r} is missing")
    return frozenset(named)
