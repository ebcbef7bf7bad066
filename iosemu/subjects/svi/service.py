"""VLAN interfaces and routed ports of a switch: where its IP stack meets its VLANs."""

from __future__ import annotations

from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack

LOOPBACK = "Loopback"


class SwitchVirtualInterfaces(Service):
    """Makes `interface VlanN`, and runs IP on it and on ports that are no switch ports any more."""

    def start(self) -> None:
        """VLAN 1 has an interface from the start, shut down where nothing was configured yet."""
        self.device.service(Bridge).routed = self.device.deliver
        self.device.make_interface("Vlan1").shutdown = not self.device.nvram.get("startup-config")
        self.device.interfaces["Vlan1"].refresh()

    def make_interface(self, config: InterfaceConfig) -> Interface | None:
        """A VLAN interface: it is up while a port forwards its VLAN; or a loopback of a multilayer switch."""
        if config.kind == LOOPBACK and self.device.kind == "l3switch":
            return Interface(self.device, config, self.device.base_mac, protocol_delay=0.0)
        if config.kind != "Vlan":
            return None
        device, bridge = self.device, self.device.service(Bridge)
        vlan = int(config.name.removeprefix("Vlan"))
        interface = Interface(device, config, device.base_mac)
        interface.has_carrier = lambda: bool(bridge.plane.members(vlan)) and bridge.vlan_usable(vlan)
        interface.transmit = lambda frame: bridge.plane.inject(vlan, frame)
        return interface

    def interface_added(self, interface: Interface) -> None:
        """Run IP on a VLAN interface or a loopback."""
        if interface.kind in ("Vlan", LOOPBACK):
            self.device.service(IpStack).attach(interface)
            interface.receiver = lambda frame: self.device.deliver(interface, frame)

    def interface_removed(self, interface: Interface) -> None:
        """Stop running IP on it."""
        self.device.service(IpStack).detach(interface)

    def interface_configured(self, interface: Interface) -> None:
        """Take notice of `shutdown` and of `no switchport`."""
        interface.refresh()
        if not interface.is_physical:
            return
        stack, routed = self.device.service(IpStack), interface.config.held(Switchport) is None
        if routed and interface.name not in stack.interfaces:
            stack.attach(interface)
        elif not routed and interface.name in stack.interfaces:
            interface.config.of(IpSettings).remove_addresses()
            stack.detach(interface)
