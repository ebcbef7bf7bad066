"""RIP at work in one routing instance: the engine between the interfaces and the routing table."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import partial
from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.routing import Route, RouteSource
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.routing.rip import (
    AuthenticationMode,
    Given,
    InterfaceConfig,
    Known,
    Lost,
    Origin,
    ProcessConfig,
    Rip,
    State,
    major,
)
from iosemu.routing.rip.packets import GROUP, INFINITY, PORT
from iosemu.subjects.key_chain.keys import ChainKeys
from iosemu.subjects.rip import debug
from iosemu.subjects.rip.config import RipPort, RipProcess, splits_usually
from iosemu.subjects.rip.policy import RipPolicy
from iosemu.subjects.rip.protocol import RipProtocol
from iosemu.subjects.routing.policy import route_map
from iosemu.subjects.routing.protocols import RoutingProtocols
from iosemu.subjects.routing.redistribution import Redistribution

NETWORK_CONTROL = 0xC0
"""The type of service of routing protocols: precedence internetwork control."""
TTL = 2
INPUT_QUEUE = 50
"""Messages that may wait, unless `input-queue` says otherwise; 0: as many as come."""
PROCESSING = 0.001
"""Seconds that the process needs for a message."""
_SILENT = frozenset(("Loopback", "Null"))


class RipInstance:
    """`router rip`, or its `address-family ipv4 vrf V`, at work."""

    def __init__(self, device: Device, config: RipProcess) -> None:
        self.device = device
        self.config = config
        self.vrf = config.vrf
        self._stack = device.service(IpStack)
        self.table = self._stack.vrf(config.vrf)
        self.policy = RipPolicy(device, config)
        self.engine = Rip(self._resolved(), device.rng.random, device.now, self.policy)
        self.protocol = RipProtocol(self)
        self._timer: Timer | None = None
        self._taken: dict[str, str] = {}
        """What is taken from each origin: the words behind it."""
        self._covered: frozenset[str] = frozenset()
        self._waiting: deque[tuple[IPv4Packet, UdpDatagram, str]] = deque()
        """The input queue."""
        self._busy_until = 0.0
        """Lab time at which the process has done with the last message."""
        self.dropped = 0
        """Messages that the input queue had no room for."""
        device.service(RoutingProtocols).add(self.protocol)

    # --- what changes ----------------------------------------------------------------------------------

    def configure(self) -> None:
        """Take over what was typed."""
        self.engine.configure(self._resolved(), self.device.now)
        self._take()
        self._look()
        self._offer(list(self.engine.database.known))
        self._settle()

    def look_for_default(self) -> None:
        """A route-map may answer otherwise whether a default goes out."""
        self.engine.configure(self._resolved(), self.device.now)
        self._settle()

    def look(self) -> None:
        """Interfaces are other ones than before."""
        self._look()
        self._settle()

    def clear(self, network: IPv4Network | None = None) -> None:
        """`clear ip route`: forget what was learned and ask again."""
        self.engine.clear(self.device.now, network)
        self._settle()

    def abandon(self) -> None:
        """Power goes: nothing is due any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def stop(self) -> None:
        """It is no longer configured."""
        for name in list(self.engine.interfaces):
            self._stack.leave(GROUP, name)
        redistribution = self.device.service(Redistribution)
        for origin in self._taken:
            redistribution.leave("rip", origin, self.vrf)
        self.abandon()
        self.table.routes.replace(RouteSource.RIP, (), "rip")
        self.device.service(RoutingProtocols).remove(self.protocol)
        redistribution.coverage_changed("rip", self.vrf)

    # --- interfaces ------------------------------------------------------------------------------------

    def covers(self, name: str) -> bool:
        """Whether a network statement names an interface's network, and it is up."""
        return name in self._covered

    def _look(self) -> None:
        """Compare the interfaces that RIP should run on with those that it does."""
        engine, stack, now = self.engine, self._stack, self.device.now
        wanted = {
            config.name: config
            for interface in self.table.interfaces.values()
            if interface.protocol_up and (config := self._config(interface)) is not None
        }
        for name in [name for name in engine.interfaces if name not in wanted]:
            engine.interface_down(name, now)
            stack.leave(GROUP, name)
        for name, config in wanted.items():
            if name not in engine.interfaces:
                stack.join(GROUP, name)
            if engine.interfaces.get(name) != config:
                engine.interface_up(config, now)
        covered = frozenset(wanted)
        if covered != self._covered:
            self._covered = covered
            self.device.service(Redistribution).coverage_changed("rip", self.vrf)

    def _config(self, interface: Interface) -> InterfaceConfig | None:
        process = self.config
        addresses = [
            each for each in interface.config.of(IpSettings).addresses if major(each.ip) in process.networks
        ]
        if not addresses:
            return None
        port = interface.config.held(RipPort) or RipPort()
        usual = (process.version,) if process.version is not None else None
        return InterfaceConfig(
            interface.name,
            addresses[0],
            tuple(addresses[1:]),
            send=port.send or usual or (1,),
            receive=port.receive or usual or (1, 2),
            passive=process.passive(interface.name),
            split_horizon=splits_usually(interface) if port.split_horizon is None else port.split_horizon,
            v2_broadcast=port.v2_broadcast,
            unnumbered=bool(interface.config.of(IpSettings).unnumbered),
            summaries=tuple(port.summaries),
            authentication=(port.authentication or AuthenticationMode.TEXT) if port.key_chain else None,
            keys=ChainKeys(self.device, port.key_chain) if port.key_chain else None,
            key_chain=port.key_chain,
            loopback=interface.kind in _SILENT,
        )

    # --- redistribution --------------------------------------------------------------------------------

    def _take(self) -> None:
        process, redistribution = self.config, self.device.service(Redistribution)
        for origin in [origin for origin in self._taken if origin not in process.redistribute]:
            del self._taken[origin]
            redistribution.leave("rip", origin, self.vrf)
        for origin, each in process.redistribute.items():
            words = f"{each.words} default {process.default_metric}"
            if self._taken.get(origin) != words or each.route_map:  # what the map says may be other
                self._taken[origin] = words
                give = partial(self._given, origin)
                redistribution.take("rip", origin, give, each.words.strip(), self.vrf)

    def _given(self, origin: str, gone: Iterable[IPv4Network], come: Iterable[Route]) -> None:
        lost, found = list(gone), []
        for route in come:
            each = self._seeded(origin, route)
            if each is None:
                lost.append(route.network)
            else:
                found.append(each)
        self.engine.redistribute(lost, found, self.device.now)
        self._settle()

    def _seeded(self, origin: str, route: Route) -> Given | None:
        """A route with its first metric; None: a filter stops it, or nothing gives it a metric."""
        process = self.config
        wanted = process.redistribute.get(origin)
        if wanted is None:
            return None
        settings = route_map(self.device, wanted.route_map, route, self.vrf)
        if settings is None:
            return None
        metric = wanted.metric if wanted.metric is not None else process.default_metric
        if wanted.transparent:
            metric = route.metric
        if settings.metric is not None:
            metric = settings.metric[0]
        if metric is None:
            if route.source not in (RouteSource.CONNECTED, RouteSource.STATIC):
                return None  # ROUTING.md 2: another protocol's metric means nothing here
            metric = 1
        tag = settings.tag if settings.tag is not None else route.tag
        return Given(route.network, origin, min(max(metric, 1), INFINITY), tag & 0xFFFF, route.next_hop)

    # --- packets and routes ----------------------------------------------------------------------------

    def receive(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        """A datagram came in by an interface of the instance."""
        depth = self.config.input_queue
        if depth is None:
            depth = INPUT_QUEUE
        if self._busy_until > self.device.now:
            if depth and len(self._waiting) >= depth:
                self.dropped += 1
                return
            self._waiting.append((packet, datagram, interface))
            self._arm()
            return
        self._process(packet, datagram, interface)

    def _process(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        """Take a message; what comes meanwhile waits in the input queue."""
        now = self.device.now
        self._busy_until = now + PROCESSING
        self.engine.receive(interface, packet.source, datagram.source_port, datagram.payload, now)
        self._settle()

    def _settle(self) -> None:
        """Carry out what the engine left: datagrams, routes, debugging; and be there when it is due."""
        engine, stack = self.engine, self._stack
        for each in engine.packets():
            data = UdpDatagram(PORT, each.port, each.payload).to_bytes(each.source, each.destination)
            packet = IPv4Packet(each.source, each.destination, Protocol.UDP, data, TTL, tos=NETWORK_CONTROL)
            stack.counters.udp_sent += 1
            stack.send(packet, interface=each.interface)
        for event in engine.events():
            if not isinstance(event, Lost):
                debug.trace(self.device, event)
        self._offer(engine.changes())
        self._arm()

    def _arm(self) -> None:
        due = self.engine.next_timer()
        if self._waiting:
            due = min(due, self._busy_until)
        if self._timer is not None:
            if self._timer.when == due and not self._timer.cancelled:
                return
            self._timer.cancel()
        self._timer = self.device.scheduler.at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.engine.tick(self.device.now)
        if self._waiting and self._busy_until <= self.device.now:
            self._process(*self._waiting.popleft())
        self._settle()

    def _offer(self, networks: list[IPv4Network]) -> None:
        """Bring what the routing table is offered of these networks up to date."""
        table = self.table.routes
        with table.batch():
            for network in networks:
                wanted = {
                    route.identity: route for route in self._routes(self.engine.database.known.get(network))
                }
                for route in table.offers(network):
                    if route.source is RouteSource.RIP and route.identity not in wanted:
                        table.withdraw(route)
                for route in wanted.values():
                    table.add(route)

    def _routes(self, known: Known | None) -> list[Route]:
        if known is None or known.origin is not Origin.LEARNED or known.state is State.GARBAGE:
            return []
        lost = known.state is State.HELD_DOWN
        return [
            Route(
                known.network,
                RouteSource.RIP,
                path.interface,
                path.gateway,
                self.policy.distance(path.source, known.network),
                known.good_metric if lost else known.metric,
                path.tag,
                updated=path.updated,
                process="rip",
                possibly_down=lost,
            )
            for path in known.paths
        ]

    def _resolved(self) -> ProcessConfig:
        process = self.config
        default, interfaces = self.policy.default()
        return ProcessConfig(
            process.timers,
            process.auto_summary,
            process.maximum_paths,
            default,
            frozenset(interfaces),
            process.validate_source,
            frozenset(process.neighbors),
            (process.output_delay or 0) / 1000,
            float(process.flash_update_threshold or 0),
        )
