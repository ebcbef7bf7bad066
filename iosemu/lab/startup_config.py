"""Startup configurations of a whole lab, saved from the running ones."""

from __future__ import annotations

from iosemu.box import running_config
from iosemu.box.device import Device
from iosemu.lab.lab import STARTUP, Lab
from iosemu.shell.executor import Executor


def save(lab: Lab) -> list[str]:
    """Save every device that is powered on; returns a line for each device."""
    lines = []
    for name, device in lab.devices.items():
        if not device.powered:
            lines.append(f"{name}: off, not saved")
            continue
        _save(lab, device)
        if lab.state is not None:
            lab.state.keep(device)
        lines.append(f"{name}: {len(device.nvram.get(STARTUP, b''))} bytes")
    return lines


def _save(lab: Lab, device: Device) -> None:
    executor = Executor(device, lab.grammar, privilege=15)
    kind = device.composition
    if kind.config_mode:
        for _ in executor.steps("write memory"):
            pass
        return
    lines = running_config.section(device, executor.render, kind.name)
    device.nvram[STARTUP] = "".join(f"{line}\n" for line in lines).encode()
