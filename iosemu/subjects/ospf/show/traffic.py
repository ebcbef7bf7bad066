"""`show ip ospf traffic`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.routing.ospf.constants import PacketType
from iosemu.routing.ospf.events import PacketFault
from iosemu.routing.ospf.interface import Statistics
from iosemu.subjects.ospf.service.instance import Instance
from iosemu.subjects.ospf.show.common import heading, instances

_NAMES = (
    ("Hello", PacketType.HELLO),
    ("DB des", PacketType.DATABASE_DESCRIPTION),
    ("LS req", PacketType.LINK_STATE_REQUEST),
    ("LS upd", PacketType.LINK_STATE_UPDATE),
    ("LS ack", PacketType.LINK_STATE_ACK),
)
_IP_OCTETS = 20
_HEADER_ERRORS = (
    (PacketFault.LENGTH, None, PacketFault.CHECKSUM, PacketFault.AUTHENTICATION_TYPE),
    (PacketFault.VERSION, PacketFault.BAD_SOURCE, PacketFault.NO_VIRTUAL_LINK),
    (PacketFault.AREA_MISMATCH, None, PacketFault.SELF_ORIGINATED),
    (PacketFault.DUPLICATE_ID, PacketFault.HELLO, PacketFault.MTU_MISMATCH),
    (PacketFault.NEIGHBOR_IGNORED, None, PacketFault.UNKNOWN_NEIGHBOR),
    (PacketFault.AUTHENTICATION, None, None),
)
_SILENT = {(0, 1): "Instance ID", (2, 1): "No Sham Link", (4, 1): "LLS", (5, 1): "TTL Check Fail",
           (5, 2): "Test discard"}  # fmt: skip


def show_traffic(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip ospf [N] traffic`: packets of all processes, then of each interface."""
    found = list(instances(context.device, number))
    if not found:
        return
    every = [each.statistics for instance in found for each in instance.engine.interfaces.values()]
    received = sum((each.received for each in every), Counter())
    sent = sum((each.sent for each in every), Counter())
    checksums = sum(each.faults[PacketFault.CHECKSUM] for each in every)
    yield ""
    yield "OSPF statistics:"
    yield "  Last clearing of OSPF traffic counters never"
    yield f"  Rcvd: {received.total()} total, {checksums} checksum errors"
    yield from _counts(received)
    yield f"  Sent: {sent.total()} total"
    yield from _counts(sent)
    for instance in found:
        yield from heading(instance)
        yield from _interfaces(instance)


def _counts(counter: Counter[int]) -> Iterator[str]:
    hello, description, request, update, ack = (counter[kind] for _, kind in _NAMES)
    yield f"        {hello} hello, {description} database desc, {request} link state req"
    yield f"        {update} link state updates, {ack} link state acks"


def _interfaces(instance: Instance) -> Iterator[str]:
    yield f"Interface statistics for process ID {instance.config.number}:"
    for interface in instance.engine.interfaces.values():
        yield ""
        yield f"    Interface {interface.name}"
        yield ""
        yield "Last clearing of interface traffic counters never"
        yield ""
        yield "OSPF packets received/sent"
        yield "  Type          Packets              Bytes"
        yield from _directions(interface.statistics)
        yield from _errors(interface.statistics)


def _directions(statistics: Statistics) -> Iterator[str]:
    for letter, first, packets, octets in (
        ("RX", "Invalid", statistics.received, statistics.received_octets),
        ("TX", "Failed", statistics.sent, statistics.sent_octets),
    ):
        bad = statistics.faults.total() if letter == "RX" else 0
        yield _row(f"{letter} {first}", bad, 0)
        for name, kind in _NAMES:
            # the IP header counts when it is sent
            extra = packets[kind] * _IP_OCTETS if letter == "TX" else 0
            yield _row(f"{letter} {name}", packets[kind], octets[kind] + extra)
        extra = packets.total() * _IP_OCTETS if letter == "TX" else 0
        yield _row(f"{letter} Total", packets.total(), octets.total() + extra)
        yield ""


def _row(label: str, packets: int, octets: int) -> str:
    return f"  {label:<13} {packets:<20} {octets}"


def _errors(statistics: Statistics) -> Iterator[str]:
    yield "OSPF header errors"
    for row, faults in enumerate(_HEADER_ERRORS):
        parts = [
            f"{fault.value} {statistics.faults[fault]}" if fault is not None else f"{_SILENT[row, at]} 0"
            for at, fault in enumerate(faults)
        ]
        yield f"  {', '.join(parts)}{',' if row < len(_HEADER_ERRORS) - 1 else ''}"
    yield ""
    yield "OSPF LSA errors"
    counts = statistics.faults
    yield (
        f"  Type {counts[PacketFault.LSA_TYPE]}, Length 0, Data {counts[PacketFault.LSA_DATA]}, "
        f"Checksum {counts[PacketFault.LSA_CHECKSUM]}"
    )
