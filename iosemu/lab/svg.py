"""Boxes and cables as an SVG file: nodes in columns by how many cables away they are, cables between the columns.

A node stands in the column of its distance from one end of the lab, so a cable joins neighbouring columns or
two nodes of one column and never runs behind a third.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

_MARGIN = 24
_COLUMN_GAP = 168
_ROW_GAP = 62
_STUB = 58
"""Pixels a cable leaves a box level: its port's name stands on them."""
_LETTER, _BOLD_LETTER = 7.0, 9.2
"""Pixels a character takes in the widest of the usual sans-serif fonts."""
_LINE, _PORT_PITCH = 14, 18
_CABLE, _BROKEN = "#374151", "#b91c1c"
_FILLS = {
    "router": "#dbeafe",
    "switch": "#dcfce7",
    "l3switch": "#d1fae5",
    "pc": "#fef9c3",
    "server": "#fde68a",
    "sniffer": "#fee2e2",
}


@dataclass(frozen=True, slots=True)
class Cable:
    """A cable between two nodes, with a port on each and what is wrong with it."""

    a: str
    a_port: str
    b: str
    b_port: str
    note: str
    broken: bool


@dataclass(slots=True)
class Box:
    """A node: its name and lines of text, where it stands, and the cables at each of its sides."""

    name: str
    texts: Sequence[str]
    kind: str
    column: int = 0
    row: int = 0
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    sides: dict[str, list[int]] = field(
        default_factory=lambda: {"left": [], "right": [], "over": [], "under": []}
    )

    def at(self, side: str, cable: int) -> tuple[float, float]:
        """Where a cable meets a side of the box."""
        order = self.sides[side]
        share = (order.index(cable) + 1) / (len(order) + 1)
        if side in ("left", "right"):
            return (self.x if side == "left" else self.x + self.width), self.y + self.height * share
        return self.x + self.width * share, (self.y if side == "over" else self.y + self.height)


def _columns(boxes: dict[str, Box], cables: Sequence[Cable], roots: Sequence[str]) -> None:
    """Give every box column and row: breadth first from each root, children beside their parents."""
    near: dict[str, list[str]] = {name: [] for name in boxes}
    for cable in cables:
        near[cable.a].append(cable.b)
        near[cable.b].append(cable.a)
    placed: set[str] = set()
    first_row = 0
    for root in roots:
        placed.add(root)
        layers = [[root]]
        parent = {root: root}
        while layers[-1]:
            layers.append([])
            for name in layers[-2]:
                for other in near[name]:
                    if other not in placed:
                        placed.add(other)
                        parent[other] = name
                        layers[-1].append(other)
        reach = dict.fromkeys(parent, 0)
        for layer in reversed(layers):
            for name in layer:
                reach[parent[name]] = max(reach[parent[name]], reach[name] + 1)
        following = first_row
        for column, layer in enumerate(layers):
            free = first_row
            for name in sorted(layer, key=lambda each: (boxes[parent[each]].row, -reach[each])):
                box = boxes[name]
                box.column, box.row = column, max(free, boxes[parent[name]].row)
                free = box.row + 1
            following = max(following, free)
        first_row = following


def _ends(boxes: dict[str, Box], cable: Cable) -> tuple[str, str]:
    """The sides of the two boxes that a cable joins."""
    a, b = boxes[cable.a], boxes[cable.b]
    if a.column != b.column:
        return ("right", "left") if a.column < b.column else ("left", "right")
    if abs(a.row - b.row) == 1:
        return ("under", "over") if a.row < b.row else ("over", "under")
    return ("right", "right")


def _arrange(boxes: dict[str, Box], cables: Sequence[Cable]) -> tuple[float, float]:
    """Give every box its sides, size and place in pixels; return how large the picture is."""
    far: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for number, cable in enumerate(cables):
        sides = _ends(boxes, cable)
        for side, here, there in ((sides[0], cable.a, cable.b), (sides[1], cable.b, cable.a)):
            other = boxes[there]
            far.setdefault((here, side), []).append((other.row, other.column, number))
    for (name, side), found in far.items():
        boxes[name].sides[side] = [number for _, _, number in sorted(found)]
    for box in boxes.values():
        most = max(len(box.sides["left"]), len(box.sides["right"]))
        beside = max(len(box.sides["over"]), len(box.sides["under"]))
        box.height = max(26 + _LINE * len(box.texts), _PORT_PITCH * (most + 1), 54)
        texts = max((len(text) * _LETTER for text in box.texts), default=0.0)
        box.width = max(texts, len(box.name) * _BOLD_LETTER, 84, 64 * (beside + 1)) + 18
    right: float = _MARGIN
    for column in range(1 + max(each.column for each in boxes.values())):
        standing = [each for each in boxes.values() if each.column == column]
        wide = max(each.width for each in standing)
        for each in standing:
            each.x, each.width = right, wide
        right += wide + _COLUMN_GAP
    bottom: float = _MARGIN
    for row in range(1 + max(each.row for each in boxes.values())):
        lying = [each for each in boxes.values() if each.row == row]
        tall = max((each.height for each in lying), default=0.0)
        for each in lying:
            each.y, each.height = bottom, tall
        bottom += tall + _ROW_GAP
    bulge = any(_ends(boxes, cable) == ("right", "right") for cable in cables)
    return right - _COLUMN_GAP + (_COLUMN_GAP * 2 / 3 if bulge else _MARGIN), bottom - _ROW_GAP + _MARGIN


