"""Requests of this side: what is asked, what an answer means, and how often it is asked again (RFC 7296, 2.1)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from iosemu.ikev2.numbers import ExchangeType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iosemu.ikev2.machine import Machine
    from iosemu.ikev2.message import Message
    from iosemu.ikev2.payloads import Payload
    from iosemu.ikev2.sa import IkeSa

WAITS: Final = (2.0, 4.0, 8.0, 16.0, 32.0, 32.0)
"""Seconds until a request is repeated, and after the last until the peer is given up."""


class Task(ABC):
    """A request that this side makes over an IKE SA."""

    EXCHANGE: ClassVar[ExchangeType]
    ALONE: ClassVar[bool] = False
    """It waits until nothing else is under way, and the others wait for it (RFC 7296, 2.25.2)."""

    def waits(self) -> Sequence[float]:
        """When it is repeated."""
        return WAITS

    @abstractmethod
    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The response came."""

    def failed(self, machine: Machine, sa: IkeSa, reason: str) -> None:  # noqa: B027 - not all have anything to do
        """There will be no response: the SA goes away."""


class QueuedTask(Task):
    """One that waits until the peer's window has room for it, and says only then what it sends."""

    @abstractmethod
    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """What is sent; None when there is nothing to ask any more."""


@dataclass(slots=True, eq=False)
class Pending:
    """A request under way."""

    task: Task
    exchange: int
    data: list[bytes]
    waits: Sequence[float]
    at: float
    attempts: int = 0
    contents: tuple[tuple[int, int], ...] = field(default=(), repr=False)

    def fire(self, now: float) -> bool:
        """Count an attempt and plan the next; False when the peer is to be given up."""
        self.attempts += 1
        if self.attempts >= len(self.waits):
            return False
        self.at = now + self.waits[self.attempts]
        return True
