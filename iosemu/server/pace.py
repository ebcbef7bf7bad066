"""The ways in which lab time passes."""

from __future__ import annotations

from enum import StrEnum


class Pace(StrEnum):
    """How lab time relates to wall time."""

    REAL = "real"
    """Lab time follows the wall clock."""
    FAST = "fast"
    """As REAL while nobody waits; while somebody does, jump from event to event."""
    MANUAL = "manual"
    """Stand still except while somebody waits."""
