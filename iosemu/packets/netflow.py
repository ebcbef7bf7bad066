"""NetFlow export datagrams: version 1, version 5 and version 9 (RFC 3954)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

V1_MOST, V5_MOST = 24, 30
"""Records in a datagram."""
V9_MOST = 24
TEMPLATE = 256
"""The template of IPv4 flows in version 9."""
_V1_HEADER = struct.Struct("!HHIII")
_V1_RECORD = struct.Struct("!4s4s4sHHIIIIHHHBBB7x")
_V5_HEADER = struct.Struct("!HHIIIIBBH")
_V5_RECORD = struct.Struct("!4s4s4sHHIIIIHHxBBBHHBB2x")
_V9_HEADER = struct.Struct("!HHIIII")
_FLOWSET = struct.Struct("!HH")
FIELDS = (
    (21, 4),
    (22, 4),
    (1, 4),
    (2, 4),
    (10, 2),
    (14, 2),
    (8, 4),
    (12, 4),
    (4, 1),
    (5, 1),
    (7, 2),
    (11, 2),
    (15, 4),
    (13, 1),
    (9, 1),
    (6, 1),
    (61, 1),
)
"""Types and octets of the fields of the template (RFC 3954 section 8): last and first switched, octets, packets,
interfaces, addresses, protocol, type of service, ports, next hop, masks, TCP flags, direction."""
_V9_RECORD = struct.Struct("!IIIIHH4s4sBBHH4sBBBB")


@dataclass(frozen=True, slots=True)
class FlowRecord:
    """What is told of a flow; times are milliseconds of system uptime, interfaces SNMP's indexes."""

    source: IPv4Address
    destination: IPv4Address
    next_hop: IPv4Address
    input: int
    output: int
    packets: int
    octets: int
    first: int
    last: int
    source_port: int
    destination_port: int
    tcp_flags: int
    protocol: int
    tos: int
    source_mask: int = 0
    destination_mask: int = 0
    egress: bool = False


@dataclass(frozen=True, slots=True)
class ExportClock:
    """When a datagram is sent: milliseconds of uptime, and seconds and nanoseconds since 1970."""

    uptime: int
    seconds: int
    nanoseconds: int = 0


def _flow(each: FlowRecord) -> tuple[bytes | int, ...]:
    """What records of versions 1 and 5 begin with."""
    return (
        each.source.packed,
        each.destination.packed,
        each.next_hop.packed,
        each.input,
        each.output,
        each.packets,
        each.octets,
        each.first,
        each.last,
        each.source_port,
        each.destination_port,
    )


def version_1(records: Sequence[FlowRecord], clock: ExportClock) -> bytes:
    """A datagram of version 1; at most `V1_MOST` records."""
    header = _V1_HEADER.pack(1, len(records), clock.uptime, clock.seconds, clock.nanoseconds)
    return header + b"".join(
        _V1_RECORD.pack(
            *_flow(each),
            0,
            each.protocol,
            each.tos,
            each.tcp_flags,
        )
        for each in records
    )


def version_5(records: Sequence[FlowRecord], clock: ExportClock, sequence: int) -> bytes:
    """A datagram of version 5; `sequence` is the number of flows that were exported before."""
    header = _V5_HEADER.pack(
        5, len(records), clock.uptime, clock.seconds, clock.nanoseconds, sequence & 0xFFFFFFFF, 0, 0, 0
    )
    return header + b"".join(
        _V5_RECORD.pack(
            *_flow(each),
            each.tcp_flags,
            each.protocol,
            each.tos,
            0,
            0,
            each.source_mask,
            each.destination_mask,
        )
        for each in records
    )


def version_9(
    records: Sequence[FlowRecord], clock: ExportClock, sequence: int, *, template: bool, source: int = 0
) -> bytes:
    """A datagram of version 9, with its template or without; `sequence` counts datagrams."""
    flowsets = []
    if template:
        body = _FLOWSET.pack(TEMPLATE, len(FIELDS)) + b"".join(_FLOWSET.pack(*each) for each in FIELDS)
        flowsets.append(_FLOWSET.pack(0, 4 + len(body)) + body)
    if records:
        body = b"".join(_v9_record(each) for each in records)
        body += bytes(-len(body) % 4)
        flowsets.append(_FLOWSET.pack(TEMPLATE, 4 + len(body)) + body)
    count = len(records) + template
    header = _V9_HEADER.pack(9, count, clock.uptime, clock.seconds, sequence & 0xFFFFFFFF, source)
    return header + b"".join(flowsets)


def _v9_record(each: FlowRecord) -> bytes:
    return _V9_RECORD.pack(
        each.last,
        each.first,
        each.octets,
        each.packets,
        each.input,
        each.output,
        each.source.packed,
        each.destination.packed,
        each.protocol,
        each.tos,
        each.source_port,
        each.destination_port,
        each.next_hop.packed,
        each.destination_mask,
        each.source_mask,
        each.tcp_flags,
        each.egress,
    )
