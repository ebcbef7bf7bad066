"""`show ip eigrp neighbors` (outputs/show_ip_eigrp_neighbors, …_detail)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import span
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.routing.eigrp import Neighbor
from iosemu.subjects.eigrp.config import STUB_WORDS
from iosemu.subjects.eigrp.show.common import chosen, heading, modern


def show(
    context: Context, number: int | None = None, interface: str = "", detail: bool = False, vrf: str = ""
) -> Iterator[str]:
    """`show ip eigrp [vrf V] [N] neighbors [INTERFACE] [detail]`."""
    new, now = modern(context.device), context.device.now
    for instance in chosen(context.device, number, vrf):
        if new:
            yield heading(instance, "Neighbors")
        else:
            yield f"IP-EIGRP neighbors for process {instance.config.number}"
        peers = [each for each in instance.engine.neighbors if interface in ("", each.port.name)]
        if peers:
            width = 23 if new else 16
            yield f"H   {'Address':<24}{'Interface':<{width}}Hold Uptime   SRTT   RTO  Q  Seq"
            yield f"{'':<{width + 28}}(sec)         (ms)       Cnt Num"
        for each in sorted(peers, key=lambda peer: -peer.handle if detail else peer.handle):
            yield _row(each, now, new)
            if detail:
                yield from _detail(each, new)
        if detail and new:
            yield "Max Nbrs: 0, Current Nbrs: 0"


def _row(each: Neighbor, now: float, new: bool) -> str:
    hold = max(0, int(each.expires - now))
    name = short_name(each.port.name)
    place = f"{name:<23}{hold:>4}" if new else f"{name:<16}{hold:>4}"
    numbers = f"{max(1, round(each.srtt)):>5}{round(each.rto):>6}{len(each.queue):>3}  {each.last_sequence}"
    return f"{each.handle:<4}{each.address!s:<24}{place} {span(now - each.since):<8}{numbers}"


def _detail(each: Neighbor, new: bool) -> Iterator[str]:
    version = ".".join(map(str, each.release)) + "/" + ".".join(map(str, each.tlv))
    counts = f"Retrans: {each.retransmissions}, Retries: {each.tries}"
    if each.heard:
        counts += f", Prefixes: {len(each.heard)}"
    yield f"   Version {version}, {counts}"
    if new:
        yield "   Topology-ids from peer - 0 "
        yield "   Topologies advertised to peer:   base"
    if each.stub is not None:
        kinds = " ".join(word.upper() for word, bit in STUB_WORDS.items() if each.stub & bit)
        yield f"   Stub Peer Advertising ({kinds} ) Routes"
        yield "   Suppressing queries"
    if new:
        yield ""
