"""Who may log in, and who may reach a higher privilege level.

What may have to ask a server is a generator: it yields the wait, and returns the decision. Whoever runs a session
passes it on (`yield from`); without one it is a `Proceeding` of the shell, or `at_once`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, TypeVar

from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig, LinesConfig
from iosemu.box.lines import Line
from iosemu.box.system import SystemConfig
from iosemu.box.vtys import vty_lines
from iosemu.handling.effects import Ask
from iosemu.net.aaa.outcome import Outcome, Verdict
from iosemu.subjects.aaa_servers.config import ServersConfig
from iosemu.subjects.aaa_servers.service import AaaServers, Asking, answer_of
from iosemu.subjects.access.accounting import Accounting
from iosemu.subjects.access.config import (
    AUTHENTICATION_DEBUG,
    AUTHORIZATION_DEBUG,
    AaaConfig,
    SshConfig,
)
from iosemu.subjects.acl.service import AccessLists

UNAUTHORIZED = -1
"""In place of a privilege level: the user is known, and is given no shell."""
GROUP = "group "
CONSOLE = "async"
"""Where from, of one who sits at the console, as servers are told."""
DEBUG = 7
CHALLENGES = 10
"""Questions that a server may ask of one who logs in."""
AnswerT = TypeVar("AnswerT")
Deciding = Generator[Any, Any, AnswerT]
"""Waits, and then an answer."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who wants to come in."""

    username: str
    password: str
    settings: LineConfig
    """Of the line."""
    line: str = ""
    """`tty2`."""
    remote: str = ""
    """The client's address, `async` at the console."""

    @property
    def console(self) -> bool:
        """It is at the console line."""
        return self.settings.kind == "con"

    def asking(self, method: str = "", privilege: int = 1) -> Asking:
        """For the servers."""
        return Asking(self.username, self.line, self.remote, privilege, method)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A user that was let in."""

    method: str
    """The one that decided, `tacacs+` or `radius` for a group of servers."""
    outcome: Outcome | None = None
    """What the server told."""


def at_once(deciding: Deciding[AnswerT]) -> AnswerT | None:
    """The decision, where nobody has to be waited for; else None."""
    try:
        next(deciding)
    except StopIteration as stop:
        decided: AnswerT = stop.value
        return decided
    deciding.close()
    return None


def authenticate(device: Device, username: str, password: str) -> int | None:
    """As `authenticating`, where no server is to be asked: a login that has to wait for one is refused."""
    return at_once(authenticating(device, username, password))


def authenticating(
    device: Device, username: str, password: str, remote: str = "", *, asks: bool = False
) -> Deciding[int | None]:
    """The privilege level that an SSH login gives (0 to 15, or `UNAUTHORIZED`), or None when it is refused.

    With `asks` it yields `Ask` where a server wants to know more than the password. A box without terminal lines
    (PC, server, sniffer) that has no accounts lets everyone in.
    """
    system = device.config.find(SystemConfig)
    if system is None or (device.config.find(LinesConfig) is None and not system.users):
        return 15
    line = first_vty(device)
    attempt = Attempt(username, password, line, _next_tty(device, line), remote)
    methods = login_methods(device.config.of(AaaConfig), line)
    accepted = yield from accepting(device, methods, attempt, asks=asks)
    if accepted is None:
        return None
    return (yield from granting(device, attempt, accepted))


def _next_tty(device: Device, settings: LineConfig) -> str:
    lines: list[Line] = vty_lines(device)
    return f"tty{lines[settings.number].tty}" if settings.number < len(lines) else ""


def first_vty(device: Device) -> LineConfig:
    """The settings of the line that the next client would be given."""
    settings = device.config.find(LinesConfig)
    if settings is None:
        return LineConfig("vty", 0)
    lines = device.lines.vty
    configured = settings.vty
    for line in configured:
        if line.number not in lines or not lines[line.number].busy:
            return line
    return configured[0]


def login_methods(aaa: AaaConfig, line: LineConfig) -> Sequence[str]:
    """How a login on a line is checked; SSH without AAA knows the local users only."""
    if not aaa.new_model:
        return ("local",)
    return aaa.login.get(line.login_list or "default", aaa.login.get("default", ("local",)))


def accepting(
    device: Device, methods: Sequence[str], attempt: Attempt, *, asks: bool = False
) -> Deciding[Accepted | None]:
    """Whether a line's login takes a user: one method after the other, while one cannot decide.

    With `asks` there is somebody who can answer what a RADIUS server wants to know beside the password.
    """
    if device.debugging.wants(AUTHENTICATION_DEBUG):
        name = attempt.settings.login_list or "default"
        _debug(device, f"AAA/AUTHEN/LOGIN (00000000): Pick method list '{name}' ")
    for method in methods:
        if method.startswith(GROUP):
            group = method.removeprefix(GROUP)
            servers = device.find(AaaServers)
            if servers is None:
                continue
            asked = servers.login(group, attempt.asking(), attempt.password)
            outcome = yield from answer_of(asked)
            protocol = device.config.of(ServersConfig).protocol_of(group) or group
            for _ in range(CHALLENGES):
                if outcome.verdict is not Verdict.MORE or not asks:
                    break
                _debug(device, f"AAA/AUTHEN: Method={group} ({protocol}) status = GETDATA")
                typed = yield Ask(f"{outcome.message or 'Response:'} ", echo=outcome.echo)
                asked = servers.login(group, attempt.asking(), str(typed), outcome.state)
                outcome = yield from answer_of(asked)
            _debug(device, f"AAA/AUTHEN: Method={group} ({protocol}) status = {outcome.verdict.value}")
            if outcome.verdict is Verdict.ERROR:
                continue
            return _noted(device, attempt, Accepted(protocol, outcome), outcome.verdict is Verdict.PASS)
        decision = _decide(device, method, attempt)
        if decision is not None:
            status = "PASS" if decision else "FAIL"
            _debug(device, f"AAA/AUTHEN: Method={method.upper()} status = {status}")
            return _noted(device, attempt, Accepted(method), decision)
    return None


def _noted(device: Device, attempt: Attempt, accepted: Accepted, fits: bool) -> Accepted | None:
    if not fits:
        return None
    accounting = device.find(Accounting)
    if accounting is not None:
        accounting.proved(attempt.username, accepted.method)
    return accepted


def _debug(device: Device, text: str) -> None:
    if device.debugging.wants(AUTHENTICATION_DEBUG):
        device.log("", DEBUG, "", text)


def _decide(device: Device, method: str, attempt: Attempt) -> bool | None:
    system = device.config.of(SystemConfig)
    if method == "none":
        return True
    if method in ("local", "local-case"):
        if not system.users:
            return None
        user = system.users.get(attempt.username)
        return user is not None and bool(user.accepts(attempt.password))
    if method == "enable":
        if not needs_enable_password(device, 15):
            return None
        return enable_accepts(device, 15, attempt.password)
    if method == "line":
        stored = attempt.settings.password
        return stored.matches(attempt.password) if stored is not None else None
    return None


def granting(device: Device, attempt: Attempt, accepted: Accepted) -> Deciding[int]:
    """The privilege of a user that has logged in, or `UNAUTHORIZED`.

    With `aaa new-model` the account's level, or the server's, counts only where `aaa authorization exec` says so;
    the console is asked for with `aaa authorization console` only.
    """
    system = device.config.of(SystemConfig)
    user = system.users.get(attempt.username)
    aaa = device.config.find(AaaConfig)
    if aaa is None or not aaa.new_model:
        return 1 if user is None else int(user.privilege)
    methods = aaa.exec_.get(attempt.settings.exec_list or "default", aaa.exec_.get("default"))
    if methods is None or (attempt.console and not aaa.console):
        return 1
    for method in methods:
        level: int | None = None
        if method in ("none", "if-authenticated"):
            level = 1
        elif method == "local":
            level = UNAUTHORIZED if user is None else int(user.privilege)
        elif method.startswith(GROUP):
            level = yield from _granted_by_group(device, method.removeprefix(GROUP), attempt, accepted)
        if level is not None:
            _authorized(device, method, level)
            return level
    _authorized(device, "", UNAUTHORIZED)
    return UNAUTHORIZED


def _granted_by_group(
    device: Device, group: str, attempt: Attempt, accepted: Accepted
) -> Deciding[int | None]:
    """What servers say of a shell; None when they say nothing. RADIUS said it when it let the user in."""
    servers = device.find(AaaServers)
    protocol = device.config.of(ServersConfig).protocol_of(group)
    if servers is None or protocol is None:
        return None
    if protocol == "radius":
        if accepted.method != "radius" or accepted.outcome is None:
            return None
        outcome = accepted.outcome
    else:
        asked = servers.authorize(group, attempt.asking(accepted.method), ("service=shell", "cmd="))
        outcome = yield from answer_of(asked)
    if outcome.verdict is Verdict.ERROR:
        return None
    if outcome.verdict is Verdict.FAIL:
        return UNAUTHORIZED
    if device.debugging.wants(AUTHORIZATION_DEBUG):
        for pair in outcome.attributes:
            device.log("", DEBUG, "", f"AAA/AUTHOR/EXEC(00000000): processing AV {pair}")
    return 1 if outcome.privilege is None else outcome.privilege


def _authorized(device: Device, method: str, level: int) -> None:
    if device.debugging.wants(AUTHORIZATION_DEBUG):
        if method:
            device.log("", DEBUG, "", f"AAA/AUTHOR/EXEC(00000000): Method={method}")
        result = "failed" if level == UNAUTHORIZED else "successful"
        device.log("", DEBUG, "", f"AAA/AUTHOR/EXEC(00000000): Authorization {result}")


def key_fitting(device: Device, username: str, md5: str, remote: str = "") -> Deciding[int | None]:
    """The privilege that a public key gives; None when it is not in `ip ssh pubkey-chain`."""
    ssh = device.config.find(SshConfig)
    if ssh is None or not any(key.md5 == md5.upper() for key in ssh.keys.get(username, [])):
        return None
    line = first_vty(device)
    attempt = Attempt(username, "", line, _next_tty(device, line), remote)
    accounting = device.find(Accounting)
    if accounting is not None:
        accounting.proved(username, "local")
    return (yield from granting(device, attempt, Accepted("local")))


def key_fits(device: Device, username: str, md5: str) -> int | None:
    """As `key_fitting`, where no server is to be asked."""
    return at_once(key_fitting(device, username, md5))


def admits(device: Device, address: str) -> bool:
    """Whether some vty lets a client with this source address in (`access-class … in`)."""
    configured = device.config.find(LinesConfig)
    if configured is None:
        return True
    return any(line_admits(device, line, address) for line in configured.vty)


def line_admits(device: Device, line: LineConfig, address: str, vrf: str = "") -> bool:
    """Whether one line's `access-class` lets a client in: one from a VRF only where it says `vrf-also`."""
    rule = line.access_class_in
    if rule is None:
        return True
    if vrf and not rule.vrf_also:
        return False
    try:
        source = IPv4Address(address)
    except ValueError:
        return True
    lists = device.find(AccessLists)
    return lists is None or lists.permits_address(rule.name, source)


def enable_methods(device: Device) -> Sequence[str]:
    """How `enable` is checked."""
    aaa: AaaConfig = device.config.of(AaaConfig)
    return aaa.enable if aaa.new_model and aaa.enable else ("enable",)


def needs_enable_password(device: Device, level: int) -> bool:
    """Whether there is a password for this privilege level."""
    system = device.config.of(SystemConfig)
    return level in system.enable_secret or level in system.enable_password


def enable_accepts(device: Device, level: int, typed: str) -> bool:
    """Whether `typed` opens privilege `level`; a secret goes before a password."""
    system = device.config.of(SystemConfig)
    stored = system.enable_secret.get(level) or system.enable_password.get(level)
    return stored is not None and stored.matches(typed)
