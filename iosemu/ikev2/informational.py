"""INFORMATIONAL: deletions, liveness, errors (RFC 7296, 1.4 and 2.4)."""

from __future__ import annotations

from collections.abc import Sequence

from iosemu.ikev2 import events, mode_config
from iosemu.ikev2.events import Step
from iosemu.ikev2.machine import Machine
from iosemu.ikev2.message import Message
from iosemu.ikev2.numbers import ConfigType, ExchangeType, Notify, Protocol
from iosemu.ikev2.payloads import Configuration, Deletion, Notification, Payload
from iosemu.ikev2.sa import Child, ChildState, IkeSa, State
from iosemu.ikev2.tasks import WAITS, QueuedTask

LIVENESS_TRIES = 5
"""Probes without an answer after which a peer is dead."""


class DeleteChild(QueuedTask):
    """Tell the peer that a child SA is gone; `spi` is the own one. It is gone here already, or only refused."""

    EXCHANGE = ExchangeType.INFORMATIONAL

    def __init__(self, protocol: int, spi: int, *, rekeyed: bool = False, unmade: bool = False) -> None:
        self.protocol = protocol
        self.spi = spi
        self.unmade = unmade
        """The peer may have made it; this side has not."""
        self.rekeyed = rekeyed
        """A successor is there, so the IKE SA is still needed."""

    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """The deletion."""
        child = sa.children.get(self.spi)
        if child is None and not self.unmade:
            return None  # the peer was faster
        if child is not None:
            child.state = ChildState.DELETING
        machine.tell(sa, Step.DELETING_CHILD, self.spi)
        return [Deletion(self.protocol, (self.spi.to_bytes(4, "big"),))]

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The peer has dropped its side; an IKE SA that no child SA needs goes too, as IOS has it."""
        machine.tell(sa, Step.ACKNOWLEDGED)
        child = sa.children.get(self.spi)
        if child is not None:
            machine.drop_child(sa, child)
        if (
            not self.rekeyed
            and sa.up
            and not sa.children
            and not sa.requests
            and not sa.queue
            and not sa.pending
        ):
            close(machine, sa, "no child SA is left")

    def failed(self, machine: Machine, sa: IkeSa, reason: str) -> None:
        """Nothing is left to be told."""


class DeleteSa(QueuedTask):
    """Tell the peer that the IKE SA ends, or with an error that it should."""

    EXCHANGE = ExchangeType.INFORMATIONAL

    def __init__(self, reason: str, notification: Notification | None = None) -> None:
        self.reason = reason
        self.notification = notification

    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """The deletion."""
        machine.tell(sa, Step.DELETING_SA)
        return [Deletion(Protocol.IKE)] if self.notification is None else [self.notification]

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """It is over."""
        machine.tell(sa, Step.ACKNOWLEDGED)
        machine.remove(sa, self.reason)


class Liveness(QueuedTask):
    """Ask whether the peer is there: an empty request."""

    EXCHANGE = ExchangeType.INFORMATIONAL

    def __init__(self, retry: float) -> None:
        self._waits = (retry,) * LIVENESS_TRIES

    def waits(self) -> Sequence[float]:
        """At the interval that is configured."""
        return self._waits or WAITS

    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """Nothing."""
        machine.tell(sa, Step.LIVENESS_SENT)
        return []

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """It is."""
        machine.tell(sa, Step.ACKNOWLEDGED)

    def failed(self, machine: Machine, sa: IkeSa, reason: str) -> None:
        """It is not."""
        machine.emit(events.PeerDead, sa)


def close(machine: Machine, sa: IkeSa, reason: str) -> None:
    """End an established SA: its child SAs are gone at once, the peer is told."""
    machine.sas.move(sa, State.CLOSING)
    sa.rekey_at = sa.liveness_at = None
    for child in list(sa.children.values()):
        machine.drop_child(sa, child)
    waiting, sa.requests = sa.requests, []
    for request in waiting:
        machine.fail(sa, request, reason)
    dropped, sa.queue = sa.queue, []
    for task in dropped:
        task.failed(machine, sa, reason)
    machine.begin(sa, DeleteSa(reason))


def answer(machine: Machine, sa: IkeSa, message: Message) -> None:
    """Take what a peer tells; it is always answered."""
    reply: list[Payload] = []
    gone = False
    for payload in message.payloads:
        if isinstance(payload, Deletion):
            if payload.protocol == Protocol.IKE:
                gone = True
            else:
                reply += _children_deleted(machine, sa, payload)
        elif isinstance(payload, Notification) and payload.type == Notify.AUTHENTICATION_FAILED:
            gone = True
        elif isinstance(payload, Configuration) and payload.type == ConfigType.SET and sa.up:
            reply += mode_config.take(machine, sa, payload)
    if not message.payloads:
        machine.tell(sa, Step.LIVENESS_RECEIVED)
    if gone:
        machine.tell(sa, Step.DELETE_RECEIVED)
    machine.respond(sa, message.header, reply)
    if gone:
        machine.remove(sa, "deleted by the peer")


def _children_deleted(machine: Machine, sa: IkeSa, deletion: Deletion) -> list[Payload]:
    """Drop what the peer has dropped; the answer names the other directions (RFC 7296, 1.4.1)."""
    answered = []
    for raw in deletion.spis:
        spi = int.from_bytes(raw)
        found = _by_peer_spi(sa, deletion.protocol, spi)
        if found is None:
            continue
        holder, child = found
        machine.tell(sa, Step.CHILD_DELETE_RECEIVED, child.spi)
        # both are deleting it: the other direction was named by this side already
        if child.state is not ChildState.DELETING:
            answered.append(child.spi.to_bytes(4, "big"))
        machine.drop_child(holder, child)
    return [Deletion(deletion.protocol, tuple(answered))] if answered else []


def _by_peer_spi(sa: IkeSa, protocol: int, spi: int) -> tuple[IkeSa, Child] | None:
    """A child SA, which a successor of the IKE SA may have inherited meanwhile."""
    holder: IkeSa | None = sa
    while holder is not None:
        for child in holder.children.values():
            if child.protocol == protocol and child.peer_spi == spi:
                return holder, child
        holder = holder.successor
    return None
