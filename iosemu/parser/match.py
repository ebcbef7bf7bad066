"""A typed line against a mode's graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from iosemu.parser.command import Form
from iosemu.parser.fragments import assemble
from iosemu.parser.graph import Edge, Graph, State
from iosemu.parser.notation import Node, Word
from iosemu.parser.results import Ambiguous, Empty, Failure, Incomplete, Invalid, Match, Result
from iosemu.parser.situation import Situation
from iosemu.parser.types import Scanned, token_end


@dataclass(frozen=True, slots=True)
class Step:
    """One keyword or value that was read."""

    edges: tuple[Edge, ...]
    """Several when more than one type accepts the value."""
    start: int
    end: int
    text: str
    """Canonical."""
    values: tuple[Any, ...] = field(default=(), compare=False)
    """Per edge."""

    @property
    def is_word(self) -> bool:
        """A keyword was read."""
        return self.edges[0].type is None


@dataclass(slots=True)
class Walk:
    """How far a line leads: the steps read, and the state after them."""

    steps: list[Step]
    state: State
    failure: Failure | None = None


def skip(line: str, start: int) -> int:
    """The next column that is not a space."""
    while start < len(line) and line[start].isspace():
        start += 1
    return start


def walk(graph: Graph, line: str, end: int, situation: Situation) -> Walk:
    """Follow `line[:end]`; where several readings are possible the first that leads to the end wins."""
    return _walk(graph, line[:end], situation, need_end=False)


def _walk(graph: Graph, line: str, situation: Situation, need_end: bool) -> Walk:
    """Depth first over the readings of each token, the preferred one first."""
    first: Walk | None = None
    start = skip(line, 0)
    stack: list[tuple[list[Step], State, int, Iterator[Step | Failure]]] = []
    steps: list[Step] = []
    state = graph.root
    budget = 2000
    while True:
        if start >= len(line):
            if not need_end or state.ends:
                return Walk(steps, state)
            first = first or Walk(steps, state, Incomplete())
        else:
            stack.append((steps, state, start, _readings(state, line, start, situation)))
        while stack:
            steps, state, start, readings = stack[-1]
            reading = next(readings, None)
            budget -= 1
            if reading is None or budget < 0:
                stack.pop()
                continue
            if not isinstance(reading, Step):
                first = first or Walk(steps, state, reading)
                continue
            steps = [*steps, reading]
            state = graph.follow(list(reading.edges))
            start = skip(line, reading.end)
            break
        else:
            assert first is not None
            return first


def _readings(state: State, line: str, start: int, situation: Situation) -> Iterator[Step | Failure]:
    """What the token at `start` can be, preferred first; a failure when it can be nothing (more)."""
    end = token_end(line, start)
    typed = line[start:end].lower()
    hits = state.keywords(typed)
    exact = len(hits) == 1 and len(hits[0].text) == len(typed)
    rivals: list[str] = []
    if not exact:
        rivals = [
            word
            for edge in state.values
            if edge.type is not None and edge.type.rank == 0
            for word in edge.type.keywords(situation)
            if word.lower().startswith(typed)
        ]
        if any(len(word) == len(typed) for word in rivals):
            hits = []
    if len(hits) + len(set(rivals)) > 1 and (hits or not _reads_exactly(rivals, typed)):
        yield Ambiguous()
        return
    found = False
    if len(hits) == 1:
        found = True
        yield Step((hits[0],), start, end, hits[0].text)
    accepted: list[tuple[Edge, Scanned]] = []
    fault: Failure | None = None
    column = start
    for edge in state.values:
        assert edge.type is not None
        scanned = edge.type.scan(line, start, situation)
        if isinstance(scanned, Scanned):
            accepted.append((edge, scanned))
        elif scanned.ambiguous:
            fault = fault or Ambiguous()
        elif scanned.partial:
            fault = fault or Incomplete()
        else:
            column = max(column, scanned.column)
    if accepted:
        stop = accepted[0][1].end
        same = [(edge, scanned) for edge, scanned in accepted if scanned.end == stop]
        yield Step(
            tuple(edge for edge, _ in same), start, stop, same[0][1].text, tuple(s.value for _, s in same)
        )
        for edge, scanned in accepted:
            if scanned.end != stop:
                yield Step((edge,), start, scanned.end, scanned.text, (scanned.value,))
    elif not found:
        if fault is None:
            fault = Invalid(max(column, start + state.common_length(typed)))
        yield fault


def _reads_exactly(rivals: list[str], typed: str) -> bool:
    return any(len(word) == len(typed) for word in rivals)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A chain of what was bound, newest first."""

    name: str
    value: Any
    start: int
    before: _Bound | None
    kind: str


