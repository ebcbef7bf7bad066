"""What IKE_AUTH and CREATE_CHILD_SA have in common: asking for child SAs, judging and making them.

RFC 7296, 2.9 and 2.17.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from iosemu.ike.types import (
    ChildKeys,
    ChildRequest,
    ChildSa,
    Encapsulation,
    Phase2Proposal,
    ProtocolId,
    TrafficSelector,
)
from iosemu.ikev2 import events
from iosemu.ikev2.configuration import Alternative, ChildAnswer, ChildOffer, ChildRefusal
from iosemu.ikev2.events import Step
from iosemu.ikev2.machine import Machine, error
from iosemu.ikev2.message import Message
from iosemu.ikev2.numbers import Notify
from iosemu.ikev2.payloads import (
    MalformedMessage,
    Notification,
    Payload,
    SecurityAssociation,
    TrafficSelectors,
)
from iosemu.ikev2.proposals import (
    OfferedChild,
    child_offer,
    chosen_child,
    negotiable,
    offered_children,
)
from iosemu.ikev2.sa import Child, IkeSa
from iosemu.ikev2.selectors import range_of, within

IN_UDP: Final = {
    Encapsulation.TUNNEL: Encapsulation.UDP_TUNNEL,
    Encapsulation.TRANSPORT: Encapsulation.UDP_TRANSPORT,
}
REFUSALS: Final = {
    ChildRefusal.TS_UNACCEPTABLE: Notify.TS_UNACCEPTABLE,
    ChildRefusal.NO_PROPOSAL_CHOSEN: Notify.NO_PROPOSAL_CHOSEN,
}


class Refused(Exception):  # noqa: N818 - an outcome of negotiation
    """A child SA is refused with this notification."""

    def __init__(self, notification: Notification) -> None:
        super().__init__(notification.type)
        self.notification = notification


def offered(request: ChildRequest) -> tuple[Phase2Proposal, ...]:
    """The transform sets of a request that IKEv2 has a form for."""
    return tuple(each for each in request.proposals if negotiable(each))


def wants_transport(proposals: Sequence[Phase2Proposal]) -> bool:
    """Whether transport mode is asked for: it is one notification for all proposals."""
    return bool(proposals) and proposals[0].encapsulation is Encapsulation.TRANSPORT


def notices(*, transport: bool) -> list[Payload]:
    """What is said beside an offer or an answer."""
    mode: list[Payload] = [Notification(Notify.USE_TRANSPORT_MODE)] if transport else []
    return mode


def capabilities() -> list[Payload]:
    """What is said of the ESP that this side does."""
    return [
        Notification(Notify.ESP_TFC_PADDING_NOT_SUPPORTED),
        Notification(Notify.NON_FIRST_FRAGMENTS_ALSO),
    ]


def asking(request: ChildRequest, spi: bytes, group: int | None) -> tuple[SecurityAssociation, list[Payload]]:
    """The SA payload, and the traffic selectors of a request."""
    return child_offer(offered(request), spi, group), [
        TrafficSelectors((range_of(request.local_selector),)),
        TrafficSelectors((range_of(request.remote_selector),), responder=True),
    ]


def selectors(message: Message) -> tuple[TrafficSelectors, TrafficSelectors]:
    """TSi and TSr of a message; `MalformedMessage` unless both are there."""
    found = list(message.all(TrafficSelectors))
    first = next((each for each in found if not each.responder), None)
    second = next((each for each in found if each.responder), None)
    if first is None or second is None:
        raise MalformedMessage("no traffic selectors")
    return first, second


STRANGER: Final = "the peer is not what it has to be"


def admitted(machine: Machine, sa: IkeSa, request: ChildRequest) -> bool:
    """Whether the peer of an SA is one that a request may be made to."""
    return machine.configuration.admits(request, sa.peer_identity, sa.peer_certificate)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A child SA that a peer asked for and gets."""

    offer: OfferedChild
    answer: ChildAnswer
    transport: bool


