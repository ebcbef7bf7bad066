"""All forms of a mode's commands merged into one decision graph, made as far as it is walked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from iosemu.parser.command import Form
from iosemu.parser.notation import Leaf, Node, Word
from iosemu.parser.types import ValueType

Leads = Mapping[str, str]
"""Help of `no` and `default`."""
Position = tuple[Form, tuple[Node, ...]]


@dataclass(eq=False, slots=True)
class Edge:
    """A keyword, or a value of one type, that may come next."""

    text: str
    """The keyword in its own case; of a value the type's name."""
    type: ValueType | None
    sources: list[tuple[Form, Leaf]] = field(default_factory=list)
    targets: list[Position] = field(default_factory=list)

    @property
    def hidden(self) -> bool:
        """Only hidden commands go on here."""
        return bool(self.sources) and all(form.command.hidden for form, _ in self.sources)


@dataclass(eq=False, slots=True)
class State:
    """What may come at one place of a line."""

    words: dict[str, Edge]
    """By lower-case keyword."""
    values: list[Edge]
    """Most specific type first."""
    ends: list[Form]
    """The forms that are complete here."""
    hits: dict[str, list[Edge]] = field(default_factory=dict)

    def keywords(self, typed: str) -> list[Edge]:
        """The keywords that `typed` (lower case) is short for; the exact one alone when there is one."""
        found = self.hits.get(typed)
        if found is None:
            exact = self.words.get(typed)
            found = [exact] if exact else [e for word, e in self.words.items() if word.startswith(typed)]
            if found and len(self.hits) < 4096:
                self.hits[typed] = found
        return found

    def common_length(self, typed: str, others: Iterable[str] = ()) -> int:
        """How many characters of `typed` (lower case) still lead to some keyword."""
        best = 0
        for word in (*self.words, *(other.lower() for other in others)):
            length = 0
            for have, want in zip(typed, word, strict=False):
                if have != want:
                    break
                length += 1
            best = max(best, length)
        return best


class Graph:
    """The states that one situation can see of one mode."""

    def __init__(self, forms: Iterable[Form], type_of: Callable[[str], ValueType], leads: Leads) -> None:
        self._type_of = type_of
        self._states: dict[frozenset[Position], State] = {}
        forms = list(forms)
        self.positive = self._state([(form, form.nodes) for form in forms if not form.negated])
        self.root = self.positive
        for word, defaulted in (("no", False), ("default", True)):
            negated = [(form, form.nodes) for form in forms if form.negated and form.defaulted == defaulted]
            if negated:
                self.root = self._with_lead(self.root, word, negated)
        self.leads = leads

    def _with_lead(self, root: State, word: str, positions: list[Position]) -> State:
        edge = root.words.get(word)
        if edge is None:
            edge = root.words[word] = Edge(word, None)
        edge.targets = [*edge.targets, *positions]
        return root

    def follow(self, edges: list[Edge]) -> State:
        """The state behind an edge (or behind several types that all accept the value)."""
        if len(edges) == 1:
            return self._state(edges[0].targets)
        return self._state([target for edge in edges for target in edge.targets])

    def _state(self, positions: list[Position]) -> State:
        key = frozenset(positions)
        found = self._states.get(key)
        if found is None:
            found = self._states[key] = self._build(positions)
        return found

    def _build(self, positions: list[Position]) -> State:
        words: dict[str, Edge] = {}
        values: dict[str, Edge] = {}
        ends: list[Form] = []
        for form, rest in dict.fromkeys(positions):
            steps, end = form.edges(rest)
            if end:
                ends.append(form)
            for leaf, after in steps:
                if isinstance(leaf, Word):
                    edge = words.get(leaf.text.lower())
                    if edge is None:
                        edge = words[leaf.text.lower()] = Edge(leaf.text, None)
                else:
                    edge = values.get(leaf.type)
                    if edge is None:
                        edge = values[leaf.type] = Edge(leaf.type, self._type_of(leaf.type))
                edge.sources.append((form, leaf))
                edge.targets.append((form, after))
        ordered = sorted(values.values(), key=lambda edge: edge.type.rank if edge.type else 0)
        return State(words, ordered, ends)
