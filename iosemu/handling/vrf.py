"""The routing instance that a command names."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.handling.effects import CommandError
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf


def found_vrf(device: Device, name: str) -> Vrf:
    """The instance of this name, the default one for an empty one; CommandError where there is none."""
    found = device.service(IpStack).find_vrf(name)
    if found is None:
        raise CommandError(f"% VRF {name} does not exist")
    return found


def shown_vrf(device: Device, name: str) -> Vrf:
    """The instance whose routes are to be seen; CommandError where there is none."""
    found = device.service(IpStack).find_vrf(name)
    if found is None:
        raise CommandError(f"% IP routing table {name} does not exist")
    return found
