"""UDLD on the ports of a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.box.service import Service
from iosemu.box.software import serial_number
from iosemu.net.scheduler import Timer
from iosemu.net.udld import WHY, UdldPort
from iosemu.packets.dtp import CISCO_GROUP
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import OUI_CISCO, SNAP_UDLD, Snap
from iosemu.packets.udld import UdldPacket
from iosemu.subjects.errdisable.service import Errdisable
from iosemu.subjects.udld.config import UdldConfig, UdldSettings

if TYPE_CHECKING:
    from iosemu.box.device import Device

CAUSE = "udld"


class Udld(Service):
    """Runs one `UdldPort` for each port that has it."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.ports: dict[str, UdldPort] = {}
        self._timer: Timer | None = None

    def start(self) -> None:
        """Power came."""
        self.device.bind_group(CISCO_GROUP, self.receive)

    def stop(self) -> None:
        """Power went."""
        if self._timer is not None:
            self._timer.cancel()
        self.ports = {}

    def changed(self) -> None:
        """The message time or the host name may be another one."""
        for name in self.ports:
            self.interface_configured(self.device.interfaces[name])

    def interface_configured(self, interface: Interface) -> None:
        """`udld port` was typed, or its opposite."""
        settings = interface.config.held(UdldSettings)
        port = self.ports.get(interface.name)
        if not interface.is_physical or settings is None or (port is None and not settings.enabled):
            return
        if port is None:
            port = UdldPort(serial_number(self.device), short_name(interface.name), self.device.hostname)
            port.link(interface.protocol_up, self.device.now)
            self.ports[interface.name] = port
        port.name = self.device.hostname
        config = self.device.config.of(UdldConfig)
        port.configure(settings.enabled, settings.aggressive, config.message_time, self.device.now)
        self._after(interface)

    def protocol_changed(self, interface: Interface) -> None:
        """A link came up or went down."""
        port = self.ports.get(interface.name)
        if port is not None:
            port.link(interface.protocol_up, self.device.now)
            self._after(interface)

    def receive(self, interface: Interface, frame: bytes) -> bool:
        """Take a control frame; False when it is not UDLD."""
        try:
            snap = Snap.parse(EthernetFrame.parse(frame).payload)
            if (snap.oui, snap.protocol) != (OUI_CISCO, SNAP_UDLD):
                return False
            packet = UdldPacket.parse(snap.payload)
        except MalformedPacket:
            return False
        port = self.ports.get(interface.name)
        if port is not None:
            port.receive(packet, self.device.now)
            self._after(interface)
        return True

    def reset(self) -> list[str]:
        """`udld reset`: open the ports that were closed; returns their names."""
        closed = [name for name, each in self.device.interfaces.items() if each.err_disabled == CAUSE]
        for name in closed:
            self.device.interfaces[name].recover()
        return closed

    def _after(self, interface: Interface) -> None:
        """Send what the port has to say, close it if it is to be, plan the next timer."""
        port = self.ports[interface.name]
        for packet in port.packets():
            self.device.send_control(interface, packet.to_frame(interface.mac).to_bytes())
        why, port.closed = port.closed, None
        if why is not None:
            short = short_name(interface.name)
            self.device.log("UDLD", 4, "UDLD_PORT_DISABLED", f"UDLD disabled interface {short}, {WHY[why]}")
            self.device.service(Errdisable).disable(interface.name, CAUSE)
        self._plan()

    def _plan(self) -> None:
        due = min(
            (when for each in self.ports.values() if (when := each.next_timer()) is not None), default=None
        )
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if due is None else self.device.scheduler.at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self.device.now
        for name, port in list(self.ports.items()):
            due = port.next_timer()
            if due is not None and due <= now:
                port.tick(now)
                self._after(self.device.interfaces[name])
        self._plan()
