"""What was asked for and is not answered yet (RFC 2332 5.2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

FIRST_RETRY, REPEATS = 1.0, 5
"""Seconds until a request is repeated, doubled each time, and how often."""
REFUSED = 30.0
"""Seconds in which what was asked for in vain is not asked for again."""


@dataclass(slots=True, eq=False)
class Pending:
    """A request for one destination; times are lab times."""

    destination: IPv4Address
    request_id: int
    due: float
    repeats: int = 0

    def repeated(self, now: float) -> bool:
        """Note one more request; False when there were enough."""
        if self.repeats >= REPEATS:
            return False
        self.repeats += 1
        self.due = now + FIRST_RETRY * 2**self.repeats
        return True
