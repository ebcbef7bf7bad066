"""Lines under `interface X` that are kept without behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class KeptLines:
    """By what they are about: a new line takes the place of the old."""

    lines: dict[str, str] = field(default_factory=dict)
