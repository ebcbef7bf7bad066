"""What applets wait for outside the event manager: tracked objects, and counters of interfaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from iosemu.box.counters import Counters
from iosemu.box.device import Device
from iosemu.net.scheduler import Timer
from iosemu.subjects.event_manager.config import Applet, Comparison, Trigger
from iosemu.subjects.event_manager.flow import holds
from iosemu.subjects.routing.tracking import ObjectTracker

PARAMETERS: Mapping[str, Callable[[Counters], int]] = {
    "input_errors": lambda counters: counters.in_errors,
    "input_errors_crc": lambda counters: counters.in_crc,
    "input_packets_dropped": lambda counters: counters.in_drops,
    "interface_resets": lambda counters: counters.resets,
    "output_errors": lambda counters: counters.out_errors,
    "output_packets_dropped": lambda counters: counters.out_drops,
    "receive_broadcasts": lambda counters: counters.in_broadcasts,
    "receive_giants": lambda counters: counters.in_giants,
    "receive_runts": lambda counters: counters.in_runts,
}
"""Counters by the names that `event interface` has for them."""
Launch = Callable[[Applet, dict[str, str]], None]


class Watches:
    """Looks for the event manager, and tells it which applet is to run with which variables."""

    def __init__(self, device: Device, launch: Launch) -> None:
        self._device = device
        self._launch = launch
        self._tracked: dict[str, int] = {}
        """Objects that are followed, by applet."""
        self._polls: dict[str, Timer] = {}
        self._before: dict[str, int] = {}
        """Values at the last look, by applet."""
        self._armed: set[str] = set()
        """Applets whose entry condition is waited for."""

    def stop(self) -> None:
        """Power goes."""
        for timer in self._polls.values():
            timer.cancel()
        self._polls.clear()

    def forget(self, name: str) -> None:
        """An applet is gone, or another."""
        number, tracker = self._tracked.pop(name, None), self._device.find(ObjectTracker)
        if number is not None and tracker is not None:
            tracker.leave(number, f"EEM applet {name}")
        timer = self._polls.pop(name, None)
        if timer is not None:
            timer.cancel()
        self._before.pop(name, None)
        self._armed.discard(name)

    def begin(self, applet: Applet, trigger: Trigger) -> None:
        """Look for what an applet waits for."""
        if trigger.kind == "track":
            tracker = self._device.find(ObjectTracker)
            if tracker is not None:
                self._tracked[applet.name] = trigger.number
                tracker.follow(
                    trigger.number,
                    f"EEM applet {applet.name}",
                    lambda number, up: self._moved(applet, trigger, number, up),
                )
        elif trigger.kind == "interface":
            self._armed.add(applet.name)
            self._plan(applet, trigger)

    def _moved(self, applet: Applet, trigger: Trigger, number: int, up: bool) -> None:
        state = "up" if up else "down"
        if applet.trigger is trigger and trigger.pattern in (state, "any"):
            self._launch(applet, {"_track_number": str(number), "_track_state": state})

    def _plan(self, applet: Applet, trigger: Trigger) -> None:
        self._polls[applet.name] = self._device.scheduler.after(
            trigger.seconds, lambda: self._look(applet, trigger)
        )

    def _look(self, applet: Applet, trigger: Trigger) -> None:
        if applet.trigger is not trigger:
            return
        self._plan(applet, trigger)
        interface = self._device.interfaces.get(trigger.interface)
        if interface is None or trigger.entry is None:
            return
        name = applet.name
        value = PARAMETERS[trigger.pattern](interface.counters)
        before, self._before[name] = self._before.get(name), value
        if name not in self._armed:
            if trigger.leaving is not None and _fits(trigger.leaving, value, before):
                self._armed.add(name)
            return
        if _fits(trigger.entry, value, before):
            if trigger.leaving is not None:
                self._armed.discard(name)
            told = {
                "_interface_name": trigger.interface,
                "_interface_parameter": trigger.pattern,
                "_interface_value": str(value),
            }
            self._launch(applet, told)


def _fits(condition: Comparison, value: int, before: int | None) -> bool:
    """Of an increment the difference since the last look counts, of which the first one has none."""
    if condition.increment:
        return before is not None and holds(str(value - before), condition.operator, str(condition.value))
    return holds(str(value), condition.operator, str(condition.value))
