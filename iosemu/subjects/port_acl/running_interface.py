"""MAC access groups under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.subjects.port_acl.config import MacAccessGroup


def group_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`mac access-group`."""
    group = config.held(MacAccessGroup)
    if group is not None and group.inbound:
        yield f" mac access-group {group.inbound} in"
