"""The spanning trees of a switch: ports in and out, BPDUs to and from the trees, rows for the shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.net.mst_region import CIST
from iosemu.net.rstp import RapidPort, RapidSpanningTree
from iosemu.net.scheduler import Timer
from iosemu.net.stp_fast import FastSpanningTree
from iosemu.net.stp_tree import Tree
from iosemu.net.stp_types import (
    AddressesFlushed,
    BpduGuardViolation,
    Hastened,
    Inconsistent,
    PortState,
    StateChanged,
    TopologyChanged,
)
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.stp import AnyBpdu, RootLinkQuery, is_bpdu
from iosemu.subjects.errdisable.service import Errdisable
from iosemu.subjects.spanning_tree import debug, messages
from iosemu.subjects.spanning_tree.bundle_guard import BundleGuard
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig
from iosemu.subjects.spanning_tree.consistency import Consistency
from iosemu.subjects.spanning_tree.layout import Layout, PerVlan
from iosemu.subjects.spanning_tree.multiple import Multiple
from iosemu.subjects.spanning_tree.rows import TreeRow, tree_row
from iosemu.subjects.spanning_tree.stations import StationUpdates
from iosemu.subjects.spanning_tree.wire import BpduFrames

if TYPE_CHECKING:
    from iosemu.box.device import Device


@dataclass(frozen=True, slots=True)
class PortFit:
    """What the trees were told of a port."""

    trees: frozenset[int]
    settings: tuple[object, ...]


FIRST_BPDUS = 11
"""What a port sends after it came up though it is filtered as an edge port."""


class SpanningTrees(Service):
    """Runs a tree for every active VLAN that a port is in, or for every instance of MST."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.instances: dict[int, Tree] = {}
        """By VLAN, or by instance."""
        self._frames = BpduFrames()
        self._fitted: dict[str, PortFit] = {}
        self._dues: dict[int, float | None] = {}
        """When each tree has something to do next."""
        self._early: dict[str, int] = {}
        """BPDUs that filtered edge ports sent since they came up."""
        self._guards: dict[str, str] = {}
        self._timer: Timer | None = None
        self._due: float | None = None
        self._running = False
        self._mode = self._laid_out_by()
        self.stations = StationUpdates(device)
        self.bundle_guard = BundleGuard(device)
        self.consistency = Consistency(device, self.instances, self._after)
        self.layout: Layout = self._laid_out()

    def _laid_out(self) -> Layout:
        mode = self.device.config.of(SpanningTreeConfig).mode
        if mode == "mst":
            return Multiple(self.device, self.instances)
        rapid = mode == "rapid-pvst"
        return PerVlan(self.device, self.instances, self.consistency, self._frames, rapid=rapid)

    def _laid_out_by(self) -> tuple[object, ...]:
        """What the trees begin anew with: the mode, and the region."""
        config = self.device.config.of(SpanningTreeConfig)
        return (config.mode, config.mst.region if config.mode == "mst" else None)

    # --- life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Power came."""
        bridge = self.device.service(Bridge)
        bridge.states = self
        bridge.control.append(self.receive)
        bridge.members_changed.append(self.refresh)
        self._running = True
        self._mode = self._laid_out_by()
        self.layout = self._laid_out()
        self.refresh()

    def changed(self) -> None:
        """Spanning tree was configured."""
        mode = self._laid_out_by()
        if mode != self._mode:
            self._mode = mode
            self.restart()
        self.layout.changed()
        self.device.soon(self.refresh)

    def interface_configured(self, interface: Interface) -> None:
        """Spanning tree was configured on a port."""
        layer2 = interface.config.held(Switchport)
        if layer2 is not None:
            name, guard = interface.name, layer2.guard
            messages.guarded(self.device, name, self._guards.get(name, ""), guard)
            self._guards[name] = guard
        self.device.soon(self.refresh)

    def stop(self) -> None:
        """Power went."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._forget()

    def restart(self) -> None:
        """The mode changed, or the region: all trees begin anew."""
        self._forget()
        self.layout = self._laid_out()
        self.refresh()
        self.device.service(Bridge).plane.topology_changed()

    def _forget(self) -> None:
        """There are no trees."""
        self.instances.clear()
        self.consistency.clear()
        self.stations.stop()
        self._fitted = {}
        self._dues = {}
        self._frames.forget()

    def refresh(self) -> None:
        """Fit the trees to the configuration, the VLANs and the ports' states."""
        if not self._running:
            return
        bridge = self.device.service(Bridge)
        fit = {
            name: PortFit(self.layout.numbers(name), self._settings(name)) for name in bridge.switch_ports()
        }
        wanted = self.layout.wanted(frozenset[int]().union(*(each.trees for each in fit.values())))
        for gone in set(self.instances) - set(wanted):
            del self.instances[gone]
            self._dues.pop(gone, None)
        before, self._fitted = self._fitted, fit
        different = {name: before.get(name) for name in fit if before.get(name) != fit[name]}
        removed = before.keys() - fit.keys()
        for number in wanted:
            if self._fit(number, different, removed):
                self._after_one(number)
        self._plan()

    def _fit(self, number: int, different: Mapping[str, PortFit | None], removed: Iterable[str]) -> bool:
        """Give a tree what became different; False when nothing did.

        `different` has the ports that are not what they were, with what they were; `removed` those that are gone.
        """
        switch, now = self.device, self.device.now
        bridge, times = self.layout.bridge(number)
        tree = self.instances.get(number)
        names = [
            name
            for name, before in different.items()
            if before is None
            or before.settings != self._fitted[name].settings
            or (number in before.trees) != (number in self._fitted[name].trees)
        ]
        touched = bool(names)
        if tree is None:
            tree = self.instances[number] = self.layout.make(number, bridge, times)
            names, touched = list(self._fitted), True
        if tree.bridge != bridge:
            tree.set_bridge(bridge, now)
            touched = True
        if tree.times != times:
            tree.set_times(times, now)
            touched = True
        for gone in removed:
            if gone in tree.ports:
                tree.remove_port(gone, now)
                touched = True
        for name in names:
            if number not in self._fitted[name].trees:
                tree.remove_port(name, now)
                continue
            if name not in tree.ports:
                tree.add_port(self.layout.port(name))
            self._configure_port(tree, number, name, now)
            if switch.interfaces[name].protocol_up:
                tree.port_up(name, now)
            else:
                tree.port_down(name, now)
                self._early.pop(name, None)
        return touched

    def _settings(self, name: str) -> tuple[object, ...]:
        """Everything that a port's place in its trees depends on, but the VLANs."""
        config, bridge = self.device.config.of(SpanningTreeConfig), self.device.service(Bridge)
        port, interface = bridge.switchport(name), self.device.interfaces[name]
        return (
            interface.protocol_up, interface.config.duplex, bridge.port_speed(name), bridge.plane.port(name).trunk,
            port.link_type, port.stp_cost, port.stp_priority, tuple(port.stp_vlan_cost.items()),
            tuple(port.stp_vlan_priority.items()), tuple(port.mst_cost.items()), tuple(port.mst_priority.items()),
            port.portfast, port.portfast_trunk, port.bpduguard, port.guard,
            config.portfast_default, config.bpduguard_default, config.loopguard_default, config.long_cost,
            config.uplinkfast,
        )  # fmt: skip

    def _configure_port(self, tree: Tree, number: int, name: str, now: float) -> None:
        switch, config = self.device, self.device.config.of(SpanningTreeConfig)
        layer2 = switch.service(Bridge).switchport(name)
        port = tree.ports[name]
        cost, priority = self.layout.port_values(name, layer2, number)
        if (cost, priority) != (port.cost, port.priority):
            tree.set_port(name, now, cost, priority)
        trunk = switch.service(Bridge).is_trunking(name)
        wanted = config.portfast_default if layer2.portfast is None else layer2.portfast
        port.portfast = wanted and (not trunk or layer2.portfast_trunk)
        guard = layer2.bpduguard
        guarded = guard if guard is not None else config.bpduguard_default and port.portfast
        port.bpduguard = guarded and not (self.layout.together and number != CIST)  # one BPDU is for all
        port.guard = layer2.guard or ("loop" if config.loopguard_default else "")
        if port.guard == "none":
            port.guard = ""
        tree.agree(name, "type" if trunk else "pvid", now)
        if isinstance(port, RapidPort):
            port.point_to_point = self.point_to_point(name)

    def point_to_point(self, name: str) -> bool:
        """Whether a port's link is taken for one between two bridges: as configured, or by its duplex."""
        told = self.device.service(Bridge).switchport(name).link_type
        if told:
            return told == "point-to-point"
        return self.device.interfaces[name].config.duplex != "half"

    # --- questions -----------------------------------------------------------------------------------

    def tree(self, vlan: int) -> Tree | None:
        """The tree that a VLAN is in."""
        return self.instances.get(self.layout.number_of(vlan))

    def is_forwarding(self, name: str, vlan: int) -> bool:
        """Whether frames pass; a VLAN without a tree forwards everywhere."""
        tree = self.tree(vlan)
        return tree is None or tree.forwards(name)

    def is_learning(self, name: str, vlan: int) -> bool:
        """Whether addresses are learned."""
        tree = self.tree(vlan)
        return tree is None or tree.learns(name)

    # --- frames --------------------------------------------------------------------------------------

    def receive(self, name: str, frame: bytes, vlan: int | None) -> bool:
        """Take a control frame; False when it is no BPDU."""
        if not is_bpdu(frame):
            return False
        if self._filtered(name):
            return True
        try:
            said = self._frames.said(name, frame)
        except MalformedPacket:
            return True
        self.bundle_guard.heard(name, frame)
        if isinstance(said, RootLinkQuery):
            number = self.layout.hear_query(name, frame, said)
            if number is not None:
                debug.query(self.device, self.layout.label(number), name, said, sent=False)
                self._after(number)
            return True
        number = self.layout.receive(name, frame, *said)
        if number is not None:
            if self.device.debugging.any:
                debug.received(self.device, self.layout.label(number), name, frame, said[0])
            self._after(number)
        return True

    def _filtered(self, name: str) -> bool:
        """Whether `bpdufilter enable` keeps BPDUs from the port, both ways."""
        return self.device.service(Bridge).switchport(name).bpdufilter is True

    def _withheld(self, name: str, tree: Tree) -> bool:
        """Whether a BPDU is not sent: `portfast bpdufilter default` lets edge ports send some after they came up."""
        if self._filtered(name):
            return True
        default = self.device.config.of(SpanningTreeConfig).bpdufilter_default
        port = tree.ports[name]
        if not default or not port.edge or self.device.service(Bridge).switchport(name).bpdufilter is False:
            return False
        self._early[name] = self._early.get(name, 0) + 1
        return self._early[name] > FIRST_BPDUS

    def _send(self, number: int, name: str, bpdu: AnyBpdu) -> None:
        tree = self.instances[number]
        if self._withheld(name, tree):
            tree.ports[name].bpdus_sent -= 1
            return
        if self.device.debugging.any:
            debug.sent(self.device, self.layout.label(number), name, bpdu)
        self.layout.send(number, name, bpdu)

    # --- what the trees want -------------------------------------------------------------------------

    def _after(self, number: int) -> None:
        """Send and do what a tree wants now."""
        self._after_one(number)
        self._plan()

    def _after_one(self, number: int) -> None:
        for each in list(self.instances) if self.layout.together else (number,):
            tree = self.instances.get(each)
            if tree is None:
                continue
            for event in tree.events():
                self._handle(each, tree, event)
            for name, bpdu in tree.frames():
                self._send(each, name, bpdu)
            for name, query in tree.queries() if isinstance(tree, FastSpanningTree) else ():
                if not self._filtered(name):
                    debug.query(self.device, self.layout.label(each), name, query, sent=True)
                    self.layout.send_query(each, name, query)
            self._dues[each] = tree.next_timer()

    def _handle(self, number: int, tree: Tree, event: object) -> None:
        switch = self.device
        if switch.debugging.any:
            debug.event(switch, self.layout.label(number), number, event, tree)
        bridge, vlans = switch.service(Bridge), self.layout.vlans_of(number)
        if isinstance(event, StateChanged):
            lost = event.old in (PortState.LEARNING, PortState.FORWARDING) and event.new in (
                PortState.BLOCKING,
                PortState.DISABLED,
            )
            for vlan in vlans:
                bridge.forwarding_changed(event.port, vlan, flush=lost)
        elif isinstance(event, TopologyChanged):
            ageing, times = bridge.plane.table.ageing_times, tree.operating_times
            ageing.update(dict.fromkeys(vlans, times.forward_delay))

            def age_as_usual() -> None:
                for vlan in vlans:
                    ageing.pop(vlan, None)

            switch.scheduler.after(times.max_age + times.forward_delay, age_as_usual)

        elif isinstance(event, AddressesFlushed):
            for name, port in tree.ports.items():
                if name != event.port and not port.edge:
                    for vlan in vlans:
                        bridge.plane.table.flush(port=name, vlan=vlan)
        elif isinstance(event, Inconsistent):
            messages.inconsistent(switch, self.layout.label(number), event)
        elif isinstance(event, Hastened) and event.by == "uplink":
            messages.uplinked(switch, self.layout.label(number), event.port)
            self.stations.tell(number, event.port)
        elif isinstance(event, BpduGuardViolation):
            name = event.port
            interface = switch.interfaces[name]
            if not interface.err_disabled:
                where = None if self.layout.together else number
                messages.heard_bpdu(switch, name)
                switch.service(Errdisable).disable_soon(name, "bpduguard", vlan=where)

    def _plan(self) -> None:
        due = min(
            (when for when in self._dues.values() if when is not None),
            default=None,
        )
        if due is not None and self._timer is not None and not self._timer.cancelled and self._due == due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = None if due is None or not self._running else self.device.scheduler.at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self.device.now
        for number, when in list(self._dues.items()):
            if when is not None and when <= now and number in self.instances:
                self.instances[number].tick(now)
                self._after_one(number)
        self._plan()  # once: it looks at all trees

    def detect_anew(self, name: str | None = None) -> None:
        """`clear spanning-tree detected-protocols`: try again whether neighbors are rapid ones."""
        for tree in self.instances.values():
            for port in list(tree.ports) if name is None else [name]:
                if isinstance(tree, RapidSpanningTree):
                    tree.migrate_anew(port, self.device.now)
        for number in list(self.instances):
            self._after_one(number)
        self._plan()

    # --- rows ----------------------------------------------------------------------------------------

    def rows(self) -> Iterator[TreeRow]:
        """Every tree with a port that is up, in the order of their numbers."""
        for number in sorted(self.instances):
            row = self.row(number)
            if row is not None and row.ports:
                yield row

    def row(self, number: int) -> TreeRow | None:
        """The tree of one VLAN, or of one instance, if it runs."""
        tree = self.instances.get(number)
        if tree is None:
            return None
        return tree_row(number, self.layout.label(number), tree, self.device, self.point_to_point)

    def row_of(self, vlan: int) -> TreeRow | None:
        """The tree that a VLAN is in, if it runs."""
        return self.row(self.layout.number_of(vlan))
