"""How images differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class QosStyle:
    """How an image queues, and how it tells of it."""

    stem: ClassVar[str] = "qos"
    hierarchical: bool = True
    """The hierarchical queueing framework (since 12.4(20)T): other words, and shapers every 4 ms."""
    reservable: int = 99
    """Per cent of an interface's bandwidth that classes may have."""
