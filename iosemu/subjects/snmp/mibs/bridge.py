"""BRIDGE-MIB (RFC 4188): of one VLAN, as IOS has it (`community@VLAN`)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.bridging.bridge import Bridge, MacEntry
from iosemu.net.snmp.mib import Node, Scalar, Table
from iosemu.packets.snmp import Oid, Value, counter, integer, octets, oid, ticks
from iosemu.packets.stp import BridgeId
from iosemu.subjects.snmp.mibs.indexes import InterfaceIndexes
from iosemu.subjects.spanning_tree.rows import PortRow, TreeRow
from iosemu.subjects.spanning_tree.service import SpanningTrees

BRIDGE = (1, 3, 6, 1, 2, 1, 17)
_STATES = {"DIS": 1, "BLK": 2, "LIS": 3, "LRN": 4, "FWD": 5}


def bridge_nodes(device: Device, indexes: InterfaceIndexes, vlan: int) -> list[Node]:
    """The objects of one VLAN; none where the box has no switch ports."""
    bridge, trees = device.find(Bridge), device.find(SpanningTrees)
    if bridge is None or trees is None:
        return []

    def number(port: str) -> int:
        return bridge.port_number(port)

    def tree() -> TreeRow | None:
        return trees.row_of(vlan)

    def ports() -> Iterator[tuple[Oid, str]]:
        for name in bridge.plane.members(vlan):
            yield (number(name),), name

    def tree_ports() -> Iterator[tuple[Oid, PortRow]]:
        row = tree()
        for port in row.ports if row is not None else ():
            yield (number(port.name),), port

    def learned() -> Iterator[tuple[Oid, MacEntry]]:
        for entry in bridge.mac_entries():
            if entry.vlan == vlan and entry.port in device.interfaces:
                yield tuple(bytes(entry.address)), entry

    def identifier(value: BridgeId) -> Value:
        return octets(int(value).to_bytes(8, "big"))

    def of_tree(number_: int, read: object) -> Node:
        def value() -> Value | None:
            row = tree()
            return read(row) if row is not None and callable(read) else None

        return Scalar((*BRIDGE, 2, number_), value)

    return [
        Scalar((*BRIDGE, 1, 1), lambda: octets(bytes(device.base_mac))),
        Scalar((*BRIDGE, 1, 2), lambda: integer(sum(1 for _ in ports()))),
        Scalar((*BRIDGE, 1, 3), lambda: integer(2)),
        Table(
            (*BRIDGE, 1, 4, 1),
            ports,
            {
                1: lambda each: integer(number(each)),
                2: lambda each: integer(indexes.number(each)),
                3: lambda _each: oid((0, 0)),
                4: lambda _each: counter(0),
                5: lambda each: counter(device.interfaces[each].counters.in_giants),
            },
        ),
        of_tree(1, lambda _row: integer(3)),
        of_tree(2, lambda row: integer(row.bridge.priority)),
        of_tree(3, lambda row: ticks(max(0.0, device.now - max(row.last_change, device.booted_at)))),
        of_tree(4, lambda row: counter(row.changes)),
        of_tree(5, lambda row: identifier(row.root)),
        of_tree(6, lambda row: integer(row.root_cost)),
        of_tree(7, lambda row: integer(number(row.root_port) if row.root_port else 0)),
        of_tree(8, lambda row: integer(row.root_max_age * 100)),
        of_tree(9, lambda row: integer(row.root_hello * 100)),
        of_tree(10, lambda _row: integer(100)),
        of_tree(11, lambda row: integer(row.root_forward * 100)),
        of_tree(12, lambda row: integer(row.max_age * 100)),
        of_tree(13, lambda row: integer(row.hello * 100)),
        of_tree(14, lambda row: integer(row.forward * 100)),
        Table(
            (*BRIDGE, 2, 15, 1),
            tree_ports,
            {
                1: lambda each: integer(number(each.name)),
                2: lambda each: integer(each.priority),
                3: lambda each: integer(_STATES.get(each.state, 6)),
                4: lambda _each: integer(1),
                5: lambda each: integer(each.cost),
                6: lambda each: identifier(each.designated_root),
                7: lambda each: integer(each.designated_cost),
                8: lambda each: identifier(each.designated_bridge),
                9: lambda each: octets((each.designated_port & 0xFFFF).to_bytes(2, "big")),
                10: lambda each: counter(each.transitions),
            },
        ),
        Scalar((*BRIDGE, 4, 1), lambda: counter(0)),
        Scalar((*BRIDGE, 4, 2), lambda: integer(int(bridge.plane.table.ageing_time))),
        Table(
            (*BRIDGE, 4, 3, 1),
            learned,
            {
                1: lambda each: octets(bytes(each.address)),
                2: lambda each: integer(number(each.port)),
                3: lambda each: integer(5 if each.static else 3),
            },
        ),
    ]
