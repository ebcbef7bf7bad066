"""The client's side of registration: one next hop server (RFC 2332 5.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

FIRST_RETRY, LAST_RETRY = 1.0, 64.0
"""Seconds until a registration without an answer is repeated: doubled each time, up to the last."""
RETRIES_UNTIL_DOWN = 3
"""Repetitions without an answer that make a server one that does not respond (Cisco's DMVPN design guide)."""


RUNNING, WAITING = "Running", "Waiting"
Standing = tuple[str, str]
"""Letters of the state, and the queue that it is in."""


@dataclass(slots=True, eq=False)
class Server:
    """What is known of a server; times are lab times, intervals seconds."""

    address: IPv4Address
    nbma: IPv4Address | None
    since: float
    """When it began to respond, or stopped."""
    responding: bool = False
    ever: bool = False
    """It has responded once."""
    request_id: int = 0
    acknowledged: int | None = None
    sent: int = 0
    failed: int = 0
    replies: int = 0
    last_reply: float | None = None
    waiting: bool = False
    """A request is out that was not answered yet."""
    retry: float = FIRST_RETRY
    repeats: int = 0
    due: float | None = None
    idle: bool = False
    """Others of its cluster have their turn."""
    current: Standing = ("E", RUNNING)
    before: Standing = ("E", RUNNING)
    """How it stands, and how it stood before."""

    def note(self) -> None:
        """Keep how it stood before, when it stands otherwise now."""
        letters = "W" if self.idle else "RE" if self.responding else "E"
        standing = (letters, WAITING if self.idle else RUNNING)
        if standing != self.current:
            self.before, self.current = self.current, standing

    def asked(self, now: float, taken: bool) -> None:
        """A request left, or could not."""
        self.sent += 1
        self.failed += not taken
        if not self.waiting:
            self.waiting, self.retry, self.repeats = True, FIRST_RETRY, 0
        else:
            self.repeats += 1
            self.retry = min(self.retry * 2, LAST_RETRY)
        self.due = now + self.retry

    @property
    def given_up(self) -> bool:
        """It has been silent for so long that it counts as down."""
        return self.waiting and self.repeats >= RETRIES_UNTIL_DOWN

    def answered(self, now: float, again: float) -> bool:
        """A reply came; whether the server is up now and was not before. `again`: seconds to the next request."""
        came = not self.responding
        self.acknowledged, self.last_reply = self.request_id, now
        self.replies += 1
        self.waiting = False
        self.due = now + again
        self.responding = self.ever = True
        if came:
            self.since = now
        return came
