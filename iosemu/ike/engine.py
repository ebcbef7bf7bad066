"""The IKE engine of one router: datagrams, requests and time in; datagrams and events out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

from iosemu.ike import aggressive_mode, events, informational, main_mode, nat, quick_mode, timers
from iosemu.ike.algorithms import cipher_block
from iosemu.ike.header import HEADER_LENGTH, ExchangeType, Header, MalformedMessage, NotifyType
from iosemu.ike.machine import Machine, Refused
from iosemu.ike.message import Message
from iosemu.ike.payloads import Deletion, Notification
from iosemu.ike.retransmit import DUPLICATE_DELAY, LIMIT, RESET_DELAY
from iosemu.ike.sa import IsakmpSa, Role
from iosemu.ike.types import ChildRequest, Configuration, Datagram, Endpoint

PHASE1 = (ExchangeType.MAIN, ExchangeType.AGGRESSIVE)


class Engine:
    """Sans-IO IKEv1 for one device.

    Call a method, then take `datagrams()` and `events()`, then ask `next_timer()`. No method raises for what a
    peer sends. Lab time is in seconds.
    """

    def __init__(
        self,
        configuration: Configuration,
        randbytes: Callable[[int], bytes],
        first_conn_id: int = 1001,
    ) -> None:
        self._machine = Machine(configuration, randbytes, first_conn_id)

    @property
    def sas(self) -> Sequence[IsakmpSa]:
        """The SA table in order of creation, deleted ones included until they are purged. Live: do not keep."""
        return self._machine.sas

    def datagrams(self) -> list[Datagram]:
        """Take what is to be sent, in order."""
        taken, self._machine.outgoing = self._machine.outgoing, []
        return taken

    def events(self) -> list[events.Event]:
        """Take what has happened, in order."""
        taken, self._machine.happened = self._machine.happened, []
        return taken

    def next_timer(self) -> float | None:
        """Lab time at which `tick` must be called, or None."""
        return min((due for sa in self._machine.sas if (due := timers.due(sa)) is not None), default=None)

    def tick(self, now: float) -> None:
        """Do what is due: retransmit, expire, purge, DPD, NAT keepalives."""
        self._machine.now = now
        for sa in list(self._machine.sas):
            timers.run(self._machine, sa)

    # Requests.

    def initiate(self, request: ChildRequest, now: float) -> None:
        """Ask for IPsec SAs: over an SA in QM_IDLE if there is one, else phase 1 is made first.

        A request equal in its peers and selectors to one under way is not repeated. The end is a `ChildUp` or a
        `RequestFailed`. A rekey is the same request again, once the first is done.
        """
        machine = self._machine
        machine.now = now
        budding: IsakmpSa | None = None
        for sa in machine.sas:
            if sa.deleted or (sa.local.address, sa.peer.address) != (request.local, request.peer):
                continue
            waiting = [node.request for node in sa.nodes.values() if node.request and not node.done]
            if any(_same_flow(request, other) for other in (*sa.requests, *waiting)):
                return
            if sa.role is Role.INITIATOR and not sa.up:
                budding = sa
        up = machine.find_up(request.local, request.peer)
        if up is not None:
            machine.emit(events.OutstandingRequest, up, request)
            quick_mode.begin(machine, up, request)
        elif budding is not None:
            budding.requests.append(request)
            machine.emit(events.RequestAttached, budding, request)
        else:
            self._begin(request)

    def _begin(self, request: ChildRequest) -> None:
        machine = self._machine
        local, peer = Endpoint(request.local), Endpoint(request.peer)
        sa = IsakmpSa(local, peer, Role.INITIATOR, machine.randbytes(8))
        sa.aggressive = request.aggressive
        machine.insert(sa)
        sa.requests.append(request)
        begin = aggressive_mode.begin if request.aggressive else main_mode.begin
        if not begin(machine, sa):
            machine.emit(events.NoCredentials, sa, peer)
            machine.delete(sa, "No Cert or pre-shared address key.")
            machine.purge(sa)

    # Datagrams.

    def receive(self, data: bytes, local: Endpoint, peer: Endpoint, now: float) -> None:
        """Take a UDP payload that came to `local` (port 500 or 4500) from `peer`.

        On port 4500 it starts with the non-ESP marker (RFC 3948); a keepalive (one byte FF) is ignored.
        """
        machine = self._machine
        machine.now = now
        if local.port == nat.FLOAT_PORT:
            if data == nat.KEEPALIVE:
                return
            if not data.startswith(nat.NON_ESP_MARKER):
                machine.bad_message(None, local, peer, NotifyType.PAYLOAD_MALFORMED, "no non-ESP marker")
                return
            data = data[len(nat.NON_ESP_MARKER) :]
        sa: IsakmpSa | None = None
        try:
            header = Header.parse(data)
            data = data[: header.length]
            sa = self._find(header, peer)
            received = (local, peer, header.exchange, header.message_id, len(data))
            machine.emit(events.PacketReceived, sa, *received)
            if sa is None:
                self._first(header, data, local, peer)
            elif header.exchange in PHASE1:
                self._phase1(sa, header, data, local, peer)
            elif sa.deleted:
                return
            elif header.exchange == ExchangeType.QUICK:
                self._quick(sa, header, data, peer)
            elif header.exchange == ExchangeType.INFORMATIONAL:
                self._informational(sa, header, data, peer)
            else:
                raise MalformedMessage(NotifyType.INVALID_EXCHANGE_TYPE, f"exchange {header.exchange}")
        except MalformedMessage as error:
            machine.bad_message(sa, local, peer, error.notify, error.reason)

    def _find(self, header: Header, peer: Endpoint) -> IsakmpSa | None:
        machine = self._machine
        sa = machine.by_cookies.get((header.cookie_i, header.cookie_r))
        if sa is not None:
            return sa
        early = machine.by_offer.get((header.cookie_i, peer.address))
        if early is None:
            return None
        # The responder's cookie is zero in a repeated first message, and new in the answer to ours.
        first = header.cookie_r == bytes(8) and early.role is Role.RESPONDER
        answer = early.role is Role.INITIATOR and early.cookie_r == bytes(8)
        return early if first or answer else None

    def _first(self, header: Header, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        machine = self._machine
        if header.cookie_r != bytes(8) or header.exchange not in PHASE1 or header.encrypted:
            machine.emit(events.NoSa, None, local, peer)
            return
        message = Message.parse(header, data[HEADER_LENGTH:])
        aggressive = header.exchange == ExchangeType.AGGRESSIVE
        if aggressive and not machine.configuration.aggressive_mode():
            machine.emit(events.ModeFailure, None, "Aggressive", peer)
            return
        sa = IsakmpSa(local, peer, Role.RESPONDER, header.cookie_i, machine.randbytes(8))
        sa.aggressive = aggressive
        machine.insert(sa)
        try:
            self._advance(sa, message, data)
        except MalformedMessage as error:
            machine.delete(sa, error.reason)
            machine.purge(sa)
            raise

    def _advance(self, sa: IsakmpSa, message: Message, data: bytes) -> None:
        machine, exchange = self._machine, sa.exchange
        advance = aggressive_mode.advance if sa.aggressive else main_mode.advance
        before = sa.iv
        if message.header.encrypted and sa.keys is not None:
            # The own answer chains on the peer's last block; put back when the message counts for nothing.
            sa.iv = data[-cipher_block(sa.keys.encryption) :]
        was_up = sa.up
        try:
            advance(machine, sa, message)
        except MalformedMessage:
            sa.iv = before
            raise
        except Refused as refusal:
            exchange.refused = True
            exchange.last_received = data
            mode = "Aggressive" if sa.aggressive else "Main"
            machine.emit(events.ModeFailure, sa, mode, sa.peer)
            exchange.last_sent = informational.send_clear_notify(machine, sa, refusal.notify)
            machine.delete(sa, refusal.reason)
            return
        exchange.last_received = data
        exchange.received.add(data)
        if sa.up and not was_up:
            if exchange.lifetime_shortened:
                informational.send_lifetime(machine, sa)
            requests, sa.requests = sa.requests, []
            for request in requests:
                quick_mode.begin(machine, sa, request)
            machine.transition(sa, "INTERNAL", "IKE_PHASE1_COMPLETE", sa.fsm)

    def _phase1(self, sa: IsakmpSa, header: Header, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        machine, exchange = self._machine, sa.exchange
        if data == exchange.last_received:
            self._duplicate(sa)
            return
        if sa.deleted or sa.up or data in exchange.received:
            return
        if sa.aggressive != (header.exchange == ExchangeType.AGGRESSIVE) or header.message_id:
            raise MalformedMessage(NotifyType.INVALID_EXCHANGE_TYPE, "another exchange than before")
        last = (
            exchange.step >= (4 if sa.role is Role.RESPONDER else 5)
            if not sa.aggressive
            else exchange.step == 2
        )
        if header.encrypted != last:
            raise MalformedMessage(NotifyType.INVALID_FLAGS, "encryption flag")
        ends = sa.local, sa.peer
        try:
            if header.encrypted:
                if not sa.aggressive:
                    main_mode.arrive(machine, sa)
                message = self._decrypt(sa, header, data, sa.iv)
                # A peer behind a NAT floats to port 4500 with this message (RFC 3947, 4).
                sa.local, sa.peer = local, peer
            else:
                message = Message.parse(header, data[HEADER_LENGTH:])
            self._advance(sa, message, data)
        except MalformedMessage:
            sa.local, sa.peer = ends
            self._count_bad(sa)
            raise

    def _count_bad(self, sa: IsakmpSa) -> None:
        """The own last message is repeated soon: perhaps the peer's was damaged on its way."""
        exchange = sa.exchange
        exchange.bad_messages += 1
        waiting = exchange.retransmission
        if exchange.bad_messages == 1 and waiting is not None:
            waiting.attempts += 1
            self._machine.emit(events.ErrorCounted, sa, waiting.attempts, LIMIT, "reset_retransmission")
            waiting.hasten(self._machine.now, RESET_DELAY)

    def _duplicate(self, sa: IsakmpSa) -> None:
        machine, exchange = self._machine, sa.exchange
        machine.emit(events.Duplicate, sa, 1, 0)
        # Only who sent the last message of an exchange repeats it: two that both did would never end.
        last_word = (sa.role is Role.INITIATOR) == sa.aggressive
        if sa.up or exchange.refused:
            if last_word or exchange.refused:
                machine.transmit(sa, exchange.last_sent)
        elif exchange.retransmission is not None:
            exchange.retransmission.hasten(machine.now, DUPLICATE_DELAY)

    def _decrypt(self, sa: IsakmpSa, header: Header, data: bytes, iv: bytes) -> Message:
        assert sa.keys is not None
        if not header.encrypted:
            raise MalformedMessage(NotifyType.INVALID_FLAGS, "not encrypted")
        try:
            plaintext = sa.keys.decrypt(iv, data[HEADER_LENGTH:])
        except ValueError:
            raise MalformedMessage(NotifyType.UNEQUAL_PAYLOAD_LENGTHS, "not whole cipher blocks") from None
        return Message.parse(header, plaintext)

    def _quick(self, sa: IsakmpSa, header: Header, data: bytes, peer: Endpoint) -> None:
        machine = self._machine
        if not sa.up or sa.keys is None or not header.message_id:
            raise MalformedMessage(NotifyType.INVALID_EXCHANGE_TYPE, "quick mode before phase 1 is complete")
        node = sa.nodes.get(header.message_id)
        if node is not None and data == node.last_received:
            machine.emit(events.Duplicate, sa, 2, header.message_id)
            if node.last_sent and (node.initiator or not node.done):
                machine.transmit(sa, node.last_sent)
            return
        if node is not None and node.done:
            return
        new = node is None
        if node is None:
            iv = sa.keys.message_iv(sa.iv, header.message_id)
            node = quick_mode.QuickMode(header.message_id, False, iv)
        message = self._decrypt(sa, header, data, node.iv)
        ends = sa.peer
        if sa.nat.peer:
            # A NAT may have mapped the peer anew (RFC 3947, 7); undone when the hash does not verify.
            sa.peer = peer
        before, node.iv = node.iv, data[-cipher_block(sa.keys.encryption) :]
        try:
            if new:
                machine.emit(events.NodeCreated, sa, header.message_id)
                quick_mode.respond(machine, sa, node, message)
                sa.nodes[header.message_id] = node
            elif node.initiator:
                quick_mode.complete(machine, sa, node, message)
            else:
                quick_mode.confirm(machine, sa, node, message)
        except MalformedMessage:
            node.iv, sa.peer = before, ends
            raise
        except quick_mode.Rejected as rejection:
            sa.nodes[header.message_id] = node
            self._reject(sa, node, rejection)
        node.last_received = data
        informational.alive(machine, sa)

    def _reject(self, sa: IsakmpSa, node: quick_mode.QuickMode, rejection: quick_mode.Rejected) -> None:
        machine = self._machine
        machine.emit(events.ProposalRefused, sa, node.message_id, rejection.refusal)
        machine.emit(events.OfferRefused, sa, 2)
        notification = Notification(rejection.protocol, rejection.notify, rejection.spi)
        informational.send(machine, sa, notification)
        quick_mode.finish(machine, sa, node, error=True, reason="QM rejected")
        change = ("IKE_MESG_FROM_PEER", "IKE_QM_EXCH", node.fsm, node.fsm, node.message_id)
        machine.emit(events.StateChange, sa, *change)
        machine.emit(events.ModeFailure, sa, "Quick", sa.peer)

    def _informational(self, sa: IsakmpSa, header: Header, data: bytes, peer: Endpoint) -> None:
        machine = self._machine
        if not header.encrypted:
            informational.receive_clear(machine, sa, Message.parse(header, data[HEADER_LENGTH:]))
            return
        if sa.keys is None or not header.message_id:
            raise MalformedMessage(NotifyType.INVALID_MESSAGE_ID, "informational without keys")
        if header.message_id in sa.seen_messages:
            return
        iv = sa.keys.message_iv(sa.iv, header.message_id)
        message = self._decrypt(sa, header, data, iv)
        informational.authenticate(sa, message)
        if sa.nat.peer:
            sa.peer = peer
        informational.receive(machine, sa, message)

    # What the router tells.

    def delete_sa(self, now: float, conn_id: int | None = None, peer: IPv4Address | None = None) -> int:
        """`clear crypto isakmp [conn-id]`: delete all, or the SA of a conn-id, or all with a peer; tells the peer.

        Returns how many were deleted. IPsec SAs remain.
        """
        machine = self._machine
        machine.now = now
        chosen = [
            sa
            for sa in machine.sas
            if not sa.deleted
            and (conn_id is None or sa.conn_id == conn_id)
            and (peer is None or sa.peer.address == peer)
        ]
        for sa in chosen:
            informational.send_delete(machine, sa)
            machine.delete(sa, "Clear by user")
        return len(chosen)

    def delete_child(
        self, local: IPv4Address, peer: IPv4Address, protocol: int, spis: Sequence[int], now: float
    ) -> bool:
        """Tell a peer that IPsec SAs are gone; `spis` are this side's inbound SPIs of one protocol.

        Returns False when there is no ISAKMP SA to say it over.
        """
        machine = self._machine
        machine.now = now
        machine.release_spis(spis)
        sa = machine.find_up(local, peer)
        if sa is None:
            machine.emit(events.DeleteNotSent, None, Endpoint(local), Endpoint(peer))
            return False
        if spis:
            packed = tuple(spi.to_bytes(4, "big") for spi in spis)
            informational.send(machine, sa, Deletion(protocol, packed))
        return True

    def drop(self, now: float, local: IPv4Address) -> int:
        """An address went away (interface shut, map removed): delete its SAs without a word to the peers."""
        machine = self._machine
        machine.now = now
        chosen = [sa for sa in machine.sas if not sa.deleted and sa.local.address == local]
        for sa in chosen:
            machine.delete(sa, "Interface down")
        return len(chosen)

    def invalid_spi(self, local: IPv4Address, peer: IPv4Address, protocol: int, spi: int, now: float) -> bool:
        """A packet with an unknown SPI came: tell the peer over an SA in QM_IDLE. False when there is none."""
        machine = self._machine
        machine.now = now
        sa = machine.find_up(local, peer)
        if sa is None:
            return False
        packed = spi.to_bytes(4, "big")
        informational.send(machine, sa, Notification(protocol, NotifyType.INVALID_SPI, packed, packed))
        return True

    def traffic_sent(self, peer: IPv4Address, now: float) -> None:
        """The datapath sent ESP or AH to a peer: drives on-demand DPD."""
        keepalive = self._machine.configuration.keepalive()
        if keepalive is None or keepalive[2]:
            return
        self._machine.now = now
        for sa in self._machine.sas:
            idle = now - sa.last_heard >= keepalive[0]
            if sa.up and sa.dpd and sa.peer.address == peer and idle and sa.dpd_next is None:
                informational.send_probe(self._machine, sa, keepalive[1])

    def traffic_received(self, peer: IPv4Address, now: float) -> None:
        """The datapath got valid ESP or AH from a peer: it is alive."""
        self._machine.now = now
        for sa in self._machine.sas:
            if sa.up and sa.peer.address == peer:
                informational.alive(self._machine, sa)


def _same_flow(one: ChildRequest, other: ChildRequest) -> bool:
    return (one.local_selector, one.remote_selector) == (other.local_selector, other.remote_selector)
