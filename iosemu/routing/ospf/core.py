"""What the parts of a process share: its tables, and the services by which they reach each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from iosemu.routing.ospf.area import Area
from iosemu.routing.ospf.authentication import sign
from iosemu.routing.ospf.config import AreaConfig, InterfaceConfig, MaxMetric, ProcessConfig
from iosemu.routing.ospf.constants import (
    ALL_SPF_ROUTERS,
    BACKBONE,
    DO_NOT_AGE,
    MAX_AGE,
    AuthenticationType,
    LsaType,
    NeighborEvent,
    NetworkType,
    PacketType,
)
from iosemu.routing.ospf.demand import StaleLsas
from iosemu.routing.ospf.events import Event, PacketDropped, PacketFault, Route
from iosemu.routing.ospf.exchange import DatabaseExchange
from iosemu.routing.ospf.external import Externals
from iosemu.routing.ospf.flooding import Flooding
from iosemu.routing.ospf.hello import HelloProtocol
from iosemu.routing.ospf.interface import Interface, SignedHello
from iosemu.routing.ospf.interface_machine import InterfaceMachine
from iosemu.routing.ospf.local import LocalLsas
from iosemu.routing.ospf.lsa import Lsa
from iosemu.routing.ospf.lsdb import Entry, Lsdb
from iosemu.routing.ospf.neighbor import Neighbor, NeighborMachine
from iosemu.routing.ospf.numbers import address
from iosemu.routing.ospf.origination import Originator
from iosemu.routing.ospf.reception import Reception
from iosemu.routing.ospf.routing import Routing
from iosemu.routing.ospf.summaries import Summaries
from iosemu.routing.ospf.timers import TimerQueue
from iosemu.routing.ospf.virtual import VirtualLinks

# One event may lead to another, but not for ever.
_ROUNDS = 16

_HELLO, _DESCRIPTION = PacketType.HELLO, PacketType.DATABASE_DESCRIPTION
_SIGNED = AuthenticationType.CRYPTOGRAPHIC
_POINT_TO_POINT = NetworkType.POINT_TO_POINT
_ROUTER, _NETWORK, _ASBR_SUMMARY = LsaType.ROUTER.value, LsaType.NETWORK.value, LsaType.ASBR_SUMMARY.value


class Datagram(NamedTuple):
    """An OSPF packet to send as IP protocol 89, TOS 0xc0; `interface` is the physical one."""

    interface: str
    source: IPv4Address
    destination: IPv4Address
    payload: bytes
    ttl: int


class Core:
    """The data structure of RFC 2328 5, and what happens when something in it changes."""

    __slots__ = (
        "_crypto_sequence", "_events", "_networks", "_out", "_pacing", "_startup", "accepts",
        "areas", "config", "exchange", "exchanging", "external_lsdb", "externals", "flooding",
        "hello", "interface_machine", "interfaces", "is_abr", "is_asbr", "local",
        "neighbor_machine", "now", "originator", "random", "reception", "router_id", "routing",
        "stale", "started", "summaries", "tells", "timers", "virtual_links",
    )  # fmt: skip

    def __init__(
        self,
        config: ProcessConfig,
        router_id: IPv4Address,
        random: Callable[[], float],
        now: float = 0.0,
        accepts: Callable[[Route], bool] | None = None,
        tells: Callable[[int, int, IPv4Network], bool] | None = None,
    ) -> None:
        self.config = config
        self.router_id = int(router_id)
        self.random = random
        self.accepts: Callable[[Route], bool] = accepts or (lambda _: True)
        self.tells: Callable[[int, int, IPv4Network], bool] = tells or (lambda _source, _area, _prefix: True)
        """Whether an area is told of a prefix of another (`area A filter-list`): source, area, prefix."""
        self.now = self.started = now
        self.timers = TimerQueue()
        self.areas: dict[int, Area] = {}
        self.interfaces: dict[str, Interface] = {}
        self.external_lsdb = self._watched(Lsdb())
        self.exchanging = 0
        self.is_abr = False
        self.is_asbr = False
        self._out: list[Datagram] = []
        self._events: list[Event] = []
        self._networks: dict[Interface, None] = {}
        self._crypto_sequence = 0

        self.neighbor_machine = NeighborMachine(self)
        self.interface_machine = InterfaceMachine(self)
        self.hello = HelloProtocol(self)
        self.exchange = DatabaseExchange(self)
        self.flooding = Flooding(self)
        self.originator = Originator(self)
        self.local = LocalLsas(self)
        self.summaries = Summaries(self)
        self.externals = Externals(self)
        self.stale = StaleLsas(self)
        self.virtual_links = VirtualLinks(self)
        self.routing = Routing(self)
        self.routing.timer = self.timers.timer(self.routing.run)
        self.reception = Reception(self)
        self._pacing = self.timers.timer(self._pace)
        self._pacing.start(now + config.lsa_group_pacing * (0.9 + 0.1 * random()))
        self._startup = self.timers.timer(self._max_metric_changed)
        self._watch_startup()
        for area_id in config.areas:
            self._area(area_id)
        self._settle()

    # --- for the parts -------------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """Note a fact."""
        self._events.append(event)

    def drop(self, interface: Interface, source: int, fault: PacketFault, detail: str = "") -> None:
        """Count and note a dropped packet."""
        self.fault(interface, fault, PacketDropped(self.now, interface.name, address(source), fault, detail))

    def fault(self, interface: Interface, fault: PacketFault, event: Event) -> None:
        """Count a fault whose facts are in `event`."""
        interface.statistics.faults[fault] += 1
        self._events.append(event)

    def send(self, interface: Interface, kind: PacketType, body: bytes, destination: int) -> None:
        """Sign a packet and hand it out; a hello that says the same as the last one is not signed anew."""
        config, known = interface.config, interface.signed
        if (
            known is not None
            and known.body is body
            and kind is _HELLO
            and known.config is config
            and known.process is self.config
            and known.router_id == self.router_id
        ):
            self._hand_out(interface, kind, known.payload, destination)
            return
        lls = self.config.lls and kind <= _DESCRIPTION
        authentication = config.authentication
        sequence = 0
        if authentication.type is _SIGNED:
            # It never falls, not even over a restart of the process.
            sequence = self._crypto_sequence = max(self._crypto_sequence + 1, int(self.now))
        if interface.kind is _POINT_TO_POINT and kind is not _HELLO:
            # There is nobody else (RFC 2328, 8.1); IOS's immediate hello is the exception.
            destination = ALL_SPF_ROUTERS
        area = interface.area.id
        for key in interface.keys_to_send():
            payload = sign(kind, self.router_id, area, body, authentication, key, sequence, lls)
            if kind is _HELLO and not sequence:
                interface.signed = SignedHello(body, self.router_id, self.config, config, payload)
            self._hand_out(interface, kind, payload, destination)

    def _hand_out(self, interface: Interface, kind: PacketType, payload: bytes, destination: int) -> None:
        statistics = interface.statistics
        statistics.sent[kind] += 1
        statistics.sent_octets[kind] += len(payload)
        ttl = 1 if interface.virtual is None else 255
        self._out.append(
            Datagram(interface.outgoing, interface.config.address, address(destination), payload, ttl)
        )

    def send_to_neighbor(self, neighbor: Neighbor, kind: PacketType, body: bytes) -> None:
        """Send to one neighbor."""
        self.send(neighbor.interface, kind, body, neighbor.address)

    def new_neighbor(self, interface: Interface, router_id: int, source: int) -> Neighbor:
        """Make a neighbor with its timers."""
        neighbor = Neighbor(interface, router_id, source)
        machine = self.neighbor_machine
        timer = self.timers.timer
        neighbor.inactivity = timer(lambda: machine.event(neighbor, NeighborEvent.INACTIVITY))
        neighbor.dd_timer = timer(lambda: self.exchange.retransmit(neighbor))
        neighbor.request_timer = timer(lambda: self.exchange.request_again(neighbor))
        neighbor.retransmit_timer = timer(lambda: self.flooding.retransmit(neighbor))
        neighbor.poll_timer = timer(lambda: machine.event(neighbor, NeighborEvent.IGNORE_ENDED))
        interface.neighbors[neighbor.key] = neighbor
        return neighbor

    def make_interface(self, config: InterfaceConfig) -> Interface:
        """Make an interface with its timers, still down."""
        area = self._area(config.area)
        interface = Interface(area, config, self.config.reference_bandwidth)
        timer = self.timers.timer
        interface.hello_timer = timer(lambda: self.hello.send(interface))
        interface.wait_timer = timer(lambda: self.interface_machine.wait_over(interface))
        interface.flood_timer = timer(lambda: self.flooding.send_queue(interface))
        interface.ack_timer = timer(lambda: self.flooding.send_delayed_acks(interface))
        area.interfaces.append(interface)
        self.interfaces[config.name] = interface
        area.router_lsa_wanted = True
        return interface

    def forget_interface(self, interface: Interface) -> None:
        """Take an interface out of the lists."""
        self.interfaces.pop(interface.name, None)
        interface.area.interfaces.remove(interface)
        interface.area.router_lsa_wanted = True
        self._networks.pop(interface, None)
        self.refresh_roles()

    def _remove(self, interface: Interface) -> None:
        self.interface_machine.down(interface)
        if interface.network_lsa_id:
            self.local.network(interface)
        self.forget_interface(interface)
        area = interface.area
        if not area.interfaces and area.id not in self.config.areas:
            self.originator.forget([area.lsdb])
            del self.areas[area.id]
            self.routing.recalculate()

    def _area(self, area_id: int) -> Area:
        area = self.areas.get(area_id)
        if area is None:
            area = self.areas[area_id] = Area(area_id, self.config.areas.get(area_id, AreaConfig()))
            self._watched(area.lsdb)
            # Virtual links lie in the backbone, which there must be for them.
            if area.config.virtual_links and area_id != BACKBONE:
                self.virtual_links.configure(area)
        return area

    def _watched(self, lsdb: Lsdb) -> Lsdb:
        lsdb.age_timer = self.timers.timer(lambda: self._aged(lsdb))
        return lsdb

    def _aged(self, lsdb: Lsdb) -> None:
        self.flooding.expire(lsdb)
        when = lsdb.next_expiry()
        if when is not None and lsdb.age_timer is not None:
            lsdb.age_timer.start(when)

    def watch_ages(self, lsdb: Lsdb, entry: Entry) -> None:
        """Have an entry flushed when it reaches MaxAge."""
        timer = lsdb.age_timer
        if timer is None:
            timer = self._watched(lsdb).age_timer
            assert timer is not None
        age = entry.age_then
        if age == MAX_AGE or age & DO_NOT_AGE:
            return  # the former leave as they are acknowledged
        when = entry.since + MAX_AGE - age
        if timer.when is None or when < timer.when:
            timer.start(when)

    def lsdb_for(self, interface: Interface, kind: int) -> Lsdb | None:
        """The database for an LS type received on an interface; None if it must not come from there."""
        area = interface.area
        if kind <= _ASBR_SUMMARY:
            return area.lsdb if kind >= _ROUTER else None
        if kind == LsaType.NSSA_EXTERNAL:
            return area.lsdb if area.nssa else None
        if kind in (LsaType.AS_EXTERNAL, LsaType.OPAQUE_AS):
            allowed = area.normal and interface.virtual is None
            return (
                self.external_lsdb
                if allowed and (kind == LsaType.AS_EXTERNAL or self.config.opaque)
                else None
            )
        if not self.config.opaque:
            return None
        if kind == LsaType.OPAQUE_AREA:
            return area.lsdb
        return interface.lsdb if kind == LsaType.OPAQUE_LINK else None

    def scope(self, lsdb: Lsdb) -> Iterable[Interface]:
        """The interfaces on which LSAs of a database are flooded."""
        if lsdb.area is not None:
            return lsdb.area.interfaces
        if lsdb.link is not None:
            return (lsdb.link,)
        return [i for i in self.interfaces.values() if i.area.normal and i.virtual is None]

    def originates(self, lsdb: Lsdb, lsa: Lsa) -> bool:
        """Whether a received LSA counts as our own (RFC 2328, 13.4)."""
        if lsa.advertising_router == self.router_id:
            return True
        if lsa.type == _NETWORK:
            for interface in self.interfaces.values():
                if lsa.ls_id == interface.address and interface.kind is not NetworkType.VIRTUAL_LINK:
                    return True
        return False

    def adjacency_changed(self, interface: Interface) -> None:
        """A neighbor became or ceased to be full."""
        interface.area.router_lsa_wanted = True
        self._networks[interface] = None
        if interface.transit_area is not None:
            interface.transit_area.router_lsa_wanted = True
            self.refresh_roles()

    def interface_state_changed(self, interface: Interface) -> None:
        """An interface went to another state."""
        interface.area.router_lsa_wanted = True
        self._networks[interface] = None
        self.refresh_roles()
        self.externals.changed()

    def designation_changed(self, interface: Interface) -> None:
        """The DR or BDR of a network is another."""
        interface.area.router_lsa_wanted = True
        self._networks[interface] = None
        self.routing.topology_changed(interface.area, "N")

    def refresh_roles(self) -> None:
        """Work out whether we are an area border router (RFC 3509: with an active backbone) and an ASBR."""
        active = [area for area in self.areas.values() if area.active]
        is_abr = len(active) > 1 and any(area.is_backbone for area in active)
        is_abr = is_abr or (self.config.superbackbone and bool(active))
        is_asbr = bool(self.config.redistributing or self.externals.routes or self.config.default_information)
        is_asbr = is_asbr or (is_abr and any(area.nssa for area in active))
        if (is_abr, is_asbr) != (self.is_abr, self.is_asbr):
            self.is_abr, self.is_asbr = is_abr, is_asbr
            for area in self.areas.values():
                area.router_lsa_wanted = True
            self.externals.changed()
            self.routing.recalculate()

    def advertise_routes(self) -> None:
        """Routes have changed: other areas and the outside may have to be told."""
        self.summaries.advertise()
        self.externals.advertise()

    @property
    def max_metric(self) -> MaxMetric | None:
        """`max-metric router-lsa`, while it is in force."""
        limit = self.config.max_metric
        if limit is not None and limit.on_startup is not None and self.now >= self.started + limit.on_startup:
            return None
        return limit

    # --- inside --------------------------------------------------------------------------------------------

    def _watch_startup(self) -> None:
        self._startup.stop()
        limit = self.config.max_metric
        if limit is not None and limit.on_startup is not None and self.max_metric is not None:
            self._startup.start(self.started + limit.on_startup)

    def _max_metric_changed(self) -> None:
        for area in self.areas.values():
            area.router_lsa_wanted = True
        self.externals.changed()
        self.routing.recalculate()

    def _pace(self) -> None:
        self._pacing.start(self.now + self.config.lsa_group_pacing)
        self.originator.refresh_group()
        self.stale.purge()

    @property
    def _settled(self) -> bool:
        """Whether nothing is left to do but to send updates that are queued."""
        for area in self.areas.values():
            if area.router_lsa_wanted:
                return False
        return not (self._networks or self.flooding.busy or self.routing.waiting or self.externals.wanted)

    def _outside_changed(self) -> None:
        self.refresh_roles()
        self.externals.advertise()
        self._settle()

    def _settle(self) -> None:
        """Let everything that follows from what happened happen, until nothing more does."""
        if not self._settled:
            self._follow_up()
        if self.flooding.to_send:
            self.flooding.flush_queues()

    def _follow_up(self) -> None:
        for _ in range(_ROUNDS):
            for area in self.areas.values():
                if area.router_lsa_wanted:
                    area.router_lsa_wanted = False
                    self.local.router(area)
            for interface in list(self._networks):
                del self._networks[interface]
                self.local.network(interface)
            self.routing.run_partial()
            while self.flooding.unsettled:
                self.exchange.settle(self.flooding.unsettled.popitem()[0])
            if self.flooding.sweep_wanted:
                self.flooding.sweep()
            if not self._networks and not any(area.router_lsa_wanted for area in self.areas.values()):
                break
        self.externals.advertise_if_wanted()
