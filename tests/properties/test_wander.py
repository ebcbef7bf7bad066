"""Lines at random all over labs with traffic: no internal error, and what is saved comes back.

`IOSEMU_STEPS=20000` walks as long, each time elsewhere; `python -m benchmarks.wander` does so without pytest.
"""

from __future__ import annotations

import os
import time

import pytest

from benchmarks.wander import LABS, STAY, Walk
from iosemu.lab.lab import Lab
from iosemu.shell.loader import LineError, load

STEPS = int(os.environ.get("IOSEMU_STEPS", "0"))
FEW = 660
"""Twice round a lab of eight boxes, with a look at what they saved."""


@pytest.mark.parametrize("lab", LABS)
def test_a_walk_finds_nothing(lab: str) -> None:
    walk = Walk(int(time.time()) if STEPS else 1, lab)
    found = list(walk.steps(STEPS or FEW))
    assert not found, "\n".join(map(str, found))


def test_the_same_seed_makes_the_same_walk() -> None:
    walks = [Walk(2) for _ in range(2)]
    for walk in walks:
        assert not list(walk.steps(40))
    one, other = ([list(place.typed) for place in walk._places] for walk in walks)
    assert one == other
    assert any(one)


@pytest.mark.faults
def test_a_walk_tells_what_it_meets(monkeypatch: pytest.MonkeyPatch) -> None:
    walk, start = Walk(3), Lab.start
    walk.lab.scheduler.after(0.5, lambda: 1 // 0)

    def start_with_more(lab: Lab, name: str) -> list[LineError]:
        refused = start(lab, name)
        load(lab[name], lab.grammar, "ip host late 192.0.2.1")
        return refused

    monkeypatch.setattr(Lab, "start", start_with_more)
    texts = [str(each) for each in walk.steps(STAY * len(walk.lab.devices))]
    assert any("ZeroDivisionError" in text for text in texts)
    assert any("another configuration" in text and "ip host late" in text for text in texts)
