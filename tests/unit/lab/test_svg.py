"""The SVG picture of a lab: nothing lies on anything else."""

import re
from itertools import combinations
from xml.etree import ElementTree

from iosemu.lab.svg import Box, Cable, draw

_SVG = "{http://www.w3.org/2000/svg}"


def _rectangles(lines: list[str]) -> list[tuple[float, float, float, float]]:
    root = ElementTree.fromstring("\n".join(lines))
    return [
        tuple(float(each.get(key, "0")) for key in ("x", "y", "width", "height"))  # type: ignore[misc]
        for each in root.iter(f"{_SVG}rect")
        if each.get("rx")
    ]


def _labels(lines: list[str]) -> list[tuple[str, float, float, float, float]]:
    found = []
    for each in ElementTree.fromstring("\n".join(lines)).iter(f"{_SVG}text"):
        text = each.text or ""
        wide = len(text) * (8.6 if each.get("font-size") else 6.6)
        x, y = float(each.get("x", "0")), float(each.get("y", "0"))
        x -= {"end": wide, "middle": wide / 2}.get(each.get("text-anchor", "start"), 0)
        found.append((text, x, y - 10, wide, 12.0))
    return found


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _picture() -> list[str]:
    boxes = [Box(name, ["catalyst-2960-24tt", "Vl1 192.168.100.254/24"], "switch") for name in "ABCDE"]
    boxes.append(Box("alone", ["pc"], "pc"))
    pairs = ["AB", "AC", "BC", "BC", "AD", "BD", "DE"]
    cables = [Cable(pair[0], f"Fa0/{n}", pair[1], f"Gi0/{n}", "", False) for n, pair in enumerate(pairs)]
    return draw("ring & more", boxes, cables, ["A", "alone"])


def test_boxes_and_texts_lie_on_nothing_else() -> None:
    lines = _picture()
    for a, b in combinations(_rectangles(lines), 2):
        assert not _overlap(a, b)
    labels = _labels(lines)
    for one, two in combinations(labels, 2):
        assert not _overlap(one[1:], two[1:]), (one, two)
    for x, y, wide, high in _rectangles(lines):
        for text, left, top, across, down in labels:
            inside = x < left and left + across < x + wide and y < top and top + down < y + high + 4
            assert inside or not _overlap((x, y, wide, high), (left, top, across, down)), text


def test_cables_run_behind_no_third_box() -> None:
    lines = _picture()
    boxes = _rectangles(lines)
    for path in re.findall(r'<path d="([^"]+)"', "\n".join(lines)):
        numbers = [float(each) for each in re.findall(r"-?\d+", path)]
        for x, y in zip(numbers[2:-2:2], numbers[3:-2:2], strict=True):
            assert not any(left < x < left + wide and top < y < top + high for left, top, wide, high in boxes)


def test_broken_cables_are_dashed_and_say_what_is_wrong() -> None:
    boxes = [Box("A", [], "pc"), Box("B", [], "pc"), Box("C", [], "pc"), Box("D", [], "pc")]
    cables = [Cable("A", "1", "B", "2", "cut", True), Cable("A", "3", "C", "4", "", False),
              Cable("A", "5", "D", "6", "", False), Cable("B", "7", "D", "8", "loss 1%", False)]  # fmt: skip
    text = "\n".join(draw("x", boxes, cables, ["A"]))
    assert text.count("stroke-dasharray") == 1
    assert ">cut</text>" in text
    assert ">loss 1%</text>" in text
