"""The SVG picture of a lab: it fills a screen, and nothing lies on anything else."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from iosemu.lab import resources
from iosemu.lab.drawing import Drawing
from iosemu.lab.lab import Lab
from iosemu.lab.svg import Box, Cable, Rectangle, draw

_SVG = "{http://www.w3.org/2000/svg}"
BOXES = [Box(name, ["catalyst-2960-24tt", "Vl1 192.168.100.254/24"], "switch") for name in "ABCDE"]
PAIRS = ["AB", "AC", "BC", "BC", "AD", "BD", "DE"]


def icons(root: ElementTree.Element) -> list[Rectangle]:
    found = []
    for each in root.iter(f"{_SVG}g"):
        x, y = (float(number) for number in re.findall(r"-?[\d.]+", each.get("transform", "")))
        found.append(Rectangle(x - 44, y - 34, x + 44, y + 26))
    return found


def labels(root: ElementTree.Element) -> list[tuple[str, Rectangle]]:
    found = []
    for each in root.iter(f"{_SVG}text"):
        text = each.text or ""
        wide = len(text) * (8.6 if each.get("font-size") else 6.2)
        x, y = float(each.get("x", "0")), float(each.get("y", "0"))
        x -= {"end": wide, "middle": wide / 2}.get(each.get("text-anchor", "start"), 0)
        found.append((text, Rectangle(x, y - 10, x + wide, y + 2)))
    return found


def covered(root: ElementTree.Element) -> list[tuple[object, object]]:
    """What lies on something else."""
    texts, boxes = labels(root), icons(root)
    lie = [(one[0], two[0]) for one, two in combinations(texts, 2) if one[1].meets(two[1])]
    lie += [(text, box) for text, where in texts for box in boxes if where.meets(box)]
    return lie + [(one, two) for one, two in combinations(boxes, 2) if one.meets(two)]


def picture() -> list[str]:
    boxes = [*BOXES, Box("alone", ["pc"], "pc")]
    cables = [
        Cable(pair[0], [f"Fa0/{n}"], pair[1], [f"Gi0/{n}", "10.0.0.1/24"]) for n, pair in enumerate(PAIRS)
    ]
    return draw("ring & more", boxes, cables)


def test_devices_and_texts_lie_on_nothing_else() -> None:
    assert covered(ElementTree.fromstring("\n".join(picture()))) == []


@pytest.mark.parametrize("name", sorted(resources.labs()))
def test_every_lab_fills_a_screen(name: str) -> None:
    lab = Lab.load(name, seed=0)
    lab.boot(settle=0)
    root = ElementTree.fromstring("\n".join(Drawing(lab).svg()))
    assert covered(root) == []
    assert len(icons(root)) == len(lab.devices)
    assert 1.2 < float(root.get("width", "0")) / float(root.get("height", "0")) < 3.2


def test_cables_run_behind_no_third_device() -> None:
    root = ElementTree.fromstring("\n".join(picture()))
    boxes = icons(root)
    for path in (each for each in root.iter(f"{_SVG}path") if each.get("class") == "cable"):
        ax, ay, mx, my, bx, by = (float(number) for number in re.findall(r"-?\d+", path.get("d", "")))
        shares = [step / 40 for step in range(41)]
        xs = [(1 - u) ** 2 * ax + 2 * u * (1 - u) * mx + u * u * bx for u in shares]
        ys = [(1 - u) ** 2 * ay + 2 * u * (1 - u) * my + u * u * by for u in shares]
        points = list(zip(xs, ys, strict=True))
        met = [box for box in boxes if any(box.holds(point) for point in points)]
        assert len(met) == 2


def test_parallel_cables_stand_apart() -> None:
    root = ElementTree.fromstring("\n".join(picture()))
    paths = [each.get("d") for each in root.iter(f"{_SVG}path") if each.get("class") == "cable"]
    assert len(set(paths)) == len(paths) == len(PAIRS)


def test_broken_cables_are_dashed_and_say_what_is_wrong() -> None:
    boxes = [Box(name, [], "pc") for name in "ABCD"]
    cables = [Cable("A", ["1"], "B", ["2"], "cut", True), Cable("A", ["3"], "C", ["4"]),
              Cable("A", ["5"], "D", ["6"]), Cable("B", ["7"], "D", ["8"], "loss 1%")]  # fmt: skip
    text = "\n".join(draw("x", boxes, cables))
    assert text.count("stroke-dasharray") == 1
    assert ">cut</text>" in text
    assert ">loss 1%</text>" in text
