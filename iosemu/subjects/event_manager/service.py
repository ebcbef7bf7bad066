"""Applets at work: what sets them off, and what they then do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.syslog import Message
from iosemu.box.time_zone import seconds_between
from iosemu.box.timestamps import local_time
from iosemu.handling.effects import Effect, Steps, Wait
from iosemu.handling.unattended import Unattended
from iosemu.net.scheduler import Timer
from iosemu.subjects.event_manager.actions import POLICY_EVENT, ActionError, Performer, Run, matches
from iosemu.subjects.event_manager.config import Action, Applet, EventManagerConfig, Trigger
from iosemu.subjects.event_manager.cron import Cron
from iosemu.subjects.event_manager.flow import FlowError, blocks, holds
from iosemu.subjects.event_manager.watches import Watches

DELAY = 0.1
"""Seconds between an event and the first action of an applet."""
TURN = 0.001
"""Seconds that going back in an applet takes: no loop is longer than `maxrun`."""
FLOW = frozenset(("if", "elseif", "else", "end", "while", "foreach", "break", "continue", "goto"))
HISTORY = 50
"""Runs that are remembered."""


@dataclass
class Job:
    """One run of an applet."""

    number: int
    applet: str
    event_type: str
    when: float
    status: str = "success"


class _Flow:
    """Where a run goes from an action that decides it; raises FlowError for blocks that do not fit."""

    def __init__(self, actions: list[Action], labels: list[str]) -> None:
        self._actions = actions
        self._labels = {label: at for at, label in enumerate(labels)}
        self._blocks = blocks(actions)
        self._rests: dict[int, deque[str]] = {}
        """What each `foreach` that runs has left."""

    def follow(self, at: int, variables: dict[str, str], filled: Callable[[str], str]) -> int | None:
        """The place of the next action; None: there is none of that label."""
        action, known = self._actions[at], self._blocks
        match action.kind:
            case "goto":
                return self._jump(filled(action.argument))
            case "if" if len(action.words) == 5:
                return self._jump(filled(action.words[4])) if _true(action, filled) else at + 1
            case "if":
                while action.kind in ("if", "elseif"):
                    if _true(action, filled):
                        return at + 1
                    at = known.after[at]
                    action = self._actions[at]
                return at + 1
            case "while":
                return at + 1 if _true(action, filled) else known.end[at] + 1
            case "foreach":
                rest = self._rests.get(at)
                if rest is None:
                    mark = filled(action.words[1]) if len(action.words) > 1 else ""
                    rest = self._rests[at] = deque(filled(action.words[0]).split(mark or None))
                if rest:
                    variables[action.name] = rest.popleft()
                    return at + 1
                del self._rests[at]
                return known.end[at] + 1
            case "continue":
                return known.start[at]
            case "break":
                self._rests.pop(known.start[at], None)
                return known.end[at] + 1
            case "end":
                return known.start.get(at, at + 1)
            case _:  # elseif and else, when what stood before them was done
                return known.end[at] + 1

    def _jump(self, label: str) -> int | None:
        """Go there; loops that are left so begin anew."""
        self._rests.clear()
        return self._labels.get(label)


def _true(action: Action, filled: Callable[[str], str]) -> bool:
    left, operator, right = action.words[:3]
    return holds(filled(left), operator, filled(right))


class EventManager(Service):
    """Hears messages, commands and timers, and runs the applets that wait for them."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.history: deque[Job] = deque(maxlen=HISTORY)
        self.ran: dict[str, tuple[int, float]] = {}
        """How often each applet ran, and for how many seconds in all."""
        self.registered: dict[str, float] = {}
        """When each applet was registered, in lab time."""
        self._jobs = 0
        self._timers: dict[str, Timer] = {}
        self._fitted: dict[str, int] = {}
        self._occurred: dict[str, list[float]] = {}
        self._unattended = Unattended(device)
        self._watches = Watches(device, self._launch)
        self.counters: dict[str, int] = {}
        """Those of `action counter`, by name."""
        self._performer = Performer(device, self)

    @property
    def _applets(self) -> dict[str, Applet]:
        return self.device.config.of(EventManagerConfig).applets

    def start(self) -> None:
        """Hear of messages and commands."""
        self.device.syslog.listeners.append(self._message)
        self.device.command_hooks.append(self._command)
        self._watches.start()

    def stop(self) -> None:
        """Power goes."""
        for timer in self._timers.values():
            timer.cancel()
        self._unattended.cancel()
        self._watches.stop()

    def changed(self) -> None:
        """An applet may be another, or the clock: set its timer anew."""
        for name in [name for name in self._fitted if name not in self._applets]:
            del self._fitted[name]
            self.registered.pop(name, None)
            self._forget(name)
        for name, applet in self._applets.items():
            trigger = applet.trigger
            again = trigger is not None and trigger.kind in ("cron", "absolute")
            if trigger is None:
                self._fitted.pop(name, None)
                self._forget(name)
                continue
            if self._fitted.get(name) == applet.changes and not again:
                continue
            if self._fitted.get(name) != applet.changes:
                self.registered[name] = self.device.now
            self._fitted[name] = applet.changes
            self._forget(name)
            self._set(applet, trigger)
            self._watches.begin(applet, trigger)

    def _forget(self, name: str) -> None:
        self._occurred.pop(name, None)
        self._watches.forget(name)
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _set(self, applet: Applet, trigger: Trigger) -> None:
        seconds: float | None = None
        if trigger.kind in ("watchdog", "countdown"):
            seconds = trigger.seconds
        elif trigger.kind == "absolute":
            wall = local_time(self.device, self.device.now).timestamp()
            seconds = trigger.seconds - wall if trigger.seconds > wall else None
        elif trigger.kind == "cron":
            now = local_time(self.device, self.device.now)
            seconds = seconds_between(now, Cron.parse(trigger.pattern).after)
        if seconds is not None:
            self._timers[applet.name] = self.device.scheduler.after(
                seconds, lambda: self._due(applet, trigger)
            )

    def _due(self, applet: Applet, trigger: Trigger) -> None:
        self._timers.pop(applet.name, None)
        if self._applets.get(applet.name) is not applet or applet.trigger is not trigger:
            return
        if trigger.kind not in ("countdown", "absolute"):
            self._set(applet, trigger)
        self._launch(applet, {})

    # --- events --------------------------------------------------------------------------------------

    def _message(self, message: Message) -> None:
        if not message.mnemonic:
            return
        for applet in self._applets.values():
            trigger = applet.trigger
            if trigger is None or trigger.kind != "syslog" or not matches(trigger.pattern, str(message)):
                continue
            if self._enough(applet, trigger):
                self._launch(applet, {"_syslog_msg": message.stamped})

    def _enough(self, applet: Applet, trigger: Trigger) -> bool:
        """Whether it has occurred as often as the trigger asks."""
        now = self.device.now
        times = self._occurred.setdefault(applet.name, [])
        times.append(now)
        if trigger.period:
            times[:] = [each for each in times if now - each <= trigger.period]
        if len(times) < trigger.occurs:
            return False
        times.clear()
        return True

    def _command(self, line: str) -> Generator[str | Effect, Any, bool]:
        """A command is about to run; False when an applet keeps it from doing so."""
        passes = True
        for applet in list(self._applets.values()):
            trigger = applet.trigger
            if trigger is None or trigger.kind != "cli" or not matches(trigger.pattern, line):
                continue
            if not self._enough(applet, trigger):
                continue
            told = {"_cli_msg": line}
            if trigger.sync:
                variables = yield from self.run(applet, told)
                passes = passes and variables.get("_exit_status") == "1"
            else:
                self._launch(applet, told)
                passes = passes and not trigger.skip
        return passes

    def count(self, name: str, value: int) -> int:
        """Give a counter a value; applets that wait for it look. What is left of it is given back."""
        self.counters[name] = value
        self._watches.counted(name, value)
        return self.counters[name]

    # --- actions -------------------------------------------------------------------------------------

    def _launch(self, applet: Applet, told: dict[str, str]) -> None:
        """Run an applet by itself, a moment from now."""
        self._unattended.run(_silent(self.run(applet, told)), DELAY)

    def run(self, applet: Applet, told: dict[str, str]) -> Generator[str | Effect, Any, dict[str, str]]:
        """The actions of an applet; gives back its variables."""
        began = self.device.now
        variables = yield from self._run(applet, told)
        count, seconds = self.ran.get(applet.name, (0, 0.0))
        self.ran[applet.name] = count + 1, seconds + self.device.now - began
        return variables

    def _run(self, applet: Applet, told: dict[str, str]) -> Generator[str | Effect, Any, dict[str, str]]:
        trigger = applet.trigger
        kind = trigger.event_type if trigger is not None else "none"
        self._jobs += 1
        job = Job(self._jobs, applet.name, kind, self.device.now)
        self.history.append(job)
        now = local_time(self.device, self.device.now)
        run = Run(applet)
        run.variables = {
            **self.device.config.of(EventManagerConfig).environment,
            "_event_id": str(job.number),
            "_event_type_string": kind,
            "_event_pub_time": now.strftime("%b %d %H:%M:%S"),
            "_event_pub_sec": str(int(now.timestamp())),
            "_exit_status": "",
            **told,
        }
        if applet.trap:
            self._performer.announce(run, POLICY_EVENT)
        limit = trigger.maxrun if trigger is not None else 0.0
        began = self.device.now
        ordered = applet.ordered
        try:
            flow = _Flow([action for _, action in ordered], [label for label, _ in ordered])
        except FlowError as error:
            job.status = "abort"
            self._failed(run, ordered[error.at][0])
            return run.variables
        at: int | None = 0
        while at is not None and at < len(ordered):
            label, action = ordered[at]
            if limit and self.device.now - began > limit:
                job.status = "abort"
                self._failed(run, label)
                break
            if action.kind == "exit":
                run.variables["_exit_status"] = run.filled(action.argument) or "0"
                break
            if action.kind not in FLOW:
                try:
                    yield from self._performer.perform(run, action)
                except ActionError:
                    self._failed(run, label)
                at += 1
                continue
            following = flow.follow(at, run.variables, run.filled)
            if following is None:
                job.status = "abort"
                self._failed(run, label)
            elif following <= at:
                yield Wait(TURN)
            at = following
        return run.variables

    def _failed(self, run: Run, label: str) -> None:
        self.device.log(
            "HA_EM", 3, "FMPD_ERROR", f"Error executing applet {run.applet.name} statement {label}"
        )


def _silent(steps: Generator[str | Effect, Any, Any]) -> Steps:
    """Nobody sees what is put out."""
    yield from steps
