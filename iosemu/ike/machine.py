"""What every exchange needs of the engine: time, randomness, events, sending, and the life of an SA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Final, TypeVar

from iosemu.ike import events, fragments, nat, trace
from iosemu.ike.admission import AdmissionCounters
from iosemu.ike.agenda import Agenda
from iosemu.ike.algorithms import cipher_block
from iosemu.ike.configuration import Configuration
from iosemu.ike.exchange import Node, QuickMode
from iosemu.ike.header import FLAG_ENCRYPTED, HEADER_LENGTH, ExchangeType, Header
from iosemu.ike.message import build, chain
from iosemu.ike.payloads import Payload
from iosemu.ike.retransmit import Retransmission
from iosemu.ike.sa import IsakmpSa, Role, State
from iosemu.ike.table import SaTable
from iosemu.ike.types import ChildRequest, Datagram, Endpoint, TrafficSelector

E = TypeVar("E", bound=events.Event)

Owner = tuple[IsakmpSa, Node | None]
"""What a timer belongs to: an SA, or one of its nodes."""
FlowKey = tuple[IPv4Address, IPv4Address, TrafficSelector, TrafficSelector]
"""The peers and selectors of a request."""

LINGER: Final = 60.0
"""Seconds a deleted SA stays in the table."""
MOST_DEAD: Final = 1000
"""Deleted SAs that stay in the table at a time: peers that are refused may be many."""
NODE_LINGER: Final = 50.0
"""Seconds a finished quick mode stays, to answer duplicates."""


class Refused(Exception):  # noqa: N818 - an outcome of negotiation
    """A phase 1 exchange cannot go on: `notify` is told to the peer, `reason` is the SA's end."""

    def __init__(self, notify: int, reason: str) -> None:
        super().__init__(reason)
        self.notify = notify
        self.reason = reason


@dataclass(slots=True)
class ConnIds:
    """Deals out the connection ids of ISAKMP SAs; engines of one box share it."""

    following: int

    def take(self) -> int:
        """The next one."""
        self.following += 1
        return self.following - 1


