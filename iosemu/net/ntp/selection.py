"""Which servers tell the truth: intersection, cluster and combine algorithms (RFC 5905 sections 11.2.1 to 11.2.3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from iosemu.net.ntp.association import Association

ENOUGH = 3
"""Survivors that clustering leaves (NMIN)."""


@dataclass(frozen=True)
class Choice:
    """The result: the system peer and the offset in seconds."""

    peer: Association
    offset: float
    jitter: float


def truechimers(candidates: Sequence[Association], now: float) -> list[Association]:
    """Those whose intervals share a point with most others; empty where there is no majority."""
    edges: list[tuple[float, int]] = []
    for each in candidates:
        distance = each.root_distance(now)
        edges += [(each.offset - distance, -1), (each.offset, 0), (each.offset + distance, 1)]
    edges.sort()
    count = len(candidates)
    for allowed in range((count + 1) // 2):
        low = high = None
        found = chime = 0
        for point, kind in edges:
            found -= kind
            if found >= count - allowed:
                low = point
                break
            chime += kind == 0
        found = 0
        for point, kind in reversed(edges):
            found += kind
            if found >= count - allowed:
                high = point
                break
            chime += kind == 0
        if low is not None and high is not None and chime <= 2 * allowed and low <= high:
            return [
                each
                for each in candidates
                if each.offset + each.root_distance(now) >= low
                and each.offset - each.root_distance(now) <= high
            ]
    return []


def select(associations: Sequence[Association], now: float) -> Choice | None:
    """Mark the associations, and choose among them; None: nobody can be believed."""
    for each in associations:
        each.status = " "
    usable = [each for each in associations if each.usable(now)]
    candidates = [each for each in usable if not each.local]
    survivors = truechimers(candidates, now) if candidates else []
    for each in candidates:
        each.status = "x"
    if not survivors:
        survivors = [each for each in usable if each.local]
    survivors.sort(key=lambda each: (each.stratum, each.root_distance(now)))
    for each in survivors:
        each.status = "-"
    while len(survivors) > ENOUGH:
        spread = {id(each): _spread(each, survivors) for each in survivors}
        worst = max(survivors, key=lambda each: spread[id(each)] * each.root_distance(now))
        if worst.config.prefer or spread[id(worst)] < min(each.jitter for each in survivors):
            break
        survivors.remove(worst)
    for each in survivors:
        each.status = "+"
    if not survivors:
        return None
    preferred = [each for each in survivors if each.config.prefer]
    peer = (preferred or survivors)[0]
    peer.status = "*"
    if preferred:
        return Choice(peer, peer.offset, peer.jitter)
    weights = [1 / each.root_distance(now) for each in survivors]
    offset = sum(w * each.offset for w, each in zip(weights, survivors, strict=True)) / sum(weights)
    jitter = math.sqrt(
        sum(w * (each.offset - peer.offset) ** 2 for w, each in zip(weights, survivors, strict=True))
        / sum(weights)
    )
    return Choice(peer, offset, jitter)


def _spread(one: Association, survivors: Sequence[Association]) -> float:
    others = [(one.offset - each.offset) ** 2 for each in survivors if each is not one]
    return math.sqrt(sum(others) / len(others)) if others else 0.0
