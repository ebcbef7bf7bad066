"""Access lists under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.acl.config import AccessGroups


def _access_groups(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    groups = config.of(AccessGroups)
    if groups.inbound is not None:
        yield f" ip access-group {groups.inbound} in"
    if groups.outbound is not None:
        yield f" ip access-group {groups.outbound} out"


SECTIONS = (InterfaceSection("access-group", _access_groups),)
