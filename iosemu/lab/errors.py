"""The one error that a lab raises for what its user can put right."""

from __future__ import annotations


class LabError(Exception):
    """The lab cannot be used; the text says what, where and, where it helps, what to do."""
