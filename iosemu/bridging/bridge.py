"""The layer 2 part of a Catalyst or of an EtherSwitch module: ports, the plane between them, what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.service import Service
from iosemu.bridging.monitor import MonitorConfig
from iosemu.bridging.plane import SwitchingPlane, is_control
from iosemu.bridging.ports import CHANNEL, SwitchPorts
from iosemu.bridging.switchport import Switchport
from iosemu.net.link import Direction
from iosemu.net.mac_table import MacKind
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.stp import is_bpdu


@dataclass(frozen=True, slots=True)
class MacEntry:
    """One row of the MAC address table."""

    vlan: int
    address: MacAddress
    port: str
    static: bool
    replica: bool = False
    """It was learned in another VLAN of the same private VLAN."""


class Bridge(SwitchPorts):
    """The ports of a switch at work.

    A routed port (`no switchport`) is none of its business: frames go to `routed`, which another service sets.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.plane = SwitchingPlane(
            self,
            lambda: device.now,
            self._control,
            self._to_svi,
            self._svi_takes,
            self._admit,
            device.scheduler,
            device.name,
        )
        self.members_changed: list[Callable[[], None]] = []
        """Who is told that ports may be in other VLANs."""
        self.admit: list[Callable[[str, int, MacAddress], bool]] = []
        """Who may refuse a source address on a port (port, VLAN, address)."""
        self.control: list[Callable[[str, bytes, int | None], bool]] = []
        """Who takes control frames before those that go by their group (port, frame, VLAN)."""
        self.mapped: Callable[[Interface], frozenset[int]] = lambda _interface: frozenset()
        """The secondary VLANs that the interface of a primary one hears; who knows private VLANs sets it."""
        self.routed: Callable[[Interface, bytes], None] = lambda _interface, _frame: None
        self._routed: set[str] = set()
        self._svis_wait: Timer | None = None

    # --- power ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Make the ports."""
        self.device.send_control = self._send_control
        for port in self.device.model.switch_ports:
            config = InterfaceConfig(port)
            config.put(Switchport())
            interface = Interface(self.device, config, self.device.macs[port], self.device.ports[port])
            self.device.add_interface(interface)

    def stop(self) -> None:
        """Power went."""
        if self._svis_wait is not None:
            self._svis_wait.cancel()

    def interface_added(self, interface: Interface) -> None:
        """Take the frames of a port or a bundle."""
        name = interface.name
        if name in self.device.switch_ports:
            interface.receiver = self._receiver(name)
        elif interface.kind == CHANNEL:
            interface.receiver = lambda frame: self.plane.receive(name, frame)

    def _receiver(self, port: str) -> Callable[[bytes], None]:
        def receive(frame: bytes) -> None:
            if port in self._routed:
                interface = self.device.interfaces[port]
                if not self.device.group_frame(interface, frame):
                    if self.plane.marker is not None:
                        marked = self.plane.marker.received(port, frame, None, None)
                        if marked is None:
                            return
                        frame = marked.frame
                    self.routed(interface, frame)
                return
            channel = self.bundles.bundle_of(port)
            if channel is None:
                self.plane.receive(port, frame)
                return
            self.plane.mirror_member(port, channel, Direction.IN, frame)
            if is_control(frame) and not is_bpdu(frame):
                self._control(port, frame, None)
            else:
                self.plane.member = port
                self.device.interfaces[channel].frame_received(frame)
                self.plane.member = None

        return receive

    # --- what changed --------------------------------------------------------------------------------

    def interface_configured(self, interface: Interface) -> None:
        """`no switchport` takes a port out of the VLANs, `switchport` puts it back."""
        if interface.name not in self.device.switch_ports:
            return
        name, routed = interface.name, interface.config.held(Switchport) is None
        if routed == (name in self._routed):
            return
        (self._routed.add if routed else self._routed.discard)(name)
        self.plane.table.flush(port=name)

    def protocol_changed(self, interface: Interface) -> None:
        """Addresses behind a port that went down are forgotten."""
        if not interface.protocol_up and self.has(interface):
            self.plane.table.flush(port=interface.name)

    def ports_may_change(self) -> None:
        """Something that ports depend on was typed or came: look at all of them when that is over."""
        self.plane.ports_changed()
        self.device.soon(self.ports_changed)

    def ports_changed(self) -> None:
        """Membership of ports in VLANs may have changed."""
        self.plane.ports_changed()
        for tell in self.members_changed:
            tell()
        self.plane.topology_changed()
        self._refresh_svis()

    def monitor_changed(self) -> None:
        """SPAN was configured: destinations leave the network, others come back."""
        sessions = self.device.config.of(MonitorConfig).sessions
        self.plane.monitor_changed([session for _, session in sorted(sessions.items())])
        for name in self.device.model.switch_ports:
            self._hold(name)
        self.ports_changed()

    def _hold(self, name: str) -> None:
        """Keep the line protocol of a port down that is a SPAN destination, or that nobody may use yet."""
        interface = self.device.interfaces[name]
        held = self.plane.is_destination(name) or name in self.unauthorized
        if interface.protocol_held != held:
            interface.protocol_held = held
            interface.refresh()

    def authorize(self, name: str, *, allowed: bool, vlan: int | None) -> None:
        """Open or close a port to everybody; `vlan` in place of the configured one of an access port."""
        if allowed == (name not in self.unauthorized) and vlan == self.assigned.get(name):
            return
        (self.unauthorized.discard if allowed else self.unauthorized.add)(name)
        if vlan is None:
            self.assigned.pop(name, None)
        else:
            self.assigned[name] = vlan
        self.plane.table.flush(port=name)
        self._hold(name)
        self.ports_may_change()

    def close(self, name: str, vlan: int, why: str) -> None:
        """Take one VLAN of a port out of service, or put it back where nothing is said why."""
        if why:
            self.closed[name, vlan] = why
        else:
            self.closed.pop((name, vlan), None)
        self.plane.table.flush(port=name, vlan=vlan)
        self.ports_may_change()

    def forwarding_changed(self, name: str, vlan: int, flush: bool) -> None:
        """Spanning tree moved a port to another state in a VLAN."""
        if flush:
            self.plane.table.flush(port=name, vlan=vlan)
        self.plane.topology_changed()
        self._refresh_svis()

    def _refresh_svis(self) -> None:
        """Let VLAN interfaces look for their carrier, once for all that changes in one moment."""
        if self._svis_wait is None and self.device.powered:
            self._svis_wait = self.device.scheduler.after(0.0, self._look_for_carriers)

    def _look_for_carriers(self) -> None:
        self._svis_wait = None
        for interface in self.device.interfaces.of_kind("Vlan"):
            interface.refresh()

    def port_vlans(self, name: str) -> frozenset[int]:
        """VLANs whose spanning trees a port is in."""
        if self.plane.is_destination(name):
            return frozenset()
        port = self.plane.port(name)
        if port.primary is not None:
            return frozenset({port.primary})
        return port.vlans if port.trunk else frozenset(vlan for vlan in port.vlans if self.vlan_usable(vlan))

    # --- the plane's calls ---------------------------------------------------------------------------

    def _control(self, port: str, frame: bytes, vlan: int | None) -> None:
        if not any(take(port, frame, vlan) for take in self.control):
            self.device.group_frame(self.device.interfaces[port], frame)

    def _send_control(self, interface: Interface, frame: bytes) -> None:
        name = interface.name
        if not self.has(interface):
            interface.send(frame)
            return
        self.plane.transmit(name, frame, self.untagged_vlan(name) if self.is_switchport(name) else None)

    def _admit(self, port: str, vlan: int, address: MacAddress) -> bool:
        return all(admit(port, vlan, address) for admit in self.admit)

    def _to_svi(self, vlan: int, frame: bytes) -> None:
        interface = self._svi(vlan)
        if interface is not None:
            interface.frame_received(frame)

    def _svi(self, vlan: int) -> Interface | None:
        """The interface that hears a VLAN: of a secondary one that of the primary, where it is mapped."""
        primary = self.plane.private.primary_of.get(vlan)
        if primary is None:
            return self.device.interfaces.get(f"Vlan{vlan}")
        interface = self.device.interfaces.get(f"Vlan{primary}")
        return interface if interface is not None and vlan in self.mapped(interface) else None

    def _svi_takes(self, vlan: int, destination: MacAddress) -> bool:
        interface = self._svi(vlan)
        return interface is not None and interface.line_up and interface.accepts(destination)

    # --- MAC address table ---------------------------------------------------------------------------

    def mac_entries(self) -> Iterator[MacEntry]:
        """The table by VLAN and address."""
        for entry in self.plane.table.entries(self.device.now):
            static = entry.kind is not MacKind.DYNAMIC
            yield MacEntry(entry.vlan, entry.mac, entry.port, static, entry.replica)

    def clear_macs(self, address: MacAddress | None, port: str | None, vlan: int | None) -> None:
        """Forget dynamic entries that fit all that is given."""
        self.plane.table.flush(port=port, vlan=vlan, mac=address)


class PortMembership(Service):
    """Tells the plane and spanning tree that ports changed, once all other services of the ports know."""

    def changed(self) -> None:
        """VLANs or ports were configured."""
        self.device.service(Bridge).ports_may_change()

    def interface_configured(self, interface: Interface) -> None:
        """A port was configured."""
        self.device.service(Bridge).ports_may_change()

    def interface_removed(self, interface: Interface) -> None:
        """A bundle or a VLAN interface is gone."""
        self.device.service(Bridge).ports_may_change()

    def protocol_changed(self, interface: Interface) -> None:
        """The line protocol of a port or bundle came up or went down."""
        bridge = self.device.service(Bridge)
        if bridge.has(interface):
            bridge.ports_may_change()
