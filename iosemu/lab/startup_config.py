"""Startup configurations of a whole lab, saved from the running ones."""

from __future__ import annotations

from iosemu.box import running_config
from iosemu.box.device import Device
from iosemu.box.files import FileSystemError
from iosemu.lab.configured import running
from iosemu.lab.lab import STARTUP, Lab
from iosemu.shell.executor import Executor

__all__ = ["running", "save"]


def save(lab: Lab) -> list[str]:
    """Save every device that is powered on; returns a line for each device."""
    lines = []
    for name, device in lab.devices.items():
        if not device.powered:
            lines.append(f"{name}: off, not saved")
            continue
        refused = _save(lab, device)
        size = len(device.nvram.get(STARTUP, b""))
        lines.append(f"{name}: {refused or f'{size} bytes'}")
    return lines


def _save(lab: Lab, device: Device) -> str:
    """Save one device; what it says when it cannot."""
    executor = Executor(device, lab.grammar, privilege=15)
    kind = device.composition
    if kind.config_mode:
        said = [line for line in executor.steps("write memory") if isinstance(line, str)]
        return said[-1] if executor.failed and said else ""
    lines = running_config.section(device, executor.render, kind.name)
    try:
        device.nvram[STARTUP] = "".join(f"{line}\n" for line in lines).encode()
    except FileSystemError as error:
        return str(error)
    return ""
