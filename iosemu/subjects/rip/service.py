"""RIP on a box: which instances of it there are, and what they are told."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.udp import UdpDatagram
from iosemu.routing.rip.packets import PORT
from iosemu.subjects.rip.config import RipConfig
from iosemu.subjects.rip.instance import RipInstance


class RipRouting(Service):
    """Runs RIP while `router rip` is configured: in the default table, and in those of its address families."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.instances: dict[str, RipInstance] = {}
        """By VRF; the empty name is the default one."""

    def start(self) -> None:
        """Power came."""
        self.changed()

    def stop(self) -> None:
        """Power goes."""
        for instance in self.instances.values():
            instance.abandon()

    def changed(self) -> None:
        """Take over what was typed under `router rip`; a VRF that is gone takes its address family along."""
        config, stack = self.device.config.of(RipConfig), self.device.service(IpStack)
        if config.process is None and not self.instances:
            return
        config.forget_vrfs(lambda name: stack.find_vrf(name) is not None)
        configured = config.processes()
        for vrf, instance in list(self.instances.items()):
            same = configured.get(vrf) is instance.config
            if not same or stack.find_vrf(vrf) is not instance.table:
                del self.instances[vrf]
                instance.stop()
        for vrf, process in configured.items():
            if vrf not in self.instances:
                self.instances[vrf] = RipInstance(self.device, process)
            self.instances[vrf].configure()
        stack.bind_udp(PORT, self._receive if self.instances else None, vrf=None)

    def interface_configured(self, interface: Interface) -> None:
        """A line of RIP was typed under an interface."""
        self._look_later()

    def interface_added(self, interface: Interface) -> None:
        """An interface came into being."""
        self._look_later()

    def interface_removed(self, interface: Interface) -> None:
        """An interface is gone."""
        self._look_later()

    def protocol_changed(self, interface: Interface) -> None:
        """The line protocol of an interface came up or went down."""
        self._look_later()

    def addresses_changed(self, interface: Interface) -> None:
        """The addresses of an interface are others than before."""
        self._look_later()

    def routes_changed(self) -> None:
        """A routing table is another one: a route-map may ask it for the default that goes out."""
        if any(each.config.default_route_map is not None for each in self.instances.values()):
            self.device.soon(self._look_for_default)

    def _look_for_default(self) -> None:
        for instance in self.instances.values():
            if instance.config.default_route_map is not None:
                instance.look_for_default()

    def _look_later(self) -> None:
        if self.instances:
            self.device.soon(self._look)

    def _look(self) -> None:
        for instance in self.instances.values():
            instance.look()

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        instance = self.instances.get(self.device.service(IpStack).vrf_of(interface).name)
        if instance is not None:
            instance.receive(packet, datagram, interface)
