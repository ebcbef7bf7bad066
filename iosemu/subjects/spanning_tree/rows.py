"""Spanning trees in the words of `show spanning-tree`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from iosemu.bridging.bridge import Bridge
from iosemu.net.mst import CommonTree, CommonVector, InstanceTree, MstPort
from iosemu.net.rstp import RapidPort, RapidSpanningTree
from iosemu.net.stp_fast import FastSpanningTree
from iosemu.net.stp_tree import NEVER, StpPort, Tree
from iosemu.net.stp_types import PortRole, PortState
from iosemu.packets.stp import BridgeId
from iosemu.subjects.mac_table.config import MacTableConfig
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig

if TYPE_CHECKING:
    from iosemu.box.device import Device

_ROLES = {
    PortRole.ROOT: "Root",
    PortRole.DESIGNATED: "Desg",
    PortRole.ALTERNATE: "Altn",
    PortRole.BACKUP: "Back",
    PortRole.MASTER: "Mstr",
    PortRole.DISABLED: "Dis ",
}
_STATES = {
    PortState.FORWARDING: "FWD",
    PortState.LEARNING: "LRN",
    PortState.LISTENING: "LIS",
    PortState.BLOCKING: "BLK",
    PortState.DISABLED: "DIS",
}
_INCONSISTENT = {
    "": "",
    "root": "*ROOT_Inc",
    "loop": "*LOOP_Inc",
    "pvid": "*PVID_Inc",
    "type": "*TYPE_Inc",
    "pvst": "*PVST_Inc",
    "peer": "*PVST_Peer_Inc",
}


@dataclass(frozen=True, slots=True)
class PortRow:
    """One port of a tree, in the words of `show spanning-tree`."""

    name: str
    number: int
    priority: int
    role: str
    state: str
    cost: int
    link_type: str
    edge: str
    """`Edge`, `Peer(STP)`, `Bound(RSTP)` or nothing."""
    boundary: str
    """At the boundary of an MST region: `RSTP`, `STP` or `PVST`, what the neighbor speaks."""
    notes: tuple[str, ...]
    """What is set up on it, in the words of `detail`."""
    inconsistent: str
    """`*ROOT_Inc`, `*LOOP_Inc`, `*PVID_Inc`, `*TYPE_Inc`, `*PVST_Inc` or nothing."""
    designated_root: BridgeId
    designated_bridge: BridgeId
    designated_port: int
    designated_cost: int
    regional_root: BridgeId
    """In the common tree of MST: by which way the neighbor leaves the region."""
    internal_cost: int
    message_age: int
    expires: int
    """Seconds until what was heard is forgotten."""
    forward_timer: int
    transitions: int
    sent: int
    received: int


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One tree, in the words of `show spanning-tree`; times in seconds."""

    vlan: int
    """Or the number of an instance."""
    label: str
    """`VLAN0001`, `MST1`."""
    protocol: str
    """`ieee`, `rstp` or `mstp`."""
    hold_count: int
    uplinkfast: bool
    root: BridgeId
    bridge: BridgeId
    is_root: bool
    root_cost: int
    root_port: str
    root_port_number: int
    root_hello: int
    root_max_age: int
    root_forward: int
    hello: int
    max_age: int
    forward: int
    aging: int
    topology_change: bool
    changes: int
    last_change: float
    changed_by: str
    regional_root: BridgeId
    internal_cost: int
    remaining_hops: int
    """Of MST: as this bridge tells them."""
    ports: tuple[PortRow, ...]


