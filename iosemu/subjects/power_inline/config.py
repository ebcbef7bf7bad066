"""`power inline …` under an interface."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 15_400
"""Milliwatts of a port (IEEE 802.3af, class 0)."""


@dataclass
class InlinePower:
    """What a port gives: `auto` when a device asks, `static` set aside for it, `never`."""

    mode: str = "auto"
    maximum: int = MOST
    """Milliwatts."""
