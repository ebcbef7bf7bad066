"""A router: interfaces, IPv4 forwarding, and IPsec on top of it."""

from __future__ import annotations
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig

from dataclasses import dataclass, field
from datetime import datetime

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import CREATABLE, InterfaceConfig, sort_key, split_name
from iosemu.box.lines import Lines
from iosemu.box.macs import allocate
from iosemu.box.model import Image, Model, RandomSource
from iosemu.box.system import SystemConfig
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Scheduler
from iosemu.packets.ethernet import VlanTag, tag_of, with_tag, without_tag
from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.maps import CryptoMapsConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.discovery.config import CdpConfig, LldpConfig
from iosemu.subjects.discovery.service import DISCOVERY_GROUPS, Discovery
from iosemu.subjects.lines.config import LinesConfig
from iosemu.subjects.logging.config import LoggingConfig
from iosemu.subjects.nat.config import NatConfig
from iosemu.subjects.nat.service import Nat
from iosemu.subjects.packet_capture.service import PacketCapture
from iosemu.subjects.routing.config import RoutesConfig
from iosemu.subjects.tunnel.service import Tunnels


@dataclass
class RouterConfig:
    """Everything that can be configured on a router, by subject."""

    system: SystemConfig = field(default_factory=SystemConfig)
    lines: LinesConfig = field(default_factory=LinesConfig)
    logging: LoggingConfig = field(default_factory=LoggingConfig)
    interfaces: dict[str, InterfaceConfig] = field(default_factory=dict)
    acls: AclsConfig = field(default_factory=AclsConfig)
    routes: RoutesConfig = field(default_factory=RoutesConfig)
    isakmp: IsakmpConfig = field(default_factory=IsakmpConfig)
    ipsec: IpsecConfig = field(default_factory=IpsecConfig)
    crypto_maps: CryptoMapsConfig = field(default_factory=CryptoMapsConfig)
    nat: NatConfig = field(default_factory=NatConfig)
    cdp: CdpConfig = field(default_factory=CdpConfig)
    lldp: LldpConfig = field(default_factory=LldpConfig)


