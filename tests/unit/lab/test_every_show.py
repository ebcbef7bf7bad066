"""Every show command that `?` offers runs on every kind of box, and none of them fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from iosemu import LabPlan, SyncLab
from iosemu.parser.results import Help
from iosemu.parser.situation import Situation

DEPTH = 5
"""Words after which a command is long enough."""


def shows(grammar: Any, situation: Situation, line: str = "show", depth: int = DEPTH) -> Iterator[str]:
    """The commands below `line` that consist of keywords only."""
    found = grammar.modes["exec"].help(f"{line} ", situation)
    if not isinstance(found, Help):
        return
    if found.cr and line != "show":
        yield line
    if depth:
        for word, _text in found.rows:
            if word[0].islower() and word != "|":
                yield from shows(grammar, situation, f"{line} {word}", depth - 1)


def older() -> LabPlan:
    """The same boxes with the software of their day."""
    plan = LabPlan("older")
    plan.node("R", "c2811", image="12.4", config="hostname R\n", modules={"0/0": "WIC-2T", "1": "NM-4E"})
    plan.node("SW", "catalyst-2950-24", image="12.4", config="hostname SW\n")
    return plan.link("R:Fa0/0", "SW:Fa0/1")


SIGNS = ("Internal error", "Invalid input", "Incomplete command", "Ambiguous command")


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("office", "R1"),
        ("office", "SW1"),
        ("ipsec-vpn", "R-A"),
        ("ipsec-vpn", "SW-1"),
        ("older", "R"),
        ("older", "SW"),
    ],
)
def test_every_show(name: str, device: str) -> None:
    with SyncLab(older() if name == "older" else name) as lab:
        lab.advance("60s")
        core = lab.lab.core
        box = core.devices[device]
        situation = Situation(
            15,
            box.kind,
            box.composition.names,
            box.image.version,
            box.model.capabilities | box.image.capabilities,
            interfaces=tuple(box.interfaces),
            types=box.interface_words,
        )
        commands = list(shows(core.grammar, situation))
        assert len(commands) > 80
        lab[device].cli("terminal length 0")
        failed = {}
        for command in commands:
            printed = lab[device].cli(command)
            if any(sign in printed for sign in SIGNS):
                failed[command] = printed
        assert failed == {}
