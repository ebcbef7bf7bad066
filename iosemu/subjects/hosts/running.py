"""The host table in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import SystemConfig
from iosemu.subjects.hosts.config import HostsConfig


def host_lines(device: Device, _render: Render) -> list[str]:
    """The `ip host` lines."""
    system: SystemConfig = device.config.of(SystemConfig)
    tables = {"": system.hosts} | {f"vrf {vrf} ": each.hosts for vrf, each in system.vrf_names.items()}
    return [
        f"ip host {where}{name} {' '.join(addresses)}"
        for where, hosts in tables.items()
        for name, addresses in hosts.items()
    ]


def dns_lines(device: Device, _render: Render) -> list[str]:
    """`ip dns server`."""
    return ["ip dns server"] if device.config.of(HostsConfig).dns_server else []
