"""From what a user typed to an address: numbers, and the host names that the device knows."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig


def resolve(device: Device, host: IPv4Address | str, vrf: str = "") -> IPv4Address | None:
    """The address of a host; None when the name is not known in the VRF (`ip host` entries are)."""
    if isinstance(host, IPv4Address):
        return host
    try:
        return IPv4Address(host)
    except ValueError:
        pass
    system = device.config.find(SystemConfig)
    for name, addresses in (system.names(vrf).hosts if system is not None else {}).items():
        if name.lower() == host.lower():
            return next((IPv4Address(address) for address in addresses), None)
    return None
