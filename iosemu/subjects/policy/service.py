"""Route-maps and lists at work, for packets and for routes."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from iosemu.net.routing import Route, RouteSource
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.routing.bgp import Attributes
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, find
from iosemu.subjects.policy.config import PolicyConfig, RouteMapEntry
from iosemu.subjects.policy.evaluation import Candidate, counting, path_settings, route_settings, types_of
from iosemu.subjects.routing.policy import BgpPath, RoutePolicies, RouteSettings
from iosemu.subjects.routing.protocols import RouteFacts, RoutingProtocols

_NAMES = {RouteSource.CONNECTED: "connected", RouteSource.STATIC: "static"}


class Policies(RoutePolicies):
    """Reads the configuration whenever it is asked.

    A list that a `match` line names and that does not exist permits everything.
    """

    @property
    def _config(self) -> PolicyConfig:
        return self.device.config.of(PolicyConfig)

    # --- lists ---------------------------------------------------------------------------------------

    def _access_list(self, name: str, flow: Flow, count: bool = False) -> bool:
        found = self.device.config.of(AclsConfig).get(name)
        if found is None or not found.items:
            return True
        line = find(found, flow)
        if line is None or line.action is not Action.PERMIT:
            return False
        line.matches += count
        return True

    def access_list(self, name: str, network: IPv4Network) -> bool:
        """Whether an access list permits a network; an extended one sees its mask as the destination."""
        return self._networks([name], [], network)

    def prefix_list(self, name: str, network: IPv4Network) -> bool:
        """Whether a prefix list permits a network."""
        found = self._config.prefix_lists.get(name)
        return found is None or found.permits(network)

    def as_path_list(self, number: int, path: str) -> bool:
        """Whether `ip as-path access-list` permits an AS path."""
        found = self._config.as_path_lists.get(number)
        return found is None or found.permits(path)

    def community_list(self, name: str, communities: Iterable[int], exact: bool = False) -> bool:
        """Whether `ip community-list` permits a path with these communities."""
        config = self._config
        found = config.community_lists.get(name)
        return found is None or found.permits(communities, exact, config.new_format)

    # --- packets -------------------------------------------------------------------------------------

    def permits_packet(self, name: str, flow: Flow, out: str) -> bool:
        """Whether a route-map permits a packet that leaves by `out`; one that is not defined permits none."""
        for entry in self._config.entries(name):
            if entry.interfaces and out not in entry.interfaces:
                continue
            if self._takes(entry, flow):
                return entry.permit
        return False

    def _takes(self, entry: RouteMapEntry, flow: Flow) -> bool:
        lists = entry.access_lists
        return not lists or any(self._access_list(name, flow, count=True) for name in lists)

    def packet_entry(self, name: str, packet: IPv4Packet) -> RouteMapEntry | None:
        """The entry that policy routing goes by; of the `match` lines only `ip address` and `length` count."""
        flow = Flow.of(packet)
        for entry in self._config.entries(name):
            least, most = entry.length or (0, packet.total_length)
            if least <= packet.total_length <= most and self._takes(entry, flow):
                return entry
        return None

    # --- routes --------------------------------------------------------------------------------------

    def route_map(self, name: str, route: Route, vrf: str = "") -> RouteSettings | None:
        """What a route-map makes of a route of an instance; None: it is denied, or no such route-map is defined."""
        entries = self._config.entries(name)
        asks = any(
            each.route_types or _source(each) or each.as_paths or each.communities or each.automatic_tag
            for each in entries
        )
        facts = self._facts(route, vrf) if asks else None
        candidate = Candidate(
            route.network,
            route.next_hop,
            facts.advertiser if facts is not None else None,
            route.interface,
            route.metric,
            route.tag,
            types_of(route) if facts is None or route.source is not RouteSource.BGP else _bgp_type(facts),
            _NAMES.get(route.source, route.process),
            facts.as_path if facts is not None else None,
            facts.communities if facts is not None else None,
        )
        taken = counting(entries, lambda entry: self._fits(entry, candidate))
        automatic = facts.automatic_tag if facts is not None else None
        return None if taken is None else route_settings(taken, route.metric, automatic)

    def _facts(self, route: Route, vrf: str) -> RouteFacts | None:
        protocols = self.device.find(RoutingProtocols)
        protocol = protocols.find(route.process, vrf) if protocols is not None and route.process else None
        return protocol.facts(route) if protocol is not None else None

    def bgp(self, name: str, path: BgpPath) -> tuple[Attributes, int | None] | None:
        """The attributes that a route-map gives a path, and perhaps a weight; None: it is denied."""
        taken = self._of_path(name, path)
        if taken is None:
            return None
        return path_settings(taken, path, lambda list_name, each: self._names_community(list_name, each))

    def damping(self, name: str, path: BgpPath) -> DampingParameters | None:
        """How a route-map has a path damped: by the last `set dampening` that counts; None: not."""
        found = [each.damping for each in self._of_path(name, path) or () if each.damping is not None]
        return found[-1] if found else None

    def _of_path(self, name: str, path: BgpPath) -> list[RouteMapEntry] | None:
        attributes = path.attributes
        candidate = Candidate(
            path.network,
            attributes.next_hop,
            path.peer if path.incoming else None,
            None,
            attributes.med or 0,
            0,
            frozenset((path.kind,)),
            f"bgp {path.local_as}",
            attributes.path_text(path.dotted),
            attributes.communities,
            attributes.extended,
            100 if attributes.local_pref is None else attributes.local_pref,
        )
        return counting(self._config.entries(name), lambda entry: self._fits(entry, candidate))

    def _names_community(self, name: str, community: int) -> bool:
        """Whether a list that exists permits a community alone."""
        return name in self._config.community_lists and self.community_list(name, (community,))

    def _fits(self, entry: RouteMapEntry, route: Candidate) -> bool:
        """Whether all kinds of `match` that an entry has fit a route."""
        return (
            self._networks(entry.access_lists, entry.prefix_lists, route.network)
            and self._hosts(entry.next_hop_access_lists, entry.next_hop_prefix_lists, route.next_hop)
            and self._hosts(entry.source_access_lists, entry.source_prefix_lists, route.source)
            and (not entry.interfaces or route.interface in entry.interfaces)
            and (not entry.metrics or any(each.matches(route.metric) for each in entry.metrics))
            and (not entry.tags or route.tag in entry.tags)
            and (not entry.route_types or not route.types.isdisjoint(entry.route_types))
            and (not entry.protocols or route.protocol in entry.protocols)
            and self._path_fits(entry, route)
        )

    def _networks(self, access_lists: list[str], prefix_lists: list[str], network: IPv4Network) -> bool:
        # a standard list sees the network as source; an extended one its mask as destination, too
        if access_lists:
            flow = Flow(Protocol.TCP, int(network.network_address), int(network.netmask))
            if not any(self._access_list(name, flow) for name in access_lists):
                return False
        return not prefix_lists or any(self.prefix_list(name, network) for name in prefix_lists)

    def _hosts(self, access_lists: list[str], prefix_lists: list[str], address: IPv4Address | None) -> bool:
        if not access_lists and not prefix_lists:
            return True
        return address is not None and self._networks(
            access_lists, prefix_lists, IPv4Network((int(address), 32))
        )

    def _path_fits(self, entry: RouteMapEntry, route: Candidate) -> bool:
        if entry.as_paths:
            path = route.as_path
            if path is None or not any(self.as_path_list(each, path) for each in entry.as_paths):
                return False
        if entry.match_preferences and route.preference not in entry.match_preferences:
            return False
        if entry.match_extcommunities:
            lists, values = self._config.extcommunity_lists, route.extended
            if values is None or not any(
                name not in lists or lists[name].permits(values) for name in entry.match_extcommunities
            ):
                return False
        if not entry.communities:
            return True
        have, exact = route.communities, entry.exact_communities
        return have is not None and any(self.community_list(each, have, exact) for each in entry.communities)


def _source(entry: RouteMapEntry) -> bool:
    return bool(entry.source_access_lists or entry.source_prefix_lists)


def _bgp_type(facts: RouteFacts) -> frozenset[str]:
    return frozenset((facts.type if facts.type in ("internal", "external") else "local",))