class Router(Device):
    """A Cisco ISR.

    After a change of `config.interfaces[...]` call `interface_changed(name)`, of `config.routes`
    `routes_changed()`; access lists are read as packets come.
    """

    def __init__(
        self, name: str, model: Model, image: Image, scheduler: Scheduler, rng: RandomSource, origin: datetime
    ) -> None:
        super().__init__(name, model, image, scheduler, rng, origin)
        self.macs = dict(zip(model.ports, allocate(rng, len(model.ports)), strict=True))
        self.lines = Lines()
        self.config: RouterConfig = RouterConfig()
        self.interfaces: dict[str, Interface] = {}
        self.stack = IpStack(self, forwarding=True)
        self.crypto = CryptoEngine(self)
        self.packet_capture = PacketCapture(self)
        self.nat = Nat(self)
        self.tunnels = Tunnels(self)
        self.discovery = self._discovery()

    @property
    def hostname(self) -> str:
        """The configured name, or `Router`."""
        return self.config.of(SystemConfig).hostname or "Router"

    def boot(self) -> None:
        """Start with an empty configuration.

        As on IOS a box without a startup configuration keeps its ports shut; with one they are up unless
        the configuration says `shutdown`.
        """
        super().boot()
        self.config = RouterConfig()
        self.lines = Lines()
        self.interfaces = {}
        self._subinterfaces = 0
        self.stack = IpStack(self, forwarding=True)
        self.stack.acls = self.config.of(AclsConfig)
        self.crypto = CryptoEngine(self)
        self.stack.crypto = self.crypto
        self.nat = Nat(self)
        self.tunnels = Tunnels(self)
        self.stack.tunnel = self.tunnels.send
        self.stack.bind_protocol(Protocol.GRE, self.tunnels.receive)
        self.discovery = self._discovery()
        shut = not self.nvram.get("startup-config")
        for port in self.model.ports:
            self._add(InterfaceConfig(port, shutdown=shut))
        self._add(InterfaceConfig("Null0"))
        self.crypto.start()
        self.discovery.start()

    def power_off(self) -> None:
        """Stop at once."""
        super().power_off()
        self.packet_capture.stop_all()
        for interface in self.interfaces.values():
            interface.stop()
        self.stack.stop()
        self.crypto.stop()
        self.nat.stop()
        self.tunnels.stop()
        self.discovery.stop()

    def _discovery(self) -> Discovery:
        return Discovery(
            self, next(iter(self.macs.values())), lambda name, frame: self.interfaces[name].send(frame)
        )

    def make_interface(self, name: str) -> InterfaceConfig:
        """The interface, made when it is a virtual one or a subinterface that is new.

        Raises ValueError when the box has no such interface.
        """
        found = self.config.interfaces.get(name)
        if found is not None:
            return found
        kind, _numbers = split_name(name)
        config = InterfaceConfig(name)
        if config.parent is not None:
            if config.parent not in self.ports:
                raise ValueError(f"{self.name} has no {config.parent}")
        elif kind not in CREATABLE or kind in ("Vlan", "Port-channel"):
            raise ValueError(f"{self.name} has no {name}")
        self._add(config)
        return config

    def delete_interface(self, name: str) -> bool:
        """Remove a virtual interface or subinterface; False when that is not possible."""
        if name in self.ports or name == "Null0" or name not in self.interfaces:
            return False
        interface = self.interfaces.pop(name)
        self._subinterfaces -= interface.config.parent is not None
        interface.config.shutdown = True
        interface.refresh()
        self.stack.detach(interface)
        del self.config.interfaces[name]
        self.tunnels.forget(name)
        return True

    def interface_changed(self, name: str, *, addresses: bool = False) -> None:
        """Take notice of the interface's configuration; `addresses`: those changed."""
        interface = self.interfaces[name]
        interface.refresh()
        for child in self._children(name):
            child.refresh()
        if addresses:
            self.stack.addresses_changed(interface)
            self.nat.changed()
        elif self.stack.crypto is not None:
            self.stack.crypto.interface_changed(name)
        self.tunnels.changed()

    def routes_changed(self) -> None:
        """Take notice of `config.routes`."""
        self.stack.forwarding = self.config.of(RoutesConfig).routing
        self.stack.set_static_routes([*self.config.of(RoutesConfig).static, *self.crypto.routes.installed])
        self.tunnels.changed()

    def _add(self, config: InterfaceConfig) -> Interface:
        port = self.ports.get(config.name)
        parent = self.interfaces.get(config.parent) if config.parent is not None else None
        mac = self.macs[port_name] if (port_name := config.parent or config.name) in self.macs else None
        interface = Interface(self, config, mac or next(iter(self.macs.values())), port)
        if interface.kind == "Loopback":
            interface.protocol_delay = 0.0  # no carrier to wait for
        if parent is not None:
            self._follow(interface, parent)
        self._subinterfaces += config.parent is not None
        self.config.interfaces[config.name] = config
        self.config.interfaces = dict(sorted(self.config.interfaces.items(), key=lambda i: sort_key(i[0])))
        self.interfaces[config.name] = interface
        self.interfaces = {name: self.interfaces[name] for name in self.config.interfaces}
        if config.name == "Null0":
            interface.protocol_delay = 0.0
            interface.quiet = True
        self.stack.attach(interface)
        interface.listeners.append(lambda _interface: self.tunnels.changed())
        if config.tunnel is not None:
            interface.protocol_delay = 0.0
            interface.protocol_held = True
        if port is not None:
            interface.receiver = lambda frame: self._sort(interface, frame)
            interface.listeners.append(self._children_follow)
            interface.listeners.append(self.discovery.link_changed)
        interface.start()
        return interface

    def _follow(self, interface: Interface, parent: Interface) -> None:
        """Make a subinterface share its parent's carrier and wire."""

        def transmit(frame: bytes) -> None:
            vlan = interface.config.encapsulation_vlan
            if vlan is None:
                return
            parent.send(frame if interface.config.encapsulation_native else with_tag(frame, VlanTag(vlan)))

        interface.transmit = transmit
        interface.has_carrier = lambda: parent.protocol_up
        interface.protocol_delay = 0.0

    def _children(self, name: str) -> list[Interface]:
        return [each for each in self.interfaces.values() if each.config.parent == name]

    def _children_follow(self, interface: Interface) -> None:
        for child in self._children(interface.name):
            child.refresh()

    def _sort(self, interface: Interface, frame: bytes) -> None:
        """Hand a frame to the interface or to the subinterface of its VLAN."""
        if frame[:6] in DISCOVERY_GROUPS and self.discovery.receive(interface.name, frame):
            return
        if len(frame) >= 18 and frame[12:14] == b"\x81\x00":
            tag = tag_of(frame)
            for child in self._children(interface.name):
                if tag is not None and child.config.encapsulation_vlan == tag.vlan:
                    child.frame_received(without_tag(frame))
                    return
            return
        for child in self._children(interface.name) if self._subinterfaces else ():
            if child.config.encapsulation_native:
                child.frame_received(frame)
                return
        self.stack.receive(interface, frame)
