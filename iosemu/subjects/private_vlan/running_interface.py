"""Private VLANs under `interface VlanN`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.vlans import format_vlan_list
from iosemu.subjects.private_vlan.config import PrivateMapping


def mapping_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`private-vlan mapping`."""
    held = config.held(PrivateMapping)
    if held is not None and held.vlans:
        yield f" private-vlan mapping {format_vlan_list(held.vlans)}"
