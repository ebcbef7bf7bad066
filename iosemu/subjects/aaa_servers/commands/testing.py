"""`test aaa group`, `clear tacacs|radius|aaa counters`, `debug tacacs|radius`."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Steps
from iosemu.net.aaa.outcome import Verdict
from iosemu.subjects.aaa_servers.config import RADIUS_DEBUG, TACACS_DEBUG, ServersConfig
from iosemu.subjects.aaa_servers.service import AaaServers, Asking, answer_of

RESULTS = {
    Verdict.PASS: "User was successfully authenticated.",
    Verdict.FAIL: "User authentication request was rejected by server.",
    Verdict.MORE: "User authentication request was rejected by server.",
    Verdict.ERROR: "No authoritative response from any server.",
}


def ask_group(context: Context, group: str, username: str, password: str, code: str = "") -> Steps:
    """`test aaa group G USER PASSWORD legacy|new-code`."""
    protocol = context.device.config.of(ServersConfig).protocol_of(group)
    if protocol is None:
        raise CommandError(f"% Server group {group} is not defined")
    yield f"Attempting authentication test to server-group {group} using {protocol}"
    servers = context.device.service(AaaServers)
    outcome = yield from answer_of(servers.login(group, Asking(username), password))
    yield RESULTS[outcome.verdict]
    yield ""


def clear_counters(context: Context) -> None:
    """`clear aaa counters servers all`, `clear radius statistics`, `clear tacacs counters`."""
    context.device.service(AaaServers).clear()


def debug_tacacs(context: Context) -> str:
    """`[no] debug tacacs`."""
    return context.device.debugging.set(TACACS_DEBUG, not context.silenced)


def debug_radius(context: Context) -> list[str]:
    """`[no] debug radius`."""
    told = context.device.debugging.set(RADIUS_DEBUG, not context.silenced)
    return [told, "Radius protocol brief debugging is off", "Radius protocol verbose debugging is off"]
