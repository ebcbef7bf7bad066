"""The pair of engines as a fixture."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ike_pair import Pair


@pytest.fixture
def pair() -> Pair:
    return Pair()
