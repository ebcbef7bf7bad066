"""`show adjacency [INTERFACE] [detail] | summary`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.cef.table import Adjacency, adjacencies, running

_BYTES = 328
"""Octets of one adjacency."""


def show_adjacency(context: Context, interface: str | None = None, detail: bool = False) -> Iterator[str]:
    """`show adjacency [INTERFACE] [detail]`."""
    device = context.device
    if interface is not None and interface not in device.interfaces:
        raise InvalidArgument("interface")
    yield "Protocol Interface                 Address"
    if not running(device):
        return
    for each in adjacencies(device):
        if interface in (None, each.interface):
            yield f"IP       {each.interface:<25} {each.address}({each.references})"
            if detail:
                yield from _detail(each)


def _detail(each: Adjacency) -> Iterator[str]:
    rows = ["0 packets, 0 bytes", "epoch 0", "sourced in sev-epoch 0"]
    if each.encapsulation:
        rows += [f"Encap length {len(each.encapsulation)}", each.encapsulation.hex().upper()]
    else:
        rows.append("empty encap string")
    for row in [*rows, each.source]:
        yield f"{'':35}{row}"


def show_summary(context: Context) -> Iterator[str]:
    """`show adjacency summary`."""
    device = context.device
    count = len(list(adjacencies(device))) if running(device) else 0
    noun = f"{count} adjacenc{'y' if count == 1 else 'ies'}"
    yield f"Adjacency table has {noun}:"
    yield f"  each adjacency consumes {_BYTES} bytes (0 bytes platform extension)"
    yield f"  {count} complete adjacencies"
    yield "  0 incomplete adjacencies"
    yield f"  {noun} of linktype IP"
    yield f"    {count} complete adjacencies of linktype IP"
    yield "    0 incomplete adjacencies of linktype IP"
    yield "    0 adjacencies with fixups of linktype IP"
    yield f"    {count} adjacencies with IP redirect of linktype IP"
    yield "  0 adjacencies post encap punt capable"
    yield ""
    yield "Adjacency database high availability:"
    yield f"  Database epoch:        0 ({count} entries at this epoch)"
