"""What becomes due on an IKE SA: repetitions, renewal, expiry, liveness, NAT keepalives."""

from __future__ import annotations

from iosemu.ike.types import Datagram
from iosemu.ikev2 import informational
from iosemu.ikev2.events import Step
from iosemu.ikev2.informational import Liveness
from iosemu.ikev2.machine import Machine
from iosemu.ikev2.nat import KEEPALIVE
from iosemu.ikev2.rekey import RekeyIke
from iosemu.ikev2.sa import IkeSa, State


def _due(machine: Machine, sa: IkeSa) -> float | None:
    if not machine.sas.holds(sa):
        return None
    times = [sa.rekey_at, sa.expires, sa.half_open_until, sa.liveness_at, sa.keepalive_at]
    times += [each.at for each in sa.pending.values()]
    return min((time for time in times if time is not None), default=None)


def _plan(machine: Machine) -> None:
    for sa in machine.touched:
        machine.agenda.plan(sa, _due(machine, sa), (sa.serial,))
    machine.touched.clear()


def next_due(machine: Machine) -> float | None:
    """The earliest lab time at which something is due."""
    _plan(machine)
    return machine.agenda.next()


def run(machine: Machine) -> None:
    """Do what is due at the machine's lab time, SA by SA."""
    _plan(machine)
    ready = []
    while (sa := machine.agenda.take(machine.now)) is not None:
        ready.append(sa)
    for sa in ready:
        machine.touch(sa)
        if machine.sas.holds(sa):
            _run(machine, sa)


def _run(machine: Machine, sa: IkeSa) -> None:
    now = machine.now
    if sa.half_open_until is not None and sa.half_open_until <= now:
        machine.tell(sa, Step.FAILED, "Auth exchange")
        machine.remove(sa, "no IKE_AUTH came")
        return
    if sa.expires is not None and sa.expires <= now:
        if sa.up:
            informational.close(machine, sa, "lifetime is over")
            sa.expires = None
        else:
            machine.remove(sa, "lifetime is over")
        return
    if not _repeat(machine, sa):
        return
    if sa.rekey_at is not None and sa.rekey_at <= now:
        sa.rekey_at = None
        if sa.state is State.READY:
            machine.begin(sa, RekeyIke())
    if sa.liveness_at is not None and sa.liveness_at <= now:
        _probe(machine, sa)
    if sa.keepalive_at is not None and sa.keepalive_at <= now:
        machine.outgoing.append(Datagram(sa.local, sa.peer, KEEPALIVE))
        interval = machine.configuration.nat_keepalive()
        sa.keepalive_at = now + interval if interval else None


def _repeat(machine: Machine, sa: IkeSa) -> bool:
    """Send again what got no answer; False when the peer is given up."""
    for message_id, pending in list(sa.pending.items()):
        if pending.at > machine.now:
            continue
        if not pending.fire(machine.now):
            machine.tell(sa, Step.RETRANSMISSIONS_OVER)
            machine.remove(sa, "maximum number of retransmissions")
            return False
        machine.tell(sa, Step.RETRANSMITTING, pending.exchange, message_id)
        for each in pending.data:
            machine.transmit(sa, each)
    return True


def _probe(machine: Machine, sa: IkeSa) -> None:
    liveness = machine.configuration.liveness(sa.profile) if sa.profile is not None else None
    if liveness is None or not liveness.periodic:
        sa.liveness_at = None
        return
    quiet = machine.now - sa.last_heard
    if quiet < liveness.interval:
        sa.liveness_at = sa.last_heard + liveness.interval
        return
    sa.liveness_at = machine.now + liveness.interval
    probe(machine, sa, liveness.retry)


def probe(machine: Machine, sa: IkeSa, retry: int) -> None:
    """Ask whether the peer is there, unless something is under way that tells it too."""
    if sa.up and not sa.pending:
        machine.begin(sa, Liveness(float(retry)))
