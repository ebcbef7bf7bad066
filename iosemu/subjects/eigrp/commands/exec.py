"""`clear ip eigrp` and `debug eigrp`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.subjects.eigrp.config import (
    FSM_DEBUG,
    NEIGHBORS_DEBUG,
    PACKETS_DEBUG,
    ROUTES_DEBUG,
    EigrpStyle,
)
from iosemu.subjects.eigrp.service.eigrp import EigrpRouting

FLAGS = {"packets": PACKETS_DEBUG, "fsm": FSM_DEBUG, "neighbors": NEIGHBORS_DEBUG}


def clear_neighbors(
    context: Context,
    number: int | None = None,
    address: IPv4Address | None = None,
    interface: str | None = None,
    vrf: str = "",
) -> None:
    """`clear ip eigrp [N] neighbors [A.B.C.D | INTERFACE]`."""
    for (home, each), instance in context.device.service(EigrpRouting).instances.items():
        if home == vrf and number in (None, each):
            instance.engine.clear(context.device.now, interface, address)
            instance.run()


def debug(context: Context, subject: str) -> Iterator[str]:
    """`[no] debug eigrp packets | fsm | neighbors`."""
    yield context.device.debugging.set(FLAGS[subject], not context.silenced)
    context.device.service(EigrpRouting).trace()
    if subject == "packets" and not context.silenced:
        modern = context.device.image.style(EigrpStyle).modern
        words = "UPDATE, REQUEST, QUERY, REPLY, HELLO, IPXSAP, PROBE, ACK, STUB, SIAQUERY, SIAREPLY"
        if modern:
            words = words.replace("IPXSAP", "UNKNOWN")
        yield f"    ({words})"


def debug_routes(context: Context) -> str:
    """`[no] debug ip eigrp`."""
    return context.device.debugging.set(ROUTES_DEBUG, not context.silenced)
