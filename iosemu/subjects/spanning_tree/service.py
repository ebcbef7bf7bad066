"""The spanning trees of a switch, one a VLAN: ports in and out, BPDUs on the wire, rows for the shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import RESERVED
from iosemu.net.rstp import RapidPort, RapidSpanningTree
from iosemu.net.scheduler import Timer
from iosemu.net.stp import SpanningTree
from iosemu.net.stp_tree import DISAGREEMENTS, StpPort, Tree
from iosemu.net.stp_types import (
    SHORT_MODE_COST,
    AddressesFlushed,
    BpduGuardViolation,
    Inconsistent,
    PortState,
    StateChanged,
    StpTimes,
    TopologyChanged,
)
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import tag_of
from iosemu.packets.stp import PVST_GROUP, AnyBpdu, BridgeId, is_bpdu
from iosemu.subjects.errdisable.service import Errdisable
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig
from iosemu.subjects.spanning_tree.consistency import UNTAGGED, Consistency
from iosemu.subjects.spanning_tree.rows import TreeRow, tree_row
from iosemu.subjects.spanning_tree.wire import BpduFrames

if TYPE_CHECKING:
    from iosemu.box.device import Device


@dataclass(frozen=True, slots=True)
class PortFit:
    """What the trees were told of a port."""

    vlans: frozenset[int]
    settings: tuple[object, ...]


def extended(switch: Device) -> bool:
    """Whether the number of a VLAN is part of a bridge's priority (IEEE 802.1t): one address does for all trees."""
    return bool(switch.model.facts.get("extended_system_id", True))


