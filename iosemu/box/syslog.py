"""System messages of one device, numbered so that a session can fetch those it has not seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from iosemu.box.facts import Fact
from iosemu.net.signal import Signal


@dataclass(frozen=True, slots=True)
class Message:
    """One system message, or one line of debug output (severity 7)."""

    number: int
    when: float
    """Lab seconds."""
    facility: str
    severity: int
    mnemonic: str
    text: str
    continues: bool = False
    """A further line of the message before: it has no time stamp."""
    about: Fact | None = None
    """What it tells, where others want to know it."""
    stamp: str = ""
    """Its sequence number and time, as the box was configured and its clock stood when it was issued."""

    def __str__(self) -> str:
        return (
            f"%{self.facility}-{self.severity}-{self.mnemonic}: {self.text}" if self.mnemonic else self.text
        )

    @property
    def stamped(self) -> str:
        """As a terminal or the buffer shows it."""
        return f"{self.stamp}{self}"


class Syslog:
    """The last `capacity` messages of a device."""

    def __init__(self, capacity: int = 2000) -> None:
        self.messages: deque[Message] = deque(maxlen=capacity)
        self.count = 0
        self.totals = [0] * 8
        """How many messages there were of each severity, kept or not."""
        self.listeners: list[Callable[[Message], None]] = []
        """Who is told of each message at once."""
        self.fact_listeners: list[Callable[[Fact], None]] = []
        """Who is told what happened, whether or not there is a message about it."""
        self.added = Signal()
        """A message came."""

    def log(
        self,
        when: float,
        facility: str,
        severity: int,
        mnemonic: str,
        text: str,
        *,
        continues: bool = False,
        about: Fact | None = None,
        stamp: Callable[[int], str] | None = None,
    ) -> None:
        """Record a message such as `%LINK-3-UPDOWN: Interface …`, or a further line of the one before.

        `stamp` makes its time stamp from its number.
        """
        self.count += 1
        self.totals[severity] += 1
        stamped = stamp(self.count) if stamp is not None else ""
        message = Message(self.count, when, facility, severity, mnemonic, text, continues, about, stamped)
        self.messages.append(message)
        if about is not None:
            self.tell(about)
        for listener in self.listeners:
            listener(message)
        self.added.emit()

    def tell(self, about: Fact) -> None:
        """Something happened that no message is about, or none that is wanted."""
        for listener in self.fact_listeners:
            listener(about)

    def since(self, number: int) -> list[Message]:
        """Messages with a greater number than `number`, oldest first."""
        if not self.messages or self.messages[-1].number <= number:
            return []
        return [message for message in self.messages if message.number > number]
