"""Links that come and go: how often something happened lately."""

from __future__ import annotations

from collections import deque

from iosemu.subjects.errdisable.config import FlapLimit


class FlapCounter:
    """The flaps of ports by cause, each with its lab time in seconds."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], deque[float]] = {}

    def exceeds(self, port: str, cause: str, limit: FlapLimit, now: float) -> bool:
        """Count a flap; whether that is one too many, and then begin anew."""
        seen = self._seen.setdefault((port, cause), deque())
        seen.append(now)
        while seen[0] <= now - limit.seconds:
            seen.popleft()
        if len(seen) < limit.count:
            return False
        seen.clear()
        return True
