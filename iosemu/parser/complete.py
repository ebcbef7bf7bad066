"""What Tab makes of a line."""

from __future__ import annotations

from iosemu.parser.graph import Graph
from iosemu.parser.match import skip, walk
from iosemu.parser.situation import Situation


def complete_line(graph: Graph, line: str, situation: Situation) -> str | None:
    """The line with its last word in full and a space after it; None when that word is not unique."""
    start = len(line)
    while start and not line[start - 1].isspace():
        start -= 1
    if start == len(line):
        return None
    found = walk(graph, line, start, situation)
    if found.failure is not None:
        return None
    at = start if not found.steps else skip(line, found.steps[-1].end)
    typed = line[at:]
    words = {edge.text for edge in found.state.keywords(typed.lower())}
    for edge in found.state.values:
        assert edge.type is not None
        words.update(edge.type.completions(line, at, situation))
    exact = [word for word in words if word.lower() == typed.lower()]
    if len(exact or words) != 1:
        return None
    return f"{line[:at]}{(exact or list(words))[0]} "
