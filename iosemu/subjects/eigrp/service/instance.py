"""One autonomous system of a box: the engine, and what joins it to interfaces, routes and time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.config import IpSettings, ip_mtu
from iosemu.ip.stack import IpStack
from iosemu.net.routing import Route, RouteSource
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.routing.eigrp import (
    AuthenticationMode,
    Eigrp,
    Entry,
    InterfaceConfig,
    Keys,
    Kind,
    Path,
    ProcessConfig,
    Vector,
    Weights,
    interface_delay,
)
from iosemu.routing.eigrp.advertising import major
from iosemu.routing.eigrp.packets import GROUP
from iosemu.subjects.eigrp.config import (
    DEFAULT_INTERFACE,
    FSM_DEBUG,
    RIB_SCALE,
    EigrpPort,
    EigrpProcess,
    InterfaceSettings,
)
from iosemu.subjects.eigrp.service.importing import Importer
from iosemu.subjects.eigrp.service.keys import PasswordKey
from iosemu.subjects.eigrp.service.messages import Messages
from iosemu.subjects.eigrp.service.policy import EigrpPolicy
from iosemu.subjects.eigrp.service.summary import summary_lines
from iosemu.subjects.key_chain.keys import ChainKeys
from iosemu.subjects.routing.protocols import RouteFacts, RoutingProtocol, RoutingProtocols
from iosemu.subjects.routing.redistribution import Redistribution

NETWORK_CONTROL = 0xC0
TTL = 2
HELLO, HOLD = 5, 15
SUMMARY_DISTANCE = 5
LARGEST_METRIC = 0xFFFFFFFF
SHARES = 240
"""The traffic share of the best of unequal paths."""
_STUB_LEAK = 32
_SILENT = frozenset(("Loopback", "Null"))


class Instance(RoutingProtocol):
    """`router eigrp N`, or an address family of `router eigrp NAME`, at work."""

    source = RouteSource.EIGRP

    def __init__(self, device: Device, config: EigrpProcess, router_id: IPv4Address) -> None:
        self.device = device
        self.config = config
        self.process = config.process
        self.router_id = router_id
        self.started = device.now
        self.policy = EigrpPolicy(device, config)
        self.engine = Eigrp(self.process_config(), device.rng.random, device.now, self.policy)
        self._stack = device.service(IpStack)
        self.vrf = config.vrf
        self.table = self._stack.vrf(config.vrf)
        self._timer: Timer | None = None
        self._covered: frozenset[str] = frozenset()
        self.messages = Messages(device, config)
        self.importer = Importer(device, config, self.engine, self._vector_in)
        self.importer.after = self.run
        self.most_waiting = 0
        """How many packets were there at once at most."""
        self._waiting, self._arrived = 0, device.now

    def _vector_in(self, process: str, network: IPv4Network) -> Vector | None:
        other = self.device.service(RoutingProtocols).find(process, self.vrf)
        entry = other.engine.topology.entries.get(network) if isinstance(other, Instance) else None
        path = entry.successor if entry is not None else None
        return path.vector if path is not None else None

    # --- configuration -------------------------------------------------------------------------------

    @property
    def wide(self) -> bool:
        """Whether metrics are of 64 bits: in named mode."""
        return bool(self.config.name)

    def process_config(self) -> ProcessConfig:
        """The process as the engine is told of it."""
        config = self.config
        k1, k2, k3, k4, k5 = config.weights[1:6]
        k6 = config.weights[6] if len(config.weights) > 6 else 0
        words = [*self.device.image.version.replace("(", ".").split("."), "0"]
        release = (int(words[0]), int(words[1]))
        stub = None
        if config.stub is not None:
            stub = config.stub.flags | (_STUB_LEAK if config.stub.leak_map else 0)
        modern = release >= (15, 0)
        return ProcessConfig(
            config.number,
            config.router_id or self.router_id,
            Weights((k1, k2, k3, k4, k5, k6), self.wide),
            config.variance,
            config.maximum_paths,
            config.auto_summary,
            stub,
            config.active_time * 60.0 if config.active_time is not None else None,
            config.maximum_hops,
            release,
            (2, 0) if modern else (1, 2),
            100 if modern else 200,
        )

    def configure(self) -> None:
        """Take over what was typed."""
        self.engine.trace = self.device.debugging.on(FSM_DEBUG)
        self.engine.configure(self.process_config(), self.device.now)
        self.look()
        self.importer.configure()
        self.engine.filters_changed(self.device.now)
        self._offer(list(self.engine.topology.entries))
        self.run()

    def filters_changed(self) -> None:
        """Access lists or route-maps may answer otherwise than before."""
        if self.config.lists or self.config.offsets or self.policy.has_leaks:
            self.engine.filters_changed(self.device.now)
        if any(each.route_map for each in self.config.redistribute.values()):
            self.importer.configure()
        self.run()

    def stop(self) -> None:
        """It is no longer configured."""
        self.engine.end(self.device.now)
        for name in self._covered:
            self._stack.leave(GROUP, name)
        self.importer.stop()
        self._send()
        self.abandon()
        self.table.routes.replace(RouteSource.EIGRP, (), self.process)
        self._covered = frozenset()
        self.device.service(Redistribution).coverage_changed(self.process, self.vrf)

    def abandon(self) -> None:
        """Power goes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- interfaces ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Compare the interfaces that it should run on with those that it does."""
        wanted: dict[str, InterfaceConfig] = {}
        for interface in self.table.interfaces.values():
            if interface.protocol_up:
                made = self._config(interface)
                if made is not None:
                    wanted[made.name] = made
        now = self.device.now
        for name in [name for name in self.engine.ports if name not in wanted]:
            self.engine.interface_down(name, now)
            self._send()
            self._stack.leave(GROUP, name)
        for name, config in wanted.items():
            port = self.engine.ports.get(name)
            if port is None:
                self._stack.join(GROUP, name)
            if port is None or port.config != config:
                self.engine.interface_up(config, now)
        covered = frozenset(wanted)
        if covered != self._covered:
            self._covered = covered
            self.device.service(Redistribution).coverage_changed(self.process, self.vrf)

    def settings(self, interface: Interface) -> tuple[InterfaceSettings, InterfaceSettings]:
        """What is typed for an interface, and for all where it says nothing."""
        if self.config.name:
            usual = self.config.interfaces.get(DEFAULT_INTERFACE, InterfaceSettings())
            return self.config.interfaces.get(interface.name, InterfaceSettings()), usual
        port = interface.config.held(EigrpPort)
        return (
            port.systems.get(self.config.number) if port else None
        ) or InterfaceSettings(), InterfaceSettings()

    def _config(self, interface: Interface) -> InterfaceConfig | None:
        settings = interface.config.of(IpSettings)
        addresses = settings.addresses
        if settings.address is None or not addresses:
            return None
        connected = tuple(each.network for each in addresses if self.matches(each.ip))
        if not connected or not self.matches(settings.address.ip):
            return None
        if settings.unnumbered:
            connected = ()
        own, usual = self.settings(interface)
        if own.shutdown or usual.shutdown:
            return None
        mode, keys, key_name = self._authentication(own if own.mode is not None or own.key_chain else usual)
        bandwidth = interface.bandwidth
        return InterfaceConfig(
            interface.name,
            settings.address,
            tuple(addresses[1:]),
            connected,
            bandwidth,
            interface_delay(bandwidth, interface.delay, interface.config.delay is not None, self.wide),
            ip_mtu(interface.config),
            own.bandwidth_percent or usual.bandwidth_percent or 50,
            float(own.hello or usual.hello or HELLO),
            float(own.hold or usual.hold or HOLD),
            self.config.passive(interface.name) or interface.kind in _SILENT,
            own.split_horizon and usual.split_horizon,
            own.next_hop_self and usual.next_hop_self,
            tuple(own.summaries),
            mode,
            keys,
            key_name,
            bool(settings.unnumbered),
            frozenset(each for each, name in self.config.neighbors.items() if name == interface.name),
        )

    def _authentication(self, own: InterfaceSettings) -> tuple[AuthenticationMode | None, Keys | None, str]:
        if own.mode is None:
            return None, None, own.key_chain
        if own.key_chain:
            return own.mode, ChainKeys(self.device, own.key_chain), own.key_chain
        if own.mode is AuthenticationMode.SHA and own.password is not None:
            return own.mode, PasswordKey(own.password), str(own.password)
        return own.mode, ChainKeys(self.device, ""), ""

    def matches(self, address: IPv4Address) -> bool:
        """Whether a `network` line covers an address."""
        for network, wildcard in self.config.networks:
            if wildcard is None:
                if address in major(IPv4Network(network)):
                    return True
            elif not (int(network) ^ int(address)) & ~int(wildcard) & 0xFFFFFFFF:
                return True
        return False

    # --- packets and routes --------------------------------------------------------------------------

    def receive(self, packet: IPv4Packet, interface: str) -> None:
        """A packet came; those of one moment wait for the process together."""
        now = self.device.now
        self._waiting = self._waiting + 1 if now == self._arrived else 1
        self._arrived, self.most_waiting = now, max(self.most_waiting, self._waiting)
        self.engine.receive(interface, packet.source, packet.destination, packet.payload, self.device.now)
        self.run()

    def run(self) -> None:
        """Carry out what the engine left: packets, messages, routes; and be there when it is due."""
        self._send()
        self._offer(self.engine.changes())
        self._arm()

    def _send(self) -> None:
        for each in self.engine.packets():
            packet = IPv4Packet(
                each.source, each.destination, Protocol.EIGRP, each.payload, TTL, tos=NETWORK_CONTROL
            )
            if each.leaves > self.device.now:
                self.device.scheduler.at(each.leaves, partial(self._held_back, packet, each.interface))
            else:
                self._stack.send(packet, interface=each.interface)
        for event in self.engine.events():
            self.messages.event(event)

    def _held_back(self, packet: IPv4Packet, interface: str) -> None:
        """A packet may leave now, if it is still wanted there."""
        if self.device.powered and interface in self.engine.ports and interface in self._covered:
            self._stack.send(packet, interface=interface)

    def _arm(self) -> None:
        due = self.engine.next_timer()
        if self._timer is not None:
            if self._timer.when == due and not self._timer.cancelled:
                return
            self._timer.cancel()
            self._timer = None
        if due != float("inf"):
            self._timer = self.device.scheduler.at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.engine.trace = self.device.debugging.on(FSM_DEBUG)
        self.engine.tick(self.device.now)
        self.run()

    def _offer(self, networks: Iterable[IPv4Network]) -> None:
        """Bring what the routing table is offered of these networks up to date."""
        table = self.table.routes
        with table.batch():
            for network in networks:
                wanted = {route.identity: route for route in self._routes(network)}
                for route in table.offers(network):
                    own = route.source is RouteSource.EIGRP and route.process == self.process
                    if own and route.identity not in wanted:
                        table.withdraw(route)
                        self.messages.route(network, route.distance, route.metric, installed=False)
                known = {route.key for route in table.offers(network)}
                for route in wanted.values():
                    if route.key not in known:
                        table.add(route)
                        self.messages.route(network, route.distance, route.metric, installed=True)

    def scaled(self, distance: int) -> int:
        """A composite metric as the routing table has it."""
        return min(distance // RIB_SCALE if self.wide else distance, LARGEST_METRIC)

    def _routes(self, network: IPv4Network) -> list[Route]:
        paths = self.engine.installed(network)
        entry = self.engine.topology.entries.get(network)
        if not paths or entry is None:
            return []
        least = self.scaled(paths[0].distance)
        shares = self._shares(paths)
        return [
            Route(
                network,
                RouteSource.EIGRP,
                path.interface,
                path.next_hop,
                self._distance(network, path),
                self.scaled(path.distance),
                path.outside.tag
                if path.outside is not None and path.kind is Kind.LEARNED
                else path.vector.tag,
                updated=entry.updated,
                subtype="EX" if path.outside is not None and path.kind is Kind.LEARNED else "",
                process=self.process,
                leading=least,
                share=share,
            )
            for path, share in zip(paths, shares, strict=True)
        ]

    def _shares(self, paths: list[Path]) -> list[int]:
        """Traffic share counts: by the inverse of the metrics where they are unequal."""
        least = paths[0].distance
        if all(each.distance == least for each in paths):
            return [1] * len(paths)
        if self.config.share_minimum:
            return [int(each.distance == least) for each in paths]
        return [max(1, SHARES * least // each.distance) for each in paths]

    def _distance(self, network: IPv4Network, path: Path) -> int:
        if path.kind is Kind.SUMMARY:
            given = []
            for interface in self.table.interfaces.values():
                own, _ = self.settings(interface)
                if own.summaries.get(network) is not None:
                    given.append(own.summaries[network])
            return next((each for each in given if each is not None), SUMMARY_DISTANCE)
        return self.config.distances[path.outside is not None]

    # --- as a protocol among others ------------------------------------------------------------------

    def covers(self, interface: str) -> bool:
        """Whether it runs on an interface."""
        return interface in self._covered

    def _path(self, route: Route) -> tuple[Entry | None, Path | None]:
        entry = self.engine.topology.entries.get(route.network)
        paths = entry.paths.values() if entry is not None else ()
        fit = (each for each in paths if (each.interface, each.next_hop) == (route.interface, route.next_hop))
        return entry, next(fit, None)

    def facts(self, route: Route) -> RouteFacts:
        """What the topology table has of a route."""
        _, path = self._path(route)
        if path is None:
            return RouteFacts("external" if route.subtype else "internal")
        vector = path.vector
        lines = (
            f"Total delay is {vector.delay // 10**6} microseconds, minimum bandwidth is {vector.bandwidth} Kbit",
            f"Reliability {vector.reliability}/255, minimum MTU {vector.mtu} bytes",
            f"Loading {vector.load}/255, Hops {vector.hops}",
        )
        source = path.neighbor.address if path.neighbor is not None else IPv4Address(0)
        return RouteFacts("external" if route.subtype else "internal", source, route.share, lines)

    def updated(self, route: Route) -> float:
        """When the route last changed."""
        entry = self.engine.topology.entries.get(route.network)
        return entry.updated if entry is not None else route.updated

    def summary(self) -> Iterable[str]:
        """`show ip protocols`."""
        return summary_lines(self.device, self.config, self.engine, self)
