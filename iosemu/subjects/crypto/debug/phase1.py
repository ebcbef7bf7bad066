"""Lines of `debug crypto isakmp` about phase 1."""

from __future__ import annotations

from iosemu.ike import events, trace, vendor
from iosemu.ike.events import SaSnapshot
from iosemu.ike.header import PayloadType
from iosemu.ike.trace import Signing
from iosemu.ike.types import Identity, IdType
from iosemu.pki.names import Name
from iosemu.subjects.crypto.debug.about import BLANK, About, Lines, peer_handle
from iosemu.subjects.crypto.debug.life import FAILED, NO_NODE
from iosemu.subjects.crypto.debug.line import Kind, Line
from iosemu.subjects.crypto.debug.offer import policy_lines

PAYLOADS = {
    PayloadType.SA: "SA",
    PayloadType.KE: "KE",
    PayloadType.ID: "ID",
    PayloadType.CERT: "CERT",
    PayloadType.CR: "CERT_REQ",
    PayloadType.HASH: "HASH",
    PayloadType.SIG: "SIG",
    PayloadType.NONCE: "NONCE",
}
NAT_T_NAMES = {
    vendor.RFC_3947: "NAT-T vendor-rfc3947",
    vendor.NAT_T_07: "NAT-T vendor-07",
    vendor.NAT_T_03: "NAT-T vendor-03",
    vendor.NAT_T_02: "NAT-T vendor-02",
}
ID_TYPES = {
    IdType.IPV4_ADDR: "ID_IPV4_ADDR",
    IdType.FQDN: "ID_FQDN",
    IdType.USER_FQDN: "ID_USER_FQDN",
    IdType.DER_ASN1_DN: "ID_DER_ASN1_DN",
    IdType.KEY_ID: "ID_KEY_ID",
}
LABELS = {
    IdType.IPV4_ADDR: "address      ",
    IdType.DER_ASN1_DN: "Dist. name   ",
    IdType.KEY_ID: "group id     ",
}


# --- requests and credentials ------------------------------------------------------------------------


def exchange_begun(about: About, event: trace.ExchangeBegun) -> Lines:
    """`beginning Main Mode exchange`, or a quick mode with its message ID."""
    text = f"beginning {event.mode} Mode exchange"
    if event.message_id:
        yield about.at(f"{text}, M-ID of {about.number(event.message_id)}")
    else:
        yield about.spaced(text)


def request_attached(about: About, event: trace.RequestAttached | trace.RequestRepeated) -> Lines:
    """Phase 1 is under way already."""
    request = event.request
    yield NO_NODE
    ends = f"(local {request.local}, remote {request.peer})"
    yield about.at(f"SA is still budding. Attached new ipsec request to it. {ends}")


def request_repeated(about: About, event: trace.RequestRepeated, sa: SaSnapshot) -> Lines:
    """The key engine asks again while phase 1 is under way."""
    yield from request_attached(about, event)
    yield from FAILED


def outstanding_request(about: About, event: trace.OutstandingRequest, sa: SaSnapshot) -> Lines:
    """Phase 1 is there: quick mode begins."""
    yield about.at(NO_NODE.text, Kind.GENERAL)
    here = f"local {sa.local.address} port {sa.local.port}"
    there = f"remote {sa.peer.address} port {sa.peer.port}"
    yield about.at(f"SA has outstanding requests  ({here}, {there})")
    yield about.at("sitting IDLE. Starting QM immediately (QM_IDLE      )")


def key_lookup(about: About, event: trace.KeyLookup) -> Lines:
    """Whether there is a pre-shared key for the peer."""
    if not event.found:
        yield about.at(f"No pre-shared key with {event.peer.address}!", Kind.ERROR)
        return
    yield about.at(f"found peer pre-shared key matching {event.peer.address}")
    if event.sa is not None and event.sa.fsm != "IKE_READY":
        yield about.spaced("local preshared key found")
        yield Line("Scanning profiles for xauth ...", Kind.LOOSE)


