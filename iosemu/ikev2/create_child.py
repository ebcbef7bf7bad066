"""CREATE_CHILD_SA: further child SAs, and the renewal of those that are there (RFC 7296, 1.3 and 2.8).

Initiator                                          Responder
HDR, SK {SA, Ni, [KEi,] TSi, TSr}             -->
HDR, SK {N(REKEY_SA), SA, Ni, [KEi,] TSi, TSr} -->
HDR, SK {SA, Ni, KEi}                          -->                        a new IKE SA
                                              <--  HDR, SK {SA, Nr, [KEr,] [TSi, TSr]}
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from iosemu.ike.algorithms import GROUPS, KeyExchange
from iosemu.ike.types import ChildRequest
from iosemu.ikev2 import children, rekey
from iosemu.ikev2.children import Agreement, Refused
from iosemu.ikev2.events import Step
from iosemu.ikev2.informational import DeleteChild
from iosemu.ikev2.machine import NONCE_LENGTH, Machine, error
from iosemu.ikev2.message import Message
from iosemu.ikev2.numbers import ExchangeType, Notify, Protocol
from iosemu.ikev2.payloads import (
    KeyExchangeData,
    MalformedMessage,
    Nonce,
    Notification,
    Payload,
    SecurityAssociation,
    TrafficSelectors,
)
from iosemu.ikev2.rekey import RekeyIke
from iosemu.ikev2.sa import Child, ChildState, IkeSa, State
from iosemu.ikev2.tasks import QueuedTask


class CreateChild(QueuedTask):
    """Ask for child SAs over an established IKE SA; with `old` in the place of one that is there."""

    EXCHANGE = ExchangeType.CREATE_CHILD_SA

    def __init__(self, request: ChildRequest, old: Child | None = None) -> None:
        self.request: ChildRequest | None = request
        self.old = old
        self.group = request.pfs_group
        self.spi = b""
        self.nonce = b""
        self.exchange: KeyExchange | None = None

    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """The offer; nothing when what was to be renewed has gone."""
        request = self.request
        if request is None:
            return None
        if self.old is not None and self.old.spi not in sa.children:
            self._fail(machine, sa, "the child SA is gone")
            return None
        if not children.admitted(machine, sa, request):
            self._fail(machine, sa, children.STRANGER)
            return None
        self.spi = self.spi or machine.new_spi()
        self.nonce = machine.randbytes(NONCE_LENGTH)
        made: list[Payload] = []
        if self.old is not None:
            self.old.state = ChildState.REKEYING
            machine.tell(sa, Step.CHILD_REKEY_BEGUN, self.old.spi)
            spi = self.old.spi.to_bytes(4, "big")
            made.append(Notification(Notify.REKEY_SA, b"", self.old.protocol, spi))
        else:
            machine.tell(sa, Step.CHILD_BEGUN)
        offer, selectors = children.asking(request, self.spi, self.group)
        machine.tell(sa, Step.OFFERED, offer.proposals)
        made += [offer, Nonce(self.nonce)]
        if self.group is not None:
            self.exchange = KeyExchange.generate(self.group, machine.randbytes)
            made.append(KeyExchangeData(self.group, self.exchange.public))
        transport = children.wants_transport(children.offered(request))
        return [*made, *selectors, *children.notices(transport=transport), *children.capabilities()]

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The child SA is made; the one whose place it takes is deleted, unless the peer's own renewal stays."""
        request = self.request
        if request is None:
            return
        refused = message.error
        if refused is not None:
            self._refused(machine, sa, request, refused.type)
            return
        nonce, public = message.need(Nonce), message.first(KeyExchangeData)
        accepted = children.accept_answer(sa, request, message, self.group)
        shared = b""
        if accepted is not None and self.exchange is not None:
            try:
                if public is None or public.group != self.exchange.group:
                    raise ValueError("another group")
                shared = self.exchange.shared(public.data)
            except ValueError:
                accepted = None
        if accepted is None:
            machine.tell(sa, Step.CHILD_REFUSED, int(Notify.NO_PROPOSAL_CHOSEN))
            # the peer has made what this side cannot use
            machine.begin(sa, DeleteChild(Protocol.ESP, int.from_bytes(self.spi), unmade=True))
            self._fail(machine, sa, "child SA refused")
            return
        suite, peer_spi, local, remote = accepted
        lives = (request.lifetime_seconds, request.lifetime_kilobytes)
        nonces = self.nonce + nonce.data
        what = (self.spi, peer_spi, suite, local, remote, nonces, shared, self.group, *lives, request.tag)
        made = children.install(machine, sa, Agreement(*what, initiator=True), usable=True)
        self.request = None
        machine.done(request)
        if self.old is not None:
            self._replace(machine, sa, self.old, made, min(self.nonce, nonce.data))

    def _replace(self, machine: Machine, sa: IkeSa, old: Child, made: Child, lowest: bytes) -> None:
        """Who deletes what after a renewal, simultaneous ones included (RFC 7296, 2.8.1)."""
        rivals = [(nonce, child) for nonce, child in old.rivals if child.spi in sa.children]
        if rivals and lowest < min(nonce for nonce, _ in rivals):
            # the exchange with the lowest nonce is redundant; whoever began it deletes what it made
            machine.tell(sa, Step.COLLISION, False)
            old.state = ChildState.REPLACED
            machine.begin(sa, DeleteChild(made.protocol, made.spi, rekeyed=True))
            return
        if rivals:
            machine.tell(sa, Step.COLLISION, True)
        if old.spi in sa.children:
            machine.begin(sa, DeleteChild(old.protocol, old.spi, rekeyed=True))

    def _refused(self, machine: Machine, sa: IkeSa, request: ChildRequest, notify: int) -> None:
        machine.tell(sa, Step.CHILD_REFUSED, notify)
        if notify == Notify.INVALID_KE_PAYLOAD and self.group is None:
            notify = int(Notify.NO_PROPOSAL_CHOSEN)
        if notify == Notify.CHILD_SA_NOT_FOUND and self.old is not None:
            # the peer does not know what was to be renewed: made afresh (RFC 7296, 2.25)
            machine.drop_child(sa, self.old)
            self.old = None
            machine.begin(sa, self)
            return
        self._fail(machine, sa, "child SA refused", notify)

    def _fail(self, machine: Machine, sa: IkeSa, reason: str, refusal: int | None = None) -> None:
        request, self.request = self.request, None
        if self.spi:
            machine.release_spi(self.spi)
        if self.old is not None and self.old.state is ChildState.REKEYING:
            self.old.state = ChildState.REPLACED if self.old.rivals else ChildState.UP
        if request is not None:
            machine.fail(sa, request, reason, refusal)

    def failed(self, machine: Machine, sa: IkeSa, reason: str) -> None:
        """The SA went away."""
        self._fail(machine, sa, reason)


