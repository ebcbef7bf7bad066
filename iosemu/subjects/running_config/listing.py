"""The running configuration: the subjects' sections in the order of IOS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig, SystemStyle
from iosemu.handling.context import Render
from iosemu.subjects.access.commands import aaa, login, ssh
from iosemu.subjects.acl import commands as acl
from iosemu.subjects.archive.config import ArchiveConfig
from iosemu.subjects.arp import commands as arp
from iosemu.subjects.clock.commands import clock_text_plain, local_time
from iosemu.subjects.crypto.commands import ipsec, ipsec_profile, isakmp, isakmp_profile, keyring
from iosemu.subjects.crypto.commands import logging as crypto_logging
from iosemu.subjects.crypto.commands import maps as crypto_map
from iosemu.subjects.discovery.commands import cdp, lldp
from iosemu.subjects.etherchannel import commands as etherchannel
from iosemu.subjects.hosts import commands as hosts
from iosemu.subjects.interface import running as interface_lines
from iosemu.subjects.lines.commands import lines
from iosemu.subjects.logging import commands as logging
from iosemu.subjects.mac_table import commands as mac_table
from iosemu.subjects.nat import commands as nat
from iosemu.subjects.port_security import commands as port_security
from iosemu.subjects.routing import commands as route
from iosemu.subjects.span import commands as span
from iosemu.subjects.spanning_tree import commands as spanning_tree
from iosemu.subjects.system.commands import alias_lines
from iosemu.subjects.vlan.commands import vlan

Section = Callable[[Any, Render], Iterable[str]]


def default_lines(device: Device) -> tuple[str, ...]:
    """The kept lines that a fresh box of this image shows by itself."""
    style: SystemStyle = device.image.style(SystemStyle)
    return style.router if device.kind == "router" else style.switch


def _kept_lines(device: Device) -> dict[str, str]:
    found = {line.removeprefix("no "): line for line in default_lines(device)}
    if device.kind != "router" and "spanning-tree extend system-id" in found:
        del found["spanning-tree extend system-id"]
    for key, line in device.config.of(SystemConfig).kept.items():
        for default in [each for each in found if each.startswith(f"{key} ")]:
            del found[default]
        found[key] = line
    return {key: line for key, line in found.items() if line}


def kept(*prefixes: str) -> Section:
    """The kept lines that begin with one of `prefixes`, `no` aside."""

    def section(device: Device, _render: Render) -> list[str]:
        return [
            line
            for prefix in prefixes
            for key, line in _kept_lines(device).items()
            if key == prefix or key.startswith(prefix + " ")
        ]

    return section


def _version(device: Device, _render: Render) -> list[str]:
    system: SystemConfig = device.config.of(SystemConfig)
    told = system.kept.get("version")
    style: SystemStyle = device.image.style(SystemStyle)
    lines = [told or f"version {style.version}"]
    lines += kept("service")(device, _render)
    for stream in ("debug", "log"):
        stamps = system.timestamps[stream]
        no = "no " if stamps.form == "none" else ""
        words = "" if no else f" {stamps.words()}"
        lines.append(f"{no}service timestamps {stream}{words}")
    lines.append(f"{'' if system.password_encryption else 'no '}service password-encryption")
    return lines


def _hostname(device: Device, _render: Render) -> list[str]:
    return [f"hostname {device.hostname}"]


def _enable(device: Device, _render: Render) -> list[str]:
    system: SystemConfig = device.config.of(SystemConfig)
    rows: list[str] = []
    for kind, table in (("secret", system.enable_secret), ("password", system.enable_password)):
        for level, stored in sorted(table.items()):
            shown = stored.value if stored.type == 0 else str(stored)
            rows.append(f"enable {kind} {f'level {level} ' if level != 15 else ''}{shown}")
    return rows


def _timezone(device: Device, _render: Render) -> list[str]:
    zone = device.config.of(SystemConfig).timezone
    if (zone.name, zone.hours, zone.minutes) == ("UTC", 0, 0):
        return []
    return [f"clock timezone {zone.name} {zone.hours} {zone.minutes}"]


def _domain(device: Device, _render: Render) -> list[str]:
    system: SystemConfig = device.config.of(SystemConfig)
    rows = [] if system.domain_lookup else ["no ip domain lookup"]
    rows += [f"ip domain name {system.domain_name}"] if system.domain_name else []
    rows += hosts.running_config(device, _render)
    return rows + [f"ip name-server {server}" for server in system.name_servers]


def _users(device: Device, _render: Render) -> list[str]:
    rows = []
    for user in device.config.of(SystemConfig).users.values():
        text = f"username {user.name}"
        if user.privilege != 1:
            text += f" privilege {user.privilege}"
        if user.secret is not None:
            text += f" secret {user.secret}"
        elif user.password is not None:
            text += f" password {user.password}"
        rows.append(text)
    return rows


def _banners(device: Device, _render: Render) -> list[str]:
    rows = []
    for name in ("exec", "login", "motd"):
        text = device.config.of(SystemConfig).banners.get(name)
        if text is not None:
            rows += f"banner {name} ^C{text}^C".split("\n")
    return rows


def _privileges(device: Device, _render: Render) -> list[str]:
    names = {"config": "configure", "config-if": "interface", "config-line": "line"}
    return [
        f"privilege {names.get(mode, mode)} level {level} {command}"
        for (mode, command), level in device.config.of(SystemConfig).privileges.items()
    ]


def _aliases(device: Device, _render: Render) -> list[str]:
    return alias_lines(device.config.of(SystemConfig))


def _archive(device: Device, render: Render) -> list[str]:
    settings: ArchiveConfig = device.config.of(ArchiveConfig)
    rows = []
    if settings.log is not None:
        rows += [" log config", *(f"  {row}" for row in render("config-archive-log-cfg", settings.log))]
    rows += [f" path {settings.path}"] if settings.path else []
    rows += [f" {row}" for row in render("config-archive", settings)]
    rows += [f" time-period {settings.time_period}"] if settings.time_period is not None else []
    return ["archive", *rows] if rows else []


def _file_prompt(device: Device, _render: Render) -> list[str]:
    mode = device.config.of(SystemConfig).file_prompt
    return [f"file prompt {mode}"] if mode != "alert" else []


def _buffered(device: Device, _render: Render) -> list[str]:
    return logging.buffered_lines(device)


HEAD: Sequence[Section | str] = (
    _version,
    _hostname,
    kept("boot-start-marker", "boot", "boot-end-marker"),
    "boot",
    _buffered,
    _enable,
    aaa.running_config,
    _timezone,
    kept("clock", "memory-size", "resource", "mmi", "system"),
)

ROUTER: Sequence[Section | str] = (
    *HEAD,
    kept("dot11"),
    kept("ipv6", "ip source-route", "ip subnet-zero", "ip classless", "ip cef", "ip dhcp", "ip tcp"),
    "forwarding",
    _domain,
    login.running_config,
    kept("multilink"),
    "multilink",
    kept("license"),
    "license",
    _archive,
    _file_prompt,
    _users,
    kept("redundancy"),
    "redundancy",
    ssh.running_config,
    crypto_logging.running_config,
    keyring.running_config,
    isakmp.running_config,
    isakmp_profile.running_config,
    ipsec.running_config,
    ipsec_profile.running_config,
    crypto_map.running_config,
    "interfaces",
    interface_lines.running_config,
    kept("ip forward-protocol"),
    kept("ip http"),
    nat.running_config,
    route.running_config,
    logging.running_config,
    "logging",
    arp.running_config,
    acl.running_config,
    cdp.running_config,
    lldp.running_config,
    kept("snmp-server"),
    kept("control-plane"),
    "control-plane",
    _banners,
    _privileges,
    _aliases,
    lines.running_config,
    kept("scheduler"),
    kept("ntp"),
)

SWITCH: Sequence[Section | str] = (
    *HEAD,
    _users,
    kept("ip source-route", "ip subnet-zero", "ip classless", "ip cef", "ip dhcp", "ip tcp"),
    "forwarding",
    _domain,
    login.running_config,
    _archive,
    _file_prompt,
    vlan.running_config,
    ssh.running_config,
    port_security.running_config,
    etherchannel.running_config,
    spanning_tree.running_config,
    kept("vlan"),
    "interfaces",
    interface_lines.running_config,
    kept("ip http"),
    route.running_config,
    logging.running_config,
    "logging",
    acl.running_config,
    mac_table.running_config,
    cdp.running_config,
    lldp.running_config,
    kept("snmp-server"),
    _banners,
    _privileges,
    _aliases,
    lines.running_config,
    span.running_config,
    kept("ntp"),
)


def body(device: Device, render: Render) -> list[str]:
    """The configuration from its first `!` to `end`."""
    rows: list[str] = ["!"]
    style: SystemStyle = device.image.style(SystemStyle)
    system: SystemConfig = device.config.of(SystemConfig)
    events = (
        ("Last configuration change at", system.changed_at, system.changed_by),
        ("NVRAM config last updated at", system.saved_at, system.saved_by),
    )
    for event, when, who in events if style.last_change else ():
        if when is not None:
            moment = clock_text_plain(local_time(device, when), system.timezone.name)
            rows.append(f"! {event} {moment}{f' by {who}' if who else ''}")
    if rows[-1] != "!" and device.kind != "router":
        rows.append("!")
    marks = style.router_marks if device.kind == "router" else style.switch_marks
    for section in ROUTER if device.kind == "router" else SWITCH:
        if isinstance(section, str):
            rows += ["!"] * marks.get(section, 0)
            continue
        text = list(section(device, render))
        while text and text[-1] == "!":
            text.pop()
        if text:
            rows += [*text, "!"]
    if not style.last_mark and rows[-2].startswith(("scheduler", "ntp")):
        rows.pop()
    return [*rows, "end"]


def text_of(device: Device, render: Render) -> bytes:
    """The running configuration as it is stored: `body` with line ends."""
    return "".join(f"{row}\n" for row in body(device, render)).encode("utf-8", "replace")


def listing(device: Device, render: Render) -> list[str]:
    """What `show running-config` prints."""
    rows = body(device, render)
    size = len("".join(f"{row}\n" for row in rows).encode("utf-8", "replace"))
    return ["Building configuration...", "", f"Current configuration : {size} bytes", *rows, ""]


def interface_listing(device: Device, name: str) -> list[str]:
    """What `show running-config interface NAME` prints."""
    rows = ["!", *interface_lines.interface_section(device, name), "end"]
    size = len("".join(f"{row}\n" for row in rows).encode())
    return ["Building configuration...", "", f"Current configuration : {size} bytes", *rows, ""]
