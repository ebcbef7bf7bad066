"""`aaa authorization commands`: what somebody may type."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig, LinesConfig
from iosemu.box.lines import Line
from iosemu.box.system import SystemConfig
from iosemu.box.vtys import vty_lines
from iosemu.handling.context import SessionView
from iosemu.net.aaa.outcome import Verdict
from iosemu.subjects.aaa_servers.service import AaaServers, Asking, answer_of
from iosemu.subjects.access.accounting import Accounting
from iosemu.subjects.access.config import AUTHORIZATION_DEBUG, AaaConfig

FAILED = "Command authorization failed.\n"
LEVEL_0 = frozenset({"disable", "enable", "exit", "help", "logout"})
"""The commands of privilege level 0 (Cisco's security command reference, `privilege`)."""
GROUP = "group "
DEBUG = 7


def line_of(device: Device, line_name: str) -> tuple[Line, LineConfig] | None:
    """The line of a session, and its settings; None where there is none of this name."""
    settings = device.config.find(LinesConfig)
    if settings is None:
        return None
    if not line_name.startswith("vty"):
        return device.lines.console, settings.console
    number = int(line_name[3:])
    lines = vty_lines(device)
    return (lines[number], settings.vty[number]) if number < len(lines) else None


def level_of(words: tuple[str, ...], level: int) -> int:
    """The level that a command of this level of the grammar is authorized at."""
    return 0 if level <= 1 and words[:1] and words[0] in LEVEL_0 else level


def asking_of(device: Device, session: SessionView, line: Line) -> Asking:
    """For whom a server is asked."""
    console = line.kind != "vty"
    accounting = device.find(Accounting)
    method = accounting.method_of(session.username) if accounting is not None else ""
    remote = "async" if console else session.origin
    return Asking(session.username, f"tty{line.tty}", remote, max(session.privilege, 0), method)


def permitting(
    device: Device, session: SessionView, words: tuple[str, ...], level: int, *, configuring: bool
) -> Generator[Any, Any, bool]:
    """Whether a command may be run, in the words of the grammar; asks servers where a method list says so."""
    aaa = device.config.find(AaaConfig)
    if aaa is None or not aaa.new_model or not aaa.command_lists or (configuring and not aaa.config_commands):
        return True
    found = line_of(device, session.line_name)
    if found is None:
        return True
    line, settings = found
    if line.kind == "con" and not aaa.console:
        return True
    needed = level if configuring else level_of(words, level)
    name = settings.command_lists.get(needed, "default")
    methods = aaa.command_lists.get((needed, name), aaa.command_lists.get((needed, "default")))
    if methods is None:
        return True
    arguments = (
        "service=shell",
        f"cmd={words[0]}",
        *(f"cmd-arg={word[:240]}" for word in words[1:]),
        "cmd-arg=<cr>",
    )
    asking = asking_of(device, session, line)
    for method in methods:
        decision = yield from _decide(device, method, asking, arguments)
        if decision is not None:
            _debug(device, asking, words, method, decision)
            return decision
    _debug(device, asking, words, "", False)
    return False


def _decide(
    device: Device, method: str, asking: Asking, arguments: tuple[str, ...]
) -> Generator[Any, Any, bool | None]:
    if method == "none":
        return True
    if method == "if-authenticated":
        return bool(asking.username)
    if method == "local":
        return asking.username in device.config.of(SystemConfig).users
    servers = device.find(AaaServers)
    if servers is None or not method.startswith(GROUP):
        return None
    outcome = yield from answer_of(servers.authorize(method.removeprefix(GROUP), asking, arguments))
    return None if outcome.verdict is Verdict.ERROR else outcome.verdict is Verdict.PASS


def _debug(device: Device, asking: Asking, words: tuple[str, ...], method: str, passes: bool) -> None:
    if not device.debugging.wants(AUTHORIZATION_DEBUG):
        return
    head = f"AAA/AUTHOR/CMD({asking.line}): "
    texts = [f"user='{asking.username}'", f"send AV cmd={words[0]}"]
    texts += [f"send AV cmd-arg={word}" for word in (*words[1:], "<cr>")]
    texts += [f"Method={method}"] if method else []
    texts.append(f"Post authorization status = {'PASS' if passes else 'FAIL'}")
    for text in texts:
        device.log("", DEBUG, "", head + text)
