"""Commands that a mode takes from the files of another one."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.parser import Grammar, Match, Situation

MODES = (
    """
mode: config
title: Configure
prompt: x
help: {peer: A peer, <who>: Its name}
commands:
  - syntax: peer <who:word> weight <weight:1-9>
    help: {weight: Weight, <weight>: Weight}
    no: peer <who:word> weight
    do: x.weight
  - syntax: peer <who:word> shutdown
    help: {shutdown: Off}
    no: same
    do: x.shutdown
  - syntax: distance <weight:1-9>
    help: {distance: Distance, <weight>: Distance}
    do: x.distance
""",
    """
mode: config-template
title: Template
prompt: y
takes: ["0 behind peer <who:word>"]
commands:
  - syntax: exit
    help: {exit: Leave}
    do: x.leave
""",
)


def test_what_stands_behind_words_is_typed_without_them(write: Callable[..., Grammar]) -> None:
    template = write(*MODES).modes["config-template"]

    def arguments(line: str) -> dict[str, object] | None:
        found = template.match(line, Situation(privilege=15))
        return found.arguments if isinstance(found, Match) else None

    assert arguments("weight 5") == {"weight": 5}
    assert arguments("no weight") == {}
    assert arguments("shutdown") == {}
    assert arguments("no shutdown") == {}
    for line in ("peer A weight 5", "no weight 5 6", "distance 5"):
        assert arguments(line) is None, line
