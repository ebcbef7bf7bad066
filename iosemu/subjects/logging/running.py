"""System messages in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.logging.config import LoggingConfig, LoggingStyle, Severity


def buffered_lines(device: Device, _render: Render) -> list[str]:
    """The `logging` lines that stand at the top of the running configuration."""
    settings: LoggingConfig = device.config.of(LoggingConfig)
    lines = [] if settings.enabled else ["no logging on"]
    lines += ["logging count"] if settings.count else []
    if settings.buffered is not None:
        level = "" if settings.buffered is Severity.DEBUGGING else f" {settings.buffered.name.lower()}"
        lines.append(f"logging buffered {settings.buffer_size}{level}")
    for name in ("console", "monitor"):
        value = getattr(settings, name)
        if value is None:
            lines.append(f"no logging {name}")
        elif value is not Severity.DEBUGGING:
            lines.append(f"logging {name} {value.name.lower()}")
    return lines


def host_lines(device: Device, _render: Render) -> list[str]:
    """The `logging` lines that stand after the routes."""
    settings: LoggingConfig = device.config.of(LoggingConfig)
    lines: list[str] = []
    if settings.trap is None:
        lines.append("no logging trap")
    elif settings.trap is not Severity.INFORMATIONAL:
        lines.append(f"logging trap {settings.trap.name.lower()}")
    if settings.facility != "local7":
        lines.append(f"logging facility {settings.facility}")
    if settings.source_interface:
        lines.append(f"logging source-interface {settings.source_interface}")
    if settings.origin_kind:
        lines.append(f"logging origin-id {settings.origin_kind} {settings.origin}".rstrip())
    word = "logging host" if device.image.style(LoggingStyle).host_word else "logging"
    ports = settings.ports
    return lines + [
        f"logging host {address} transport udp port {ports[address]}"
        if address in ports
        else f"{word} {address}"
        for address in settings.hosts
    ]
