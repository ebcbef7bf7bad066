"""What main mode and aggressive mode share: offers, keys, identities, proofs, NAT detection (RFC 2409, 5)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from iosemu.ike import fragments, nat, proofs, trace, vendor
from iosemu.ike.algorithms import GROUPS, KeyExchange
from iosemu.ike.header import MalformedMessage, NotifyType, PayloadType
from iosemu.ike.keys import Phase1Keys, skeyid_preshared, skeyid_signature
from iosemu.ike.machine import Machine, Refused
from iosemu.ike.message import Message
from iosemu.ike.payloads import (
    Identification,
    KeyExchangeData,
    NatD,
    Nonce,
    Notification,
    Payload,
    VendorId,
)
from iosemu.ike.proposals import AUTHENTICATION, Choice, Mismatch, choose_phase1, phase1_offer
from iosemu.ike.sa import IsakmpSa, Nat, Role
from iosemu.ike.sa_payload import DOI_GDOI, DOI_IPSEC, Proposal, SecurityAssociation, Transform
from iosemu.ike.types import Authentication, Identity, Phase1Policy, ProtocolId

NONCE_LENGTH = 20
NAMED_PROTOCOL = 17


def find_key(machine: Machine, sa: IsakmpSa) -> bool:
    """Look for the peer's pre-shared key."""
    key = machine.configuration.preshared_key(sa.party)
    machine.emit(trace.KeyLookup, sa, sa.peer, key is not None)
    sa.psk = key or b""
    return key is not None


def methods(machine: Machine, sa: IsakmpSa) -> frozenset[Authentication]:
    """How this side can authenticate: with a pre-shared key, with a certificate."""
    found = {Authentication.PRE_SHARE} if find_key(machine, sa) else set()
    if machine.configuration.proof(sa.party) is not None:
        found.add(Authentication.RSA_SIG)
    return extended(machine, sa, found)


def extended(machine: Machine, sa: IsakmpSa, found: Collection[Authentication]) -> frozenset[Authentication]:
    """The methods, and where users may be asked for their like with XAUTH."""
    if sa.client is None and not machine.configuration.extends(sa.party):
        return frozenset(found)
    more = {each for each in Authentication if each.extended and each.plain in found}
    return frozenset({*found, *more})


def usable_policies(machine: Machine, sa: IsakmpSa) -> tuple[Phase1Policy, ...]:
    """The policies this side can authenticate, of groups it can compute."""
    usable = methods(machine, sa)
    configuration = machine.configuration
    policies = configuration.policies() if sa.client is None else configuration.client_policies(sa.party)
    return tuple(policy for policy in policies if policy.authentication in usable and policy.group in GROUPS)


def _doi(sa: IsakmpSa) -> int:
    return DOI_GDOI if sa.serves_gdoi else DOI_IPSEC


def _check_doi(sa: IsakmpSa, payload: SecurityAssociation) -> None:
    """Each port has its domain of interpretation (RFC 6407, 2.1)."""
    if payload.doi != _doi(sa):
        raise MalformedMessage(NotifyType.DOI_NOT_SUPPORTED, f"DOI {payload.doi} on port {sa.local.port}")


def make_offer(sa: IsakmpSa, policies: Sequence[Phase1Policy]) -> SecurityAssociation:
    """The initiator's SA payload."""
    offer = replace(phase1_offer(policies), doi=_doi(sa))
    sa.exchange.offered_sa = offer.to_bytes()
    sa.exchange.offered_policies = tuple(policies)
    return offer


def _choose(
    machine: Machine,
    sa: IsakmpSa,
    offer: SecurityAssociation,
    policies: Sequence[Phase1Policy],
    usable: Collection[Authentication],
) -> Choice | None:
    def report(transform: Transform, policy: Phase1Policy, mismatch: Mismatch | None, following: int) -> None:
        attributes = tuple(attribute.triple for attribute in transform.attributes)
        machine.emit(trace.PolicyCheck, sa, transform.number, attributes, policy, mismatch, following)

    choice = choose_phase1(offer, policies, usable, report if machine.heard() else None)
    if choice is not None:
        sa.policy = choice.policy
        sa.lifetime = choice.lifetime
        sa.extended = Authentication(choice.transform.get(AUTHENTICATION) or 0).extended
        machine.emit(trace.LifetimeAgreed, sa, choice.lifetime, choice.basic)
    return choice


