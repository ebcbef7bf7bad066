"""`show pppoe session`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.subjects.pppoe.service import PppoeSessions
from iosemu.subjects.pppoe.session import Session


def _rows(session: Session) -> Iterator[str]:
    unique = "N/A" if session.client else str(session.order)
    template = (
        short_name(session.template) if session.client else session.template.removeprefix("Virtual-Template")
    )
    access = short_name(session.access.name) if session.access is not None else "N/A"
    up = session.access is not None and session.access.protocol_up
    state = ("UP" if up else session.stage.value) if session.client else ("PTA" if up else "LCP")
    remote = str(session.remote) if session.remote is not None else "0000.0000.0000"
    yield (
        f"{unique:>7}  {session.number:>5}  {remote}  {short_name(session.port.name):<18}"
        f"{template:>8} {access:<10} {state}"
    ).rstrip()
    yield f"{'':16}{session.port.mac!s:<44}{'UP' if up else 'DOWN' if session.access else ''}".rstrip()


def show_session(context: Context) -> Iterator[str]:
    """`show pppoe session`: the open ones of the server, and the clients."""
    sessions = context.device.service(PppoeSessions).sessions
    clients = [each for each in sessions if each.client]
    served = [each for each in sessions if not each.client]
    if clients:
        yield f"     {len(clients)} client session{'s' if len(clients) > 1 else ' '}"
        yield ""
    if served:
        plural = "s" if len(served) > 1 else " "
        yield f"     {len(served)} session{plural} in LOCALLY_TERMINATED (PTA) State"
        yield f"     {len(served)} session{plural} total"
        yield ""
    if not sessions:
        return
    yield "Uniq ID  PPPoE  RemMAC          Port                    VT  VA         State"
    yield "           SID  LocMAC                                      VA-st      Type"
    for each in (*clients, *served):
        yield from _rows(each)
        yield ""