def _text(x: float, y: float, anchor: str, colour: str, text: str) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{colour}" '
        f'paint-order="stroke" stroke="white" stroke-width="3">{escape(text)}</text>'
    )


def _cable(boxes: dict[str, Box], number: int, cable: Cable) -> Iterator[str]:
    """The line of a cable, then the names of its ports and what is wrong with it."""
    sides = _ends(boxes, cable)
    (ax, ay), (bx, by) = boxes[cable.a].at(sides[0], number), boxes[cable.b].at(sides[1], number)
    style = f'stroke="{_BROKEN}" stroke-dasharray="5 4"' if cable.broken else f'stroke="{_CABLE}"'
    if sides[0] in ("under", "over"):
        path = f"M{ax:.0f} {ay:.0f}L{bx:.0f} {by:.0f}"
    else:
        a_stub, b_stub = (
            ax + _STUB * (1 if s == "right" else -1) for s, ax in zip(sides, (ax, bx), strict=True)
        )
        bend = 34 if sides[0] == sides[1] else (b_stub - a_stub) / 2
        path = (
            f"M{ax:.0f} {ay:.0f}L{a_stub:.0f} {ay:.0f}C{a_stub + bend:.0f} {ay:.0f} "
            f"{b_stub + (bend if sides[0] == sides[1] else -bend):.0f} {by:.0f} {b_stub:.0f} {by:.0f}"
            f"L{bx:.0f} {by:.0f}"
        )
    yield f'<path d="{path}" fill="none" {style} stroke-width="1.5"/>'
    for x, y, side, port in ((ax, ay, sides[0], cable.a_port), (bx, by, sides[1], cable.b_port)):
        if side in ("under", "over"):
            yield _text(x + 6, y + (15 if side == "under" else -8), "start", _CABLE, port)
        else:
            yield _text(
                x + (6 if side == "right" else -6), y - 4, "start" if side == "right" else "end", _CABLE, port
            )
    if cable.note:
        x, y = (ax + bx) / 2, (ay + by) / 2
        beside = sides[0] in ("under", "over")
        yield _text(x + (6 if beside else 0), y + (4 if beside else 14), "start" if beside else "middle", _BROKEN,
                    cable.note)  # fmt: skip


def draw(title: str, boxes: Sequence[Box], cables: Sequence[Cable], roots: Sequence[str]) -> list[str]:
    """The lines of an SVG file.

    `roots` names one node of each part of the lab that hangs together, where its columns begin.
    """
    named = {box.name: box for box in boxes}
    _columns(named, cables, roots)
    width, height = _arrange(named, cables)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="Helvetica, Arial, sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>',
    ]
    drawn = [list(_cable(named, number, cable)) for number, cable in enumerate(cables)]
    lines += [parts[0] for parts in drawn]
    for box in boxes:
        x, y = f"{box.x:.0f}", f"{box.y:.0f}"
        fill = _FILLS.get(box.kind, "#f3f4f6")
        lines.append(f'<rect x="{x}" y="{y}" width="{box.width:.0f}" height="{box.height:.0f}" rx="6" '
                     f'fill="{fill}" stroke="{_CABLE}"/>')  # fmt: skip
        lines.append(f'<text x="{box.x + 9:.0f}" y="{box.y + 18:.0f}" font-size="13" font-weight="bold">'
                     f"{escape(box.name)}</text>")  # fmt: skip
        lines += [
            f'<text x="{box.x + 9:.0f}" y="{box.y + 34 + _LINE * number:.0f}">{escape(text)}</text>'
            for number, text in enumerate(box.texts)
        ]
    return [*lines, *(label for parts in drawn for label in parts[1:]), "</svg>"]
