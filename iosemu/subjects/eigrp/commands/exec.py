"""`clear ip eigrp` and `debug eigrp`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.eigrp.config import (
    FSM_DEBUG,
    NEIGHBORS_DEBUG,
    PACKETS_DEBUG,
    ROUTES_DEBUG,
    EigrpStyle,
)
from iosemu.subjects.eigrp.service.eigrp import EigrpRouting

KINDS = ("ACK", "HELLO", "PROBE", "QUERY", "REPLY", "REQUEST", "SIAQUERY", "SIAREPLY", "STUB", "UPDATE")
"""Packets that `debug eigrp packets` can be limited to."""
FLAGS = {"packets": PACKETS_DEBUG, "fsm": FSM_DEBUG, "neighbors": NEIGHBORS_DEBUG}


def clear_neighbors(
    context: Context,
    number: int | None = None,
    address: IPv4Address | None = None,
    interface: str | None = None,
    vrf: str = "",
    soft: bool = False,
) -> None:
    """`clear ip eigrp [N] neighbors [A.B.C.D | INTERFACE] [soft]`: softly, what is known is told once more."""
    now = context.device.now
    for (home, each), instance in context.device.service(EigrpRouting).instances.items():
        if home != vrf or number not in (None, each):
            continue
        if soft:
            instance.engine.resync(now, interface, address)
        else:
            instance.engine.clear(now, interface, address)
        instance.run()


def debug(context: Context, subject: str, kinds: str = "") -> Iterator[str]:
    """`[no] debug eigrp packets [KIND …] | fsm | neighbors`."""
    named = [_kind(each) for each in kinds.split()]
    if subject == "packets":
        context.device.service(EigrpRouting).choose_packets(
            frozenset() if context.silenced else frozenset(named)
        )
    yield context.device.debugging.set(FLAGS[subject], not context.silenced)
    context.device.service(EigrpRouting).trace()
    if subject == "packets" and kinds and not context.silenced:
        yield f"    ({', '.join(named)})"
    elif subject == "packets" and not context.silenced:
        modern = context.device.image.style(EigrpStyle).modern
        words = "UPDATE, REQUEST, QUERY, REPLY, HELLO, IPXSAP, PROBE, ACK, STUB, SIAQUERY, SIAREPLY"
        if modern:
            words = words.replace("IPXSAP", "UNKNOWN")
        yield f"    ({words})"


def _kind(word: str) -> str:
    """A kind of packet by its beginning; InvalidArgument where there is none or more than one."""
    found = [each for each in KINDS if each.lower().startswith(word.lower())]
    if word.upper() in KINDS:
        return word.upper()
    if len(found) != 1:
        raise InvalidArgument("kinds")
    return found[0]


def debug_routes(context: Context) -> str:
    """`[no] debug ip eigrp`."""
    return context.device.debugging.set(ROUTES_DEBUG, not context.silenced)
