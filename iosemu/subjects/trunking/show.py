"""`show dtp [interface X]`: what trunks were negotiated."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.net.dtp import HELLO_INTERVAL, NEIGHBOR_TIMEOUT, DtpMode, DtpPort
from iosemu.subjects.trunking.service import TrunkNegotiation

_STATUS = {
    DtpMode.ACCESS: "OFF",
    DtpMode.TRUNK: "ON",
    DtpMode.DYNAMIC_AUTO: "AUTO",
    DtpMode.DYNAMIC_DESIRABLE: "DESIRABLE",
}
_NOBODY = "000000000000"


def show_dtp(context: Context) -> Iterator[str]:
    """`show dtp`."""
    ports = context.device.service(TrunkNegotiation).ports.values()
    yield "Global DTP information"
    yield f"        Sending DTP Hello packets every {HELLO_INTERVAL:.0f} seconds"
    yield f"        Dynamic Trunk timeout is {NEIGHBOR_TIMEOUT:.0f} seconds"
    yield f"        {sum(port.negotiates for port in ports)} interfaces using DTP"


def show_interface(context: Context, port: str | None = None) -> Iterator[str]:
    """`show dtp interface [X]`."""
    switch = context.device
    found = switch.service(TrunkNegotiation).ports
    if port is not None and port not in found:
        raise InvalidArgument("port")
    for name in found:
        if port in (None, name):
            yield f"DTP information for {name}:"
            yield from _port(switch, found[name])
            yield ""


def _port(switch: Device, port: DtpPort) -> Iterator[str]:
    operating = "TRUNK" if port.trunking else "ACCESS"
    tagging = "802.1Q" if port.trunking else "NATIVE"
    configured = "NEGOTIATE" if switch.model.facts.get("trunk_encapsulations") else "802.1Q"
    neighbor = bytes(port.neighbor.neighbor).hex().upper() if port.neighbor is not None else _NOBODY
    yield f"  TOS/TAS/TNS:                              {operating}/{_STATUS[port.mode]}/{operating}"
    yield f"  TOT/TAT/TNT:                              {tagging}/{configured}/{tagging}"
    yield f"  Neighbor address 1:                       {neighbor}"
    yield f"  Neighbor address 2:                       {_NOBODY}"
    yield f"  Hello timer expiration (sec/state):       {_timer(switch, port.hello_due)}"
    yield f"  Access timer expiration (sec/state):      {_timer(switch, port.neighbor_expires)}"
    asking = port.hello_due if port.asking else None
    yield f"  Negotiation timer expiration (sec/state): {_timer(switch, asking)}"
    yield "  Multidrop timer expiration (sec/state):   never/STOPPED"
    state = "S6:TRUNK" if port.trunking else "S2:ACCESS" if port.negotiates else "S1:OFF"
    yield f"  FSM state:                                {state}"
    yield "  # times multi & trunk                     0"
    yield f"  Enabled:                                  {'yes' if port.negotiates else 'no'}"
    yield "  In STP:                                   no"
    yield ""
    yield from _statistics(switch, port)


def _statistics(switch: Device, port: DtpPort) -> Iterator[str]:
    count = port.statistics
    dropped = count.nonegotiate + count.domain_mismatches + count.malformed
    yield "  Statistics"
    yield "  ----------"
    yield f"  {count.received} packets received ({count.received - dropped} good)"
    yield f"  {dropped} packets dropped"
    yield f"      {count.nonegotiate} nonegotiate, 0 bad version, {count.domain_mismatches} domain mismatches, "
    yield f"      {count.malformed} bad TLVs, 0 bad TAS, 0 bad TAT, 0 bad TOT, 0 other"
    sent = count.sent + count.isl
    yield f"  {sent} packets output ({sent} good)"
    yield f"      {count.sent} native, {count.isl} software encap isl, 0 isl hardware native"
    yield "  0 output errors"
    yield f"  {count.timeouts} trunk timeouts"
    last = ""
    if count.last_up is not None:
        moment = local_time(switch, count.last_up)
        last = f", last link up on {moment:%a %b %d %Y, %H:%M:%S}"
    yield f"  {count.link_ups} link ups{last}"
    yield f"  {count.link_downs} link downs"


def _timer(switch: Device, due: float | None) -> str:
    return "never/STOPPED" if due is None else f"{max(0, int(due - switch.now))}/RUNNING"