def tree_row(
    vlan: int, label: str, tree: Tree, switch: Device, point_to_point: Callable[[str], bool]
) -> TreeRow:
    """One tree of a switch; `point_to_point` tells the type of a port's link."""
    common = tree if isinstance(tree, CommonTree) else None
    multiple = isinstance(tree, CommonTree | InstanceTree)
    root_port = tree.ports[tree.root_port] if tree.root_port is not None else None
    times, own = tree.operating_times, tree.times
    aging = switch.service(Bridge).plane.table.ageing_times.get(vlan, switch.config.of(MacTableConfig).aging)
    return TreeRow(
        vlan=vlan,
        label=label,
        protocol="mstp" if multiple else "rstp" if isinstance(tree, RapidSpanningTree) else "ieee",
        hold_count=tree.hold_count if isinstance(tree, RapidSpanningTree) else 0,
        uplinkfast=isinstance(tree, FastSpanningTree) and tree.uplinkfast,
        root=tree.root,
        bridge=tree.bridge,
        is_root=tree.is_root,
        root_cost=tree.root_cost,
        root_port=root_port.name if root_port else "",
        root_port_number=root_port.number if root_port else 0,
        root_hello=int(times.hello_time),
        root_max_age=int(times.max_age),
        root_forward=int(times.forward_delay),
        hello=int(own.hello_time),
        max_age=int(own.max_age),
        forward=int(own.forward_delay),
        aging=int(aging),
        topology_change=tree.topology_change,
        changes=tree.topology_changes,
        last_change=tree.last_topology_change,
        changed_by=tree.last_topology_change_port or "",
        regional_root=common.regional_root if common is not None else tree.root,
        internal_cost=common.internal_cost if common is not None else 0,
        remaining_hops=tree.remaining_hops if isinstance(tree, CommonTree | InstanceTree) else 0,
        ports=tuple(
            _port_row(tree, port, switch, shared=not point_to_point(port.name))
            for port in tree.ports.values()
            if port.up
        ),
    )


def _notes(switch: Device, port: StpPort) -> Iterator[str]:
    config = switch.config.of(SpanningTreeConfig)
    layer2 = switch.service(Bridge).switchport(port.name)
    if layer2.bpduguard or (layer2.bpduguard is None and config.bpduguard_default and port.portfast):
        yield "Bpdu guard is enabled" + ("" if layer2.bpduguard else " by default")
    if layer2.bpdufilter or (layer2.bpdufilter is None and config.bpdufilter_default and port.portfast):
        yield "Bpdu filter is enabled" + ("" if layer2.bpdufilter else " by default")
    if port.guard:
        yield f"{port.guard.capitalize()} guard is enabled {'' if layer2.guard else 'by default '}on the port"


def _boundary(port: StpPort) -> str:
    if not isinstance(port, MstPort) or not port.external:
        return ""
    return "PVST" if port.pvst else "RSTP" if port.rapid else "STP"


def _place(port: StpPort, boundary: str, *, legacy: bool) -> str:
    if port.edge:
        return "Edge"
    return f"Bound({boundary})" if boundary else "Peer(STP)" if legacy else ""


def _port_row(tree: Tree, port: StpPort, switch: Device, *, shared: bool) -> PortRow:
    heard, now = port.heard, switch.now
    legacy = isinstance(port, RapidPort) and not port.rapid and port.bpdus_received > 0
    boundary = _boundary(port)
    within = heard if isinstance(heard, CommonVector) else None
    common = tree if isinstance(tree, CommonTree) else None
    return PortRow(
        name=port.name,
        number=port.number,
        priority=port.priority,
        role=_ROLES[port.role],
        state="BKN" if port.inconsistent else _STATES[port.state],
        cost=port.cost,
        link_type="Shr" if shared else "P2p",
        edge=_place(port, boundary, legacy=legacy),
        boundary=boundary,
        notes=tuple(_notes(switch, port)),
        inconsistent=_INCONSISTENT[port.inconsistent],
        designated_root=heard.root if heard else tree.root,
        designated_bridge=heard.bridge if heard else tree.bridge,
        designated_port=heard.port if heard else port.identifier,
        designated_cost=heard.cost if heard else tree.root_cost,
        regional_root=within.regional if within else common.regional_root if common else tree.root,
        internal_cost=within.internal if within else common.internal_cost if common else 0,
        message_age=int(port.heard_age),
        expires=max(0, ceil(port.expires - now)) if heard and port.expires != NEVER else 0,
        forward_timer=max(0, int(port.forward_timer - now)) if port.forward_timer != NEVER else 0,
        transitions=port.forward_transitions,
        sent=port.bpdus_sent,
        received=port.bpdus_received,
    )
