"""Tracked objects: asked for here, answered by whoever has them."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.box.service import Service

Told = Callable[[int, bool], None]
"""Told the number of an object and whether it is up now."""


class ObjectTracker(Service):
    """`track N`, as static routes, route-maps and first-hop redundancy ask it.

    The subject that has the objects derives its service from this class; `device.find(ObjectTracker)` gives it.
    """

    def state(self, number: int) -> bool | None:
        """Whether an object is up; None: there is none of that number."""
        return None

    def set_stub(self, number: int, up: bool) -> bool:
        """Say what the state of a stub object is; False: there is none of that number."""
        return False

    def follow(self, number: int, client: str, told: Told) -> None:
        """Be told when an object changes, under the name that `show track` lists: `Static IP Routing 0`."""

    def leave(self, number: int, client: str) -> None:
        """Undo `follow`."""


def tracked(device: Device, number: int) -> bool | None:
    """Whether an object is up; None: there is none of that number, or no tracking here."""
    tracker = device.find(ObjectTracker)
    return tracker.state(number) if tracker is not None else None


def state_word(device: Device, number: int) -> str:
    """`up`, `down` or `undefined`."""
    state = tracked(device, number)
    return "undefined" if state is None else "up" if state else "down"
