"""`debug crypto isakmp`: the IKE engine's events in the words of IOS."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.ike import events, trace, vendor
from iosemu.ike.events import Event, SaSnapshot
from iosemu.ike.sa import Role, State
from iosemu.ike.types import Identity, IdType, Refusal
from iosemu.subjects.crypto.debug.line import Kind, Line
from iosemu.subjects.crypto.debug.offer import policy_lines, proposal_lines

PAYLOADS = {1: "SA", 4: "KE", 5: "ID", 6: "CERT", 7: "CERT_REQ", 8: "HASH", 9: "SIG", 10: "NONCE"}
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
NAT_T_NAMES = {
    vendor.RFC_3947: "NAT-T vendor-rfc3947",
    vendor.NAT_T_07: "NAT-T vendor-07",
    vendor.NAT_T_03: "NAT-T vendor-03",
    vendor.NAT_T_02: "NAT-T vendor-02",
}
ID_TYPES = {IdType.IPV4_ADDR: "ID_IPV4_ADDR", IdType.FQDN: "ID_FQDN", IdType.USER_FQDN: "ID_USER_FQDN"}


def signed(message_id: int) -> int:
    """A message ID as a signed number, as releases before 15.6 print it."""
    return message_id - (1 << 32) if message_id >= 1 << 31 else message_id


def handle(sa: SaSnapshot, base: int) -> str:
    """The address of a structure, as far as one can tell: another one for each SA."""
    return f"{base + sa.number * 0x4E0:X}"


def peer_handle(sa: SaSnapshot) -> str:
    """The address of what is kept about a peer: the same for all its SAs."""
    return f"{0x65000000 + int(sa.peer.address) * 0x4E0 % 0x1000000:X}"


def _place(sa: SaSnapshot | None) -> str:
    if sa is None:
        return "(N) NEW SA"
    state = sa.state.value
    return f"({sa.role.value}) {state:<13}" if state == "QM_IDLE" else f"({sa.role.value}) {state}"


def isakmp_lines(event: Event, *, modern: bool = False, keepalives: bool = False) -> Iterator[Line]:
    """What `debug crypto isakmp` prints about one event.

    `modern`: as 15.6 and later (message IDs unsigned, other words at an installed SA); `keepalives`: dead peer
    detection is configured.
    """
    sa = event.sa
    conn = sa.conn_id if sa is not None else 0

    def at(text: str, kind: Kind = Kind.SA) -> Line:
        return Line(text, kind, conn)

    def spaced(text: str, kind: Kind = Kind.SA) -> Line:
        return Line(text, kind, conn, spaced=True)

    def number(message_id: int) -> int:
        return message_id if modern else signed(message_id)

    match event:
        case trace.SaInserted(references=references) if sa is not None:
            yield from _inserted(sa, references)
        case trace.ExchangeBegun(mode=mode, message_id=0):
            yield spaced(f"beginning {mode} Mode exchange")
        case trace.ExchangeBegun(mode=mode, message_id=message_id):
            yield at(f"beginning {mode} Mode exchange, M-ID of {number(message_id)}")
        case trace.KeyLookup(peer=peer, found=found):
            if not found:
                yield at(f"No pre-shared key with {peer.address}!", Kind.ERROR)
                return
            yield at(f"found peer pre-shared key matching {peer.address}")
            if sa is not None and sa.fsm != "IKE_READY":
                yield spaced("local preshared key found")
                yield Line("Scanning profiles for xauth ...", Kind.LOOSE)
        case trace.NoCredentials():
            yield spaced("No Cert or pre-shared address key.", Kind.ERROR)
            yield spaced("construct_initial_message: Can not start Main mode", Kind.ERROR)
        case trace.VendorIdSent(vendor_id=vendor_id, name=name):
            yield spaced(f"constructed {NAT_T_NAMES.get(vendor_id, name or 'unknown')} ID")
        case trace.VendorIdReceived(again=True) if modern:
            return
        case trace.VendorIdReceived(vendor_id=vendor_id, name=name):
            yield spaced("processing vendor id payload")
            yield from _vendor(vendor_id, name, conn)
        case trace.StateChange(major=major, minor=minor, old=old, new=new, node=node):
            lead = f"Node {number(node)}, " if node is not None else ""
            yield at(f"{lead}Input = {major}, {minor}")
            yield at(f"Old State = {old}  New State = {new}{' ' if node is None else ''}")
            if node is None:
                yield Line("", Kind.MORE)
        case trace.PacketSent() if sa is not None:
            ports = f"my_port {sa.local.port} peer_port {sa.peer.port}"
            kind = Kind.PACKET if modern else Kind.SA
            yield Line(f"sending packet to {sa.peer.address} {ports} {_place(sa)}", kind, conn, spaced=True)
            yield at("Sending an IKE IPv4 Packet.")
        case trace.PacketReceived(local=local, peer=peer):
            ports = f"dport {local.port} sport {peer.port}"
            yield at(f"received packet from {peer.address} {ports} Global {_place(sa)}", Kind.PACKET)
        case trace.PayloadProcessed(answer=True) if modern:
            return
        case trace.PayloadProcessed(payload=payload, message_id=message_id) if payload in PAYLOADS:
            yield spaced(f"processing {PAYLOADS[payload]} payload. message ID = {number(message_id)}")
            if payload == 10 and not message_id and sa is not None:
                yield at(f"found peer pre-shared key matching {sa.peer.address}")
        case trace.PolicyCheck():
            yield from policy_lines(event, conn)
        case trace.LifetimeAgreed(seconds=seconds, basic=basic):
            yield at(f"Acceptable atts:actual life: {seconds if basic else 0}")
            yield at("Acceptable atts:life: 0")
            if basic:
                yield at(f"Basic life_in_seconds:{seconds}")
            else:
                yield at("Fill atts in sa vpi_length:4")
                yield at(f"Fill atts in sa life_in_seconds:{seconds}")
            yield at(f"Returning Actual lifetime: {seconds}")
            yield at(f"Started lifetime timer: {seconds}.")
            yield Line("", Kind.MORE)
        case trace.LifetimeShortened(seconds=seconds):
            yield spaced("processing responder lifetime")
            yield spaced("start processing isakmp responder lifetime")
            yield spaced(f"restart ike sa timer to {seconds} secs")
        case trace.OfferRefused(phase=phase) if sa is not None:
            if phase == 1:
                yield at("no offers accepted!", Kind.ERROR)
            ends = f"(local {sa.local.address} remote {sa.peer.address})"
            yield spaced(f"phase {phase} SA policy not acceptable! {ends}", Kind.ERROR)
            if phase == 1:
                text = "incrementing error counter on sa, attempt 1 of 5: construct_fail_ag_init"
                yield at(text, Kind.COUNTED)
        case trace.NatDetection(local=local_nat, peer=peer_nat):
            yield from _nat(conn, local_nat, peer_nat)
        case trace.IdentitySent() if sa is not None:
            kind_name = ID_TYPES.get(IdType(event.identity.type), str(event.identity.type))
            yield at(f"SA is doing pre-shared key authentication using id type {kind_name}")
            yield from _identity(conn, event.identity, event.protocol, event.port, event.following)
            yield at(f"Total payload length: {8 + len(event.identity.data)}")
        case trace.IdentityReceived():
            yield from _identity(conn, event.identity, event.protocol, event.port, event.following)
        case trace.ProfileMatched(profile=profile):
            yield Line(f": peer matches {profile or '*none* of the'} profile{'' if profile else 's'}")
        case trace.InitialContactSent():
            yield at("Send initial contact")
        case trace.Authenticated() if sa is not None:
            yield at("SA authentication status:")
            yield Line("\tauthenticated", Kind.MORE)
            yield at(f"SA has been authenticated with {sa.peer.address}")
            ends = f"{sa.local.address}/{sa.peer.address}/{sa.peer.port}/"
            text = f"Trying to insert a peer {ends},  and inserted successfully {peer_handle(sa)}."
            yield Line(text, Kind.GENERAL)
        case events.InitialContact() if sa is not None:
            yield at("Process initial contact,")
            ends = f"local {sa.local.address} remote {sa.peer.address} remote port {sa.peer.port}"
            yield Line(f"bring down existing phase 1 and 2 SA's with {ends}", Kind.MORE)
        case trace.RequestRepeated(sa=None):
            return  # no SA waits for it
        case trace.RequestAttached(request=request) | trace.RequestRepeated(request=request):
            yield Line("set new node 0 to QM_IDLE      ", Kind.GENERAL)
            ends = f"(local {request.local}, remote {request.peer})"
            yield at(f"SA is still budding. Attached new ipsec request to it. {ends}")
            if isinstance(event, trace.RequestRepeated):
                yield from _initialization_failed()
        case trace.OutstandingRequest() if sa is not None:
            yield Line("set new node 0 to QM_IDLE      ", Kind.GENERAL, conn)
            here = f"local {sa.local.address} port {sa.local.port}"
            there = f"remote {sa.peer.address} port {sa.peer.port}"
            yield at(f"SA has outstanding requests  ({here}, {there})")
            yield at("sitting IDLE. Starting QM immediately (QM_IDLE      )")
        case trace.NodeCreated(message_id=message_id):
            yield Line(f"set new node {number(message_id)} to QM_IDLE      ", Kind.GENERAL, conn)
        case trace.NodeDeleted(message_id=message_id, error=error, reason=reason):
            flag, kind = ("TRUE", Kind.ERROR) if error else ("FALSE", Kind.SA)
            yield at(f'deleting node {number(message_id)} error {flag} reason "{reason}"', kind)
        case trace.NodePurged(message_id=message_id):
            yield at(f"purging node {number(message_id)}")
        case trace.SpiAllocated(initiator=initiator):
            yield at(f"QM {'Initiator' if initiator else 'Responder'} gets spi")
        case trace.ProposalCheck():
            yield from proposal_lines(event, conn)
        case trace.ProposalRefused(refusal=refusal):
            yield spaced(f"IPSec policy invalidated proposal with error {REFUSALS[refusal]}", Kind.ERROR)
        case events.ChildUp() if sa is not None:
            yield from _installed(event, conn, modern=modern)
        case trace.NotifySent() if not conn:
            return  # a refusal of phase 1 is told by construct_fail_ag_init
        case trace.NotifySent(type=kind_number, protocol=protocol, message_id=message_id, spi=spi):
            yield at(f"Sending NOTIFY {NOTIFIES.get(kind_number, kind_number)} protocol {protocol}")
            value = int.from_bytes(spi[:8]) if len(spi) <= 8 else 0
            yield Line(f"\tspi {value}, message ID = {number(message_id)}", Kind.MORE)
        case trace.NotifyReceived() if sa is not None:
            if not event.authenticated:
                yield at("Notify has no hash. Rejected.", Kind.ERROR)
                text = f"Unknown Input IKE_MESG_FROM_PEER, IKE_INFO_NOTIFY:  state = {sa.fsm}"
                yield at(text, Kind.COUNTED)
                return
            yield spaced(
                f"processing NOTIFY {NOTIFIES.get(event.type, event.type)} protocol {event.protocol}"
            )
            value = int.from_bytes(event.spi) if len(event.spi) <= 4 else 0
            where = f"sa = 0x{handle(sa, 0x66800000)}"
            yield Line(f"\tspi {value}, message ID = {number(event.message_id)}, {where}", Kind.MORE)
        case trace.DeleteReceived(message_id=message_id):
            yield spaced(f"processing DELETE payload. message ID = {number(message_id)}")
        case trace.DeleteNotSent(local=local, peer=peer):
            ends = f"src {local.address} dst {peer.address}"
            yield at(f"ignoring request to send delete notify (no ISAKMP sa) {ends}")
        case trace.DpdReceived(sequence=sequence, acknowledged=acknowledged) if sa is not None:
            what = "DPD/R_U_THERE_ACK" if acknowledged else "DPD/R_U_THERE"
            yield at(f"{what} received from peer {sa.peer.address}, sequence 0x{sequence:X}")
        case trace.DpdSent(attempt=attempt) if attempt:
            yield at(f"DPD incrementing error counter ({attempt}/5)")
        case trace.Duplicate(phase=phase):
            yield spaced(f"phase {phase} packet is a duplicate of a previous packet.")
            yield spaced(f"retransmitting due to retransmit phase {phase}")
        case trace.Retransmitting() if sa is not None:
            yield from _retransmitting(event, sa, number(event.message_id))
        case trace.ErrorCounted(attempt=attempt, limit=limit, reason=reason):
            yield at(
                f"incrementing error counter on sa, attempt {attempt} of {limit}: {reason}", Kind.COUNTED
            )
        case events.BadMessage(reason=reason):
            garbled = sa is not None and sa.state is State.MM_KEY_EXCH
            yield Line(
                "reserved not zero on ID payload!" if garbled else f"malformed message: {reason}", Kind.PLAIN
            )
        case events.PhaseOneDeleted(reason=reason) if sa is not None:
            if not keepalives:
                yield at("peer does not do paranoid keepalives.")
                yield Line("", Kind.MORE)
            yield at(f'deleting SA reason "{reason}" state {_place(sa)} (peer {sa.peer.address})')
        case trace.PeerUnlocked(reason=reason, references=references) if sa is not None:
            yield at(f'deleting SA reason "{reason}" state {_place(sa)} (peer {sa.peer.address}) ')
            yield from _unlocked(sa, "isadb_mark_sa_deleted", references)
        case trace.SaAbandoned(references=references) if sa is not None:
            yield from _unlocked(sa, "isadb_unlock_peer_delete_sa", references)
        case trace.InitializationFailed():
            yield from _initialization_failed()
        case trace.ActionFailed(error=error):
            yield at(f"FSM action returned error: {error}", Kind.COUNTED)
        case trace.SaPurged() if sa is not None:
            address = handle(sa, 0x66800000)
            yield at(f"purging SA., sa={address}, delme={address}")


def _inserted(sa: SaSnapshot, references: int) -> Iterator[Line]:
    peer = peer_handle(sa)
    who = "isakmp_initiator" if sa.role is Role.INITIATOR else "crypto_isakmp_process_block"
    if references > 1:
        yield Line(f"Found a peer struct for {sa.peer.address}, peer port {sa.peer.port}", Kind.GENERAL)
    else:
        yield Line(f"Created a peer struct for {sa.peer.address}, peer port {sa.peer.port}", Kind.GENERAL)
        yield Line(
            f"New peer created peer = 0x{peer} peer_handle = 0x{0x80000000 + sa.number:X}", Kind.GENERAL
        )
    yield Line(f"Locking peer struct 0x{peer}, refcount {references} for {who}", Kind.GENERAL)
    yield Line(f"local port {sa.local.port}, remote port {sa.peer.port}", Kind.GENERAL)
    if sa.role is Role.INITIATOR:
        yield Line("set new node 0 to QM_IDLE      ", Kind.GENERAL)
    yield Line(f"insert sa successfully sa = {handle(sa, 0x66800000)}", Kind.BARE)
    if sa.role is Role.INITIATOR and not sa.state.value.startswith("AG"):
        yield Line("Can not start Aggressive mode, trying Main mode.")


def _unlocked(sa: SaSnapshot, who: str, references: int) -> Iterator[Line]:
    known = peer_handle(sa)
    yield Line(f"Unlocking peer struct 0x{known} for {who}(), count {references}", Kind.GENERAL, sa.conn_id)
    if not references:
        text = f"Deleting peer node by peer_reap for {sa.peer.address}: {known}"
        yield Line(text, Kind.GENERAL, sa.conn_id)


def _initialization_failed() -> Iterator[Line]:
    yield Line("Error while processing SA request: Failed to initialize SA", Kind.PLAIN)
    yield Line("Error while processing KMI message 0, error 2.", Kind.PLAIN)


def _vendor(vendor_id: bytes, name: str | None, conn: int) -> Iterator[Line]:
    if name == vendor.IOS:
        yield Line("speaking to another IOS box!", Kind.SA, conn, spaced=True)
        return
    known = vendor_id in (vendor.UNITY, vendor.DPD) or len(vendor_id) < 16
    if not known:
        text = f"vendor ID seems Unity/DPD but major {vendor_id[14]} mismatch"
        yield Line(text, Kind.SA, conn, spaced=True)
    if name not in (None, vendor.FRAGMENTATION_NAME):
        yield Line(f"vendor ID is {name}", Kind.SA, conn, spaced=True)


def _nat(conn: int, local: bool, peer: bool) -> Iterator[Line]:
    yield Line("received payload type 20", Kind.TIGHT, conn)
    where = "inside" if local else "outside"
    yield Line(f"His hash no match - this node {where} NAT", Kind.COUNTED, conn)
    yield Line("received payload type 20", Kind.TIGHT, conn)
    if not local and not peer:
        yield Line("No NAT Found for self or peer", Kind.COUNTED, conn)
    elif peer:
        yield Line(
            "NAT found, both nodes inside NAT" if local else "NAT found, peer is inside NAT",
            Kind.COUNTED,
            conn,
        )


def _identity(conn: int, identity: Identity, protocol: int, port: int, following: int) -> Iterator[Line]:
    label = "address      " if identity.type == IdType.IPV4_ADDR else "FQDN name    "
    yield Line("ID payload ", Kind.COUNTED, conn)
    for text in (
        f"next-payload : {following}",
        f"type         : {int(identity.type)} ",
        f"{label}: {identity} ",
        f"protocol     : {protocol} ",
        f"port         : {port} ",
        f"length       : {8 + len(identity.data)}",
    ):
        yield Line(f"\t{text}", Kind.MORE)


def _installed(event: events.ChildUp, conn: int, *, modern: bool) -> Iterator[Line]:
    child = event.child
    if modern:
        text = f"Successfully installed IPSEC SA (SPI:0x{child.inbound[-1].spi:X})"
        yield Line(text, Kind.SA, conn)
        return
    local, remote = (each.network.network_address for each in (child.local_selector, child.remote_selector))
    yield Line("Creating IPSec SAs", Kind.SA, conn, spaced=True)
    for keys, source, target, way in (
        *((keys, remote, local, "inbound") for keys in child.inbound),
        *((keys, local, remote, "outbound") for keys in child.outbound),
    ):
        yield Line(f"        {way} SA from {keys.source} to {keys.destination} (f/i)  0/ 0", Kind.BARE)
        yield Line(f"        (proxy {source} to {target})", Kind.MORE)
        yield Line(f"        has spi 0x{keys.spi:X} and conn_id 0", Kind.BARE)
        yield Line(f"        lifetime of {child.lifetime_seconds} seconds", Kind.BARE)
        yield Line(f"        lifetime of {child.lifetime_kilobytes} kilobytes", Kind.BARE)


def _retransmitting(event: trace.Retransmitting, sa: SaSnapshot, message_id: int) -> Iterator[Line]:
    conn, phase = sa.conn_id, event.phase
    about = sa.state.value if phase == 1 else f"QM_IDLE       {message_id}"
    yield Line(f"retransmitting phase {phase} {about}...", Kind.SA, conn, spaced=True)
    if event.attempt:
        text = f"attempt {event.attempt} of {event.limit}: retransmit phase {phase}"
        where = "sa" if phase == 1 else "node"
        yield Line(f"incrementing error counter on {where}, {text}", Kind.COUNTED, conn)
        yield Line(f"retransmitting phase {phase} {about}", Kind.SA, conn, spaced=True)
