"""IKE_AUTH by EAP (RFC 7296, 2.16): the initiator proves itself by a method that an AAA server knows.

Initiator                              Responder
HDR, SK {IDi, [CERTREQ,] SAi2, TSi, TSr} -->
                                  <--  HDR, SK {IDr, [CERT,] AUTH, EAP}
HDR, SK {EAP}                     -->
                                  <--  HDR, SK {EAP}                       as often as the method wants
                                  <--  HDR, SK {EAP (success)}
HDR, SK {AUTH}                    -->
                                  <--  HDR, SK {AUTH, SAr2, TSi, TSr}

AUTH of both is made with the key that the method gives, or, where it gives none, with SK_pi and SK_pr.
"""

from __future__ import annotations

from iosemu.ikev2 import auth
from iosemu.ikev2.configuration import EapAsking, EapStep
from iosemu.ikev2.events import Step
from iosemu.ikev2.machine import Machine
from iosemu.ikev2.message import Message
from iosemu.ikev2.numbers import ExchangeType
from iosemu.ikev2.payloads import (
    Authentication,
    EapMessage,
    Identification,
    MalformedMessage,
    Payload,
)
from iosemu.ikev2.sa import EapState, IkeSa, Role, State
from iosemu.ikev2.tasks import QueuedTask
from iosemu.packets.eap import EapCode, EapPacket
from iosemu.packets.errors import MalformedPacket

MOST_ROUNDS = 32


def _secret(sa: IkeSa, key: bytes, *, initiator: bool) -> bytes:
    """What AUTH of the initiator, or the responder, is made with."""
    assert sa.keys is not None
    return key or (sa.keys.sk_pi if initiator else sa.keys.sk_pr)


# The responder.


def answer(machine: Machine, sa: IkeSa, message: Message) -> None:
    """A request of IKE_AUTH: without AUTH the initiator wants EAP."""
    if sa.eap is None and message.first(Authentication) is not None:
        auth.answer(machine, sa, message)
    elif sa.eap is None:
        _begin(machine, sa, message)
    elif sa.eap.accepted:
        _proved(machine, sa, sa.eap, message)
    else:
        _go_on(machine, sa, sa.eap, message)


def _ask(machine: Machine, sa: IkeSa, said: bytes | None) -> EapStep:
    assert sa.profile is not None
    assert sa.peer_identity is not None
    return machine.configuration.eap(
        EapAsking(sa.session, sa.profile, sa.peer_identity, sa.peer.address, said)
    )


def _begin(machine: Machine, sa: IkeSa, message: Message) -> None:
    identity = auth.identify(machine, sa, message)
    if sa.profile is None or not machine.configuration.verifies(sa.profile, "EAP"):
        auth.refuse(machine, sa, message.header)
        return
    step = _ask(machine, sa, None)
    proved = auth.prove(machine, sa, identity) if not step.done else None
    if proved is None:
        auth.refuse(machine, sa, message.header)
        return
    sa.eap = EapState(message)
    _wait(machine, sa)
    machine.tell(sa, Step.EAP_REQUEST)
    machine.respond(sa, message.header, [*proved, EapMessage(step.packet)])


def _wait(machine: Machine, sa: IkeSa) -> None:
    """The initiator has so long to go on."""
    assert sa.profile is not None
    sa.half_open_until = machine.now + machine.configuration.eap_timeout(sa.profile)


def _go_on(machine: Machine, sa: IkeSa, state: EapState, message: Message) -> None:
    said = message.need(EapMessage)
    machine.tell(sa, Step.EAP_RESPONSE)
    step = _ask(machine, sa, said.data)
    state.rounds += 1
    if state.rounds > MOST_ROUNDS or (step.done and not step.accepted):
        machine.tell(sa, Step.AUTH_FAILED)
        machine.respond(sa, message.header, [EapMessage(step.packet)])
        machine.remove(sa, auth.FAILED)
        return
    if step.accepted:
        state.accepted, state.key, sa.user = True, step.key, step.user
    else:
        machine.tell(sa, Step.EAP_REQUEST)
    _wait(machine, sa)
    machine.respond(sa, message.header, [EapMessage(step.packet)])