class SpanningTrees(Service):
    """Runs a `SpanningTree` for every active VLAN that a port is in."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.instances: dict[int, Tree] = {}
        self._frames = BpduFrames()
        self._fitted: dict[str, PortFit] = {}
        self._dues: dict[int, float | None] = {}
        """When each tree has something to do next."""
        self._timer: Timer | None = None
        self._due: float | None = None
        self._running = False
        self._mode = SpanningTreeConfig().mode
        self.consistency = Consistency(device, self.instances, self._after)

    @property
    def rapid(self) -> bool:
        """Whether the trees are rapid ones."""
        return self.device.config.of(SpanningTreeConfig).mode == "rapid-pvst"

    # --- life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Power came."""
        bridge = self.device.service(Bridge)
        bridge.states = self
        bridge.control.append(self.receive)
        bridge.members_changed.append(self.refresh)
        self._running = True
        self.refresh()

    def changed(self) -> None:
        """Spanning tree was configured."""
        mode = self.device.config.of(SpanningTreeConfig).mode
        if mode != self._mode:
            self._mode = mode
            self.restart()
        self.device.soon(self.refresh)

    def interface_configured(self, interface: Interface) -> None:
        """Spanning tree was configured on a port."""
        self.device.soon(self.refresh)

    def stop(self) -> None:
        """Power went."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.instances.clear()
        self.consistency.clear()
        self._fitted = {}
        self._dues = {}
        self._frames.forget()

    def restart(self) -> None:
        """The mode changed: all trees begin anew."""
        self.instances.clear()
        self.consistency.clear()
        self._fitted = {}
        self._dues = {}
        self._frames.forget()
        self.refresh()
        self.device.service(Bridge).plane.topology_changed()

    def refresh(self) -> None:
        """Fit the trees to the configuration, the VLANs and the ports' states."""
        if not self._running:
            return
        switch, bridge = self.device, self.device.service(Bridge)
        config = switch.config.of(SpanningTreeConfig)
        fit = {name: PortFit(bridge.port_vlans(name), self._settings(name)) for name in bridge.switch_ports()}
        carried = sorted(frozenset[int]().union(*(each.vlans for each in fit.values())))
        wanted = list(
            islice(
                (vlan for vlan in carried if vlan not in RESERVED and config.vlan(vlan).enabled),
                switch.model.facts["spanning_tree_instances"],
            )
        )
        for gone in set(self.instances) - set(wanted):
            del self.instances[gone]
            self._dues.pop(gone, None)
        before, self._fitted = self._fitted, fit
        different = {name: before.get(name) for name in fit if before.get(name) != fit[name]}
        removed = before.keys() - fit.keys()
        for vlan in wanted:
            if self._fit(vlan, different, removed):
                self._after_one(vlan)
        self._plan()

    def _fit(self, vlan: int, different: Mapping[str, PortFit | None], removed: Iterable[str]) -> bool:
        """Give the tree of a VLAN what became different; False when nothing did.

        `different` has the ports that are not what they were, with what they were; `removed` those that are gone.
        """
        switch, now = self.device, self.device.now
        settings = switch.config.of(SpanningTreeConfig).vlan(vlan)
        bridge = BridgeId(settings.priority + (vlan if extended(switch) else 0), switch.switch_mac)
        times = StpTimes(float(settings.hello_time), float(settings.max_age), float(settings.forward_time))
        tree = self.instances.get(vlan)
        names = [
            name
            for name, before in different.items()
            if before is None
            or before.settings != self._fitted[name].settings
            or (vlan in before.vlans) != (vlan in self._fitted[name].vlans)
        ]
        touched = bool(names)
        if tree is None:
            make = RapidSpanningTree if self.rapid else SpanningTree
            tree = self.instances[vlan] = make(bridge, times)
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
            if vlan not in self._fitted[name].vlans:
                tree.remove_port(name, now)
                continue
            if name not in tree.ports:
                number = switch.service(Bridge).port_number(name)
                tree.add_port(RapidPort(name, number) if self.rapid else StpPort(name, number))
            self._configure_port(tree, vlan, name, now)
            if switch.interfaces[name].protocol_up:
                tree.port_up(name, now)
            else:
                tree.port_down(name, now)
        return touched

    def _settings(self, name: str) -> tuple[object, ...]:
        """Everything that a port's place in its trees depends on, but the VLANs."""
        config, bridge = self.device.config.of(SpanningTreeConfig), self.device.service(Bridge)
        port, interface = bridge.switchport(name), self.device.interfaces[name]
        return (
            interface.protocol_up, interface.config.duplex, bridge.port_speed(name), bridge.plane.port(name).trunk,
            port.link_type, port.stp_cost, port.stp_priority, tuple(port.stp_vlan_cost.items()),
            tuple(port.stp_vlan_priority.items()), port.portfast, port.portfast_trunk, port.bpduguard, port.guard,
            config.portfast_default, config.bpduguard_default, config.loopguard_default,
        )  # fmt: skip

    def _configure_port(self, tree: Tree, vlan: int, name: str, now: float) -> None:
        switch, config = self.device, self.device.config.of(SpanningTreeConfig)
        layer2 = switch.service(Bridge).switchport(name)
        port = tree.ports[name]
        speed = switch.service(Bridge).port_speed(name)
        cost = layer2.stp_vlan_cost.get(vlan) or layer2.stp_cost or SHORT_MODE_COST.get(speed, 19)
        priority = layer2.stp_vlan_priority.get(vlan, layer2.stp_priority)
        if (cost, priority) != (port.cost, port.priority):
            tree.set_port(name, now, cost, priority)
        trunk = switch.service(Bridge).is_trunking(name)
        wanted = config.portfast_default if layer2.portfast is None else layer2.portfast
        port.portfast = wanted and (not trunk or layer2.portfast_trunk)
        guard = layer2.bpduguard
        port.bpduguard = guard if guard is not None else config.bpduguard_default and port.portfast
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

    def is_forwarding(self, name: str, vlan: int) -> bool:
        """Whether frames pass; a VLAN without a tree forwards everywhere."""
        tree = self.instances.get(vlan)
        return tree is None or tree.forwards(name)

    def is_learning(self, name: str, vlan: int) -> bool:
        """Whether addresses are learned."""
        tree = self.instances.get(vlan)
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
        bpdu, originating = said
        bridge = self.device.service(Bridge)
        if frame[:6] != PVST_GROUP:
            number = 1 if bridge.is_trunking(name) else bridge.access_vlan(name)
        elif not bridge.is_trunking(name):
            if not bridge.is_undecided(name):
                self.consistency.port_type(name, bridge.access_vlan(name), bpdu)
            return True
        else:
            tag = tag_of(frame)
            came = tag.vlan if tag is not None else UNTAGGED
            number = came or bridge.untagged_vlan(name)
            # a topology change notification names no VLAN
            if originating is not None and not self.consistency.native_vlan(
                name, came, number, originating, bpdu
            ):
                return True
            if number == 1:
                return True  # VLAN 1's tree is heard in the IEEE form
        tree = self.instances.get(number)
        if tree is not None:
            tree.receive(name, bpdu, self.device.now)
            self._after(number)
        return True

    def _filtered(self, name: str) -> bool:
        """Whether `bpdufilter enable` keeps BPDUs from the port, both ways."""
        return self.device.service(Bridge).switchport(name).bpdufilter is True

    def _send(self, vlan: int, name: str, bpdu: AnyBpdu) -> None:
        switch = self.device
        if self._filtered(name):
            return
        native = (
            switch.service(Bridge).switchport(name).native_vlan
            if switch.service(Bridge).is_trunking(name)
            else None
        )
        for frame in self._frames.made(name, vlan, bpdu, switch.interfaces[name].mac, native):
            switch.service(Bridge).plane.transmit(name, frame, vlan)

    # --- what the trees want -------------------------------------------------------------------------

    def _after(self, vlan: int) -> None:
        """Send and do what the tree of a VLAN wants now."""
        self._after_one(vlan)
        self._plan()

    def _after_one(self, vlan: int) -> None:
        tree = self.instances.get(vlan)
        if tree is None:
            return
        for name, bpdu in tree.frames():
            self._send(vlan, name, bpdu)
        for event in tree.events():
            self._handle(vlan, tree, event)
        self._dues[vlan] = tree.next_timer()

    def _handle(self, vlan: int, tree: Tree, event: object) -> None:
        switch = self.device
        if isinstance(event, StateChanged):
            lost = event.old in (PortState.LEARNING, PortState.FORWARDING) and event.new in (
                PortState.BLOCKING,
                PortState.DISABLED,
            )
            switch.service(Bridge).forwarding_changed(event.port, vlan, flush=lost)
        elif isinstance(event, TopologyChanged):
            table, times = switch.service(Bridge).plane.table, tree.operating_times
            table.ageing_times[vlan] = times.forward_delay

            def age_as_usual() -> None:
                table.ageing_times.pop(vlan, None)

            switch.scheduler.after(times.max_age + times.forward_delay, age_as_usual)

        elif isinstance(event, AddressesFlushed):
            for name, port in tree.ports.items():
                if name != event.port and not port.edge:
                    switch.service(Bridge).plane.table.flush(port=name, vlan=vlan)
        elif isinstance(event, Inconsistent):
            self._log_guard(vlan, event)
            if event.was in DISAGREEMENTS:
                switch.log(
                    "SPANTREE", 2, "UNBLOCK_CONSIST_PORT",
                    f"Unblocking {event.port} on VLAN{vlan:04}. Port consistency restored.",
                )  # fmt: skip
        elif isinstance(event, BpduGuardViolation):
            name = event.port
            interface = switch.interfaces[name]
            if not interface.err_disabled:
                switch.log(
                    "SPANTREE", 2, "BLOCK_BPDUGUARD",
                    f"Received BPDU on port {name} with BPDU Guard enabled. Disabling port.",
                )  # fmt: skip
                switch.scheduler.after(0.0, lambda: switch.service(Errdisable).disable(name, "bpduguard"))

    def _log_guard(self, vlan: int, event: Inconsistent) -> None:
        kind = event.kind or event.was
        if kind in DISAGREEMENTS:
            return
        verb = "blocking" if event.kind else "unblocking"
        self.device.log(
            "SPANTREE", 2, f"{kind.upper()}GUARD_{'BLOCK' if event.kind else 'UNBLOCK'}",
            f"{kind.capitalize()} guard {verb} port {event.port} on VLAN{vlan:04}.",
        )  # fmt: skip

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
        for vlan, when in list(self._dues.items()):
            if when is not None and when <= now and vlan in self.instances:
                self.instances[vlan].tick(now)
                self._after_one(vlan)
        self._plan()  # once: it looks at all VLANs

    # --- rows ----------------------------------------------------------------------------------------

    def rows(self) -> Iterator[TreeRow]:
        """Every tree with a port that is up, in order of VLAN."""
        for vlan in sorted(self.instances):
            row = self.row(vlan)
            if row is not None and row.ports:
                yield row

    def row(self, vlan: int) -> TreeRow | None:
        """The tree of one VLAN, if it runs."""
        tree = self.instances.get(vlan)
        if tree is None:
            return None
        return tree_row(vlan, tree, self.device, self.point_to_point)
