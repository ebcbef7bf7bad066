"""`set:` commands: which words stand for which value of a dataclass field, both ways."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from iosemu.parser import notation
from iosemu.parser.command import Command
from iosemu.parser.notation import Word
from iosemu.parser.spell import spell
from iosemu.parser.yamlfile import GrammarError, Table


class NoPartError(LookupError):
    """What is edited has no such part; the message is what the user is told."""


class FieldRule:
    """The two-way table of one `set:` command."""

    def __init__(self, command: Command, entry: Table, edited: type[Any]) -> None:
        """Raises GrammarError where syntax, `values` and the field's type do not agree."""
        assert command.set is not None
        self.command = command
        self.field = command.set
        self.edited = edited
        place = command.place
        declared = {f.name: f for f in dataclasses.fields(edited)} if dataclasses.is_dataclass(edited) else {}
        if self.field not in declared:
            raise GrammarError(place, f"{edited.__name__} has no field {self.field!r}")
        self._declared = declared[self.field]
        self.default = _default(self._declared)
        if self.default is dataclasses.MISSING:
            raise GrammarError(place, f"field {self.field!r} of {edited.__name__} has no default for `no`")
        members = _members(typing.get_type_hints(edited)[self.field])
        self.boolean = bool in members
        self.words: dict[str, Any] = {}
        self.variable: str | None = None
        """The variable, label or fragment whose value the field takes."""
        self.template = entry.text("render")
        self.silent = self.template == "false"
        """Another spelling, which is never rendered."""
        self.always = entry.flag("always", False)
        self._fill(entry, members)
        self.off = False if self.boolean else self.default
        if "off" in entry:
            self.off = self._convert(entry["off"], members, entry)
        text = entry.text("default")
        if text is not None and self._convert(text, members, entry) != self.default:
            raise GrammarError(
                entry.places["default"], f"the default of field {self.field!r} is {self.default!r}"
            )

    def _fill(self, entry: Table, members: tuple[Any, ...]) -> None:
        place = self.command.place
        prefix = len(self.command.prefix)
        spoken: list[str] = []
        for form in notation.forms(self.command.nodes):
            names = {name for leaf in form for name in notation.bound(leaf)}
            if not names:
                spoken.append(" ".join(leaf.text for leaf in form[prefix:] if isinstance(leaf, Word)))
            elif len(names) > 1 or self.variable not in (None, *names):
                raise GrammarError(
                    place,
                    "a form of a set: command has at most one variable, always the same: make several a fragment",
                )
            else:
                self.variable = names.pop()
        values = entry.table("values")
        if not values and self.boolean and spoken == [""]:
            self.words[""] = True
            return
        for row in spoken:
            if row not in values:
                raise GrammarError(place, f"values has no row for {row!r}")
        for row, text in values.items():
            if row not in spoken:
                raise GrammarError(values.places[row], f"the syntax has no form {row!r}")
            self.words[row] = self._convert(text, members, values)

    def _convert(self, text: Any, members: tuple[Any, ...], table: Table) -> Any:
        if not isinstance(text, str):
            raise GrammarError(table.place, "a value must be text")
        for member in members:
            if member is type(None) and text in {"none", "None", "~", ""}:
                return None
            if isinstance(member, type) and issubclass(member, Enum) and text in member.__members__:
                return member[text]
            if member is bool and text in {"true", "false"}:
                return text == "true"
            if member is int and text.lstrip("-").isdigit():
                return int(text)
            if typing.get_origin(member) is typing.Literal and text in typing.get_args(member):
                return text
        if str in members:
            return text
        raise GrammarError(table.place, f"{text!r} is no value of field {self.field!r}")

    def target(self, target: Any) -> Any:
        """The object that has the field: `target`, or its part of the class.

        Raises LookupError when it has no such part. A part that not every target has (the layer 2 settings of a
        port that routes) says by `refusal(target)` what is answered then: NoPartError with that text.
        """
        if isinstance(target, self.edited):
            return target
        of: Callable[[type[Any]], Any] | None = getattr(target, "of", None)
        if of is None:
            raise LookupError(f"{type(target).__name__} has no {self.edited.__name__}")
        refusal: Callable[[Any], str] | None = getattr(self.edited, "refusal", None)
        if refusal is not None and target.held(self.edited) is None:
            raise NoPartError(refusal(target))
        return of(self.edited)

    def apply(self, target: Any, value: Any, restores: bool) -> None:
        """Set the field; `restores`: to what a fresh object of the kind of `target` has."""
        target = self.target(target)
        setattr(target, self.field, self._default_of(target) if restores else value)

    def _default_of(self, target: Any) -> Any:
        """The default; an object whose defaults depend on what it is has a method `fresh`."""
        fresh: Callable[[], Any] | None = getattr(target, "fresh", None)
        return _default(self._declared) if fresh is None else getattr(fresh(), self.field)

    def restores(self, negated: bool, defaulted: bool) -> bool:
        """Whether the line sets the field to its default."""
        return defaulted or (negated and self.off == self.default and not self.boolean)

    def value(
        self, words: tuple[str, ...], arguments: Mapping[str, Any], negated: bool, defaulted: bool
    ) -> Any:
        """What the field becomes when the command is typed."""
        if defaulted:
            return self.default
        if negated:
            return self.off
        if self.variable is not None and self.variable in arguments:
            return arguments[self.variable]
        return self.words[" ".join(words[len(self.command.prefix) :])]

    def render(self, target: Any) -> str | None:
        """The configuration line of the field; None when it is at its default, or `target` has no such part."""
        if self.silent:
            return None
        try:
            target = self.target(target)
        except LookupError:
            return None
        value = getattr(target, self.field)
        if value == self._default_of(target) and not self.always:
            return None
        prefix = " ".join(self.command.prefix)
        spelled = None
        if self.variable is not None and value is not None and value is not False:
            spelled = spell(self.command.nodes, {self.variable: value})
        if spelled is not None:
            return self._line(spelled)
        for words, meaning in self.words.items():
            if meaning == value and type(meaning) is type(value):
                return self._line(f"{prefix} {words}".rstrip())
        return f"no {prefix}" if value is False or value is None or value == self.off else None

    def _line(self, line: str) -> str:
        if self.template is None:
            return line
        return self.template.replace("{words}", " ".join(line.split(" ")[len(self.command.prefix) :]))


def _default(declared: dataclasses.Field[Any]) -> Any:
    if declared.default_factory is not dataclasses.MISSING:
        return declared.default_factory()
    return declared.default


def _members(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)
