"""Route-maps at work, for packets and for routes."""

from __future__ import annotations

from iosemu.net.routing import Route
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, find
from iosemu.subjects.policy.config import PolicyConfig, RouteMapEntry
from iosemu.subjects.routing.policy import RoutePolicies, RouteSettings


class Policies(RoutePolicies):
    """Reads the route-maps whenever they are asked."""

    def _listed(self, entry: RouteMapEntry, flow: Flow, count: bool) -> bool:
        """Whether one of the access lists of an entry permits a flow; an entry without any takes all."""
        if not entry.access_lists:
            return True
        acls = self.device.config.of(AclsConfig)
        for name in entry.access_lists:
            access_list = acls.get(name)
            line = find(access_list, flow) if access_list is not None else None
            if line is not None and line.action is Action.PERMIT:
                line.matches += count
                return True
        return False

    def permits_packet(self, name: str, flow: Flow, out: str) -> bool:
        """Whether a route-map permits a packet that leaves by `out`; one that is not defined permits none."""
        for entry in self.device.config.of(PolicyConfig).entries(name):
            if entry.interfaces and out not in entry.interfaces:
                continue
            if self._listed(entry, flow, count=True):
                return entry.permit
        return False

    def route_map(self, name: str, route: Route) -> RouteSettings | None:
        """What a route-map makes of a route; None: it is denied, or no such route-map is defined."""
        network = route.network
        # a standard list sees the network as source; an extended one its mask as destination, too
        seen = Flow.of(IPv4Packet(network.network_address, network.netmask, Protocol.TCP, b""))
        for entry in self.device.config.of(PolicyConfig).entries(name):
            if entry.interfaces and route.interface not in entry.interfaces:
                continue
            if entry.tags and route.tag not in entry.tags:
                continue
            if not self._listed(entry, seen, count=False):
                continue
            if not entry.permit:
                return None
            metric = (entry.metric,) if entry.metric is not None else None
            return RouteSettings(metric=metric, metric_type=entry.metric_type, tag=entry.tag)
        return None
