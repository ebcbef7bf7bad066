"""A PC or server: one network card, an address and a default gateway."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.lines import Lines
from iosemu.box.macs import allocate
from iosemu.box.model import Image, Model, RandomSource
from iosemu.box.system import SystemConfig
from iosemu.ip.stack import IpStack
from iosemu.net.arp_table import Unresolved
from iosemu.net.scheduler import Scheduler
from iosemu.subjects.pc.config import HostConfig
from iosemu.subjects.routing.config import StaticRoute

TTL = 128
"""As Windows sends."""
ANY = IPv4Network("0.0.0.0/0")


class Host(Device):
    """An end system; packets wait while ARP resolves their next hop."""

    def __init__(
        self, name: str, model: Model, image: Image, scheduler: Scheduler, rng: RandomSource, origin: datetime
    ) -> None:
        super().__init__(name, model, image, scheduler, rng, origin)
        self.macs = dict(zip(model.ports, allocate(rng, len(model.ports)), strict=True))
        self.lines = Lines()
        self.config: HostConfig = HostConfig()
        self.interfaces: dict[str, Interface] = {}
        self.stack = self._new_stack()

    def _new_stack(self) -> IpStack:
        return IpStack(self, forwarding=False, ttl=TTL, unresolved=Unresolved.QUEUE)

    @property
    def hostname(self) -> str:
        """The configured name, or the name in the lab."""
        return self.config.of(SystemConfig).hostname or self.name

    @property
    def interface(self) -> Interface:
        """The (first) network card."""
        return self.interfaces[self.model.ports[0]]

    def boot(self) -> None:
        """Start without an address."""
        super().boot()
        self.config = HostConfig()
        self.lines = Lines()
        self.interfaces = {}
        self.stack = self._new_stack()
        for name in self.model.ports:
            config = InterfaceConfig(name)
            interface = Interface(
                self, config, self.macs[name], self.ports[name], protocol_delay=0.0, quiet=True
            )
            self.config.interfaces[name] = config
            self.interfaces[name] = interface
            self.stack.attach(interface)
            interface.start()

    def power_off(self) -> None:
        """Stop at once."""
        super().power_off()
        for interface in self.interfaces.values():
            interface.stop()
        self.stack.stop()

    def set_address(self, address: IPv4Interface | None, gateway: IPv4Address | None = None) -> None:
        """Give the network card an address, and the host a default gateway (None: no gateway)."""
        self.interface.config.address = address
        self.config.of(HostConfig).gateway = gateway
        self.stack.set_static_routes([StaticRoute(ANY, gateway)] if gateway is not None else [])
        self.stack.addresses_changed(self.interface)
