"""Ports and the cables between them.

A `Port` is the socket on a box: it sends frames, hands received frames to whoever owns it, and tells
the owner when the carrier comes or goes. A `Link` joins two ports.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from iosemu.net.scheduler import Scheduler

DEFAULT_DELAY = 5e-6
"""Seconds one frame spends on a link that says nothing about delay."""


class Direction(Enum):
    """Which way a frame passed a port."""

    IN = "in"
    OUT = "out"


Tap = Callable[[Direction, bytes], None]


class Port:
    """One end of a cable; `receiver` and `carrier_changed` are set by the device that owns it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.link: Link | None = None
        self.receiver: Callable[[bytes], None] = lambda _frame: None
        self.carrier_changed: Callable[[bool], None] = lambda _up: None
        self.taps: list[Tap] = []
        self._enabled = False

    @property
    def enabled(self) -> bool:
        """Whether the owner drives the port (powered and not shut down)."""
        return self._enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        if value != self._enabled:
            self._enabled = value
            if self.link is not None:
                self.link.refresh()

    @property
    def carrier(self) -> bool:
        """Whether light arrives: both ends enabled and the cable whole."""
        return self.link is not None and self.link.carrier

    def send(self, frame: bytes) -> None:
        """Put a frame (Ethernet header to payload, without FCS) on the cable; dropped without carrier."""
        if self.link is None or not self.link.carrier:
            return
        for tap in self.taps:
            tap(Direction.OUT, frame)
        self.link.carry(self, frame)

    def deliver(self, frame: bytes) -> None:
        """Take a frame from the cable."""
        for tap in self.taps:
            tap(Direction.IN, frame)
        self.receiver(frame)


class Link:
    """A cable between two ports."""

    def __init__(self, scheduler: Scheduler, a: Port, b: Port, delay: float = DEFAULT_DELAY) -> None:
        if a.link is not None or b.link is not None:
            busy = a.name if a.link is not None else b.name
            raise ValueError(f"port {busy} already has a cable")
        self.scheduler = scheduler
        self.ends = (a, b)
        self.delay = delay
        self._plugged = True
        self._carrier = False
        a.link = b.link = self
        self.refresh()

    @property
    def carrier(self) -> bool:
        """Whether both ends see light."""
        return self._carrier

    @property
    def plugged(self) -> bool:
        """Whether the cable is whole; cutting it takes the carrier from both ends."""
        return self._plugged

    @plugged.setter
    def plugged(self, value: bool) -> None:
        self._plugged = value
        self.refresh()

    def refresh(self) -> None:
        """Work out the carrier again and tell both ends if it changed."""
        carrier = self._plugged and all(end.enabled for end in self.ends)
        if carrier != self._carrier:
            self._carrier = carrier
            for end in self.ends:
                end.carrier_changed(carrier)

    def other(self, port: Port) -> Port:
        """The port at the far end."""
        a, b = self.ends
        return b if port is a else a

    def carry(self, sender: Port, frame: bytes) -> None:
        """Bring a frame to the far end after the link's delay, unless the carrier is lost on the way."""
        far = self.other(sender)

        def arrive() -> None:
            if self._carrier:
                far.deliver(frame)

        self.scheduler.after(self.delay, arrive)
