"""The retransmission schedule: five repetitions, ten seconds apart, then the exchange dies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

INTERVAL: Final = 10.0
LIMIT: Final = 5
DUPLICATE_DELAY: Final = 0.5
"""After a duplicate from the peer the answer is repeated this soon."""
SETTLING: Final = 0.02
"""Seconds that a peer is left to take the message which what follows depends on."""
RESET_DELAY: Final = 1.0
"""After a message that made no sense the own one is repeated this soon."""


@dataclass(slots=True)
class Retransmission:
    """A message that waits for its answer; times are lab seconds."""

    data: bytes
    at: float
    attempts: int = 0

    @classmethod
    def start(cls, data: bytes, now: float) -> Retransmission:
        """The schedule of a message that was sent just now."""
        return cls(data, now + INTERVAL)

    def fire(self, now: float) -> bool:
        """Count an attempt and plan the next; False when the limit was reached and nothing is to be sent."""
        if self.attempts >= LIMIT:
            return False
        self.attempts += 1
        self.at = now + INTERVAL
        return True

    def hasten(self, now: float, delay: float) -> None:
        """Repeat earlier than planned."""
        self.at = min(self.at, now + delay)
