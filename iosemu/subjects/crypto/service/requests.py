"""What the key engine has asked IKE for and has not got: one request a flow, however many packets want it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from iosemu.net.scheduler import Scheduler, Timer
from iosemu.subjects.crypto.service.flow import CryptoFlow

INTERVAL = 30.0
"""Seconds after which SAs that are not there are asked for again."""
REPEATS = 1
"""How often; when that came to nothing too, the next packet begins a new request."""
YOUNG = 1.0
"""Seconds in which SAs that were just made may still become usable, so that no others are asked for."""


@dataclass(slots=True)
class Waiting:
    """A request for the SAs of a flow."""

    timer: Timer
    repeats: int = 0


class Negotiate(Protocol):
    """Ask IKE for the SAs of a flow; False when that cannot be asked for."""

    def __call__(self, flow: CryptoFlow, *, repeats: int = 0) -> bool:
        """`repeats`: how many times they were asked for before in vain."""
        ...


class SaRequests:
    """The requests of one crypto engine."""

    def __init__(self, scheduler: Scheduler, negotiate: Negotiate) -> None:
        self._scheduler = scheduler
        self._negotiate = negotiate
        self._waiting: dict[CryptoFlow, Waiting] = {}

    def ask(self, flow: CryptoFlow) -> None:
        """A packet needs SAs: ask for them, unless they were asked for or are about to be usable."""
        now = self._scheduler.now
        if flow in self._waiting or any(now - pair.created < YOUNG for pair in flow.pairs):
            return
        self._waiting[flow] = Waiting(self._arm(flow))
        if not self._negotiate(flow):
            self.done(flow)

    def done(self, flow: CryptoFlow) -> None:
        """The SAs are there, or nobody wants them any more."""
        waiting = self._waiting.pop(flow, None)
        if waiting is not None:
            waiting.timer.cancel()

    def clear(self) -> None:
        """Forget all requests."""
        for flow in list(self._waiting):
            self.done(flow)

    def _arm(self, flow: CryptoFlow) -> Timer:
        return self._scheduler.after(INTERVAL, lambda: self._fire(flow))

    def _fire(self, flow: CryptoFlow) -> None:
        waiting = self._waiting[flow]
        if waiting.repeats == REPEATS:
            del self._waiting[flow]
            return
        waiting.repeats += 1
        waiting.timer = self._arm(flow)
        if not self._negotiate(flow, repeats=waiting.repeats):
            self.done(flow)
