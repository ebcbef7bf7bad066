"""`set:` commands: which words stand for which value of a dataclass field, both ways."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

from iosemu.parser import notation
from iosemu.parser.command import Command
from iosemu.parser.notation import Value, Word
from iosemu.parser.yamlfile import GrammarError, Table


class FieldRule:
    """The two-way table of one `set:` command."""

    def __init__(self, command: Command, entry: Table, edited: type[Any]) -> None:
        """Raises GrammarError where syntax, `values` and the field's type do not agree."""
        assert command.set is not None
        self.command = command
        self.field = command.set
        place = command.place
        declared = {f.name: f for f in dataclasses.fields(edited)} if dataclasses.is_dataclass(edited) else {}
        if self.field not in declared:
            raise GrammarError(place, f"{edited.__name__} has no field {self.field!r}")
        self.default = _default(declared[self.field])
        if self.default is dataclasses.MISSING:
            raise GrammarError(place, f"field {self.field!r} of {edited.__name__} has no default for `no`")
        members = _members(typing.get_type_hints(edited)[self.field])
        self.boolean = bool in members
        self.words: dict[str, Any] = {}
        self.variable: str | None = None
        self.template = entry.text("render")
        self.always = entry.flag("always", False)
        self._fill(entry, members)
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
            variables = [leaf for leaf in form if isinstance(leaf, Value)]
            if not variables:
                spoken.append(" ".join(leaf.text for leaf in form[prefix:] if isinstance(leaf, Word)))
            elif len(variables) > 1 or self.variable not in (None, variables[0].name):
                raise GrammarError(
                    place, "a form of a set: command has at most one variable, always the same"
                )
            else:
                self.variable = variables[0].name
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
        if str in members:
            return text
        raise GrammarError(table.place, f"{text!r} is no value of field {self.field!r}")

    def value(
        self, words: tuple[str, ...], arguments: Mapping[str, Any], negated: bool, defaulted: bool
    ) -> Any:
        """What the field becomes when the command is typed."""
        if defaulted:
            return self.default
        if negated:
            return False if self.boolean else self.default
        if self.variable is not None and self.variable in arguments:
            return arguments[self.variable]
        return self.words[" ".join(words[len(self.command.prefix) :])]

    def render(self, target: Any) -> str | None:
        """The configuration line of the field; None when it is at its default."""
        value = getattr(target, self.field)
        if value == self.default and not self.always:
            return None
        prefix = " ".join(self.command.prefix)
        for words, meaning in self.words.items():
            if meaning == value and type(meaning) is type(value):
                return self._line(prefix, words)
        if value is False or value is None:
            return f"no {prefix}"
        if self.variable is None:
            return None
        return self._line(prefix, self._spell(value))

    def _spell(self, value: Any) -> str:
        for form in notation.forms(self.command.nodes):
            if any(isinstance(leaf, Value) for leaf in form):
                shown = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
                tail = form[len(self.command.prefix) :]
                return " ".join(leaf.text if isinstance(leaf, Word) else shown for leaf in tail)
        return str(value)

    def _line(self, prefix: str, words: str) -> str:
        if self.template is not None:
            return self.template.replace("{words}", words)
        return f"{prefix} {words}".rstrip()


def _default(declared: dataclasses.Field[Any]) -> Any:
    if declared.default_factory is not dataclasses.MISSING:
        return declared.default_factory()
    return declared.default


def _members(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)
