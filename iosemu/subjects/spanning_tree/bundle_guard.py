"""EtherChannel guard: ports that are bundled at this end alone bring BPDUs of several sources.

A bundle sends its BPDUs from one address. Where nothing is negotiated (mode `on`) the other end may be no bundle: each
of its ports speaks for itself then, and the bundle is taken out of service (Cisco, "Understanding EtherChannel
Inconsistency Detection").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.bridging.bridge import Bridge
from iosemu.bridging.ports import CHANNEL
from iosemu.subjects.errdisable.config import MISCONFIGURED
from iosemu.subjects.errdisable.service import Errdisable
from iosemu.subjects.spanning_tree import messages
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig

if TYPE_CHECKING:
    from iosemu.box.device import Device

WINDOW = 6.0
"""Seconds after which a source is forgotten: three hellos."""
HELD_ON = 1.0
"""Seconds for which two sources have to speak side by side. A bundle changes its source when it comes up, or when its
first member goes down, but the earlier one is silent then."""


class BundleGuard:
    """Watches where BPDUs come from on the Port-channels of a switch."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._sources: dict[str, dict[bytes, tuple[float, float]]] = {}
        """When BPDUs of a source came first and last, by Port-channel."""

    def heard(self, name: str, frame: bytes) -> None:
        """A BPDU came in on a port."""
        if not name.startswith(CHANNEL) or not self._device.config.of(SpanningTreeConfig).etherchannel_guard:
            return
        bundles, now, source = self._device.service(Bridge).bundles, self._device.now, frame[6:12]
        if not bundles.is_forced(name):
            return
        sources = {
            each: (first, last)
            for each, (first, last) in self._sources.get(name, {}).items()
            if now - last <= WINDOW
        }
        first, _last = sources.get(source, (now, now))
        sources[source] = (first, now)
        self._sources[name] = sources
        if any(_side_by_side(sources[source], other) for each, other in sources.items() if each != source):
            del self._sources[name]
            messages.misconfigured(self._device, name)
            for member in bundles.active(name):
                self._device.service(Errdisable).disable_soon(member, MISCONFIGURED, name)


def _side_by_side(one: tuple[float, float], other: tuple[float, float]) -> bool:
    latest_first, earliest_last = max(one[0], other[0]), min(one[1], other[1])
    return earliest_last - latest_first >= HELD_ON
