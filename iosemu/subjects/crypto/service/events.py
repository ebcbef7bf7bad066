"""What a router does about what its IKE engine reports."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.ike import events
from iosemu.ike.types import ChildRequest, ChildSa, ProtocolId
from iosemu.ipsec.sadb import SadbPair
from iosemu.subjects.crypto.service.flow import CryptoFlow, selector_of
from iosemu.subjects.crypto.service.keys import IP_PROTOCOLS, PROTOCOL_IDS, pair_of

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine


class EventHandler:
    """Turns events into SAs, deletions and system messages."""

    def __init__(self, engine: CryptoEngine) -> None:
        self.engine = engine

    def handle(self, event: events.Event) -> None:
        """Act on one event."""
        self._act(event)
        self.engine.clients.handle(event)
        self.engine.ezvpn.handle(event)

    def _act(self, event: events.Event) -> None:
        match event:
            case events.ChildUp(child=child):
                self._up(child)
            case events.ChildConfirmed(child=child):
                pair = self._find(child)
                if pair is not None:
                    self.engine.supersede(pair)
            case events.ChildDeleted(sa=sa, protocol=protocol, spis=spis) if sa is not None:
                for spi in spis:
                    self._drop_outbound(sa.peer.address, protocol, spi)
            case events.RequestFailed():
                self.failed(event.request)
            case events.PeerDead(sa=sa) if sa is not None:
                for pair in self._made_by_ikev1(sa.peer.address):
                    self.engine.remove_pair(pair, tell_peer=False)
                    if isinstance(pair.owner, CryptoFlow):
                        pair.owner.peer_index += 1
                        pair.owner.dead = True
            case events.InitialContact(sa=sa) if sa is not None:
                for pair in self._made_by_ikev1(sa.peer.address):
                    if pair.created < sa.created:
                        self.engine.remove_pair(pair, tell_peer=False)
            case events.PhaseOneDeleted(sa=sa) if sa is not None:
                self.engine.life.orphan(sa.peer.address)
            case events.InvalidSpi(sa=sa, protocol=protocol, spi=spi, authenticated=True) if sa is not None:
                self._drop_outbound(sa.peer.address, protocol, spi)
            case events.BadMessage(peer=peer):
                text = f"IKE message from {peer.address} failed its sanity check or is malformed"
                self.engine.alarms.say("IKMP_BAD_MESSAGE", text, peer.address)
            case events.ModeFailure(mode=mode, peer=peer):
                text = f"Processing of {mode} mode failed with peer at {peer.address}"
                self.engine.alarms.say("IKMP_MODE_FAILURE", text, (mode, peer.address), severity=6)
            case events.SaDenied(local=local, peer=peer, incoming=incoming, denial=denial):
                ends = (peer, local) if incoming else (local, peer)
                text = (
                    f"IKE denied an {'INCOMING' if incoming else 'OUTGOING'} SA request "
                    f"from {ends[0].address} to {ends[1].address} due to {denial.value}"
                )
                self.engine.alarms.say("IKE_DENY_SA_REQ", text, (incoming, denial))
            case events.NoSa(peer=peer):
                text = f"IKE message from {peer.address} has no SA and is not an initialization offer"
                self.engine.alarms.say("IKMP_NO_SA", text, peer.address)

    def _drop_outbound(self, peer: IPv4Address, protocol: int, spi: int) -> None:
        """A peer does not have what it calls `spi`; `protocol` is what it sent as an identifier of the DOI."""
        try:
            number = IP_PROTOCOLS[ProtocolId(protocol)]
        except (KeyError, ValueError):
            return
        found = self.engine.sadb.by_outbound_spi(peer, number, spi)
        if found is not None and found.ike_version == 1:
            self.engine.remove_pair(found, tell_peer=False)

    def _made_by_ikev1(self, peer: IPv4Address) -> list[SadbPair]:
        return [pair for pair in self.engine.sadb.with_peer(peer) if pair.ike_version == 1]

    def _up(self, child: ChildSa) -> None:
        engine = self.engine
        flow = engine.home_of(child)
        pair = pair_of(child, engine.now, engine.replay_window(flow))
        if flow is None:
            # the map went away while quick mode ran: the peer must not keep what nobody here has
            for sa in pair.inbound:
                identifier = PROTOCOL_IDS[sa.protocol]
                engine.ike.delete_child(pair.local, pair.peer, identifier, (sa.spi,), engine.now)
            return
        engine.install(pair, flow)

    def _find(self, child: ChildSa) -> SadbPair | None:
        for keys in child.inbound:
            found = self.engine.sadb.inbound(IP_PROTOCOLS[keys.protocol], keys.spi)
            if found is not None:
                return found[0]
        return None

    def failed(self, request: ChildRequest) -> None:
        """The next peer of the entry has its turn; when all have failed, the next packet begins anew."""
        flow = request.tag
        if not isinstance(flow, CryptoFlow):
            return
        selector = selector_of(request.local_selector, request.remote_selector)
        for pair in flow.pairs:
            if pair.selector == selector:
                pair.rekeying = False
        entry = self.engine.entry_of(flow)
        if entry is not None and entry.client is not None:
            self.engine.ezvpn.failed(flow)
            return
        if entry is None or len(entry.peers) < 2:
            return
        flow.peer_index += 1
        flow.tried += 1
        if flow.tried < len(entry.peers) and not flow.pairs:
            self.engine.negotiate(flow)
        elif flow.tried >= len(entry.peers):
            flow.tried = 0
