"""The trees of MST (IEEE 802.1Q-2005 clause 13): the common one and those of the instances; and PVST+ simulation.

A neighbor that speaks PVST+ is told the common tree in all VLANs, and heard in VLAN 1 alone. That is right only if the
other VLANs' trees lie on the same side of the port: where the root of VLAN 1 is beyond it, no VLAN's may claim less;
where it is on this side, none may claim more (Cisco, "PVST Simulation on MST Switches").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.net.mst import CommonTree, CommonVector, InstanceTree, MstPort
from iosemu.net.mst_region import CIST
from iosemu.net.stp_tree import StpPort, Tree
from iosemu.net.stp_types import StpTimes
from iosemu.packets.ethernet import VlanTag, tag_of
from iosemu.packets.stp import PVST_GROUP, AnyBpdu, Bpdu, BridgeId, RootLinkQuery, ieee_frame, pvst_frame
from iosemu.subjects.spanning_tree.config import MstConfig, SpanningTreeConfig
from iosemu.subjects.spanning_tree.layout import path_cost

if TYPE_CHECKING:
    from iosemu.box.device import Device

_COMMON_VLAN = 1
"""The VLAN whose PVST+ tree is heard as the common one."""


class Multiple:
    """The instances of an MST region that this switch is in."""

    together = True

    def __init__(self, switch: Device, trees: dict[int, Tree]) -> None:
        self._switch = switch
        self._trees = trees
        self._region = self._config.region
        self._said: dict[str, CommonVector] = {}
        """What neighbors that speak PVST+ said of VLAN 1, by port."""
        self._failing: dict[str, set[int]] = {}
        """The VLANs whose trees lie on the other side, by port."""

    @property
    def _config(self) -> MstConfig:
        return self._switch.config.of(SpanningTreeConfig).mst

    @property
    def _common(self) -> CommonTree | None:
        tree = self._trees.get(CIST)
        return tree if isinstance(tree, CommonTree) else None

    def numbers(self, port: str) -> frozenset[int]:
        """The common tree, and the instances of the VLANs; a trunk is in all of them."""
        bridge, region = self._switch.service(Bridge), self._region
        vlans = bridge.port_vlans(port)
        if not vlans:
            return frozenset()
        if bridge.plane.port(port).trunk:
            return frozenset((CIST, *region.instances))
        return frozenset((CIST, *(region.instance_of(vlan) for vlan in vlans)))

    def wanted(self, carried: frozenset[int]) -> list[int]:
        """All: an instance is part of the region though none of its VLANs is here."""
        return [CIST, *sorted(self._region.instances)]

    def bridge(self, number: int) -> tuple[BridgeId, StpTimes]:
        """`spanning-tree mst …`."""
        config = self._config
        times = StpTimes(float(config.hello_time), float(config.max_age), float(config.forward_time))
        return BridgeId(config.priority(number) + number, self._switch.switch_mac), times

    def make(self, number: int, bridge: BridgeId, times: StpTimes) -> Tree:
        """A new tree; the common one is made first."""
        config = self._switch.config.of(SpanningTreeConfig)
        common, hops, hold = self._common, config.mst.max_hops, config.hold_count
        if common is None:
            return CommonTree(bridge, times, region=self._region, max_hops=hops, hold_count=hold)
        tree = common.instances[number] = InstanceTree(bridge, times, max_hops=hops)
        return tree

    def port(self, name: str) -> StpPort:
        """A port for one of the trees."""
        return MstPort(name, self._switch.service(Bridge).port_number(name))

    def port_values(self, name: str, port: Switchport, number: int) -> tuple[int, int]:
        """`spanning-tree mst N cost` and `port-priority`, or what is so in all trees."""
        default = path_cost(self._switch.service(Bridge).port_speed(name), long=True)
        cost = port.mst_cost.get(number) or port.stp_cost or default
        return cost, port.mst_priority.get(number, port.stp_priority)

    def number_of(self, vlan: int) -> int:
        """The instance of a VLAN."""
        return self._region.instance_of(vlan)

    def vlans_of(self, number: int) -> Iterable[int]:
        """Those of the instance."""
        active = self._switch.service(Bridge).active_vlans()
        return [vlan for vlan in sorted(active) if self._region.instance_of(vlan) == number]

    def label(self, number: int) -> str:
        """`MST0`."""
        return f"MST{number}"

    def changed(self) -> None:
        """Times, hops and the hold count; another region makes all trees anew."""
        config = self._switch.config.of(SpanningTreeConfig)
        for tree in self._trees.values():
            if isinstance(tree, CommonTree | InstanceTree):
                tree.max_hops = config.mst.max_hops
                tree.hold_count = config.hold_count

    # --- the wire ------------------------------------------------------------------------------------

    def receive(self, name: str, frame: bytes, bpdu: AnyBpdu, originating: int | None) -> int | None:
        """Give a BPDU to the common tree."""
        common, now = self._common, self._switch.now
        port = common.mst_port(name) if common is not None else None
        if common is None or port is None:
            return None
        if frame[:6] != PVST_GROUP:
            if isinstance(bpdu, Bpdu) and port.pvst:
                self._said[name] = CommonVector.outside(bpdu)
            common.receive(name, bpdu, now)
            return CIST
        if not self._simulates(name):
            self._refuse_peer(common, name, bpdu, now)
            return CIST
        common.agree(name, "peer", now)
        common.hear_pvst(name, now)
        tag = tag_of(frame)
        vlan = originating or (tag.vlan if tag is not None else _COMMON_VLAN)
        if vlan == _COMMON_VLAN:
            return CIST
        if isinstance(bpdu, Bpdu):
            self._judge(common, port, vlan, bpdu, now)
        else:
            common.receive(name, bpdu, now)
        return CIST

    def _simulates(self, name: str) -> bool:
        told = self._switch.service(Bridge).switchport(name).simulate_pvst
        return self._switch.config.of(SpanningTreeConfig).simulate_pvst if told is None else told

    def _refuse_peer(self, common: CommonTree, name: str, bpdu: AnyBpdu, now: float) -> None:
        """A neighbor speaks PVST+ where that is not simulated: the port is blocked for as long as it does."""
        max_age = bpdu.max_age - bpdu.message_age if isinstance(bpdu, Bpdu) else self._config.max_age
        if common.disagree(name, "peer", now + max_age, now):
            text = f"PVST BPDU detected on port {name}."
            self._switch.log("SPANTREE", 2, "PVST_PEER_BLOCK", text)

    def hear_query(self, name: str, frame: bytes, query: RootLinkQuery) -> int | None:
        """MST has no root link queries."""
        return None

    def send_query(self, number: int, name: str, query: RootLinkQuery) -> None:
        """MST has no root link queries."""

    def _judge(self, common: CommonTree, port: MstPort, vlan: int, bpdu: Bpdu, now: float) -> None:
        claim = CommonVector.outside(bpdu)
        own, first = common.own_vector(port), self._said.get(port.name)
        beyond = first is not None and first < own
        wrong = first is not None and first < claim and first.root != claim.root if beyond else claim < own
        failing = self._failing.setdefault(port.name, set())
        if not wrong:
            failing.discard(vlan)
            if not failing:
                common.agree(port.name, "pvst", now)
            return
        failing.add(vlan)
        role = port.role.value
        if common.disagree(port.name, "pvst", now + bpdu.max_age - bpdu.message_age, now):
            kind = "inferior" if beyond else "superior"
            self._switch.log(
                "SPANTREE", 2, "PVSTSIM_FAIL",
                f"Blocking {role} port {short_name(port.name)}: Inconsistent {kind} PVST BPDU received on VLAN {vlan}, "
                f"claiming root {bpdu.root.priority}:{bpdu.root.mac.dotted}",
            )  # fmt: skip

    def send(self, number: int, name: str, bpdu: AnyBpdu) -> None:
        """Once for all trees, and the common one for each VLAN where the neighbor speaks PVST+."""
        plane = self._switch.service(Bridge).plane
        for vlan, frame in self._frames_of(name, bpdu):
            plane.transmit(name, frame, vlan)

    def _frames_of(self, name: str, bpdu: AnyBpdu) -> Iterator[tuple[int, bytes]]:
        bridge, mac = self._switch.service(Bridge), self._switch.interfaces[name].mac
        untagged = bridge.untagged_vlan(name)
        yield untagged, ieee_frame(mac, bpdu).to_bytes()
        common = self._common
        port = common.mst_port(name) if common is not None else None
        if port is None or not port.pvst or not bridge.is_trunking(name) or not self._simulates(name):
            return
        plain = replace(bpdu, region=None) if isinstance(bpdu, Bpdu) else bpdu
        for vlan in sorted(bridge.port_vlans(name)):
            tag = None if vlan == untagged else VlanTag(vlan, 7)
            yield vlan, pvst_frame(mac, plain, vlan, tag).to_bytes()
