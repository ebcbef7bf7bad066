"""Storm control on the ports of a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.facts import Storm
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.net.scheduler import Timer
from iosemu.net.storm_control import INTERVAL, Meter, Traffic, traffic_of
from iosemu.subjects.errdisable.service import Errdisable
from iosemu.subjects.storm_control.config import StormControl

if TYPE_CHECKING:
    from iosemu.box.device import Device

CAUSE = "storm-control"


class StormGuard(Service):
    """Measures what comes in on ports that have thresholds, and filters it or closes the port."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.meters: dict[tuple[str, Traffic], Meter] = {}
        self._levelled: dict[str, StormControl] = {}
        """The ports that have thresholds: all others cost a frame no more than a look here."""
        self._timer: Timer | None = None

    def start(self) -> None:
        """Power came."""
        self.device.service(Bridge).plane.filters.append(self.refuse)

    def stop(self) -> None:
        """Power went."""
        if self._timer is not None:
            self._timer.cancel()

    def interface_configured(self, interface: Interface) -> None:
        """A port was configured: what has no threshold any more is not measured."""
        settings = interface.config.held(StormControl)
        levels = settings.levels if settings is not None else {}
        for kind in Traffic:
            if kind not in levels:
                self.meters.pop((interface.name, kind), None)
        if settings is not None and levels:
            self._levelled[interface.name] = settings
        else:
            self._levelled.pop(interface.name, None)

    def interface_removed(self, interface: Interface) -> None:
        """A bundle is gone."""
        self._levelled.pop(interface.name, None)
        self._forget(interface.name)

    def protocol_changed(self, interface: Interface) -> None:
        """A storm ends with the link."""
        if not interface.protocol_up:
            self._forget(interface.name)

    def refuse(self, port: str, _vlan: int, frame: bytes) -> str:
        """Count a frame that came in; why it is not taken, or nothing."""
        settings = self._levelled.get(port)
        if settings is None:
            return ""
        kind = traffic_of(frame)
        threshold = settings.levels.get(kind)
        if threshold is None:
            return ""
        if self._timer is None:
            self._timer = self.device.scheduler.after(INTERVAL, self._interval_over)
        meter = self.meters.setdefault((port, kind), Meter())
        if meter.take(len(frame), threshold, self._bandwidth(port)):
            self._storm(port, kind, settings)
        return f"a {kind.value} storm" if meter.blocking else ""

    def _storm(self, port: str, kind: Traffic, settings: StormControl) -> None:
        short, log = short_name(port), self.device.log
        if settings.trap:
            log(
                "STORM_CONTROL", 3, "TRAP",
                f"A packet storm was detected on {short}. Sending SNMP trap.",
                about=Storm(port),
            )  # fmt: skip
        if settings.shutdown:
            self.device.service(Errdisable).disable(port, CAUSE)
            if self.device.interfaces[port].err_disabled:
                log(
                    "STORM_CONTROL", 3, "SHUTDOWN",
                    f"A packet storm was detected on {short}. The interface has been disabled.",
                )  # fmt: skip
                return
        log(
            "STORM_CONTROL", 3, "FILTERED",
            f"A {kind.value.capitalize()} storm detected on {short}. A packet filter action has been applied on"
            " the interface.",
        )  # fmt: skip

    def _interval_over(self) -> None:
        self._timer = None
        busy = False
        for (port, kind), meter in self.meters.items():
            settings = self._levelled.get(port)
            if settings is not None and kind in settings.levels:
                meter.close(settings.levels[kind], self._bandwidth(port))
                busy = busy or not meter.idle
        if busy:
            self._timer = self.device.scheduler.after(INTERVAL, self._interval_over)

    def _bandwidth(self, port: str) -> float:
        return self.device.interfaces[port].hardware_bandwidth * 1e3

    def _forget(self, port: str) -> None:
        for kind in Traffic:
            self.meters.pop((port, kind), None)
