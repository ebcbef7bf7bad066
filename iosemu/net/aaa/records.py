"""What an accounting server writes down."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

MOST_RECORDS = 1000


@dataclass(frozen=True, slots=True)
class AccountingRecord:
    """One request, as it came."""

    time: float
    """Lab seconds."""
    protocol: str
    """`tacacs` or `radius`."""
    client: str
    """The box that told it."""
    kind: str
    """`start`, `stop` or `update`; of a whole box `on` and `off`."""
    user: str
    port: str
    remote: str
    attributes: tuple[str, ...]


@dataclass
class AccountingRecords:
    """The last records."""

    entries: deque[AccountingRecord] = field(default_factory=lambda: deque(maxlen=MOST_RECORDS))

    def add(self, record: AccountingRecord) -> None:
        """Write one down; the oldest is forgotten when there are too many."""
        self.entries.append(record)
