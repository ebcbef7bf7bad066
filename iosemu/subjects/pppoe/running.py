"""PPPoE in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.pppoe.config import PppoeConfig


def group_lines(device: Device, _render: Render) -> Iterator[str]:
    """The groups."""
    for group in device.config.of(PppoeConfig).groups.values():
        yield f"bba-group pppoe {group.name}"
        if group.template is not None:
            yield f" virtual-template {group.template}"
        yield "!"
