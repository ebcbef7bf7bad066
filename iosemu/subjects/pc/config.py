"""Configuration of a PC or server."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.system import SystemConfig


@dataclass
class HostConfig:
    """Address, gateway, name server and accounts; the address lives on the interface."""

    system: SystemConfig = field(default_factory=SystemConfig)
    interfaces: dict[str, InterfaceConfig] = field(default_factory=dict)
    gateway: IPv4Address | None = None
    dns_server: IPv4Address | None = None
