"""VLAN interfaces and routed ports of a switch: where its IP stack meets its VLANs."""

from __future__ import annotations

from collections.abc import Mapping

from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.service import Service
from iosemu.box.subject import Forwarding
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.ip.config import IpSettings
from iosemu.ip.routed import LOOPBACKS
from iosemu.ip.stack import IpStack

VLANS = (1, 4094)
"""The lowest and the highest number."""
MODULE_RATING = (100_000, 100)
"""kbit/s and microseconds of a VLAN interface of a router."""


class SwitchVirtualInterfaces(Service):
    """Makes `interface VlanN`, and runs IP on it and on ports that are no switch ports any more."""

    permanent = frozenset({"Vlan1"})

    def start(self) -> None:
        """VLAN 1 has an interface from the start, on a new Catalyst shut down; a Catalyst that routes has Null0."""
        self.device.service(Bridge).routed = self.device.deliver
        fresh = not self.device.startup
        self.device.make_interface("Vlan1").shutdown = fresh and self.device.is_switch
        self.device.interfaces["Vlan1"].refresh()
        if self.device.composition.forwarding is Forwarding.WHEN_TOLD:
            null = Interface(self.device, InterfaceConfig("Null0"), self.device.base_mac, protocol_delay=0.0)
            null.quiet = True
            self.device.add_interface(null)

    def creatable(self) -> Mapping[str, tuple[int, int]]:
        """VLAN interfaces, and loopbacks where there is routing."""
        types = {"Vlan": VLANS}
        if self.device.composition.forwarding is Forwarding.WHEN_TOLD:
            types["Loopback"] = LOOPBACKS
        return types

    def make_interface(self, config: InterfaceConfig) -> Interface | None:
        """A VLAN interface, which is up while a port forwards its VLAN, or a loopback."""
        if config.kind == "Loopback" and config.kind in self.creatable():
            return Interface(self.device, config, self.device.base_mac, protocol_delay=0.0)
        if config.kind != "Vlan":
            return None
        device, bridge = self.device, self.device.service(Bridge)
        vlan = int(config.name.removeprefix("Vlan"))
        interface = Interface(device, config, device.switch_mac)
        if not device.is_switch:  # software says of a module's VLANs what it says of the module's ports
            interface.rated_bandwidth, interface.rated_delay = MODULE_RATING
        interface.has_carrier = lambda: (
            bool(bridge.plane.members(vlan))
            and bridge.vlan_usable(vlan)
            and vlan not in bridge.plane.private.primary_of  # the primary VLAN's interface speaks for it
        )
        interface.transmit = lambda frame: bridge.plane.inject(vlan, frame)
        return interface

    def interface_added(self, interface: Interface) -> None:
        """Run IP on it."""
        if self._own(interface):
            self.device.service(IpStack).attach(interface)
            interface.receiver = lambda frame: self.device.deliver(interface, frame)

    def interface_removed(self, interface: Interface) -> None:
        """Stop running IP on it."""
        if self._own(interface):
            self.device.service(IpStack).detach(interface)

    def _own(self, interface: Interface) -> bool:
        if interface.kind == "Null":
            return self.device.composition.forwarding is Forwarding.WHEN_TOLD
        return interface.kind in self.creatable()

    def interface_configured(self, interface: Interface) -> None:
        """Take notice of `shutdown` and of `no switchport`."""
        if interface.name not in self.device.switch_ports:
            if self._own(interface):
                interface.refresh()
            return
        interface.refresh()
        stack, routed = self.device.service(IpStack), interface.config.held(Switchport) is None
        if routed and interface.name not in stack.interfaces:
            stack.attach(interface)
        elif not routed and interface.name in stack.interfaces:
            interface.config.of(IpSettings).remove_addresses()
            stack.detach(interface)
