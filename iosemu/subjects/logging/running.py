"""System messages in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.logging.config import TCP_PORT, LoggingConfig, LoggingStyle, Severity


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
    ports = settings.ports
    for address in settings.hosts:
        if address in settings.tcp:
            port = settings.tcp[address]
            suffix = "" if port == TCP_PORT else f" port {port}"
            lines.append(f"logging host {address} transport tcp{suffix}")
        elif address in ports:
            lines.append(f"logging host {address} transport udp port {ports[address]}")
        else:
            lines.append(f"{word} {address}")
    return lines
