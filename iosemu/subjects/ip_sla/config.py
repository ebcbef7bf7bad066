"""`ip sla N` and `ip sla schedule N`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

LIFE = 3600
"""Seconds that an operation runs if nothing is said of it."""


@dataclass
class Operation:
    """One operation: frequency in seconds, timeout and threshold in milliseconds; None: what it asks is not told."""

    number: int
    destination: IPv4Address | None = None
    source: IPv4Address | None = None
    source_interface: str = ""
    frequency: int = 60
    timeout: int = 5000
    threshold: int = 5000
    size: int = 28
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """From when and for how many seconds an operation runs; life None: forever, not `now`: it waits."""

    life: int | None = LIFE
    now: bool = False


@dataclass
class IpSlaConfig:
    """The operations and their schedules by number."""

    operations: dict[int, Operation] = field(default_factory=dict)
    schedules: dict[int, Schedule] = field(default_factory=dict)
