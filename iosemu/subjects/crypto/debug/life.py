"""Lines of `debug crypto isakmp` about packets and the life of ISAKMP SAs."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.ike import events, trace
from iosemu.ike.events import SaSnapshot
from iosemu.ike.sa import Role, State
from iosemu.subjects.crypto.debug.about import (
    BLANK,
    HANDLE_BASE,
    About,
    Lines,
    handle,
    peer_handle,
    place,
)
from iosemu.subjects.crypto.debug.line import Kind, Line

NO_NODE = Line("set new node 0 to QM_IDLE      ", Kind.GENERAL)
FAILED = (
    Line("Error while processing SA request: Failed to initialize SA", Kind.PLAIN),
    Line("Error while processing KMI message 0, error 2.", Kind.PLAIN),
)


# --- packets and states ------------------------------------------------------------------------------


def packet_sent(about: About, event: trace.PacketSent, sa: SaSnapshot) -> Lines:
    """`sending packet to …`."""
    ports = f"my_port {sa.local.port} peer_port {sa.peer.port}"
    kind = Kind.PACKET if about.modern else Kind.SA
    yield about.spaced(f"sending packet to {sa.peer.address} {ports} {place(sa)}", kind)
    yield about.at("Sending an IKE IPv4 Packet.")


def packet_received(about: About, event: trace.PacketReceived) -> Lines:
    """`received packet from …`."""
    ports = f"dport {event.local.port} sport {event.peer.port}"
    text = f"received packet from {event.peer.address} {ports} Global {place(event.sa)}"
    yield about.at(text, Kind.PACKET)


def state_change(about: About, event: trace.StateChange) -> Lines:
    """`Input = …`, `Old State = …`; of a quick mode with its node."""
    phase1 = event.node is None
    lead = "" if event.node is None else f"Node {about.number(event.node)}, "
    yield about.at(f"{lead}Input = {event.major}, {event.minor}")
    yield about.at(f"Old State = {event.old}  New State = {event.new}{' ' if phase1 else ''}")
    if phase1:
        yield BLANK


def duplicate(about: About, event: trace.Duplicate) -> Lines:
    """A packet came twice."""
    yield about.spaced(f"phase {event.phase} packet is a duplicate of a previous packet.")
    yield about.spaced(f"retransmitting due to retransmit phase {event.phase}")


def retransmitting(about: About, event: trace.Retransmitting, sa: SaSnapshot) -> Lines:
    """No answer came: the last packet is sent again, or the attempts are used up."""
    phase = event.phase
    what = sa.state.value if phase == 1 else f"QM_IDLE       {about.number(event.message_id)}"
    yield about.spaced(f"retransmitting phase {phase} {what}...")
    if event.attempt:
        text = f"attempt {event.attempt} of {event.limit}: retransmit phase {phase}"
        where = "sa" if phase == 1 else "node"
        yield about.at(f"incrementing error counter on {where}, {text}", Kind.COUNTED)
        yield about.spaced(f"retransmitting phase {phase} {what}")


def error_counted(about: About, event: trace.ErrorCounted) -> Lines:
    """A message made no sense."""
    text = f"attempt {event.attempt} of {event.limit}: {event.reason}"
    yield about.at(f"incrementing error counter on sa, {text}", Kind.COUNTED)


def bad_message(about: About, event: events.BadMessage) -> Lines:
    """What is wrong with a message; one that was encrypted with another key is garbled."""
    garbled = event.sa is not None and event.sa.state is State.MM_KEY_EXCH
    text = "reserved not zero on ID payload!" if garbled else f"malformed message: {event.reason}"
    yield Line(text, Kind.PLAIN)


# --- birth and death ---------------------------------------------------------------------------------


def inserted(about: About, event: trace.SaInserted, sa: SaSnapshot) -> Lines:
    """A new SA and its peer."""
    initiator = sa.role is Role.INITIATOR
    yield from _peer_found(event, sa)
    who = "isakmp_initiator" if initiator else "crypto_isakmp_process_block"
    text = f"Locking peer struct 0x{peer_handle(sa)}, refcount {event.references} for {who}"
    yield Line(text, Kind.GENERAL)
    yield Line(f"local port {sa.local.port}, remote port {sa.peer.port}", Kind.GENERAL)
    if initiator:
        yield NO_NODE
    yield Line(f"insert sa successfully sa = {handle(sa)}", Kind.BARE)
    if initiator and not sa.state.value.startswith("AG"):
        yield Line("Can not start Aggressive mode, trying Main mode.")


def _peer_found(event: trace.SaInserted, sa: SaSnapshot) -> Iterator[Line]:
    known = event.references > 1
    verb = "Found" if known else "Created"
    yield Line(f"{verb} a peer struct for {sa.peer.address}, peer port {sa.peer.port}", Kind.GENERAL)
    if not known:
        text = f"New peer created peer = 0x{peer_handle(sa)} peer_handle = 0x{HANDLE_BASE + sa.number:X}"
        yield Line(text, Kind.GENERAL)


def deleted(about: About, event: events.PhaseOneDeleted, sa: SaSnapshot) -> Lines:
    """An SA is deleted."""
    if not about.keepalives:
        yield about.at("peer does not do paranoid keepalives.")
        yield BLANK
    yield about.at(f'deleting SA reason "{event.reason}" state {place(sa)} (peer {sa.peer.address})')


def unlocked(about: About, event: trace.PeerUnlocked, sa: SaSnapshot) -> Lines:
    """A deleted SA lets go of its peer."""
    yield about.at(f'deleting SA reason "{event.reason}" state {place(sa)} (peer {sa.peer.address}) ')
    yield from _unlocked(about, sa, "isadb_mark_sa_deleted", event.references)


def abandoned(about: About, event: trace.SaAbandoned, sa: SaSnapshot) -> Lines:
    """An SA is given up before its first packet."""
    return _unlocked(about, sa, "isadb_unlock_peer_delete_sa", event.references)


def _unlocked(about: About, sa: SaSnapshot, who: str, references: int) -> Iterator[Line]:
    known = peer_handle(sa)
    text = f"Unlocking peer struct 0x{known} for {who}(), count {references}"
    yield about.at(text, Kind.GENERAL)
    if not references:
        text = f"Deleting peer node by peer_reap for {sa.peer.address}: {known}"
        yield about.at(text, Kind.GENERAL)


def purged(about: About, event: trace.SaPurged, sa: SaSnapshot) -> Lines:
    """A deleted SA leaves the table."""
    yield about.at(f"purging SA., sa={handle(sa)}, delme={handle(sa)}")


def initialization_failed(about: About, event: trace.InitializationFailed) -> Lines:
    """A request came to nothing at once."""
    return FAILED


def action_failed(about: About, event: trace.ActionFailed) -> Lines:
    """What a state had to do went wrong."""
    yield about.at(f"FSM action returned error: {event.error}", Kind.COUNTED)


# --- dead peer detection -----------------------------------------------------------------------------


def dpd_received(about: About, event: trace.DpdReceived, sa: SaSnapshot) -> Lines:
    """A probe, or its answer."""
    what = "DPD/R_U_THERE_ACK" if event.acknowledged else "DPD/R_U_THERE"
    yield about.at(f"{what} received from peer {sa.peer.address}, sequence 0x{event.sequence:X}")


def dpd_sent(about: About, event: trace.DpdSent) -> Lines:
    """A probe was not answered."""
    if event.attempt:
        yield about.at(f"DPD incrementing error counter ({event.attempt}/5)")
