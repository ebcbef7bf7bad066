"""What NAT tells a trace: which translation a packet met, and the rule behind it."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.ip.tracing import describe
from iosemu.net.rewrite import ends_of
from iosemu.net.tracing import End, Line, Span
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.nat.config import Rule, Static
from iosemu.subjects.nat.table import NatTable, Translation


def _rule(entry: Translation | None) -> tuple[Line, ...]:
    origin = entry.origin if entry is not None else None
    if isinstance(origin, Rule | Static):
        return (Line("", (f"ip nat inside source {origin}",)),)
    return ()


def _change(before: IPv4Packet, after: IPv4Packet) -> str:
    return f"{describe(before)} becomes {describe(after)}"


def came_in(
    device: Device, span: Span, table: NatTable, before: IPv4Packet, after: IPv4Packet | None, vrf: str
) -> None:
    """A packet came in on an outside interface, which is in an instance of routing."""
    if after is None:
        span.note(device.name, "NAT", "a fragment: waits for the others", end=End.IGNORED)
        return
    if (before.source, before.destination) == (after.source, after.destination):
        span.note(device.name, "NAT", f"no translation for {before.destination}: it stays as it is")
        return
    ends = ends_of(before)
    entry = table.inward(ends, vrf) if ends is not None else None
    span.note(device.name, "NAT", _change(before, after), *_rule(entry))


def goes_out(
    device: Device,
    span: Span,
    table: NatTable,
    before: IPv4Packet,
    after: IPv4Packet | None,
    no_inside: str,
    vrf: str,
) -> None:
    """A packet leaves by an outside interface; `no_inside` is where it came in, if that is not inside.

    `vrf` is the instance of routing of where it came in.
    """
    sides = Line("", ("ip nat inside source",))
    if no_inside:
        text = f"not translated: {no_inside} is not inside"
        span.note(device.name, "NAT", text, Line(f"interface {no_inside}", ("ip nat",)))
    elif after is None:
        span.drop(
            device.name,
            "NAT",
            "held back: no address, port or entry is left for it, or a fragment is missing",
            sides,
        )
    elif (before.source, before.destination) == (after.source, after.destination):
        span.note(device.name, "NAT", f"not translated: no rule is about {before.source}", sides)
    else:
        ends = ends_of(before)
        entry = table.outward(ends, vrf) if ends is not None else None
        span.note(device.name, "NAT", _change(before, after), *_rule(entry))
