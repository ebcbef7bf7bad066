"""Port ACLs at work: an IP list judges the IPv4 packets that come in on a port, a MAC list all other frames.

The hardware of a Catalyst counts no matches (software configuration guide of the Catalyst 3560, "Configuring Network
Security with ACLs"), and so does this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.inspection import stand
from iosemu.bridging.switchport import Switchport
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import HEADER_LENGTH, IPV4, tag_of, without_tag
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.acl.config import AccessGroups, AclsConfig
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.port_acl.config import MacAccessGroup

if TYPE_CHECKING:
    from iosemu.box.device import Device


class PortAccessLists(Service):
    """`ip access-group` and `mac access-group` of ports that switch."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._ip: dict[str, str] = {}
        self._mac: dict[str, str] = {}
        """The lists of the ports that have any: all others cost a frame nothing."""

    def interface_configured(self, interface: Interface) -> None:
        """A list may have been put on a port, or taken from it."""
        config, name = interface.config, interface.name
        self._ip.pop(name, None)
        self._mac.pop(name, None)
        groups, group = config.held(AccessGroups), config.held(MacAccessGroup)
        if config.held(Switchport) is not None:
            if groups is not None and groups.inbound:
                self._ip[name] = groups.inbound
            if group is not None and group.inbound:
                self._mac[name] = group.inbound
        self._filter()

    def interface_removed(self, interface: Interface) -> None:
        """A bundle is gone; its lists judge nothing any more."""
        self._ip.pop(interface.name, None)
        self._mac.pop(interface.name, None)
        self._filter()

    def _filter(self) -> None:
        stand(self.device.service(Bridge).plane.filters, self.refuse, at_work=bool(self._ip or self._mac))

    def refuse(self, port: str, _vlan: int, frame: bytes) -> str:
        """Why a frame that came in is not taken, or nothing."""
        ip, mac = self._ip.get(port), self._mac.get(port)
        if ip is None and mac is None:
            return ""
        plain = without_tag(frame)
        if plain[12:14] == IPV4:
            if ip is None or permits_packet(self.device, ip, plain):
                return ""
            return f"access list {ip} denies it"
        found = self.device.config.of(AclsConfig).mac.get(mac) if mac is not None else None
        tag = tag_of(frame)
        if found is None or found.permits(plain, tag.priority if tag is not None else 0):
            return ""
        return f"MAC access list {mac} denies it"


def permits_packet(device: Device, name: str, frame: bytes) -> bool:
    """Whether a list lets the IPv4 packet of an untagged frame pass; what cannot be read is denied."""
    try:
        packet = IPv4Packet.parse(frame[HEADER_LENGTH:])
    except MalformedPacket:
        return False
    return device.service(AccessLists).would_permit(name, packet)
