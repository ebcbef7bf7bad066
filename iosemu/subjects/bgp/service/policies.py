"""What the filters of neighbors let in and out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.net.routing import Route
from iosemu.routing.bgp import Attributes, Origin
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, check
from iosemu.subjects.bgp.config import Family, Neighbor, Router
from iosemu.subjects.routing.policy import BgpPath, RoutePolicies, prefix_list


class Policies:
    """The filters of one routing instance."""

    def __init__(self, device: Device, router: Router, family: Family) -> None:
        self.device = device
        self._router = router
        self.family = family
        self.dynamic: dict[IPv4Address, str] = {}
        """Neighbors that came from a `bgp listen range`, with their peer groups."""
        self.conditions: dict[IPv4Address, bool] = {}
        """Whether what the advertise-map of a neighbor waits for is so."""

    def effective(self, peer: IPv4Address) -> Neighbor:
        """A neighbor with what its peer group says; one that is not configured (any more) has nothing."""
        if peer in self.family.neighbors:
            return self.family.effective(peer)
        group = self.dynamic.get(peer)
        return Neighbor(peer_group=group).over(self.family.groups.get(group or ""))

    def accept(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes, kind: str, local: IPv4Address
    ) -> tuple[Attributes, int | None] | None:
        """What comes in from a peer of a kind (`external`), `local` is our end: attributes and perhaps a weight."""
        each = self.effective(peer)
        if not self._passes(each.distribute_in, each.prefix_in, each.filter_in, network, attributes):
            return None
        if each.route_map_in is None:
            return attributes, None
        return self._mapped(each.route_map_in, self._path(network, attributes, peer, local, kind))

    def offer(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes, kind: str, local: IPv4Address
    ) -> Attributes | None:
        """What goes out to a peer; `kind` is that of the path, `local` our end."""
        each = self.effective(peer)
        conditional = each.advertise_map
        if conditional is not None and not self.conditions.get(peer, False):
            path = self._path(network, attributes, peer, local, kind)
            if self._mapped(conditional.name, replace(path, incoming=False)) is not None:
                return None
        if not self._passes(each.distribute_out, each.prefix_out, each.filter_out, network, attributes):
            return None
        if each.route_map_out is None:
            return attributes
        path = replace(self._path(network, attributes, peer, local, kind), incoming=False)
        made = self._mapped(each.route_map_out, path)
        return None if made is None else made[0]

    def damping(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes, local: IPv4Address
    ) -> DampingParameters | None:
        """How a path that came in from a peer of another AS is damped, None: not."""
        chosen = self.family.damping
        if not isinstance(chosen, str):
            return chosen
        policies = self.device.find(RoutePolicies)
        path = self._path(network, attributes, peer, local, "external")
        return policies.damping(chosen, path) if policies is not None else None

    def network(self, name: str, network: IPv4Network, attributes: Attributes) -> Attributes | None:
        """What the route-map of a `network` line makes of it; None: denied."""
        own = IPv4Address(0)
        made = self._mapped(name, self._path(network, attributes, own, own, "local"))
        return None if made is None else made[0]

    def mapped(self, name: str, network: IPv4Network, attributes: Attributes) -> Attributes | None:
        """What a route-map makes of a path of the table; None: it denies it."""
        return self.network(name, network, attributes)

    def default(self, name: str | None, routes: Iterable[Route]) -> Attributes | None:
        """The default that a neighbor is told: while a map permits one of the routes, and as it changes that."""
        plain = Attributes(Origin.IGP)
        if name is None:
            return plain
        for route in routes:
            made = self.network(
                name, route.network, replace(plain, next_hop=route.next_hop or plain.next_hop)
            )
            if made is not None:
                return replace(made, next_hop=plain.next_hop)
        return None

    def unsuppressed(self, peer: IPv4Address, network: IPv4Network, attributes: Attributes) -> bool:
        """Whether a neighbor is told of a network that an aggregate stands for."""
        name = self.effective(peer).unsuppress_map
        return name is not None and self.network(name, network, attributes) is not None

    def _path(
        self, network: IPv4Network, attributes: Attributes, peer: IPv4Address, local: IPv4Address, kind: str
    ) -> BgpPath:
        router = self._router
        return BgpPath(network, attributes, peer, local, kind, True, router.as_number, router.dotted)

    def _passes(
        self,
        access_list: str | None,
        prefixes: str | None,
        paths: int | None,
        network: IPv4Network,
        attributes: Attributes,
    ) -> bool:
        if access_list is not None and not self._permits(access_list, network):
            return False
        if prefixes is not None and not prefix_list(self.device, prefixes, network):
            return False
        policies = self.device.find(RoutePolicies)
        if paths is None or policies is None:
            return True
        return policies.as_path_list(paths, attributes.path_text(self._router.dotted))

    def _mapped(self, name: str, path: BgpPath) -> tuple[Attributes, int | None] | None:
        policies = self.device.find(RoutePolicies)
        return None if policies is None else policies.bgp(name, path)

    def _permits(self, name: str, network: IPv4Network) -> bool:
        """An access list on a network: its address is the source, its mask the destination of an extended list."""
        found = self.device.config.of(AclsConfig).get(name)
        if found is None or not found.items:
            return True
        flow = Flow(0, int(network.network_address), int(network.netmask))
        entry = check(found, flow)
        return entry is not None and entry.action is Action.PERMIT