def _proved(machine: Machine, sa: IkeSa, state: EapState, message: Message) -> None:
    """EAP has succeeded: AUTH binds it to this IKE SA."""
    wanted = state.first
    claimed = next(each for each in wanted.all(Identification) if not each.responder)
    secret = _secret(sa, state.key, initiator=True)
    if not auth.auth_fits(sa, message.need(Authentication), claimed, secret, initiator=True):
        auth.refuse(machine, sa, message.header)
        return
    sa.peer_method = "EAP"
    own = sa.own_identity
    assert own is not None
    said = Identification(own.type, own.data, responder=True)
    mine = _secret(sa, state.key, initiator=False)
    auth.finish(machine, sa, message.header, wanted, lambda: [auth.own_auth(sa, mine, said)])
    sa.eap = None


# The initiator.


def begin(machine: Machine, sa: IkeSa) -> None:
    """Authenticate by EAP where the profile says so, and ask for the first child SA that is wanted."""
    machine.sas.move(sa, State.AUTH_SENT)
    request = sa.requests.pop(0) if sa.requests else None
    assert sa.profile is not None
    by_eap = machine.configuration.by_eap(sa.profile)
    machine.begin(sa, EapRequest(request) if by_eap else auth.AuthRequest(request))


class EapRequest(auth.AuthRequest):
    """The first request, without AUTH."""

    def believed(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The responder has proved who it is, and asks by EAP."""
        assert sa.profile is not None
        sa.eap_peer = machine.configuration.eap_peer(sa.profile)
        self.go_on(machine, sa, message)

    def reject(self, machine: Machine, sa: IkeSa) -> None:
        """The responder is not who it has to be."""
        auth.close(machine, sa)
        self.drop(machine, sa, auth.FAILED)

    def go_on(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """Answer what EAP asks; after its success prove both ends."""
        said = message.first(EapMessage)
        packet = None
        if said is not None:
            try:
                packet = EapPacket.parse(said.data)
            except MalformedPacket as problem:
                raise MalformedMessage("EAP") from problem
        if packet is not None and packet.code == EapCode.SUCCESS and sa.eap_peer is not None:
            machine.begin(sa, EapProof(self))
            return
        reply = sa.eap_peer.respond(packet) if packet is not None and sa.eap_peer is not None else None
        if reply is None:
            machine.tell(sa, Step.AUTH_FAILED)
            self.give_up(machine, sa, message)
            return
        machine.tell(sa, Step.EAP_RESPONSE)
        machine.begin(sa, EapReply(self, reply))


class EapReply(QueuedTask):
    """What the user says."""

    EXCHANGE = ExchangeType.IKE_AUTH

    def __init__(self, whole: EapRequest, packet: EapPacket) -> None:
        self.whole = whole
        self.packet = packet

    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """EAP alone."""
        return [EapMessage(self.packet.to_bytes())]

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The next step."""
        self.whole.go_on(machine, sa, message)

    def failed(self, machine: Machine, sa: IkeSa, reason: str) -> None:
        """The SA went away."""
        self.whole.drop(machine, sa, reason)


class EapProof(QueuedTask):
    """AUTH after EAP's success."""

    EXCHANGE = ExchangeType.IKE_AUTH

    def __init__(self, whole: EapRequest) -> None:
        self.whole = whole

    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """AUTH, of what EAP has made known."""
        assert sa.role is Role.INITIATOR
        own, peer = sa.own_identity, sa.eap_peer
        assert own is not None
        assert peer is not None
        said = Identification(own.type, own.data, responder=False)
        return [auth.own_auth(sa, _secret(sa, peer.key, initiator=True), said)]

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The responder knows the same, or it is nobody."""
        given, peer = message.first(Authentication), sa.eap_peer
        identity = sa.peer_identity
        if given is None or peer is None or identity is None:
            self.whole.give_up(machine, sa, message)
            return
        said = Identification(identity.type, identity.data, responder=True)
        secret = _secret(sa, peer.key, initiator=False)
        sa.eap_peer = None
        if not auth.auth_fits(sa, given, said, secret, initiator=False):
            self.whole.reject(machine, sa)
            return
        self.whole.complete(machine, sa, message)

    def failed(self, machine: Machine, sa: IkeSa, reason: str) -> None:
        """The SA went away."""
        self.whole.drop(machine, sa, reason)
