"""VLAN maps in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.bridging.vlans import format_vlan_list
from iosemu.subjects.vlan_map.config import VlanMaps


def map_lines(switch: Device, _render: Render) -> Iterator[str]:
    """The maps."""
    for entries in switch.config.of(VlanMaps).maps.values():
        for entry in entries.values():
            yield f"vlan access-map {entry.name} {entry.sequence}"
            if entry.ip:
                yield f" match ip address {' '.join(entry.ip)}"
            if entry.mac:
                yield f" match mac address {' '.join(entry.mac)}"
            yield f" action {'drop' if entry.drop else 'forward'}"


def filter_lines(switch: Device, _render: Render) -> Iterator[str]:
    """Where they filter."""
    for name, numbers in switch.config.of(VlanMaps).filtered().items():
        yield f"vlan filter {name} vlan-list {format_vlan_list(numbers)}"
