"""A Catalyst: layer 2 ports, VLANs, spanning tree, trunk negotiation, SPAN, and VLAN interfaces."""

from __future__ import annotations
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.mac_table.config import MacTableConfig
from iosemu.subjects.span.config import MonitorConfig
from iosemu.subjects.routing.config import RoutesConfig
from iosemu.box.system import SystemConfig

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network

from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig, sort_key, split_name
from iosemu.box.lines import Lines
from iosemu.box.macs import allocate
from iosemu.box.model import Image, Model, RandomSource
from iosemu.bridging.plane import SwitchingPlane, is_control
from iosemu.bridging.ports import SwitchPorts
from iosemu.bridging.switchport import Switchport, SwitchportMode
from iosemu.bridging.vlans import VlanConfig
from iosemu.ip.stack import IpStack
from iosemu.kinds.switch_config import SwitchConfig
from iosemu.net.link import Direction
from iosemu.net.mac_table import MacKind
from iosemu.net.scheduler import Scheduler
from iosemu.packets.addresses import MacAddress
from iosemu.packets.stp import is_bpdu
from iosemu.subjects.discovery.service import Discovery
from iosemu.subjects.errdisable.service import Errdisable
from iosemu.subjects.etherchannel.service import KIND, EtherChannels
from iosemu.subjects.port_security.service import PortSecurityGuard
from iosemu.subjects.routing.config import StaticRoute
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.trunking.service import TrunkNegotiation
from iosemu.subjects.vlan import store as vlan_store
from iosemu.subjects.vlan.store import VLAN_DATABASE

ANY = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True, slots=True)
class MacEntry:
    """One row of the MAC address table."""

    vlan: int
    address: MacAddress
    port: str
    static: bool


