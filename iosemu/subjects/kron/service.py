"""Occurrences at work: each has a time, and then runs the commands of its lists, one after the other."""

from __future__ import annotations

from iosemu.box.debugging import DebugFlag
from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.time_zone import seconds_between
from iosemu.box.timestamps import local_time
from iosemu.handling.effects import Steps
from iosemu.handling.unattended import Unattended, typed
from iosemu.net.scheduler import Timer
from iosemu.subjects.event_manager.cron import Cron
from iosemu.subjects.kron.config import CLI_DEBUG, INFO_DEBUG, MAJOR_DEBUG, KronConfig, Occurrence

DEBUG = 7


class Kron(Service):
    """Times, and runs."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.due: dict[str, float] = {}
        """When each occurrence comes next, in lab time; one that does not is not here."""
        self.active: set[str] = set()
        """Those whose commands run."""
        self._timers: dict[str, Timer] = {}
        self._fitted: dict[str, int] = {}
        self._unattended = Unattended(device)

    @property
    def _occurrences(self) -> dict[str, Occurrence]:
        return self.device.config.of(KronConfig).occurrences

    def stop(self) -> None:
        """Power goes."""
        for timer in self._timers.values():
            timer.cancel()
        self._unattended.cancel()

    def changed(self) -> None:
        """An occurrence may be another, or the clock: set its timer anew."""
        for name in [name for name in self._fitted if name not in self._occurrences]:
            del self._fitted[name]
            self._forget(name)
        for name, occurrence in self._occurrences.items():
            if self._fitted.get(name) == occurrence.changes and occurrence.moment.relative:
                continue
            fresh = self._fitted.get(name) != occurrence.changes
            self._fitted[name] = occurrence.changes
            if fresh and occurrence.mode == "system-startup" and self.device.now > self.device.booted_at:
                self._forget(name)  # the next start is meant
            elif fresh or name in self.due:
                self._plan(occurrence)

    def _forget(self, name: str) -> None:
        self.due.pop(name, None)
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _plan(self, occurrence: Occurrence) -> None:
        """Set the timer for its next time."""
        self._forget(occurrence.name)
        if occurrence.moment.relative:
            seconds = occurrence.moment.minutes * 60.0
        else:
            now = local_time(self.device, self.device.now)
            found = seconds_between(now, Cron.parse(occurrence.moment.cron).after)
            if found is None:
                return
            seconds = found
        self.due[occurrence.name] = self.device.now + seconds
        self._timers[occurrence.name] = self.device.scheduler.after(seconds, lambda: self._come(occurrence))

    def _come(self, occurrence: Occurrence) -> None:
        self._forget(occurrence.name)
        if self._occurrences.get(occurrence.name) is not occurrence:
            return
        self._told(MAJOR_DEBUG, f"Major 1, Minor 4, KRON-Kron: Timer Event Info: {occurrence.name}")
        if occurrence.mode == "recurring":
            self._plan(occurrence)
        elif occurrence.mode == "oneshot":  # it is over, and so is its configuration
            del self._occurrences[occurrence.name]
            self._fitted.pop(occurrence.name, None)
        self.active.add(occurrence.name)
        self._unattended.run(self._run(occurrence))

    def _run(self, occurrence: Occurrence) -> Steps:
        policies = self.device.config.of(KronConfig).policies
        try:
            for name in list(occurrence.policies):
                policy = policies.get(name)
                self._told(INFO_DEBUG, f"Kron: {occurrence.name}: policy-list {name}")
                if policy is None or self.device.commander is None:
                    continue
                commander = self.device.commander(f"kron:{occurrence.user or occurrence.name}")
                for command in list(policy.commands):
                    self._told(CLI_DEBUG, f"Call parse_cmd '{command}'")
                    printed = yield from typed(commander, command)
                    self._told(CLI_DEBUG, "Kron CLI return 0")
                    self._told(CLI_DEBUG, "\n".join([f"'**CLI '{command}':", *printed, "'"]))
        finally:
            self.active.discard(occurrence.name)

    def _told(self, flag: DebugFlag, text: str) -> None:
        if self.device.debugging.wants(flag):
            self.device.log("", DEBUG, "", text)
