"""Datagrams that arrive: which SA and exchange they belong to, duplicates, damage, refusals."""

from __future__ import annotations

from collections.abc import Collection

from iosemu.ike import (
    access,
    aggressive_mode,
    events,
    fragments,
    informational,
    main_mode,
    nat,
    quick_mode,
    trace,
    transaction,
)
from iosemu.ike.algorithms import cipher_block
from iosemu.ike.exchange import QuickMode, Transaction
from iosemu.ike.header import (
    HEADER_LENGTH,
    ExchangeType,
    Header,
    MalformedMessage,
    NotifyType,
    PayloadType,
)
from iosemu.ike.machine import Machine, Refused
from iosemu.ike.message import Message
from iosemu.ike.payloads import Notification
from iosemu.ike.proof import Postponed
from iosemu.ike.retransmit import DUPLICATE_DELAY, LIMIT, RESET_DELAY, SETTLING
from iosemu.ike.sa import IsakmpSa, Role
from iosemu.ike.types import Endpoint

PHASE1 = (ExchangeType.MAIN, ExchangeType.AGGRESSIVE)


class Reception:
    """The receiving half of one engine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def receive(self, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        """Take a UDP payload that came to `local` (port 500 or 4500) from `peer`.

        On port 4500 it starts with the non-ESP marker (RFC 3948); a keepalive (one byte FF) is ignored.
        """
        machine = self._machine
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
            if header.next_payload == PayloadType.FRAGMENT and not header.encrypted:
                whole = self._piece(sa, header, data, local, peer)
                if whole is None:
                    return
                header, data = Header.parse(whole), whole
                if header.length != len(whole):
                    raise MalformedMessage(NotifyType.UNEQUAL_PAYLOAD_LENGTHS, "length of the whole message")
            received = (local, peer, header.exchange, header.message_id, len(data), header.encrypted)
            machine.emit(trace.PacketReceived, sa, *received)
            if sa is None:
                self._first(header, data, local, peer)
            elif header.exchange in PHASE1:
                self._phase1(sa, header, data, local, peer)
            elif sa.deleted:
                return
            elif header.exchange == ExchangeType.QUICK:
                self._quick(sa, header, data, peer)
            elif header.exchange == ExchangeType.TRANSACTION:
                self._transaction(sa, header, data)
            elif header.exchange == ExchangeType.INFORMATIONAL:
                self._informational(sa, header, data, peer)
            else:
                self._other(sa, header, data, peer)
        except MalformedMessage as error:
            machine.bad_message(sa, local, peer, error.notify, error.reason)
        if sa is not None:
            machine.touch(sa)

    def _other(self, sa: IsakmpSa, header: Header, data: bytes, peer: Endpoint) -> None:
        """Take a message of an exchange that is none of IKE's."""
        raise MalformedMessage(NotifyType.INVALID_EXCHANGE_TYPE, f"exchange {header.exchange}")

    def _piece(
        self, sa: IsakmpSa | None, header: Header, data: bytes, local: Endpoint, peer: Endpoint
    ) -> bytes | None:
        """Keep a fragment; the whole message where it was the last that was missing."""
        if sa is None:
            self._machine.emit(events.NoSa, None, local, peer)
            return None
        # not `sa.fragments`: the message that says so in aggressive mode may come in fragments itself
        if not self._machine.configuration.fragmentation():
            raise MalformedMessage(NotifyType.INVALID_PAYLOAD_TYPE, "fragments are not taken")
        whole = sa.assembly.add(header, fragments.Fragment.parse(data[HEADER_LENGTH:]))
        if whole is not None and whole[:16] != data[:16]:
            raise MalformedMessage(NotifyType.INVALID_COOKIE, "fragments of another SA")
        return whole

    def resume(self) -> None:
        """Look again at the messages that could not be judged."""
        machine = self._machine
        waiting, machine.postponed = machine.postponed, {}
        for sa, (data, local, peer) in waiting.items():
            if machine.sas.get(sa.number) is sa and not sa.deleted:
                self._phase1(sa, Header.parse(data), data, local, peer)
                machine.touch(sa)

    def _find(self, header: Header, peer: Endpoint) -> IsakmpSa | None:
        machine = self._machine
        sa = machine.sas.by_cookies(header.cookie_i, header.cookie_r)
        if sa is not None:
            return sa
        early = machine.sas.by_offer(header.cookie_i, peer.address)
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
        if not machine.admit(local, peer, incoming=True):
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
        before_it = sa.established
        try:
            advance(machine, sa, message)
        except (MalformedMessage, Postponed):
            sa.iv = before
            raise
        except Refused as refusal:
            exchange.refused = True
            exchange.last_received = data
            mode = "Aggressive" if sa.aggressive else "Main"
            machine.emit(events.ModeFailure, sa, mode, sa.peer)
            exchange.last_sent = informational.send_clear_notify(machine, sa, refusal.notify)
            machine.delete(sa, refusal.reason, failed=True)
            return
        exchange.last_received = data
        exchange.received.add(data)
        if sa.established is not None and before_it is None:
            if exchange.lifetime_shortened:
                informational.send_lifetime(machine, sa)
            if sa.extended:
                access.begin(machine, sa)
            elif sa.aggressive and sa.role is Role.INITIATOR:
                # The last message of phase 1 is on its way only now: quick mode must not overtake it.
                sa.quick_at = machine.now + SETTLING
            elif sa.up:
                informational.begin_waiting(machine, sa)
            else:
                access.begin(machine, sa)
            if sa.fsm != "IKE_XAUTH_REQ_SENT":
                machine.transition(sa, "INTERNAL", "IKE_PHASE1_COMPLETE", sa.fsm)

    def _phase1(self, sa: IsakmpSa, header: Header, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        machine, exchange = self._machine, sa.exchange
        if data == exchange.last_received:
            self._duplicate(sa)
            return
        if sa.deleted or sa.established is not None or data in exchange.received:
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
                machine.sas.move(sa, local, peer)
            else:
                message = Message.parse(header, data[HEADER_LENGTH:])
            self._advance(sa, message, data)
        except Postponed:
            machine.sas.move(sa, *ends)
            machine.postpone(sa, data, local, peer)
        except MalformedMessage as error:
            machine.sas.move(sa, *ends)
            machine.bad_message(sa, local, peer, error.notify, error.reason)
            self._count_bad(sa)

    def _count_bad(self, sa: IsakmpSa) -> None:
        """The own last message is repeated soon: perhaps the peer's was damaged on its way."""
        exchange = sa.exchange
        exchange.bad_messages += 1
        waiting = exchange.retransmission
        if exchange.bad_messages == 1 and waiting is not None:
            waiting.attempts += 1
            self._machine.emit(trace.ErrorCounted, sa, waiting.attempts, LIMIT, "reset_retransmission")
            waiting.hasten(self._machine.now, RESET_DELAY)

    def _duplicate(self, sa: IsakmpSa) -> None:
        machine, exchange = self._machine, sa.exchange
        machine.emit(trace.Duplicate, sa, 1, 0)
        # Only who sent the last message of an exchange repeats it: two that both did would never end.
        last_word = (sa.role is Role.INITIATOR) == sa.aggressive
        if sa.established is not None or exchange.refused:
            if last_word or exchange.refused:
                machine.transmit(sa, exchange.last_sent)
        elif exchange.retransmission is not None:
            exchange.retransmission.hasten(machine.now, DUPLICATE_DELAY)

    def _decrypt(
        self, sa: IsakmpSa, header: Header, data: bytes, iv: bytes, opaque: Collection[int] = ()
    ) -> Message:
        assert sa.keys is not None
        if not header.encrypted:
            raise MalformedMessage(NotifyType.INVALID_FLAGS, "not encrypted")
        try:
            plaintext = sa.keys.decrypt(iv, data[HEADER_LENGTH:])
        except ValueError:
            raise MalformedMessage(NotifyType.UNEQUAL_PAYLOAD_LENGTHS, "not whole cipher blocks") from None
        return Message.parse(header, plaintext, opaque)

    def _quick(self, sa: IsakmpSa, header: Header, data: bytes, peer: Endpoint) -> None:
        machine = self._machine
        if sa.established is not None and not sa.up:
            # phase 1 stands, but who the user is, or its address, is still to be said
            machine.emit(events.ModeFailure, sa, "Quick", sa.peer)
            return
        if not sa.up or sa.keys is None or not header.message_id:
            raise MalformedMessage(NotifyType.INVALID_EXCHANGE_TYPE, "quick mode before phase 1 is complete")
        node = sa.nodes.get(header.message_id)
        if isinstance(node, Transaction):
            raise MalformedMessage(NotifyType.INVALID_MESSAGE_ID, "message ID of a transaction")
        assert node is None or isinstance(node, QuickMode)
        if node is not None and data == node.last_received:
            machine.emit(trace.Duplicate, sa, 2, header.message_id)
            if node.last_sent and (node.initiator or not node.done):
                machine.transmit(sa, node.last_sent)
            return
        if node is not None and node.done:
            return
        new = node is None
        if node is None:
            iv = sa.keys.message_iv(sa.iv, header.message_id)
            node = QuickMode(header.message_id, False, iv)
        message = self._decrypt(sa, header, data, node.iv)
        ends = sa.peer
        if sa.nat.peer:
            # A NAT may have mapped the peer anew (RFC 3947, 7); undone when the hash does not verify.
            machine.sas.move(sa, sa.local, peer)
        before, node.iv = node.iv, data[-cipher_block(sa.keys.encryption) :]
        try:
            if new:
                machine.emit(trace.NodeCreated, sa, header.message_id)
                quick_mode.respond(machine, sa, node, message)
                machine.add_node(sa, node)
            elif node.initiator:
                quick_mode.complete(machine, sa, node, message)
            else:
                quick_mode.confirm(machine, sa, node, message)
        except MalformedMessage:
            node.iv = before
            machine.sas.move(sa, sa.local, ends)
            raise
        except quick_mode.Rejected as rejection:
            machine.add_node(sa, node)
            self._reject(sa, node, rejection)
        node.last_received = data
        informational.alive(machine, sa)

    def _transaction(self, sa: IsakmpSa, header: Header, data: bytes) -> None:
        machine = self._machine
        if sa.established is None or sa.keys is None or not header.message_id:
            raise MalformedMessage(NotifyType.INVALID_EXCHANGE_TYPE, "transaction before phase 1 is complete")
        node = sa.nodes.get(header.message_id)
        if node is None and header.message_id in sa.seen_messages:
            return
        new = node is None
        if node is None:
            node = Transaction(header.message_id, False, sa.keys.message_iv(sa.iv, header.message_id))
        if not isinstance(node, Transaction):
            raise MalformedMessage(NotifyType.INVALID_MESSAGE_ID, "message ID of a quick mode")
        if not new and data == node.last_received:
            machine.emit(trace.Duplicate, sa, 2, header.message_id)
            if node.last_sent and node.done:
                machine.transmit(sa, node.last_sent)
            return
        if node.done or (not new and not node.initiator):
            return
        message = self._decrypt(sa, header, data, node.iv)
        payload = transaction.read(sa, node, message)
        node.iv = data[-cipher_block(sa.keys.encryption) :]
        node.last_received = data
        if new:
            node.identifier = payload.identifier
            machine.add_node(sa, node)
            machine.emit(trace.NodeCreated, sa, header.message_id)
        informational.alive(machine, sa)
        access.receive(machine, sa, node, payload)

    def _reject(self, sa: IsakmpSa, node: QuickMode, rejection: quick_mode.Rejected) -> None:
        machine = self._machine
        machine.emit(trace.ProposalRefused, sa, node.message_id, rejection.refusal)
        machine.emit(trace.OfferRefused, sa, 2)
        notification = Notification(rejection.protocol, rejection.notify, rejection.spi)
        informational.send(machine, sa, notification)
        quick_mode.finish(machine, sa, node, error=True, reason="QM rejected")
        change = ("IKE_MESG_FROM_PEER", "IKE_QM_EXCH", node.fsm, node.fsm, node.message_id)
        machine.emit(trace.StateChange, sa, *change)
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
            machine.sas.move(sa, sa.local, peer)
        informational.receive(machine, sa, message)
