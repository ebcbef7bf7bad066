"""BGP in one routing instance of a box: the engine, and what joins it to TCP, a routing table and lab time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import Tcp
from iosemu.net.routing import Route, RouteSource
from iosemu.net.scheduler import Timer
from iosemu.routing.bgp import Attributes, Origin, PeerConfig, Relation, Speaker
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.routing.bgp.events import Close, Connect, Send
from iosemu.routing.bgp.rib import Path, Versions
from iosemu.subjects.bgp.config import Family, Neighbor, Router
from iosemu.subjects.bgp.messages import Messages
from iosemu.subjects.bgp.protocol import IMPORTED, BgpProtocol
from iosemu.subjects.bgp.service.callers import Callers
from iosemu.subjects.bgp.service.policies import Policies
from iosemu.subjects.bgp.service.transport import Transport
from iosemu.subjects.routing.policy import route_map
from iosemu.subjects.routing.protocols import RoutingProtocols
from iosemu.subjects.routing.redistribution import Redistribution

DEFAULT_TIMERS = (60, 180)
"""Keepalive interval and hold time, seconds."""
EXTERNAL_INTERVAL = 30.0
"""Seconds between advertisement runs to a peer of another AS; there are none between those of a VRF."""
Changed = Callable[["Instance", Iterable[IPv4Network]], None]
"""Told which networks have another best path."""


class Instance:
    """The default instance's BGP, or `address-family ipv4 vrf V`."""

    def __init__(
        self, device: Device, router: Router, family: Family, router_id: IPv4Address, versions: Versions,
        changed: Changed,
    ) -> None:  # fmt: skip
        self.device = device
        self.router = router
        self.family = family
        stack = device.service(IpStack)
        self.table = stack.vrf(family.vrf)
        self._changed = changed
        self._tcp = device.service(Tcp)
        self._messages = Messages(device, router, family.vrf)
        self._policies = Policies(device, router, family)
        self._timer: Timer | None = None
        self._taken: set[str] = set()
        self._running = False
        self._open = True
        self._damping: object = None
        self.speaker = Speaker(router.speaker_config(router_id, family), self, device.rng.random, versions)
        self.speaker.trace = self._messages.message
        self.speaker.damping.trace = self._messages.flapped
        self.protocol = BgpProtocol(device, router, family, self.speaker, self.table)
        device.service(RoutingProtocols).add(self.protocol)
        self._callers = Callers(
            device, family, self.speaker, self._policies, self._configured_peer, self._forget
        )
        self.transport = Transport(
            device, family, self.table, self.speaker, self._policies, self.run, self._callers.admits
        )

    # --- configuration -------------------------------------------------------------------------------

    def configure(self) -> None:
        """Take over what was typed."""
        router, family, speaker, now = self.router, self.family, self.speaker, self.device.now
        config = router.speaker_config(speaker.config.router_id, family)
        if config != speaker.config:
            speaker.configure(config, now)
        for address in list(speaker.peers):
            configured = address in family.neighbors and family.effective(address).remote_as is not None
            if not configured and not self._callers.may_come(address):
                self._forget(address)
        for address in family.neighbors:
            effective = family.effective(address)
            if effective.remote_as is not None:
                self.transport.set_key(
                    address, effective.password.clear if effective.password is not None else None
                )
                speaker.set_peer(self._peer_config(address, effective), now)
        self.transport.set_range_keys(self._callers.keys())
        self._callers.configure()
        if family.damping != self._damping:
            self._damping = family.damping
            speaker.damping.configure(family.damping is not None, speaker.peers.values(), now)
        speaker.aggregates.configure(family.aggregates, now)
        self._look_at_conditions()
        self.offer_networks()
        self._take_others()
        self.run()

    def end(self) -> None:
        """It is no longer configured, or its VRF is no more: neighbors are told, routes go."""
        self.speaker.end(self.device.now)
        self.run()
        self._open = False
        for origin in self._taken:
            self.device.service(Redistribution).leave(self.protocol.process, origin, self.family.vrf)
        self._taken = set()
        self.device.service(RoutingProtocols).remove(self.protocol)
        self.table.routes.replace(RouteSource.BGP, (), self.protocol.process)
        self.transport.stop()
        self.stop()

    def stop(self) -> None:
        """Power goes, or it is ended: no timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _forget(self, address: IPv4Address) -> None:
        self.speaker.remove_peer(address, self.device.now)
        self.transport.release_key(address)
        self._policies.dynamic.pop(address, None)

    def _configured_peer(self, address: IPv4Address) -> PeerConfig:
        return self._peer_config(address, self._policies.effective(address))

    def _peer_config(self, address: IPv4Address, each: Neighbor) -> PeerConfig:
        assert each.remote_as is not None
        keepalive, hold, *least = each.timers or self.family.timers or self.router.timers or DEFAULT_TIMERS
        at_once = each.remote_as == self.router.as_number or bool(self.family.vrf)
        interval = each.advertisement_interval
        limit = each.maximum_prefix or (None, False, None)
        return PeerConfig(
            address, each.remote_as, keepalive, hold, each.shutdown, each.active,
            each.passive or address in self._policies.dynamic,
            float(interval) if interval is not None else 0.0 if at_once else EXTERNAL_INTERVAL,
            each.next_hop_self, each.route_reflector_client, each.send_community, each.soft_reconfiguration,
            each.weight or 0, limit[0], limit[1], limit[2] * 60.0 if limit[2] is not None else None,
            each.allowas_in or 0, each.remove_private_as, each.default_originate,
            next_hop_unchanged=each.next_hop_unchanged, local_as=each.local_as, as_override=each.as_override,
            default_map=each.default_map, four_octet_as=not each.two_octets,
            dynamic=address in self._policies.dynamic, falls_over=each.fall_over,
            warn_at=each.maximum_prefix_warning or 75, least_hold=least[0] if least else 0,
            send_extended=each.send_extended,
            multihop=each.ebgp_multihop is not None
            or each.ttl_security is not None
            or each.disable_connected_check,
        )  # fmt: skip

    # --- the routing table ---------------------------------------------------------------------------

    def interface_lost(self, interface: Interface) -> None:
        """The line of an interface went down: external peers on it are gone at once (fast fallover)."""
        if interface.name not in self.table.interfaces or not self.router.fast_fallover:
            return
        networks = [each.network for each in interface.config.of(IpSettings).addresses]
        for peer in list(self.speaker.peers.values()):
            direct = not peer.internal and not peer.config.multihop
            if direct and peer.sessions and any(peer.config.address in each for each in networks):
                self.speaker.reset(peer, self.device.now, "Interface flap")
        self.run()

    def ways_lost(self) -> None:
        """The routing table is another one: a neighbor with `fall-over` to which no way leads is gone at once."""
        for address, peer in list(self.speaker.peers.items()):
            if peer.config.falls_over and peer.sessions and self.table.routes.lookup(address) is None:
                self.speaker.reset(peer, self.device.now, "Route to peer lost")
        self.run()

    def _look_at_conditions(self) -> None:
        """What advertise-maps wait for may have come or gone."""
        for address, peer in self.speaker.peers.items():
            wanted = self._policies.effective(address).advertise_map
            if wanted is None:
                self._policies.conditions.pop(address, None)
                continue
            there = any(
                entry.best is not None
                and self._policies.mapped(wanted.condition, network, entry.best.attributes) is not None
                for network, entry in self.speaker.table.items()
            )
            if self._policies.conditions.get(address) is not (there is wanted.exists):
                self._policies.conditions[address] = there is wanted.exists
                self.speaker.reconsider(peer, self.device.now)

    def look_again(self) -> None:
        """The routing table is another one."""
        for peer in self.speaker.peers.values():
            if peer.config.default_map is not None:
                self.speaker.reconsider(peer, self.device.now)
        self.speaker.next_hops_changed(self.device.now)
        self.protocol.install([network for network, _ in self.imports()])
        self.offer_networks()
        self.run()

    def offer_networks(self) -> None:
        """Originate what `network` lines say and the table has."""
        for network, line in self.family.networks.items():
            route = self.table.routes.lookup_exact(network)
            wanted = None
            if route is not None and route.source is not RouteSource.BGP and not line.backdoor:
                wanted = self._own(route, Origin.IGP, None)
                if line.route_map is not None:
                    wanted = self._policies.network(line.route_map, network, wanted)
            self._originate(network, wanted, "network")
        for network, entry in list(self.speaker.table.items()):
            if network not in self.family.networks and any(each.kind == "network" for each in entry.paths):
                self.speaker.originate(network, None, self.device.now, "network")

    def _originate(self, network: IPv4Network, wanted: Attributes | None, kind: str) -> None:
        entry = self.speaker.table.get(network)
        known = next((each.attributes for each in entry.paths if each.kind == kind), None) if entry else None
        if known != wanted:
            self.speaker.originate(network, wanted, self.device.now, kind)

    def _own(self, route: Route, origin: Origin, metric: int | None) -> Attributes:
        next_hop = route.next_hop or IPv4Address(0)
        return Attributes(origin, (), next_hop, route.metric if metric is None else metric)

    def _take_others(self) -> None:
        redistribution, vrf = self.device.service(Redistribution), self.family.vrf
        for origin in self._taken - set(self.family.redistribute):
            redistribution.leave(self.protocol.process, origin, vrf)
        for origin, wanted in self.family.redistribute.items():

            def give(gone: Iterable[IPv4Network], come: Iterable[Route], origin: str = origin) -> None:
                self._given(origin, gone, come)

            redistribution.take(self.protocol.process, origin, give, wanted.words().strip(), vrf)
        self._taken = set(self.family.redistribute)

    def _given(self, origin: str, gone: Iterable[IPv4Network], come: Iterable[Route]) -> None:
        if not self._open:
            return
        kind = f"redistributed {origin}"
        for network in gone:
            self._originate(network, None, kind)
        settings = self.family.redistribute.get(origin)
        for route in come:
            made = None
            wanted = settings is not None and settings.takes(route)
            changes = (
                route_map(self.device, settings.route_map, route, self.family.vrf)
                if settings and wanted
                else None
            )
            default = not route.network.prefixlen and not self.family.default_originate
            if settings is not None and changes is not None and not default:
                metric = changes.metric[0] if changes.metric is not None else settings.metric
                if metric is None and route.source is not RouteSource.CONNECTED:
                    metric = self.family.default_metric
                made = self._own(route, Origin.INCOMPLETE, metric)
            self._originate(route.network, made, kind)
        self.run()

    # --- what the engine asks ------------------------------------------------------------------------

    def metric(self, next_hop: IPv4Address) -> int | None:
        """The metric of the route to a next hop; it must not lead over itself."""
        route = self.table.routes.lookup(next_hop)
        if route is None or (route.source is RouteSource.BGP and route.next_hop == next_hop):
            return None
        return route.metric

    def is_own(self, address: IPv4Address) -> bool:
        """Whether an address is one of this box, in this instance."""
        return self.table.is_local(address)

    def local_address(self, peer: IPv4Address) -> IPv4Address:
        """Our end of the session."""
        found = self.speaker.peers.get(peer)
        session = found.established if found is not None else None
        address = self.transport.local_address(session.connection) if session is not None else None
        return address or self.table.source_for(peer) or IPv4Address(0)

    def shares_network(self, peer: IPv4Address, next_hop: IPv4Address) -> bool:
        """Whether both are on one connected network."""
        hop = self.table.hop(peer)
        return hop is not None and hop.route.source is RouteSource.CONNECTED and next_hop in hop.route.network

    def damping(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes
    ) -> DampingParameters | None:
        """How a path is damped."""
        return self._policies.damping(peer, network, attributes, self.local_address(peer))

    def accept(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes
    ) -> tuple[Attributes, int | None] | None:
        """The filters for what comes in."""
        found = self.speaker.peers.get(peer)
        external = found is None or found.relation is Relation.EXTERNAL
        kind = "external" if external else "internal"
        return self._policies.accept(peer, network, attributes, kind, self.local_address(peer))

    def offer(self, peer: IPv4Address, network: IPv4Network, attributes: Attributes) -> Attributes | None:
        """The filters for what goes out."""
        best = self.protocol.best(network)
        kind = "local" if best is None or best.source is None else "external" if best.external else "internal"
        return self._policies.offer(peer, network, attributes, kind, self.local_address(peer))

    def mapped(self, name: str, network: IPv4Network, attributes: Attributes) -> Attributes | None:
        """What a route-map makes of a path of the table."""
        return self._policies.mapped(name, network, attributes)

    def unsuppressed(self, peer: IPv4Address, network: IPv4Network, attributes: Attributes) -> bool:
        """Whether a neighbor is told of what an aggregate stands for."""
        return self._policies.unsuppressed(peer, network, attributes)

    def default(self, peer: IPv4Address, name: str | None) -> Attributes | None:
        """The default that a neighbor is told."""
        return self._policies.default(name, self.table.routes)

    # --- other instances -----------------------------------------------------------------------------

    def exported(self, network: IPv4Network) -> Path | None:
        """What other instances may import: the best path, unless it is imported itself."""
        best = self.protocol.best(network)
        return best if best is not None and best.imported is None else None

    def take_over(self, network: IPv4Network, path: Path | None, source: Instance) -> None:
        """Import a path of another instance; None: there is none any more."""
        kind = f"{IMPORTED}{source.family.vrf}"
        entry = self.speaker.table.get(network)
        known = next((each.imported for each in entry.paths if each.kind == kind), None) if entry else None
        if known is not path:
            self.speaker.take_over(network, path, self.device.now, kind)

    def imports(self) -> list[tuple[IPv4Network, str]]:
        """The networks that have paths of other instances, and the kinds of these."""
        return [
            (network, path.kind)
            for network, entry in self.speaker.table.items()
            for path in entry.paths
            if path.imported is not None
        ]

    # --- what the engine says ------------------------------------------------------------------------

    def run(self) -> None:
        """Do what the engine wants, install routes, tell what happened and plan what comes next."""
        if self._running or not self._open:
            return
        self._running = True
        try:
            while self._step():
                pass
        finally:
            self._running = False
        self._tcp.run()
        self._plan()

    def _step(self) -> bool:
        speaker = self.speaker
        actions, events, changes = speaker.actions(), speaker.events(), speaker.route_changes()
        for action in actions:
            if isinstance(action, Send):
                self.transport.send(action.connection, action.data)
            elif isinstance(action, Close):
                self.transport.close(action.connection)
            elif isinstance(action, Connect):
                self.transport.connect(action.peer)
        if changes:
            self.protocol.install(changes)
            self._changed(self, changes)
            self._look_at_conditions()
        for event in events:
            self._messages.event(event, dynamic=event.peer in self._policies.dynamic)
        self._callers.see_off()
        return bool(actions or events or changes)

    def _plan(self) -> None:
        due = self.speaker.next_timer() if self._open else None
        if self._timer is not None:
            if self._timer.when == due:
                return
            self._timer.cancel()
        self._timer = self.device.scheduler.at(due, self._due) if due is not None else None

    def _due(self) -> None:
        self._timer = None
        self.speaker.tick(self.device.now)
        self.run()
