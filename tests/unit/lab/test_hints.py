"""Every check of every lab that is an exercise has its title and a hint in English and Japanese."""

from __future__ import annotations

import pytest

from iosemu.lab import resources
from iosemu.lab.lab import Lab

FINISHED = ("enterprise", "wide-area")
"""Nothing is to be done in these: they are for `iosemu challenge`."""
NAMES = sorted(set(resources.labs()) - set(FINISHED))


@pytest.mark.parametrize("name", NAMES)
def test_every_check_has_a_hint_in_both_languages(name: str) -> None:
    for check in Lab.load(name, seed=1).topology.lab.checks:
        assert check.title.ja
        assert check.hint is not None
        assert check.hint.ja
