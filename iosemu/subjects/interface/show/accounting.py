"""`show interfaces [X] accounting | stats`: frames by protocol, and by how they took their way through a router."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.counters import ACCOUNTED
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.ip.routed import Dot1q
from iosemu.subjects.ip.show.ip import listed

_COLUMNS = ("Pkts In", "Chars In", "Pkts Out", "Chars Out")


def _chosen(context: Context, interface: str | None) -> Iterator[Interface]:
    """The interfaces with counters of their own."""
    device = context.device
    if interface is not None and interface not in device.interfaces:
        raise InvalidArgument("interface")
    for each in list(listed(device)):
        counted = each.name not in device.model.switch_ports and each.config.of(Dot1q).vlan is None
        if counted and interface in (None, each.name):
            yield each


def show_accounting(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show interfaces [X] accounting`."""
    for each in _chosen(context, interface):
        if not each.admin_up:
            yield f"Interface {each.name} is disabled"
            yield ""
            continue
        yield f"{each.name} {each.config.description}"
        yield _row("Protocol", _COLUMNS)
        protocols = each.counters.protocols
        if not protocols:
            yield "No traffic sent or received on this interface."
        for name in ACCOUNTED:
            if name in protocols:
                yield _row(name, protocols[name])


def show_stats(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show interfaces [X] stats`."""
    for each in _chosen(context, interface):
        if not each.is_physical and each.type.medium is not Medium.VIRTUAL:
            continue
        if not each.admin_up:
            yield f"Interface {each.name} is disabled"
            yield ""
            continue
        c = each.counters
        total = (c.in_packets, c.in_octets, c.out_packets, c.out_octets)
        switched = (c.in_switched, c.in_switched_octets, c.out_switched, c.out_switched_octets)
        yield each.name
        yield _row("Switching path", _COLUMNS)
        yield _row("Processor", [all_ - fast for all_, fast in zip(total, switched, strict=True)])
        yield _row("Route cache", switched)
        yield _row("Total", total)


def _row(label: str, values: object) -> str:
    assert isinstance(values, list | tuple)
    return f"{label:>24}" + "".join(f"{value:>11}" for value in values)
