"""Which trees a switch has, what they are called, and how they are told: one a VLAN here, instances in `multiple`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.bridging.vlans import RESERVED
from iosemu.net.rstp import RapidPort, RapidSpanningTree
from iosemu.net.stp_fast import FastSpanningTree
from iosemu.net.stp_tree import StpPort, Tree
from iosemu.net.stp_types import LONG_MODE_COST, SHORT_MODE_COST, StpTimes
from iosemu.packets.ethernet import VlanTag, tag_of
from iosemu.packets.stp import PVST_GROUP, AnyBpdu, BridgeId, RootLinkQuery
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig, VlanTree
from iosemu.subjects.spanning_tree.consistency import UNTAGGED, Consistency
from iosemu.subjects.spanning_tree.wire import BpduFrames

if TYPE_CHECKING:
    from iosemu.box.device import Device


UPLINK_PRIORITY = 49152
UPLINK_COST = 3000
"""With UplinkFast a bridge should be nobody's way to the root."""


def extended(switch: Device) -> bool:
    """Whether the number of a VLAN is part of a bridge's priority (IEEE 802.1t): one address does for all trees."""
    return bool(switch.model.facts.get("extended_system_id", True))


def path_cost(speed: int, *, long: bool) -> int:
    """What a port of a speed in Mb/s costs."""
    return LONG_MODE_COST // max(speed, 1) if long else SHORT_MODE_COST.get(speed, 19)


class Layout(Protocol):
    """The trees of a switch by their numbers: VLANs, or instances of MST."""

    together: bool
    """Whether what happens in one tree may concern the others."""

    def numbers(self, port: str) -> frozenset[int]:
        """The trees that a port is in."""
        ...

    def wanted(self, carried: frozenset[int]) -> list[int]:
        """The trees to run, of those that ports are in."""
        ...

    def bridge(self, number: int) -> tuple[BridgeId, StpTimes]:
        """What this bridge is in a tree."""
        ...

    def make(self, number: int, bridge: BridgeId, times: StpTimes) -> Tree:
        """A new tree."""
        ...

    def port(self, name: str) -> StpPort:
        """A port for one of the trees."""
        ...

    def port_values(self, name: str, port: Switchport, number: int) -> tuple[int, int]:
        """Cost and priority of a port in a tree."""
        ...

    def number_of(self, vlan: int) -> int:
        """The tree of a VLAN."""
        ...

    def vlans_of(self, number: int) -> Iterable[int]:
        """The VLANs that a tree is for, of those that are active."""
        ...

    def label(self, number: int) -> str:
        """`VLAN0001` or `MST1`."""
        ...

    def receive(self, name: str, frame: bytes, bpdu: AnyBpdu, originating: int | None) -> int | None:
        """Take a BPDU; the tree that it was for, if any."""
        ...

    def send(self, number: int, name: str, bpdu: AnyBpdu) -> None:
        """Put a tree's BPDU on the wire."""
        ...

    def changed(self) -> None:
        """What is configured may be different."""
        ...

    def hear_query(self, name: str, frame: bytes, query: RootLinkQuery) -> int | None:
        """Take a root link query; the tree that it was for, if any."""
        ...

    def send_query(self, number: int, name: str, query: RootLinkQuery) -> None:
        """Put a tree's root link query on the wire."""
        ...


