"""The interfaces of a router: routed ports, their subinterfaces by VLAN tag, and loopbacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iosemu.box import interface_tracing
from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.packets.ethernet import VlanTag, tag_of, with_tag, without_tag

LOOPBACKS = (0, 2147483647)
"""The lowest and the highest number."""


@dataclass
class Dot1q:
    """`encapsulation dot1Q N [native]` of a subinterface."""

    vlan: int | None = None
    native: bool = False


class RoutedPorts(Service):
    """Makes interfaces of the sockets of a router, and hands frames to the stack.

    As on IOS a box without a startup configuration keeps its ports shut; with one they are up unless the
    configuration says `shutdown`.
    """

    __slots__ = ("_by_vlan", "_native", "_vlan_of")

    subinterfaces = True
    permanent = frozenset({"Null0"})

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._by_vlan: dict[tuple[str, int], Interface] = {}
        """The subinterface of each VLAN of a port."""
        self._native: dict[str, Interface] = {}
        """The subinterface that takes a port's frames without a tag."""
        self._vlan_of: dict[str, tuple[str, int]] = {}

    def start(self) -> None:
        """Make the interfaces of the ports, and Null0."""
        shut = not self.device.startup
        for port in (each for each in self.device.model.ports if each not in self.device.switch_ports):
            self.device.add_interface(self._port(InterfaceConfig(port, shutdown=shut)))
        null = self._virtual(InterfaceConfig("Null0"))
        null.quiet = True
        self.device.add_interface(null)

    def creatable(self) -> Mapping[str, tuple[int, int]]:
        """Loopbacks."""
        return {"Loopback": LOOPBACKS}

    def make_interface(self, config: InterfaceConfig) -> Interface | None:
        """A loopback or a subinterface."""
        if config.parent is not None:
            parent = self.device.interfaces.get(config.parent)
            if parent is None or not parent.is_physical or not self._own(parent):
                raise ValueError(f"{self.device.name} has no {config.parent}")
            return self._subinterface(config, parent)
        return self._virtual(config) if config.kind == "Loopback" else None

    def interface_added(self, interface: Interface) -> None:
        """Run IP on it."""
        if not self._own(interface):
            return
        self.device.service(IpStack).attach(interface)
        if interface.is_physical:
            interface.receiver = lambda frame: self._sort(interface, frame)
        else:
            interface.receiver = lambda frame: self.device.deliver(interface, frame)

    def interface_removed(self, interface: Interface) -> None:
        """Stop running IP on it."""
        if not self._own(interface):
            return
        self._leave_vlan(interface)
        self.device.service(IpStack).detach(interface)
        interface.receiver = _nobody

    def interface_configured(self, interface: Interface) -> None:
        """Take notice of `shutdown` and the like."""
        if not self._own(interface):
            return
        if interface.config.parent is not None:
            self._enter_vlan(interface, interface.config.parent)
        interface.refresh()
        self.protocol_changed(interface)

    def _own(self, interface: Interface) -> bool:
        """Whether it is the router's: ports of a switch module and what is behind them have their own service."""
        return interface.name not in self.device.switch_ports and not interface.type.switched

    def subinterface(self, parent: str, vlan: int) -> Interface | None:
        """The subinterface that has a VLAN of a port."""
        return self._by_vlan.get((parent, vlan))

    def _enter_vlan(self, interface: Interface, parent: str) -> None:
        self._leave_vlan(interface)
        dot1q = interface.config.of(Dot1q)
        if dot1q.vlan is not None:
            place = self._vlan_of[interface.name] = (parent, dot1q.vlan)
            self._by_vlan[place] = interface
            if dot1q.native:
                self._native[parent] = interface

    def _leave_vlan(self, interface: Interface) -> None:
        place = self._vlan_of.pop(interface.name, None)
        if place is None:
            return
        if self._by_vlan.get(place) is interface:
            del self._by_vlan[place]
        if self._native.get(place[0]) is interface:
            del self._native[place[0]]

    def protocol_changed(self, interface: Interface) -> None:
        """Subinterfaces share the carrier of what they are part of."""
        for child in self.device.interfaces.children(interface.name):
            child.refresh()

    def _port(self, config: InterfaceConfig) -> Interface:
        return Interface(self.device, config, self.device.macs[config.name], self.device.ports[config.name])

    def _virtual(self, config: InterfaceConfig) -> Interface:
        # there is no carrier to wait for
        return Interface(self.device, config, self.device.base_mac, protocol_delay=0.0)

    def _subinterface(self, config: InterfaceConfig, parent: Interface) -> Interface:
        """An interface that shares its parent's carrier and wire."""
        interface = Interface(self.device, config, parent.mac, protocol_delay=0.0)

        def transmit(frame: bytes) -> None:
            vlan = config.of(Dot1q).vlan
            if vlan is not None:
                tag = VlanTag(vlan, interface.user_priority)
                parent.send(frame if config.of(Dot1q).native else with_tag(frame, tag))

        def transmit_by_line(frame: bytes) -> None:
            parent.send(frame)  # the owner of the line said what it is

        interface.transmit = transmit_by_line if parent.serial else transmit
        interface.has_carrier = lambda: parent.protocol_up
        return interface

    def _sort(self, interface: Interface, frame: bytes) -> None:
        """Hand a frame to who takes its group, to the subinterface of its VLAN, or to the stack."""
        if frame[0] & 1 and frame[:6] in self.device.groups and self.device.group_frame(interface, frame):
            return
        tagged = frame[12:14] == b"\x81\x00" and len(frame) >= 18
        tag = tag_of(frame) if tagged else None
        child = (
            self._by_vlan.get((interface.name, tag.vlan))
            if tag is not None
            else self._native.get(interface.name)
        )
        if child is not None:
            child.received_priority = tag.priority if tag is not None else None
            child.frame_received(without_tag(frame) if tagged else frame)
        elif not tagged:
            self.device.deliver(interface, frame)
        elif self.device.scheduler.context is not None:
            vlan = tag.vlan if tag is not None else None
            interface_tracing.no_subinterface(interface, self.device.scheduler.context, vlan)


def _nobody(_frame: bytes) -> None:
    """Takes the frames of an interface that was removed."""
