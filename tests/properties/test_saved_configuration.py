"""Whatever a user configures and saves is there again after a power cycle, and nothing of it is refused."""

from __future__ import annotations

import os
import re
from functools import cache

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from iosemu.box import running_config
from iosemu.lab.lab import Lab
from iosemu.parser.results import Help
from iosemu.shell.executor import Executor
from iosemu.shell.loader import load

DEVICES = ["R-A", "SW-1"]
EXAMPLES = int(os.environ.get("IOSEMU_EXAMPLES", "0"))
"""How many configurations to try by hand; without it the same few each time."""
DEPTH = 12
"""Words of a line at most."""
LEFT_OUT = (
    "do",
    "end",
    "exit",
    "help",
    "default",
    "hostname",
    "banner",
    "alias",
    "privilege",
    "username",
    "enable",
)
"""First words that lead elsewhere, or whose values are text to the end of the line."""
OFTEN = ("interface", "crypto", "ip", "tunnel", "vlan", "line", "access-list", "set", "match", "switchport")
"""First words that are tried more often than the others: the names of things, and what refers to them."""

VALUES = {
    "A.B.C.D": ["10.0.0.1", "192.0.2.7", "255.255.255.0", "0.0.0.255", "198.51.100.0"],
    "H.H.H": ["0200.0000.0001"],
    "hh:mm": ["10:00"],
}
NAMES = ["A1", "B2", "C3"]
NUMBERED = ["0", "1", "7"]


@cache
def lab() -> Lab:
    made = Lab.load("ipsec-vpn", seed=11)
    made.boot()
    return made


def values(word: str) -> list[str]:
    """What may be typed for a row of help: the keyword, or values of the type it stands for."""
    span = re.fullmatch(r"<(\d+)-(\d+)>", word)
    if span:
        low, high = int(span[1]), int(span[2])
        return [str(number) for number in dict.fromkeys([low, min(low + 3, high), high])]
    if word in VALUES:
        return VALUES[word]
    if word[0].isupper() and word[-1].islower():  # an interface type
        return [word + number for number in NUMBERED] + [f"{word}0/{number}" for number in NUMBERED]
    if word.isupper() or word.startswith("<"):
        return NAMES
    return [word]


@st.composite
def line(draw: st.DrawFn, executor: Executor) -> str:
    """A line that the grammar takes in the mode where the executor is."""
    typed = ""
    mode = executor.grammar.modes[executor.mode]
    for place in range(DEPTH):
        found = mode.help(typed, executor.situation())
        if not isinstance(found, Help):
            return typed
        rows = [word for word, _text in found.rows if place or word not in LEFT_OUT]
        if found.cr and (not rows or draw(st.booleans())):
            return typed
        if not rows:
            return typed
        often = [word for word in rows if not place and word in OFTEN]
        word = draw(st.sampled_from(often or rows) if draw(st.booleans()) else st.sampled_from(rows))
        typed += draw(st.sampled_from(values(word))) + " "
    return typed


def run(executor: Executor, text: str) -> None:
    for _ in executor.steps(text):
        pass


@pytest.mark.parametrize("name", DEVICES)
@settings(
    max_examples=EXAMPLES or 40, derandomize=not EXAMPLES, deadline=None,
    suppress_health_check=list(HealthCheck), database=None, report_multiple_bugs=False,
)  # fmt: skip
@given(data=st.data())
def test_what_is_saved_comes_back(name: str, data: st.DataObject) -> None:
    device = lab()[name]
    device.flash.pop("vlan.dat", None)
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
