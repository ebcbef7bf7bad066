"""When a threshold counts as crossed."""

from __future__ import annotations

import pytest

from iosemu.subjects.ip_sla.reactions import ELEMENTS, Reaction, Watch, observed
from iosemu.subjects.ip_sla.results import NO_CONNECTION, OK, SOCKET_ERROR, TIMEOUT, Jitter, Losses, Result


def changes(reaction: Reaction, values: list[int]) -> list[bool]:
    watch = Watch(reaction)
    for value in values:
        watch.take(value)
    seen: list[bool] = []
    watch = Watch(reaction)
    for value in values:
        watch.take(value)
        seen.append(watch.exceeded)
    return seen


@pytest.mark.parametrize(
    ("kind", "counts", "values", "expected"),
    [
        ("never", (5, 5), [200, 200], "__"),
        ("immediate", (5, 5), [100, 101, 70, 49, 60], "_XX__"),
        ("consecutive", (2, 5), [101, 50, 101, 101, 40, 60, 40, 40], "___XXXX_"),
        ("xOfy", (2, 3), [101, 0, 0, 101, 0, 101, 0, 0], "_____XX_"),
        ("average", (2, 5), [90, 120, 10, 10], "_XX_"),
    ],
)
def test_types_count_as_they_say(
    kind: str, counts: tuple[int, int], values: list[int], expected: str
) -> None:
    seen = changes(Reaction("rtt", 100, 50, kind, *counts), values)
    assert "".join("X" if each else "_" for each in seen) == expected


def test_what_happens_is_cleared_when_it_does_not_happen() -> None:
    watch = Watch(Reaction("timeout", 5000, 3000, "immediate"))
    assert not watch.take(0)
    assert watch.take(1)
    assert watch.word == "Occurred"
    assert watch.take(0)
    assert watch.word == "Cleared"


def test_elements_are_read_from_results() -> None:
    details = Jitter([3], [5, -2], [1, -9], Losses([(1, 2)]), Losses([(4, 1)]), 3, 4)
    result = Result(OK, 7, details)
    told = {name: observed(name, result) for name in ELEMENTS}
    assert told == {
        "connectionLoss": 0, "jitterAvg": 4, "jitterDSAvg": 5, "jitterSDAvg": 4, "maxOfNegativeDS": 9,
        "maxOfNegativeSD": 2, "maxOfPositiveDS": 1, "maxOfPositiveSD": 5, "packetLossDS": 1, "packetLossSD": 2,
        "packetMIA": 3, "packetOutOfSequence": 4, "rtt": 7, "timeout": 0,
    }  # fmt: skip
    assert observed("rtt", Result(TIMEOUT)) is None
    assert observed("jitterAvg", Result(TIMEOUT)) is None
    assert observed("timeout", Result(TIMEOUT)) == 1
    assert [observed("connectionLoss", Result(code)) for code in (NO_CONNECTION, SOCKET_ERROR)] == [1, 1]
