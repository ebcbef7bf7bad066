"""`show lacp [N] internal | counters | neighbor [detail]`, `clear lacp counters`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.net.lacp import LacpPort
from iosemu.packets.lacp import LacpParticipant, LacpState
from iosemu.subjects.etherchannel.service import EtherChannels
from iosemu.subjects.etherchannel.show import groups

LEGEND = (
    "Flags:  S - Device is requesting Slow LACPDUs ",
    "        F - Device is requesting Fast LACPDUs",
    "        A - Device is in Active mode       P - Device is in Passive mode     ",
)
INTERNAL_HEADS = (
    "                            LACP port     Admin     Oper    Port        Port",
    "Port      Flags   State     Priority      Key       Key     Number      State",
)
PARTNER_HEADS = (
    "                  LACP port                        Admin  Oper   Port    Port",
    "Port      Flags   Priority  Dev ID          Age    key    Key    Number  State",
)
_STATES = {"P": "bndl", "s": "susp", "D": "down", "I": "indep", "w": "waiting", "H": "hot-sby"}
"""A port's letter, and the word of `show lacp internal`."""


def machines(switch: Device, group: int | None = None) -> Iterator[tuple[int, list[tuple[str, LacpPort]]]]:
    """The groups that negotiate, with their ports."""
    return groups.machines(switch, switch.service(EtherChannels).lacp, group)


def flags(state: int) -> str:
    """How often LACPDUs are asked for, and who speaks first."""
    return ("F" if state & LacpState.TIMEOUT else "S") + ("A" if state & LacpState.ACTIVITY else "P")


def internal_row(switch: Device, port: str, machine: LacpPort) -> str:
    """One port of `show lacp internal`."""
    word = _STATES[switch.service(EtherChannels).status(port)]
    operational = machine.key if machine.up else 0
    return (
        f"{short_name(port):<10}{flags(machine.state):<8}{word:<10}{machine.priority:<14}{f'0x{machine.key:X}':<10}"
        f"{f'0x{operational:X}':<8}{f'0x{machine.number:X}':<12}0x{machine.state:X}  "
    )


def partner_row(switch: Device, port: str, machine: LacpPort, partner: LacpParticipant) -> str:
    """One port of `show lacp neighbor`."""
    age = f"{int(switch.now - machine.heard)}s"
    return (
        f"{short_name(port):<10}{flags(partner.state):<8}{partner.port_priority:<10}{partner.system.dotted}"
        f"{age:>5}    {'0x0':<7}{f'0x{partner.key:X}':<7}{f'0x{partner.port:X}':<8}0x{partner.state:X}"
    )


def show_internal(context: Context, group: int | None = None) -> Iterator[str]:
    """`show lacp [N] internal`."""
    yield from LEGEND
    for number, ports in machines(context.device, group):
        yield ""
        yield f"Channel group {number}"
        yield from INTERNAL_HEADS
        yield from (internal_row(context.device, *each) for each in ports)
    yield ""


def show_counters(context: Context, group: int | None = None) -> Iterator[str]:
    """`show lacp [N] counters`."""
    for number, ports in machines(context.device, group):
        yield "             LACPDUs         Marker      Marker Response    LACPDUs"
        yield "Port       Sent   Recv     Sent   Recv     Sent   Recv      Pkts Err"
        yield "-" * 69
        yield f"Channel group: {number}"
        for port, machine in ports:
            yield (
                f"{short_name(port):<12}{machine.sent:<7}{machine.received:<9}{0:<7}{0:<9}{0:<7}{0:<10}"
                f"{machine.malformed}"
            )
        yield ""


def clear_counters(context: Context) -> None:
    """`clear lacp counters`."""
    for machine in context.device.service(EtherChannels).lacp.values():
        machine.sent = machine.received = machine.malformed = 0


def show_neighbor(context: Context, group: int | None = None) -> Iterator[str]:
    """`show lacp [N] neighbor`."""
    switch = context.device
    yield from LEGEND
    for number, ports in machines(switch, group):
        yield ""
        yield f"Channel group {number} neighbors"
        yield ""
        yield "Partner's information:"
        yield ""
        yield from PARTNER_HEADS
        for port, machine in ports:
            if machine.partner is not None:
                yield partner_row(switch, port, machine, machine.partner)
    yield ""


def show_neighbor_detail(context: Context, group: int | None = None) -> Iterator[str]:
    """`show lacp [N] neighbor detail`."""
    yield from LEGEND
    for number, ports in machines(context.device, group):
        yield ""
        yield f"Channel group {number} neighbors"
        yield ""
        yield "Partner's information:"
        for port, machine in ports:
            if machine.partner is not None:
                yield from _neighbor(context.device, port, machine, machine.partner)
    yield ""


def _neighbor(switch: Device, port: str, machine: LacpPort, partner: LacpParticipant) -> Iterator[str]:
    state = partner.state

    def word(flag: LacpState, yes: str = "Yes", no: str = "No") -> str:
        return yes if state & flag else no

    age = f"{int(switch.now - machine.heard)}s"
    system = f"{partner.system_priority:05},{partner.system.dotted}"
    yield ""
    yield "          Partner               Partner                     Partner"
    yield "Port      System ID             Port Number     Age         Flags"
    yield f"{short_name(port):<10}{system:<22}{f'0x{partner.port:X}':<14}{age:>5}        {flags(state)}"
    yield ""
    yield "          LACP Partner         Partner         Partner"
    yield "          Port Priority        Oper Key        Port State"
    yield f"          {partner.port_priority:<21}{f'0x{partner.key:X}':<16}0x{state:X}"
    yield ""
    yield "          Port State Flags Decode:"
    yield "          Activity:   Timeout:   Aggregation:   Synchronization:"
    yield (
        f"          {word(LacpState.ACTIVITY, 'Active', 'Passive'):<12}"
        f"{word(LacpState.TIMEOUT, 'Short', 'Long'):<11}{word(LacpState.AGGREGATION):<15}"
        f"{word(LacpState.SYNCHRONIZATION)}"
    )
    yield ""
    yield "          Collecting:   Distributing:   Defaulted:   Expired:"
    yield (
        f"          {word(LacpState.COLLECTING):<14}{word(LacpState.DISTRIBUTING):<16}"
        f"{word(LacpState.DEFAULTED):<13}{word(LacpState.EXPIRED)}"
    )
