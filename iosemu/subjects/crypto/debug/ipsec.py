"""`debug crypto ipsec` and `debug crypto engine`: what the key engine and the cipher engine say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from iosemu.ike import events, trace
from iosemu.ike.events import Event
from iosemu.ike.sa import State
from iosemu.ike.types import ChildAnswer, Encapsulation, Phase2Proposal, Refusal, TrafficSelector
from iosemu.subjects.crypto.config.ipsec import transform_words
from iosemu.subjects.crypto.service.flow import CryptoFlow

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

    def lines(self, event: Event) -> Iterator[str]:
        """What is printed about one event."""
        match event:
            case trace.Requested(request=request):
                proposal = request.proposals[0]
                yield "IPSEC(sa_request): ,"
                yield self._message("OUTBOUND", request.local, request.peer, "500")
                yield from self._proxies(request.local_selector, request.remote_selector, ",")
                lives = f"{request.lifetime_seconds}s and {request.lifetime_kilobytes}kb"
                yield from self._proposal(proposal, lives)
            case trace.RequestRepeated(request=request, count=count):
                yield f"IPSEC(key_engine): request timer fired: count = {count},"
                yield f"  (identity) {self._ends(request.local, request.peer, '0')},"
                yield from self._proxies(request.local_selector, request.remote_selector, "")
            case trace.OfferJudged(offer=offer, answer=answer):
                shown = offer.proposals[answer.proposal if isinstance(answer, ChildAnswer) else 0]
                yield "IPSEC(validate_proposal_request): proposal part #1"
                yield "IPSEC(validate_proposal_request): proposal part #1,"
                yield self._message("INBOUND", offer.local, offer.peer, "0")
                yield from self._proxies(offer.local_selector, offer.remote_selector, ",")
                yield from self._proposal(shown, "0s and 0kb")
                yield from self._judged(offer.local_selector, offer.remote_selector, shown, answer)
            case events.ChildUp(child=child):
                yield "IPSEC(key_engine): got a queue event with 1 KMI message(s)"
                flow = child.tag
                if isinstance(flow, CryptoFlow):
                    yield f"IPSEC(crypto_ipsec_create_ipsec_sas): Map found {flow.map_name}, {flow.sequence}"
                words = " ".join(transform_words(child.proposal))
                for keys in (*child.inbound, *child.outbound):
                    protocol = 50 if keys.protocol == 3 else 51
                    yield "IPSEC(create_sa): sa created,"
                    yield f"  (sa) sa_dest= {keys.destination}, sa_proto= {protocol}, "
                    yield f"    sa_spi= 0x{keys.spi:X}({keys.spi}), "
                    yield f"    sa_trans= {words} , sa_conn_id= {self.conn_id(keys.spi)}"
                    lives = f"({child.lifetime_kilobytes}/{child.lifetime_seconds})"
                    yield f"    sa_lifetime(k/sec)= {lives},"
                    ends = self._ends(child.local.address, child.peer.address, "0")
                    yield f"  (identity) {ends},"
                    yield from self._proxies(child.local_selector, child.remote_selector, "")
            case events.ChildConfirmed(child=child):
                yield "IPSEC(key_engine): got a queue event with 1 KMI message(s)"
                yield "IPSEC(key_engine_enable_outbound): rec'd enable notify from ISAKMP"
                spi = child.outbound[-1].spi
                yield f"IPSEC(key_engine_enable_outbound): enable SA with spi {spi}/50"
            case events.ChildDeleted(sa=sa, spis=spis, protocol=protocol) if sa is not None:
                yield "IPSEC(key_engine): got a queue event with 1 KMI message(s)"
                yield "IPSEC(key_engine_delete_sas): rec'd delete notify from ISAKMP"
                number = 50 if protocol == 3 else 51
                for spi in spis:
                    what = f"delete SA with spi 0x{spi:X} proto {number} for {sa.peer.address}"
                    yield f"IPSEC(key_engine_delete_sas): {what}"
            case events.RequestFailed():
                yield "IPSEC(key_engine): got a queue event with 1 KMI message(s)"

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
        elif answer is Refusal.PROXY_MISMATCH:
            yield "map_db_find_best did not find matching map"
            yield "IPSEC(ipsec_process_proposal): proxy identities not supported"
        elif answer is Refusal.PFS_MISMATCH:
            yield "IPSEC(ipsec_process_proposal): PFS group differs from that of the crypto map"
        else:
            yield "IPSEC(ipsec_process_proposal): transform proposal not supported for identity: "
            yield f"    {{{' '.join(transform_words(proposal))} }}"


def engine_lines(event: Event) -> Iterator[str]:
    """What `debug crypto engine` prints about one event."""
    match event:
        case trace.PacketSent(encrypted=True):
            yield "crypto_engine: Encrypt IKE packet"
        case trace.PacketReceived(encrypted=True, sa=sa) if sa is not None:
            yield "crypto_engine: Decrypt IKE packet"
        case trace.LifetimeAgreed(sa=sa) if sa is not None and sa.state is not State.QM_IDLE:
            yield "crypto_engine: Create DH"
        case trace.PayloadProcessed(payload=10, message_id=0):
            yield "crypto_engine: Create DH shared secret"
            yield "crypto_engine: Create IKE SA"
        case trace.PayloadProcessed(payload=8) | trace.IdentitySent():
            yield "crypto_engine: Generate IKE hash"
        case events.ChildUp(child=child):
            yield "crypto_engine: Generate IKE QM keys"
            for _keys in (*child.inbound, *child.outbound):
                yield "crypto_engine: Create IPSec SA (by keys)"
        case trace.SaPurged(sa=sa) if sa is not None and sa.conn_id:
            yield f"crypto engine: deleting IKE SA SW:{sa.conn_id % 1000}"
