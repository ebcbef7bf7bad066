"""What applets do, action by action."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

from iosemu.box.device import Device
from iosemu.handling.effects import Ask, Confirm, Effect, ReadBlock, Steps, Wait, WaitFor
from iosemu.handling.regexp import RegexpError, ios_regexp, regexp
from iosemu.packets.snmp import Oid, VarBind, integer, octets
from iosemu.subjects.event_manager import strings
from iosemu.subjects.event_manager.config import Action, Applet, EventManagerConfig
from iosemu.subjects.event_manager.flow import calculated
from iosemu.subjects.event_manager.mail import MailError, mailing
from iosemu.subjects.routing.tracking import ObjectTracker
from iosemu.subjects.snmp.service import SnmpAgent

MOST = 1 << 16
"""Characters of a variable."""
DEPTH, DEEPEST = "_policy_depth", 8
"""How many applets have called each other, and how many may."""
EVENT_MANAGER = (1, 3, 6, 1, 4, 1, 9, 10, 91)
"""CISCO-EMBEDDED-EVENT-MGR-MIB."""
SERVER_EVENT, POLICY_EVENT = (*EVENT_MANAGER, 2, 0, 1), (*EVENT_MANAGER, 2, 0, 2)
HISTORY = (*EVENT_MANAGER, 1, 2, 2, 1)
POLICY_NAME, FIRST_NUMBER, SECOND_NUMBER, TEXT = 7, 9, 10, 11
"""Columns of ceemHistoryEventTable."""


class ActionError(Exception):
    """An action failed."""


@dataclass
class Run:
    """What the actions of one run share."""

    applet: Applet
    variables: dict[str, str] = field(default_factory=dict)
    session: Any = None
    """The command line that `cli command` types into."""
    asked: tuple[Generator[Any, Any, None], Ask | Confirm | ReadBlock] | None = None
    """A command that waits for the answer to its question: the next `cli command` is that answer."""

    def filled(self, text: str) -> str:
        """The text with the values of its variables; one that is not set stays as it is."""
        return re.sub(r"\$(\w+)", lambda found: self.variables.get(found[1], found[0]), text)


class Manager(Protocol):
    """What actions need of the event manager."""

    counters: dict[str, int]

    def count(self, name: str, value: int) -> int:
        """Give a counter a value."""
        ...

    def run(self, applet: Applet, told: dict[str, str]) -> Generator[str | Effect, Any, dict[str, str]]:
        """The actions of another applet."""
        ...


class Performer:
    """Carries out the actions that do not decide which one comes next."""

    def __init__(self, device: Device, manager: Manager) -> None:
        self._device = device
        self._manager = manager

    def perform(self, run: Run, action: Action) -> Steps:
        """One action; raises ActionError when it fails."""
        text = run.filled(action.argument)
        if len(text) + len(run.variables.get(action.name, "")) > MOST:
            raise ActionError(action.kind)
        try:
            yield from self._perform(run, action, text)
        except (ValueError, ZeroDivisionError, RegexpError) as error:
            raise ActionError(action.kind) from error

    def _perform(self, run: Run, action: Action, text: str) -> Steps:
        match action.kind:
            case "syslog":
                self._device.log("HA_EM", action.severity, "LOG", f"{run.applet.name}: {text}")
            case "puts":
                yield text
            case "wait":
                yield Wait(float(text))
            case "set":
                run.variables[action.name] = text
            case "append":
                run.variables[action.name] = run.variables.get(action.name, "") + text
            case "add" | "subtract" | "multiply" | "divide":
                run.variables.update(calculated(action.kind, *map(run.filled, action.words)))
            case "increment" | "decrement":
                sign = 1 if action.kind == "increment" else -1
                run.variables[action.name] = str(
                    int(run.variables.get(action.name, "0")) + sign * int(text or "1")
                )
            case "regexp":
                self._regexp(run, [run.filled(word) for word in action.words[:2]], action.words[2:])
            case "string":
                self._string(run, action)
            case "counter":
                self._counter(run, action, text)
            case "info":
                self._info(run, action)
            case "track set":
                self._track(run, action, text)
            case "track read":
                self._track_read(run, text)
            case "snmp-trap":
                self.announce(run, POLICY_EVENT, action)
            case "policy":
                yield from self._policy(run, text)
            case "mail":
                yield from self._mail(run, action)
            case "reload":
                yield from self._type(run, "reload", "")
            case "cli":
                yield from self._type(run, text, run.filled(action.option("pattern")))

    # --- texts and numbers -----------------------------------------------------------------------------

    def _regexp(self, run: Run, words: list[str], names: tuple[str, ...]) -> None:
        """`regexp PATTERN TEXT [MATCH [SUBMATCH …]]`."""
        found = regexp(words[0]).found(words[1])
        run.variables["_regexp_result"] = str(int(found is not None))
        for name, part in zip(names, found or (), strict=False):
            run.variables[name] = part

    def _string(self, run: Run, action: Action) -> None:
        length = action.option("length")
        run.variables["_string_result"] = strings.result(
            action.name,
            [run.filled(word) for word in action.words],
            nocase=bool(action.option("nocase")),
            length=int(run.filled(length)) if length else None,
        )

    def _counter(self, run: Run, action: Action, text: str) -> None:
        """`counter name NAME value N op OPERATION`."""
        name, before = run.filled(action.name), self._manager.counters.get(run.filled(action.name), 0)
        value = {
            "set": int(text),
            "inc": before + int(text),
            "dec": before - int(text),
            "nop": before,
        }[action.option("op")]
        run.variables["_counter_value_remain"] = str(self._manager.count(name, value))

    # --- what the box knows ----------------------------------------------------------------------------

    def _info(self, run: Run, action: Action) -> None:
        match action.name:
            case "routername":
                run.variables["_info_routername"] = self._device.hostname
            case "interface-names":
                wanted, pattern = action.option("mode"), run.filled(action.option("pattern"))
                names = [
                    name
                    for name in self._device.interfaces
                    if not wanted or matches(pattern, name) is (wanted != "exclude")
                ]
                run.variables["_info_interface_names"] = " ".join(names)
            case "snmp":
                found = object_at(
                    self._device, run.filled(action.option("oid")), action.option("get-type") == "next"
                )
                if found is None:
                    raise ActionError(action.kind)
                run.variables["_info_snmp_oid"], run.variables["_info_snmp_value"] = found

    def _track(self, run: Run, action: Action, text: str) -> None:
        """`track set N state up|down`."""
        tracker = self._device.find(ObjectTracker)
        if tracker is None or not tracker.set_stub(int(text), action.option("state") == "up"):
            raise ActionError(action.kind)
        run.variables["_track_state"] = action.option("state")

    def _track_read(self, run: Run, text: str) -> None:
        """`track read N`."""
        tracker = self._device.find(ObjectTracker)
        state = tracker.state(int(text)) if tracker is not None else None
        if state is None:
            raise ActionError("track")
        run.variables["_track_state"] = "up" if state else "down"

    # --- others ------------------------------------------------------------------------------------------

    def announce(self, run: Run, name: Oid, action: Action | None = None) -> None:
        """A notification of CISCO-EMBEDDED-EVENT-MGR-MIB."""
        agent = self._device.find(SnmpAgent)
        if agent is None:
            return
        index = int(run.variables.get("_event_id", "1"))
        bindings = [VarBind((*HISTORY, POLICY_NAME, index), octets(run.applet.name.encode()))]
        if action is not None:
            bindings += [
                VarBind((*HISTORY, column, index), integer(int(run.filled(action.option(word)))))
                for word, column in (("intdata1", FIRST_NUMBER), ("intdata2", SECOND_NUMBER))
                if action.option(word)
            ]
            if action.option("strdata"):
                text = run.filled(action.option("strdata")).encode()[:255]
                bindings.append(VarBind((*HISTORY, TEXT, index), octets(text)))
        agent.trap("event-manager", name, bindings)

    def _policy(self, run: Run, name: str) -> Steps:
        """`policy NAME`: another applet, which waits for no event."""
        found = self._device.config.of(EventManagerConfig).applets.get(name)
        depth = int(run.variables.get(DEPTH, "0")) + 1
        if found is None or found.trigger is None or found.trigger.kind != "none" or depth > DEEPEST:
            raise ActionError("policy")
        yield from self._manager.run(found, {DEPTH: str(depth)})

    def _mail(self, run: Run, action: Action) -> Steps:
        told = {name: run.filled(value) for name, value in action.options}
        try:
            yield from mailing(self._device, told)
        except MailError as error:
            self._device.log(
                "HA_EM",
                3,
                "FMPD_SMTP",
                f"Error occurred when sending mail to smtp server: {told.get('server', '')} : {error}",
            )
            raise ActionError("mail") from error

    def _type(self, run: Run, line: str, pattern: str) -> Steps:
        """Type a command, or the answer to the question of the last one; `$_cli_result` is what is printed.

        Questions are answered with Enter; one that `pattern` matches waits for the next `cli command`.
        """
        if self._device.commander is None:
            raise ActionError("cli")
        if run.session is None:
            run.session = self._device.commander(f"EEM:{run.applet.name}")
            run.session.username = self._device.config.of(EventManagerConfig).cli_user
        answer: Any = None
        if run.asked is not None:
            steps, question = run.asked
            run.asked = None
            answer = line.strip().lower() in ("", "y", "yes") if isinstance(question, Confirm) else line
        else:
            steps = run.session.steps(line)
        printed: list[str] = []
        while True:
            try:
                item = steps.send(answer)
            except StopIteration:
                break
            answer = None
            match item:
                case str():
                    printed.append(item)
                case Ask() | Confirm() | ReadBlock():
                    prompt = item.prompt if isinstance(item, Ask | Confirm) else ""
                    if pattern and matches(pattern, prompt):
                        run.asked = steps, item
                        run.variables["_cli_result"] = "\n".join([*printed, prompt])
                        return
                    answer = True if isinstance(item, Confirm) else ""
                case Wait() | WaitFor():
                    answer = yield item
                case _:
                    pass
        run.variables["_cli_result"] = "\n".join([*printed, run.session.prompt])


def matches(pattern: str, text: str) -> bool:
    """Whether an expression as IOS reads it fits some part of a text; one that is none fits nothing."""
    try:
        return ios_regexp(pattern).found_in(text)
    except RegexpError:
        return False


def object_at(device: Device, name: str, following: bool) -> tuple[str, str] | None:
    """The identifier and value of an object of the box's own agent; None: there is none."""
    agent = device.find(SnmpAgent)
    try:
        parts = tuple(int(part) for part in name.strip(".").split("."))
    except ValueError:
        return None
    return agent.look(parts, following) if agent is not None else None
