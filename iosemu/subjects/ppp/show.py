"""`show ppp all|multilink`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.net.ppp.automaton import State
from iosemu.net.ppp.happenings import Phase
from iosemu.net.ppp.link import endpoint_text
from iosemu.net.ppp.multilink import PATIENCE, ROOM
from iosemu.packets.multilink import SEQUENCES
from iosemu.subjects.ppp.config import PppSettings
from iosemu.subjects.ppp.service import PppLine, PppLines
from iosemu.subjects.ppp.service.bundle import KIND, BundleLine
from iosemu.subjects.ppp.service.debug import name_of

_STAGES = {
    Phase.DOWN: "-",
    Phase.ESTABLISHING: "Nego",
    Phase.AUTHENTICATING: "Authen",
    Phase.UP: "LocalT",
    Phase.TERMINATING: "Term",
}
_WIDTH = 21


def _protocols(line: PppLine) -> str:
    """`+` is open, `*` negotiates, `-` failed; what does not fit is cut."""
    link = line.link
    marks = [("LCP", link.lcp.state)]
    if link.phase is Phase.UP:
        marks += [(each.upper(), State.OPENED) for each in (link.lcp.asking or link.lcp.demanded,) if each]
        marks += [(name_of(each.protocol), each.state) for each in (link.ipcp, link.cdpcp)]
    words = []
    for name, state in marks:
        if state in (State.INITIAL, State.STARTING):
            continue
        mark = "+" if state is State.OPENED else "*" if state >= State.REQ_SENT else "-"
        words.append(f"{name}{mark}")
    text = " ".join(words)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}>"


def show_multilink(context: Context, port: str | None = None) -> Iterator[str]:
    """`show ppp multilink [interface X]`."""
    device = context.device
    bundles = device.service(PppLines).bundles.all.values()
    chosen = [each for each in bundles if port in (None, each.interface.name)]
    active = [each for each in chosen if each.members]
    inactive = [each.interface.name for each in chosen if not each.members]
    for bundle in active:
        yield ""
        yield from _bundle(bundle, device.now, _candidates(device, bundle))
    if not active:
        yield ""
        yield "No active bundles"
    if inactive or active:
        yield ""
        yield f"{len(inactive) or 'No'} inactive multilink interface{'s' * (len(inactive) != 1)}"
    yield from (f"  {name}" for name in inactive)


def _candidates(device: Device, bundle: BundleLine) -> list[str]:
    """Lines that are to join a bundle and are not in it."""
    inside = {each.line.interface.name for each in bundle.members}
    return [
        name
        for name, config in device.config.interfaces.items()
        if name not in inside
        and (settings := config.held(PppSettings)) is not None
        and f"{KIND}{settings.group}" == bundle.interface.name
        and name != bundle.interface.name
    ]


def _bundle(bundle: BundleLine, now: float, outside: list[str]) -> Iterator[str]:
    counts, (waiting, octets) = bundle.assembler.counts, bundle.assembler.waiting
    yield f"{bundle.interface.name}, bundle name is {bundle.peer}"
    if any(each.line.link.peer_name for each in bundle.members):
        yield f"  Username is {bundle.peer}"
    yield f"  Endpoint discriminator is {endpoint_text(bundle.endpoint)}"
    load = bundle.interface.counters.out_load.share(now, bundle.bandwidth)
    yield f"  Bundle up for {hms(now - bundle.since)}, total bandwidth {bundle.bandwidth}, load {load}/255"
    yield f"  Receive buffer limit {ROOM * len(bundle.members)} bytes, frag timeout {int(PATIENCE * 1000)} ms"
    yield f"    {waiting}/{octets} fragments/bytes in reassembly list"
    yield f"    {counts.lost} lost fragments, {counts.reordered} reordered"
    yield f"    {counts.discarded}/{counts.discarded_octets} discarded fragments/bytes, {counts.late} lost received"
    received = bundle.assembler.expected % SEQUENCES
    yield f"    0x{received:X} received sequence, 0x{bundle.splitter.sequence:X} sent sequence"
    number = len(bundle.members)
    yield f"  Member links: {number} active, {len(outside)} inactive (max not set, min not set)"
    for each in bundle.members:
        yield f"    {short_name(each.line.interface.name)}, since {hms(now - each.since)}"
    for name in outside:
        yield f"    {short_name(name)} (inactive)"


def show_all(context: Context) -> Iterator[str]:
    """`show ppp all`: one row a link."""
    yield "Interface/ID OPEN+ Nego* Fail-     Stage    Peer Address    Peer Name"
    yield "------------ --------------------- -------- --------------- --------------------"
    for line in context.device.service(PppLines).all():
        link = line.link
        peer = str(link.ipcp.peer or "0.0.0.0") if link.phase is Phase.UP else "0.0.0.0"  # noqa: S104 - as shown
        row = f"{short_name(line.interface.name):<12} {_protocols(line):<21} {_STAGES[link.phase]:<8} {peer:<15} "
        yield f"{row}{link.peer_name}".rstrip()
