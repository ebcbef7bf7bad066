"""One OSPF process as a sans-IO engine.

Time, randomness and packets are passed in. Every call takes lab time and may leave datagrams in `packets()`
and facts in `events()`; `next_timer()` says when `tick` is due.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.ospf.config import AreaConfig, ExternalRoute, InterfaceConfig, ProcessConfig
from iosemu.routing.ospf.constants import InterfaceState, LsaType, NeighborEvent
from iosemu.routing.ospf.core import Core, Datagram
from iosemu.routing.ospf.events import Event
from iosemu.routing.ospf.interface import Interface
from iosemu.routing.ospf.lsdb import Lsdb

_DOWN = InterfaceState.DOWN


class Process(Core):
    """`router ospf N`. `random` gives floats in [0, 1); `accepts` is the distribute-list for routes."""

    __slots__ = ()

    def interface_up(self, config: InterfaceConfig, now: float) -> None:
        """An interface that runs OSPF is there and up. One of that name that was there before is replaced."""
        self.now = now
        old = self.interfaces.get(config.name)
        if old is not None:
            self._remove(old)
        interface = self.make_interface(config)
        self.interface_machine.up(interface)
        self._settle()

    def interface_down(self, name: str, now: float) -> None:
        """The interface went down; it stays known."""
        self.now = now
        interface = self.interfaces.get(name)
        if interface is not None and interface.state is not InterfaceState.DOWN:
            self.interface_machine.down(interface)
            self._settle()

    def interface_removed(self, name: str, now: float) -> None:
        """OSPF no longer runs on the interface."""
        self.now = now
        interface = self.interfaces.get(name)
        if interface is not None:
            self._remove(interface)
            self._settle()

    def interface_changed(self, config: InterfaceConfig, now: float) -> None:
        """The configuration of an interface changed.

        Another address, area or network type starts the interface anew; anything else takes effect in place.
        """
        self.now = now
        interface = self.interfaces.get(config.name)
        if interface is None:
            return
        old = interface.config
        if (
            (old.address, old.prefix_length, old.area) != (config.address, config.prefix_length, config.area)
            or (old.network_type, old.unnumbered) != (config.network_type, config.unnumbered)
            or old.neighbors != config.neighbors
        ):
            was_up = interface.state is not InterfaceState.DOWN
            self._remove(interface)
            interface = self.make_interface(config)
            if was_up:
                self.interface_machine.up(interface)
        else:
            interface.set_config(config, self.config.reference_bandwidth)
            interface.area.router_lsa_wanted = True
            if interface.state is not InterfaceState.DOWN:
                self._adjust(interface, old, config)
        self._settle()

    def _adjust(self, interface: Interface, old: InterfaceConfig, new: InterfaceConfig) -> None:
        if new.passive and not old.passive:
            self.interface_machine.down(interface)
            self.interface_machine.up(interface)
        elif old.passive and not new.passive:
            self.hello.start(interface)
        elif new.hello_spacing != old.hello_spacing and not new.passive:
            self.hello.send(interface)
        if new.priority != old.priority:
            self.interface_machine.neighbor_change(interface)

    def receive(
        self,
        interface: str,
        source: IPv4Address,
        payload: bytes,
        now: float,
        destination: IPv4Address | None = None,
    ) -> bool:
        """An IP packet's payload came in on a physical interface; without `destination` it is taken as ours.

        False when it was ignored, or said what was known already: then nothing is to be sent or told.
        """
        self.now = now
        found = self.interfaces.get(interface)
        if found is None or found.state is _DOWN:
            return False
        sender = int(source)
        if self.reception.heard_again(found, sender, payload):
            return False
        self.reception.receive(found, sender, payload, int(destination) if destination else None)
        self._settle()
        return True

    def next_timer(self) -> float | None:
        """When `tick` is due, or None."""
        return self.timers.next()

    def tick(self, now: float) -> None:
        """Do what is due."""
        while (timer := self.timers.pop_due(now)) is not None:
            self.now = now
            timer.action()
        self.now = now
        self._settle()

    def packets(self) -> list[Datagram]:
        """Take what is to be sent."""
        out, self._out = self._out, []
        return out

    @property
    def waiting(self) -> bool:
        """Whether there is something to send or to tell."""
        return bool(self._out) or bool(self._events)

    def events(self) -> list[Event]:
        """Take what has happened."""
        events, self._events = self._events, []
        return events

    def redistribute(self, routes: Iterable[ExternalRoute], now: float) -> None:
        """Advertise routes of others, in addition or in place of those with the same prefixes."""
        self.now = now
        for route in routes:
            self.externals.put(route)
        self._outside_changed()

    def withdraw(self, prefixes: Iterable[IPv4Network], now: float) -> None:
        """Take redistributed routes back."""
        self.now = now
        for prefix in prefixes:
            self.externals.withdraw(prefix)
        self._outside_changed()

    def default_route(self, available: bool, now: float) -> None:
        """Whether the routing table has a default that is not from this process."""
        self.now = now
        if available != self.externals.default_available:
            self.externals.default_available = available
            self.externals.changed()
            self._outside_changed()

    def filter_changed(self, now: float) -> None:
        """The filters given as `accepts` and `tells` answer otherwise now."""
        self.now = now
        self.routing.filter_again()
        if self.is_abr:
            self.summaries.advertise()
            self._settle()

    def configure(self, config: ProcessConfig, now: float) -> None:
        """Take another configuration of the process and its areas."""
        self.now = now
        old, self.config = self.config, config
        for area_id in {*old.areas, *config.areas, *self.areas}:
            before = old.areas.get(area_id, AreaConfig())
            after = config.areas.get(area_id, AreaConfig())
            if before != after or area_id not in self.areas:
                self._configure_area(area_id, before, after)
        if old.reference_bandwidth != config.reference_bandwidth:
            for interface in self.interfaces.values():
                interface.set_config(interface.config, config.reference_bandwidth)
        if old.max_metric != config.max_metric:
            self._watch_startup()
        for area in self.areas.values():
            area.router_lsa_wanted = True
        self.externals.changed()
        self.refresh_roles()
        self.routing.recalculate()
        if old.max_paths != config.max_paths:
            self.routing.filter_again()
        self._settle()

    def _configure_area(self, area_id: int, before: AreaConfig, after: AreaConfig) -> None:
        area = self._area(area_id)
        area.config = after
        if before.kind is not after.kind:
            # IOS drops the adjacencies at the end where the option bits of hellos change.
            for interface in area.interfaces:
                for neighbor in list(interface.neighbors.values()):
                    self.neighbor_machine.event(neighbor, NeighborEvent.RESET)
            for kind in (LsaType.SUMMARY, LsaType.ASBR_SUMMARY, LsaType.NSSA_EXTERNAL):
                self.originator.replace(area.lsdb, kind, {})
                for entry in list(area.lsdb.tables[kind].values()):
                    area.lsdb.remove(entry)
        self.virtual_links.configure(area)

    def _flush_own(self) -> None:
        for lsdb in [self.external_lsdb, *(area.lsdb for area in self.areas.values())]:
            for entry in list(lsdb):
                if entry.own:
                    self.flooding.flush(lsdb, entry)
        for interface in self.interfaces.values():
            self.flooding.send_queue(interface)

    def end(self, now: float) -> None:
        """`no router ospf N`: flush what is ours and drop every neighbor; the process is not used again."""
        self.now = now
        self._flush_own()
        for interface in list(self.interfaces.values()):
            self.interface_machine.down(interface)

    def restart(self, now: float, router_id: IPv4Address | None = None) -> None:
        """`clear ip ospf process`: flush what is ours, drop everything, and begin anew, perhaps with another ID."""
        self.now = now
        self._flush_own()
        up = [i for i in self.interfaces.values() if i.state is not InterfaceState.DOWN and i.virtual is None]
        for interface in self.interfaces.values():
            self.interface_machine.down(interface)
        self.originator.forget([self.external_lsdb, *(area.lsdb for area in self.areas.values())])
        self.flooding.reset()
        self.external_lsdb = self._watched(Lsdb())
        for area in self.areas.values():
            area.lsdb = self._watched(Lsdb(area))
            area.tree = area.routes = None
            area.router_lsa_wanted = True
        if router_id is not None:
            self.router_id = int(router_id)
        self.started = now
        self._watch_startup()
        self.externals.changed()
        self.routing.recalculate()
        self.routing.run_partial()
        for interface in up:
            self.interface_machine.up(interface)
        self._settle()
