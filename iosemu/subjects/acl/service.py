"""Access lists in the way of packets."""

from __future__ import annotations

from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.acl.evaluation import permits


class AccessLists(Service):
    """Answers the stack for `ip access-group`; the lists are read as packets come."""

    def start(self) -> None:
        """Stand in the packets' way."""
        self.device.service(IpStack).permits = self.permits

    def permits(self, name: str, packet: IPv4Packet) -> bool:
        """Whether a list lets a packet pass; one that does not exist lets everything pass."""
        return permits(self.device.config.of(AclsConfig), name, packet)
