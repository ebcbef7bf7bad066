"""What becomes due on an ISAKMP SA: repetitions, expiry, purge, DPD, NAT keepalives."""

from __future__ import annotations

from iosemu.ike import access, events, informational, nat, quick_mode, trace, transaction
from iosemu.ike.exchange import Node, QuickMode, Transaction
from iosemu.ike.machine import Machine
from iosemu.ike.retransmit import LIMIT
from iosemu.ike.sa import IsakmpSa


def _due_of_sa(machine: Machine, sa: IsakmpSa) -> float | None:
    if machine.sas.get(sa.number) is not sa:
        return None
    waiting = sa.exchange.retransmission
    times = (
        sa.expires,
        sa.purge_at,
        sa.quick_at,
        sa.configure_by,
        sa.dpd_next,
        sa.nat_keepalive_at,
        waiting.at if waiting else None,
    )
    return min((time for time in times if time is not None), default=None)


def _due_of_node(sa: IsakmpSa, node: Node) -> float | None:
    if sa.nodes.get(node.message_id) is not node:
        return None
    waiting = node.retransmission
    times = (node.purge_at, waiting.at if waiting else None)
    return min((time for time in times if time is not None), default=None)


def _plan(machine: Machine) -> None:
    """Read the times of all that was touched."""
    for sa, node in machine.touched:
        due = _due_of_sa(machine, sa) if node is None else _due_of_node(sa, node)
        machine.agenda.plan((sa, node), due, (sa.number, node.number if node is not None else 0))
    machine.touched.clear()


def next_due(machine: Machine) -> float | None:
    """The earliest lab time at which something is due."""
    _plan(machine)
    return machine.agenda.next()


def run(machine: Machine) -> None:
    """Do what is due at the machine's lab time, SA by SA."""
    _plan(machine)
    ready = []
    while (owner := machine.agenda.take(machine.now)) is not None:
        ready.append(owner)
    for sa, node in ready:
        machine.touch(sa, node)
        if node is None:
            _run_sa(machine, sa)
        elif sa.nodes.get(node.message_id) is node:
            _run_node(machine, sa, node)


def _run_sa(machine: Machine, sa: IsakmpSa) -> None:
    now = machine.now
    if sa.deleted:
        if sa.purge_at is not None and sa.purge_at <= now and machine.sas.get(sa.number) is sa:
            machine.purge(sa)
        return
    if sa.expires is not None and sa.expires <= now:
        machine.emit(trace.LifetimeExpired, sa)
        informational.send_delete(machine, sa)
        machine.delete(sa, "IKE SA Lifetime Exceeded")
        return
    if sa.quick_at is not None and sa.quick_at <= now:
        sa.quick_at = None
        if sa.up:
            informational.begin_waiting(machine, sa)
        else:
            access.begin(machine, sa)
    if sa.configure_by is not None and sa.configure_by <= now:
        informational.send_delete(machine, sa)
        machine.delete(sa, "XAuthenticate fail" if sa.extended else "Config mode timeout")
        return
    _repeat_phase1(machine, sa)
    if not sa.deleted:
        _probe(machine, sa)
    if sa.nat_keepalive_at is not None and sa.nat_keepalive_at <= now:
        machine.transmit_raw(sa, nat.KEEPALIVE)
        interval = machine.configuration.nat_keepalive()
        sa.nat_keepalive_at = now + interval if interval else None


def _repeat_phase1(machine: Machine, sa: IsakmpSa) -> None:
    waiting = sa.exchange.retransmission
    if waiting is None or waiting.at > machine.now:
        return
    if waiting.fire(machine.now):
        machine.emit(trace.Retransmitting, sa, 1, 0, waiting.attempts, LIMIT)
        machine.transmit(sa, waiting.data)
        return
    machine.emit(trace.Retransmitting, sa, 1, 0, 0, LIMIT)
    if sa.reviving:
        machine.emit(events.PeerDead, sa)
    machine.delete(sa, "Death by retransmission P1")


def _run_node(machine: Machine, sa: IsakmpSa, node: Node) -> None:
    if node.purge_at is not None and node.purge_at <= machine.now:
        machine.emit(trace.NodePurged, sa, node.message_id)
        sa.nodes.pop(node.message_id, None)
        sa.remember(node.message_id, machine.now)
        return
    waiting = node.retransmission
    if sa.deleted or waiting is None or waiting.at > machine.now:
        return
    if waiting.fire(machine.now):
        machine.emit(trace.Retransmitting, sa, 2, node.message_id, waiting.attempts, LIMIT)
        machine.transmit(sa, waiting.data)
        return
    machine.emit(trace.Retransmitting, sa, 2, node.message_id, 0, LIMIT)
    reason = "Phase 2 err count exceeded"
    if isinstance(node, Transaction):
        transaction.finish(machine, sa, node, error=True, reason=reason)
        informational.send_delete(machine, sa)
    elif isinstance(node, QuickMode):
        quick_mode.finish(machine, sa, node, error=True, reason=reason)
        if node.request is not None:
            machine.emit(events.RequestFailed, sa, node.request, reason)
    machine.delete(sa, "Death by retransmission P2")


def _probe(machine: Machine, sa: IsakmpSa) -> None:
    if sa.dpd_next is None or sa.dpd_next > machine.now:
        return
    keepalive = machine.configuration.keepalive(sa.profile)
    if keepalive is None:
        sa.dpd_next, sa.dpd_unanswered = None, 0
    elif sa.dpd_unanswered > informational.DPD_RETRIES:
        machine.emit(events.PeerDead, sa)
        machine.delete(sa, "P1 errcounter exceeded (PEERS_ALIVE_TIMER)")
    else:
        informational.send_probe(machine, sa, keepalive[1])
