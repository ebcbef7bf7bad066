"""Where the devices of a lab stand on a screen: hosts below, switches above them, routers at the top.

Distances on the drawing follow the number of cables between devices (stress majorization by local moves, after
Kamada and Kawai 1989), each device is drawn towards the height of its kind, and whoever overlaps is pushed apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 1200.0, 560.0
"""Of the drawing, in its own units: a screen's shape."""
MARGIN_X, MARGIN_Y = 90.0, 64.0
ROOM_X, ROOM_Y = 170.0, 128.0
"""What a device and its texts take."""
_TIERS = {"router": 0.0, "l3switch": 0.34, "sniffer": 0.3, "switch": 0.55, "pc": 1.0, "server": 1.0, "": 0.0}
"""How far down each kind stands, 0 to 1."""
_STEPS = 150
_TIER_WEIGHT = 0.55


def place(kinds: Mapping[str, str], cables: Sequence[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """A place for each device; `kinds` gives them in their order, `cables` joins them."""
    names = list(kinds)
    if not names:
        return {}
    if len(names) == 1:
        return {names[0]: (WIDTH / 2, HEIGHT / 2)}
    near = _neighbours(names, cables)
    far = [_distances(near, at) for at in range(len(names))]
    order = _spine(near, far)
    size = max(max(row) for row in far if row) or 1
    tiers = [_tier(names, near, kinds, at) * size * 0.62 for at in range(len(names))]
    xs = [0.0] * len(names)
    for rank, at in enumerate(order):
        xs[at] = rank * size / max(1, len(order) - 1)
    ys = [tier + 0.01 * (at % 3) for at, tier in enumerate(tiers)]
    _settle(xs, ys, far, tiers, max(12, min(_STEPS, 400_000 // len(names) ** 2)))
    points = _fit(xs, ys)
    _part(points)
    return {name: (round(x, 1), round(y, 1)) for name, (x, y) in zip(names, _into_frame(points), strict=True)}


def _neighbours(names: Sequence[str], cables: Sequence[tuple[str, str]]) -> list[list[int]]:
    number = {name: at for at, name in enumerate(names)}
    near: list[list[int]] = [[] for _ in names]
    for a, b in cables:
        if a in number and b in number and a != b:
            near[number[a]].append(number[b])
            near[number[b]].append(number[a])
    return near


def _distances(near: Sequence[Sequence[int]], start: int) -> list[int]:
    """Cables between `start` and each device; those that cannot be reached count as a little farther than all."""
    found = {start: 0}
    queue = [start]
    for at in queue:
        for other in near[at]:
            if other not in found:
                found[other] = found[at] + 1
                queue.append(other)
    beyond = max(found.values()) + 2
    return [found.get(at, beyond) for at in range(len(near))]


def _spine(near: Sequence[Sequence[int]], far: Sequence[Sequence[int]]) -> list[int]:
    """An order from left to right: along the longest path, branches beside where they leave it."""
    reach = [(max(d for d in row), -at) for at, row in enumerate(far)]
    start = -max(reach)[1]
    return sorted(range(len(near)), key=lambda at: (far[start][at], at))


def _tier(names: Sequence[str], near: Sequence[Sequence[int]], kinds: Mapping[str, str], at: int) -> float:
    kind = kinds[names[at]]
    others = [_TIERS.get(kinds[names[other]], 0.5) for other in near[at]]
    if kind == "sniffer" and others:
        # an inline one stands between its neighbours, one that listens beside its own
        return sum(others) / len(others) if len(others) > 1 else min(1.0, others[0] + 0.45)
    if kind == "switch" and others and max(others) <= _TIERS["l3switch"]:
        return 0.0  # a switch between routers is their wire
    return _TIERS.get(kind, 0.5)


def _settle(
    xs: list[float], ys: list[float], far: Sequence[Sequence[int]], tiers: Sequence[float], steps: int
) -> None:
    """Move each device to where its distances to all others are best kept, again and again."""
    count = len(xs)
    everybody = range(count)
    for step in range(steps):
        moved = 0.0
        for at in everybody:
            x, y, row = xs[at], ys[at], far[at]
            sum_x = sum_y = weights = 0.0
            for other in everybody:
                if other == at:
                    continue
                wanted = row[other]
                weight = 1.0 / (wanted * wanted)
                dx, dy = x - xs[other], y - ys[other]
                length = math.hypot(dx, dy)
                if length < 1e-6:
                    dx, dy, length = 0.01 * (at - other), 0.005, 0.01 * abs(at - other) + 0.005
                share = wanted / length
                sum_x += weight * (xs[other] + dx * share)
                sum_y += weight * (ys[other] + dy * share)
                weights += weight
            new_x = sum_x / weights
            new_y = (sum_y + _TIER_WEIGHT * weights * tiers[at]) / (weights * (1 + _TIER_WEIGHT))
            moved = max(moved, abs(new_x - x), abs(new_y - y))
            xs[at], ys[at] = new_x, new_y
        if moved < 0.002 and step > 5:
            break


def _fit(xs: Sequence[float], ys: Sequence[float]) -> list[list[float]]:
    """Stretch what was found over the drawing, each direction by itself but not without bounds."""
    wide, high = max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0
    by_x, by_y = (WIDTH - 2 * MARGIN_X) / wide, (HEIGHT - 2 * MARGIN_Y) / high
    by_y = min(by_y, by_x * 2.4)
    by_x = min(by_x, by_y * 2.4)
    return [[(x - min(xs)) * by_x, (y - min(ys)) * by_y] for x, y in zip(xs, ys, strict=True)]


def _part(points: list[list[float]]) -> None:
    """Push apart whoever overlaps, by the shorter way."""
    for _ in range(80):
        clear = True
        for at, one in enumerate(points):
            for other in points[at + 1 :]:
                dx, dy = other[0] - one[0], other[1] - one[1]
                over_x, over_y = ROOM_X - abs(dx), ROOM_Y - abs(dy)
                if over_x <= 0 or over_y <= 0:
                    continue
                clear = False
                axis, over, way = (0, over_x, dx) if over_x / ROOM_X < over_y / ROOM_Y else (1, over_y, dy)
                push = math.copysign(over / 2 + 0.5, way if way else 1.0)
                one[axis] -= push
                other[axis] += push
        if clear:
            return


def _into_frame(points: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Centre in the drawing; what a large lab needs beyond it, it takes: the page zooms out."""
    left, top = min(point[0] for point in points), min(point[1] for point in points)
    off_x = max(MARGIN_X, (WIDTH - (max(point[0] for point in points) - left)) / 2)
    off_y = max(MARGIN_Y, (HEIGHT - (max(point[1] for point in points) - top)) / 2)
    return [(x - left + off_x, y - top + off_y) for x, y in points]
