"""`show ppp all`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.net.ppp.automaton import State
from iosemu.net.ppp.happenings import Phase
from iosemu.subjects.ppp.service import PppLine, PppLines
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


def show_all(context: Context) -> Iterator[str]:
    """`show ppp all`: one row a link."""
    yield "Interface/ID OPEN+ Nego* Fail-     Stage    Peer Address    Peer Name"
    yield "------------ --------------------- -------- --------------- --------------------"
    for line in context.device.service(PppLines).all():
        link = line.link
        peer = str(link.ipcp.peer or "0.0.0.0") if link.phase is Phase.UP else "0.0.0.0"  # noqa: S104 - as shown
        row = f"{short_name(line.interface.name):<12} {_protocols(line):<21} {_STAGES[link.phase]:<8} {peer:<15} "
        yield f"{row}{link.peer_name}".rstrip()
