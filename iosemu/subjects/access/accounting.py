"""`aaa accounting`: who was here, and what was typed, is told to servers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig
from iosemu.box.lines import Line
from iosemu.box.service import Service
from iosemu.net.scheduler import Timer
from iosemu.subjects.aaa_servers.service import AaaServers, Accountant, Asking, PortClient, Traffic
from iosemu.subjects.access.config import ACCOUNTING_DEBUG, AaaConfig, AccountingList

GROUP = "group "
MOST_USERS = 1000
FIRST_SESSION = 1
SETTLED = 5.0
"""Seconds after the box came up in which it is told that accounting begins: the ports are up then."""
MINUTE = 60.0
DEBUG = 7


@dataclass(eq=False)
class ExecSession:
    """A shell that somebody has."""

    number: int
    asking: Asking
    line: Line
    since: float
    """Lab time."""
    list: AccountingList | None = None
    timer: Timer | None = None
    """Of the next periodic record."""


@dataclass(eq=False)
class PortSession:
    """A client that was let in at a port."""

    number: int
    client: PortClient
    since: float
    list: AccountingList
    traffic: Callable[[], Traffic]
    """What went through so far."""
    timer: Timer | None = None


class Accounting(Service):
    """Numbers the sessions of a box and tells servers of them, and of commands."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.sessions: dict[int, ExecSession] = {}
        self.total = 0
        self._ports: dict[str, PortSession] = {}
        """By the identifier of the session."""
        self._next = FIRST_SESSION
        self._methods: OrderedDict[str, str] = OrderedDict()
        self._system: AccountingList | None = None
        self._start: Timer | None = None

    # --- life ----------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Power goes: nothing more can be told."""
        timers: list[Timer | None] = [self._start]
        timers += [session.timer for session in self._all()]
        for timer in timers:
            if timer is not None:
                timer.cancel()
        self._ports.clear()

    def changed(self) -> None:
        """Accounting of the whole box begins or ends; records at intervals may be wanted now."""
        aaa = self.device.config.find(AaaConfig)
        wanted = aaa.accounting_system if aaa is not None and aaa.new_model else None
        if wanted is not None and wanted.action == "none":
            wanted = None
        before, self._system = self._system, wanted
        if before is not None and wanted != before:
            self._tell_system(before, "reconfigure", on=False)
        if wanted is not None and wanted != before and self._start is None:
            left = self.device.booted_at + SETTLED - self.device.now
            reason = "reload" if left > 0 else "reconfigure"
            self._start = self.device.scheduler.after(max(left, 0.0), lambda: self._begin(reason))
        for session in self._all():
            self._plan(session)

    def _all(self) -> list[ExecSession | PortSession]:
        return [*self.sessions.values(), *self._ports.values()]

    def _begin(self, reason: str) -> None:
        self._start = None
        if self._system is not None:
            self._tell_system(self._system, reason, on=True)

    def _tell_system(self, told: AccountingList, reason: str, *, on: bool) -> None:
        number = self._number()
        self._debug(number, "START" if on else "STOP", "system")
        for accountant, group in self._groups(told):
            accountant.system(group, number, reason, on=on)

    # --- records at intervals ------------------------------------------------------------------------

    def _plan(self, session: ExecSession | PortSession) -> None:
        aaa = self.device.config.find(AaaConfig)
        minutes = aaa.update_minutes if aaa is not None else None
        if minutes is None:
            if session.timer is not None:
                session.timer.cancel()
                session.timer = None
        elif session.timer is None and session.list is not None and session.list.action == "start-stop":
            session.timer = self.device.scheduler.after(minutes * MINUTE, lambda: self._update(session))

    def _update(self, session: ExecSession | PortSession) -> None:
        session.timer = None
        assert session.list is not None
        seconds = round(self.device.now - session.since)
        if isinstance(session, PortSession):
            self._tell_port(session, "update", seconds)
        else:
            pairs = (f"start_time={self._clock(session.since)}",)
            self._tell(session.list, session.asking, "update", session.number, pairs, seconds)
        self._plan(session)

    # --- ports ---------------------------------------------------------------------------------------

    def port_began(self, client: PortClient, traffic: Callable[[], Traffic]) -> None:
        """A client may use a port; who is known already goes on."""
        aaa = self.device.config.find(AaaConfig)
        told = aaa.accounting_dot1x if aaa is not None and aaa.new_model else None
        if told is None or told.action == "none" or client.session in self._ports:
            return
        session = PortSession(self._number(), client, self.device.now, told, traffic)
        self._ports[client.session] = session
        if told.action == "start-stop":
            self._tell_port(session, "start", None)
        self._plan(session)

    def port_ended(self, identifier: str, cause: int) -> None:
        """It may not any more; `cause` as RFC 2866 section 5.10 counts."""
        session = self._ports.pop(identifier, None)
        if session is None:
            return
        if session.timer is not None:
            session.timer.cancel()
        self._tell_port(session, "stop", int(self.device.now - session.since), cause)

    def _tell_port(
        self, session: PortSession, kind: str, seconds: int | None, cause: int | None = None
    ) -> None:
        self._debug(session.number, kind.upper(), session.client.username.decode("utf-8", "replace"))
        traffic = session.traffic() if kind != "start" else None
        for accountant, group in self._groups(session.list):
            accountant.port(group, session.client, kind, session.number, seconds, traffic, cause)

    # --- shells and commands -------------------------------------------------------------------------

    def proved(self, username: str, method: str) -> None:
        """A user has logged in by a method."""
        self._methods.pop(username, None)
        self._methods[username] = method
        while len(self._methods) > MOST_USERS:
            self._methods.popitem(last=False)

    def method_of(self, username: str) -> str:
        """How a user that is here has logged in."""
        return self._methods.get(username, "")

    def began(self, asking: Asking, line: Line, settings: LineConfig | None) -> int:
        """A session begins; its number, for `ended`."""
        number = self._number()
        self.total += 1
        aaa = self.device.config.find(AaaConfig)
        told = None
        if aaa is not None and aaa.new_model and settings is not None:
            name = settings.accounting_exec or "default"
            told = aaa.accounting_exec.get(name, aaa.accounting_exec.get("default"))
        session = self.sessions[number] = ExecSession(number, asking, line, self.device.now, told)
        if told is not None and told.action in ("start-stop", "wait-start"):
            self._tell(told, asking, "start", number, (f"start_time={self._clock(self.device.now)}",), None)
        self._plan(session)
        return number

    def ended(self, number: int, username: str, privilege: int) -> None:
        """It is over."""
        session = self.sessions.pop(number, None)
        if session is not None and session.timer is not None:
            session.timer.cancel()
        if session is None or session.list is None or session.list.action == "none":
            return
        asking = session.asking
        pairs = (f"start_time={self._clock(session.since)}", f"priv-lvl={max(privilege, 0)}")
        seconds = int(self.device.now - session.since)
        self._tell(session.list, asking, "stop", number, pairs, seconds)

    def ran(self, asking: Asking, settings: LineConfig, level: int, command: str) -> None:
        """A command of a privilege level was typed."""
        aaa = self.device.config.find(AaaConfig)
        if aaa is None or not aaa.new_model or not aaa.accounting_commands:
            return
        lists = aaa.accounting_commands
        name = settings.accounting_commands.get(level, "default")
        told = lists.get((level, name), lists.get((level, "default")))
        if told is None or told.action == "none":
            return
        pairs = (
            f"start_time={self._clock(self.device.now)}",
            f"priv-lvl={level}",
            f"cmd={command[:240]} <cr>",
        )
        self._tell(told, asking, "stop", self._number(), pairs, None)

    def _number(self) -> int:
        number = self._next
        self._next += 1
        return number

    def _clock(self, when: float) -> int:
        """Seconds since 1970."""
        return int(self.device.origin.timestamp() + when)

    def _tell(
        self,
        told: AccountingList,
        asking: Asking,
        kind: str,
        number: int,
        pairs: tuple[str, ...],
        seconds: int | None,
    ) -> None:
        groups = self._groups(told)
        if groups:
            self._debug(number, kind.upper(), f"{asking.username} port={asking.line}")
        for accountant, group in groups:
            accountant.session(group, asking, kind, number, pairs, seconds)

    def _groups(self, told: AccountingList) -> list[tuple[Accountant, str]]:
        """Whom a list has told: its first group, or with `broadcast` each of them."""
        servers = self.device.find(AaaServers)
        if servers is None:
            return []
        groups = [method.removeprefix(GROUP) for method in told.methods if method.startswith(GROUP)]
        accountant = Accountant(servers)
        return [(accountant, group) for group in (groups if "broadcast" in told.methods else groups[:1])]

    def _debug(self, number: int, kind: str, user: str) -> None:
        if self.device.debugging.wants(ACCOUNTING_DEBUG):
            self.device.log("", DEBUG, "", f"AAA/ACCT({number:08X}): {kind} user={user}")
