"""`show ip http server status | all`: what the `ip http` lines ask for; nothing is served here."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.running_config import default_lines
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context

_SESSION_MODULES = (
    ("HTTP_IFS", "HTTP based IOS File Server"),
    ("HOME_PAGE", "IOS Homepage Server"),
    ("WEB_EXEC", "HTTP based IOS EXEC Server"),
)


def show_http_status(context: Context) -> Iterator[str]:
    """`show ip http server status`."""
    lines = _lines(context)

    def value(words: str, default: str) -> str:
        given = [
            line.removeprefix(f"ip http {words} ") for line in lines if line.startswith(f"ip http {words} ")
        ]
        return given[-1] if given else default

    idle, life, requests = (value("timeout-policy", "idle 180 life 180 requests 1").split() + [""] * 6)[1:6:2]
    access = value("access-class", "None").split()[-1]
    yield f"HTTP server status: {_enabled(_on(lines, 'server'))}"
    yield f"HTTP server port: {value('port', '80')}"
    yield "HTTP server active supplementary listener ports: "
    yield f"HTTP server authentication method: {value('authentication', 'enable')}"
    yield "HTTP server digest algorithm: md5"
    yield f"HTTP server access class: {'0' if access == 'None' else access}"
    yield f"HTTP server base path: {value('path', '')}"
    yield "HTTP server help root: "
    yield f"Maximum number of concurrent server connections allowed: {value('max-connections', '5')}"
    yield f"Server idle time-out: {idle} seconds"
    yield f"Server life time-out: {life} seconds"
    yield f"Maximum number of requests allowed on a connection: {requests}"
    yield f"HTTP server active session modules: {value('active-session-modules', 'ALL')}"
    yield "HTTP secure server capability: Present"
    yield f"HTTP secure server status: {_enabled(_on(lines, 'secure-server'))}"
    yield f"HTTP secure server port: {value('secure-port', '443')}"
    suites = "3des-ede-cbc-sha des-cbc-sha rc4-128-md5 rc4-128-sha"
    yield f"HTTP secure server ciphersuite: {value('secure-ciphersuite', suites)}"
    yield f"HTTP secure server client authentication: {_enabled(_on(lines, 'secure-client-auth'))}"
    yield f"HTTP secure server trustpoint: {value('secure-trustpoint', '')}"
    yield f"HTTP secure server active session modules: {value('secure-active-session-modules', 'ALL')}"


def show_http_all(context: Context) -> Iterator[str]:
    """`show ip http server all`."""
    yield from show_http_status(context)
    yield ""
    yield "HTTP server application session modules:"
    yield " Session module Name  Handle Status   Secure-status     Description"
    lines = _lines(context)
    plain, secure = ("Active" if _on(lines, word) else "Inactive" for word in ("server", "secure-server"))
    for handle, (name, text) in enumerate(_SESSION_MODULES, 1):
        yield f"{name:<22}{handle:<7}{plain:<9}{secure:<15}{text}"
    yield ""
    yield "HTTP server current connections:"
    yield "local-ipaddress:port  remote-ipaddress:port in-bytes  out-bytes"
    yield ""
    yield "HTTP server statistics:"
    yield "Accepted connections total: 0"
    yield ""
    yield "HTTP server history:"
    yield "local-ipaddress:port  remote-ipaddress:port in-bytes  out-bytes  end-time"


def _lines(context: Context) -> list[str]:
    """What the box has by itself, then what was typed: the last word counts."""
    device = context.device
    return [*default_lines(device), *device.config.of(SystemConfig).kept.values()]


def _on(lines: list[str], word: str) -> bool:
    said = [line for line in lines if line in (f"ip http {word}", f"no ip http {word}")]
    return bool(said) and not said[-1].startswith("no ")


def _enabled(on: bool) -> str:
    return "Enabled" if on else "Disabled"