def no_credentials(about: About, event: trace.NoCredentials) -> Lines:
    """There is nothing to authenticate with."""
    yield about.spaced("No Cert or pre-shared address key.", Kind.ERROR)
    yield about.spaced("construct_initial_message: Can not start Main mode", Kind.ERROR)


# --- offers ------------------------------------------------------------------------------------------


def policy_check(about: About, event: trace.PolicyCheck) -> Lines:
    """One transform against one policy."""
    return policy_lines(event, about.conn_id)


def lifetime_agreed(about: About, event: trace.LifetimeAgreed) -> Lines:
    """The lifetime of the accepted transform."""
    seconds, basic = event.seconds, event.basic
    yield about.at(f"Acceptable atts:actual life: {seconds if basic else 0}")
    yield about.at("Acceptable atts:life: 0")
    if basic:
        yield about.at(f"Basic life_in_seconds:{seconds}")
    else:
        yield about.at("Fill atts in sa vpi_length:4")
        yield about.at(f"Fill atts in sa life_in_seconds:{seconds}")
    yield about.at(f"Returning Actual lifetime: {seconds}")
    yield about.at(f"Started lifetime timer: {seconds}.")
    yield BLANK


def lifetime_shortened(about: About, event: trace.LifetimeShortened) -> Lines:
    """The responder's lifetime is the smaller one."""
    yield about.spaced("processing responder lifetime")
    yield about.spaced("start processing isakmp responder lifetime")
    yield about.spaced(f"restart ike sa timer to {event.seconds} secs")


def offer_refused(about: About, event: trace.OfferRefused, sa: SaSnapshot) -> Lines:
    """Nothing of an offer of either phase fits."""
    first = event.phase == 1
    if first:
        yield about.at("no offers accepted!", Kind.ERROR)
    ends = f"(local {sa.local.address} remote {sa.peer.address})"
    yield about.spaced(f"phase {event.phase} SA policy not acceptable! {ends}", Kind.ERROR)
    if first:
        text = "incrementing error counter on sa, attempt 1 of 5: construct_fail_ag_init"
        yield about.at(text, Kind.COUNTED)


# --- payloads ----------------------------------------------------------------------------------------


def payload_processed(about: About, event: trace.PayloadProcessed) -> Lines:
    """`processing … payload`; newer releases say nothing of what follows a judged answer."""
    name = PAYLOADS.get(PayloadType(event.payload))
    if name is None or (event.answer and about.modern):
        return
    yield about.spaced(f"processing {name} payload. message ID = {about.number(event.message_id)}")
    if event.payload == PayloadType.NONCE and not event.message_id and event.sa is not None:
        yield about.at(f"found peer pre-shared key matching {event.sa.peer.address}")


def _issuer(encoded: bytes) -> str:
    try:
        return str(Name.load(encoded))
    except ValueError:
        return encoded.hex()


def signature_step(about: About, event: trace.SignatureStep) -> Lines:
    """What goes on around certificates."""
    value = event.value
    match event.step:
        case Signing.REQUEST_SENT:
            yield about.spaced(f"constructing CERT_REQ for issuer {_issuer(value)}")
        case Signing.REQUEST_RECEIVED:
            yield about.spaced("peer wants a CT_X509_SIGNATURE cert")
            yield about.spaced(f"peer wants cert issued by {_issuer(value)}")
        case Signing.CHOSEN:
            yield about.spaced(f"Choosing trustpoint {value.decode()} as issuer")
        case Signing.CERTIFICATE_SENT:
            yield about.spaced(f"constructing CERT payload for {value.decode()}")
        case Signing.CERTIFICATE_RECEIVED:
            yield about.spaced("processing a CT_X509_SIGNATURE cert")
        case Signing.SIGNED:
            yield about.spaced(f"using the {value.decode()} trustpoint's keypair to sign")


def vendor_id_sent(about: About, event: trace.VendorIdSent) -> Lines:
    """A vendor ID of NAT traversal."""
    yield about.spaced(f"constructed {NAT_T_NAMES.get(event.vendor_id, event.name or 'unknown')} ID")


