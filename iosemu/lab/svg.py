"""A lab as an SVG file: devices as network engineers draw them, where the page has them, with ports and addresses.

Cables bend around devices that are not theirs; what stands at their ends goes where it covers nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from iosemu.lab.layout import ROOM_Y, place

_MARGIN = 30.0
_LETTER, _BOLD_LETTER = 6.9, 9.4
"""Units that a character takes in the widest of the usual sans-serif fonts, small and as a device's name."""
_LINE = 15.0
_ICON_X, _ICON_Y = 48.0, 40.0
"""Half of what an icon takes."""
_NAME, _BELOW = 58.0, 75.0
"""From the middle of a device down to its name, and to the first line under that."""
_INK, _SOFT, _CABLE, _BROKEN, _ACCENT, _FACE = (
    "#16202b",
    "#4d5b69",
    "#57656f",
    "#b42318",
    "#0b6e8f",
    "#d8edf5",
)
_PAPER, _GOOD = "#fbfcfe", "#12763a"
_BENDS = (0.0, 34.0, -34.0, 70.0, -70.0, 120.0, -120.0, 180.0, -180.0)
_STEPS = 24
"""Into how many pieces a cable is cut to see what it meets."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Where something is drawn."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Rectangle) -> bool:
        """Whether the two have a place in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it."""
        return self.left < point[0] < self.right and self.top < point[1] < self.bottom


@dataclass(frozen=True, slots=True)
class Cable:
    """A cable between two nodes: what stands at each end, and what is wrong with it."""

    a: str
    a_texts: Sequence[str]
    b: str
    b_texts: Sequence[str]
    note: str = ""
    broken: bool = False


@dataclass(slots=True)
class Box:
    """A node: its name and the lines of text below it."""

    name: str
    texts: Sequence[str]
    kind: str
    at: Point = (0.0, 0.0)
    side: str = "below"
    """Where its texts stand: below, above, right or left of the icon."""

    def rows(self) -> Iterator[tuple[str, float, float, str, bool]]:
        """Its texts with their places and anchors; True: the name."""
        x, y = self.at
        extra = _LINE * len(self.texts)
        anchor, across, down = {
            "below": ("middle", 0.0, _NAME),
            "above": ("middle", 0.0, -_ICON_Y - 8 - extra),
            "right": ("start", _ICON_X + 6, 4 - extra / 2),
            "left": ("end", -_ICON_X - 6, 4 - extra / 2),
        }[self.side]
        yield self.name, x + across, y + down, anchor, True
        for row, text in enumerate(self.texts):
            yield text, x + across, y + down + _BELOW - _NAME + row * _LINE, anchor, False

    def words(self) -> Iterator[Rectangle]:
        """What each line of its texts covers."""
        for text, x, y, anchor, name in self.rows():
            wide = len(text) * (_BOLD_LETTER if name else _LETTER)
            left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
            yield Rectangle(left, y - (15 if name else 11), left + wide, y + 4)

    def parts(self) -> Iterator[Rectangle]:
        """What it covers: the icon, and each line of text."""
        x, y = self.at
        yield Rectangle(x - _ICON_X, y - _ICON_Y, x + _ICON_X, y + _ICON_Y)
        yield from self.words()


@dataclass(slots=True)
class _Curve:
    """A cable as it is drawn: a quadratic Bézier curve."""

    begin: Point
    middle: Point
    end: Point
    points: list[Point] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.points = [self.at(step / _STEPS) for step in range(_STEPS + 1)]

    def at(self, share: float) -> Point:
        """A point of it, 0 to 1."""
        a, b, c = (1 - share) ** 2, 2 * share * (1 - share), share * share
        return (
            a * self.begin[0] + b * self.middle[0] + c * self.end[0],
            a * self.begin[1] + b * self.middle[1] + c * self.end[1],
        )

    @property
    def length(self) -> float:
        """From end to end, as the crow flies."""
        return math.hypot(self.end[0] - self.begin[0], self.end[1] - self.begin[1]) or 1.0

    @property
    def path(self) -> str:
        """As SVG has it."""
        (ax, ay), (mx, my), (bx, by) = self.begin, self.middle, self.end
        return f"M{ax:.0f} {ay:.0f}Q{mx:.0f} {my:.0f} {bx:.0f} {by:.0f}"


def _bent(a: Point, b: Point, bend: float) -> _Curve:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy) or 1.0
    middle = ((a[0] + b[0]) / 2 - dy / length * bend * 2, (a[1] + b[1]) / 2 + dx / length * bend * 2)
    return _Curve(a, middle, b)


def _route(boxes: dict[str, Box], cables: Sequence[Cable]) -> list[_Curve]:
    """A curve for each cable: as straight as may be, behind no third device, parallel ones apart."""
    covered = {name: list(box.parts()) for name, box in boxes.items()}
    taken: dict[frozenset[str], list[float]] = {}
    curves = []
    for cable in cables:
        pair = frozenset((cable.a, cable.b))
        used = taken.setdefault(pair, [])
        others = [part for name, parts in covered.items() if name not in pair for part in parts]
        first, second = sorted((cable.a, cable.b))

        def cost(bend: float, first: str = first, second: str = second) -> float:
            curve = _bent(boxes[first].at, boxes[second].at, bend)
            met = sum(part.holds(point) for part in others for point in curve.points)  # noqa: B023
            return 100.0 * met + abs(bend) / 100

        bend = min((each for each in _BENDS if each not in used), key=cost, default=len(used) * 30.0)
        used.append(bend)
        turned = bend if cable.a == first else -bend
        curves.append(_bent(boxes[cable.a].at, boxes[cable.b].at, turned))
    return curves


@dataclass(frozen=True, slots=True)
class _Label:
    """Lines of text beside a cable."""

    texts: Sequence[str]
    x: float
    y: float
    anchor: str

    @property
    def covers(self) -> Rectangle:
        """What it takes."""
        wide = max(len(text) for text in self.texts) * _LETTER
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return Rectangle(left - 1, self.y - 11, left + wide + 1, self.y + _LINE * (len(self.texts) - 1) + 4)


def _beside(texts: Sequence[str], point: Point) -> Iterator[_Label]:
    x, y = point
    high = _LINE * (len(texts) - 1)
    for gap in (11.0, 20.0, 34.0, 50.0):
        yield _Label(texts, x + gap, y - 8 - high, "start")
        yield _Label(texts, x - gap, y - 8 - high, "end")
        yield _Label(texts, x + gap, y + 4 - high / 2, "start")
        yield _Label(texts, x - gap, y + 4 - high / 2, "end")
        yield _Label(texts, x + gap, y + 17, "start")
        yield _Label(texts, x - gap, y + 17, "end")
        yield _Label(texts, x, y - gap - high, "middle")
        yield _Label(texts, x, y + gap + 10, "middle")


def _put(
    texts: Sequence[str], places: Iterable[Point], covered: Sequence[Rectangle], curves: Sequence[_Curve]
) -> _Label:
    """Where a label covers nothing and no cable runs behind it, as near as may be."""
    best: tuple[float, _Label] | None = None
    for rank, point in enumerate(places):
        for turn, label in enumerate(_beside(texts, point)):
            here = label.covers
            over = sum(here.meets(other) for other in covered)
            behind = sum(any(here.holds(each) for each in curve.points) for curve in curves)
            cost = 1000.0 * over + 40.0 * behind + 6.0 * rank + turn
            if best is None or cost < best[0]:
                best = (cost, label)
    assert best is not None
    return best[1]


def _turn(box: Box, boxes: Sequence[Box], curves: Sequence[_Curve]) -> None:
    """Put the texts of a device to the side where no cable runs through them."""
    others = [part for each in boxes if each is not box for part in each.parts()]
    costs = {}
    for rank, side in enumerate(("below", "right", "left", "above")):
        box.side = side
        words = list(box.words())
        met = sum(any(word.holds(point) for word in words for point in curve.points) for curve in curves)
        over = sum(word.meets(part) for word in words for part in others)
        costs[side] = 100 * over + 10 * met + rank
    box.side = min(costs, key=lambda side: costs[side])


def draw(title: str, boxes: Sequence[Box], cables: Sequence[Cable]) -> list[str]:
    """The lines of an SVG file."""
    named = {box.name: box for box in boxes}
    more = max((len(box.texts) for box in boxes), default=0) - 1
    stretch = 1 + max(0, more) * _LINE / ROOM_Y
    spots = place({box.name: box.kind for box in boxes}, [(cable.a, cable.b) for cable in cables])
    for name, (x, y) in spots.items():
        named[name].at = (x, y * stretch)
    curves = _route(named, cables)
    for box in boxes:
        _turn(box, boxes, curves)
    covered = [part for box in boxes for part in box.parts()]
    labels: list[_Label] = []
    notes: list[_Label] = []
    for cable, curve in zip(cables, curves, strict=True):
        steps = [min(0.46, (58 + 14 * each) / curve.length) for each in range(8)]
        for texts, shares in ((cable.a_texts, steps), (cable.b_texts, [1 - step for step in steps])):
            if texts:
                labels.append(_put(texts, map(curve.at, shares), covered, curves))
                covered.append(labels[-1].covers)
        if cable.note:
            shares = [0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65]
            notes.append(_put((cable.note,), map(curve.at, shares), covered, curves))
            covered.append(notes[-1].covers)
    return list(_written(title, boxes, cables, curves, labels, notes, covered))


def _written(
    title: str,
    boxes: Sequence[Box],
    cables: Sequence[Cable],
    curves: Sequence[_Curve],
    labels: Sequence[_Label],
    notes: Sequence[_Label],
    covered: Sequence[Rectangle],
) -> Iterator[str]:
    left = min((each.left for each in covered), default=0.0) - _MARGIN
    top = min((each.top for each in covered), default=0.0) - _MARGIN
    width = max((each.right for each in covered), default=0.0) + _MARGIN - left
    height = max((each.bottom for each in covered), default=0.0) + _MARGIN - top
    frame = f'x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="13">'
    )
    yield f"<title>{escape(title)}</title>"
    yield f'<rect {frame} fill="{_PAPER}"/>'
    for cable, curve in zip(cables, curves, strict=True):
        colour, dashes = (_BROKEN, ' stroke-dasharray="9 7"') if cable.broken else (_CABLE, "")
        yield f'<path class="cable" d="{curve.path}" fill="none" stroke="{colour}" stroke-width="3"{dashes}/>'
    for box in boxes:
        x, y = box.at
        yield f'<g transform="translate({x:.0f} {y:.0f})" fill="{_FACE}" stroke="{_ACCENT}" stroke-width="2.4">'
        yield from _icon(box.kind)
        yield "</g>"
    for cable, curve in zip(cables, curves, strict=True):
        for share in (56 / curve.length, 1 - 56 / curve.length):
            x, y = curve.at(min(0.97, max(0.03, share)))
            fill = _BROKEN if cable.broken else _GOOD
            yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5" fill="{fill}" stroke="{_PAPER}" stroke-width="1.5"/>'
    halo = f'stroke="{_PAPER}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
    for box in boxes:
        for text, x, y, anchor, name in box.rows():
            size = ' font-size="16" font-weight="bold"' if name else ""
            yield (
                f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"{size} '
                f'fill="{_INK if name else _SOFT}" {halo}>{escape(text)}</text>'
            )
    for label, colour in [*((each, _INK) for each in labels), *((each, _BROKEN) for each in notes)]:
        for row, text in enumerate(label.texts):
            fill = colour if not row else _SOFT
            yield (
                f'<text x="{label.x:.0f}" y="{label.y + _LINE * row:.0f}" text-anchor="{label.anchor}" '
                f'fill="{fill}" {halo}>{escape(text)}</text>'
            )
    yield "</svg>"


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    along = math.atan2(y2 - y1, x2 - x1)
    heads = [(x2 - 7 * math.cos(along + turn), y2 - 7 * math.sin(along + turn)) for turn in (0.6, -0.6)]
    (ax, ay), (bx, by) = heads
    return f"M{x1} {y1}L{x2} {y2}L{ax:.1f} {ay:.1f}M{x2} {y2}L{bx:.1f} {by:.1f}"


def _icon(kind: str) -> Iterator[str]:
    """A device around (0, 0), as the page draws it."""
    match kind:
        case "router":
            arrows = ((-8, -8, -24, -20), (8, 8, 24, 20), (25, -21, 9, -9), (-25, 21, -9, 9))
            yield '<path d="M-42 -12v24a42 17 0 0 0 84 0v-24z"/>'
            yield '<ellipse cx="0" cy="-12" rx="42" ry="17"/>'
            yield f'<path fill="none" transform="translate(0 -12) scale(1 .48)" d="{_lines(arrows)}"/>'
        case "switch":
            arrows = ((-34, 0, -10, 0), (20, 6, -2, 6), (-34, 12, -10, 12), (20, 16, -2, 16))
            yield '<path d="M-44 -8l14 -16h74l-14 16z"/><path d="M30 -8l14 -16v28l-14 18z"/>'
            yield '<rect x="-44" y="-8" width="74" height="30"/>'
            yield f'<path fill="none" d="{_lines(arrows)}"/>'
        case "l3switch":
            arrows = ((-14, -3, -27, -3), (14, -3, 27, -3), (0, -17, 0, -28), (0, 11, 0, 22))
            yield '<rect x="-34" y="-34" width="68" height="62" rx="4"/><circle cx="0" cy="-3" r="12"/>'
            yield f'<path fill="none" d="{_lines(arrows)}"/>'
        case "pc":
            yield '<rect x="-32" y="-32" width="64" height="42" rx="4"/>'
            yield '<path fill="none" d="M-10 10v9M10 10v9M-22 20H22M-22 -20h20M-22 -11h32"/>'
        case "server":
            yield '<rect x="-22" y="-34" width="44" height="62" rx="3"/><circle cx="0" cy="16" r="3"/>'
            yield '<path fill="none" d="M-15 -24h30M-15 -14h30M-15 -4h30"/>'
        case "sniffer":
            yield '<circle cx="-5" cy="-7" r="23"/><path d="M12 10L30 28" stroke-width="6"/>'
            yield '<path fill="none" d="M-20 -7h7l4 -9l7 18l5 -9h7"/>'
        case _:
            yield '<path d="M-26 18a17 17 0 0 1 -4 -33a22 22 0 0 1 40 -9a19 19 0 0 1 24 17a14 14 0 0 1 -4 25z"/>'


def _lines(arrows: Iterable[tuple[float, float, float, float]]) -> str:
    return "".join(_arrow(*each) for each in arrows)
