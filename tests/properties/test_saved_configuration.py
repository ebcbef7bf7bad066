"""Whatever a user configures and saves is there again after a power cycle, and nothing of it is refused."""

from __future__ import annotations

import os
from functools import cache

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from benchmarks import typed_lines
from iosemu.box import running_config
from iosemu.lab.lab import Lab
from iosemu.lab.snapshot import Snapshot
from iosemu.shell.executor import Executor
from iosemu.shell.loader import load

DEVICES = ["R-A", "SW-1"]
EXAMPLES = int(os.environ.get("IOSEMU_EXAMPLES", "0"))
"""How many configurations to try by hand; without it the same few each time."""


@cache
def lab() -> Lab:
    made = Lab.load("ipsec-vpn", seed=11)
    made.boot()
    return made


@cache
def fresh() -> Snapshot:
    return lab().snapshot()


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


@pytest.mark.parametrize("name", DEVICES)
@settings(
    max_examples=EXAMPLES or 40, derandomize=not EXAMPLES, deadline=None,
    suppress_health_check=list(HealthCheck), database=None, report_multiple_bugs=False,
)  # fmt: skip
@given(data=st.data())
def test_what_is_saved_comes_back(name: str, data: st.DataObject) -> None:
    lab().restore(fresh())  # what earlier ones saved and generated is no part of this one
    device = lab()[name]
    device.nvram.clear()
    device.power_off()
    device.boot()
    load(device, lab().grammar, f"hostname {name}\nend\n")
    executor = Executor(device, lab().grammar, privilege=15)
    run(executor, "configure terminal")
    for _ in range(data.draw(st.integers(1, 12))):
        typed = data.draw(line(executor))
        note(f"{executor.mode}: {typed}")
        run(executor, typed)
        if not executor.modes.configuring:
            run(executor, "configure terminal")
    run(executor, "end")
    run(executor, "write memory")
    before = running_config.body(device, executor.render)
    lab().stop(name)
    assert lab().start(name) == []
    assert running_config.body(device, Executor(device, lab().grammar, privilege=15).render) == before
