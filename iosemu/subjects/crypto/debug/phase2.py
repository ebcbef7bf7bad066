"""Lines of `debug crypto isakmp` about quick mode and informational exchanges, which IOS calls nodes."""

from __future__ import annotations

from iosemu.ike import events, trace
from iosemu.ike.events import SaSnapshot
from iosemu.ike.header import NotifyType
from iosemu.ike.sa import State
from iosemu.ike.types import ChildKeys, ChildSa, Refusal
from iosemu.subjects.crypto.debug.about import About, Lines, handle
from iosemu.subjects.crypto.debug.line import Kind, Line
from iosemu.subjects.crypto.debug.offer import proposal_lines

NOTIFIES: dict[int, str] = {
    NotifyType.NO_PROPOSAL_CHOSEN: "PROPOSAL_NOT_CHOSEN",
    NotifyType.INVALID_SPI: "INVALID_SPI",
    NotifyType.INVALID_ID_INFORMATION: "INVALID_ID_INFORMATION",
    NotifyType.RESPONDER_LIFETIME: "RESPONDER_LIFETIME",
    NotifyType.REPLAY_STATUS: "REPLAY_STATUS",
    NotifyType.INITIAL_CONTACT: "INITIAL_CONTACT",
    NotifyType.R_U_THERE: "DPD/R_U_THERE",
    NotifyType.R_U_THERE_ACK: "DPD/R_U_THERE_ACK",
}
CONFIGURING = (State.CONF_XAUTH, State.CONF_ADDR)
REFUSALS = {Refusal.PROXY_MISMATCH: 32, Refusal.TRANSFORM_MISMATCH: 256, Refusal.PFS_MISMATCH: 64}


# --- nodes -------------------------------------------------------------------------------------------


def node_created(about: About, event: trace.NodeCreated) -> Lines:
    """An exchange begins."""
    state = (
        event.sa.state.value if event.sa is not None and event.sa.state in CONFIGURING else "QM_IDLE      "
    )
    yield about.at(f"set new node {about.number(event.message_id)} to {state}", Kind.GENERAL)


def node_deleted(about: About, event: trace.NodeDeleted) -> Lines:
    """An exchange ends."""
    flag, kind = ("TRUE", Kind.ERROR) if event.error else ("FALSE", Kind.SA)
    text = f'deleting node {about.number(event.message_id)} error {flag} reason "{event.reason}"'
    yield about.at(text, kind)


def node_purged(about: About, event: trace.NodePurged) -> Lines:
    """An exchange is forgotten."""
    yield about.at(f"purging node {about.number(event.message_id)}")


# --- quick mode --------------------------------------------------------------------------------------


def spi_allocated(about: About, event: trace.SpiAllocated) -> Lines:
    """This side has chosen an SPI."""
    yield about.at(f"QM {'Initiator' if event.initiator else 'Responder'} gets spi")


def proposal_check(about: About, event: trace.ProposalCheck) -> Lines:
    """One transform of an offer."""
    return proposal_lines(event, about.conn_id)


def proposal_refused(about: About, event: trace.ProposalRefused) -> Lines:
    """The crypto maps do not cover an offer."""
    text = f"IPSec policy invalidated proposal with error {REFUSALS[event.refusal]}"
    yield about.spaced(text, Kind.ERROR)


def installed(about: About, event: events.ChildUp, sa: SaSnapshot) -> Lines:
    """IPsec SAs were made."""
    child = event.child
    if about.modern:
        yield about.at(f"Successfully installed IPSEC SA (SPI:0x{child.inbound[-1].spi:X})")
        return
    yield about.spaced("Creating IPSec SAs")
    for keys in child.inbound:
        yield from _association(child, keys, inbound=True)
    for keys in child.outbound:
        yield from _association(child, keys, inbound=False)


def _association(child: ChildSa, keys: ChildKeys, *, inbound: bool) -> Lines:
    ends = [each.network.network_address for each in (child.local_selector, child.remote_selector)]
    source, target = reversed(ends) if inbound else ends
    way = "inbound" if inbound else "outbound"
    yield Line(f"        {way} SA from {keys.source} to {keys.destination} (f/i)  0/ 0", Kind.BARE)
    yield Line(f"        (proxy {source} to {target})", Kind.MORE)
    yield Line(f"        has spi 0x{keys.spi:X} and conn_id 0", Kind.BARE)
    yield Line(f"        lifetime of {child.lifetime_seconds} seconds", Kind.BARE)
    yield Line(f"        lifetime of {child.lifetime_kilobytes} kilobytes", Kind.BARE)


# --- informational exchanges -------------------------------------------------------------------------


def notify_sent(about: About, event: trace.NotifySent) -> Lines:
    """A notify of this side; that of a refused phase 1 is told by construct_fail_ag_init."""
    if not about.conn_id:
        return
    yield about.at(f"Sending NOTIFY {NOTIFIES.get(event.type, event.type)} protocol {event.protocol}")
    spi = int.from_bytes(event.spi) if len(event.spi) <= 8 else 0
    yield Line(f"\tspi {spi}, message ID = {about.number(event.message_id)}", Kind.MORE)


def notify_received(about: About, event: trace.NotifyReceived, sa: SaSnapshot) -> Lines:
    """A notify of the peer; one in clear counts for nothing."""
    if not event.authenticated:
        yield about.at("Notify has no hash. Rejected.", Kind.ERROR)
        text = f"Unknown Input IKE_MESG_FROM_PEER, IKE_INFO_NOTIFY:  state = {sa.fsm}"
        yield about.at(text, Kind.COUNTED)
        return
    yield about.spaced(f"processing NOTIFY {NOTIFIES.get(event.type, event.type)} protocol {event.protocol}")
    spi = int.from_bytes(event.spi) if len(event.spi) <= 4 else 0
    text = f"\tspi {spi}, message ID = {about.number(event.message_id)}, sa = 0x{handle(sa)}"
    yield Line(text, Kind.MORE)


def delete_received(about: About, event: trace.DeleteReceived) -> Lines:
    """The peer has deleted SAs."""
    yield about.spaced(f"processing DELETE payload. message ID = {about.number(event.message_id)}")


def delete_not_sent(about: About, event: trace.DeleteNotSent) -> Lines:
    """There is nothing to tell the peer over."""
    ends = f"src {event.local.address} dst {event.peer.address}"
    yield about.at(f"ignoring request to send delete notify (no ISAKMP sa) {ends}")
