"""The answer to `?`."""

from __future__ import annotations

from collections.abc import Mapping

from iosemu.parser.graph import Edge, Graph, State
from iosemu.parser.match import Step, skip, walk
from iosemu.parser.results import Ambiguous, Candidates, Help, HelpResult, Incomplete, Invalid
from iosemu.parser.situation import Situation
from iosemu.parser.types import Unread

_PIPE = ("|", "Output modifiers")


def help_line(graph: Graph, line: str, title: str | None, situation: Situation) -> HelpResult:
    """Help for the text before the `?`."""
    start = len(line)
    while start and not line[start - 1].isspace():
        start -= 1
    if skip(line, 0) == len(line):
        return _listing(graph, graph.root, [], title, situation)
    spaced = start == len(line)
    if spaced:
        found = walk(graph, line, len(line), situation)
        if found.failure is None:
            return _listing(graph, found.state, found.steps, None, situation)
        if not isinstance(found.failure, Incomplete):
            return found.failure
        at = skip(line, found.steps[-1].end if found.steps else 0)
        rows = _inside(found.state, found.steps, line, at, situation)
        return Help(None, tuple(rows), False) if rows else found.failure
    found = walk(graph, line, start, situation)
    if found.failure is not None and not isinstance(found.failure, Incomplete):
        return found.failure
    at = start if found.failure is None else skip(line, found.steps[-1].end if found.steps else 0)
    rows = _inside(found.state, found.steps, line, at, situation)
    if rows:
        return Help(None, tuple(rows), False)
    return _partial(found.state, line, at, situation)


def _partial(state: State, line: str, start: int, situation: Situation) -> HelpResult:
    typed = line[start:].lower()
    words = {edge.text for word, edge in state.words.items() if word.startswith(typed) and not edge.hidden}
    for edge in state.values:
        assert edge.type is not None
        words.update(w for w in edge.type.keywords(situation) if w.lower().startswith(typed))
        words.update(
            text for text, _ in situation.candidates(edge.text) if text.lower().startswith(typed) and typed
        )
    if not words:
        words = {
            edge.type.shown(found.text, situation)
            for edge in state.values
            if edge.type is not None
            and not isinstance(found := edge.type.scan(line, start, situation), Unread)
        }
    if words:
        return Candidates(tuple(sorted(words)))
    return Invalid(start + state.common_length(typed))


def _inside(
    state: State, steps: list[Step], line: str, start: int, situation: Situation
) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    path = _path(steps)
    for edge in state.values:
        assert edge.type is not None
        rows += edge.type.inside(line, start, help_of(edge, path), situation) or ()
    return sorted(dict(rows).items())


def _listing(graph: Graph, state: State, steps: list[Step], title: str | None, situation: Situation) -> Help:
    path = _path(steps)
    rows: dict[str, str] = {}
    for edge in state.words.values():
        if edge.hidden:
            continue
        rows.setdefault(edge.text, help_of(edge, path, graph.leads if state is graph.root else {}))
    for edge in state.values:
        assert edge.type is not None
        for text, help_text in edge.type.rows(help_of(edge, path), situation):
            rows.setdefault(text, help_text)
    if any(form.command.pipes for form in state.ends):
        rows[_PIPE[0]] = _PIPE[1]
    return Help(title, tuple(sorted(rows.items())), bool(state.ends))


def _path(steps: list[Step]) -> tuple[str, ...]:
    return tuple(step.text if step.is_word else "<>" for step in steps)


def help_of(edge: Edge, path: tuple[str, ...], leads: Mapping[str, str] | None = None) -> str:
    """The help of what may come next after `path`: the first that one of its commands gives."""
    if leads and edge.text in leads:
        return leads[edge.text]
    for form, leaf in edge.sources:
        text = form.command.help_for(leaf, path[1:] if form.negated else path)
        if text is not None:
            return text
    for form, _ in edge.sources:
        plain = path[1:] if form.negated else path
        text = form.command.shared.get((*plain, edge.text.lower()))
        if text is not None:
            return text
    return edge.type.help if edge.type is not None else ""


def failed(result: HelpResult) -> bool:
    """The line before the `?` is wrong."""
    return isinstance(result, Invalid | Ambiguous | Incomplete)
