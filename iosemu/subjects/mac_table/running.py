"""The MAC address table in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.mac_table.config import AGING, MacTableConfig


def mac_lines(switch: Device, render: Render) -> list[str]:
    """Ageing time and static entries."""
    if not switch.is_switch:
        return []
    lines = []
    if switch.config.of(MacTableConfig).aging != AGING:
        lines.append(f"mac address-table aging-time {switch.config.of(MacTableConfig).aging}")
    for (vlan, address), port in sorted(
        switch.config.of(MacTableConfig).static.items(), key=lambda item: (item[0][0], str(item[0][1]))
    ):
        lines.append(f"mac address-table static {address.dotted} vlan {vlan} interface {port}")
    return lines


def module_lines(router: Device, render: Render) -> list[str]:
    """The same of an EtherSwitch module, in the older words."""
    if router.is_switch:
        return []
    config, lines = router.config.of(MacTableConfig), []
    if config.aging != AGING:
        lines.append(f"mac-address-table aging-time {config.aging}")
    for (vlan, address), port in sorted(
        config.static.items(), key=lambda item: (item[0][0], str(item[0][1]))
    ):
        lines.append(f"mac-address-table static {address.dotted} interface {port} vlan {vlan}")
    return lines
