"""`show interfaces [X] counters [errors]`: what passed the ports of a switch."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.switchport.show.switchport import status_ports


def show(context: Context, port: str | None = None, errors: bool = False) -> Iterator[str]:
    """`show interfaces [X] counters [errors]`."""
    switch = context.device
    if port is not None and port not in status_ports(switch):
        raise InvalidArgument("port")
    names = [port] if port is not None else status_ports(switch)
    yield from _errors(switch, names) if errors else _totals(switch, names)


def _totals(switch: Device, names: list[str]) -> Iterator[str]:
    for way, label in (("in", "In"), ("out", "Out")):
        heads = [f"{label}{what}" for what in ("Octets", "UcastPkts", "McastPkts", "BcastPkts")]
        yield ""
        yield f"{'Port':<9}" + "".join(f"{head:>15}" for head in heads)
        for name in names:
            counters = switch.interfaces[name].counters
            octets, packets, multicasts, broadcasts = (
                getattr(counters, f"{way}_{what}")
                for what in ("octets", "packets", "multicasts", "broadcasts")
            )
            values = (octets, packets - multicasts - broadcasts, multicasts, broadcasts)
            yield f"{short_name(name):<9}" + "".join(f"{value:>15}" for value in values)


def _errors(switch: Device, names: list[str]) -> Iterator[str]:
    yield ""
    yield "Port        Align-Err     FCS-Err    Xmit-Err     Rcv-Err  UnderSize  OutDiscards"
    for name in names:
        counters = switch.interfaces[name].counters
        hardware = switch.ports.get(name)
        fcs = counters.in_crc + (hardware.crc_errors if hardware is not None else 0)
        yield (
            f"{short_name(name):<10}{0:>11}{fcs:>12}{counters.out_errors:>12}{counters.in_errors:>12}"
            f"{counters.in_runts:>11}{counters.out_drops:>13}"
        )
    yield ""
    yield "Port      Single-Col  Multi-Col   Late-Col  Excess-Col  Carri-Sen      Runts     Giants"
    for name in names:
        counters = switch.interfaces[name].counters
        yield (
            f"{short_name(name):<10}{0:>10}{0:>11}{0:>11}{0:>12}{0:>11}{counters.in_runts:>11}"
            f"{counters.in_giants:>11}"
        )


def show_trunk(context: Context) -> Iterator[str]:
    """`show interfaces counters trunk`: frames of the ports that are trunks."""
    switch = context.device
    yield ""
    yield "Port        TrunkFramesTx   TrunkFramesRx   WrongEncap"
    for name in status_ports(switch):
        if switch.service(Bridge).is_switchport(name) and switch.service(Bridge).is_trunking(name):
            counters = switch.interfaces[name].counters
            yield f"{short_name(name):<10}{counters.out_packets:>15}{counters.in_packets:>16}{0:>13}"
