"""Quick mode (RFC 2409, 5.5).

Initiator                                   Responder
HDR*, HASH(1), SA, Ni [, KE], IDci, IDcr  -->
                                          <--  HDR*, HASH(2), SA, Nr [, KE], IDci, IDcr
HDR*, HASH(3)                             -->
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from ipaddress import IPv4Network

from iosemu.ike import events, trace
from iosemu.ike.algorithms import GROUPS, KeyExchange
from iosemu.ike.child import (
    child_of,
    read_lifetime,
    read_selector,
    responder_lifetime,
    selector_payload,
    smaller,
)
from iosemu.ike.exchange import QuickMode
from iosemu.ike.header import ExchangeType, Header, MalformedMessage, NotifyType, PayloadType
from iosemu.ike.machine import NODE_LINGER, Machine
from iosemu.ike.message import Message, chain
from iosemu.ike.payloads import HashData, Identification, KeyExchangeData, Nonce, Notification, Payload
from iosemu.ike.proposals import (
    PLAIN_FORMS,
    Alternative,
    alternatives,
    encapsulate,
    phase2_offer,
)
from iosemu.ike.retransmit import Retransmission
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.sa_payload import SecurityAssociation
from iosemu.ike.types import (
    ChildAnswer,
    ChildOffer,
    ChildRequest,
    Phase2Proposal,
    ProtocolId,
    Refusal,
    TrafficSelector,
)

NONCE_LENGTH = 20


class Rejected(Exception):  # noqa: N818 - an outcome of negotiation
    """A quick mode offer is not acceptable; the notify to send for it."""

    def __init__(self, notify: NotifyType, refusal: Refusal, spi: bytes, protocol: int) -> None:
        super().__init__(refusal.value)
        self.notify = notify
        self.refusal = refusal
        self.spi = spi
        self.protocol = protocol


def _move(machine: Machine, sa: IsakmpSa, node: QuickMode, major: str, minor: str, new: str) -> None:
    old, node.fsm = node.fsm, new
    machine.emit(trace.StateChange, sa, f"IKE_MESG_{major}", minor, old, new, node.message_id)


def send(machine: Machine, sa: IsakmpSa, node: QuickMode, payloads: Sequence[Payload], awaits: bool) -> None:
    """Send the next message of an exchange, repeated while an answer is awaited."""
    header = Header(sa.cookie_i, sa.cookie_r, 0, ExchangeType.QUICK, message_id=node.message_id)
    data, node.iv = machine.encrypt(sa, header, payloads, node.iv)
    node.last_sent = data
    node.retransmission = Retransmission.start(data, machine.now) if awaits else None
    machine.touch(sa, node)
    machine.transmit(sa, data)


def new_message_id(machine: Machine, sa: IsakmpSa) -> int:
    """A message ID not used under the SA."""
    while True:
        message_id = int.from_bytes(machine.randbytes(4), "big")
        if message_id and message_id not in sa.nodes and message_id not in sa.seen_messages:
            return message_id


def begin(machine: Machine, sa: IsakmpSa, request: ChildRequest) -> None:
    """Send the first message for a request."""
    assert sa.keys is not None
    if not machine.configuration.admits(request, sa.peer_identity, sa.peer_certificate):
        machine.fail_requests([request], sa, "the peer is not what it has to be")
        return
    message_id = new_message_id(machine, sa)
    node = QuickMode(message_id, True, sa.keys.message_iv(sa.iv, message_id), request=request)
    machine.add_node(sa, node)
    machine.emit(trace.ExchangeBegun, sa, "Quick", message_id)
    protocols = {ProtocolId.AH for proposal in request.proposals if proposal.ah} | {
        ProtocolId.ESP for proposal in request.proposals if proposal.esp
    }
    for protocol in sorted(protocols):
        spi = machine.new_spi()
        node.spis[protocol] = spi.to_bytes(4, "big")
        machine.emit(trace.SpiAllocated, sa, message_id, spi, True)
    node.nonce_i = machine.randbytes(NONCE_LENGTH)
    payloads: list[Payload] = [phase2_offer(request, node.spis, sa.floated), Nonce(node.nonce_i)]
    if request.pfs_group is not None:
        node.key_exchange = KeyExchange.generate(request.pfs_group, machine.randbytes)
        payloads.append(KeyExchangeData(node.key_exchange.public))
    identities = [selector_payload(request.local_selector), selector_payload(request.remote_selector)]
    node.identities = tuple(identity.to_bytes() for identity in identities)
    payloads += identities
    hash_1 = HashData(sa.keys.hash_1(message_id, chain(payloads)))
    send(machine, sa, node, [hash_1, *payloads], awaits=True)
    _move(machine, sa, node, "INTERNAL", "IKE_INIT_QM", "IKE_QM_I_QM1")


def begin_waiting(machine: Machine, sa: IsakmpSa) -> None:
    """Send the first messages for all requests that waited for phase 1."""
    requests, sa.requests = sa.requests, []
    for request in requests:
        begin(machine, sa, request)


def respond(machine: Machine, sa: IsakmpSa, node: QuickMode, message: Message) -> None:
    """Judge the first message and answer it. Raises `MalformedMessage` or `Rejected`."""
    assert sa.keys is not None
    check(sa.keys.hash_1(node.message_id, message.after_hash), message)
    for kind in (HashData, SecurityAssociation):
        machine.emit(trace.PayloadProcessed, sa, int(kind.TYPE), node.message_id)
    offer = message.one(SecurityAssociation)
    node.nonce_i = message.one(Nonce).data
    chosen, answer, selectors, secret_group = _select(machine, sa, node, message, offer)
    for kind2 in (PayloadType.NONCE, PayloadType.ID, PayloadType.ID):
        machine.emit(trace.PayloadProcessed, sa, int(kind2), node.message_id)
    shared = b""
    node.nonce_r = machine.randbytes(NONCE_LENGTH)
    for proposal, _ in chosen.parts:
        spi = machine.new_spi()
        node.spis[proposal.protocol] = spi.to_bytes(4, "big")
        node.peer_spis[proposal.protocol] = proposal.spi
        machine.emit(trace.SpiAllocated, sa, node.message_id, spi, False)
    payloads: list[Payload] = [chosen.answer(node.spis), Nonce(node.nonce_r)]
    if secret_group is not None:
        node.key_exchange = KeyExchange.generate(secret_group, machine.randbytes)
        shared = _shared(node.key_exchange, message)
        payloads.append(KeyExchangeData(node.key_exchange.public))
    payloads += list(message.all(Identification))[:2]
    seconds = min(chosen.seconds, answer.lifetime_seconds)
    kilobytes = smaller(chosen.kilobytes, answer.lifetime_kilobytes)
    if seconds < chosen.seconds or (chosen.kilobytes and kilobytes < chosen.kilobytes):
        proposal, _ = chosen.parts[-1]
        spi_r = node.spis[proposal.protocol]
        payloads.append(responder_lifetime(proposal.protocol, spi_r, seconds, kilobytes))
    _move(machine, sa, node, "FROM_PEER", "IKE_QM_EXCH", "IKE_QM_SPI_STARVE")
    _move(machine, sa, node, "INTERNAL", "IKE_GOT_SPI", "IKE_QM_IPSEC_INSTALL_AWAIT")
    node.child = child_of(
        sa, node, selectors, chosen.proposal, shared, (seconds, kilobytes), secret_group, answer.tag
    )
    machine.emit(events.ChildUp, sa, node.child)
    hash_2 = HashData(sa.keys.hash_2(node.message_id, node.nonce_i, chain(payloads)))
    send(machine, sa, node, [hash_2, *payloads], awaits=True)
    _move(machine, sa, node, "FROM_IPSEC", "IPSEC_INSTALL_DONE", "IKE_QM_R_QM2")


def _select(
    machine: Machine, sa: IsakmpSa, node: QuickMode, message: Message, offer: SecurityAssociation
) -> tuple[Alternative, ChildAnswer, tuple[TrafficSelector, TrafficSelector], int | None]:
    first = offer.proposals[0]
    identities = list(message.all(Identification))
    if len(identities) >= 2:
        remote, local = (read_selector(identity) for identity in identities[:2])
    elif not identities:
        remote = TrafficSelector(IPv4Network(sa.peer.address))
        local = TrafficSelector(IPv4Network(sa.local.address))
    else:
        raise MalformedMessage(NotifyType.INVALID_ID_INFORMATION, "one proxy identity only")

    def reject(refusal: Refusal) -> Rejected:
        return Rejected(NotifyType.NO_PROPOSAL_CHOSEN, refusal, first.spi, first.protocol)

    found = list(alternatives(offer))
    fitting = {id(transform) for alternative in found for _, transform in alternative.parts}
    for proposal in offer.proposals:
        for transform in proposal.transforms:
            machine.emit(
                trace.ProposalCheck,
                sa,
                node.message_id,
                proposal.number,
                proposal.protocol,
                transform.number,
                transform.identifier,
                tuple(attribute.triple for attribute in transform.attributes),
                id(transform) in fitting,
            )
    # The UDP forms belong with the floated port and only with it (RFC 3947, 5.1).
    found = [
        alternative
        for alternative in found
        if (alternative.proposal.encapsulation in PLAIN_FORMS) == sa.floated
    ]
    if not found:
        raise reject(Refusal.TRANSFORM_MISMATCH)
    group = found[0].group
    same = [alternative for alternative in found if alternative.group == group]
    if group is not None and (group not in GROUPS or message.find(KeyExchangeData) is None):
        raise reject(Refusal.PFS_MISMATCH)
    judged = ChildOffer(
        sa.local.address,
        sa.peer.address,
        local,
        remote,
        tuple(_plain(alternative.proposal) for alternative in same),
        same[0].seconds,
        same[0].kilobytes,
        group,
        sa.profile,
        sa.peer_identity,
        sa.peer_certificate,
    )
    answer = machine.configuration.select_child(judged)
    machine.emit(trace.OfferJudged, sa, judged, answer)
    if isinstance(answer, Refusal):
        raise reject(answer)
    return same[answer.proposal], answer, (local, remote), group


def complete(machine: Machine, sa: IsakmpSa, node: QuickMode, message: Message) -> None:
    """Initiator: take the second message, send the third. Raises `MalformedMessage`."""
    assert sa.keys is not None
    assert node.request is not None
    check(sa.keys.hash_2(node.message_id, node.nonce_i, message.after_hash), message)
    for kind in (HashData, SecurityAssociation):
        machine.emit(trace.PayloadProcessed, sa, int(kind.TYPE), node.message_id)
    request = node.request
    found = list(alternatives(message.one(SecurityAssociation)))
    offered = [_plain(proposal) for proposal in request.proposals]
    fitting = [
        alternative
        for alternative in found
        if _plain(alternative.proposal) in offered and alternative.group == request.pfs_group
    ]
    if len(fitting) != 1:
        raise MalformedMessage(NotifyType.NO_PROPOSAL_CHOSEN, "the answer was not offered")
    chosen = fitting[0]
    for proposal, transform in chosen.parts:
        machine.emit(
            trace.ProposalCheck,
            sa,
            node.message_id,
            proposal.number,
            proposal.protocol,
            transform.number,
            transform.identifier,
            tuple(attribute.triple for attribute in transform.attributes),
            True,
        )
        node.peer_spis[proposal.protocol] = proposal.spi
    identities = tuple(part.body for part in message.parts if isinstance(part.payload, Identification))
    if identities and identities[:2] != node.identities:
        raise MalformedMessage(NotifyType.INVALID_ID_INFORMATION, "proxy identities were changed")
    node.nonce_r = message.one(Nonce).data
    for type_ in (PayloadType.NONCE, *([PayloadType.ID] * len(identities))):
        machine.emit(trace.PayloadProcessed, sa, int(type_), node.message_id, answer=True)
    shared = _shared(node.key_exchange, message) if node.key_exchange is not None else b""
    seconds, kilobytes = request.lifetime_seconds, request.lifetime_kilobytes
    for notification in message.all(Notification):
        if notification.type == NotifyType.RESPONDER_LIFETIME:
            seconds, kilobytes = read_lifetime(notification, seconds, kilobytes)
    for protocol in set(node.spis) - {proposal.protocol for proposal, _ in chosen.parts}:
        machine.release_spis([int.from_bytes(node.spis.pop(protocol), "big")])
    selectors = request.local_selector, request.remote_selector
    _move(machine, sa, node, "FROM_PEER", "IKE_QM_EXCH", "IKE_QM_IPSEC_INSTALL_AWAIT")
    lives = (seconds, kilobytes)
    node.child = child_of(sa, node, selectors, chosen.proposal, shared, lives, request.pfs_group, request.tag)
    machine.emit(events.ChildUp, sa, node.child)
    hash_3 = HashData(sa.keys.hash_3(node.message_id, node.nonce_i, node.nonce_r))
    send(machine, sa, node, [hash_3], awaits=False)
    finish(machine, sa, node, error=False, reason="No Error")
    _move(machine, sa, node, "FROM_IPSEC", "IPSEC_INSTALL_DONE", "IKE_QM_PHASE2_COMPLETE")


def confirm(machine: Machine, sa: IsakmpSa, node: QuickMode, message: Message) -> None:
    """Responder: take the third message. Raises `MalformedMessage`."""
    assert sa.keys is not None
    assert node.child is not None
    check(sa.keys.hash_3(node.message_id, node.nonce_i, node.nonce_r), message)
    node.retransmission = None
    finish(machine, sa, node, error=False, reason="QM done (await)")
    _move(machine, sa, node, "FROM_PEER", "IKE_QM_EXCH", "IKE_QM_PHASE2_COMPLETE")
    machine.emit(events.ChildConfirmed, sa, node.child)


def finish(machine: Machine, sa: IsakmpSa, node: QuickMode, *, error: bool, reason: str) -> None:
    """The node is done; it stays a while for duplicates."""
    node.done = True
    node.retransmission = None
    node.purge_at = machine.now + NODE_LINGER
    machine.touch(sa, node)
    if node.request is not None:
        machine.asked(node.request)
    machine.emit(trace.NodeDeleted, sa, node.message_id, error, reason)
    if node.child is None:
        machine.release_spis([int.from_bytes(spi, "big") for spi in node.spis.values()])


def check(expected: bytes, message: Message) -> None:
    """Compare the leading hash of a message; `MalformedMessage` when it differs."""
    first = message.parts[0].payload
    if not isinstance(first, HashData) or not hmac.compare_digest(first.data, expected):
        raise MalformedMessage(NotifyType.INVALID_HASH_INFORMATION, "HASH payload does not verify")


def _shared(key_exchange: KeyExchange, message: Message) -> bytes:
    try:
        return key_exchange.shared(message.one(KeyExchangeData).data)
    except ValueError as error:
        raise MalformedMessage(NotifyType.INVALID_KEY_INFORMATION, str(error)) from None


def _plain(proposal: Phase2Proposal) -> Phase2Proposal:
    return Phase2Proposal(proposal.esp, proposal.ah, encapsulate(proposal.encapsulation, udp=False))
