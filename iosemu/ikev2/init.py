"""IKE_SA_INIT: suites, Diffie-Hellman, nonces, cookies, NAT detection (RFC 7296, 1.2 and 2.6).

Initiator                         Responder
HDR, SAi1, KEi, Ni           -->
                             <--  HDR, N(COOKIE)                     only when many are half open
HDR, N(COOKIE), SAi1, KEi, Ni -->
                             <--  HDR, N(INVALID_KE_PAYLOAD)         when it wants another group
HDR, SAi1, KEi', Ni          -->
                             <--  HDR, SAr1, KEr, Nr
"""

from __future__ import annotations

import hmac
from typing import Final

from iosemu.ike.algorithms import GROUPS, KeyExchange
from iosemu.ike.types import Endpoint
from iosemu.ikev2 import certificates, eap, nat, signatures, vendor
from iosemu.ikev2.events import Step
from iosemu.ikev2.keys import PRF_LENGTHS, IkeKeys, skeyseed
from iosemu.ikev2.machine import FLOAT_PORT, NONCE_LENGTH, Machine, error
from iosemu.ikev2.message import Header, Message, clear_message
from iosemu.ikev2.numbers import ExchangeType, Notify
from iosemu.ikev2.payloads import (
    CertificateRequest,
    KeyExchangeData,
    MalformedMessage,
    Nonce,
    Notification,
    Payload,
    SecurityAssociation,
    VendorId,
)
from iosemu.ikev2.proposals import choose_ike, chosen_ike, ike_answer, ike_offer
from iosemu.ikev2.sa import IkeSa, Role, State
from iosemu.ikev2.tasks import Task

MOST_RETRIES: Final = 3
"""Times that the first request is sent anew because an answer asks for it."""
HALF_OPEN: Final = 30.0
"""Seconds until a responder gives up an initiator that says nothing more."""
COOKIE_LIFE: Final = 60.0


def begin(machine: Machine, sa: IkeSa) -> bool:
    """Send the first request; False when there is nothing to offer or to authenticate with."""
    proposals = machine.configuration.proposals(sa.local.address)
    machine.tell(sa, Step.POLICY_SEARCH, sa.local.address)
    groups = [group for each in proposals for group in each.groups if group in GROUPS]
    if not groups or not machine.configuration.ready(sa.profile):
        return False
    sa.key_exchange = KeyExchange.generate(groups[0], machine.randbytes)
    sa.nonce_i = machine.randbytes(NONCE_LENGTH)
    machine.tell(sa, Step.INIT_BEGUN, groups[0])
    _send(machine, sa)
    return True


def _send(machine: Machine, sa: IkeSa) -> None:
    assert sa.key_exchange is not None
    offer = ike_offer(machine.configuration.proposals(sa.local.address))
    machine.tell(sa, Step.OFFERED, offer.proposals)
    payloads: list[Payload] = [Notification(Notify.COOKIE, sa.cookie)] if sa.cookie else []
    payloads += [offer, KeyExchangeData(sa.key_exchange.group, sa.key_exchange.public), Nonce(sa.nonce_i)]
    payloads += _extras(machine, sa, fragments=bool(machine.configuration.fragmentation()))
    if machine.configuration.signs(sa.profile):
        payloads.append(Notification(Notify.SIGNATURE_HASH_ALGORITHMS, signatures.ANNOUNCED))
    sa.next_request = 0
    sa.first_request = machine.request(sa, InitRequest(), payloads)[0]


def _extras(machine: Machine, sa: IkeSa, *, fragments: bool) -> list[Payload]:
    payloads: list[Payload] = [VendorId(each) for each in vendor.INIT]
    if machine.configuration.nat_traversal():
        payloads += nat.notifications(sa.spi_i, sa.spi_r, sa.local, sa.peer)
    if fragments:
        payloads += [Notification(Notify.IKEV2_FRAGMENTATION_SUPPORTED), VendorId(vendor.FRAGMENTATION)]
    return payloads


