"""Err-disabled ports of a switch, and their recovery."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from iosemu.box.interface_types import short_name
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.net.scheduler import Timer
from iosemu.packets.ethernet import LOOP
from iosemu.subjects.errdisable.config import ErrdisableConfig, told
from iosemu.subjects.errdisable.flaps import FlapCounter

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.box.interface import Interface


class Errdisable(Service):
    """Takes ports out of service and brings back those whose cause is one to recover from."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._timers: dict[str, Timer] = {}
        self._vlan_timers: dict[tuple[str, int], Timer] = {}
        self._flaps = FlapCounter()
        self._lines: set[str] = set()
        """The ports whose lines are up."""

    def start(self) -> None:
        """Look out for a port's own keepalives, which come back where its frames are looped."""
        self.device.service(Bridge).plane.filters += [self._looped, self._closed]

    def interface_added(self, interface: Interface) -> None:
        """Count how often the link of a port goes."""
        if interface.name in self.device.switch_ports:
            interface.state_listeners += (lambda: self._link_changed(interface),)

    @property
    def vlans(self) -> dict[tuple[str, int], str]:
        """VLANs of ports that are out of service while the ports go on, with their causes."""
        return self.device.service(Bridge).closed

    def _closed(self, port: str, vlan: int, _frame: bytes) -> str:
        return "its VLAN is err-disabled on the port" if (port, vlan) in self.vlans else ""

    def _link_changed(self, interface: Interface) -> None:
        if not interface.admin_up:
            self.open_vlans(interface.name)
        if interface.line_up:
            self._lines.add(interface.name)
        elif interface.name in self._lines:
            self._lines.discard(interface.name)
            if interface.admin_up and not interface.err_disabled and self.device.powered:
                self.flap(interface.name, "link-flap")

    def flap(self, name: str, cause: str) -> None:
        """A port flapped (`link-flap`, `dtp-flap`, `pagp-flap`): too often in too short a time closes it."""
        limit = self.device.config.of(ErrdisableConfig).flaps[cause]
        if self._flaps.exceeds(name, cause, limit, self.device.now):
            self.disable_soon(name, cause)

    def _looped(self, port: str, _vlan: int, frame: bytes) -> str:
        if frame[12:14] != LOOP or frame[:6] != frame[6:12]:
            return ""
        interface = self.device.interfaces[port]
        if frame[:6] != interface.mac:
            return ""
        self.device.log("ETHCNTR", 3, "LOOP_BACK_DETECTED", f"Loop-back detected on {port}.")
        self.disable_soon(port, "loopback")
        return "its own keepalive came back"

    def disable_soon(self, name: str, cause: str, on: str = "", vlan: int | None = None) -> None:
        """Take a port out of service when whoever asks for it, who is at work with the port, is done."""
        self.device.scheduler.after(0.0, lambda: self.disable(name, cause, on, vlan))

    def disable(self, name: str, cause: str, on: str = "", vlan: int | None = None) -> None:
        """Take a port out of service, with IOS's message; `on` is where the error was seen, if at another.

        Where the error was seen in a VLAN, and the configuration keeps it to that, the port goes on with its others.
        """
        interface, config = self.device.interfaces[name], self.device.config.of(ErrdisableConfig)
        if interface.err_disabled or cause in config.undetected:
            return
        if vlan is not None and cause in config.by_vlan:
            self.disable_vlan(name, vlan, cause)
            return
        short = short_name(name)
        self.device.log(
            "PM", 4, "ERR_DISABLE",
            f"{told(cause)} error detected on {short_name(on or name)}, putting {short} in err-disable state",
        )  # fmt: skip
        interface.err_disable(cause)
        earlier = self._timers.pop(name, None)
        if earlier is not None:
            earlier.cancel()
        self.plan()

    def disable_vlan(self, name: str, vlan: int, cause: str) -> None:
        """Take one VLAN of a port out of service."""
        if (name, vlan) in self.vlans:
            return
        self.device.log(
            "PM", 4, "ERR_DISABLE_VP",
            f"{told(cause)} error detected on {short_name(name)}, vlan {vlan}. Putting in err-disable state.",
        )  # fmt: skip
        self.device.service(Bridge).close(name, vlan, cause)
        self.plan()

    def open_vlans(self, name: str, vlans: tuple[int, ...] = ()) -> None:
        """Put VLANs of a port back in service: these, or all."""
        for key in [each for each in self.vlans if each[0] == name and (not vlans or each[1] in vlans)]:
            timer = self._vlan_timers.pop(key, None)
            if timer is not None:
                timer.cancel()
            self.device.service(Bridge).close(*key, "")

    def vlan_recoveries(self) -> dict[tuple[str, int], float]:
        """When which err-disabled VLANs of ports come back."""
        return {key: timer.when for key, timer in self._vlan_timers.items()}

    def recoveries(self) -> dict[str, float]:
        """When which err-disabled ports come back, in lab seconds."""
        return {
            name: timer.when
            for name, timer in self._timers.items()
            if self.device.interfaces[name].err_disabled
        }

    def plan(self) -> None:
        """Start the timers that the configuration asks for."""
        config, planned = self.device.config.of(ErrdisableConfig), self.recoveries()
        for name, interface in self.device.interfaces.items():
            if interface.err_disabled in config.causes and name not in planned:
                self._timers[name] = self.device.scheduler.after(
                    float(config.interval), self._recovery(name, interface.err_disabled)
                )
        for key, cause in self.vlans.items():
            if cause in config.causes and key not in self._vlan_timers:
                self._vlan_timers[key] = self.device.scheduler.after(
                    float(config.interval), self._vlan_recovery(*key)
                )

    def stop(self) -> None:
        """Power went."""
        for timer in (*self._timers.values(), *self._vlan_timers.values()):
            timer.cancel()
        self._timers, self._vlan_timers = {}, {}
        self.vlans.clear()

    def _recovery(self, name: str, cause: str) -> Callable[[], None]:
        def recover() -> None:
            del self._timers[name]
            switch, interface = self.device, self.device.interfaces[name]
            if interface.err_disabled == cause and cause in switch.config.of(ErrdisableConfig).causes:
                switch.log(
                    "PM", 4, "ERR_RECOVER",
                    f"Attempting to recover from {cause} err-disable state on {short_name(name)}",
                )  # fmt: skip
                interface.recover()

        return recover

    def _vlan_recovery(self, name: str, vlan: int) -> Callable[[], None]:
        def recover() -> None:
            del self._vlan_timers[name, vlan]
            cause = self.vlans[name, vlan]
            if cause in self.device.config.of(ErrdisableConfig).causes:
                self.device.log(
                    "PM", 4, "ERR_RECOVER_VP",
                    f"Attempting to recover from {cause} err-disable state on {short_name(name)}, vlan {vlan}.",
                )  # fmt: skip
                self.open_vlans(name, (vlan,))

        return recover
