"""Access lists in the way of packets."""

from __future__ import annotations

from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.ip.path import In, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.packets.icmp import UnreachableCode
from iosemu.subjects.acl.config import AccessGroups, AclsConfig
from iosemu.subjects.acl.evaluation import permits


class AccessLists(Service):
    """`ip access-group`; the lists are read as packets come."""

    def start(self) -> None:
        """Stand in the packets' way."""
        stack = self.device.service(IpStack)
        stack.incoming.hook(In.ACCESS_LIST, self._incoming)
        stack.outgoing.hook(Out.ACCESS_LIST, self._outgoing)

    def _incoming(self, transit: Transit) -> bool:
        interface = transit.came_in
        assert interface is not None
        name = interface.config.of(AccessGroups).inbound
        return name is None or self._judge(name, transit)

    def _outgoing(self, transit: Transit) -> bool:
        out = transit.out
        assert out is not None
        name = out.config.of(AccessGroups).outbound
        return name is None or transit.came_in is None or self._judge(name, transit)

    def _judge(self, name: str, transit: Transit) -> bool:
        """Whether a list lets a packet pass; one that does not exist lets everything pass."""
        if permits(self.device.config.of(AclsConfig), name, transit.packet):
            return True
        stack, interface = self.device.service(IpStack), transit.came_in
        stack.counters.denied += 1
        if (
            interface is not None
            and interface.config.of(IpSettings).unreachables
            and not transit.link_broadcast
        ):
            stack.icmp.unreachable(UnreachableCode.ADMINISTRATIVELY_PROHIBITED, transit.packet, interface)
        return False
