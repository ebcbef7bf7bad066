"""Aggressive mode with a pre-shared key or signatures (RFC 2409, 5.1 and 5.4).

Initiator                          Responder
HDR, SA, KE, Ni, IDii        -->
                             <--   HDR, SA, KE, Nr, IDir, HASH_R
HDR*, HASH_I                 -->

With signatures CERT, SIG stand for the hashes.
"""

from __future__ import annotations

from iosemu.ike import nat, phase1, proofs, trace, vendor
from iosemu.ike.header import MalformedMessage, NotifyType, PayloadType
from iosemu.ike.machine import Machine, Refused
from iosemu.ike.message import Message
from iosemu.ike.payloads import Identification, NatD, Payload
from iosemu.ike.sa import IsakmpSa, Role, State
from iosemu.ike.types import Authentication


def begin(machine: Machine, sa: IsakmpSa) -> bool:
    """Send the first message; False when there is nothing to authenticate with.

    One message can carry one public value and one identity only, so the policies of the first one's group and
    method are offered.
    """
    sa.state = State.AG_NO_STATE
    policies = phase1.usable_policies(machine, sa)
    if not policies:
        return False
    first = policies[0]
    kind = (first.group, first.authentication.plain)
    same = tuple(each for each in policies if (each.group, each.authentication.plain) == kind)
    offer = phase1.make_offer(sa, same)
    sa.policy = same[0]
    payloads: list[Payload] = [offer, *phase1.own_key_exchange(machine, sa)]
    payloads.append(phase1.own_identity(machine, sa, PayloadType.VENDOR_ID))
    payloads += proofs.requests(machine, sa)
    if machine.configuration.nat_traversal():
        payloads += phase1.nat_vendor_ids(machine, sa, vendor.NAT_T_OFFER)
    payloads += phase1.capability_vendor_ids(sa)
    payloads += phase1.fragment_vendor_ids(machine)
    machine.transition(sa, "FROM_IPSEC", "IKE_SA_REQ_AM", "IKE_I_AM1")
    machine.emit(trace.ExchangeBegun, sa, "Aggressive", 0)
    machine.send_phase1(sa, payloads)
    sa.state = State.AG_INIT_EXCH
    sa.exchange.step = 1
    return True


def advance(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """Take the peer's next message and answer it; raises as main mode's does."""
    if sa.role is Role.INITIATOR:
        _initiator(machine, sa, message)
    elif sa.exchange.step == 0:
        _responder_first(machine, sa, message)
    else:
        _responder_last(machine, sa, message)


def _initiator(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    machine.transition(sa, "FROM_PEER", "IKE_AM_EXCH", "IKE_I_AM2")
    public = sa.key_exchange
    phase1.accept_answer(machine, sa, message)
    assert sa.policy is not None
    if public is None or public.group != sa.policy.group:
        raise MalformedMessage(NotifyType.INVALID_KEY_INFORMATION, "group of the answer")
    machine.sas.set_responder_cookie(sa, message.header.cookie_r)
    phase1.read_vendor_ids(machine, sa, message)
    proofs.read_requests(machine, sa, message)
    phase1.read_key_exchange(machine, sa, message)
    phase1.read_identity(machine, sa, message)
    phase1.make_keys(machine, sa)
    proofs.check(machine, sa, message)
    phase1.read_natd(machine, sa, message)
    sa.state = State.AG_AUTH
    natd = phase1.natd_payloads(sa)
    if sa.nat.found:
        nat.float_ports(sa)
    contact = phase1.initial_contact_payloads(machine, sa)
    own = proofs.own(machine, sa)
    machine.send_phase1(sa, [*own, *natd, *contact], encrypted=True, awaits=False)
    sa.exchange.step = 3
    phase1.authenticated(machine, sa, message)
    machine.establish(sa)


def _responder_first(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    sa.state = State.AG_NO_STATE
    machine.transition(sa, "FROM_PEER", "IKE_AM_EXCH", "IKE_R_AM1")
    phase1.read_vendor_ids(machine, sa, message)
    message.one(Identification)
    phase1.read_identity(machine, sa, message)
    assert sa.peer_identity is not None
    key = machine.configuration.identity_key(sa.peer_identity, sa.party)
    machine.emit(trace.KeyLookup, sa, sa.peer, key is not None)
    usable = phase1.methods(machine, sa) - {Authentication.PRE_SHARE}
    sa.psk = key or b""
    if key is not None:
        usable |= phase1.extended(machine, sa, {Authentication.PRE_SHARE})
    answer = phase1.accept_offer(machine, sa, message, usable)
    proofs.read_requests(machine, sa, message)
    phase1.read_key_exchange(machine, sa, message)
    payloads: list[Payload] = [answer, *phase1.own_key_exchange(machine, sa)]
    try:
        phase1.make_keys(machine, sa)
    except MalformedMessage as error:
        raise Refused(error.notify, error.reason) from None
    payloads += [phase1.own_identity(machine, sa), *proofs.own(machine, sa), *proofs.requests(machine, sa)]
    payloads += phase1.capability_vendor_ids(sa)
    if sa.fragments:
        payloads += phase1.fragment_vendor_ids(machine)
    if sa.exchange.nat_offered:
        payloads += phase1.nat_vendor_ids(machine, sa, [vendor.RFC_3947])
        payloads += phase1.natd_payloads(sa)
    sa.state = State.AG_INIT_EXCH
    machine.send_phase1(sa, payloads)
    sa.exchange.step = 2
    machine.transition(sa, "INTERNAL", "IKE_PROCESS_COMPLETE", "IKE_R_AM2")


def _responder_last(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    proofs.check(machine, sa, message)
    if message.find(NatD) is not None:
        phase1.read_natd(machine, sa, message)
    sa.state = State.AG_AUTH
    sa.exchange.retransmission = None
    phase1.authenticated(machine, sa, message)
    sa.exchange.step = 4
    machine.establish(sa)
