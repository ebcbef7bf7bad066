"""`show running-config all`: the running configuration with the defaults that IOS leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.running_interface import interface_section
from iosemu.handling.context import Context
from iosemu.handling.effects import Steps
from iosemu.handling.filesystem import running
from iosemu.ip.config import IpSettings


@dataclass(frozen=True)
class DefaultsStyle:
    """Global services as a fresh box has them."""

    stem: ClassVar[str] = "running_all"
    services: tuple[str, ...] = (
        "no service config",
        "no service exec-callback",
        "no service nagle",
        "service slave-log",
        "service pad",
        "no service telnet-zeroidle",
        "no service tcp-keepalives-in",
        "no service tcp-keepalives-out",
        "no service exec-wait",
        "no service linenumber",
        "no service internal",
        "no service compress-config",
        "service prompt config",
        "no service old-slip-prompts",
        "no service pt-vty-logging",
        "no service disable-ip-fast-frag",
        "no service sequence-numbers",
    )


def show_all(context: Context) -> Steps:
    """`show running-config all`."""
    device = context.device
    rows = list(_with_defaults(device, (yield from running(context))))
    size = len("".join(f"{row}\n" for row in rows).encode("utf-8", "replace"))
    yield from [
        "Building configuration...",
        "",
        f"Current configuration with default configurations exposed : {size} bytes",
    ]
    yield from rows
    yield ""


def _with_defaults(device: Device, rows: list[str]) -> Iterator[str]:
    written = {row.removeprefix("no ") for row in rows}
    services = device.image.style(DefaultsStyle).services
    section: list[str] = []
    config: InterfaceConfig | None = None
    for row in [*rows, ""]:
        if config is not None and not row.startswith(" "):
            yield from _interface(config, section)
            config = None
        if config is not None:
            section.append(row)
            continue
        if row.startswith("interface "):
            config, section = device.config.interfaces.get(row.split()[1]), []
        if row.startswith("version "):
            yield row
            yield from (each for each in services if each.removeprefix("no ") not in written)
        elif row:
            yield row


def _interface(config: InterfaceConfig, section: list[str]) -> Iterator[str]:
    """A section with the defaults of what it does not mention."""
    defaults = [f" mtu {config.mtu}", f" load-interval {config.load_interval}"]
    if config.of(IpSettings).addresses:
        defaults += [
            " ip redirects",
            " ip unreachables",
            " ip proxy-arp",
            f" arp timeout {config.of(IpSettings).arp_timeout}",
        ]
    if not config.shutdown:
        defaults.append(" no shutdown")
    yield from section
    said = [row.strip().removeprefix("no ") for row in section]
    for default in defaults:
        words = default.strip().removeprefix("no ").split()
        key = " ".join(words[:-1]) if words[-1].isdigit() else " ".join(words)
        if not any(row.startswith(key) for row in said):
            yield default


def show_derived(context: Context, interface: str) -> Iterator[str]:
    """`show derived-config interface X`: what counts for an interface, also where a template gave it."""
    rows = ["!", *interface_section(context.device, context.session.render, interface), "end"]
    size = len("".join(f"{row}\n" for row in rows).encode("utf-8", "replace"))
    yield from ["Building configuration...", "", f"Derived configuration : {size} bytes", *rows, ""]


def show_full(context: Context) -> Steps:
    """`show running-config view full`."""
    yield from _listing((yield from running(context)))


def show_numbered(context: Context) -> Steps:
    """`show running-config linenum`."""
    rows = yield from running(context)
    yield from _listing(rows, [f"{number:>5} : {row}" for number, row in enumerate(rows, 1)])


PARTITIONS = {
    "access-list": ("access-list ", "ip access-list "),
    "interface": ("interface ",),
    "ip-static-routes": ("ip route ",),
    "line": ("line ",),
    "route-map": ("route-map ",),
    "snmp": ("snmp-server ",),
}
"""How the lines begin that a partition consists of."""


def show_partition(context: Context, part: str) -> Steps:
    """`show running-config partition PART`: its blocks alone."""
    rows = yield from running(context)
    found: list[str] = []
    inside = False
    for row in rows:
        if not row.startswith(" "):
            if inside and not row.startswith(PARTITIONS[part]):
                found.append("!")
            inside = row.startswith(PARTITIONS[part])
        if inside:
            found.append(row)
    yield from _listing([*found, "end"])


def _listing(rows: list[str], shown: list[str] | None = None) -> Iterator[str]:
    size = len("".join(f"{row}\n" for row in rows).encode("utf-8", "replace"))
    yield from ("Building configuration...", "", f"Current configuration : {size} bytes")
    yield from rows if shown is None else shown
    yield ""
