"""`debug crypto ipsec` and `debug crypto engine`: what the key engine and the cipher engine say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address
from typing import Any

from iosemu.ike import events, trace
from iosemu.ike.events import Event
from iosemu.ike.header import PayloadType
from iosemu.ike.types import ChildAnswer, Encapsulation, Phase2Proposal, ProtocolId, Refusal, TrafficSelector
from iosemu.subjects.crypto.config.ipsec import transform_words
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.service.keys import IP_PROTOCOLS

QUEUE_EVENT = "IPSEC(key_engine): got a queue event with 1 KMI message(s)"
MODES = {
    Encapsulation.TUNNEL: "Tunnel",
    Encapsulation.TRANSPORT: "Transport",
    Encapsulation.UDP_TUNNEL: "Tunnel-UDP",
    Encapsulation.UDP_TRANSPORT: "Transport-UDP",
}


class IpsecDebug:
    """Lines of `debug crypto ipsec`; those that begin with a blank go on the message before.

    `proxies` is what follows a proxy's protocol in this release, `conn_id` finds the connection id of an SPI.
    """

    def __init__(self, proxies: str, conn_id: Callable[[int], int]) -> None:
        self.conn_id = conn_id
        self.old = "type" in proxies
        self.proxies = proxies
        self._table: dict[type[Event], Callable[[Any], Iterable[str]]] = {
            trace.Requested: self._requested,
            trace.RequestRepeated: self._repeated,
            trace.OfferJudged: self._offer_judged,
            events.ChildUp: self._created,
            events.ChildConfirmed: self._confirmed,
            events.ChildDeleted: self._deleted,
            events.RequestFailed: self._failed,
        }

    def lines(self, event: Event) -> Iterable[str]:
        """What is printed about one event."""
        told = self._table.get(type(event))
        return told(event) if told is not None else ()

    def errors(self, event: Event) -> Iterator[str]:
        """What `debug crypto ipsec error` prints: why an offer is refused."""
        if isinstance(event, trace.OfferJudged) and isinstance(event.answer, Refusal):
            yield from self._refused(event.offer.proposals[0], event.answer)

    def _requested(self, event: trace.Requested) -> Iterator[str]:
        request = event.request
        yield "IPSEC(sa_request): ,"
        yield self._message("OUTBOUND", request.local, request.peer, "500")
        yield from self._proxies(request.local_selector, request.remote_selector, ",")
        lives = f"{request.lifetime_seconds}s and {request.lifetime_kilobytes}kb"
        yield from self._proposal(request.proposals[0], lives)

    def _repeated(self, event: trace.RequestRepeated) -> Iterator[str]:
        request = event.request
        yield f"IPSEC(key_engine): request timer fired: count = {event.count},"
        yield f"  (identity) {self._ends(request.local, request.peer, '0')},"
        yield from self._proxies(request.local_selector, request.remote_selector, "")

    def _offer_judged(self, event: trace.OfferJudged) -> Iterator[str]:
        offer, answer = event.offer, event.answer
        shown = offer.proposals[answer.proposal if isinstance(answer, ChildAnswer) else 0]
        yield "IPSEC(validate_proposal_request): proposal part #1"
        yield "IPSEC(validate_proposal_request): proposal part #1,"
        yield self._message("INBOUND", offer.local, offer.peer, "0")
        yield from self._proxies(offer.local_selector, offer.remote_selector, ",")
        yield from self._proposal(shown, "0s and 0kb")
        yield from self._judged(offer.local_selector, offer.remote_selector, shown, answer)

    def _created(self, event: events.ChildUp) -> Iterator[str]:
        child, flow = event.child, event.child.tag
        yield QUEUE_EVENT
        if isinstance(flow, CryptoFlow):
            yield f"IPSEC(crypto_ipsec_create_ipsec_sas): Map found {flow.map_name}, {flow.sequence}"
        for keys in (*child.inbound, *child.outbound):
            yield "IPSEC(create_sa): sa created,"
            yield f"  (sa) sa_dest= {keys.destination}, sa_proto= {IP_PROTOCOLS[keys.protocol]}, "
            yield f"    sa_spi= 0x{keys.spi:X}({keys.spi}), "
            words = " ".join(transform_words(child.proposal))
            yield f"    sa_trans= {words} , sa_conn_id= {self.conn_id(keys.spi)}"
            yield f"    sa_lifetime(k/sec)= ({child.lifetime_kilobytes}/{child.lifetime_seconds}),"
            yield f"  (identity) {self._ends(child.local.address, child.peer.address, '0')},"
            yield from self._proxies(child.local_selector, child.remote_selector, "")

    def _confirmed(self, event: events.ChildConfirmed) -> Iterator[str]:
        keys = event.child.outbound[-1]
        yield QUEUE_EVENT
        yield "IPSEC(key_engine_enable_outbound): rec'd enable notify from ISAKMP"
        where = f"{keys.spi}/{IP_PROTOCOLS[keys.protocol]}"
        yield f"IPSEC(key_engine_enable_outbound): enable SA with spi {where}"

    def _deleted(self, event: events.ChildDeleted) -> Iterator[str]:
        if event.sa is None:
            return
        yield QUEUE_EVENT
        yield "IPSEC(key_engine_delete_sas): rec'd delete notify from ISAKMP"
        number = IP_PROTOCOLS[ProtocolId.ESP if event.protocol == ProtocolId.ESP else ProtocolId.AH]
        for spi in event.spis:
            what = f"delete SA with spi 0x{spi:X} proto {number} for {event.sa.peer.address}"
            yield f"IPSEC(key_engine_delete_sas): {what}"

    def _failed(self, event: events.RequestFailed) -> Iterator[str]:
        yield QUEUE_EVENT

    def _ends(self, local: IPv4Address, peer: IPv4Address, port: str) -> str:
        if self.old:
            return f"local= {local}, remote= {peer}"
        return f"local= {local}:{port}, remote= {peer}:{port}"

    def _message(self, way: str, local: IPv4Address, peer: IPv4Address, port: str) -> str:
        return f"  (key eng. msg.) {way} {self._ends(local, peer, port)},"

    def _proxies(self, local: TrafficSelector, remote: TrafficSelector, end: str) -> Iterator[str]:
        for label, selector, tail in (("local", local, ","), ("remote", remote, end)):
            network = selector.network
            yield f"    {label}_proxy= {network.network_address}/{network.netmask}{self._tail(selector)}{tail}"

    def _tail(self, selector: TrafficSelector) -> str:
        if self.old:
            kind = 1 if selector.network.prefixlen == 32 else 4
            return f"/{selector.protocol}/{selector.port} (type={kind})"
        return f"/{selector.protocol or 256}/{selector.port}"

    def _proposal(self, proposal: Phase2Proposal, lives: str) -> Iterator[str]:
        words = " ".join(transform_words(proposal))
        names = [name for name, part in (("AH", proposal.ah), ("ESP", proposal.esp)) if part is not None]
        yield f"    protocol= {names[-1]}, transform= {words}  ({MODES[proposal.encapsulation]}), "
        yield f"    lifedur= {lives}, "
        size = proposal.esp.key_bits if proposal.esp is not None else 0
        yield f"    spi= 0x0(0), conn_id= 0, keysize= {size}, flags= 0x0"

    def _judged(
        self,
        local: TrafficSelector,
        remote: TrafficSelector,
        proposal: Phase2Proposal,
        answer: ChildAnswer | Refusal,
    ) -> Iterator[str]:
        yield "Crypto mapdb : proxy_match"
        yield f"\tsrc addr     : {local.network.network_address}"
        yield f"\tdst addr     : {remote.network.network_address}"
        yield f"\tprotocol     : {local.protocol}"
        yield f"\tsrc port     : {local.port}"
        yield f"\tdst port     : {remote.port}"
        if isinstance(answer, ChildAnswer):
            flow = answer.tag
            if isinstance(flow, CryptoFlow):
                yield f"(ipsec_process_proposal)Map Accepted: {flow.map_name}, {flow.sequence}"
        else:
            yield from self._refused(proposal, answer)

    def _refused(self, proposal: Phase2Proposal, answer: Refusal) -> Iterator[str]:
        if answer is Refusal.PROXY_MISMATCH:
            yield "map_db_find_best did not find matching map"
            yield "IPSEC(ipsec_process_proposal): proxy identities not supported"
        elif answer is Refusal.PFS_MISMATCH:
            yield "IPSEC(ipsec_process_proposal): PFS group differs from that of the crypto map"
        else:
            yield "IPSEC(ipsec_process_proposal): transform proposal not supported for identity: "
            yield f"    {{{' '.join(transform_words(proposal))} }}"


def _packet_sent(event: trace.PacketSent) -> Iterator[str]:
    if event.encrypted:
        yield "crypto_engine: Encrypt IKE packet"


def _packet_received(event: trace.PacketReceived) -> Iterator[str]:
    if event.encrypted and event.sa is not None:
        yield "crypto_engine: Decrypt IKE packet"


def _lifetime_agreed(event: trace.LifetimeAgreed) -> Iterator[str]:
    if event.sa is not None:
        yield "crypto_engine: Create DH"


def _payload_processed(event: trace.PayloadProcessed) -> Iterator[str]:
    if event.payload == PayloadType.NONCE and not event.message_id:
        yield "crypto_engine: Create DH shared secret"
        yield "crypto_engine: Create IKE SA"
    elif event.payload == PayloadType.HASH:
        yield IKE_HASH


def _identity_sent(event: trace.IdentitySent) -> Iterator[str]:
    yield IKE_HASH


def _child_up(event: events.ChildUp) -> Iterator[str]:
    yield "crypto_engine: Generate IKE QM keys"
    for _keys in (*event.child.inbound, *event.child.outbound):
        yield "crypto_engine: Create IPSec SA (by keys)"


def _sa_purged(event: trace.SaPurged) -> Iterator[str]:
    if event.sa is not None and event.sa.conn_id:
        yield f"crypto engine: deleting IKE SA SW:{event.sa.conn_id % 1000}"


IKE_HASH = "crypto_engine: Generate IKE hash"
ENGINE: dict[type[Event], Callable[[Any], Iterable[str]]] = {
    trace.PacketSent: _packet_sent,
    trace.PacketReceived: _packet_received,
    trace.LifetimeAgreed: _lifetime_agreed,
    trace.PayloadProcessed: _payload_processed,
    trace.IdentitySent: _identity_sent,
    events.ChildUp: _child_up,
    trace.SaPurged: _sa_purged,
}


def engine_lines(event: Event) -> Iterable[str]:
    """What `debug crypto engine` prints about one event."""
    told = ENGINE.get(type(event))
    return told(event) if told is not None else ()
