"""UDLD in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.net.udld import SLOW
from iosemu.subjects.udld.config import UdldConfig, UdldSettings


def udld_lines(switch: Device, _render: Render) -> list[str]:
    """The global lines."""
    config: UdldConfig = switch.config.of(UdldConfig)
    lines = [f"udld {config.mode}"] if config.mode else []
    return lines + [f"udld message time {config.message_time}"] * (config.message_time != SLOW)


def port_lines(_switch: Device, config: InterfaceConfig) -> Iterator[str]:
    """The line of a port."""
    settings = config.held(UdldSettings)
    if settings is not None and settings.enabled:
        yield f" udld port{' aggressive' * settings.aggressive}"
