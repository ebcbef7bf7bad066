"""`show buffers`: the pools of packet buffers, and what was taken from them."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.processor import BUFFER_SIZES
from iosemu.handling.context import Context

_POOLS = (
    ("Small", 50, 20, 150),
    ("Middle", 25, 10, 150),
    ("Big", 50, 5, 150),
    ("VeryBig", 10, 0, 100),
    ("Large", 0, 0, 10),
    ("Huge", 0, 0, 4),
)
"""Name, permanent buffers, and how few and how many may be free."""
_ELEMENTS = 1119
_RING = 64
"""Buffers that an interface's receive ring holds."""


def show_buffers(context: Context) -> Iterator[str]:
    """`show buffers`."""
    device = context.device
    taken = device.processor.buffers
    yield "Buffer elements:"
    yield f"     {_ELEMENTS} in free list ({_ELEMENTS} max allowed)"
    yield f"     {sum(taken)} hits, 0 misses, {_ELEMENTS - 500} created"
    yield ""
    yield "Public buffer pools:"
    for (name, permanent, least, most), size, hits in zip(_POOLS, BUFFER_SIZES, taken, strict=True):
        made = 1 if hits and not permanent else 0
        yield f"{name} buffers, {size} bytes (total {permanent + made}, permanent {permanent}):"
        yield f"     {permanent + made} in free list ({least} min, {most} max allowed)"
        yield f"     {hits} hits, {made} misses, 0 trims, {made} created"
        yield "     0 failures (0 no memory)"
    yield ""
    yield "Interface buffer pools:"
    for name, interface in device.interfaces.items():
        if not interface.is_physical or name in device.model.switch_ports:
            continue
        yield f"{name} buffers, {interface.config.mtu + 36} bytes (total {3 * _RING}, permanent {3 * _RING}):"
        yield f"     {_RING} in free list (0 min, {3 * _RING} max allowed)"
        yield f"     {2 * _RING} hits, 0 fallbacks"
        yield f"     {2 * _RING} max cache size, {2 * _RING} in cache"
        yield f"     {interface.counters.in_packets} hits in cache, {interface.counters.in_drops} misses in cache"
