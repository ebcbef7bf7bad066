"""One OSPF process of a box: the engine, and what joins it to interfaces, routes and time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.stack import IpStack
from iosemu.net.route import slot
from iosemu.net.routing import Route, RouteSource
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.routing.ospf import InterfaceConfig, InterfaceState, PathType, Process
from iosemu.routing.ospf import Route as OspfRoute
from iosemu.routing.ospf.events import Event, InterfaceChange, RouteChange
from iosemu.subjects.ospf.config.area import AreaId
from iosemu.subjects.ospf.config.process import OspfProcess
from iosemu.subjects.ospf.service import translate
from iosemu.subjects.ospf.service.debugging import Debugger
from iosemu.subjects.ospf.service.filters import accepts, between_areas
from iosemu.subjects.ospf.service.importing import Importer
from iosemu.subjects.ospf.service.messages import Messages
from iosemu.subjects.ospf.service.summary import summary_lines
from iosemu.subjects.ospf.service.teller import FactTeller
from iosemu.subjects.routing.distances import distance_of
from iosemu.subjects.routing.protocols import RouteFacts, RoutingProtocol
from iosemu.subjects.routing.redistribution import Redistribution

PROTOCOL = 89
TOS = 0xC0
ALL_SPF_ROUTERS = IPv4Address("224.0.0.5")
ALL_D_ROUTERS = IPv4Address("224.0.0.6")
DEFAULT = IPv4Network("0.0.0.0/0")
EXTERNAL_DISCARD_DISTANCE = 254
_SUBTYPES = {each: each.name for each in PathType} | {PathType.INTRA: "", PathType.INTER: "IA"}
_DISTANCES = {PathType.INTRA: "intra-area", PathType.INTER: "inter-area"}
_WORDS = {
    PathType.INTRA: "intra area",
    PathType.INTER: "inter area",
    PathType.E1: "extern 1",
    PathType.E2: "extern 2",
    PathType.N1: "NSSA extern 1",
    PathType.N2: "NSSA extern 2",
}


class Instance(RoutingProtocol):
    """`router ospf N` at work."""

    __slots__ = (
        "_engine_config", "_groups", "_known", "_stack", "_table", "_timer", "_up", "by_network",
        "config", "debugger", "device", "engine", "importer", "last_update", "messages", "process",
        "started", "teller", "vrf",
    )  # fmt: skip

    source = RouteSource.OSPF

    def __init__(self, device: Device, config: OspfProcess, router_id: IPv4Address) -> None:
        self.device = device
        self.config = config
        self.process = f"ospf {config.number}"
        self.started = device.now
        self.engine = Process(
            translate.process_config(config),
            router_id,
            device.rng.random,
            device.now,
            self._accepts,
            self._tells,
        )
        self._engine_config = self.engine.config
        self._stack = device.service(IpStack)
        self.vrf = config.vrf
        self._table = self._stack.vrf(config.vrf)
        self._timer: Timer | None = None
        self._known: dict[str, InterfaceConfig] = {}
        """The interfaces that the engine knows, and whether they are up, as it was last told."""
        self._up: set[str] = set()
        self.by_network: dict[str, bool] = {}
        """The interfaces that run it, and whether a `network` line says so."""
        self._groups: set[tuple[IPv4Address, str]] = set()
        self.messages = Messages(device, config)
        self.teller = FactTeller(device, self.engine)
        self.debugger = Debugger(device, config, self.engine)
        self.importer = Importer(device, config, self.engine, self.covers)
        self.importer.after = self.run
        self.last_update: dict[IPv4Address, float] = {}
        """When routes of each advertising router last changed."""

    # --- configuration -------------------------------------------------------------------------------

    def configure(self) -> None:
        """Take over what was typed under `router ospf`."""
        wanted = translate.process_config(self.config)
        if wanted != self._engine_config:
            self._engine_config = wanted
            self.engine.configure(wanted, self.device.now)
        self.importer.configure()
        self._look_for_default()
        self.engine.filter_changed(self.device.now)
        self._install_again()
        self.run()

    def filters_changed(self) -> None:
        """Access lists or route-maps may answer otherwise than before."""
        filtered = any(each.filter_in or each.filter_out for each in self.config.areas.values())
        if self.config.filters_in or filtered:
            self.engine.filter_changed(self.device.now)
        if self.config.filters_out or any(each.route_map for each in self.config.redistribute.values()):
            self.importer.configure()
        if self.config.default_information is not None:
            self._look_for_default()
        self.run()

    def set_interface(self, interface: Interface, area: AreaId | None, by_network: bool) -> None:
        """Take over an interface: its area, None when it does not run OSPF; its addresses and state."""
        name, now = interface.name, self.device.now
        wanted = (
            translate.interface_config(self.config, area, interface, by_network) if area is not None else None
        )
        if wanted is None:
            if self._known.pop(name, None) is not None:
                self._up.discard(name)
                del self.by_network[name]
                self.engine.interface_removed(name, now)
                self._coverage_changed()
                self.run()
            return
        up = interface.protocol_up and name in self._stack.interfaces
        known = self._known.get(name)
        self._known[name] = wanted
        self.by_network[name] = by_network
        if known is None:
            self.engine.interface_up(wanted, now)
            if not up:
                self.engine.interface_down(name, now)
            self._coverage_changed()
        else:
            if known != wanted and name in self._up:
                self.engine.interface_changed(wanted, now)
            if up and name not in self._up:
                self.engine.interface_up(wanted, now)
            elif not up and name in self._up:
                self.engine.interface_down(name, now)
        (self._up.add if up else self._up.discard)(name)
        self._join(name)
        self.run()

    def _coverage_changed(self) -> None:
        self.device.service(Redistribution).coverage_changed(self.process, self.vrf)
        self.importer.coverage_changed()

    def stop(self) -> None:
        """It is no longer configured: neighbors are told, routes go."""
        self.engine.end(self.device.now)
        self.importer.stop()
        self.run()
        self.abandon()
        self._table.routes.replace(RouteSource.OSPF, (), self.process)

    def abandon(self) -> None:
        """Power went, or it is stopped: no timer, no group."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for group, name in self._groups:
            self._stack.leave(group, name)
        self._groups.clear()

    def restart(self, router_id: IPv4Address) -> None:
        """`clear ip ospf process`."""
        self.started = self.device.now
        self.engine.restart(self.device.now, router_id)
        self.run()

    # --- packets and time ----------------------------------------------------------------------------

    def receive(self, packet: IPv4Packet, interface: str) -> None:
        """An OSPF packet came in on an interface that runs this process."""
        device = self.device
        if device.debugging.any:
            self.debugger.received(packet, interface)
        # What says nothing new leaves nothing to do: a timer that fires later now is looked at when it would have.
        now = device.scheduler.now
        if self.engine.receive(interface, packet.source, packet.payload, now, packet.destination):
            self.run()

    def run(self) -> None:
        """Send what is to be sent, tell what happened, and plan what comes next."""
        engine, stack, debugging = self.engine, self._stack, self.device.debugging
        while engine.waiting:
            events = engine.events()
            for datagram in engine.packets():
                if debugging.any:
                    self.debugger.sent(datagram)
                packet = IPv4Packet(
                    datagram.source, datagram.destination, PROTOCOL, datagram.payload, datagram.ttl,
                    stack.next_identification(), TOS,
                )  # fmt: skip
                # what goes over a virtual link finds its way as any packet does
                way = datagram.interface if datagram.ttl == 1 else None
                stack.send(packet, interface=way, vrf=self._table if way is None else None)
            if events:
                self._tell(events)
        self._plan()

    def _plan(self) -> None:
        due, timer = self.engine.next_timer(), self._timer
        if timer is not None:
            if timer.when == due:
                return
            timer.cancel()
        self._timer = self.device.scheduler.at(due, self._due) if due is not None else None

    def _due(self) -> None:
        self._timer = None
        self.engine.tick(self.device.scheduler.now)
        self.run()

    def _tell(self, events: list[Event]) -> None:
        changes: list[RouteChange] = []
        for event in events:
            if isinstance(event, RouteChange):
                changes.append(event)
                continue
            if isinstance(event, InterfaceChange):
                self._join(event.interface)
            self.debugger.event(event)
            self.messages.event(event)
            self.teller.event(event)
        if changes:
            with self._table.routes.batch():
                for change in changes:
                    self._change(change.old, change.new)

    def _join(self, name: str) -> None:
        """Take part in the groups that the state of an interface asks for."""
        interface = self.engine.interfaces.get(name)
        wanted: set[tuple[IPv4Address, str]] = set()
        if interface is not None and interface.virtual is None and not interface.config.passive:
            if interface.state not in (InterfaceState.DOWN, InterfaceState.LOOPBACK):
                wanted.add((ALL_SPF_ROUTERS, name))
            if interface.state in (InterfaceState.DR, InterfaceState.BACKUP):
                wanted.add((ALL_D_ROUTERS, name))
        held = {each for each in self._groups if each[1] == name}
        for group, _ in wanted - held:
            self._stack.join(group, name)
        for group, _ in held - wanted:
            self._stack.leave(group, name)
        self._groups = self._groups - held | wanted

    # --- routes --------------------------------------------------------------------------------------

    def _accepts(self, route: OspfRoute) -> bool:
        return accepts(self.device, self.config, route)

    def _tells(self, source: int, area: int, prefix: IPv4Network) -> bool:
        return between_areas(self.device, self.config, source, area, prefix)

    def distance(self, route: OspfRoute) -> int:
        """The administrative distance of a route."""
        if route.discard and route.type.external:
            return EXTERNAL_DISCARD_DISTANCE
        if self.config.source_distances and route.source is not None:
            told = distance_of(self.device, self.config.source_distances, route.source, route.prefix)
            if told is not None:
                return told
        own = self.config.distances.get(_DISTANCES.get(route.type, "external"))
        return own if own is not None else self.config.distance or 110

    def _routes(self, route: OspfRoute | None) -> Iterator[Route]:
        """The routes of the table that a route of the engine is: none where the network is attached."""
        if route is None:
            return
        subtype, distance, now = _SUBTYPES[route.type], self.distance(route), self.device.now
        for hop in route.next_hops:
            if hop.address is None and not route.discard:
                continue
            yield Route(
                route.prefix,
                RouteSource.OSPF,
                "Null0" if route.discard else hop.interface,
                hop.address,
                distance,
                route.cost,
                route.tag,
                updated=now,
                subtype=subtype,
                process=self.process,
            )

    def _change(self, old: OspfRoute | None, new: OspfRoute | None) -> None:
        table = self._table.routes
        if old is None:  # most of them, as a network finds its state
            for route in self._routes(new):
                table.add(route)
        else:
            come = {route.slot: route for route in self._routes(new)}
            for hop in old.next_hops:
                out = "Null0" if old.discard else hop.interface
                known = slot(RouteSource.OSPF, self.process, out, hop.address)
                if known not in come:
                    table.withdraw_slot(old.prefix, known)
            for route in come.values():
                table.add(route)
        source = new.source if new is not None else old.source if old is not None else None
        if source is not None and int(source) != self.engine.router_id:
            self.last_update[source] = self.device.now

    def _install_again(self) -> None:
        """Distances may be others."""
        with self._table.routes.batch():
            for route in self.engine.routing.installed.values():
                for each in self._routes(route):
                    self._table.routes.add(each)

    def routes_changed(self) -> None:
        """The table has other routes: perhaps another default."""
        self._look_for_default()
        self.run()

    def _look_for_default(self) -> None:
        """`default-information originate` needs a default that is not this process's own."""
        group = self._table.routes.group(DEFAULT)
        available = bool(group) and group[0].process != self.process
        self.engine.default_route(available and self.importer.default_permitted(group[0]), self.device.now)

    # --- as a protocol among others ------------------------------------------------------------------

    def covers(self, interface: str) -> bool:
        """Whether it runs on an interface."""
        return interface in self._known

    def facts(self, route: Route) -> RouteFacts:
        """What the engine knows of a route."""
        key = (int(route.network.network_address), int(route.network.netmask))
        known = self.engine.routing.installed.get(key)
        if known is None:
            return RouteFacts()
        kind = _WORDS[known.type]
        if known.type in (PathType.E2, PathType.N2):
            kind += f", forward metric {known.forward_cost}"
        return RouteFacts(kind, known.source)

    def summary(self) -> Iterable[str]:
        """Its block of `show ip protocols`."""
        return summary_lines(self.device, self.config, self.engine, self.by_network, self.last_update)

    def counts(self, routes: Iterable[Route]) -> Iterable[str]:
        """Its routes by kind."""
        kinds = [each.subtype for each in routes]
        yield (
            f"Intra-area: {kinds.count('')} Inter-area: {kinds.count('IA')} "
            f"External-1: {kinds.count('E1')} External-2: {kinds.count('E2')}"
        )
        yield f"NSSA External-1: {kinds.count('N1')} NSSA External-2: {kinds.count('N2')}"
