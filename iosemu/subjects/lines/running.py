"""Terminal lines in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig, LinesConfig
from iosemu.box.render import Render
from iosemu.subjects.access.config import AaaConfig


def line_lines(device: Device, render: Render) -> list[str]:
    """The `line` sections; neighbouring vtys that are alike share one."""
    lines: LinesConfig = device.config.of(LinesConfig)
    aaa: bool = device.config.of(AaaConfig).new_model

    def settings(line: LineConfig) -> list[str]:
        return [f" {row}" for row in render("config-line", line, aaa=aaa)]

    text = ["line con 0", *settings(lines.console)]
    if device.composition.auxiliary_line:
        text += ["line aux 0", *settings(lines.aux)]
    rows = [settings(line) for line in lines.vty]
    start = 0
    for number in range(1, len(rows) + 1):
        ends = number == len(rows) or number == 5
        if ends or rows[number] != rows[start]:
            last = number - 1
            text.append(f"line vty {start}" if last == start else f"line vty {start} {last}")
            text += rows[start]
            start = number
    return text