class InitRequest(Task):
    """The first request."""

    EXCHANGE = ExchangeType.IKE_SA_INIT

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """Keys are made and IKE_AUTH begins, or the request is sent anew as the answer says."""
        cookie = message.notification(Notify.COOKIE)
        other = message.notification(Notify.INVALID_KE_PAYLOAD)
        if cookie is not None and cookie.data:
            sa.cookie = cookie.data
            machine.tell(sa, Step.COOKIE_ASKED)
            _again(machine, sa)
        elif other is not None:
            self._other_group(machine, sa, int.from_bytes(other.data))
        elif message.error is not None:
            machine.tell(sa, Step.INIT_REFUSED, message.error.type)
            _give_up(machine, sa, "Initial exchange failed", message.error.type)
        else:
            self._accepted(machine, sa, message)

    def _other_group(self, machine: Machine, sa: IkeSa, group: int) -> None:
        offered = {each for own in machine.configuration.proposals(sa.local.address) for each in own.groups}
        assert sa.key_exchange is not None
        if group not in offered or group not in GROUPS or group == sa.key_exchange.group:
            machine.tell(sa, Step.INIT_REFUSED, int(Notify.INVALID_KE_PAYLOAD))
            _give_up(machine, sa, "Initial exchange failed", Notify.INVALID_KE_PAYLOAD)
            return
        machine.tell(sa, Step.OTHER_GROUP, group)
        sa.key_exchange = KeyExchange.generate(group, machine.randbytes)
        _again(machine, sa)

    def _accepted(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        assert sa.key_exchange is not None
        suite = chosen_ike(
            machine.configuration.proposals(sa.local.address), message.need(SecurityAssociation)
        )
        public, nonce = message.need(KeyExchangeData), message.need(Nonce)
        group = sa.key_exchange.group
        if suite is None or suite.group != group or public.group != group:
            machine.tell(sa, Step.INIT_REFUSED, int(Notify.NO_PROPOSAL_CHOSEN))
            _give_up(machine, sa, "Initial exchange failed")
            return
        sa.spi_r, sa.nonce_r = message.header.spi_r, nonce.data
        try:
            shared = sa.key_exchange.shared(public.data)
        except ValueError:
            _give_up(machine, sa, "Initial exchange failed")
            return
        machine.tell(sa, Step.INIT_VERIFIED)
        _judge_nat(machine, sa, message)
        if machine.configuration.signs(sa.profile):
            _note_signatures(sa, message)
        seed = skeyseed(suite.prf, sa.nonce_i + sa.nonce_r, shared)
        machine.use_keys(sa, IkeKeys.derive(suite, seed, sa.nonce_i + sa.nonce_r, sa.spi_i + sa.spi_r))
        machine.tell(sa, Step.KEYS_MADE, group)
        _note_fragments(machine, sa, message)
        if sa.nat.found:
            machine.move_to(sa, Endpoint(sa.local.address, FLOAT_PORT), Endpoint(sa.peer.address, FLOAT_PORT))
        machine.tell(sa, Step.INIT_DONE)
        eap.begin(machine, sa)

    def failed(self, machine: Machine, sa: IkeSa, reason: str) -> None:
        """Told by whoever waits for the SA."""
        machine.tell(sa, Step.FAILED, "Initial exchange")


def _again(machine: Machine, sa: IkeSa) -> None:
    sa.retries += 1
    if sa.retries > MOST_RETRIES:
        _give_up(machine, sa, "Initial exchange failed")
        return
    _send(machine, sa)


def _give_up(machine: Machine, sa: IkeSa, reason: str, refusal: int | None = None) -> None:
    machine.tell(sa, Step.FAILED, "Initial exchange")
    waiting, sa.requests = sa.requests, []
    for request in waiting:
        machine.fail(sa, request, reason, refusal)
    machine.remove(sa, reason)


def _judge_nat(machine: Machine, sa: IkeSa, message: Message) -> None:
    if machine.configuration.nat_traversal():
        sa.nat = nat.detect(message, sa.local, sa.peer)
    if not sa.nat.found:
        machine.counters.no_nat += 1
    elif sa.nat.local:
        machine.counters.nat_inside += 1
    else:
        machine.counters.nat_outside += 1
    machine.tell(sa, Step.NAT_CHECKED, sa.nat)


def _note_signatures(sa: IkeSa, message: Message) -> None:
    """What the peer believes, and which digests it takes."""
    sa.authorities = certificates.authorities_of(message.all(CertificateRequest))
    hashes = message.notification(Notify.SIGNATURE_HASH_ALGORITHMS)
    sa.hashes = signatures.announced(hashes.data) if hashes is not None else ()


def _note_fragments(machine: Machine, sa: IkeSa, message: Message) -> None:
    offered = message.notification(Notify.IKEV2_FRAGMENTATION_SUPPORTED) is not None
    sa.fragments = offered and bool(machine.configuration.fragmentation())


# The responder.


def receive(machine: Machine, message: Message, data: bytes, local: Endpoint, peer: Endpoint) -> None:
    """Answer a first request; raises `MalformedMessage` when it is none."""
    header = message.header
    if header.spi_r != bytes(8) or header.message_id or not header.initiator:
        raise MalformedMessage("no first request")
    known = machine.sas.by_offer(header.spi_i, peer.address)
    if known is not None and known.peer == peer:
        if known.first_request == data:
            machine.transmit(known, known.first_response)
        return
    machine.report_received(None, local, peer, header, message.payloads)
    offered, public, nonce = (
        message.need(SecurityAssociation),
        message.need(KeyExchangeData),
        message.need(Nonce),
    )
    if not _cookie_settled(machine, message, nonce.data, local, peer):
        return
    if not machine.admit(incoming=True):
        machine.tell(None, Step.DENIED, peer.address)
        return
    machine.tell(None, Step.POLICY_SEARCH, local.address)
    chosen = choose_ike(machine.configuration.proposals(local.address), offered)
    if chosen is None:
        machine.tell(None, Step.INIT_REFUSED, int(Notify.NO_PROPOSAL_CHOSEN))
        _refuse(machine, header, local, peer, error(Notify.NO_PROPOSAL_CHOSEN))
        return
    proposal, suite = chosen
    if public.group != suite.group:
        machine.tell(None, Step.OTHER_GROUP, suite.group)
        wanted = error(Notify.INVALID_KE_PAYLOAD, suite.group.to_bytes(2, "big"))
        _refuse(machine, header, local, peer, wanted)
        return
    if len(nonce.data) * 2 < PRF_LENGTHS[suite.prf]:
        raise MalformedMessage("nonce is shorter than half the key of the PRF")
    own = KeyExchange.generate(suite.group, machine.randbytes)
    try:
        shared = own.shared(public.data)
    except ValueError:
        raise MalformedMessage("not a public value of the group") from None
    sa = IkeSa(local, peer, Role.RESPONDER, header.spi_i, machine.randbytes(8), State.INIT_RECEIVED)
    sa.first_request, sa.nonce_i, sa.nonce_r = data, nonce.data, machine.randbytes(NONCE_LENGTH)
    machine.insert(sa)
    sa.half_open_until = machine.now + HALF_OPEN
    machine.tell(sa, Step.INIT_VERIFIED)
    _judge_nat(machine, sa, message)
    _note_fragments(machine, sa, message)
    answer: list[Payload] = [
        ike_answer(proposal, suite),
        KeyExchangeData(own.group, own.public),
        Nonce(sa.nonce_r),
    ]
    answer += _extras(machine, sa, fragments=sa.fragments)
    if machine.configuration.signs(None):
        _note_signatures(sa, message)
        if message.notification(Notify.SIGNATURE_HASH_ALGORITHMS) is not None:
            answer.append(Notification(Notify.SIGNATURE_HASH_ALGORITHMS, signatures.ANNOUNCED))
        answer += certificates.asking(machine, machine.configuration.authorities(None))
    sa.first_response = machine.respond(sa, header, answer)
    seed = skeyseed(suite.prf, sa.nonce_i + sa.nonce_r, shared)
    machine.use_keys(sa, IkeKeys.derive(suite, seed, sa.nonce_i + sa.nonce_r, sa.spi_i + sa.spi_r))
    machine.tell(sa, Step.KEYS_MADE, suite.group)
    machine.tell(sa, Step.INIT_DONE)
    sa.expected = 1


def _refuse(
    machine: Machine, asked: Header, local: Endpoint, peer: Endpoint, notification: Notification
) -> None:
    """Answer without an SA."""
    header = Header(asked.spi_i, bytes(8), asked.exchange, asked.message_id, response=True)
    machine.counters.exchange("IKE_SA_INIT", sent=True, response=True)
    machine.counters.notification(notification.type, sent=True, response=True)
    machine.send(local, peer, clear_message(header, [notification]))


def _cookie_settled(
    machine: Machine, message: Message, nonce: bytes, local: Endpoint, peer: Endpoint
) -> bool:
    """Whether the request may go on: few are half open, or it has the cookie that was asked for (RFC 7296, 2.6)."""
    threshold = machine.configuration.limits().cookie_threshold
    if not threshold or machine.sas.half_open < threshold:
        return True
    if machine.now - machine.cookie_made >= COOKIE_LIFE:
        machine.cookie_secret, machine.cookie_made = machine.randbytes(20), machine.now
    bound = nonce + peer.address.packed + message.header.spi_i
    cookie = hmac.digest(machine.cookie_secret, bound, "sha256")
    counters = machine.counters
    counters.challenged += 1
    given = message.notification(Notify.COOKIE)
    if given is not None and hmac.compare_digest(given.data, cookie):
        counters.challenge_accepted += 1
        return True
    if given is None:
        counters.challenge_missing += 1
    else:
        counters.challenge_rejected += 1
    machine.tell(None, Step.COOKIE_ASKED)
    _refuse(machine, message.header, local, peer, Notification(Notify.COOKIE, cookie))
    return False
