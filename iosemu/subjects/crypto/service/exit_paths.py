"""Why IKEv2 gave up: the table of `show crypto ikev2 diagnose error`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from iosemu.ikev2.events import UNKNOWN_SA, Event, Step, Told
from iosemu.subjects.crypto.debug.ikev2 import ERRORS, step_lines

TEXTS = {
    Step.AUTH_FAILED: "Failed to authenticate the IKE SA",
    Step.NO_KEY: "Failed to find a matching policy",
}


class ExitPaths:
    """Errors with how often each came, the one that came last at the end; `room` is how many are kept, 0 for none."""

    def __init__(self, room: Callable[[], int]) -> None:
        self._room = room
        self.entries: OrderedDict[str, int] = OrderedDict()
        self.deleted = 0

    def note(self, event: Event) -> None:
        """Keep an event that is an error."""
        room = self._room()
        if not room or not isinstance(event, Told) or event.step not in ERRORS:
            return
        text = _text(event)
        self.entries[text] = self.entries.pop(text, 0) + 1
        while len(self.entries) > room:
            self.entries.popitem(last=False)
            self.deleted += 1

    def clear(self) -> None:
        """Forget all of them."""
        self.entries.clear()
        self.deleted = 0


def _text(event: Told) -> str:
    if event.step is Step.DROPPED:
        unknown = event.values == (UNKNOWN_SA,)
        return "Detected an invalid IKE SPI" if unknown else "A supplied parameter is incorrect"
    if event.step in TEXTS:
        return TEXTS[event.step]
    return next(step_lines(event.step, event.values, event.sa), event.step.name.capitalize()).strip()
