"""What applets wait for outside the event manager: tracked objects, values that are looked at, thresholds of IP SLA."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.net.scheduler import Timer
from iosemu.subjects.event_manager.config import Applet, Comparison, Trigger
from iosemu.subjects.event_manager.flow import holds
from iosemu.subjects.ip_sla.service import Alert, IpSla
from iosemu.subjects.routing.tracking import ObjectTracker
from iosemu.subjects.snmp.service import SnmpAgent


def _counter(name: str) -> Callable[[Interface, float], int]:
    return lambda interface, _now: int(getattr(interface.counters, name))


def _load(direction: str, what: str) -> Callable[[Interface, float], int]:
    """The load of an interface: bits or packets a second, or 255ths of its bandwidth."""

    def read(interface: Interface, now: float) -> int:
        load = interface.counters.in_load if direction == "in" else interface.counters.out_load
        if what == "share":
            return load.share(now, interface.bandwidth)
        return load.rates(now)[0 if what == "bits" else 1]

    return read


PARAMETERS: Mapping[str, Callable[[Interface, float], int]] = {
    "input_errors": _counter("in_errors"),
    "input_errors_crc": _counter("in_crc"),
    "input_packets_dropped": _counter("in_drops"),
    "interface_resets": _counter("resets"),
    "output_errors": _counter("out_errors"),
    "output_packets_dropped": _counter("out_drops"),
    "receive_broadcasts": _counter("in_broadcasts"),
    "receive_giants": _counter("in_giants"),
    "receive_rate_bps": _load("in", "bits"),
    "receive_rate_pps": _load("in", "packets"),
    "receive_runts": _counter("in_runts"),
    "rxload": _load("in", "share"),
    "transmit_rate_bps": _load("out", "bits"),
    "transmit_rate_pps": _load("out", "packets"),
    "txload": _load("out", "share"),
}
"""What of an interface can be looked at, by the names that `event interface` has."""
Launch = Callable[[Applet, dict[str, str]], None]
POLLED = ("interface", "snmp")


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
        self._counted: dict[str, tuple[Applet, Trigger]] = {}
        """Those that wait for a counter."""
        self._alerted: dict[str, tuple[Applet, Trigger]] = {}
        """Those that wait for a threshold of IP SLA."""

    def stop(self) -> None:
        """Power goes."""
        for timer in self._polls.values():
            timer.cancel()
        self._polls.clear()

    def start(self) -> None:
        """Hear of thresholds."""
        operations = self._device.find(IpSla)
        if operations is not None:
            operations.alerts.append(self._alert)

    def forget(self, name: str) -> None:
        """An applet is gone, or another."""
        number, tracker = self._tracked.pop(name, None), self._device.find(ObjectTracker)
        if number is not None and tracker is not None:
            tracker.leave(number, f"EEM applet {name}")
        timer = self._polls.pop(name, None)
        if timer is not None:
            timer.cancel()
        self._before.pop(name, None)
        self._counted.pop(name, None)
        self._alerted.pop(name, None)
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
        elif trigger.kind == "counter":
            self._armed.add(applet.name)
            self._counted[applet.name] = applet, trigger
        elif trigger.kind == "ipsla":
            self._alerted[applet.name] = applet, trigger
        elif trigger.kind in POLLED:
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
        found = self._value(trigger)
        if found is not None:
            self._judge(applet, trigger, *found)

    def _value(self, trigger: Trigger) -> tuple[int, dict[str, str]] | None:
        """What is looked at, and the variables that tell of it; None: it is not there."""
        if trigger.kind == "interface":
            interface = self._device.interfaces.get(trigger.interface)
            if interface is None:
                return None
            value = PARAMETERS[trigger.pattern](interface, self._device.now)
            return value, {
                "_interface_name": trigger.interface,
                "_interface_parameter": trigger.pattern,
                "_interface_value": str(value),
            }
        agent = self._device.find(SnmpAgent)
        parts = tuple(int(part) for part in trigger.pattern.strip(".").split("."))
        found = agent.look(parts, trigger.following) if agent is not None else None
        if found is None or not found[1].lstrip("-").isdigit():
            return None
        return int(found[1]), {"_snmp_oid": found[0], "_snmp_oid_val": found[1]}

    def _judge(self, applet: Applet, trigger: Trigger, value: int, told: dict[str, str]) -> None:
        """Run an applet whose condition holds, once until what it is left by holds."""
        if trigger.entry is None:
            return
        name = applet.name
        before, self._before[name] = self._before.get(name), value
        if name not in self._armed:
            if trigger.leaving is not None and _fits(trigger.leaving, value, before):
                self._armed.add(name)
            return
        if _fits(trigger.entry, value, before):
            if trigger.leaving is not None:
                self._armed.discard(name)
            self._launch(applet, told)

    def counted(self, name: str, value: int) -> None:
        """A counter has this value now."""
        for applet, trigger in list(self._counted.values()):
            if applet.trigger is trigger and trigger.pattern == name:
                told = {"_counter_name": name, "_counter_value": str(value)}
                self._judge(applet, trigger, value, told)

    def _alert(self, alert: Alert) -> None:
        """A threshold of an operation was crossed."""
        for applet, trigger in list(self._alerted.values()):
            reaction, address = alert.reaction, str(alert.destination or "")
            fits = trigger.number in (0, alert.number) and trigger.pattern in ("", reaction.element)
            if applet.trigger is not trigger or not fits or trigger.address not in ("", address):
                continue
            told = {
                "_ipsla_oper_id": str(alert.number),
                "_ipsla_react_type": reaction.element,
                "_ipsla_dest_ip_addr": address,
                "_ipsla_condition": "occurred" if alert.exceeded else "cleared",
                "_ipsla_measured_threshold_value": str(alert.value),
                "_ipsla_threshold_rising": str(reaction.upper),
                "_ipsla_threshold_falling": str(reaction.lower),
            }
            self._launch(applet, told)


def _fits(condition: Comparison, value: int, before: int | None) -> bool:
    """Of an increment the difference since the last look counts, of which the first one has none."""
    if condition.increment:
        return before is not None and holds(str(value - before), condition.operator, str(condition.value))
    return holds(str(value), condition.operator, str(condition.value))
