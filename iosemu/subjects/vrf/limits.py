"""`maximum routes` of a VRF: how many networks its table may hold, and who is told when they become too many."""

from __future__ import annotations

from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.ip.vrf import Vrf
from iosemu.net.route import Route
from iosemu.subjects.vrf.config import RouteTargets

QUIET = 60.0
"""Seconds for which what was told is not told again."""
ERROR = 3


class RouteLimit:
    """Watches one table; a new one is made when what is configured changes."""

    def __init__(self, device: Device, vrf: Vrf, maximum: int, threshold: int | None) -> None:
        self.vrf = vrf
        self.wanted = maximum, threshold
        self._device = device
        self._warned = False
        self._quiet_until = 0.0
        vrf.routes.listeners.append(self._changed)
        vrf.routes.when_refused = self._refused
        vrf.routes.fit_limit(None if threshold is None else maximum)
        self._look()

    @property
    def warning_at(self) -> int:
        """How many networks are too many without being refused."""
        maximum, threshold = self.wanted
        return maximum if threshold is None else maximum * threshold // 100

    def stop(self) -> None:
        """It is configured no more, or otherwise: everything is let in."""
        self.vrf.routes.listeners.remove(self._changed)
        self.vrf.routes.when_refused = None
        self.vrf.routes.fit_limit(None)

    def _changed(self, _old: tuple[Route, ...], _new: tuple[Route, ...]) -> None:
        self._look()

    def _look(self) -> None:
        """Warn once for each time that there are too many."""
        many = self.vrf.routes.networks > self.warning_at
        if many and not self._warned:
            text = f"IP routing table limit warning - {self.vrf.name}"
            self._device.log("IPRT", ERROR, "ROUTELIMITWARNING", text)
        self._warned = many

    def _refused(self, network: IPv4Network) -> None:
        now = self._device.now
        if now < self._quiet_until:
            return
        self._quiet_until = now + QUIET
        text = f"IP routing table limit exceeded - {self.vrf.name}, {network}"
        self._device.log("IPRT", ERROR, "ROUTELIMITEXCEEDED", text)


def fitted(device: Device, vrf: Vrf, targets: RouteTargets, known: RouteLimit | None) -> RouteLimit | None:
    """The watch over a table as it is configured now: the one before, another one, or none."""
    wanted = None if targets.maximum is None else (targets.maximum, targets.threshold)
    if known is not None and known.vrf is vrf and known.wanted == wanted:
        return known
    if known is not None:
        known.stop()
    return RouteLimit(device, vrf, *wanted) if wanted is not None else None
