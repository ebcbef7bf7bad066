"""NHRP of a router: an engine for each tunnel that has a network id, and the routes that shortcuts make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import sort_key
from iosemu.box.interfaces import ByName
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings, primary_address
from iosemu.ip.path import Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.route import DISTANCE, Route, RouteSource, Shortcut
from iosemu.net.scheduler import Timer
from iosemu.nhrp.cache import Entry, Origin
from iosemu.nhrp.engine import Engine
from iosemu.nhrp.events import Added, Removed
from iosemu.nhrp.settings import HOLDING, REDIRECT_INTERVAL, Local, Settings, Way
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.nhrp.config import NhrpPort
from iosemu.subjects.nhrp.reporting import Reporter
from iosemu.subjects.tunnel.service import Tunnels

PROCESS = "nhrp"
METRIC = 255
"""The preference of an entry, which stands in place of a metric."""


class Nhrp(Service):
    """The far ends of a router's tunnels."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.engines: ByName[Engine] = ByName()
        self.reporter = Reporter(device)
        self._timer: Timer | None = None
        self._pending: Timer | None = None
        self._wanted: dict[str, None] = {}
        self._all_wanted = False
        """The tunnels to be looked at in a moment: some, or all."""
        self._routes_due: Timer | None = None
        self._routes: dict[str, dict[IPv4Network, Route]] = {}
        """The routes that are offered, by the name of the routing instance."""
        self._overrides: dict[str, dict[IPv4Network, Shortcut]] = {}
        self._draining = False

    # --- configuration -------------------------------------------------------------------------------

    def start(self) -> None:
        """Say where packets of tunnels go."""
        self.device.service(Tunnels).far_ends = self

    def _stand(self) -> None:
        """While there are engines, look at packets that leave by the tunnel that they came in on."""
        outgoing = self.device.service(IpStack).outgoing
        outgoing.unhook(self._leaves)
        if self.engines:
            outgoing.hook(Out.SHORTCUT, self._leaves)

    def stop(self) -> None:
        """Forget all timers."""
        for timer in (self._timer, self._pending, self._routes_due):
            if timer is not None:
                timer.cancel()

    def changed(self) -> None:
        """Something was typed that tunnels depend on."""
        self._all_wanted = True
        self._look_at(())

    def _look_at(self, names: Iterable[str]) -> None:
        """Have the engines of these tunnels, or none, in a moment."""
        self._wanted.update(dict.fromkeys(names))
        if (self._wanted or self._all_wanted) and self._pending is None and self.device.powered:
            self._pending = self.device.scheduler.after(0.0, self._fit)

    def _touched(self, interface: Interface) -> None:
        """A tunnel depends on itself and on the interface that it comes from."""
        tunnels = self.device.service(Tunnels)
        own = [interface.name] if interface.name in self.engines or tunnels.runs(interface.name) else []
        self._look_at([*own, *tunnels.index.sourced(interface.name)])

    def interface_configured(self, interface: Interface) -> None:
        """`ip nhrp …`, an address, the source of a tunnel."""
        self._touched(interface)

    def interface_removed(self, interface: Interface) -> None:
        """A tunnel is gone."""
        engine = self.engines.pop(interface.name, None)
        if engine is not None:
            engine.down(self.device.now)
            self._drain(engine)
        self._stand()
        self._arm()
        self._plan_routes()

    def protocol_changed(self, interface: Interface) -> None:
        """A tunnel, or where it comes from, came up or went down."""
        self._touched(interface)

    def addresses_changed(self, interface: Interface) -> None:
        """A tunnel, or where it comes from, has another address."""
        self._touched(interface)

    def routes_changed(self) -> None:
        """What was told to others, and what shortcuts are, may be otherwise."""
        for engine in list(self.engines.values()):
            engine.ways_changed(self.device.now)
            self._drain(engine)
        self._plan_routes()

    def _fit(self) -> None:
        """Have an engine for each tunnel with a network id, as it is configured."""
        self._pending = None
        if self._all_wanted:
            tunnels = self.device.service(Tunnels)
            self._wanted.update(dict.fromkeys([*self.engines, *(name for name, _tunnel in tunnels.all())]))
        names, self._wanted, self._all_wanted = sorted(self._wanted, key=sort_key), {}, False
        wanted = {name: settings for name in names if (settings := self._settings(name)) is not None}
        for name in [each for each in names if each in self.engines and each not in wanted]:
            engine = self.engines.pop(name)
            engine.down(self.device.now)
            self._drain(engine)
        for name, settings in wanted.items():
            engine = self.engines.get(name) or Engine(name, self)
            self.engines[name] = engine
            self._fit_one(engine, settings)
        self._stand()
        self._arm()
        self._plan_routes()

    def _settings(self, name: str) -> Settings | None:
        """What the engine of a tunnel is to be; None: there is to be none."""
        tunnels = self.device.service(Tunnels)
        tunnel, config = tunnels.get(name), self.device.config.interfaces.get(name)
        port = config.held(NhrpPort) if config is not None else None
        if (
            tunnel is None
            or not tunnels.runs(name)
            or not tunnel.gre
            or port is None
            or port.network_id is None
        ):
            return None
        return replace(settings_of(port), destination=None if tunnel.multipoint else tunnel.destination)

    def _fit_one(self, engine: Engine, settings: Settings) -> None:
        now, name = self.device.now, engine.interface
        interface = self.device.interfaces.get(name)
        address = primary_address(self.device.config.interfaces[name])
        source = self.device.service(Tunnels).source_of(name)
        up = interface is not None and interface.protocol_up and address is not None and source is not None
        local = Local(address, source) if address is not None and source is not None else None
        engine.configure(settings, local, now)
        if up:
            engine.up(now)
        else:
            engine.down(now)
        self._drain(engine)

    # --- what engines ask ----------------------------------------------------------------------------

    def way(self, interface: str, destination: IPv4Address) -> Way | None:
        """How a destination is reached without shortcuts."""
        stack = self.device.service(IpStack)
        vrf = stack.vrf_of(interface)
        home = vrf.local.get(destination)
        if home is not None:
            if home == interface:
                return Way(IPv4Network(destination), inside=True, ours=True)
            network = next(
                (
                    each.network
                    for each in self.device.config.interfaces[home].of(IpSettings).addresses
                    if destination in each.network
                ),
                IPv4Network(destination),
            )
            return Way(network)
        route = self._route(vrf, destination)
        if route is None:
            return None
        hop_interface, next_hop = route.interface, route.next_hop
        if hop_interface is None and next_hop is not None:
            hop = vrf.hop(next_hop)
            if hop is None:
                return None
            hop_interface, next_hop = hop.interface, hop.next_hop or next_hop
        if hop_interface is None or hop_interface == "Null0":
            return None
        return Way(route.network, next_hop, inside=hop_interface == interface)

    def _route(self, vrf: Vrf, destination: IPv4Address) -> Route | None:
        """The route of a destination that NHRP has not made."""
        found = vrf.routes.lookup(destination)
        while found is not None and found.source is RouteSource.NHRP:
            length, found = found.network.prefixlen, None
            while length > 0 and found is None:
                length -= 1
                found = vrf.routes.lookup_exact(IPv4Network((int(destination), length), strict=False))
        return found

    def transmit(self, interface: str, nbma: IPv4Address, message: bytes) -> bool:
        """Send a message through a tunnel."""
        return self.device.service(Tunnels).carriage.send_nhrp(interface, message, nbma)

    def ready(self, interface: str, nbma: IPv4Address) -> bool:
        """Whether what protects a far end is there; otherwise it is asked for."""
        return self.device.service(Tunnels).ready(interface, nbma)

    # --- what tunnels ask ----------------------------------------------------------------------------

    def resolve(self, interface: str, next_hop: IPv4Address, packet: IPv4Packet) -> IPv4Address | None:
        """Where a packet goes."""
        engine = self.engines.get(interface)
        if engine is None:
            return None
        found = engine.resolve(next_hop, packet.destination, self.device.now)
        self._drain(engine)
        return found

    def groups(self, interface: str) -> Sequence[IPv4Address]:
        """Where packets for all go."""
        engine = self.engines.get(interface)
        return engine.multicast() if engine is not None else ()

    def received(self, interface: str, message: bytes, outer: IPv4Packet) -> None:
        """A message came."""
        engine = self.engines.get(interface)
        if engine is None:
            self.reporter.unconfigured(interface, outer)
            return
        engine.receive(message, outer.source, self.device.now)
        self._drain(engine)

    def _leaves(self, transit: Transit) -> bool:
        """A packet leaves by the tunnel that it came in on, or another of the same network."""
        if transit.far_end is None or transit.came_in is None or transit.out is None:
            return True
        engine = self.engines.get(transit.came_in.name)
        if engine is None or not engine.settings.redirect:
            return True
        out = self.engines.get(transit.out.name)
        if out is engine or (out is not None and self.network(out) == self.network(engine)):
            packet = transit.packet
            quoted = packet.to_bytes()
            engine.passed(packet.source, packet.destination, quoted, transit.far_end, self.device.now)
            self._drain(engine)
        return True

    def network(self, engine: Engine) -> int | None:
        """The network id of an engine's interface."""
        return self.device.config.interfaces[engine.interface].of(NhrpPort).network_id

    # --- time and events -----------------------------------------------------------------------------

    def _drain(self, engine: Engine) -> None:
        """Act on what happened, and plan the next tick."""
        if self._draining:
            return
        self._draining = True
        try:
            while events := engine.events():
                for event in events:
                    if isinstance(event, Added | Removed):
                        self._plan_routes()
                    if isinstance(event, Removed):
                        self._released(engine, event.entry)
                    self.reporter.tell(engine, event)
        finally:
            self._draining = False
        self._arm()

    def _released(self, engine: Engine, entry: Entry) -> None:
        """The protection of a far end goes with the last entry that leads there."""
        nbma = entry.nbma
        if nbma is not None and not entry.local and not engine.cache.leads_to(nbma):
            self.device.service(Tunnels).released(engine.interface, nbma)

    def _arm(self) -> None:
        times = [due for each in self.engines.values() if (due := each.next_timer()) is not None]
        due = min(times, default=None)
        if self._timer is not None and not self._timer.cancelled:
            if self._timer.when == due:
                return
            self._timer.cancel()
        self._timer = self.device.scheduler.at(due, self._tick) if due is not None else None

    def _tick(self) -> None:
        self._timer = None
        for engine in list(self.engines.values()):
            engine.tick(self.device.now)
            self._drain(engine)
        self._arm()

    def clear(self, address: IPv4Address | None = None) -> None:
        """`clear ip nhrp`."""
        for engine in list(self.engines.values()):
            engine.clear(address)
            self._drain(engine)

    def forget(self, engine: Engine, address: IPv4Address) -> None:
        """What one tunnel has learned of an address is forgotten."""
        engine.clear(address)
        self._drain(engine)

    # --- shortcuts -----------------------------------------------------------------------------------

    def _plan_routes(self) -> None:
        if self._routes_due is None and self.device.powered:
            self._routes_due = self.device.scheduler.after(0.0, self._put_routes)

    def shortcuts(self) -> Iterator[tuple[Engine, Entry]]:
        """The bindings that lead packets elsewhere than routing says."""
        for engine in self.engines.values():
            if not engine.settings.shortcut:
                continue
            for entry in engine.cache.learned.values():
                if entry.resolved and not entry.local and entry.origin is Origin.DYNAMIC:
                    yield engine, entry

    def _put_routes(self) -> None:
        """Offer a route for each shortcut; where there is one already, lead its packets elsewhere."""
        self._routes_due = None
        stack = self.device.service(IpStack)
        wanted: dict[str, dict[IPv4Network, tuple[Engine, Entry]]] = {}
        for engine, entry in self.shortcuts():
            vrf = stack.vrf_of(engine.interface)
            wanted.setdefault(vrf.name, {})[entry.network] = (engine, entry)
        for name in {*wanted, *self._routes, *self._overrides}:
            found = stack.find_vrf(name)
            if found is not None:
                self._put_in(found, wanted.get(name, {}))

    def _put_in(self, vrf: Vrf, wanted: dict[IPv4Network, tuple[Engine, Entry]]) -> None:
        routes = self._routes.setdefault(vrf.name, {})
        overrides = self._overrides.setdefault(vrf.name, {})
        others = {
            network
            for network in wanted
            if any(each.source is not RouteSource.NHRP for each in vrf.routes.group(network))
        }
        for network in [each for each in routes if each not in wanted or each in others]:
            vrf.routes.withdraw(routes.pop(network))
        for network in [each for each in overrides if each not in others]:
            del overrides[network]
            vrf.routes.override(network, None)
        for network, (engine, entry) in wanted.items():
            entry.rib, entry.nho = True, network in others
            towards = Shortcut(engine.interface, entry.next_hop, entry.created)
            if network in others:
                if overrides.get(network) != towards:
                    overrides[network] = towards
                    vrf.routes.override(network, towards)
                continue
            next_hop = None if entry.next_hop == network.network_address and entry.host else entry.next_hop
            route = Route(
                network,
                RouteSource.NHRP,
                engine.interface,
                next_hop,
                DISTANCE[RouteSource.NHRP],
                METRIC,
                updated=entry.created,
                process=PROCESS,
            )
            if network not in routes or routes[network].key != route.key:
                old = routes.pop(network, None)
                if old is not None:
                    vrf.routes.withdraw(old)
                routes[network] = route
                vrf.routes.add(route)


def settings_of(port: NhrpPort) -> Settings:
    """What is typed under an interface, as the engine takes it."""
    return Settings(
        authentication=port.authentication,
        holding=port.holding if port.holding is not None else HOLDING,
        registration=port.registration,
        unique=port.unique,
        redirect=port.redirect,
        redirect_interval=float(port.redirect_interval or REDIRECT_INTERVAL),
        shortcut=port.shortcut,
        server_only=port.server_only,
        maps=dict(port.maps),
        multicast=tuple(port.multicast),
        multicast_dynamic=port.multicast_dynamic,
        servers=dict(port.servers),
        max_connections=dict(port.max_connections),
        fallback=float(port.fallback or 0),
    )