def judge(machine: Machine, sa: IkeSa, message: Message, *, fresh: bool) -> Accepted:
    """What of a peer's offer is accepted; raises `Refused`."""
    initiator, responder = selectors(message)
    alternatives = offered_children(message.need(SecurityAssociation), Encapsulation.TUNNEL)
    answer = machine.configuration.select_child(
        ChildOffer(
            sa.local.address,
            sa.peer.address,
            sa.profile,
            responder.ranges,
            initiator.ranges,
            tuple(Alternative(each.suite, each.groups if fresh else ()) for each in alternatives),
            fresh,
            sa.peer_identity,
            sa.peer_certificate,
        )
    )
    if isinstance(answer, ChildRefusal):
        raise Refused(error(REFUSALS[answer]))
    asked = message.notification(Notify.USE_TRANSPORT_MODE) is not None
    return Accepted(alternatives[answer.alternative], answer, asked and answer.transport)


def answering(accepted: Accepted, spi: bytes, group: int | None) -> tuple[Payload, list[Payload]]:
    """The SA payload, and the traffic selectors of an answer."""
    answer = accepted.answer
    return accepted.offer.answer(spi, group), [
        TrafficSelectors((range_of(answer.remote_selector),)),
        TrafficSelectors((range_of(answer.local_selector),), responder=True),
    ]


def encapsulated(sa: IkeSa, suite: Phase2Proposal, *, transport: bool) -> Phase2Proposal:
    """A suite with its mode, in UDP where there is a NAT."""
    mode = Encapsulation.TRANSPORT if transport else Encapsulation.TUNNEL
    return replace(suite, encapsulation=IN_UDP[mode] if sa.nat.found and suite.esp is not None else mode)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everything that a pair of child SAs is made of."""

    own_spi: bytes
    peer_spi: bytes
    suite: Phase2Proposal
    """With its encapsulation."""
    local: TrafficSelector
    remote: TrafficSelector
    nonces: bytes
    shared: bytes
    group: int | None
    seconds: int
    kilobytes: int
    tag: object
    initiator: bool
    """This side asked for it."""


def install(machine: Machine, sa: IkeSa, what: Agreement, *, usable: bool) -> Child:
    """Make the pair and report it."""
    assert sa.keys is not None
    towards, back = sa.keys.child_keys(what.suite, what.nonces, what.shared)
    outbound, inbound = (towards, back) if what.initiator else (back, towards)
    protocol = ProtocolId.ESP if what.suite.esp is not None else ProtocolId.AH
    local, peer = sa.local.address, sa.peer.address
    made = ChildSa(
        sa.local,
        sa.peer,
        what.local,
        what.remote,
        what.suite,
        (ChildKeys(protocol, int.from_bytes(what.own_spi), peer, local, *inbound),),
        (ChildKeys(protocol, int.from_bytes(what.peer_spi), local, peer, *outbound),),
        what.seconds,
        what.kilobytes,
        what.group,
        what.initiator,
        sa.number,
        what.tag,
    )
    child = Child(made)
    sa.children[child.spi] = child
    machine.sas.adopt(child.spi, sa)
    machine.emit(events.ChildUp, sa, made, usable)
    machine.tell(sa, Step.CHILD_DONE, child.spi, child.peer_spi)
    return child


def accept_answer(
    sa: IkeSa, request: ChildRequest, message: Message, group: int | None
) -> tuple[Phase2Proposal, bytes, TrafficSelector, TrafficSelector] | None:
    """What an answer to a request has chosen: suite, the peer's SPI, selectors; None when it is nothing offered."""
    mine = offered(request)
    plain = [replace(each, encapsulation=Encapsulation.TUNNEL) for each in mine]
    initiator, responder = selectors(message)
    chosen = chosen_child(plain, message.need(SecurityAssociation), group)
    local = within(initiator.ranges, request.local_selector)
    remote = within(responder.ranges, request.remote_selector)
    if chosen is None or local is None or remote is None:
        return None
    transport = wants_transport(mine) and message.notification(Notify.USE_TRANSPORT_MODE) is not None
    return encapsulated(sa, chosen[0], transport=transport), chosen[1], local, remote