def vendor_id_received(about: About, event: trace.VendorIdReceived) -> Lines:
    """Who the peer is, and what it can; newer releases say it once only."""
    if event.again and about.modern:
        return
    yield about.spaced("processing vendor id payload")
    vendor_id = event.vendor_id
    if event.name == vendor.IOS:
        yield about.spaced("speaking to another IOS box!")
        return
    if vendor_id not in (vendor.UNITY, vendor.DPD) and len(vendor_id) >= 16:
        yield about.spaced(f"vendor ID seems Unity/DPD but major {vendor_id[14]} mismatch")
    if event.name not in (None, vendor.FRAGMENTATION_NAME):
        yield about.spaced(f"vendor ID is {event.name}")


def nat_detection(about: About, event: trace.NatDetection) -> Lines:
    """What the NAT-D payloads tell."""
    payload = Line(f"received payload type {int(PayloadType.NAT_D)}", Kind.TIGHT, about.conn_id)
    yield payload
    where = "inside" if event.local else "outside"
    yield about.at(f"His hash no match - this node {where} NAT", Kind.COUNTED)
    yield payload
    if event.peer:
        found = "both nodes inside NAT" if event.local else "peer is inside NAT"
        yield about.at(f"NAT found, {found}", Kind.COUNTED)
    elif not event.local:
        yield about.at("No NAT Found for self or peer", Kind.COUNTED)


# --- identities --------------------------------------------------------------------------------------


def identity_sent(about: About, event: trace.IdentitySent, sa: SaSnapshot) -> Lines:
    """The own identity."""
    known = event.identity.type in ID_TYPES
    kind = ID_TYPES[IdType(event.identity.type)] if known else str(event.identity.type)
    how = "RSA signature" if event.following == PayloadType.CERT else "pre-shared key"
    yield about.at(f"SA is doing {how} authentication using id type {kind}")
    yield from identity(about, event)
    yield about.at(f"Total payload length: {_length(event.identity)}")


def identity(about: About, event: trace.IdentitySent | trace.IdentityReceived) -> Lines:
    """An ID payload, field by field."""
    label = (
        LABELS.get(IdType(event.identity.type), "FQDN name    ")
        if event.identity.type in ID_TYPES
        else "data         "
    )
    yield about.at("ID payload ", Kind.COUNTED)
    for text in (
        f"next-payload : {event.following}",
        f"type         : {int(event.identity.type)} ",
        f"{label}: {event.identity} ",
        f"protocol     : {event.protocol} ",
        f"port         : {event.port} ",
        f"length       : {_length(event.identity)}",
    ):
        yield Line(f"\t{text}", Kind.MORE)


def _length(identity: Identity) -> int:
    """Octets of the payload with both its headers."""
    return 8 + len(identity.data)


def profile_matched(about: About, event: trace.ProfileMatched) -> Lines:
    """The ISAKMP profile that the peer's identity comes under."""
    profile = event.profile
    yield Line(f": peer matches {profile or '*none* of the'} profile{'' if profile else 's'}")


def authenticated(about: About, event: trace.Authenticated, sa: SaSnapshot) -> Lines:
    """The peer is who it says it is."""
    yield about.at("SA authentication status:")
    yield Line("\tauthenticated", Kind.MORE)
    yield about.at(f"SA has been authenticated with {sa.peer.address}")
    ends = f"{sa.local.address}/{sa.peer.address}/{sa.peer.port}/"
    text = f"Trying to insert a peer {ends},  and inserted successfully {peer_handle(sa)}."
    yield Line(text, Kind.GENERAL)


def initial_contact_sent(about: About, event: trace.InitialContactSent) -> Lines:
    """The peer is told that this side knows of no other SA."""
    yield about.at("Send initial contact")


def initial_contact(about: About, event: events.InitialContact, sa: SaSnapshot) -> Lines:
    """The peer knows of no other SA."""
    yield about.at("Process initial contact,")
    ends = f"local {sa.local.address} remote {sa.peer.address} remote port {sa.peer.port}"
    yield Line(f"bring down existing phase 1 and 2 SA's with {ends}", Kind.MORE)
