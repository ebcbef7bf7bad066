"""What becomes due on an ISAKMP SA: repetitions, expiry, purge, DPD, NAT keepalives."""

from __future__ import annotations

from iosemu.ike import events, informational, nat, quick_mode, trace
from iosemu.ike.machine import Machine
from iosemu.ike.node import QuickMode
from iosemu.ike.retransmit import LIMIT, REQUEST_INTERVAL
from iosemu.ike.sa import IsakmpSa


def due(sa: IsakmpSa) -> float | None:
    """The earliest lab time at which something is due."""
    times = [sa.expires, sa.purge_at, sa.dpd_next, sa.nat_keepalive_at, sa.request_timer]
    if sa.exchange.retransmission is not None:
        times.append(sa.exchange.retransmission.at)
    for node in sa.nodes.values():
        times.append(node.purge_at)
        if node.retransmission is not None:
            times.append(node.retransmission.at)
    return min((time for time in times if time is not None), default=None)


def run(machine: Machine, sa: IsakmpSa) -> None:
    """Do what is due at the machine's lab time."""
    now = machine.now
    if sa.deleted:
        if sa.purge_at is not None and sa.purge_at <= now:
            machine.purge(sa)
        return
    if sa.expires is not None and sa.expires <= now:
        machine.emit(trace.LifetimeExpired, sa)
        informational.send_delete(machine, sa)
        machine.delete(sa, "IKE SA Lifetime Exceeded")
        return
    _ask_again(machine, sa)
    _repeat_phase1(machine, sa)
    for node in list(sa.nodes.values()):
        _run_node(machine, sa, node)
    if not sa.deleted:
        _probe(machine, sa)
    if sa.nat_keepalive_at is not None and sa.nat_keepalive_at <= now:
        machine.transmit_raw(sa, nat.KEEPALIVE)
        interval = machine.configuration.nat_keepalive()
        sa.nat_keepalive_at = now + interval if interval else None


def _ask_again(machine: Machine, sa: IsakmpSa) -> None:
    """The key engine repeats what it waits for; phase 1 has it already."""
    if sa.request_timer is None or sa.request_timer > machine.now:
        return
    sa.request_timer = None
    if sa.up or not sa.requests:
        return
    sa.requests_repeated += 1
    for request in sa.requests:
        machine.emit(trace.RequestRepeated, sa, request, sa.requests_repeated)
    sa.request_timer = machine.now + REQUEST_INTERVAL


def _repeat_phase1(machine: Machine, sa: IsakmpSa) -> None:
    waiting = sa.exchange.retransmission
    if waiting is None or waiting.at > machine.now:
        return
    if waiting.fire(machine.now):
        machine.emit(trace.Retransmitting, sa, 1, 0, waiting.attempts, LIMIT)
        machine.transmit(sa, waiting.data)
        return
    machine.emit(trace.Retransmitting, sa, 1, 0, 0, LIMIT)
    machine.delete(sa, "Death by retransmission P1")


def _run_node(machine: Machine, sa: IsakmpSa, node: QuickMode) -> None:
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
    quick_mode.finish(machine, sa, node, error=True, reason="Phase 2 err count exceeded")
    if node.request is not None:
        machine.emit(events.RequestFailed, sa, node.request, "Phase 2 err count exceeded")
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
