"""Trunk negotiation (DTP) on the ports of a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import VlanConfig
from iosemu.net.dtp import DtpMode, DtpPort
from iosemu.net.scheduler import Timer
from iosemu.packets.dtp import CISCO_GROUP, DtpPacket
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.isl import isl_frame
from iosemu.packets.llc import OUI_CISCO, SNAP_DTP, Snap
from iosemu.subjects.errdisable.service import Errdisable

if TYPE_CHECKING:
    from iosemu.box.device import Device


class TrunkNegotiation(Service):
    """Runs one `DtpPort` a switch port and tells the switch when a port becomes a trunk or stops being one."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.ports: dict[str, DtpPort] = {}
        self._was: dict[str, bool] = {}
        self._timer: Timer | None = None
        self._due: float | None = None

    def start(self) -> None:
        """Power came: one negotiation a port, all links still down."""
        self.device.service(Bridge).negotiated = self.is_trunking
        self.device.service(Bridge).undecided = self.is_undecided
        self.device.bind_group(CISCO_GROUP, self.receive)
        for name in self.device.ports:
            mac = self.device.interfaces[name].mac
            self.ports[name] = DtpPort(mac, self._mode(name))
            self._was[name] = False

    def _mode(self, name: str) -> DtpMode:
        """How a port negotiates; one of a private VLAN does not."""
        mode = self.device.service(Bridge).switchport_mode(name)
        return DtpMode.ACCESS if mode.is_private else DtpMode(mode.value)

    def stop(self) -> None:
        """Power went."""
        if self._timer is not None:
            self._timer.cancel()
        self.ports = {}

    def is_trunking(self, name: str) -> bool:
        """Whether negotiation made the port a trunk."""
        port = self.ports.get(name)
        return port is not None and port.trunking

    def is_undecided(self, name: str) -> bool:
        """Whether negotiation may make the port a trunk in a moment."""
        port = self.ports.get(name)
        return port is not None and port.undecided

    def changed(self) -> None:
        """The VTP domain may be another one."""
        domain = self.device.config.of(VlanConfig).vtp_domain
        for port in self.ports.values():
            port.domain = domain

    def interface_configured(self, interface: Interface) -> None:
        """A port was configured."""
        self.port_changed(interface.name)

    def protocol_changed(self, interface: Interface) -> None:
        """A link came up or went down."""
        if interface.is_physical:
            self.link_changed(interface.name)

    def port_changed(self, name: str) -> None:
        """Mode or `nonegotiate` may have been configured."""
        port = self.ports.get(name)
        if port is None:
            return
        port.domain = self.device.config.of(VlanConfig).vtp_domain
        if self.device.service(Bridge).is_switchport(name):
            mode = self._mode(name)
            port.configure(mode, self.device.service(Bridge).switchport(name).nonegotiate, self.device.now)
        else:
            port.configure(DtpMode.ACCESS, True, self.device.now)
        self._after(name, typed=True)

    def link_changed(self, name: str) -> None:
        """The line protocol of a port came up or went down."""
        port = self.ports.get(name)
        if port is None:
            return
        if self.device.interfaces[name].protocol_up:
            port.link_up(self.device.now)
        else:
            port.link_down()
        self._after(name)

    def receive(self, interface: Interface, frame: bytes) -> bool:
        """Take a control frame; False when it is not DTP."""
        name = interface.name
        try:
            snap = Snap.parse(EthernetFrame.parse(frame).payload)
            if (snap.oui, snap.protocol) != (OUI_CISCO, SNAP_DTP):
                return False
        except MalformedPacket:
            return False
        try:
            packet = DtpPacket.parse(snap.payload)
        except MalformedPacket:
            self.ports[name].statistics.received += 1
            self.ports[name].statistics.malformed += 1
            return True
        self.ports[name].receive(packet, self.device.now)
        self._after(name)
        return True

    def _after(self, name: str, *, typed: bool = False) -> None:
        """Send what the port has to say, notice a changed outcome, plan the next timer.

        An outcome that changes without anything being typed, and with the link up, is a flap.
        """
        port = self.ports[name]
        plane = self.device.service(Bridge).plane
        for packet in port.packets():
            frame = packet.to_frame().to_bytes()
            plane.transmit(name, frame, None)
            if self._speaks_isl(name):
                port.statistics.isl += 1
                plane.transmit(name, isl_frame(packet.neighbor, frame), None)
        if port.trunking != self._was[name]:
            self._was[name] = port.trunking
            errdisable = self.device.find(Errdisable)
            lost = not port.trunking and not typed and self.device.interfaces[name].line_up
            if errdisable is not None and lost:
                errdisable.flap(name, "dtp-flap")
            self.device.service(Bridge).plane.table.flush(port=name)
            self.device.service(Bridge).ports_changed()
        self._plan()

    def _speaks_isl(self, name: str) -> bool:
        """Whether a port that may become an ISL trunk asks in both encapsulations."""
        bridge = self.device.service(Bridge)
        both = self.device.model.facts.get("trunk_encapsulations", False)
        return both and bridge.is_switchport(name) and bridge.switchport(name).encapsulation != "dot1q"

    def _plan(self) -> None:
        due = min(
            (when for port in self.ports.values() if (when := port.next_timer()) is not None), default=None
        )
        if due == self._due and self._timer is not None and not self._timer.cancelled:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = None if due is None else self.device.scheduler.at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self.device.now
        for name, port in self.ports.items():
            when = port.next_timer()
            if when is not None and when <= now:
                port.tick(now)
                self._after(name)
        self._plan()
