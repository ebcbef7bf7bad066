"""System messages in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.logging.config import PORT, TCP_PORT, LoggingConfig, LoggingStyle, Severity


def buffered_lines(device: Device, render: Render) -> list[str]:
    """The `logging` lines that stand at the top of the running configuration."""
    settings: LoggingConfig = device.config.of(LoggingConfig)
    lines = render("config", settings, only=("enabled",))
    lines += ["logging count"] if settings.count else []
    style = device.image.style(LoggingStyle)
    buffers = device.composition.order.style in style.buffers
    if settings.buffered is None and buffers:
        lines.append("no logging buffered")
    elif isinstance(settings.buffered, Severity):
        level = "" if settings.buffered is Severity.DEBUGGING else f" {settings.buffered.name.lower()}"
        if level or not buffers or settings.buffer_size != LoggingConfig.buffer_size:
            lines.append(f"logging buffered {settings.buffer_size}{level}")
    return lines + render("config", settings, only=("console", "monitor"))


def host_lines(device: Device, render: Render) -> list[str]:
    """The `logging` lines that stand after the routes."""
    settings: LoggingConfig = device.config.of(LoggingConfig)
    lines = render("config", settings, only=("trap", "facility", "source_interface"))
    if settings.origin_kind:
        lines.append(f"logging origin-id {settings.origin_kind} {settings.origin}".rstrip())
    word = (
        "logging host"
        if device.composition.order.style in device.image.style(LoggingStyle).host_word
        else "logging"
    )
    lines += [
        f"logging source-interface {interface} vrf {vrf}" for vrf, interface in settings.vrf_sources.items()
    ]
    for host in settings.hosts.values():
        if host.usual and not host.vrf:
            lines.append(f"{word} {host.address}")
            continue
        where = f" vrf {host.vrf}" if host.vrf else ""
        port = "" if host.port == (TCP_PORT if host.protocol == "tcp" else PORT) else f" port {host.port}"
        transport = "" if host.usual else f" transport {host.protocol}{port}"
        lines.append(f"logging host {host.address}{where}{transport}")
    return lines
