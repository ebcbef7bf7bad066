"""The MAC address table in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.mac_table.config import AGING, MacTableConfig


def mac_lines(switch: Device, render: Render) -> list[str]:
    """Ageing time and static entries."""
    lines = []
    if switch.config.of(MacTableConfig).aging != AGING:
        lines.append(f"mac address-table aging-time {switch.config.of(MacTableConfig).aging}")
    for (vlan, address), port in sorted(
        switch.config.of(MacTableConfig).static.items(), key=lambda item: (item[0][0], str(item[0][1]))
    ):
        lines.append(f"mac address-table static {address.dotted} vlan {vlan} interface {port}")
    return lines
