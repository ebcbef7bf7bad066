"""Who may come in by PPP: the users of the box, or what servers say."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.net.aaa.outcome import Verdict
from iosemu.net.ppp.happenings import Check
from iosemu.net.ppp.link import proves
from iosemu.subjects.aaa_servers.service import AaaServers, when_answered
from iosemu.subjects.access.config import AaaConfig
from iosemu.subjects.ppp.config import clear_text

Told = Callable[[bool], None]
GROUP = "group "


def methods(device: Device, list_name: str) -> tuple[str, ...]:
    """How users of PPP are checked."""
    aaa = device.config.find(AaaConfig)
    if aaa is None or not aaa.new_model:
        return ("local",)
    return aaa.ppp.get(list_name or "default", aaa.ppp.get("default", ("local",)))


def decide(device: Device, check: Check, how: tuple[str, ...], told: Told) -> None:
    """Call `told` with the decision: at once, or when a server has answered; the next method counts on silence only."""
    for number, method in enumerate(how):
        if method.startswith(GROUP):
            servers = device.find(AaaServers)
            if servers is None:
                continue
            rest = how[number + 1 :]
            _ask(device, servers, method.removeprefix(GROUP), check, rest, told)
            return
        decision = _locally(device, check, method)
        if decision is not None:
            told(decision)
            return
    told(False)


def _ask(
    device: Device, servers: AaaServers, group: str, check: Check, rest: tuple[str, ...], told: Told
) -> None:
    chap = (check.identifier, check.challenge, check.response) if check.method == "chap" else None
    pending = servers.framed(group, check.name, check.password, chap)

    def answered(verdict: Verdict) -> None:
        if verdict is Verdict.ERROR:
            decide(device, check, rest, told)
        else:
            told(verdict is Verdict.PASS)

    when_answered(device, pending, answered)


def _locally(device: Device, check: Check, method: str) -> bool | None:
    """What a method says; None: it cannot tell."""
    if method == "none":
        return True
    if method not in ("local", "local-case"):
        return None
    user = device.config.of(SystemConfig).users.get(check.name)
    if user is None:
        return False
    if check.method == "pap":
        return bool(user.accepts(check.password))
    secret = clear_text(user.password)
    return secret is not None and proves(check, secret)