class PerVlan:
    """A tree a VLAN: PVST+ and rapid PVST+."""

    together = False

    def __init__(
        self,
        switch: Device,
        trees: dict[int, Tree],
        consistency: Consistency,
        frames: BpduFrames,
        *,
        rapid: bool,
    ) -> None:
        self._switch = switch
        self._trees = trees
        self._consistency = consistency
        self._frames = frames
        self._rapid = rapid

    @property
    def _config(self) -> SpanningTreeConfig:
        return self._switch.config.of(SpanningTreeConfig)

    def numbers(self, port: str) -> frozenset[int]:
        """The VLANs that a port carries."""
        return self._switch.service(Bridge).port_vlans(port)

    def wanted(self, carried: frozenset[int]) -> list[int]:
        """As many as the switch can run, from the lowest VLAN on."""
        running = (
            vlan for vlan in sorted(carried) if vlan not in RESERVED and self._config.vlan(vlan).enabled
        )
        return list(islice(running, self._switch.model.facts["spanning_tree_instances"]))

    def bridge(self, number: int) -> tuple[BridgeId, StpTimes]:
        """`spanning-tree vlan N …`."""
        settings, extension = self._config.vlan(number), number if extended(self._switch) else 0
        priority = settings.priority
        if self._uplinkfast and priority == VlanTree().priority:
            priority = UPLINK_PRIORITY
        return (
            BridgeId(priority + extension, self._switch.switch_mac),
            StpTimes(float(settings.hello_time), float(settings.max_age), float(settings.forward_time)),
        )

    def make(self, number: int, bridge: BridgeId, times: StpTimes) -> Tree:
        """A new tree."""
        if self._rapid:
            return RapidSpanningTree(bridge, times, hold_count=self._config.hold_count)
        return FastSpanningTree(
            bridge, times, uplinkfast=self._uplinkfast, backbonefast=self._config.backbonefast
        )

    def port(self, name: str) -> StpPort:
        """A port for one of the trees."""
        number = self._switch.service(Bridge).port_number(name)
        return RapidPort(name, number) if self._rapid else StpPort(name, number)

    def port_values(self, name: str, port: Switchport, number: int) -> tuple[int, int]:
        """`spanning-tree [vlan N] cost` and `port-priority`."""
        speed = self._switch.service(Bridge).port_speed(name)
        default = path_cost(speed, long=self._config.long_cost)
        cost = port.stp_vlan_cost.get(number) or port.stp_cost or default
        if self._uplinkfast and cost < UPLINK_COST:
            cost += UPLINK_COST
        return cost, port.stp_vlan_priority.get(number, port.stp_priority)

    def number_of(self, vlan: int) -> int:
        """The VLAN itself."""
        return vlan

    def vlans_of(self, number: int) -> Iterable[int]:
        """The VLAN alone."""
        return (number,)

    def label(self, number: int) -> str:
        """`VLAN0001`."""
        return f"VLAN{number:04}"

    def receive(self, name: str, frame: bytes, bpdu: AnyBpdu, originating: int | None) -> int | None:
        """Give a BPDU to the tree of the VLAN that it came in, if both ends are set up alike."""
        bridge = self._switch.service(Bridge)
        if frame[:6] != PVST_GROUP:
            number = 1 if bridge.is_trunking(name) else _tree_of_access(bridge, name)
        elif not bridge.is_trunking(name):
            if not bridge.is_undecided(name):
                self._consistency.port_type(name, _tree_of_access(bridge, name), bpdu)
            return None
        else:
            tag = tag_of(frame)
            came = tag.vlan if tag is not None else UNTAGGED
            number = came or bridge.untagged_vlan(name)
            # a topology change notification names no VLAN
            if originating is not None and not self._consistency.native_vlan(
                name, came, number, originating, bpdu
            ):
                return None
            if number == 1:
                return None  # VLAN 1's tree is heard in the IEEE form
        tree = self._trees.get(number)
        if tree is None:
            return None
        tree.receive(name, bpdu, self._switch.now)
        return number

    def send(self, number: int, name: str, bpdu: AnyBpdu) -> None:
        """In the VLAN's own form."""
        bridge = self._switch.service(Bridge)
        native = bridge.switchport(name).native_vlan if bridge.is_trunking(name) else None
        for frame in self._frames.made(name, number, bpdu, self._switch.interfaces[name].mac, native):
            bridge.plane.transmit(name, frame, number)

    def changed(self) -> None:
        """What is configured for all trees."""
        for tree in self._trees.values():
            if isinstance(tree, RapidSpanningTree):
                tree.hold_count = self._config.hold_count
            elif isinstance(tree, FastSpanningTree):
                tree.uplinkfast, tree.backbonefast = self._uplinkfast, self._config.backbonefast

    @property
    def _uplinkfast(self) -> bool:
        return self._config.uplinkfast and not self._rapid

    def hear_query(self, name: str, frame: bytes, query: RootLinkQuery) -> int | None:
        """Give a root link query to the tree of the VLAN that it came in."""
        tag = tag_of(frame)
        number = (
            tag.vlan if tag is not None and tag.vlan else self._switch.service(Bridge).untagged_vlan(name)
        )
        tree = self._trees.get(number)
        if not isinstance(tree, FastSpanningTree):
            return None
        tree.hear_query(name, query, self._switch.now)
        return number

    def send_query(self, number: int, name: str, query: RootLinkQuery) -> None:
        """In the VLAN's own form."""
        bridge = self._switch.service(Bridge)
        tagged = bridge.is_trunking(name) and number != bridge.untagged_vlan(name)
        frame = query.to_frame(self._switch.interfaces[name].mac, VlanTag(number, 7) if tagged else None)
        bridge.plane.transmit(name, frame.to_bytes(), number)


def _tree_of_access(bridge: Bridge, name: str) -> int:
    """The VLAN whose tree a port without tags is in."""
    facts = bridge.plane.port(name)
    return facts.primary or facts.untagged
