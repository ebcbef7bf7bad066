"""Who a user of extended authentication is: the users of the box, or what servers say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.net.aaa.outcome import Verdict
from iosemu.subjects.aaa_servers.service import AaaServers, Asking, when_answered
from iosemu.subjects.access.config import AaaConfig

GROUP = "group "


def login_methods(device: Device, name: str | None) -> Sequence[str]:
    """The methods of `aaa authentication login`; without AAA the users of the box, none of an unknown list."""
    aaa = device.config.of(AaaConfig)
    if not aaa.new_model:
        return ("local",)
    return aaa.login.get(name or "default", ())


def judge(
    device: Device,
    methods: Sequence[str],
    user: str,
    password: str,
    remote: str,
    told: Callable[[bool], None],
) -> None:
    """Call `told` with the decision: at once, or when a server has answered; the next method counts on silence only.

    `remote` is the client's address, for the servers.
    """
    for number, method in enumerate(methods):
        if method.startswith(GROUP):
            servers = device.find(AaaServers)
            if servers is None:
                continue
            rest = methods[number + 1 :]
            pending = servers.login(method.removeprefix(GROUP), Asking(user, remote=remote), password)

            def answered(verdict: Verdict, rest: Sequence[str] = rest) -> None:
                if verdict is Verdict.ERROR:
                    judge(device, rest, user, password, remote, told)
                else:
                    told(verdict is Verdict.PASS)

            when_answered(device, pending, answered)
            return
        if method == "none":
            told(True)
            return
        if method in ("local", "local-case"):
            found = device.config.of(SystemConfig).users.get(user)
            told(found is not None and bool(found.accepts(password)))
            return
    told(False)
