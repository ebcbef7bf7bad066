"""What `show crypto ikev2 stats` counts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TypeVar

K = TypeVar("K", int, str)


@dataclass(slots=True)
class Requests:
    """Requests of one direction for an IKE SA."""

    asked: int = 0
    accepted: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Row:
    """One exchange or notification: sent and received, in requests and responses."""

    sent_requests: int = 0
    sent_responses: int = 0
    received_requests: int = 0
    received_responses: int = 0


@dataclass(slots=True)
class Counters:
    """Of one engine since power on."""

    incoming: Requests = field(default_factory=Requests)
    outgoing: Requests = field(default_factory=Requests)
    limit_rejected: int = 0
    dropped: int = 0
    challenged: int = 0
    challenge_accepted: int = 0
    challenge_rejected: int = 0
    challenge_missing: int = 0
    """Requests without a cookie while one was asked for."""
    no_nat: int = 0
    nat_inside: int = 0
    nat_outside: int = 0
    exchanges: dict[str, Row] = field(default_factory=dict)
    notifications: dict[int, Row] = field(default_factory=dict)
    configuration: dict[int, list[int]] = field(default_factory=dict)
    """Sent and received, by kind of configuration payload."""

    def clear(self) -> None:
        """All begin anew."""
        fresh = Counters()
        for each in fields(self):
            setattr(self, each.name, getattr(fresh, each.name))

    def exchange(self, name: str, *, sent: bool, response: bool) -> None:
        """One more message of an exchange."""
        _count(self.exchanges, name, sent=sent, response=response)

    def notification(self, kind: int, *, sent: bool, response: bool) -> None:
        """One more notification."""
        _count(self.notifications, kind, sent=sent, response=response)


def _count(rows: dict[K, Row], key: K, *, sent: bool, response: bool) -> None:
    row = rows.get(key)
    if row is None:
        row = rows[key] = Row()
    if sent and response:
        row.sent_responses += 1
    elif sent:
        row.sent_requests += 1
    elif response:
        row.received_responses += 1
    else:
        row.received_requests += 1
