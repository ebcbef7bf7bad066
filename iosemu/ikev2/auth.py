"""IKE_AUTH with pre-shared keys or signatures, and the first child SA (RFC 7296, 1.2 and 2.15).

Initiator                              Responder
HDR, SK {IDi, [CERT, CERTREQ,] AUTH, SAi2, TSi, TSr} -->
                                  <--  HDR, SK {IDr, [CERT,] AUTH, SAr2, TSi, TSr}
                                  <--  HDR, SK {IDr, AUTH, N(error)}       the child SA is refused
                                  <--  HDR, SK {N(AUTHENTICATION_FAILED)}
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from iosemu.ike.proof import X509_SIGNATURE, Postponed
from iosemu.ike.types import ChildRequest, Identity
from iosemu.ikev2 import certificates, children, duplicates, mode_config, signatures, vendor
from iosemu.ikev2.children import Agreement, Refused
from iosemu.ikev2.configuration import Client
from iosemu.ikev2.events import Step
from iosemu.ikev2.informational import DeleteChild, DeleteSa
from iosemu.ikev2.machine import Machine, error
from iosemu.ikev2.message import Header, Message
from iosemu.ikev2.numbers import (
    APPLICATION_VERSION,
    AuthMethod,
    ConfigType,
    ExchangeType,
    Notify,
    Protocol,
)
from iosemu.ikev2.payloads import (
    Authentication,
    CertificateData,
    CertificateRequest,
    Configuration,
    Identification,
    MalformedMessage,
    Notification,
    Payload,
    VendorId,
)
from iosemu.ikev2.sa import IkeSa, Role, State
from iosemu.ikev2.tasks import QueuedTask
from iosemu.pki.ecdsa import EcKeyPair

ASKED_ATTRIBUTES = (28675, 28672, 28681, 28674)
"""split-dns, banner, backup-gateway, def-domain: what IOS asks for beside the version."""
FAILED = "Auth exchange failed"
"""Why an SA is removed that comes to nothing here."""


class AuthRequest(QueuedTask):
    """The request of IKE_AUTH."""

    EXCHANGE = ExchangeType.IKE_AUTH

    def __init__(self, request: ChildRequest | None) -> None:
        self.request = request
        self.spi = b""

    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """Identity, AUTH, the offer."""
        assert sa.profile is not None
        configuration = machine.configuration
        proved = prove(machine, sa, None)
        if proved is None:
            machine.tell(sa, Step.NO_KEY, None)
            self.give_up(machine, sa)
            return None
        asked: tuple[tuple[int, bytes], ...] = ((APPLICATION_VERSION, configuration.application_version()),)
        tag = self.request.tag if self.request is not None else None
        asked += configuration.asks(sa.profile, tag)
        made: list[Payload] = [
            VendorId(vendor.AUTH),
            *proved,
            Configuration(ConfigType.REQUEST, (*asked, *((each, b"") for each in ASKED_ATTRIBUTES))),
        ]
        transport = False
        if self.request is not None:
            self.spi = machine.new_spi()
            offer, selectors = children.asking(self.request, self.spi, None)
            machine.tell(sa, Step.OFFERED, offer.proposals)
            made += [offer, *selectors]
            transport = children.wants_transport(children.offered(self.request))
        if not any(other.up for other in machine.sas.with_peer(sa.peer.address)):
            made.append(Notification(Notify.INITIAL_CONTACT))
        made += children.notices(transport=transport)
        made.append(_window(machine))
        return made + children.capabilities()

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The peer is authenticated."""
        if message.first(Authentication) is None:
            found = message.error
            machine.tell(sa, Step.INIT_REFUSED, found.type if found is not None else 0)
            self.give_up(machine, sa, message)
            return
        identity = self._identify(machine, sa, message)
        if identity is None or not _peer_proves(machine, sa, message, identity, initiator=False):
            self.reject(machine, sa)
            return
        self.believed(machine, sa, message)

    def believed(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The responder has proved who it is, as this side has before."""
        self.complete(machine, sa, message)

    def complete(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """Both ends are authenticated: look at the rest of the answer, the child SA last."""
        _note_window(sa, message)
        machine.establish(sa)
        told = message.first(Configuration)
        if told is not None and told.type == ConfigType.REPLY:
            mode_config.take(machine, sa, told, self.request.tag if self.request is not None else None)
        self._child(machine, sa, message)
        duplicates.check(machine, sa)

    def _identify(self, machine: Machine, sa: IkeSa, message: Message) -> Identity | None:
        """Who the responder says it is; None: nobody that the profile is about."""
        found = next((each for each in message.all(Identification) if each.responder), None)
        if found is None:
            raise MalformedMessage("no IDr payload")
        given = certificates.of(machine, message)
        identity = sa.peer_identity = Identity(found.type, found.data)
        machine.tell(sa, Step.PEER_IDENTIFIED, identity)
        assert sa.profile is not None
        if not machine.configuration.accepts(sa.profile, identity, given):
            machine.tell(sa, Step.PROFILE_FOUND, None)
            return None
        machine.tell(sa, Step.PROFILE_FOUND, sa.profile)
        return identity

    def _child(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """Look at the child SA of the answer."""
        request, self.request = self.request, None
        refused = message.error
        if request is None:
            return
        accepted = None
        if refused is None:
            accepted = children.accept_answer(sa, request, message, None)
        stranger = accepted is not None and not children.admitted(machine, sa, request)
        if accepted is None or stranger:
            number = refused.type if refused is not None else int(Notify.NO_PROPOSAL_CHOSEN)
            machine.tell(sa, Step.CHILD_REFUSED, number)
            machine.fail(sa, request, "child SA refused", number)
            if stranger or not sa.requests:
                # IOS does not keep an IKE SA without any child SA
                machine.begin(sa, DeleteChild(Protocol.ESP, int.from_bytes(self.spi), unmade=True))
            machine.release_spi(self.spi)
            return
        suite, peer_spi, local, remote = accepted
        nonces = sa.nonce_i + sa.nonce_r
        lives = (request.lifetime_seconds, request.lifetime_kilobytes)
        what = Agreement(
            self.spi, peer_spi, suite, local, remote, nonces, b"", None, *lives, request.tag, initiator=True
        )
        children.install(machine, sa, what, usable=True)
        machine.done(request)

    def failed(self, machine: Machine, sa: IkeSa, reason: str) -> None:
        """The SA went away."""
        self.drop(machine, sa, reason)

    def reject(self, machine: Machine, sa: IkeSa) -> None:
        """The responder is not who it has to be."""
        close(machine, sa)
        request, self.request = self.request, None
        if request is not None:
            machine.fail(sa, request, FAILED)
        machine.release_spi(self.spi)

    def drop(self, machine: Machine, sa: IkeSa, reason: str, refusal: int | None = None) -> None:
        """Nothing will come of what was asked for."""
        request, self.request = self.request, None
        if request is not None:
            machine.tell(sa, Step.FAILED, "Auth exchange")
            machine.release_spi(self.spi)
            machine.fail(sa, request, reason, refusal)

    def give_up(self, machine: Machine, sa: IkeSa, message: Message | None = None) -> None:
        """The SA comes to nothing; the peer's answer may say why."""
        found = message.error if message is not None else None
        self.drop(machine, sa, FAILED, found.type if found is not None else None)
        machine.remove(sa, FAILED)


def close(machine: Machine, sa: IkeSa) -> None:
    """The responder is not believed, and takes the SA for established: it is told (RFC 7296, 2.21.2)."""
    machine.tell(sa, Step.AUTH_FAILED)
    machine.sas.move(sa, State.CLOSING)
    machine.begin(sa, DeleteSa(FAILED, error(Notify.AUTHENTICATION_FAILED)))


def _window(machine: Machine) -> Notification:
    return Notification(Notify.SET_WINDOW_SIZE, machine.configuration.window().to_bytes(4, "big"))


def _note_window(sa: IkeSa, message: Message) -> None:
    """The peer takes so many requests at a time (RFC 7296, 2.3)."""
    found = message.notification(Notify.SET_WINDOW_SIZE)
    if found is not None and len(found.data) == 4:
        sa.peer_window = max(1, min(int.from_bytes(found.data), 64))


def _octets(sa: IkeSa, identity: Identification, *, initiator: bool) -> bytes:
    """What the initiator, or the responder, authenticates."""
    assert sa.keys is not None
    first, nonce = (sa.first_request, sa.nonce_r) if initiator else (sa.first_response, sa.nonce_i)
    return sa.keys.signed_octets(first, nonce, identity.body(), initiator=initiator)


def prove(machine: Machine, sa: IkeSa, peer: Identity | None) -> list[Payload] | None:
    """ID, certificates and AUTH of this side; None where there is nothing to prove it with."""
    configuration, responder = machine.configuration, sa.role is Role.RESPONDER
    assert sa.profile is not None
    assert sa.keys is not None
    if configuration.by_eap(sa.profile) and not responder:
        own = sa.own_identity = configuration.identity(sa.profile, sa.local.address)
        sa.own_method = "EAP"
        return [Identification(own.type, own.data, responder), *_asking(machine, sa)]
    if not configuration.signs(sa.profile):
        own = sa.own_identity = configuration.identity(sa.profile, sa.local.address)
        secret = configuration.secret(sa.profile, sa.peer.address, peer, own=True) or b""
        machine.tell(sa, Step.AUTH_MADE, own, len(secret))
        said = Identification(own.type, own.data, responder)
        sa.own_method = "PSK"
        return [said, *_asking(machine, sa), own_auth(sa, secret, said)]
    proof = configuration.proof(sa.profile, sa.authorities)
    if proof is None:
        return None
    own = sa.own_identity = configuration.identity(sa.profile, sa.local.address, proof)
    said = Identification(own.type, own.data, responder)
    try:
        made = signatures.make(proof, _octets(sa, said, initiator=not responder), sa.hashes)
    except ValueError:
        return None
    sa.own_method = "ECDSA" if isinstance(proof.key, EcKeyPair) else "RSA"
    machine.tell(sa, Step.SIGNED, own, sa.own_method, proof.name)
    shown = [CertificateData(X509_SIGNATURE, each) for each in proof.certificates]
    return [said, *shown, *_asking(machine, sa), made]


def _asking(machine: Machine, sa: IkeSa) -> list[Payload]:
    """The initiator asks for a certificate where the peer may prove itself by one."""
    assert sa.profile is not None
    configuration = machine.configuration
    signed = configuration.verifies(sa.profile, "RSA") or configuration.verifies(sa.profile, "ECDSA")
    authorities = configuration.authorities(sa.profile) if signed and sa.role is Role.INITIATOR else b""
    return certificates.asking(machine, authorities)


def own_auth(sa: IkeSa, secret: bytes, identity: Identification) -> Authentication:
    """AUTH of this side by a secret."""
    assert sa.keys is not None
    initiator = sa.role is Role.INITIATOR
    first, nonce = (sa.first_request, sa.nonce_r) if initiator else (sa.first_response, sa.nonce_i)
    data = sa.keys.shared_key_auth(secret, first, nonce, identity.body(), initiator=initiator)
    return Authentication(AuthMethod.SHARED_KEY, data)


def _peer_proves(
    machine: Machine, sa: IkeSa, message: Message, identity: Identity, *, initiator: bool
) -> bool:
    """Whether the peer, who is the initiator or not, proves who it is; `Postponed` while that is not known."""
    configuration, profile = machine.configuration, sa.profile
    assert profile is not None
    given = message.first(Authentication)
    if given is None:
        return False
    if given.method == AuthMethod.SHARED_KEY:
        secret = configuration.secret(profile, sa.peer.address, identity, own=False)
        if initiator:
            machine.tell(sa, Step.KEY_SEARCH, profile, secret is not None)
        if secret is None or not configuration.verifies(profile, "PSK"):
            return False
        if not _peer_auth_fits(sa, message, secret, initiator=initiator):
            return False
        sa.peer_method = "PSK"
        machine.tell(sa, Step.AUTH_PASSED, identity, len(secret))
        return True
    if not (configuration.verifies(profile, "RSA") or configuration.verifies(profile, "ECDSA")):
        return False
    given_certificates = certificates.of(machine, message)
    verdict = configuration.believe(profile, given_certificates, identity, sa.peer.address)
    if verdict.pending:
        raise Postponed
    if verdict.key is None:
        return False
    said = next(each for each in message.all(Identification) if each.responder != initiator)
    method = signatures.method_of(given, verdict.key)
    if not configuration.verifies(profile, method):
        return False
    if not signatures.fits(given, verdict.key, _octets(sa, said, initiator=initiator)):
        return False
    sa.peer_method, sa.peer_certificate = method, given_certificates[0]
    machine.tell(sa, Step.SIGNATURE_PASSED, identity, method)
    return True


def _peer_auth_fits(sa: IkeSa, message: Message, secret: bytes, *, initiator: bool) -> bool:
    """Whether AUTH of the initiator, or the responder, is what this key makes."""
    identity = next(each for each in message.all(Identification) if each.responder != initiator)
    return auth_fits(sa, message.need(Authentication), identity, secret, initiator=initiator)


def auth_fits(
    sa: IkeSa, given: Authentication, identity: Identification, secret: bytes, *, initiator: bool
) -> bool:
    """Whether an AUTH payload is what a key makes for an identity."""
    assert sa.keys is not None
    first, nonce = (sa.first_request, sa.nonce_r) if initiator else (sa.first_response, sa.nonce_i)
    expected = sa.keys.shared_key_auth(secret, first, nonce, identity.body(), initiator=initiator)
    return given.method == AuthMethod.SHARED_KEY and hmac.compare_digest(given.data, expected)


# The responder.


def answer(machine: Machine, sa: IkeSa, message: Message) -> None:
    """Judge who the initiator is, then its child SA."""
    identity = identify(machine, sa, message)
    if sa.profile is None or not _peer_proves(machine, sa, message, identity, initiator=True):
        refuse(machine, sa, message.header)
        return
    finish(machine, sa, message.header, message, lambda: prove(machine, sa, identity))


def identify(machine: Machine, sa: IkeSa, message: Message) -> Identity:
    """Who the initiator says it is, and the profile that it comes under."""
    found = next((each for each in message.all(Identification) if not each.responder), None)
    if found is None:
        raise MalformedMessage("no IDi payload")
    given = certificates.of(machine, message)
    identity = sa.peer_identity = Identity(found.type, found.data)
    machine.tell(sa, Step.PEER_IDENTIFIED, identity)
    sa.profile = machine.configuration.profile_of(identity, sa.local.address, given)
    machine.tell(sa, Step.PROFILE_FOUND, sa.profile)
    sa.authorities = certificates.authorities_of(message.all(CertificateRequest))
    return identity


def refuse(machine: Machine, sa: IkeSa, asked: Header) -> None:
    """The initiator does not get in."""
    machine.tell(sa, Step.AUTH_FAILED)
    machine.respond(sa, asked, [error(Notify.AUTHENTICATION_FAILED)])
    machine.remove(sa, FAILED)


def finish(
    machine: Machine, sa: IkeSa, asked: Header, wanted: Message, own: Callable[[], list[Payload] | None]
) -> None:
    """The initiator has proved who it is: answer `asked` with the proof of this side (`own`) and what was `wanted`."""
    assert sa.profile is not None
    assert sa.peer_identity is not None
    configuration = machine.configuration
    request = wanted.first(Configuration)
    attributes = request.attributes if request is not None and request.type == ConfigType.REQUEST else ()
    ends = (sa.local.address, sa.peer.address, sa.session)
    client = Client(sa.profile, sa.peer_identity, sa.peer_method, *ends, attributes, sa.user)
    grant = configuration.grant(client)
    proved = own() if grant.authorized else None
    if proved is None:
        refuse(machine, sa, asked)
        return
    if wanted.notification(Notify.INITIAL_CONTACT) is not None:
        _initial_contact(machine, sa)
    _note_window(sa, wanted)
    made: list[Payload] = [VendorId(vendor.AUTH), *proved]
    if attributes:
        told = ((APPLICATION_VERSION, configuration.application_version()), *grant.attributes)
        made.append(Configuration(ConfigType.REPLY, told))
    machine.establish(sa)
    message = Message(asked, wanted.payloads)
    if not grant.address:
        # the IKE SA stays, the child SA is not made (RFC 7296, 3.15.4)
        machine.tell(sa, Step.CHILD_REFUSED, int(Notify.INTERNAL_ADDRESS_FAILURE))
        machine.respond(sa, asked, [*made, error(Notify.INTERNAL_ADDRESS_FAILURE)])
        return
    _answer_child(machine, sa, message, made)
    duplicates.check(machine, sa)


def _answer_child(machine: Machine, sa: IkeSa, message: Message, made: list[Payload]) -> None:
    """The child SA of the request, and the response."""
    try:
        accepted = children.judge(machine, sa, message, fresh=False)
    except Refused as refusal:
        machine.tell(sa, Step.CHILD_REFUSED, refusal.notification.type)
        machine.respond(sa, message.header, [*made, refusal.notification])
        return
    spi = machine.new_spi()
    payload, selectors = children.answering(accepted, spi, None)
    made += [payload, *selectors, *children.notices(transport=accepted.transport), _window(machine)]
    machine.respond(sa, message.header, made + children.capabilities())
    judged = accepted.answer
    what = Agreement(
        spi,
        accepted.offer.spi,
        children.encapsulated(sa, accepted.offer.suite, transport=accepted.transport),
        judged.local_selector,
        judged.remote_selector,
        sa.nonce_i + sa.nonce_r,
        b"",
        None,
        judged.lifetime_seconds,
        judged.lifetime_kilobytes,
        judged.tag,
        initiator=False,
    )
    children.install(machine, sa, what, usable=True)


def _initial_contact(machine: Machine, sa: IkeSa) -> None:
    """The peer knows of no other SA: those of before are dead. Ones made meanwhile are not."""
    for other in machine.sas.with_peer(sa.peer.address):
        established = other.established
        if other is sa or other.peer_identity != sa.peer_identity:
            continue
        if established is not None and established < sa.created:
            machine.remove(other, "initial contact")
