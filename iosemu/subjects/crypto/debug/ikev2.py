"""`debug crypto ikev2`: the steps and messages of the IKEv2 engine in the words of IOS 15."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from iosemu.ike.types import Identity
from iosemu.ikev2.events import Event, PacketReceived, PacketSent, SaSnapshot, SaUp, Step, Told
from iosemu.ikev2.numbers import (
    ExchangeType,
    IdType,
    PayloadType,
)
from iosemu.ikev2.payloads import Proposal
from iosemu.ikev2.sa import Nat
from iosemu.subjects.crypto.config.ikev2 import Ikev2Style
from iosemu.subjects.crypto.debug.flags import IKEV2, IKEV2_ERROR, IKEV2_INTERNAL, IKEV2_PACKET
from iosemu.subjects.crypto.debug.ikev2_machine import trace_line
from iosemu.subjects.crypto.debug.ikev2_packet import detailed_lines
from iosemu.subjects.crypto.debug.ikev2_words import PAYLOADS, notify_name, transform_name

if TYPE_CHECKING:
    from iosemu.box.device import Device

ID_KINDS = {
    IdType.IPV4_ADDR: "IPv4 address",
    IdType.FQDN: "FQDN",
    IdType.RFC822_ADDR: "RFC822 address",
    IdType.KEY_ID: "key-id",
}


def _contents(described: Sequence[tuple[int, int]]) -> str:
    names = []
    for kind, notify in described:
        if kind == PayloadType.NOTIFY:
            names.append(f"NOTIFY({notify_name(notify)})")
        else:
            names.append(PAYLOADS.get(kind, str(kind)))
    return " ".join(names)


def _offered(proposals: tuple[Proposal, ...]) -> Iterator[str]:
    for each in proposals:
        name = {1: "IKE", 2: "AH", 3: "ESP"}[each.protocol]
        why = (
            "IPSec negotiation" if each.protocol != 1 else "initial negotiation" if not each.spi else "rekey"
        )
        yield f"{name} Proposal: {each.number}, SPI size: {len(each.spi)} ({why}), "
        yield f"Num. transforms: {len(each.transforms)}"
        yield "   " + "   ".join(transform_name(one) for one in each.transforms)


def _identity(identity: Identity) -> str:
    kind = ID_KINDS.get(IdType(identity.type), "unknown") if identity.type in ID_KINDS else "unknown"
    return f"'{identity}' of type '{kind}'"


TEXTS: dict[Step, str | Callable[..., Iterator[str]]] = {
    Step.INIT_VERIFIED: "Processing IKE_SA_INIT message",
    Step.INIT_DONE: "Completed SA init exchange",
    Step.COOKIE_ASKED: "Received cookie challenge",
    Step.AUTH_FAILED: "Verification of peer's authentication data FAILED",
    Step.EAP_REQUEST: "Generating EAP request",
    Step.EAP_RESPONSE: "Processing EAP response",
    Step.POSTPONED: "Waiting for an answer: of an AAA server, or by HTTP",
    Step.CHILD_BEGUN: "Creating a child SA",
    Step.IKE_REKEY_BEGUN: "Rekeying IKE SA",
    Step.ACKNOWLEDGED: "Processing ACK to informational exchange",
    Step.LIVENESS_SENT: "Sending DPD/liveness query",
    Step.LIVENESS_RECEIVED: "Received DPD/liveness query",
    Step.DELETE_RECEIVED: "Process delete request from peer",
    Step.RETRANSMISSIONS_OVER: "Maximum number of retransmissions reached",
    Step.DELETED: "Deleting SA",
}
"""Steps of one line, the SA before it."""

ERRORS = (
    Step.INIT_REFUSED,
    Step.AUTH_FAILED,
    Step.NO_KEY,
    Step.CHILD_REFUSED,
    Step.FAILED,
    Step.RETRANSMISSIONS_OVER,
    Step.DENIED,
    Step.DROPPED,
)
"""Steps that begin with `IKEv2-ERROR:`."""


def _nat(found: Nat) -> str:
    if not found.found:
        return "NAT not found"
    return "NAT INSIDE found" if found.local else "NAT OUTSIDE found"


def step_lines(step: Step, values: tuple[Any, ...], sa: SaSnapshot | None) -> Iterator[str]:
    """What is told of a step."""
    match step, values:
        case Step.KEY_SEARCH, (profile, found):
            if found:
                yield f"% Getting preshared key from profile keyring of {profile}"
            else:
                yield f"% No preshared key found for profile {profile}"
        case Step.POLICY_SEARCH, (local,):
            yield f"Searching Policy with fvrf 0, local address {local}"
        case Step.INIT_BEGUN, (group,):
            yield f"[IKEv2 -> Crypto Engine] Computing DH public key, DH Group {group}"
            yield "IKEv2 initiator - no config data to send in IKE_SA_INIT exch"
            yield "Generating IKE_SA_INIT message"
        case Step.OFFERED, (proposals,):
            yield from _offered(proposals)
        case Step.INIT_REFUSED | Step.CHILD_REFUSED, (notify,):
            name = notify_name(notify).lower().replace("_", " ")
            yield f"Received {name} notify" if sa is not None else f"Sending {name} notify"
        case Step.OTHER_GROUP, (group,):
            yield f"The peer's KE payload contained the wrong DH group; group {group} is wanted"
        case Step.NAT_CHECKED, (nat,):
            yield "Checking NAT discovery"
            yield _nat(nat)
        case Step.KEYS_MADE, (group,):
            yield f"[IKEv2 -> Crypto Engine] Computing DH secret key, DH Group {group}"
            yield "[Crypto Engine -> IKEv2] DH key Computation PASSED"
            yield "[IKEv2 -> Crypto Engine] Calculate SKEYSEED and create rekeyed IKEv2 SA"
            yield "[Crypto Engine -> IKEv2] SKEYSEED calculation and creation of rekeyed IKEv2 SA PASSED"
        case Step.AUTH_MADE, (identity, length):
            yield "Generate my authentication data"
            yield f"Use preshared key for id {identity}, key len {length}"
            yield "My authentication method is 'PSK'"
            letter = "IDi" if sa is not None and sa.role.value == "I" else "IDr"
            yield f"Constructing {letter} payload: {_identity(identity)}"
        case Step.PEER_IDENTIFIED, (identity,):
            yield f"Searching policy based on peer's identity {_identity(identity)}"
        case Step.PROFILE_FOUND, (name,):
            yield (
                f"Found matching IKEv2 profile '{name}'"
                if name is not None
                else "Failed to locate an item in the database"
            )
        case Step.SIGNED, (identity, method, trustpoint):
            yield "Generate my authentication data"
            yield f"[IKEv2 -> PKI] Retrieving trustpoint(s) {trustpoint}"
            yield "[IKEv2 -> Crypto Engine] Generate signature over my authentication data"
            yield "[Crypto Engine -> IKEv2] Signature generation PASSED"
            yield f"My authentication method is '{method}'"
            letter = "IDi" if sa is not None and sa.role.value == "I" else "IDr"
            yield f"Constructing {letter} payload: {_identity(identity)}"
        case Step.SIGNATURE_PASSED, (_, method):
            yield "[PKI -> IKEv2] Validation of certificate chain PASSED"
            yield f"Peer's authentication method is '{method}'"
            yield "Verification of peer's authentication data PASSED"
        case Step.AUTH_PASSED, (identity, length):
            yield "Peer's authentication method is 'PSK'"
            yield f"Use preshared key for id {identity}, key len {length}"
            yield "Verification of peer's authentication data PASSED"
        case Step.ESTABLISHED, (lifetime,):
            yield f"IKEV2 SA created; inserting SA into database. SA lifetime timer ({lifetime} sec) started"
        case Step.CHILD_REKEY_BEGUN, (spi,):
            yield f"Rekeying child SA [SPI: 0x{spi:X}]"
        case Step.CHILD_DONE, (own, peer):
            yield f"IPSec SA created [SPI in: 0x{own:X} out: 0x{peer:X}]"
        case Step.DELETING_CHILD, (spi,):
            yield f"Sending DELETE INFO message for IPsec SA [SPI: 0x{spi:X}]"
        case Step.DELETING_SA, ():
            assert sa is not None
            spis = f"ISPI: 0x{sa.spi_i.hex().upper()} RSPI: 0x{sa.spi_r.hex().upper()}"
            yield f"Sending DELETE INFO message for IKEv2 SA [{spis}]"
        case Step.CHILD_DELETE_RECEIVED, (spi,):
            yield f"Process delete request from peer for IPsec SA [SPI: 0x{spi:X}]"
        case Step.RETRANSMITTING, (_, _):
            yield "Retransmitting packet"
        case Step.FAILED, (what,):
            yield f"{what} failed: {what} failed"
        case Step.DENIED, (peer,):
            yield f"Request with {peer} rejected: limit of SAs reached"
        case Step.DROPPED, (reason,):
            yield f"Packet dropped: {reason}"
        case Step.COLLISION, (stays,):
            yield "Simultaneous rekey: " + ("this side's SA stays" if stays else "the peer's SA stays")
        case _:
            text = TEXTS.get(step)
            if isinstance(text, str):
                yield text


def sealed_lines(event: PacketSent) -> Iterator[str]:
    """What is told of what goes into a protected message."""
    yield "Building packet for encryption.  "
    yield "Payload contents: "
    yield f" {_contents(event.contents)} "
    yield ""


def packet_lines(event: PacketSent) -> Iterator[str]:
    """What is told of a message."""
    received = isinstance(event, PacketReceived)
    verb, ends = ("Received", ("From", "To")) if received else ("Sending", ("To", "From"))
    peer, local = f"{event.peer.address}:{event.peer.port}", f"{event.local.address}:{event.local.port}"
    contents = _contents(event.contents)
    if event.protected and not received:
        contents = "ENCR"
    yield f"{verb} Packet [{ends[0]} {peer}/{ends[1]} {local}/VRF i0:f0] "
    initiator, responder = (each.hex().upper() for each in event.spis)
    yield f"Initiator SPI : {initiator} - Responder SPI : {responder} Message id: {event.message_id}"
    name = ExchangeType(event.exchange).name if event.exchange in ExchangeType.__members__.values() else "?"
    yield f"IKEv2 {name} Exchange {'RESPONSE' if event.response else 'REQUEST'} "
    yield "Payload contents: "
    yield f" {contents} "
    yield ""


class Ikev2Debug:
    """What the debug flag of a router asks for."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._sessions = device.image.style(Ikev2Style).session_ids_in_debug

    def tell(self, event: Event) -> None:
        """Print the lines of an event, when they are asked for."""
        if not self.device.debugging.any:
            return
        wants = self.device.debugging.wants
        error = isinstance(event, Told) and event.step in ERRORS
        if isinstance(event, Told) and event.sa is not None and wants(IKEV2_INTERNAL):
            line = trace_line(event, event.sa)
            if line is not None:
                self._say(event, iter([line]), error=False, one=False)
        if isinstance(event, PacketSent) and wants(IKEV2_PACKET):
            self._say(event, detailed_lines(event), error=False, one=True)
        if wants(IKEV2) or (error and wants(IKEV2_ERROR)):
            self._tell(event, error=error)

    def _tell(self, event: Event, *, error: bool) -> None:
        if isinstance(event, PacketSent):
            if event.protected and not isinstance(event, PacketReceived):
                self._say(event, sealed_lines(event), error=False, one=True)
            self._say(event, packet_lines(event), error=False, one=True)
        elif isinstance(event, Told):
            whole = event.step is Step.OFFERED
            self._say(event, step_lines(event.step, event.values, event.sa), error=error, one=whole)
        elif isinstance(event, SaUp) and event.sa is not None:
            ids = f"({event.sa.peer_identity}, {event.sa.own_identity})"
            self._say(event, iter([f"Session with IKE ID PAIR {ids} is UP"]), error=False, one=False)

    def _say(self, event: Event, lines: Iterator[str], *, error: bool, one: bool) -> None:
        prefix = "IKEv2-ERROR:" if error else "IKEv2:"
        if event.sa is not None:
            session = f"SESSION ID = {event.sa.session}," if self._sessions else ""
            prefix += f"({session}SA ID = {event.sa.number}):"
        for index, line in enumerate(lines):
            continues = one and index > 0
            self.device.log("", 7, "", line if continues else prefix + line, continues=continues)
