"""Two ends that begin at once make two IKE SAs; one is enough.

RFC 7296 leaves open which. As with simultaneous rekeys (2.8.1) it is the one with the lowest nonce that is redundant,
and whoever began it ends it, so that both ends keep the same.
"""

from __future__ import annotations

from typing import Final

from iosemu.ikev2.events import Step
from iosemu.ikev2.informational import close
from iosemu.ikev2.machine import Machine
from iosemu.ikev2.sa import IkeSa, Role

AT_ONCE: Final = 30.0
"""Seconds within which both are established; one of them may have asked for long before it was heard."""


def check(machine: Machine, sa: IkeSa) -> None:
    """An SA was established: end the redundant one of two, when that is for this side to do."""
    for other in machine.sas.with_peer(sa.peer.address):
        if other is sa or not other.up or not sa.up or other.role is sa.role:
            continue
        same = (other.local.address, other.profile, other.peer_identity)
        if same != (sa.local.address, sa.profile, sa.peer_identity):
            continue
        if abs((other.established or 0.0) - (sa.established or 0.0)) > AT_ONCE:
            continue
        redundant = min(sa, other, key=lambda each: min(each.nonce_i, each.nonce_r))
        flows = [{child.selectors for child in each.children.values()} for each in (sa, other)]
        if redundant.role is Role.INITIATOR and flows[0] == flows[1]:
            machine.tell(redundant, Step.COLLISION, False)
            close(machine, redundant, "duplicate")
            return