def accept_offer(
    machine: Machine, sa: IsakmpSa, message: Message, usable: Collection[Authentication]
) -> SecurityAssociation:
    """Responder: choose from the offer; the SA payload that answers it, or `Refused`."""
    offer = message.one(SecurityAssociation)
    _check_doi(sa, offer)
    sa.exchange.offered_sa = message.body(SecurityAssociation)
    policies = [policy for policy in machine.configuration.policies() if policy.group in GROUPS]
    choice = _choose(machine, sa, offer, policies, usable)
    if choice is None:
        machine.emit(trace.OfferRefused, sa, 1)
        raise Refused(NotifyType.NO_PROPOSAL_CHOSEN, "Phase1 SA policy proposal not accepted")
    if sa.lifetime < (choice.offered_lifetime or 0):
        sa.exchange.lifetime_shortened = True
    proposal = choice.proposal
    return SecurityAssociation(
        (Proposal(proposal.number, ProtocolId.ISAKMP, proposal.spi, (choice.transform,)),), offer.doi
    )


def accept_answer(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """Initiator: the answer must be one of what was offered; `MalformedMessage` otherwise."""
    answer = message.one(SecurityAssociation)
    _check_doi(sa, answer)
    transforms = [transform for proposal in answer.proposals for transform in proposal.transforms]
    if len(transforms) != 1:
        raise MalformedMessage(NotifyType.BAD_PROPOSAL_SYNTAX, "not one transform in the answer")
    if _choose(machine, sa, answer, sa.exchange.offered_policies, tuple(Authentication)) is None:
        machine.emit(trace.OfferRefused, sa, 1)
        raise MalformedMessage(NotifyType.NO_PROPOSAL_CHOSEN, "the answer was not offered")


def read_vendor_ids(machine: Machine, sa: IsakmpSa, message: Message, *, again: bool = False) -> None:
    """Note what the peer can; `again`: IOS passes over them once more when the offer was judged."""
    cookie = message.header.cookie_r if sa.role is Role.INITIATOR else message.header.cookie_i
    for payload in message.all(VendorId):
        if machine.heard():
            machine.emit(trace.VendorIdReceived, sa, payload.data, vendor.name(payload.data, cookie), again)
        if again:
            continue
        if fragments.announces(payload.data):
            sa.fragments = machine.configuration.fragmentation()
        if payload.data == vendor.DPD:
            sa.dpd = True
        if payload.data == vendor.RFC_3947 and machine.configuration.nat_traversal():
            sa.exchange.nat_offered = True


def nat_vendor_ids(machine: Machine, sa: IsakmpSa, vendor_ids: Sequence[bytes]) -> list[Payload]:
    """NAT-T vendor IDs to send."""
    for vendor_id in vendor_ids:
        machine.emit(trace.VendorIdSent, sa, vendor_id, vendor.NAMES[vendor_id])
    return [VendorId(vendor_id) for vendor_id in vendor_ids]


def fragment_vendor_ids(machine: Machine) -> list[Payload]:
    """That this side takes messages in fragments, where it does."""
    return [VendorId(fragments.OWN_VENDOR_ID)] if machine.configuration.fragmentation() else []


def capability_vendor_ids(sa: IsakmpSa) -> list[Payload]:
    """The vendor IDs that go with the key exchange: those of IOS, in its order by role."""
    if sa.role is Role.INITIATOR:
        box = vendor.ios_box(sa.cookie_i, sa.cookie_r)
        known = [vendor.DPD, box, vendor.XAUTH]
        return [VendorId(each) for each in ([vendor.UNITY] if sa.client is not None else []) + known]
    box = vendor.ios_box(sa.cookie_r, sa.cookie_i)
    known = [vendor.UNITY, vendor.DPD, box]
    return [VendorId(each) for each in known + ([vendor.XAUTH] if sa.extended else [])]


def own_key_exchange(machine: Machine, sa: IsakmpSa) -> list[Payload]:
    """KE and NONCE of this side."""
    assert sa.policy is not None
    sa.key_exchange = KeyExchange.generate(sa.policy.group, machine.randbytes)
    nonce = machine.randbytes(NONCE_LENGTH)
    if sa.role is Role.INITIATOR:
        sa.exchange.initiator_public, sa.exchange.initiator_nonce = sa.key_exchange.public, nonce
    else:
        sa.exchange.responder_public, sa.exchange.responder_nonce = sa.key_exchange.public, nonce
    return [KeyExchangeData(sa.key_exchange.public), Nonce(nonce)]


def read_key_exchange(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """KE and NONCE of the peer."""
    public, nonce = message.one(KeyExchangeData).data, message.one(Nonce).data
    machine.emit(trace.PayloadProcessed, sa, int(KeyExchangeData.TYPE), 0)
    machine.emit(trace.PayloadProcessed, sa, int(Nonce.TYPE), 0)
    if sa.role is Role.INITIATOR:
        sa.exchange.responder_public, sa.exchange.responder_nonce = public, nonce
    else:
        sa.exchange.initiator_public, sa.exchange.initiator_nonce = public, nonce


def make_keys(machine: Machine, sa: IsakmpSa) -> None:
    """SKEYID and all that follows; the SA gets its conn-id. `MalformedMessage` for a bad public value."""
    assert sa.key_exchange is not None
    assert sa.policy is not None
    exchange = sa.exchange
    peer_public = exchange.responder_public if sa.role is Role.INITIATOR else exchange.initiator_public
    try:
        shared = sa.key_exchange.shared(peer_public)
    except ValueError as error:
        raise MalformedMessage(NotifyType.INVALID_KEY_INFORMATION, str(error)) from None
    nonces = exchange.initiator_nonce, exchange.responder_nonce
    if sa.policy.authentication is Authentication.RSA_SIG:
        skeyid = skeyid_signature(sa.policy.hash, *nonces, shared)
    else:
        skeyid = skeyid_preshared(sa.policy.hash, sa.psk, *nonces)
    sa.keys = Phase1Keys(
        sa.policy.hash,
        sa.policy.encryption,
        sa.policy.key_bits,
        skeyid,
        shared,
        sa.cookie_i + sa.cookie_r,
        exchange.initiator_public + exchange.responder_public,
    )
    sa.iv = sa.keys.first_iv
    machine.keyed.append(sa)
    if sa.conn_id == 0:
        machine.assign_conn_id(sa)


def natd_payloads(sa: IsakmpSa) -> list[Payload]:
    """NAT-D payloads: the peer's endpoint first, then the own one."""
    if not sa.exchange.nat_offered:
        return []
    return [NatD(nat.natd_hash(sa, sa.peer)), NatD(nat.natd_hash(sa, sa.local))]


def read_natd(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """Detect NAT from the peer's NAT-D payloads."""
    received = tuple(payload.data for payload in message.all(NatD))
    if not sa.exchange.nat_offered or not received:
        sa.nat = Nat()
        return
    sa.nat = nat.detect(sa, received)
    machine.emit(trace.NatDetection, sa, sa.nat.local, sa.nat.peer)


def own_identity(machine: Machine, sa: IsakmpSa, following: PayloadType = PayloadType.HASH) -> Identification:
    """The ID payload of this side: UDP port 500, or 0 once NAT was found."""
    proof = proofs.choose(machine, sa)
    if proof is None:
        identity = machine.configuration.identity(sa.party)
    else:
        identity, following = machine.configuration.signer_identity(sa.party, proof), PayloadType.CERT
    port = sa.local.port if sa.serves_gdoi else nat.PORT
    payload = Identification(identity.type, NAMED_PROTOCOL, 0 if sa.nat.found else port, identity.data)
    if sa.role is Role.INITIATOR:
        sa.exchange.initiator_identity = payload.to_bytes()
    else:
        sa.exchange.responder_identity = payload.to_bytes()
    machine.emit(trace.IdentitySent, sa, identity, payload.protocol, payload.port, int(following))
    return payload


def read_identity(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """The ID payload of the peer."""
    payload = message.one(Identification)
    machine.emit(trace.PayloadProcessed, sa, int(Identification.TYPE), 0)
    body = message.body(Identification)
    if (payload.protocol, payload.port) not in ((0, 0), (17, 0), (17, 500), (17, 848), (17, 4500)):
        raise MalformedMessage(NotifyType.INVALID_ID_INFORMATION, "phase 1 ID is not of IKE")
    sa.peer_identity = Identity(payload.type, payload.data)
    if sa.role is Role.INITIATOR:
        sa.exchange.responder_identity = body
    else:
        sa.exchange.initiator_identity = body
    following = message.following(Identification)
    machine.emit(trace.IdentityReceived, sa, sa.peer_identity, payload.protocol, payload.port, following)
    if sa.profile is None:
        held = proofs.certificates(message)
        sa.profile = machine.configuration.profile(sa.peer_identity, sa.party, held)
    machine.emit(trace.ProfileMatched, sa, sa.profile)


def authenticated(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """The peer is who it says; its notifications in the same message count."""
    for notification in message.all(Notification):
        machine.emit(
            trace.NotifyReceived,
            sa,
            0,
            notification.type,
            notification.protocol,
            notification.spi,
            authenticated=True,
        )
    machine.emit(trace.Authenticated, sa)
    if any(each.type == NotifyType.INITIAL_CONTACT for each in message.all(Notification)):
        machine.initial_contact(sa)


def initial_contact_payloads(machine: Machine, sa: IsakmpSa) -> list[Payload]:
    """INITIAL-CONTACT where no other SA with the peer exists (RFC 2407, 4.6.3.3)."""
    peer = sa.peer.address
    others = any(other is not sa for other in machine.sas.up(peer))
    if others or machine.configuration.has_children(peer):
        return []
    machine.emit(trace.InitialContactSent, sa)
    spi = sa.cookie_i + sa.cookie_r
    return [Notification(ProtocolId.ISAKMP, NotifyType.INITIAL_CONTACT, spi)]
