"""`errdisable recovery …`: which causes are recovered from, and after how long."""

from __future__ import annotations

from dataclasses import dataclass, field

CAUSES = ("bpduguard", "psecure-violation")
"""Causes that disable a port here."""
INTERVAL = 300
"""Seconds, the default of every Catalyst."""


@dataclass
class ErrdisableConfig:
    """Recovery of err-disabled ports; `interval` in seconds."""

    causes: set[str] = field(default_factory=set)
    interval: int = INTERVAL
