"""SPAN at work: the plane mirrors what the sessions say."""

from __future__ import annotations

from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge


class Span(Service):
    """`monitor session …`."""

    def changed(self) -> None:
        """Give the plane the sessions as they are now."""
        self.device.service(Bridge).monitor_changed()
