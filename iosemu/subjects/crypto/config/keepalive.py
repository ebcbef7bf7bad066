"""Dead peer detection: `crypto isakmp keepalive` and `keepalive` of an ISAKMP profile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keepalive:
    """INTERVAL and RETRY in seconds; on demand unless periodic."""

    interval: int
    retry: int = 2
    periodic: bool = False
