"""The login on a terminal line: what Telnet and the console ask before they give a prompt."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig
from iosemu.box.lines import Line
from iosemu.box.system import SystemConfig
from iosemu.handling.context import SessionView
from iosemu.handling.effects import Ask, Interrupted, Wait
from iosemu.subjects.access.authentication import (
    CONSOLE,
    UNAUTHORIZED,
    Attempt,
    accepting,
    granting,
    login_methods,
)
from iosemu.subjects.access.config import TRIES, AaaConfig
from iosemu.subjects.access.login import LoginGuard

LOGIN_SECONDS = 30
"""Lab seconds for each answer (`timeout login response`)."""
PAUSE = 1
"""Lab seconds that a wrong password takes at least."""
TELNET_PORT = 23
"""The port of the device on which its Telnet clients believe to be."""
REFUSED = "% Authorization failed."
_NAMELESS = ("line", "enable", "none")
"""Methods that need no user name."""

Entrance = Generator[Any, Any, bool]
"""Questions before a session; it returns whether the session may begin."""


def line_methods(device: Device, line: LineConfig) -> Sequence[str]:
    """How a login on a line is checked, as `login …` of the line or AAA say."""
    aaa = device.config.find(AaaConfig)
    if aaa is not None and aaa.new_model:
        if line.kind == "con" and (line.login_list or "default") not in aaa.login:
            return ("none",)
        return login_methods(aaa, line)
    return {"none": ("none",), "password": ("line",), "local": ("local",)}[line.login]


def line_login(device: Device, session: SessionView, line: Line, settings: LineConfig) -> Entrance:
    """Banners and questions of one line; afterwards the session has its user and its privilege."""
    methods = line_methods(device, settings)
    yield from _banner(device, "motd", settings.motd_banner)
    if methods[:1] == ("none",):
        return True
    if methods == ("line",) and settings.password is None:
        yield ""
        yield ""
        yield "Password required, but none set"
        return False
    aaa = device.config.find(AaaConfig)
    told = aaa.messages if aaa is not None and aaa.new_model else {}
    tries = aaa.attempts if aaa is not None and aaa.new_model else TRIES
    yield from _banner(device, "login", True)
    yield ""
    yield ""
    yield from _lines(told.get("banner", "User Access Verification"))
    yield ""
    named = methods[0] not in _NAMELESS
    guard = device.service(LoginGuard)
    remote = session.origin if line.kind == "vty" else CONSOLE
    source, port = (session.origin, TELNET_PORT) if line.kind == "vty" else ("LOCAL", 0)
    for _ in range(tries):
        username = (yield from _answer(told.get("username-prompt", "Username: "), True)) if named else ""
        trusted = named and methods[0] in ("local", "local-case") and _passwordless(device, username)
        prompt = told.get("password-prompt", "Password: ")
        password = "" if trusted else (yield from _answer(prompt, False))
        attempt = Attempt(username, password, settings, f"tty{line.tty}", remote)
        accepted = yield from accepting(device, methods, attempt, asks=True)
        if accepted is not None:
            guard.succeeded(username, source, port)
            level = yield from granting(device, attempt, accepted)
            if level == UNAUTHORIZED:
                yield REFUSED
                return False
            session.username = line.username = username
            session.privilege = max(session.privilege, level)
            return True
        guard.failed(username, source, port=port)
        yield Wait(float(max(guard.delay, PAUSE)))
        if named:
            failed = "% Authentication failed" if aaa is not None and aaa.new_model else "% Login invalid"
            yield from _lines(told.get("fail-message", failed))
            yield ""
    if not named:
        yield "% Bad passwords"
    return False


def _passwordless(device: Device, username: str) -> bool:
    """`username NAME nopassword`."""
    system = device.config.find(SystemConfig)
    user = system.users.get(username) if system is not None else None
    return user is not None and user.no_password


def _answer(prompt: str, echo: bool) -> Generator[Any, Any, str]:
    """An answer that says something; Ctrl-C and an empty name ask again."""
    while True:
        try:
            typed = yield Ask(prompt, echo=echo)
        except Interrupted:
            continue
        if typed or not echo:
            return str(typed)


def _banner(device: Device, kind: str, wanted: bool) -> Iterator[str]:
    system = device.config.find(SystemConfig)
    if system is not None and wanted and kind in system.banners:
        yield ""
        yield from _lines(system.banners[kind])


def _lines(text: str) -> list[str]:
    return text.removeprefix("\n").removesuffix("\n").split("\n")
