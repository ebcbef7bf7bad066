"""The Virtual-Access interfaces of Easy VPN clients (`virtual-interface`): there as long as their client is in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import sort_key
from iosemu.ip.config import IpSettings
from iosemu.subjects.tunnel.clones import TEMPLATE, access_config
from iosemu.subjects.tunnel.config import Tunnel, TunnelMode


class ClientAccess:
    """Those of a box; `make` gives the box an interface of a configuration."""

    def __init__(self, device: Device, make: Callable[[InterfaceConfig], Interface]) -> None:
        self.device = device
        self._make = make
        self._names: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names, key=sort_key))

    def make(self, template: int, outside: str) -> str | None:
        """An interface for a client on `outside`, from a template or (0) from none; None: no such template."""
        origin = self.device.config.interfaces.get(f"{TEMPLATE}{template}") if template else None
        if template and (origin is None or origin.held(Tunnel) is None):
            return None
        config = access_config(self.device, origin)
        tunnel = deepcopy(config.held(Tunnel)) or Tunnel()
        tunnel.mode, tunnel.source, tunnel.protection = TunnelMode.IPSEC, outside, None
        tunnel.template = f"{TEMPLATE}{template}" if template else ""
        config.put(tunnel)
        settings = config.of(IpSettings)
        if settings.address is None and not settings.unnumbered:
            settings.unnumbered = outside
        self._names.add(config.name)
        interface = self._make(config)
        interface.address_method = "unset"
        with self.device.batch():
            self.device.add_interface(interface)
            self.device.interface_configured(config.name)
        return config.name

    def point(self, name: str, destination: IPv4Address | None, *, lender: str = "") -> None:
        """Let an interface have another far end; `lender` is whose address it uses from now on, if it has none."""
        config = self.device.config.interfaces.get(name)
        tunnel = config.held(Tunnel) if config is not None else None
        if config is None or tunnel is None:
            return
        tunnel.destination = destination
        settings = config.of(IpSettings)
        if settings.unnumbered and lender:
            settings.unnumbered = lender
        self.device.interface_configured(name)

    def remove(self, name: str) -> None:
        """Remove an interface."""
        if name in self._names:
            self._names.discard(name)
            self.device.delete_interface(name)
