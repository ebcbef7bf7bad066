"""Booted boxes of every kind, for what others make of their answers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "docs"))

import fidelity


@pytest.fixture(scope="session")
def boxes() -> fidelity.Boxes:
    return fidelity.Boxes()
