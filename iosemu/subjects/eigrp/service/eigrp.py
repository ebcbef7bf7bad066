"""The autonomous systems of a box: which there are, and what they are told."""

from __future__ import annotations

from copy import deepcopy
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.eigrp.config import FSM_DEBUG, EigrpConfig, EigrpProcess, Key
from iosemu.subjects.eigrp.service.instance import Instance
from iosemu.subjects.routing.protocols import RoutingProtocols

BOOT_DELAY = 3.0
"""Seconds after power on until an autonomous system without a configured router ID takes one."""
_SYSTEM = slice(18, 20)
"""Where a packet names its autonomous system."""


class EigrpRouting(Service):
    """Makes and ends autonomous systems as they are configured."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.instances: dict[Key, Instance] = {}
        self._seen: dict[Key, EigrpProcess] = {}
        self._boot: Timer | None = None

    def start(self) -> None:
        """Power came."""
        self.device.service(IpStack).bind_protocol(Protocol.EIGRP, self._receive, every_vrf=True)

    def stop(self) -> None:
        """Power goes."""
        for instance in self.instances.values():
            instance.abandon()
        if self._boot is not None:
            self._boot.cancel()

    # --- what is told --------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something of EIGRP, or of what its filters ask, was typed."""
        if self.instances or self.device.config.of(EigrpConfig).processes():
            self.device.soon(self._refresh)

    def interface_configured(self, interface: Interface) -> None:
        """Something was typed under an interface."""
        self._look_later()

    def interface_added(self, interface: Interface) -> None:
        """There is a new interface."""
        self._look_later()

    def interface_removed(self, interface: Interface) -> None:
        """An interface is gone."""
        self._look_later()

    def protocol_changed(self, interface: Interface) -> None:
        """An interface came up or went down; a process may wait for an address."""
        self._look_later()
        if interface.protocol_up and len(self.instances) < len(
            self.device.config.of(EigrpConfig).processes()
        ):
            self.device.soon(self._refresh)

    def addresses_changed(self, interface: Interface) -> None:
        """An interface has other addresses."""
        self.protocol_changed(interface)

    def _look_later(self) -> None:
        if self.instances:
            self.device.soon(self._look)

    def _look(self) -> None:
        for instance in self.instances.values():
            instance.look()
            instance.run()

    # --- autonomous systems --------------------------------------------------------------------------

    def _refresh(self) -> None:
        stack = self.device.service(IpStack)
        self.device.config.of(EigrpConfig).forget_vrfs(lambda name: stack.find_vrf(name) is not None)
        configured = self.device.config.of(EigrpConfig).processes()
        for number, instance in list(self.instances.items()):
            same = configured.get(number) is instance.config
            if not same or stack.find_vrf(instance.vrf) is not instance.table:
                del self.instances[number]
                self._seen.pop(number, None)
                self.device.service(RoutingProtocols).remove(instance)
                instance.stop()
        for number, config in configured.items():
            found = self.instances.get(number)
            if found is None:
                found = self._begin(config)
            elif self._seen.get(number) == config:
                found.filters_changed()
                continue
            if found is not None:
                self._seen[number] = deepcopy(config)
                found.configure()

    def _begin(self, config: EigrpProcess) -> Instance | None:
        """Make an autonomous system if there is a router ID."""
        router_id = config.router_id or self._highest_address(config.vrf)
        early = self.device.booted_at + BOOT_DELAY
        if router_id is None or (self.device.now < early and config.router_id is None):
            if self.device.now < early and (self._boot is None or self._boot.cancelled):
                self._boot = self.device.scheduler.at(early, self._booted)
            return None
        instance = self.instances[config.vrf, config.number] = Instance(self.device, config, router_id)
        instance.engine.trace = self.device.debugging.on(FSM_DEBUG)
        self.device.service(RoutingProtocols).add(instance)
        return instance

    def _booted(self) -> None:
        self._boot = None
        self._refresh()

    def _highest_address(self, vrf: str) -> IPv4Address | None:
        loopbacks: list[IPv4Address] = []
        others: list[IPv4Address] = []
        for interface in self.device.service(IpStack).vrf(vrf).interfaces.values():
            if interface.protocol_up:
                found = [address.ip for address in interface.config.of(IpSettings).addresses]
                (loopbacks if interface.kind == "Loopback" else others).extend(found)
        return max(loopbacks or others, default=None)

    def choose_packets(self, kinds: frozenset[str]) -> None:
        """Tell of packets of these kinds only; of all where there are none."""
        for instance in self.instances.values():
            instance.messages.kinds = kinds

    def trace(self) -> None:
        """`debug eigrp fsm` was turned on or off."""
        for instance in self.instances.values():
            instance.engine.trace = self.device.debugging.on(FSM_DEBUG)

    def _receive(self, packet: IPv4Packet, interface: str) -> None:
        if len(packet.payload) < 20:
            return
        vrf = self.device.service(IpStack).vrf_of(interface).name
        instance = self.instances.get((vrf, int.from_bytes(packet.payload[_SYSTEM], "big")))
        if instance is not None:
            instance.receive(packet, interface)
