"""`show pagp [N] internal | counters | neighbor`, `clear pagp counters`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.net.pagp import PagpPort
from iosemu.packets.pagp import PHYSICAL, PagpFlag, PagpPacket
from iosemu.subjects.etherchannel.service import EtherChannels
from iosemu.subjects.etherchannel.show import groups

LEGEND = (
    "Flags:  S - Device is sending Slow hello.  C - Device is in Consistent state.",
    "        A - Device is in Auto mode.        d - PAgP is down",
    "Timers: H - Hello timer is running.        Q - Quit timer is running.",
    "        S - Switching timer is running.    I - Interface timer is running.",
)
INTERNAL_HEADS = (
    "                                Hello    Partner  PAgP     Learning  Group",
    "Port      Flags State   Timers  Interval Count   Priority   Method  Ifindex",
)
PARTNER_LEGEND = (
    "Flags:  S - Device is sending Slow hello.  C - Device is in Consistent state.",
    "        A - Device is in Auto mode.        P - Device learns on physical port.",
)
PARTNER_HEADS = (
    "          Partner              Partner          Partner         Partner Group",
    "Port      Name                 Device ID        Port       Age  Flags   Cap.",
)
_DOWN, _ALONE, _BUNDLED = "U1/S1", "U5/S4", "U6/S7"
"""States of the partner's and the port's automaton: no line, nobody heard, one bundle."""


def machines(switch: Device, group: int | None = None) -> Iterator[tuple[int, list[tuple[str, PagpPort]]]]:
    """The groups that negotiate by PAgP, with their ports."""
    return groups.machines(switch, switch.service(EtherChannels).pagp, group)


def _flags(value: int) -> str:
    letters = ((PagpFlag.SLOW_HELLO, "S"), (PagpFlag.CONSISTENT, "C"), (PagpFlag.AUTO, "A"))
    return "".join(letter for flag, letter in letters if value & flag)


def internal_row(port: str, machine: PagpPort) -> str:
    """One port of `show pagp internal`."""
    flags = _flags(machine.flags) + "d" * (not machine.up)
    state = _BUNDLED if machine.bundled else _ALONE if machine.up else _DOWN
    method = "Physical" if machine.own.learning == PHYSICAL else "Any"
    timers = "H" * (machine.up and not machine.silent)
    group = machine.bundle if machine.bundled else 0
    return (
        f"{short_name(port):<10}{flags:<6}{state:<8}{timers:<8}{f'{int(machine.interval)}s':<9}"
        f"{int(machine.partner is not None):<9}{machine.own.priority:<11}{method:<9}{group}"
    )


def partner_row(switch: Device, port: str, machine: PagpPort, partner: PagpPacket) -> str:
    """One port of `show pagp neighbor`."""
    flags = _flags(partner.flags) + "P" * (partner.own.learning == PHYSICAL)
    age = f"{int(switch.now - machine.heard)}s"
    return (
        f"{short_name(port):<10}{partner.name:<21}{partner.own.device.dotted:<17}{partner.port:<10}{age:>4} "
        f"{flags:<8}{partner.own.capability:X}"
    )


def show_internal(context: Context, group: int | None = None) -> Iterator[str]:
    """`show pagp [N] internal`."""
    yield from LEGEND
    for number, ports in machines(context.device, group):
        yield ""
        yield f"Channel group {number}"
        yield from INTERNAL_HEADS
        yield from (internal_row(*each) for each in ports)
    yield ""


def show_counters(context: Context, group: int | None = None) -> Iterator[str]:
    """`show pagp [N] counters`."""
    for number, ports in machines(context.device, group):
        yield "          Information         Flush        PAgP"
        yield "Port      Sent    Recv     Sent    Recv    Err Pkts"
        yield "-" * 51
        yield f"Channel group: {number}"
        for port, machine in ports:
            yield (
                f"{short_name(port):<10}{machine.sent:<8}{machine.received:<9}{0:<8}{machine.flushes:<8}"
                f"{machine.malformed}"
            )
        yield ""


def clear_counters(context: Context) -> None:
    """`clear pagp counters`."""
    for machine in context.device.service(EtherChannels).pagp.values():
        machine.sent = machine.received = machine.flushes = machine.malformed = 0


def show_neighbor(context: Context, group: int | None = None) -> Iterator[str]:
    """`show pagp [N] neighbor`."""
    yield from PARTNER_LEGEND
    for number, ports in machines(context.device, group):
        yield ""
        yield f"Channel group {number} neighbors"
        yield from PARTNER_HEADS
        for port, machine in ports:
            if machine.partner is not None:
                yield partner_row(context.device, port, machine, machine.partner)
    yield ""
