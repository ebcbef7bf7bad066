"""Cisco's own: CISCO-CDP-MIB, CISCO-PROCESS-MIB, CISCO-MEMORY-POOL-MIB and the older CPU objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.box.device import Device
from iosemu.net.neighbors import Neighbor
from iosemu.net.snmp.mib import Node, Scalar, Table
from iosemu.packets.cdp import CdpPacket
from iosemu.packets.snmp import Oid, Value, gauge, integer, octets
from iosemu.subjects.discovery.config import CdpConfig
from iosemu.subjects.discovery.service import Discovery
from iosemu.subjects.processes.workload import Pool, pools, utilization
from iosemu.subjects.snmp.mibs.indexes import InterfaceIndexes

LOCAL_CPU = (1, 3, 6, 1, 4, 1, 9, 2, 1)
CISCO_MGMT = (1, 3, 6, 1, 4, 1, 9, 9)
CDP = (*CISCO_MGMT, 23, 1)
MEMORY_POOL = (*CISCO_MGMT, 48, 1, 1, 1)
PROCESS = (*CISCO_MGMT, 109, 1, 1, 1, 1)


def cisco_nodes(device: Device, indexes: InterfaceIndexes) -> list[Node]:
    """The objects of these MIBs."""
    found: list[Node] = []
    discovery = device.find(Discovery)
    if discovery is not None:
        found += _cdp_nodes(device, discovery, indexes)

    def cpu(field: str, make: Callable[[int], Value]) -> Callable[[], Value]:
        return lambda: make(int(getattr(utilization(device), field)))

    def per_cpu(field: str) -> Callable[[int], Value]:
        return lambda _row: gauge(int(getattr(utilization(device), field)))

    def memory() -> Iterator[tuple[Oid, Pool]]:
        for number, pool in enumerate(pools(device), 1):
            yield (number,), pool

    found += [
        Scalar((*LOCAL_CPU, 3), lambda: octets(device.hostname)),
        Scalar((*LOCAL_CPU, 56), cpu("five_seconds", integer)),
        Scalar((*LOCAL_CPU, 57), cpu("one_minute", integer)),
        Scalar((*LOCAL_CPU, 58), cpu("five_minutes", integer)),
        Table(
            MEMORY_POOL,
            memory,
            {
                2: lambda each: octets(each.name),
                3: lambda _each: integer(0),
                4: lambda _each: integer(1),
                5: lambda each: gauge(each.used),
                6: lambda each: gauge(each.free),
                7: lambda each: gauge(each.free),
            },
        ),
        Table(
            PROCESS,
            lambda: [((1,), 1)],
            {
                2: lambda _row: integer(0),
                3: per_cpu("five_seconds"),
                4: per_cpu("one_minute"),
                5: per_cpu("five_minutes"),
                6: per_cpu("five_seconds"),
                7: per_cpu("one_minute"),
                8: per_cpu("five_minutes"),
            },
        ),
    ]
    return found


def _cdp_nodes(device: Device, discovery: Discovery, indexes: InterfaceIndexes) -> list[Node]:
    def neighbours() -> Iterator[tuple[Oid, Neighbor[CdpPacket]]]:
        for number, each in enumerate(discovery.cdp.neighbors(device.now), 1):
            yield (indexes.number(each.local_port), number), each

    def first_address(each: Neighbor[CdpPacket]) -> Value:
        addresses = each.packet.addresses
        return octets(addresses[0].packed if addresses else b"")

    def config() -> CdpConfig:
        found: CdpConfig = device.config.of(CdpConfig)
        return found

    return [
        Table(
            (*CDP, 2, 1, 1),
            neighbours,
            {
                3: lambda _each: integer(1),
                4: first_address,
                5: lambda each: octets(each.packet.software_version),
                6: lambda each: octets(each.packet.device_id),
                7: lambda each: octets(each.packet.port_id),
                8: lambda each: octets(each.packet.platform),
                9: lambda each: octets(each.packet.capabilities.to_bytes(4, "big")),
                10: lambda each: None if each.packet.vtp_domain is None else octets(each.packet.vtp_domain),
                11: lambda each: (
                    None if each.packet.native_vlan is None else integer(each.packet.native_vlan)
                ),
                12: lambda each: (
                    None if each.packet.full_duplex is None else integer(3 if each.packet.full_duplex else 2)
                ),
            },
        ),
        Scalar((*CDP, 3, 1), lambda: integer(1 if config().enabled else 2)),
        Scalar((*CDP, 3, 2), lambda: integer(config().timer)),
        Scalar((*CDP, 3, 3), lambda: integer(config().holdtime)),
        Scalar((*CDP, 3, 4), lambda: octets(device.hostname)),
    ]
