"""Drawings of a lab's topology: a tree of boxes as text, SVG or Mermaid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from iosemu.box.interface_types import short_name
from iosemu.ip.config import IpSettings
from iosemu.lab.impairments import describe_faults
from iosemu.lab.lab import Lab
from iosemu.lab.svg import Box, Cable, draw


@dataclass(frozen=True, slots=True)
class Edge:
    """A cable as seen from one node: its own port, the other node and port, and what is wrong with it."""

    port: str
    other: str
    other_port: str
    state: str
    """`""` when it carries, else `down` or `cut`."""
    faults: str
    number: int


@dataclass(slots=True)
class Branch:
    """A node with the cables that lead on from it."""

    name: str
    children: list[tuple[Edge, Branch]] = field(default_factory=list)
    closing: list[Edge] = field(default_factory=list)
    """Cables to nodes that stand elsewhere in the tree."""

    @property
    def size(self) -> int:
        """How many nodes there are from here on."""
        return 1 + sum(child.size for _, child in self.children)


class Drawing:
    """How a lab is laid out: the longest path of cables is the spine, the rest branches off."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._edges: dict[str, list[Edge]] = {name: [] for name in lab.devices}
        for number, link in enumerate(lab.links):
            ends = [end.name.partition(":") for end in link.ends]
            (a, _, a_port), (b, _, b_port) = ends
            state = "" if link.carrier else "down" if link.plugged else "cut"
            faults = describe_faults(link)
            for here, port, there, other in ((a, a_port, b, b_port), (b, b_port, a, a_port)):
                edge = Edge(short_name(port), there, short_name(other), state, faults, number)
                self._edges.setdefault(here, []).append(edge)
        self.outside = [name for name in self._edges if name not in lab.devices]
        self.trees = self._plant()

    def _plant(self) -> list[Branch]:
        trees = []
        placed: set[str] = set()
        for name in self._edges:
            if name not in placed:
                root = self._farthest(self._farthest(name))
                trees.append(self._grow(root, placed, set()))
        return trees

    def _farthest(self, start: str) -> str:
        seen, queue = {start}, [start]
        for name in queue:
            for edge in self._edges[name]:
                if edge.other not in seen:
                    seen.add(edge.other)
                    queue.append(edge.other)
        return queue[-1]

    def _grow(self, name: str, placed: set[str], used: set[int]) -> Branch:
        placed.add(name)
        branch = Branch(name)
        for edge in self._edges[name]:
            if edge.number in used:
                continue
            used.add(edge.number)
            if edge.other in placed:
                branch.closing.append(edge)
            else:
                branch.children.append((edge, self._grow(edge.other, placed, used)))
        branch.children.sort(key=lambda pair: _depth(pair[1]))
        return branch

    def addresses(self, name: str) -> list[str]:
        """`Fa0/0 10.0.10.10/24` for every interface that has an address."""
        device = self._lab.devices.get(name)
        if device is None:
            return []
        return [
            f"{short_name(each.name)} {each.of(IpSettings).address}"
            for each in device.config.interfaces.values()
            if each.of(IpSettings).address is not None
        ]

    def title(self, name: str) -> str:
        """Model, and whether the power is off."""
        device = self._lab.devices.get(name)
        if device is None:
            return "outside"
        return device.model.name if device.powered else f"{device.model.name}, off"

    def kind(self, name: str) -> str:
        """router, switch …; empty for what is outside the lab."""
        device = self._lab.devices.get(name)
        return device.kind if device is not None else ""

    def text(self) -> list[str]:
        """Box characters, for a terminal."""
        lines: list[str] = []
        for tree in self.trees:
            lines += self._box(tree, "", None)
        return lines

    def _box(self, branch: Branch, indent: str, edge: Edge | None) -> list[str]:
        rows = [f"{branch.name}  ({self.title(branch.name)})", *self.addresses(branch.name)]
        width = max(len(row) for row in rows) + 2
        more = bool(branch.children or branch.closing)
        top = "─" * width if edge is None else "─" + "┴" + "─" * (width - 2)
        bottom = "─" + "┬" + "─" * (width - 2) if more else "─" * width
        lines = [
            f"{indent}┌{top}┐",
            *(f"{indent}│ {row:<{width - 1}}│" for row in rows),
            f"{indent}└{bottom}┘",
        ]
        stem = f"{indent}  "
        for each in branch.closing:
            last = each is branch.closing[-1] and not branch.children
            lines.append(f"{stem}{'└' if last else '├'}── {_label(each)} {each.other}")
        for number, (each, child) in enumerate(branch.children):
            if number == len(branch.children) - 1:
                lines += [f"{stem}{_line(each)} {_label(each)}", *self._box(child, indent, each)]
                continue
            lines.append(f"{stem}├── {_label(each)}")
            inner = self._box(child, "", None)
            lines += [f"{stem}{'├' if row == 1 else '│'}{'──' if row == 1 else '  '}{_join(text, row)}"
                      for row, text in enumerate(inner)]  # fmt: skip
        return lines

    def _all_edges(self) -> Iterator[tuple[str, Edge]]:
        seen: set[int] = set()
        for name, edges in self._edges.items():
            for edge in edges:
                if edge.number not in seen:
                    seen.add(edge.number)
                    yield name, edge

    def svg(self) -> list[str]:
        """An SVG file."""
        boxes = []
        for name, edges in self._edges.items():
            cabled = {edge.port for edge in edges}
            rest = [text for text in self.addresses(name) if text.partition(" ")[0] not in cabled]
            boxes.append(Box(name, [self.title(name), *rest], self.kind(name)))
        cables = [
            Cable(name, self._end(name, edge.port), edge.other, self._end(edge.other, edge.other_port),
                  ", ".join(part for part in (edge.state, edge.faults) if part), bool(edge.state))
            for name, edge in self._all_edges()
        ]  # fmt: skip
        return draw(self._lab.name, boxes, cables)

    def _end(self, name: str, port: str) -> list[str]:
        """What stands at the end of a cable: the port, and its address."""
        found = [text for text in self.addresses(name) if text.partition(" ")[0] == port]
        return [port, *(text.partition(" ")[2] for text in found)] if port else []

    def mermaid(self) -> list[str]:
        """A Mermaid flowchart."""
        ids = {name: f"n{number}" for number, name in enumerate(self._edges)}
        lines = ["graph LR"]
        for name, key in ids.items():
            text = "<br/>".join([f"<b>{name}</b>", self.title(name), *self.addresses(name)])
            lines.append(f'  {key}["{text}"]')
        for name, edge in self._all_edges():
            line = "-.-" if edge.state else "---"
            note = "<br/>".join(
                part for part in (f"{edge.port} - {edge.other_port}", edge.faults, edge.state) if part
            )
            lines.append(f'  {ids[name]} {line}|"{note}"| {ids[edge.other]}')
        return lines


def _depth(branch: Branch) -> int:
    return 1 + max((_depth(child) for _, child in branch.children), default=0)


def _line(edge: Edge) -> str:
    return "╎" if edge.state else "│"


def _join(text: str, row: int) -> str:
    """The left edge of a box that a cable comes into from the left."""
    return "┤" + text[1:] if row == 1 else text


def _label(edge: Edge) -> str:
    dash = "╌╌" if edge.state else "──"
    notes = ", ".join(part for part in (edge.state, edge.faults) if part)
    return f"{edge.port} {dash} {edge.other_port}{f'  ({notes})' if notes else ''}"
