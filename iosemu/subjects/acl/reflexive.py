"""Reflexive access lists: what goes out lets its answers in, for a while (Cisco, "Configuring IP Session Filtering").

An entry `permit … reflect NAME` makes an entry of the list NAME for the answers of each session that it lets pass;
`evaluate NAME` in another list asks that list. An entry ends when its session has been silent for its timeout, five
seconds after both ends of a TCP connection have said FIN, and at once after a reset.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

DEFAULT_TIMEOUT = 300
"""Seconds."""
CLOSING = 5.0
"""Seconds that an entry outlives the second FIN."""
_FIN, _RST = 0x01, 0x04
OUT, BACK = 1, 2
"""Which way a packet of a session goes: as the first one, or as its answers."""


class SessionKey(NamedTuple):
    """The answers of a session: where they come from and go to; ports of TCP and UDP alone."""

    protocol: int
    source: int
    source_port: int | None
    destination: int
    destination_port: int | None


@dataclass(slots=True)
class Session:
    """One temporary entry."""

    timeout: int
    expires: float
    """Lab time."""
    matches: int = 0
    ended: int = 0
    """The directions that have said FIN."""

    def pass_(self, way: int, tcp_flags: int, now: float) -> None:
        """A packet of the session passes."""
        self.matches += 1
        if tcp_flags & _FIN:
            self.ended |= way
        closing = self.ended == OUT | BACK
        self.expires = min(self.expires, now + CLOSING) if closing else now + self.timeout
        if tcp_flags & _RST:
            self.expires = now


@dataclass
class ReflexiveList:
    """The temporary entries of one name."""

    name: str
    sessions: dict[SessionKey, Session] = field(default_factory=dict)

    def next_timer(self) -> float | None:
        """Lab time at which the next entry ends."""
        return min((each.expires for each in self.sessions.values()), default=None)

    def tick(self, now: float) -> None:
        """Forget what is over."""
        for key in [key for key, each in self.sessions.items() if each.expires <= now]:
            del self.sessions[key]

    def listing(self, now: float) -> Iterator[tuple[SessionKey, Session, int]]:
        """The entries with the seconds that they have left."""
        for key, each in list(self.sessions.items()):
            if each.expires > now:
                yield key, each, int(each.expires - now)
