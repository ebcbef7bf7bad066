"""Port access control of a switch: which ports it is in the way of, and what they hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.inspection import stand
from iosemu.packets.addresses import MacAddress
from iosemu.packets.eapol import PAE_GROUP, EapolPacket
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EAPOL, LOOP, EthernetFrame
from iosemu.subjects.aaa_servers.service import AaaServers
from iosemu.subjects.dot1x.config import Dot1xPort
from iosemu.subjects.dot1x.service.port import AuthPort

if TYPE_CHECKING:
    from iosemu.box.device import Device


class PortAccess(Service):
    """Has an `AuthPort` for every port that is, or was, configured."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.ports: dict[str, AuthPort] = {}
        self._sessions = 0

    def start(self) -> None:
        """Hear EAPOL, and of servers that answer again."""
        self.device.bind_group(PAE_GROUP, self._heard)
        self.device.service(AaaServers).radius.revived.append(self._revived)

    def stop(self) -> None:
        """Power went."""
        for port in self.ports.values():
            port.stop()
        self.ports = {}

    def changed(self) -> None:
        """Something global was typed, or of what ports are."""
        for port in self.ports.values():
            port.configured()
        self._filter()

    def interface_configured(self, interface: Interface) -> None:
        """A port was configured."""
        name = interface.name
        if interface.config.held(Dot1xPort) is None or name not in self.device.switch_ports:
            return
        port = self.ports.get(name)
        if port is None:
            port = self.ports[name] = AuthPort(self.device, interface, self.number)
            interface.state_listeners += (port.link_changed,)
        port.configured()
        self._filter()

    def number(self) -> int:
        """The number of a new session."""
        self._sessions += 1
        return self._sessions

    def _filter(self) -> None:
        """Be in the way of frames only while there is something to guard."""
        at_work = any(port.controlled for port in self.ports.values())
        stand(self.device.service(Bridge).plane.filters, self._refuse, at_work=at_work)

    def _refuse(self, name: str, vlan: int, frame: bytes) -> str:
        """Why a frame that came in goes no further; empty: it does."""
        port = self.ports.get(name)
        if port is None or not port.controlled:
            return ""
        if frame[12:14] == EAPOL:
            self._heard(port.interface, frame)
            return "EAPOL goes no further than the port"
        if frame[12:14] == LOOP:
            return "a keepalive is for whoever sent it"
        return port.refuse(MacAddress(frame[6:12]), vlan)

    def _heard(self, interface: Interface, frame: bytes) -> bool:
        if frame[12:14] != EAPOL:
            return False
        port = self.ports.get(interface.name)
        if port is None or not port.controlled:
            return True
        try:
            packet = EapolPacket.parse(EthernetFrame.parse(frame).payload)
        except MalformedPacket:
            port.malformed()
            return True
        port.heard(packet, MacAddress(frame[6:12]))
        return True

    def _revived(self) -> None:
        for port in self.ports.values():
            port.server_alive()
