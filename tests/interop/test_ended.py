"""Real labs, reached by SSH, are ended by a signal right after they acknowledged: nothing is lost."""

import pytest

from benchmarks.hostile.processes import SIGNALS, ended


@pytest.mark.parametrize("number", [0, 1, 3], ids=[SIGNALS[number].name for number in (0, 1, 3)])
def test_nothing_that_was_acknowledged_is_lost(number: int) -> None:
    lost, _took = ended(number)
    assert not lost
