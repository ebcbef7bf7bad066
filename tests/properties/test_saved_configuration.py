"""Whatever a user configures and saves is there again after a power cycle, and nothing of it is refused."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from benchmarks import typed_lines
from iosemu.box import running_config
from iosemu.box.device import Device
from iosemu.lab.lab import Lab
from iosemu.lab.snapshot import Snapshot
from iosemu.shell.executor import Executor
from iosemu.shell.loader import load

CAMPUS = str(Path(__file__).parents[1] / "transcripts" / "campus" / "lab.yaml")
BOXES = [
    ("ipsec-vpn", "R-A"),
    ("ipsec-vpn", "SW-1"),
    (CAMPUS, "R1"),
    (CAMPUS, "R2"),
    (CAMPUS, "SW1"),
    (CAMPUS, "SW2"),
]
"""A box of each kind, model and release: the lab and its name there."""
EXAMPLES = int(os.environ.get("IOSEMU_EXAMPLES", "0"))
"""How many configurations to try by hand; without it the same few each time."""


@cache
def lab(name: str) -> Lab:
    made = Lab.load(name, seed=11)
    made.boot()
    return made


@cache
def fresh(name: str) -> Snapshot:
    return lab(name).snapshot()


@st.composite
def line(draw: st.DrawFn, executor: Executor) -> str:
    """A line that the grammar takes in the mode where the executor is."""
    return typed_lines.line(executor, lambda words: draw(st.sampled_from(words)), lambda: draw(st.booleans()))


def run(executor: Executor, text: str) -> None:
    """Type a line; questions are answered by Enter."""
    steps, answer = executor.steps(text), None
    while True:
        try:
            answer = None if isinstance(steps.send(answer), str) else ""
        except StopIteration:
            return


def said(device: Device, executor: Executor) -> list[str]:
    """The running configuration without its remarks, which tell when it was changed and saved."""
    return [line for line in running_config.body(device, executor.render) if not line.startswith("!")]


@pytest.mark.parametrize(("place", "name"), BOXES, ids=[name for _, name in BOXES])
@settings(
    max_examples=EXAMPLES or 20, derandomize=not EXAMPLES, deadline=None,
    suppress_health_check=list(HealthCheck), database=None, report_multiple_bugs=False,
)  # fmt: skip
@given(data=st.data())
def test_what_is_saved_comes_back(place: str, name: str, data: st.DataObject) -> None:
    world = lab(place)
    world.restore(fresh(place))  # what earlier ones saved and generated is no part of this one
    device = world[name]
    device.nvram.clear()
    device.power_off()
    device.boot()
    load(device, world.grammar, f"hostname {name}\nend\n")
    executor = Executor(device, world.grammar, privilege=15)
    run(executor, "configure terminal")
    for _ in range(data.draw(st.integers(1, 12))):
        typed = data.draw(line(executor))
        note(f"{executor.mode}: {typed}")
        run(executor, typed)
        if not executor.modes.configuring:
            run(executor, "configure terminal")
    run(executor, "end")
    run(executor, "configure terminal")
    run(executor, "config-register 0x2102")  # another one may have the saved configuration ignored
    run(executor, "end")
    run(executor, "write memory")
    before = said(device, executor)
    world.stop(name)
    assert world.start(name) == []
    assert said(device, Executor(device, world.grammar, privilege=15)) == before
