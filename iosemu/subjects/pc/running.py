"""What makes a host what it is, as lines that it takes."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import SystemConfig
from iosemu.ip.config import IpSettings
from iosemu.subjects.pc.config import HostConfig
from iosemu.subjects.pc.service import NetworkCards


def pc_lines(device: Device, _render: Render) -> list[str]:
    """The lines that make the host what it is."""
    lines = []
    for each in device.config.of(SystemConfig).users.values():
        clear = each.password.value if each.password is not None else ""
        lines.append(f"username {each.name} privilege {each.privilege} password {clear}")
    settings = device.service(NetworkCards).card.config.of(IpSettings)
    if settings.dhcp:
        return [*lines, "ipconfig dhcp"]
    address = settings.address
    if address is not None:
        gateway = (
            f" {device.config.of(HostConfig).gateway}"
            if device.config.of(HostConfig).gateway is not None
            else ""
        )
        lines.append(f"ipconfig {address.ip} {address.netmask}{gateway}")
    if device.config.of(HostConfig).dns_server is not None:
        lines.append(f"dns-server {device.config.of(HostConfig).dns_server}")
    return lines
