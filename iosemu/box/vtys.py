"""Which vtys a box has, and who is given one."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.line_config import LinesConfig
from iosemu.box.lines import Line


def vty_lines(device: Device) -> list[Line]:
    """The vtys that the configuration has now (five by default)."""
    lines = device.lines
    configured = device.config.find(LinesConfig)
    count = len(configured.vty) if configured is not None else 5
    first = device.model.facts.get("first_vty", device.composition.first_vty)
    for number in range(count):
        lines.vty.setdefault(number, Line("vty", number, first + number))
    return [lines.vty[number] for number in range(count)]


def allocate_vty(device: Device, username: str, origin: str, protocol: str = "ssh") -> Line | None:
    """Take the first free vty that lets `protocol` in; None when there is none: refuse the client."""
    configured = device.config.find(LinesConfig)
    for line in vty_lines(device):
        if line.busy:
            continue
        if configured is not None and not configured.vty[line.number].takes(protocol):
            continue
        line.take(username, origin, device.now)
        line.protocol = protocol
        return line
    return None
