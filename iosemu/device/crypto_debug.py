"""`debug crypto isakmp|ipsec`: the IKE engine's events in the words of IOS 12.4T to 15.4."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.ike import events, trace
from iosemu.ike.events import Event, SaSnapshot
from iosemu.ike.types import Authentication, Encryption, Hash, Refusal

ENCRYPTIONS = {Encryption.DES: "DES-CBC", Encryption.TRIPLE_DES: "3DES-CBC", Encryption.AES: "AES-CBC"}
METHODS = {
    Authentication.PRE_SHARE: "pre-share",
    Authentication.RSA_SIG: "RSA sig",
    Authentication.RSA_ENCR: "RSA encr",
}
PAYLOADS = {1: "SA", 4: "KE", 5: "ID", 6: "CERT", 7: "CERT_REQ", 8: "HASH", 9: "SIG", 10: "NONCE"}
ESP_NAMES = {2: "ESP_DES", 3: "ESP_3DES", 11: "ESP_NULL", 12: "ESP_AES", 20: "ESP_GCM", 23: "ESP_GMAC"}
AH_NAMES = {2: "AH_MD5", 3: "AH_SHA", 5: "AH_SHA256", 6: "AH_SHA384", 7: "AH_SHA512"}
ENCAPSULATIONS = {1: "1 (Tunnel)", 2: "2 (Transport)", 3: "3 (Tunnel-UDP)", 4: "4 (Transport-UDP)"}
AUTHENTICATORS = {1: "HMAC-MD5", 2: "HMAC-SHA", 5: "HMAC-SHA256", 6: "HMAC-SHA384", 7: "HMAC-SHA512"}
NOTIFIES = {
    14: "PROPOSAL_NOT_CHOSEN",
    11: "INVALID_SPI",
    18: "INVALID_ID_INFORMATION",
    24576: "RESPONDER_LIFETIME",
    24577: "REPLAY_STATUS",
    24578: "INITIAL_CONTACT",
    36136: "DPD/R_U_THERE",
    36137: "DPD/R_U_THERE_ACK",
}
REFUSALS = {Refusal.PROXY_MISMATCH: 32, Refusal.TRANSFORM_MISMATCH: 256, Refusal.PFS_MISMATCH: 64}


def signed(message_id: int) -> int:
    """A message ID as a signed number, as these releases print it."""
    return message_id - (1 << 32) if message_id >= 1 << 31 else message_id


def _lead(sa: SaSnapshot | None) -> str:
    return f"ISAKMP:({sa.conn_id if sa is not None else 0}):"


def _old_lead(sa: SaSnapshot | None) -> str:
    return f"ISAKMP (0:{sa.conn_id if sa is not None else 0}):"


def _place(sa: SaSnapshot | None) -> str:
    if sa is None:
        return "(N) NEW SA"
    return (
        f"({sa.role.value}) {sa.state.value:<12}"
        if sa.state.value == "QM_IDLE"
        else (f"({sa.role.value}) {sa.state.value}")
    )


def _vpi(value: int) -> str:
    return "".join(f"0x{byte:X} " for byte in value.to_bytes(4))


def isakmp_lines(event: Event) -> Iterator[str]:
    """What `debug crypto isakmp` prints about one event."""
    sa = event.sa
    lead, old_lead = _lead(sa), _old_lead(sa)
    match event:
        case trace.SaInserted(new_peer=new_peer) if sa is not None:
            if new_peer:
                yield f"ISAKMP: Created a peer struct for {sa.peer.address}, peer port {sa.peer.port}"
            yield f"ISAKMP: local port {sa.local.port}, remote port {sa.peer.port}"
            yield "insert sa successfully"
        case trace.KeyLookup(peer=peer, found=found):
            if found:
                yield f"{lead}found peer pre-shared key matching {peer.address}"
            else:
                yield f"{lead}No pre-shared key with {peer.address}!"
        case trace.NoCredentials():
            yield f"{lead} No Cert or pre-shared address key."
        case trace.VendorIdSent(name=name):
            yield f"{lead} constructed {name or 'unknown'} ID"
        case trace.VendorIdReceived(name=name):
            yield f"{lead} processing vendor id payload"
            yield f"{lead} vendor ID is {name or 'unknown'}"
        case trace.StateChange(major=major, minor=minor, old=old, new=new, node=node):
            at = f"Node {signed(node)}, " if node is not None else ""
            yield f"{lead}{at}Input = {major}, {minor}"
            yield f"{lead}Old State = {old}  New State = {new}"
            if node is None:
                yield ""
        case trace.ExchangeBegun(mode=mode, message_id=message_id):
            tail = f", M-ID of {signed(message_id)}" if message_id else ""
            yield f"{lead}{'' if message_id else ' '}beginning {mode} Mode exchange{tail}"
        case trace.PacketSent() if sa is not None:
            ports = f"my_port {sa.local.port} peer_port {sa.peer.port}"
            yield f"{lead} sending packet to {sa.peer.address} {ports} {_place(sa)}"
            yield f"{lead}Sending an IKE IPv4 Packet."
        case trace.PacketReceived(local=local, peer=peer):
            ports = f"dport {local.port} sport {peer.port}"
            yield f"{old_lead} received packet from {peer.address} {ports} Global {_place(sa)}"
        case trace.PayloadProcessed(payload=payload, message_id=message_id) if payload in PAYLOADS:
            yield f"{lead} processing {PAYLOADS[payload]} payload. message ID = {signed(message_id)}"
        case trace.PolicyCheck():
            yield from _policy(event, lead)
        case trace.LifetimeAgreed(seconds=seconds):
            yield f"{lead}Returning Actual lifetime: {seconds}"
            yield f"{lead}Started lifetime timer: {seconds}."
        case trace.OfferRefused(phase=1):
            yield f"{lead}no offers accepted!"
            yield f"{lead} phase 1 SA policy not acceptable! {_ends(sa)}"
        case trace.OfferRefused(phase=phase):
            yield f"{lead} phase {phase} SA policy not acceptable! {_ends(sa)}"
        case trace.NatDetection(local=False, peer=False):
            yield f"{lead}No NAT Found for self or peer"
        case trace.NatDetection(local=local_nat):
            yield f"{lead}NAT found, {'the node inside NAT' if local_nat else 'both nodes inside NAT'}"
        case trace.IdentitySent() | trace.IdentityReceived():
            yield f"{old_lead} ID payload "
            yield f"\ttype         : {int(event.identity.type)} "
            yield f"\taddress      : {event.identity} "
            yield f"\tprotocol     : {event.protocol} "
            yield f"\tport         : {event.port} "
            yield f"\tlength       : {8 + len(event.identity.data)}"
        case trace.InitialContactSent():
            yield f"{lead}Send initial contact"
        case trace.Authenticated() if sa is not None:
            yield f"{lead}SA authentication status:"
            yield "\tauthenticated"
            yield f"{lead}SA has been authenticated with {sa.peer.address}"
        case trace.RequestAttached():
            yield f"{lead}SA is still budding. Attached new ipsec request to it."
        case trace.NodeCreated(message_id=message_id):
            yield f"ISAKMP: set new node {signed(message_id)} to QM_IDLE      "
        case trace.NodeDeleted(message_id=message_id, error=error, reason=reason):
            flag = "TRUE" if error else "FALSE"
            yield f'{lead}deleting node {signed(message_id)} error {flag} reason "{reason}"'
        case trace.NodePurged(message_id=message_id):
            yield f"{lead}purging node {signed(message_id)}"
        case trace.SpiAllocated(initiator=initiator):
            yield f"{lead}QM {'Initiator' if initiator else 'Responder'} gets spi"
        case trace.ProposalCheck():
            yield from _proposal(event, lead)
        case trace.ProposalRefused(refusal=refusal):
            yield f"{lead} IPSec policy invalidated proposal with error {REFUSALS[refusal]}"
        case trace.NotifySent(type=kind, protocol=protocol):
            yield f"{lead}Sending NOTIFY {NOTIFIES.get(kind, kind)} protocol {protocol}"
        case trace.NotifyReceived(type=kind, protocol=protocol, authenticated=authenticated):
            yield f"{lead} processing NOTIFY {NOTIFIES.get(kind, kind)} protocol {protocol}"
            if not authenticated:
                yield f"{lead} Notify has no hash. Rejected."
        case trace.DeleteReceived(message_id=message_id):
            yield f"{lead} processing DELETE payload. message ID = {signed(message_id)}"
        case trace.DeleteNotSent():
            yield f"{lead}ignoring request to send delete notify (no ISAKMP sa) {_ends_of(event)}"
        case trace.Duplicate(phase=phase):
            yield f"{lead} phase {phase} packet is a duplicate of a previous packet."
        case trace.Retransmitting(phase=phase, attempt=attempt, limit=limit) if sa is not None:
            yield f"{lead} retransmitting phase {phase} {sa.state.value}..."
            if attempt:
                counted = f"attempt {attempt} of {limit}: retransmit phase {phase}"
                yield f"{old_lead} incrementing error counter on sa, {counted}"
        case trace.ErrorCounted(attempt=attempt, limit=limit, reason=reason):
            yield f"{old_lead} incrementing error counter on sa, attempt {attempt} of {limit}: {reason}"
        case trace.DpdSent(sequence=sequence):
            yield f"{lead}DPD/R_U_THERE sent to peer, sequence 0x{sequence:X}"
        case events.PhaseOneDeleted(reason=reason) if sa is not None:
            state = f"state ({sa.role.value}) {sa.state.value} (peer {sa.peer.address})"
            yield f'{lead}deleting SA reason "{reason}" {state}'
        case trace.SaPurged():
            yield f"{lead}purging SA."


def _ends(sa: SaSnapshot | None) -> str:
    return f"(local {sa.local.address} remote {sa.peer.address})" if sa is not None else ""


def _ends_of(event: trace.DeleteNotSent) -> str:
    return f"src {event.local.address} dst {event.peer.address}"


def _policy(event: trace.PolicyCheck, lead: str) -> Iterator[str]:
    number, priority = event.transform, event.policy.priority
    yield f"{lead}Checking ISAKMP transform {number} against priority {priority} policy"
    for kind, value, basic in event.attributes:
        match kind:
            case 1:
                yield f"ISAKMP:      encryption {_named(Encryption, ENCRYPTIONS, value)}"
            case 2:
                known = value in [each.value for each in Hash]
                yield f"ISAKMP:      hash {Hash(value).name if known else value}"
            case 3:
                yield f"ISAKMP:      auth {_named(Authentication, METHODS, value)}"
            case 4:
                yield f"ISAKMP:      default group {value}"
            case 11:
                yield f"ISAKMP:      life type in {'seconds' if value == 1 else 'kilobytes'}"
            case 12:
                shown = f"(basic) of {value}" if basic else f"(VPI) of  {_vpi(value)}"
                yield f"ISAKMP:      life duration {shown}"
            case 14:
                yield f"ISAKMP:      keylength of {value}"
    if event.mismatch is not None:
        yield f"{lead}{event.mismatch.value}"
    verdict = "acceptable" if event.mismatch is None else "not acceptable"
    yield f"{lead}atts are {verdict}. Next payload is {event.next_payload}"


def _named(numbers: type[Encryption] | type[Authentication], names: object, value: int) -> str:
    assert isinstance(names, dict)
    for member in numbers:
        if member == value:
            return str(names[member])
    return str(value)


def _proposal(event: trace.ProposalCheck, lead: str) -> Iterator[str]:
    names = ESP_NAMES if event.protocol == 3 else AH_NAMES
    yield f"{lead}Checking IPSec proposal {event.proposal}"
    yield f"ISAKMP: transform {event.transform}, {names.get(event.identifier, event.identifier)} "
    yield "ISAKMP:   attributes in transform:"
    unit = "seconds"
    for kind, value, basic in event.attributes:
        match kind:
            case 1:
                unit = "seconds" if value == 1 else "kilobytes"
                yield f"ISAKMP:      SA life type in {unit}"
            case 2:
                shown = f"(basic) of {value}" if basic else f"(VPI) of  {_vpi(value)}"
                yield f"ISAKMP:      SA life duration {shown}"
            case 3:
                yield f"ISAKMP:      group is {value}"
            case 4:
                yield f"ISAKMP:      encaps is {ENCAPSULATIONS.get(value, value)}"
            case 5:
                yield f"ISAKMP:      authenticator is {AUTHENTICATORS.get(value, value)}"
            case 6:
                yield f"ISAKMP:      key length is {value}"
    yield f"{lead}atts are {'acceptable' if event.acceptable else 'not acceptable'}."


def ipsec_lines(event: Event) -> Iterator[str]:
    """What `debug crypto ipsec` prints about one event."""
    match event:
        case trace.ProposalCheck(proposal=proposal):
            yield f"IPSEC(validate_proposal_request): proposal part #{proposal}"
        case trace.ProposalRefused(refusal=refusal):
            text = "proxy identities" if refusal is Refusal.PROXY_MISMATCH else "transform proposal"
            yield f"IPSEC(ipsec_process_proposal): {text} not supported"
        case events.ChildUp(child=child):
            yield "IPSEC(key_engine): got a queue event with 1 KMI message(s)"
            for keys in (*child.inbound, *child.outbound):
                protocol = 50 if keys.protocol == 3 else 51
                yield "IPSEC(create_sa): sa created,"
                yield f"  (sa) sa_dest= {keys.destination}, sa_proto= {protocol}, "
                yield f"    sa_spi= 0x{keys.spi:X}({keys.spi}), "
                yield f"    sa_lifetime(k/sec)= ({child.lifetime_kilobytes}/{child.lifetime_seconds})"
        case events.ChildConfirmed():
            yield "IPSEC(key_engine): got a queue event with 1 KMI message(s)"
            yield "IPSEC(key_engine_enable_outbound): rec'd enable notify from ISAKMP"
        case events.ChildDeleted(spis=spis):
            yield "IPSEC(key_engine): got a queue event with 1 KMI message(s)"
            for spi in spis:
                yield f"IPSEC(key_engine_delete_sas): delete SA with spi 0x{spi:X}"
        case events.RequestFailed(request=request, reason=reason):
            yield f"IPSEC(key_engine): request for {request.peer} failed: {reason}"