class Switch(SwitchPorts):
    """A switch; `config.interfaces[...]` has the ports and the VLAN interfaces."""

    def __init__(
        self, name: str, model: Model, image: Image, scheduler: Scheduler, rng: RandomSource, origin: datetime
    ) -> None:
        super().__init__(name, model, image, scheduler, rng, origin)
        self.base_mac, *macs = allocate(rng, len(model.ports) + 1)
        self.macs = dict(zip(model.ports, macs, strict=True))
        self.serial = model.facts["serial_prefix"] + f"{rng.randrange(0, 0x1000):03X}"
        self.config = SwitchConfig()
        self.interfaces: dict[str, Interface] = {}
        self._default_mode = SwitchportMode(model.facts["default_switchport_mode"])
        self.lines = Lines()
        self._build()

    @property
    def hostname(self) -> str:
        """The configured name, or Switch."""
        return self.config.of(SystemConfig).hostname or "Switch"

    # --- power ---------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.security = PortSecurityGuard(self)
        self.plane = SwitchingPlane(
            self, lambda: self.now, self._control, self._to_svi, self._svi_address, self.security.admit
        )
        self.stack = IpStack(self, forwarding=False)
        self.stack.acls = self.config.of(AclsConfig)
        self.trees = SpanningTrees(self)
        self.channels = EtherChannels(self)
        self.errdisable = Errdisable(self)
        self.trunking = TrunkNegotiation(self)
        self.discovery = Discovery(
            self,
            self.base_mac,
            lambda name, frame: self.plane.transmit(name, frame, self._native(name)),
        )
        self._routed: set[str] = set()

    def boot(self) -> None:
        """Start with an empty configuration; the VLAN database comes from flash."""
        super().boot()
        self.config = SwitchConfig()
        self.config.of(RoutesConfig).routing = self.kind != "l3switch"
        self.config.of(VlanConfig) = self._stored_vlans()
        self.interfaces = {}
        self.lines = Lines()
        self._build()
        for port in self.ports:
            config = InterfaceConfig(port, switchport=Switchport())
            self.config.interfaces[port] = config
            interface = Interface(self, config, self.macs[port], self.ports[port])
            interface.receiver = self._receiver(port)
            interface.listeners.append(self.protocol_changed)
            self.interfaces[port] = interface
        self.make_interface("Vlan1").shutdown = not self.nvram.get("startup-config")
        self.trees.start()
        self.trunking.start()
        self.discovery.start()
        for interface in self.interfaces.values():
            interface.start()

    def power_off(self) -> None:
        """Stop at once; the VLAN database stays in flash."""
        self.trees.stop()
        self.trunking.stop()
        self.discovery.stop()
        self.channels.stop()
        self.errdisable.stop()
        self.stack.stop()
        super().power_off()
        for interface in self.interfaces.values():
            interface.stop()

    def _receiver(self, port: str) -> Callable[[bytes], None]:
        def receive(frame: bytes) -> None:
            if port in self._routed:
                if not self.discovery.receive(port, frame):
                    self.stack.receive(self.interfaces[port], frame)
                return
            channel = self.channels.bundle_of(port)
            if channel is None:
                self.plane.receive(port, frame)
                return
            self.plane.mirror_member(port, channel, Direction.IN, frame)
            if is_control(frame) and not is_bpdu(frame):
                self._control(port, frame, None)
            else:
                self.interfaces[channel].frame_received(frame)

        return receive

    def _stored_vlans(self) -> VlanConfig:
        stored = self.flash.get(VLAN_DATABASE)
        if stored is None:
            return VlanConfig()
        try:
            return vlan_store.load(stored)
        except ValueError:
            self.log("SW_VLAN", 4, "BAD_VLAN_CONFIGURATION_FILE", "VLAN configuration file is corrupt")
            return VlanConfig()

    # --- interfaces ----------------------------------------------------------------------------------

    def make_interface(self, name: str) -> InterfaceConfig:
        """The interface, made when it is a VLAN interface that is new.

        Raises ValueError when the box has no such interface.
        """
        found = self.config.interfaces.get(name)
        if found is not None:
            return found
        kind, numbers = split_name(name)
        if kind == KIND:
            return self.channels.make(name)
        if kind != "Vlan":
            raise ValueError(f"{self.name} has no {name}")
        vlan = numbers[0]
        config = InterfaceConfig(name)
        interface = Interface(self, config, self.base_mac)
        interface.has_carrier = lambda: bool(self.plane.members(vlan)) and self.vlan_usable(vlan)
        interface.transmit = lambda frame: self.plane.inject(vlan, frame)
        self.config.interfaces[name] = config
        self.interfaces[name] = interface
        self.stack.attach(interface)
        interface.start()
        return config

    def delete_interface(self, name: str) -> bool:
        """Remove a VLAN interface or a Port-channel; False for a port, which stays."""
        interface = self.interfaces.get(name)
        if interface is None or interface.is_physical:
            return False
        if interface.kind == KIND:
            for port in self.channels.groups().get(int(name.removeprefix(KIND)), []):
                member = self.config.interfaces[port]
                member.channel_group, member.channel_mode, member.shutdown = None, "", True
                self.interfaces[port].refresh()
        del self.interfaces[name], self.config.interfaces[name]
        interface.config.shutdown = True
        interface.refresh()
        self.stack.detach(interface)
        self.channels.configured()
        return True

    def set_routed(self, name: str, *, routed: bool) -> None:
        """`no switchport` and `switchport`: take a port out of the VLANs, or put it back."""
        config, interface = self.config.interfaces[name], self.interfaces[name]
        if routed == (config.switchport is None):
            return
        config.switchport = None if routed else Switchport()
        if routed:
            self._routed.add(name)
            self.stack.attach(interface)
        else:
            self._routed.discard(name)
            config.address, config.secondary = None, []
            self.stack.detach(interface)
        interface.receiver = self._receiver(name)
        self.trunking.port_changed(name)
        self.plane.table.flush(port=name)
        self.ports_changed()

    def reset_port(self, name: str) -> None:
        """`default interface X`: the layer 2 settings of a fresh port."""
        self.set_routed(name, routed=False)
        self.config.interfaces[name].switchport = Switchport()
        self.channels.configured()
        self.port_changed(name)

    # --- what changed --------------------------------------------------------------------------------

    def interface_changed(self, name: str, *, addresses: bool = False) -> None:
        """Take notice of the interface's configuration; `addresses`: those changed."""
        interface = self.interfaces[name]
        if interface.kind == KIND:
            self.channels.channel_changed(name)
        interface.refresh()
        if addresses:
            self.stack.addresses_changed(interface)

    def routes_changed(self) -> None:
        """Take notice of `config.routes`: without routing there is only the default gateway."""
        routing = self.kind == "l3switch" and self.config.of(RoutesConfig).routing
        self.stack.forwarding = routing
        if routing:
            self.stack.set_static_routes(self.config.of(RoutesConfig).static)
            return
        gateway = self.config.of(RoutesConfig).default_gateway
        self.stack.set_static_routes([StaticRoute(ANY, gateway)] if gateway is not None else [])

    def port_changed(self, name: str) -> None:
        """Layer 2 settings of a port were typed."""
        if name.startswith(KIND):
            self.channels.channel_changed(name)
            self.ports_changed()
            return
        self.trunking.port_changed(name)
        if self.config.interfaces[name].channel_group is not None:
            self.channels.refresh()
        self.security.configured(name)
        self.ports_changed()

    def ports_changed(self) -> None:
        """Membership of ports in VLANs may have changed."""
        self.trees.refresh()
        self.plane.topology_changed()
        self._refresh_svis()

    def vlans_changed(self) -> None:
        """The VLAN database was edited: take it over and store it."""
        config = self.config.of(VlanConfig)
        config.revision += config.vtp_mode == "server"
        moment = self.origin + timedelta(seconds=self.now)
        config.modified = f"{moment.month}-{moment.day}-{moment:%y %H:%M:%S}"
        self.flash[VLAN_DATABASE] = vlan_store.dump(config)
        self.ports_changed()

    def monitor_changed(self) -> None:
        """SPAN was configured: destinations leave the network, others come back."""
        sessions = self.config.of(MonitorConfig).sessions
        self.plane.monitor_changed([session for _, session in sorted(sessions.items())])
        for name in self.ports:
            interface = self.interfaces[name]
            held = self.plane.is_destination(name)
            if interface.protocol_held != held:
                interface.protocol_held = held
                interface.refresh()
        self.ports_changed()

    def forwarding_changed(self, name: str, vlan: int, flush: bool) -> None:
        """Spanning tree moved a port to another state in a VLAN."""
        if flush:
            self.plane.table.flush(port=name, vlan=vlan)
        self.plane.topology_changed()
        self._refresh_svis()

    def _refresh_svis(self) -> None:
        for interface in list(self.interfaces.values()):
            if interface.kind == "Vlan":
                interface.refresh()

    def protocol_changed(self, interface: Interface) -> None:
        """The line protocol of a port or bundle came up or went down."""
        if not interface.protocol_up:
            self.plane.table.flush(port=interface.name)
            self.security.link_down(interface.name)
        if interface.is_physical:
            self.trunking.link_changed(interface.name)
            self.channels.link_changed(interface.name)
        self.ports_changed()
        if interface.is_physical:
            self.discovery.link_changed(interface)

    # --- the plane's calls ---------------------------------------------------------------------------

    def _control(self, port: str, frame: bytes, vlan: int | None) -> None:
        if self.trees.receive(port, frame, vlan) or self.trunking.receive(port, frame):
            return
        if not self.channels.receive(port, frame):
            self.discovery.receive(port, frame)

    def _to_svi(self, vlan: int, frame: bytes) -> None:
        interface = self.interfaces.get(f"Vlan{vlan}")
        if interface is not None:
            interface.frame_received(frame)

    def _svi_address(self, vlan: int) -> MacAddress | None:
        interface = self.interfaces.get(f"Vlan{vlan}")
        return interface.mac if interface is not None and interface.line_up else None

    # --- MAC address table ---------------------------------------------------------------------------

    def mac_entries(self) -> Iterator[MacEntry]:
        """The table by VLAN and address."""
        for entry in self.plane.table.entries(self.now):
            yield MacEntry(entry.vlan, entry.mac, entry.port, entry.kind is not MacKind.DYNAMIC)

    def set_mac_aging(self, seconds: int) -> None:
        """Keep dynamic entries this long; 0 for ever."""
        self.config.of(MacTableConfig).aging = seconds
        self.plane.table.ageing_time = float(seconds)

    def add_static_mac(self, vlan: int, address: MacAddress, port: str) -> None:
        """Configure an entry that does not age."""
        self.config.of(MacTableConfig).static[vlan, address] = port
        self.plane.table.add(vlan, address, port, self.now)

    def remove_static_mac(self, vlan: int, address: MacAddress) -> None:
        """Forget a configured entry."""
        if self.config.of(MacTableConfig).static.pop((vlan, address), None) is not None:
            self.plane.table.remove(vlan, address)

    def clear_macs(self, address: MacAddress | None, port: str | None, vlan: int | None) -> None:
        """Forget dynamic entries that fit all that is given."""
        self.plane.table.flush(port=port, vlan=vlan, mac=address)

    def ordered_interfaces(self) -> list[str]:
        """Names in the order of the running configuration."""
        return sorted(self.interfaces, key=sort_key)
