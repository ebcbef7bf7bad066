"""Files in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import SystemConfig


def prompt_lines(device: Device, _render: Render) -> list[str]:
    """`file prompt …`."""
    mode = device.config.of(SystemConfig).file_prompt
    return [f"file prompt {mode}"] if mode != "alert" else []
