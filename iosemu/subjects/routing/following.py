"""Who follows several tracked objects at once."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.box.device import Device
from iosemu.subjects.routing.tracking import ObjectTracker, Told


class FollowedObjects:
    """The tracked objects that a client follows, under the name that `show track` lists."""

    def __init__(self, device: Device, client: str, told: Told) -> None:
        self.device = device
        self.client = client
        self._told = told
        self._numbers: frozenset[int] = frozenset()

    def set(self, numbers: Iterable[int]) -> None:
        """Follow these, and no others any more."""
        tracker = self.device.find(ObjectTracker)
        wanted = frozenset(numbers)
        if tracker is not None:
            for number in self._numbers - wanted:
                tracker.leave(number, self.client)
            for number in wanted - self._numbers:
                tracker.follow(number, self.client, self._told)
        self._numbers = wanted