class Machine:
    """The engine's inner services; the exchanges work on it."""

    def __init__(
        self, configuration: Configuration, randbytes: Callable[[int], bytes], conn_ids: ConnIds
    ) -> None:
        self.configuration = configuration
        self.randbytes = randbytes
        self.now = 0.0
        self.sas = SaTable()
        self.agenda: Agenda[Owner] = Agenda()
        self.touched: dict[Owner, None] = {}
        """Whose times are to be read again before the next timer is told."""
        self.admissions = AdmissionCounters()
        self.outgoing: list[Datagram] = []
        self.happened: list[events.Event] = []
        self.heard: Callable[[], bool] = lambda: True
        """Whether anybody wants to know of steps."""
        self.keyed: list[IsakmpSa] = []
        """SAs that have got their keys."""
        self.postponed: dict[IsakmpSa, tuple[bytes, Endpoint, Endpoint]] = {}
        """The last message of each SA that could not be judged yet, without marker."""
        self.conn_ids = conn_ids
        self._nodes = 0
        self._spis: set[int] = set()
        self._pending: set[FlowKey] = set()

    def emit(self, kind: type[E], sa: IsakmpSa | None, *fields: Any, **named: Any) -> None:
        """Report an event; time and snapshot are filled in. A step is reported if anybody wants to know."""
        if issubclass(kind, events.Step) and not self.heard():
            return
        snapshot = events.SaSnapshot.of(sa) if sa is not None else None
        self.happened.append(kind(self.now, snapshot, *fields, **named))

    def postpone(self, sa: IsakmpSa, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        """Keep a message until it can be judged."""
        self.postponed[sa] = (data, local, peer)

    def insert(self, sa: IsakmpSa) -> None:
        """Put a new SA into the table."""
        sa.created = sa.last_heard = self.now
        self.sas.insert(sa)
        self.touch(sa)
        self.emit(trace.SaInserted, sa, self.sas.references(sa.peer.address))

    def admit(self, local: Endpoint, peer: Endpoint, *, incoming: bool) -> bool:
        """Whether call admission control lets one more SA in; a denial is counted and reported."""
        counters = self.admissions.incoming if incoming else self.admissions.outgoing
        counters.asked += 1
        denial = self.configuration.admission().judge(self.sas)
        if denial is None:
            return True
        counters.denied += 1
        self.emit(events.SaDenied, None, local, peer, incoming, denial)
        return False

    def touch(self, sa: IsakmpSa, node: Node | None = None) -> None:
        """The times of an SA, or of one of its nodes, may have changed."""
        self.touched[sa, node] = None

    def add_node(self, sa: IsakmpSa, node: Node) -> None:
        """A quick mode or a transaction has begun."""
        self._nodes += 1
        node.number = self._nodes
        sa.nodes[node.message_id] = node
        self.touch(sa, node)

    def ask(self, request: ChildRequest) -> bool:
        """Take on a request; False when its like is under way."""
        key = flow_key(request)
        if key in self._pending:
            return False
        self._pending.add(key)
        return True

    def asked(self, request: ChildRequest) -> None:
        """A request has come to its end."""
        self._pending.discard(flow_key(request))

    def assign_conn_id(self, sa: IsakmpSa) -> None:
        """Keys exist: the SA gets its conn-id."""
        sa.conn_id = self.conn_ids.take()

    def new_spi(self) -> int:
        """An SPI that was not given out before (values up to 255 are reserved)."""
        while True:
            spi = int.from_bytes(self.randbytes(4), "big")
            if spi > 0xFF and spi not in self._spis:
                self._spis.add(spi)
                return spi

    def release_spis(self, spis: Sequence[int]) -> None:
        """SPIs are free again."""
        self._spis.difference_update(spis)

    def transition(self, sa: IsakmpSa, major: str, minor: str, new: str) -> None:
        """Move the finer phase 1 state."""
        old, sa.fsm = sa.fsm, new
        self.emit(trace.StateChange, sa, f"IKE_MESG_{major}", minor, old, new)

    def transmit(self, sa: IsakmpSa, data: bytes) -> None:
        """Send a built message, reported by its header."""
        if self.heard():
            header = Header.parse(data)
            self.emit(trace.PacketSent, sa, header.exchange, header.message_id, len(data), header.encrypted)
        pieces = [data]
        if sa.fragments and fragments.needed(data):
            sa.sent_in_pieces += 1
            pieces = fragments.cut(data, sa.sent_in_pieces & 0xFFFF)
        for each in pieces:
            self.transmit_raw(sa, each if sa.local.port != nat.FLOAT_PORT else nat.NON_ESP_MARKER + each)

    def transmit_raw(self, sa: IsakmpSa, data: bytes) -> None:
        """Send a UDP payload as it is."""
        self.outgoing.append(Datagram(sa.local, sa.peer, data))
        self.touch(sa)

    def encrypt(
        self, sa: IsakmpSa, header: Header, payloads: Sequence[Payload], iv: bytes
    ) -> tuple[bytes, bytes]:
        """Build an encrypted message; also its last cipher block, the next IV."""
        assert sa.keys is not None
        block, body = cipher_block(sa.keys.encryption), chain(payloads)
        # IOS always pads, a whole block where none would be needed: in captures 64 bytes become 80
        ciphertext = sa.keys.encrypt(iv, body + bytes(block - len(body) % block))
        length = HEADER_LENGTH + len(ciphertext)
        first = int(payloads[0].TYPE)
        return header.before(first, length, FLAG_ENCRYPTED) + ciphertext, ciphertext[-block:]

    def send_phase1(
        self, sa: IsakmpSa, payloads: Sequence[Payload], *, encrypted: bool = False, awaits: bool = True
    ) -> None:
        """Send the next message of phase 1, kept for duplicates and, if it awaits an answer, repeated."""
        kind = ExchangeType.AGGRESSIVE if sa.aggressive else ExchangeType.MAIN
        header = Header(sa.cookie_i, sa.cookie_r, 0, kind)
        if encrypted:
            data, sa.iv = self.encrypt(sa, header, payloads, sa.iv)
        else:
            data = build(header, payloads)
        sa.exchange.last_sent = data
        sa.exchange.retransmission = Retransmission.start(data, self.now) if awaits else None
        self.transmit(sa, data)

    def find_up(self, local: IPv4Address, peer: IPv4Address, profile: str | None = None) -> IsakmpSa | None:
        """The newest SA in QM_IDLE between two addresses, under a profile if one is named."""
        for sa in reversed(self.sas.up(peer)):
            if sa.local.address == local and profile in (None, sa.profile):
                return sa
        return None

    def establish(self, sa: IsakmpSa) -> None:
        """Phase 1 is complete."""
        assert sa.peer_identity is not None
        sa.established = sa.last_heard = self.now
        if sa.role is Role.RESPONDER:
            sa.extended = sa.extended or self.configuration.insists(sa.party)
        if sa.extended:
            sa.state = State.CONF_XAUTH
        elif sa.client is not None or (sa.role is Role.RESPONDER and self.configuration.pushes(sa.party)):
            sa.state = State.CONF_ADDR
        else:
            self.ready(sa)
        self.touch(sa)
        sa.expires = self.now + sa.lifetime
        if sa.role is Role.INITIATOR:
            sa.exchange.retransmission = None
        keepalive = self.configuration.keepalive(sa.profile)
        if keepalive is not None and keepalive[2] and sa.dpd:
            sa.dpd_next = self.now + keepalive[0]
        if sa.nat.local and (interval := self.configuration.nat_keepalive()):
            sa.nat_keepalive_at = self.now + interval
        self.transition(sa, "INTERNAL", "IKE_PROCESS_COMPLETE", "IKE_P1_COMPLETE")
        self.emit(events.PhaseOneUp, sa, sa.peer_identity)

    def ready(self, sa: IsakmpSa) -> None:
        """Quick mode may run over an SA."""
        sa.state = State.QM_IDLE
        self.sas.establish(sa)
        self.touch(sa)

    def fail_requests(self, requests: Sequence[ChildRequest], sa: IsakmpSa | None, reason: str) -> None:
        """Report the end of requests."""
        for request in requests:
            self.asked(request)
            self.emit(events.RequestFailed, sa, request, reason)

    def delete(self, sa: IsakmpSa, reason: str, *, failed: bool = False, linger: float = LINGER) -> None:
        """Mark an SA deleted; what it still had to do has failed. The peer is not told here.

        `failed`: a message of the peer was refused, and this is what its processing ends with.
        """
        if sa.deleted:
            return
        self.emit(events.PhaseOneDeleted, sa, reason)
        self.emit(trace.PeerUnlocked, sa, reason, self.sas.references(sa.peer.address) - 1)
        for node in list(sa.nodes.values()):
            if not node.done:
                self.emit(trace.NodeDeleted, sa, node.message_id, False, "IKE deleted")
                node.done = True
                if not isinstance(node, QuickMode):
                    continue
                self._release(node)
                if node.request is not None:
                    self.fail_requests([node.request], sa, reason)
        for node in sa.nodes.values():
            self.touch(sa, node)
        sa.nodes.clear()
        sa.transaction = None
        if failed:
            self.emit(trace.ActionFailed, sa)
            if not sa.aggressive:
                self.transition(sa, "INTERNAL", "IKE_PROCESS_MAIN_MODE", sa.fsm)
        self.transition(sa, "INTERNAL", "IKE_PHASE1_DEL", "IKE_DEST_SA")
        sa.deleted = True
        self.sas.mark_deleted(sa)
        self.touch(sa)
        sa.delete_reason = reason
        sa.state = State.MM_NO_STATE
        sa.purge_at = self.now + linger
        sa.exchange.forget()
        sa.expires = sa.quick_at = sa.dpd_next = sa.nat_keepalive_at = sa.configure_by = None
        waiting, sa.requests = sa.requests, []
        self.fail_requests(waiting, sa, reason)
        while self.sas.dead > MOST_DEAD:
            self.purge(self.sas.oldest_dead())

    def abandon(self, sa: IsakmpSa, reason: str) -> None:
        """Give up an SA before its first message: nothing of it stays."""
        sa.deleted = True
        self.sas.mark_deleted(sa)
        self.emit(trace.SaAbandoned, sa, self.sas.references(sa.peer.address))
        self.purge(sa)
        self.emit(trace.InitializationFailed, None)
        waiting, sa.requests = sa.requests, []
        self.fail_requests(waiting, sa, reason)

    def purge(self, sa: IsakmpSa) -> None:
        """Take a deleted SA out of the table."""
        self.emit(trace.SaPurged, sa)
        self.sas.remove(sa)
        self.touch(sa)

    def _release(self, node: QuickMode) -> None:
        if node.child is None:
            self.release_spis([int.from_bytes(spi, "big") for spi in node.spis.values()])

    def initial_contact(self, sa: IsakmpSa) -> None:
        """The peer knows of no other SA: those of before are dead. Ones made meanwhile are not."""
        self.emit(events.InitialContact, sa)
        for other in self.sas.up(sa.peer.address):
            if other is not sa and other.established is not None and other.established < sa.created:
                self.delete(other, "Receive initial contact")

    def bad_message(
        self, sa: IsakmpSa | None, local: Endpoint, peer: Endpoint, notify: int, reason: str
    ) -> None:
        """Report a message that failed its sanity check."""
        self.emit(events.BadMessage, sa, local, peer, int(notify), reason)


def flow_key(request: ChildRequest) -> FlowKey:
    """What makes two requests the same."""
    return request.local, request.peer, request.local_selector, request.remote_selector
