"""Telnet in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.telnet.config import TelnetConfig


def telnet_lines(device: Device, render: Render) -> list[str]:
    """The `ip telnet` lines."""
    return render("config", device.config.of(TelnetConfig))
