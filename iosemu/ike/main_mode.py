"""Main mode with a pre-shared key or signatures, as two arrays of six steps (RFC 2409, 5.1 and 5.4).

Initiator                    Responder
HDR, SA, VID           -->
                       <--   HDR, SA, VID
HDR, KE, Ni, NAT-D     -->
                       <--   HDR, KE, Nr, NAT-D
HDR*, IDii, HASH_I     -->
                       <--   HDR*, IDir, HASH_R

With signatures KE and nonce may ask for certificates (CR), and CERT, SIG stand for the hash.
"""

from __future__ import annotations

from collections.abc import Callable

from iosemu.ike import nat, phase1, proofs, trace, vendor
from iosemu.ike.machine import Machine
from iosemu.ike.message import Message
from iosemu.ike.payloads import Payload
from iosemu.ike.sa import IsakmpSa, Role, State
from iosemu.ike.sa_payload import SecurityAssociation

Step = Callable[[Machine, IsakmpSa, Message], None]


def begin(machine: Machine, sa: IsakmpSa) -> bool:
    """Send the first message; False when there is nothing to authenticate with."""
    policies = phase1.usable_policies(machine, sa)
    if not policies:
        return False
    offer: list[Payload] = [phase1.make_offer(sa, policies)]
    if machine.configuration.nat_traversal():
        offer += phase1.nat_vendor_ids(machine, sa, vendor.NAT_T_OFFER)
    offer += phase1.fragment_vendor_ids(machine)
    machine.transition(sa, "FROM_IPSEC", "IKE_SA_REQ_MM", "IKE_I_MM1")
    machine.emit(trace.ExchangeBegun, sa, "Main", 0)
    machine.send_phase1(sa, offer)
    sa.exchange.step = 1
    return True


def _initiator_receives_sa(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    machine.emit(trace.PayloadProcessed, sa, int(SecurityAssociation.TYPE), 0)
    phase1.read_vendor_ids(machine, sa, message)
    if sa.psk:
        machine.emit(trace.KeyLookup, sa, sa.peer, found=True)
    phase1.accept_answer(machine, sa, message)
    phase1.read_vendor_ids(machine, sa, message, again=True)


def _initiator_sends_ke(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    machine.sas.set_responder_cookie(sa, message.header.cookie_r)
    sa.state = State.MM_SA_SETUP
    payloads = [*phase1.own_key_exchange(machine, sa), *proofs.requests(machine, sa)]
    machine.send_phase1(sa, [*payloads, *phase1.capability_vendor_ids(sa), *phase1.natd_payloads(sa)])


def _receives_ke(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    phase1.read_key_exchange(machine, sa, message)
    if sa.role is Role.INITIATOR:
        phase1.make_keys(machine, sa)
    elif not sa.conn_id:
        machine.assign_conn_id(sa)
    proofs.read_requests(machine, sa, message)
    phase1.read_vendor_ids(machine, sa, message)
    phase1.read_natd(machine, sa, message)


def _initiator_sends_auth(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    if sa.nat.found:
        nat.float_ports(sa)
    contact = phase1.initial_contact_payloads(machine, sa)
    identity = phase1.own_identity(machine, sa)
    sa.state = State.MM_KEY_EXCH
    machine.send_phase1(sa, [identity, *proofs.own(machine, sa), *contact], encrypted=True)


def _receives_auth(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    phase1.read_identity(machine, sa, message)
    proofs.check(machine, sa, message)
    if sa.role is Role.INITIATOR:
        sa.state = State.MM_KEY_AUTH
    phase1.authenticated(machine, sa, message)


def _responder_receives_sa(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    machine.emit(trace.PayloadProcessed, sa, int(SecurityAssociation.TYPE), 0)
    phase1.read_vendor_ids(machine, sa, message)
    sa.exchange.answer = phase1.accept_offer(machine, sa, message, phase1.methods(machine, sa))
    phase1.read_vendor_ids(machine, sa, message, again=True)


def _responder_sends_sa(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    assert sa.exchange.answer is not None
    answer: list[Payload] = [sa.exchange.answer]
    if sa.exchange.nat_offered:
        answer += phase1.nat_vendor_ids(machine, sa, [vendor.RFC_3947])
    if sa.fragments:
        answer += phase1.fragment_vendor_ids(machine)
    sa.state = State.MM_SA_SETUP
    machine.send_phase1(sa, answer)


def _responder_sends_ke(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    payloads = [*phase1.own_key_exchange(machine, sa), *proofs.requests(machine, sa)]
    phase1.make_keys(machine, sa)
    sa.state = State.MM_KEY_EXCH
    machine.send_phase1(sa, [*payloads, *phase1.capability_vendor_ids(sa), *phase1.natd_payloads(sa)])


def _responder_sends_auth(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    identity = phase1.own_identity(machine, sa)
    machine.send_phase1(sa, [identity, *proofs.own(machine, sa)], encrypted=True, awaits=False)


INITIATOR: tuple[Step | None, ...] = (
    None,  # the first message is sent by `begin`
    _initiator_receives_sa,
    _initiator_sends_ke,
    _receives_ke,
    _initiator_sends_auth,
    _receives_auth,
)
RESPONDER: tuple[Step | None, ...] = (
    _responder_receives_sa,
    _responder_sends_sa,
    _receives_ke,
    _responder_sends_ke,
    _receives_auth,
    _responder_sends_auth,
)


LAST = 5
"""The step at which the initiator awaits the last message."""


def arrive(machine: Machine, sa: IsakmpSa) -> None:
    """The peer's next message is here, whatever it may be worth; the last one counts once it is authentic."""
    if sa.exchange.step == LAST:
        return
    state = f"IKE_{sa.role.value}_MM{sa.exchange.step + 1}"
    if sa.fsm != state:
        machine.transition(sa, "FROM_PEER", "IKE_MM_EXCH", state)


def advance(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """Take the peer's next message and answer it.

    Raises `MalformedMessage` (the message counts for nothing), `Postponed` (not yet), `Refused` (the SA's end).
    """
    steps = INITIATOR if sa.role is Role.INITIATOR else RESPONDER
    letter = sa.role.value
    number = sa.exchange.step + 1
    arrive(machine, sa)
    receive = steps[sa.exchange.step]
    assert receive is not None
    receive(machine, sa, message)
    sa.exchange.bad_messages = 0
    if number == 6:
        machine.transition(sa, "FROM_PEER", "IKE_MM_EXCH", "IKE_I_MM6")
        machine.transition(sa, "INTERNAL", "IKE_PROCESS_MAIN_MODE", sa.fsm)
        machine.establish(sa)
        return
    machine.transition(sa, "INTERNAL", "IKE_PROCESS_MAIN_MODE", sa.fsm)
    send = steps[number]
    assert send is not None
    send(machine, sa, message)
    sa.exchange.step += 2
    if number == 5:
        machine.establish(sa)
    else:
        machine.transition(sa, "INTERNAL", "IKE_PROCESS_COMPLETE", f"IKE_{letter}_MM{number + 1}")
