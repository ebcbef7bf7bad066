"""What the API is given: a lab, without knowing what a lab is."""

from __future__ import annotations

from typing import Protocol

from iosemu.net.signal import Signal
from iosemu.web.api import models
from iosemu.web.page import Refused, View


class NotFound(Refused):
    """There is no such node, cable or snapshot."""


class Frames(Protocol):
    """A capture that goes on."""

    @property
    def arrived(self) -> Signal:
        """Emitted when there is more to read."""
        ...

    def read(self) -> bytes:
        """What was added since the last call, as pcapng."""
        ...

    def close(self) -> None:
        """Stop."""
        ...


class LabApi(Protocol):
    """A lab for the API; every method raises Refused, or NotFound for a name that is not there."""

    def lab(self) -> models.LabFacts:
        """The lab."""
        ...

    def nodes(self) -> list[models.Node]:
        """Every device."""
        ...

    def node(self, name: str) -> models.Node:
        """One device."""
        ...

    def power(self, name: str, state: str) -> models.Node:
        """Switch a device."""
        ...

    def configuration(self, name: str) -> models.Configuration:
        """A device's configurations."""
        ...

    async def type(self, name: str, wish: models.Lines) -> list[models.Typed]:
        """Type lines at a device."""
        ...

    async def console(self, wish: models.ConsoleLine) -> models.ConsoleAnswer:
        """Type a line at the lab's console."""
        ...

    async def trace(self, wish: models.TraceWish) -> models.Traced:
        """Send one packet and follow it."""
        ...

    def links(self) -> list[models.Link]:
        """Every cable."""
        ...

    def link(self, number: int) -> models.Link:
        """One cable."""
        ...

    def change_link(self, number: int, wish: models.LinkChange) -> models.Link:
        """Cut, mend or spoil a cable."""
        ...

    def clock(self) -> models.Clock:
        """Lab time."""
        ...

    def set_pace(self, pace: str) -> models.Clock:
        """Choose how lab time passes."""
        ...

    async def advance(self, seconds: float) -> models.Clock:
        """Let lab time pass."""
        ...

    async def moments(self) -> list[models.Moment]:
        """The snapshots."""
        ...

    async def snapshot(self, label: str) -> models.Moment:
        """Take one."""
        ...

    async def restore(self, number: int) -> models.Clock:
        """Put the lab back to one."""
        ...

    async def checks(self) -> models.Checks:
        """Which checks hold."""
        ...

    def save(self) -> models.Saved:
        """Save every configuration."""
        ...

    def keys(self) -> models.Keys:
        """Keys of IKE and ESP."""
        ...

    def capture(self, target: str, expression: str) -> Frames:
        """Begin to capture."""
        ...

    def open(self) -> View:
        """Begin to tell what changes."""
        ...
