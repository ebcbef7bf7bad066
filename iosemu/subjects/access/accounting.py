"""`aaa accounting`: who was here, and what was typed, is told to servers."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig
from iosemu.box.lines import Line
from iosemu.box.service import Service
from iosemu.subjects.aaa_servers.service import AaaServers, Asking
from iosemu.subjects.access.config import ACCOUNTING_DEBUG, AaaConfig, AccountingList

GROUP = "group "
MOST_USERS = 1000
FIRST_SESSION = 1
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


class Accounting(Service):
    """Numbers the sessions of a box and tells servers of them, and of commands."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.sessions: dict[int, ExecSession] = {}
        self.total = 0
        self._next = FIRST_SESSION
        self._methods: OrderedDict[str, str] = OrderedDict()

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
        self.sessions[number] = ExecSession(number, asking, line, self.device.now, told)
        if told is not None and told.action in ("start-stop", "wait-start"):
            self._tell(told, asking, "start", number, (f"start_time={self._clock(self.device.now)}",), None)
        return number

    def ended(self, number: int, username: str, privilege: int) -> None:
        """It is over."""
        session = self.sessions.pop(number, None)
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
        servers = self.device.find(AaaServers)
        groups = [method.removeprefix(GROUP) for method in told.methods if method.startswith(GROUP)]
        if servers is None or not groups:
            return
        if self.device.debugging.wants(ACCOUNTING_DEBUG):
            text = f"AAA/ACCT({number:08X}): {kind.upper()} user={asking.username} port={asking.line}"
            self.device.log("", DEBUG, "", text)
        for group in groups if "broadcast" in told.methods else groups[:1]:
            servers.account(group, asking, kind, number, pairs, seconds)
