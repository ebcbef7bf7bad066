"""Err-disabled ports of a switch, and their recovery."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from iosemu.box.interface_types import short_name
from iosemu.box.service import Service
from iosemu.net.scheduler import Timer
from iosemu.subjects.errdisable.config import ErrdisableConfig, told

if TYPE_CHECKING:
    from iosemu.box.device import Device


class Errdisable(Service):
    """Takes ports out of service and brings back those whose cause is one to recover from."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._timers: dict[str, Timer] = {}

    def disable(self, name: str, cause: str, on: str = "") -> None:
        """Take a port out of service, with IOS's message; `on` is where the error was seen, if at another."""
        interface = self.device.interfaces[name]
        if interface.err_disabled or cause in self.device.config.of(ErrdisableConfig).undetected:
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

    def stop(self) -> None:
        """Power went."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers = {}

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
