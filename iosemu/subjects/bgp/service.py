"""BGP at work on a box: the engine joined to TCP, the routing table and lab time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings, primary_address
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.net.routing import Route, RouteSource
from iosemu.net.scheduler import Timer
from iosemu.routing.bgp import Attributes, Origin, PeerConfig, Relation, Speaker
from iosemu.routing.bgp.events import Close, Connect, Send
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, check
from iosemu.subjects.bgp.config import BgpConfig, Neighbor, Router
from iosemu.subjects.bgp.messages import Messages
from iosemu.subjects.bgp.protocol import BgpProtocol
from iosemu.subjects.routing.policy import BgpPath, RoutePolicies, prefix_list, route_map
from iosemu.subjects.routing.protocols import RoutingProtocols
from iosemu.subjects.routing.redistribution import Redistribution
from iosemu.tcp import (
    Connected,
    Connection,
    ConnectionClosed,
    ConnectionEvent,
    DataReceived,
    Endpoint,
    PeerClosed,
    TcpConfig,
    Writable,
)

PORT = 179
TOS = 0xC0
WINDOW, SEND_BUFFER = 16384, 65535
NEXT_HOP_DELAY = 5.0
"""Seconds between a change of the routing table and the look at next hops and networks."""
BOOT_DELAY = 3.0
"""Seconds after power on until a router ID is chosen: ports have come up."""


class Bgp(Service):
    """`router bgp`."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.speaker: Speaker | None = None
        self.router: Router | None = None
        self.protocol: BgpProtocol | None = None
        self.connections: dict[int, Connection] = {}
        self._stack = device.service(IpStack)
        self._tcp = device.service(Tcp)
        self._messages = Messages(device)
        self._backlog: dict[int, deque[bytes]] = {}
        self._closing: set[int] = set()
        self._keys: dict[IPv4Address, str] = {}
        self._timer: Timer | None = None
        self._look: Timer | None = None
        self._boot: Timer | None = None
        self._taken: set[str] = set()
        self._running = False

    def stop(self) -> None:
        """Power goes."""
        for timer in (self._timer, self._look, self._boot):
            if timer is not None:
                timer.cancel()

    # --- what is told --------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something of BGP, or of what its filters ask, was typed."""
        if self.speaker is not None or self.device.config.of(BgpConfig).router is not None:
            self.device.soon(self._refresh)

    def protocol_changed(self, interface: Interface) -> None:
        """An interface came up, and BGP may wait for an address; or its external peers are gone (fast fallover)."""
        if interface.protocol_up:
            self.changed()
        elif self.speaker is not None and interface.name in self._stack.default.interfaces:
            now = self.device.now
            networks = [each.network for each in interface.config.of(IpSettings).addresses]
            for peer in list(self.speaker.peers.values()):
                direct = not peer.internal and not peer.config.multihop
                if direct and peer.sessions and any(peer.config.address in each for each in networks):
                    self.speaker.reset(peer, now, "Interface flap")
            self.run()

    def routes_changed(self) -> None:
        """The routing table is another one: next hops and networks are looked at soon."""
        if self.speaker is not None and self._look is None:
            self._look = self.device.scheduler.after(NEXT_HOP_DELAY, self._look_again)

    def _look_again(self) -> None:
        self._look = None
        if self.speaker is not None:
            self.speaker.next_hops_changed(self.device.now)
            self._offer_networks()
            self.run()

    # --- configuration -------------------------------------------------------------------------------

    def _refresh(self) -> None:
        wanted = self.device.config.of(BgpConfig).router
        if self.speaker is not None and wanted is not self.router:
            self._end()
        if wanted is None:
            return
        if self.speaker is None and not self._begin(wanted):
            return
        speaker, now = self.speaker, self.device.now
        assert speaker is not None
        config = wanted.speaker_config(speaker.config.router_id)
        if wanted.router_id is not None and wanted.router_id != config.router_id:
            self._end()
            self._refresh()
            return
        if config != speaker.config:
            speaker.configure(config, now)
        for address in list(speaker.peers):
            if address not in wanted.neighbors or wanted.effective(address).remote_as is None:
                speaker.remove_peer(address, now)
                self._set_key(address, None)
        for address in wanted.neighbors:
            effective = wanted.effective(address)
            if effective.remote_as is not None:
                self._set_key(address, effective.password)
                speaker.set_peer(self._peer_config(wanted, address, effective), now)
        speaker.aggregates.configure(wanted.aggregates, now)
        self._offer_networks()
        self._take_others(wanted)
        self.run()

    def _begin(self, router: Router) -> bool:
        """Start if there is a router ID."""
        early = self.device.booted_at + BOOT_DELAY
        router_id = router.router_id or self._highest_address()
        if router_id is None or (self.device.now < early and router.router_id is None):
            if self._boot is None and self.device.now < early:
                self._boot = self.device.scheduler.at(early, self._refresh)
            return False
        self.router = router
        self.speaker = Speaker(router.speaker_config(router_id), self, self.device.rng.random)
        self.speaker.trace = self._messages.message
        self.protocol = BgpProtocol(self.device, router, self.speaker)
        self.device.service(RoutingProtocols).add(self.protocol)
        self._tcp.listen(PORT, self._tell, accepts=self._accepts, config_for=self._tcp_config)
        return True

    def _end(self) -> None:
        assert self.speaker is not None
        assert self.protocol is not None
        self.speaker.end(self.device.now)
        self.run()
        for origin in self._taken:
            self.device.service(Redistribution).leave(self.protocol.process, origin)
        self._taken = set()
        self.device.service(RoutingProtocols).remove(self.protocol)
        self._stack.routes.replace(RouteSource.BGP, (), self.protocol.process)
        self._tcp.stop_listening(PORT)
        for address in list(self._keys):
            self._set_key(address, None)
        self.speaker = self.router = self.protocol = None

    def _highest_address(self) -> IPv4Address | None:
        loopbacks: list[IPv4Address] = []
        others: list[IPv4Address] = []
        for interface in self.device.service(IpStack).default.interfaces.values():
            if interface.protocol_up:
                found = [address.ip for address in interface.config.of(IpSettings).addresses]
                (loopbacks if interface.kind == "Loopback" else others).extend(found)
        return max(loopbacks or others, default=None)

    def _peer_config(self, router: Router, address: IPv4Address, each: Neighbor) -> PeerConfig:
        assert each.remote_as is not None
        keepalive, hold = each.timers or router.timers
        internal = each.remote_as == router.as_number
        interval = each.advertisement_interval
        limit = each.maximum_prefix or (None, False, None)
        return PeerConfig(
            address, each.remote_as, keepalive, hold, each.shutdown, each.active, each.passive,
            float(interval) if interval is not None else 0.0 if internal else 30.0,
            each.next_hop_self, each.route_reflector_client, each.send_community, each.soft_reconfiguration,
            each.weight or 0, limit[0], limit[1], limit[2] * 60.0 if limit[2] is not None else None,
            each.allowas_in or 0, each.remove_private_as, each.default_originate,
            multihop=each.ebgp_multihop is not None or each.ttl_security is not None,
        )  # fmt: skip

    def _set_key(self, address: IPv4Address, password: str | None) -> None:
        if self._keys.get(address) == password:
            return
        if password is None:
            self._keys.pop(address, None)
        else:
            self._keys[address] = password
        self._tcp.engine.set_md5_key(address, password.encode() if password is not None else None)

    def _offer_networks(self) -> None:
        speaker, router = self.speaker, self.router
        assert speaker is not None
        assert router is not None
        for network in router.networks:
            route = self._stack.routes.lookup_exact(network)
            wanted = None
            if route is not None and route.source is not RouteSource.BGP:
                wanted = self._own(route, Origin.IGP, None)
            self._originate(network, wanted, "network")
        for network, entry in list(speaker.table.items()):
            if network not in router.networks and any(each.kind == "network" for each in entry.paths):
                speaker.originate(network, None, self.device.now, "network")

    def _originate(self, network: IPv4Network, wanted: Attributes | None, kind: str) -> None:
        assert self.speaker is not None
        entry = self.speaker.table.get(network)
        known = next((each.attributes for each in entry.paths if each.kind == kind), None) if entry else None
        if known != wanted:
            self.speaker.originate(network, wanted, self.device.now, kind)

    def _own(self, route: Route, origin: Origin, metric: int | None) -> Attributes:
        next_hop = route.next_hop or IPv4Address(0)
        return Attributes(origin, (), next_hop, route.metric if metric is None else metric)

    def _take_others(self, router: Router) -> None:
        assert self.protocol is not None
        redistribution = self.device.service(Redistribution)
        for origin in self._taken - set(router.redistribute):
            redistribution.leave(self.protocol.process, origin)
        for origin, wanted in router.redistribute.items():

            def give(gone: Iterable[IPv4Network], come: Iterable[Route], origin: str = origin) -> None:
                self._given(origin, gone, come)

            redistribution.take(self.protocol.process, origin, give, wanted.words().strip())
        self._taken = set(router.redistribute)

    def _given(self, origin: str, gone: Iterable[IPv4Network], come: Iterable[Route]) -> None:
        if self.speaker is None or self.router is None:
            return
        kind = f"redistributed {origin}"
        for network in gone:
            self._originate(network, None, kind)
        settings = self.router.redistribute.get(origin)
        for route in come:
            made = None
            wanted = settings is not None and settings.takes(route)
            changes = route_map(self.device, settings.route_map, route) if settings and wanted else None
            if settings is not None and changes is not None and route.network.prefixlen:
                metric = changes.metric[0] if changes.metric is not None else settings.metric
                made = self._own(route, Origin.INCOMPLETE, metric)
            self._originate(route.network, made, kind)
        self.run()

    # --- what the engine asks ------------------------------------------------------------------------

    def metric(self, next_hop: IPv4Address) -> int | None:
        """The metric of the route to a next hop; it must not lead over itself."""
        route = self._stack.routes.lookup(next_hop)
        if route is None or (route.source is RouteSource.BGP and route.next_hop == next_hop):
            return None
        return route.metric

    def is_own(self, address: IPv4Address) -> bool:
        """Whether an address is one of this box."""
        return self._stack.is_local(address)

    def local_address(self, peer: IPv4Address) -> IPv4Address:
        """Our end of the session."""
        found = self.speaker.peers.get(peer) if self.speaker is not None else None
        session = found.established if found is not None else None
        connection = self.connections.get(session.connection) if session is not None else None
        if connection is not None and isinstance(connection.local.address, IPv4Address):
            return connection.local.address
        return self._stack.source_for(peer) or IPv4Address(0)

    def shares_network(self, peer: IPv4Address, next_hop: IPv4Address) -> bool:
        """Whether both are on one connected network."""
        hop = self._stack.hop(peer)
        return hop is not None and hop.route.source is RouteSource.CONNECTED and next_hop in hop.route.network

    def accept(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes
    ) -> tuple[Attributes, int | None] | None:
        """The filters for what comes in."""
        each = self._effective(peer)
        if not self._passes(each.distribute_in, each.prefix_in, each.filter_in, network, attributes):
            return None
        if each.route_map_in is None:
            return attributes, None
        found = self.speaker.peers.get(peer) if self.speaker is not None else None
        external = found is None or found.relation is Relation.EXTERNAL
        return self._mapped(
            each.route_map_in, network, attributes, peer, "external" if external else "internal"
        )

    def offer(self, peer: IPv4Address, network: IPv4Network, attributes: Attributes) -> Attributes | None:
        """The filters for what goes out."""
        each = self._effective(peer)
        if not self._passes(each.distribute_out, each.prefix_out, each.filter_out, network, attributes):
            return None
        if each.route_map_out is None:
            return attributes
        best = self.protocol.best(network) if self.protocol is not None else None
        kind = "local" if best is None or best.peer is None else "external" if best.external else "internal"
        made = self._mapped(each.route_map_out, network, attributes, peer, kind, incoming=False)
        return None if made is None else made[0]

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
        policies = self.device.find(RoutePolicies) if paths is not None else None
        return paths is None or policies is None or policies.as_path_list(paths, attributes.path_text())

    def _mapped(
        self, name: str, network: IPv4Network, attributes: Attributes, peer: IPv4Address, kind: str,
        incoming: bool = True,
    ) -> tuple[Attributes, int | None] | None:  # fmt: skip
        policies, router = self.device.find(RoutePolicies), self.router
        if policies is None or router is None:
            return None
        path = BgpPath(network, attributes, peer, self.local_address(peer), kind, incoming, router.as_number)
        return policies.bgp(name, path)

    def _effective(self, peer: IPv4Address) -> Neighbor:
        router = self.router
        return router.effective(peer) if router is not None and peer in router.neighbors else Neighbor()

    def _permits(self, name: str, network: IPv4Network) -> bool:
        """An access list on a network: its address is the source, its mask the destination of an extended list."""
        found = self.device.config.of(AclsConfig).get(name)
        if found is None or not found.items:
            return True
        flow = Flow(0, int(network.network_address), int(network.netmask))
        entry = check(found, flow)
        return entry is not None and entry.action is Action.PERMIT

    # --- TCP -----------------------------------------------------------------------------------------

    def _accepts(self, local: Endpoint, remote: Endpoint, _vrf: str) -> bool:
        assert isinstance(remote.address, IPv4Address)
        return self.speaker is not None and self.speaker.wants(remote.address) and local.port == PORT

    def _tcp_config(self, remote: Endpoint) -> TcpConfig:
        assert isinstance(remote.address, IPv4Address)
        each, router = self._effective(remote.address), self.router
        config = TcpConfig(window=WINDOW, send_buffer=SEND_BUFFER, path_mtu_discovery=True, tos=TOS)
        if router is None or each.remote_as == router.as_number:
            return config
        if each.ttl_security is not None:
            return replace(config, minimum_ttl=255 - each.ttl_security)
        return replace(config, ttl=each.ebgp_multihop or 1)

    def _connect(self, address: IPv4Address) -> None:
        assert self.speaker is not None
        assert self.router is not None
        each = self._effective(address)
        source = None
        if each.update_source is not None:
            found = self.device.interfaces.get(each.update_source)
            source = primary_address(found.config) if found is not None and found.protocol_up else None
        external = each.remote_as != self.router.as_number
        route = self._stack.routes.lookup(address)
        direct = route is not None and route.source is RouteSource.CONNECTED
        far = external and each.ebgp_multihop is None and each.ttl_security is None and not direct
        blocked = far or (each.update_source is not None and source is None)
        try:
            if blocked:
                raise NoRouteError(f"{address} is not on a connected network")
            self._tcp.connect(
                address, PORT, self._tell, source=source, config=self._tcp_config(Endpoint(address, PORT))
            )
        except NoRouteError:
            self.speaker.failed(address, self.device.now, no_route=True)

    def _tell(self, event: ConnectionEvent) -> None:
        """What happened to a connection."""
        speaker, connection, now = self.speaker, event.connection, self.device.now
        address, number = connection.remote.address, connection.number
        assert isinstance(address, IPv4Address)
        if speaker is None:
            return
        if isinstance(event, Connected):
            self.connections[number] = connection
            speaker.opened(number, address, connection.passive, now)
        elif isinstance(event, DataReceived):
            speaker.received(number, connection.read(now), now)
        elif isinstance(event, Writable):
            self._push(number)
        elif isinstance(event, PeerClosed):
            if data := connection.read(now):
                speaker.received(number, data, now)
            speaker.closed(number, now)
            self._close(number)
        elif number in self.connections:
            self._forget(number)
            speaker.closed(number, now)
        else:
            speaker.failed(address, now)
        self.run()

    def _push(self, number: int) -> None:
        backlog, connection = self._backlog.get(number), self.connections.get(number)
        if connection is None:
            return
        try:
            while backlog and (taken := connection.send(backlog[0], self.device.now)):
                if taken == len(backlog[0]):
                    backlog.popleft()
                else:
                    backlog[0] = backlog[0][taken:]
        except ConnectionClosed:
            self._forget(number)
            return
        if number in self._closing and not backlog:
            connection.close(self.device.now)
            self._forget(number)

    def _close(self, number: int) -> None:
        self._closing.add(number)
        self._push(number)

    def _forget(self, number: int) -> None:
        self.connections.pop(number, None)
        self._backlog.pop(number, None)
        self._closing.discard(number)

    # --- what the engine says ------------------------------------------------------------------------

    def run(self) -> None:
        """Do what the engine wants, install routes, tell what happened and plan what comes next."""
        if self._running:
            return
        self._running = True
        try:
            while self.speaker is not None and self._step(self.speaker):
                pass
        finally:
            self._running = False
        self._tcp.run()
        self._plan()

    def _step(self, speaker: Speaker) -> bool:
        actions, events, changes = speaker.actions(), speaker.events(), speaker.route_changes()
        for action in actions:
            if isinstance(action, Send):
                self._backlog.setdefault(action.connection, deque()).append(action.data)
                self._push(action.connection)
            elif isinstance(action, Close):
                self._close(action.connection)
            elif isinstance(action, Connect):
                self._connect(action.peer)
        if changes and self.protocol is not None:
            self.protocol.install(changes)
        for event in events:
            self._messages.event(event, self.router)
        return bool(actions or events or changes)

    def _plan(self) -> None:
        due = self.speaker.next_timer() if self.speaker is not None else None
        if self._timer is not None:
            if self._timer.when == due:
                return
            self._timer.cancel()
        self._timer = self.device.scheduler.at(due, self._due) if due is not None else None

    def _due(self) -> None:
        self._timer = None
        if self.speaker is not None:
            self.speaker.tick(self.device.now)
            self.run()