# The responder.


class Asked(Enum):
    """What a request is for."""

    CHILD = "a further child SA"
    CHILD_REKEY = "a child SA's successor"
    IKE_REKEY = "the IKE SA's successor"


class Busy(Enum):
    """What this side is doing that a request may collide with."""

    NOTHING = "nothing"
    REKEYING_CHILD = "asking for a successor of the same child SA"
    DELETING_CHILD = "deleting the same child SA"
    CHILD_WORK = "making or deleting any child SA"
    REKEYING_IKE = "asking for the IKE SA's successor"
    REKEYED = "using the IKE SA's successor"
    CLOSING = "ending the IKE SA"


BUSY: Final = {
    (Asked.CHILD, Busy.REKEYING_IKE): Notify.TEMPORARY_FAILURE,
    (Asked.CHILD, Busy.REKEYED): Notify.TEMPORARY_FAILURE,
    (Asked.CHILD, Busy.CLOSING): Notify.TEMPORARY_FAILURE,
    (Asked.CHILD_REKEY, Busy.DELETING_CHILD): Notify.TEMPORARY_FAILURE,
    (Asked.CHILD_REKEY, Busy.REKEYING_IKE): Notify.TEMPORARY_FAILURE,
    (Asked.CHILD_REKEY, Busy.REKEYED): Notify.TEMPORARY_FAILURE,
    (Asked.CHILD_REKEY, Busy.CLOSING): Notify.TEMPORARY_FAILURE,
    (Asked.IKE_REKEY, Busy.REKEYING_CHILD): Notify.TEMPORARY_FAILURE,
    (Asked.IKE_REKEY, Busy.DELETING_CHILD): Notify.TEMPORARY_FAILURE,
    (Asked.IKE_REKEY, Busy.CHILD_WORK): Notify.TEMPORARY_FAILURE,
    (Asked.IKE_REKEY, Busy.REKEYED): Notify.TEMPORARY_FAILURE,
    (Asked.IKE_REKEY, Busy.CLOSING): Notify.TEMPORARY_FAILURE,
}
"""What a request is refused with; it goes on where there is no entry (RFC 7296, 2.25.1 and 2.25.2)."""


