"""What is configured on the devices of a lab now, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box import running_config
from iosemu.box.device import Device
from iosemu.parser.renderer import Renderer

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab


def running(lab: Lab, device: Device) -> list[str]:
    """What is configured on a device now, as lines: its running configuration, or what a host is told."""
    if not device.powered:
        return []
    kind, render = device.composition, Renderer(lab.grammar)
    if kind.config_mode:
        return running_config.text_of(device, render).decode("utf-8", "replace").splitlines()
    return running_config.section(device, render, kind.name)
