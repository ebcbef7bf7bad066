"""Dead peer detection: `crypto isakmp keepalive` and `keepalive` of an ISAKMP profile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keepalive:
    """INTERVAL and RETRY in seconds; on demand unless periodic."""

    interval: int
    retry: int = 2
    periodic: bool = False

    def parts(self) -> dict[str, int]:
        """What a profile's `keepalive` is typed with."""
        return {"interval": self.interval, "retry": self.retry}