def bind(form: Form, steps: list[Step]) -> list[_Bound] | None:
    """What the steps bind along one form; None when the form does not read them so."""
    items: list[tuple[tuple[Node, ...], _Bound | None]] = [(form.nodes, None)]
    for step in steps:
        following: list[tuple[tuple[Node, ...], _Bound | None]] = []
        for index, edge in enumerate(step.edges):
            for rest, bound in items:
                for leaf, after in form.edges(rest)[0]:
                    chain = bound
                    if isinstance(leaf, Word):
                        if edge.type is not None or leaf.text.lower() != edge.text.lower():
                            continue
                        if leaf.flag is not None:
                            chain = _Bound(leaf.flag, True, step.start, chain, "flag")
                        if leaf.name is not None:
                            chain = _Bound(leaf.name, leaf.value, step.start, chain, "value")
                    else:
                        if edge.type is None or leaf.type != edge.text:
                            continue
                        kind = "list" if leaf.repeated else "value"
                        chain = _Bound(leaf.name, step.values[index], step.start, chain, kind)
                    for label in leaf.labels:
                        chain = _Bound(label, step.text, step.start, chain, "label")
                    following.append((after, chain))
        items = following
    for rest, bound in items:
        if form.edges(rest)[1]:
            result = []
            while bound is not None:
                result.append(bound)
                bound = bound.before
            return result[::-1]
    return None


def match_line(graph: Graph, line: str, situation: Situation) -> Result:
    """Read a whole line."""
    start = skip(line, 0)
    if start == len(line) or line[start] == "!":
        return Empty()
    found = _walk(graph, line, situation, need_end=True)
    if found.failure is not None:
        return found.failure
    steps = found.steps
    lead = 0
    if steps[0].edges[0].text in {"no", "default"} and any(form.negated for form in found.state.ends):
        lead = 1
    words = tuple(part for step in steps[lead:] for part in step.text.split(" ") if part)
    for form in found.state.ends:
        bound = bind(form, steps[1:] if form.negated else steps)
        if bound is None:
            continue
        command = form.command
        if situation.levels and command.level(words, situation) > situation.privilege:
            return Invalid(steps[-1].start)
        return _match(form, words, bound)
    return Invalid(steps[-1].start)


def _match(form: Form, words: tuple[str, ...], bound: list[_Bound]) -> Match | Invalid:
    arguments: dict[str, Any] = {}
    columns: dict[str, int] = {}
    for item in bound:
        columns.setdefault(item.name, item.start)
        if item.kind == "flag" and item.name in form.command.names:
            continue
        if item.kind == "list":
            arguments[item.name] = (*arguments.get(item.name, ()), item.value)
        elif item.kind == "label" and item.name in arguments:
            arguments[item.name] += f" {item.value}"
        else:
            arguments[item.name] = item.value
    negated, defaulted = form.negated and not form.defaulted, form.defaulted
    command = form.command
    if command.groups:
        fault = assemble(command.groups, arguments, columns)
        if fault is not None:
            return Invalid(columns[fault])
    if command.rule is None:
        return Match(command, arguments, words, negated, defaulted, None, None, columns)
    value = command.rule.value(words, arguments, negated, defaulted)
    return Match(command, arguments, words, negated, defaulted, command.rule.field, value, columns)
