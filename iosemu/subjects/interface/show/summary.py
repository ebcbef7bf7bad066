"""`show interfaces summary`: queues, drops and rates, one row an interface."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.ip.show.ip import listed

_LEGEND = (
    "",
    " *: interface is up",
    " IHQ: pkts in input hold queue     IQD: pkts dropped from input queue",
    " OHQ: pkts in output hold queue    OQD: pkts dropped from output queue",
    " RXBS: rx rate (bits/sec)          RXPS: rx rate (pkts/sec)",
    " TXBS: tx rate (bits/sec)          TXPS: tx rate (pkts/sec)",
    " TRTL: throttle count",
    "",
)
_COLUMNS = ("IHQ", "IQD", "OHQ", "OQD", "RXBS", "RXPS", "TXBS", "TXPS", "TRTL")


def show_summary(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show interfaces [X] summary`."""
    device = context.device
    yield from _LEGEND
    yield f"  {'Interface':<21}" + "".join(f"{name:>10}" for name in _COLUMNS)
    yield "-" * 113
    for each in list(listed(device)):
        if interface not in (None, each.name):
            continue
        counters = each.counters
        bits_in, packets_in = counters.in_load.rates(device.now)
        bits_out, packets_out = counters.out_load.rates(device.now)
        values = (0, counters.in_drops, 0, counters.out_drops, bits_in, packets_in, bits_out, packets_out, 0)
        mark = "*" if each.line_up else " "
        yield f"{mark} {each.name:<21}" + "".join(f"{value:>10}" for value in values)
