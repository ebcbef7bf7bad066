"""What makes a sniffer what it is, as lines that it takes."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import SystemConfig
from iosemu.subjects.sniffer.config import SnifferConfig


def sniffer_lines(device: Device, _render: Render) -> list[str]:
    """The lines that make the sniffer what it is."""
    config = device.config.of(SnifferConfig)
    lines = []
    for user in device.config.of(SystemConfig).users.values():
        if user.secret is not None:
            lines.append(f"username {user.name} privilege {user.privilege} secret {user.secret}")
        elif user.password is not None:
            lines.append(f"username {user.name} privilege {user.privilege} password {user.password.value}")
    if config.filters:
        lines.append(f"filter {' '.join(sorted(config.filters))}")
    if config.buffer_packets != device.model.facts["buffer_packets"]:
        lines.append(f"buffer size {config.buffer_packets}")
    if not config.service:
        lines.append("service off")
    return lines