def _busy(sa: IkeSa, asked: Asked, child: Child | None) -> Busy:
    if sa.state is State.CLOSING:
        return Busy.CLOSING
    if sa.state is State.REKEYED:
        return Busy.REKEYED
    tasks = [each.task for each in sa.pending.values()]
    if any(isinstance(task, RekeyIke) for task in tasks):
        return Busy.REKEYING_IKE
    if child is not None and child.state is ChildState.DELETING:
        return Busy.DELETING_CHILD
    if child is not None and child.state is ChildState.REKEYING:
        return Busy.REKEYING_CHILD
    if asked is Asked.IKE_REKEY and any(isinstance(task, CreateChild | DeleteChild) for task in tasks):
        return Busy.CHILD_WORK
    return Busy.NOTHING


def answer(machine: Machine, sa: IkeSa, message: Message) -> None:
    """Answer a request for SAs; raises `MalformedMessage` when it is none."""
    offered = message.need(SecurityAssociation)
    renewed = message.notification(Notify.REKEY_SA)
    asked = Asked.CHILD_REKEY if renewed is not None else Asked.CHILD
    if renewed is None and message.first(TrafficSelectors) is None:
        asked = Asked.IKE_REKEY
    old = None
    if renewed is not None:
        old = next(
            (each for each in sa.children.values() if each.peer_spi == int.from_bytes(renewed.spi)), None
        )
    refusal = BUSY.get((asked, _busy(sa, asked, old)))
    if refusal is None and renewed is not None and old is None:
        missing = Notification(Notify.CHILD_SA_NOT_FOUND, b"", renewed.protocol, renewed.spi)
        machine.respond(sa, message.header, [missing])
    elif refusal is not None:
        machine.respond(sa, message.header, [error(refusal)])
    elif asked is Asked.IKE_REKEY:
        rekey.answer(machine, sa, message, offered)
    else:
        _answer_child(machine, sa, message, old)


def _answer_child(machine: Machine, sa: IkeSa, message: Message, old: Child | None) -> None:
    nonce = message.need(Nonce)
    try:
        accepted = children.judge(machine, sa, message, fresh=True)
        exchange, shared = _exchange(machine, message, accepted.answer.group)
    except Refused as refusal:
        machine.tell(sa, Step.CHILD_REFUSED, refusal.notification.type)
        machine.respond(sa, message.header, [refusal.notification])
        return
    spi, own = machine.new_spi(), machine.randbytes(NONCE_LENGTH)
    judged = accepted.answer
    payload, selectors = children.answering(accepted, spi, judged.group)
    made: list[Payload] = [payload, Nonce(own)]
    if exchange is not None:
        made.append(KeyExchangeData(exchange.group, exchange.public))
    made += [*selectors, *children.notices(transport=accepted.transport), *children.capabilities()]
    machine.respond(sa, message.header, made)
    suite = children.encapsulated(sa, accepted.offer.suite, transport=accepted.transport)
    what = (spi, accepted.offer.spi, suite, judged.local_selector, judged.remote_selector)
    lives = (judged.lifetime_seconds, judged.lifetime_kilobytes)
    agreed = Agreement(*what, nonce.data + own, shared, judged.group, *lives, judged.tag, initiator=False)
    # the answer may be lost: what there was is used until the successor is seen at work (RFC 7296, 2.8)
    child = children.install(machine, sa, agreed, usable=old is None)
    if old is None:
        return
    if old.state is ChildState.REKEYING:
        old.rivals.append((min(nonce.data, own), child))
    else:
        old.state = ChildState.REPLACED


def _exchange(machine: Machine, message: Message, group: int | None) -> tuple[KeyExchange | None, bytes]:
    """The own half of a fresh exchange, and its secret; raises `Refused` when the peer's is of another group."""
    public = message.first(KeyExchangeData)
    if group is None:
        return None, b""
    if public is None or public.group != group:
        raise Refused(error(Notify.INVALID_KE_PAYLOAD, group.to_bytes(2, "big")))
    assert group in GROUPS
    exchange = KeyExchange.generate(group, machine.randbytes)
    try:
        return exchange, exchange.shared(public.data)
    except ValueError:
        raise MalformedMessage("not a public value of the group") from None
