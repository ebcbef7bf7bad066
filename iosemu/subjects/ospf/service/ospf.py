"""The OSPF processes of a box: which there are, and which interfaces belong to which."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.passwords import Password
from iosemu.box.service import Service
from iosemu.box.system import SystemConfig
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.ospf.config import OspfConfig
from iosemu.subjects.ospf.config.area import AreaId, OspfKeys
from iosemu.subjects.ospf.config.interface import OspfInterface
from iosemu.subjects.ospf.config.process import OspfProcess
from iosemu.subjects.ospf.service import translate
from iosemu.subjects.ospf.service.instance import PROTOCOL, Instance
from iosemu.subjects.routing.protocols import RoutingProtocols

BOOT_DELAY = 3.0
"""Seconds after power on until a process without a configured router ID takes one: ports have come up."""


class Ospf(Service):
    """Makes and ends processes as they are configured, and gives each its interfaces."""

    __slots__ = ("_boot", "_complained", "_dirty", "_hidden", "_seen", "instances")

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.instances: dict[int, Instance] = {}
        self._dirty: dict[str, None] = {}
        self._boot: Timer | None = None
        self._complained: set[int] = set()
        self._seen: dict[int, OspfProcess] = {}
        """The processes as they were when they were last taken over."""
        self._hidden = False
        """Keys in clear were made type 7."""

    def start(self) -> None:
        """Power came."""
        self.device.service(IpStack).bind_protocol(PROTOCOL, self._receive, every_vrf=True)

    def stop(self) -> None:
        """Power goes."""
        for instance in self.instances.values():
            instance.abandon()
        if self._boot is not None:
            self._boot.cancel()

    # --- what is told --------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something of OSPF, or of what its filters ask, was typed."""
        if self.instances or self.device.config.of(OspfConfig).processes:
            self.device.soon(self._refresh)

    def interface_configured(self, interface: Interface) -> None:
        """Something was typed under an interface: `ip ospf N area A` may have made a process."""
        self._look_at(interface)
        self._begin_if_missing()

    def interface_added(self, interface: Interface) -> None:
        """There is a new interface."""
        self._look_at(interface)

    def interface_removed(self, interface: Interface) -> None:
        """An interface is gone."""
        for instance in self.instances.values():
            instance.set_interface(interface, None, False)

    def protocol_changed(self, interface: Interface) -> None:
        """An interface came up or went down; a process may wait for an address."""
        self._look_at(interface)
        if interface.protocol_up:
            self._begin_if_missing()

    def addresses_changed(self, interface: Interface) -> None:
        """An interface has other addresses."""
        self.protocol_changed(interface)

    def routes_changed(self) -> None:
        """The routing table has other routes."""
        for instance in self.instances.values():
            instance.routes_changed()

    def _begin_if_missing(self) -> None:
        if len(self.instances) < len(self.device.config.of(OspfConfig).processes):
            self.device.soon(self._refresh)

    def _look_at(self, interface: Interface) -> None:
        if self.instances:
            self._dirty[interface.name] = None
            self.device.soon(self._refresh_interfaces)

    # --- processes -----------------------------------------------------------------------------------

    def _refresh(self) -> None:
        self._mask()
        configured = self.device.config.of(OspfConfig).processes
        stack = self.device.service(IpStack)
        for number in [number for number, each in configured.items() if stack.find_vrf(each.vrf) is None]:
            del configured[number]  # its VRF is no more
        for number, instance in list(self.instances.items()):
            if configured.get(number) is not instance.config:
                del self.instances[number]
                self.device.service(RoutingProtocols).remove(instance)
                instance.stop()
        self._complained &= set(configured)
        different = self._seen != configured
        for number, config in configured.items():
            found = self.instances.get(number)
            if found is None:
                different |= self._start(config)
            elif self._seen.get(number) != config:
                found.configure()
            else:
                found.filters_changed()
        if different:
            self._seen = deepcopy(configured)
            self._dirty.update(dict.fromkeys(self.device.interfaces))
            self._refresh_interfaces()

    def _start(self, config: OspfProcess) -> bool:
        """Make a process if it has a router ID; whether it was made."""
        router_id = self.choose_router_id(config)
        early = self.device.booted_at + BOOT_DELAY
        if self.device.now < early and (router_id is None or not self._settled(config)):
            if self._boot is None:
                self._boot = self.device.scheduler.at(early, self._refresh)
            return False
        if router_id is None:
            if config.number not in self._complained:
                self._complained.add(config.number)
                text = f"OSPF process {config.number} failed to allocate unique router-id and cannot start"
                self.device.log("OSPF", 4, "NORTRID", text)
            return False
        instance = self.instances[config.number] = Instance(self.device, config, router_id)
        self.device.service(RoutingProtocols).add(instance)
        instance.configure()
        return True

    def _settled(self, config: OspfProcess) -> bool:
        """Whether the router ID does not depend on which ports come up first."""
        if config.router_id is not None:
            return True
        loopbacks = self.device.interfaces.of_kind("Loopback")
        return any(
            each.protocol_up and each.config.of(IpSettings).addresses and self._in_vrf(each, config)
            for each in loopbacks
        )

    def _in_vrf(self, interface: Interface, config: OspfProcess) -> bool:
        """Whether an interface is in the routing instance of a process."""
        return self.device.service(IpStack).vrf_of(interface.name).name == config.vrf

    def choose_router_id(self, config: OspfProcess) -> IPv4Address | None:
        """The configured ID, else the highest address of a loopback, else of any interface that is up."""
        if config.router_id is not None:
            return config.router_id
        taken = {each.engine.router_id for number, each in self.instances.items() if number != config.number}
        loopbacks: list[int] = []
        others: list[int] = []
        for interface in self.device.interfaces.values():
            if interface.protocol_up and self._in_vrf(interface, config):
                found = {int(address.ip) for address in interface.config.of(IpSettings).addresses} - taken
                (loopbacks if interface.kind == "Loopback" else others).extend(found)
        return IPv4Address(max(loopbacks or others)) if loopbacks or others else None

    def restart(self, number: int | None = None) -> None:
        """`clear ip ospf [N] process`."""
        for each, instance in self.instances.items():
            if number in (None, each):
                router_id = self.choose_router_id(instance.config)
                instance.restart(router_id or IPv4Address(instance.engine.router_id))

    def _mask(self) -> None:
        """`service password-encryption`: keys in clear become type 7."""
        hide = self.device.config.of(SystemConfig).password_encryption
        if hide == self._hidden:
            return
        self._hidden = hide
        if not hide:
            return
        for interface in self.device.config.interfaces.values():
            own = interface.held(OspfInterface)
            if own is not None:
                own.keys = self._masked(own.keys)
        for process in self.device.config.of(OspfConfig).processes.values():
            for area in process.areas.values():
                for router, link in area.virtual_links.items():
                    area.virtual_links[router] = replace(link, keys=self._masked(link.keys))

    def _masked(self, keys: OspfKeys) -> OspfKeys:
        def mask(password: Password) -> Password:
            return password.masked(self.device.rng)

        password = mask(keys.password) if keys.password is not None else None
        return OspfKeys(keys.type, password, tuple((number, mask(key)) for number, key in keys.keys))

    # --- interfaces ----------------------------------------------------------------------------------

    def _refresh_interfaces(self) -> None:
        dirty, self._dirty = self._dirty, {}
        for name in dirty:
            interface = self.device.interfaces.get(name)
            if interface is None:
                continue
            owner, area, by_network = self._owner(interface)
            for number, instance in self.instances.items():
                instance.set_interface(interface, area if number == owner else None, by_network)

    def _owner(self, interface: Interface) -> tuple[int | None, AreaId | None, bool]:
        """The process and the area of an interface, and whether a `network` line gave them."""
        own = interface.config.held(OspfInterface)
        address = interface.config.of(IpSettings).address
        if address is None:
            return None, None, False
        if own is not None and own.process in self.instances:
            inside = self._in_vrf(interface, self.instances[own.process].config)
            return (own.process, own.area, False) if inside else (None, None, False)
        for number, instance in self.instances.items():
            if not self._in_vrf(interface, instance.config):
                continue
            area = translate.area_by_network(instance.config, address.ip)
            if area is not None:
                return number, area, True
        return None, None, False

    def instance_on(self, interface: str) -> Instance | None:
        """The process that runs on an interface."""
        for each in self.instances.values():
            if each.covers(interface):
                return each
        return None

    def _receive(self, packet: IPv4Packet, interface: str) -> None:
        for each in self.instances.values():  # `instance_on` written out: asked for each packet
            if each.covers(interface):
                each.receive(packet, interface)
                return
