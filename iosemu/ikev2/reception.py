"""Datagrams that arrive: which SA and exchange they belong to, repetitions, damage, refusals.

RFC 7296, 2.1 to 2.5 and 2.21.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from iosemu.ike.proof import Postponed
from iosemu.ike.types import Endpoint
from iosemu.ikev2 import create_child, eap, informational, init
from iosemu.ikev2.events import UNKNOWN_SA, Step
from iosemu.ikev2.machine import FLOAT_PORT, NON_ESP_MARKER, Machine, error
from iosemu.ikev2.message import (
    HEADER_LENGTH,
    IS_RESPONSE,
    Header,
    Message,
    Reassembly,
    clear_message,
    open_sealed,
)
from iosemu.ikev2.nat import KEEPALIVE
from iosemu.ikev2.numbers import ExchangeType, Notify, PayloadType
from iosemu.ikev2.payloads import MalformedMessage, read_chain
from iosemu.ikev2.sa import IkeSa, Role, State
from iosemu.ikev2.sealing import IntegrityError

Answer = Callable[[Machine, IkeSa, Message], None]

REQUESTS: Final[dict[tuple[State, int], Answer]] = {
    (State.INIT_RECEIVED, ExchangeType.IKE_AUTH): eap.answer,
    (State.READY, ExchangeType.CREATE_CHILD_SA): create_child.answer,
    (State.READY, ExchangeType.INFORMATIONAL): informational.answer,
    (State.REKEYED, ExchangeType.CREATE_CHILD_SA): create_child.answer,
    (State.REKEYED, ExchangeType.INFORMATIONAL): informational.answer,
    (State.CLOSING, ExchangeType.CREATE_CHILD_SA): create_child.answer,
    (State.CLOSING, ExchangeType.INFORMATIONAL): informational.answer,
}
"""Who answers which request in which state; what is not here is dropped. Responses go to the task that asked."""

COMPLAINT_INTERVAL: Final = 1.0
"""Seconds between two messages about SPIs that nobody knows."""
MOST_PARTIAL: Final = 8
"""Messages of which some fragments are kept, of one SA."""


class Reception:
    """The receiving half of one engine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def receive(self, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        """Take a UDP payload that came to `local` (port 500 or 4500) from `peer`."""
        machine = self._machine
        if local.port == FLOAT_PORT:
            if data == KEEPALIVE:
                return
            if not data.startswith(NON_ESP_MARKER):
                self._drop(None, "no non-ESP marker")
                return
            data = data[len(NON_ESP_MARKER) :]
        try:
            header = Header.parse(data)
        except MalformedMessage as problem:
            if problem.notify == Notify.INVALID_MAJOR_VERSION and not data[19] & IS_RESPONSE:
                self._complain(data, local, peer, Notify.INVALID_MAJOR_VERSION)
            self._drop(None, problem.reason)
            return
        sa = machine.sas.by_spi(header.spi_r if header.initiator else header.spi_i)
        try:
            if header.exchange == ExchangeType.IKE_SA_INIT:
                self._init(sa, header, data, local, peer)
            elif sa is None or (sa.spi_i, sa.spi_r) != (header.spi_i, header.spi_r):
                self._unknown(header, data, local, peer)
            elif (sa.role is Role.RESPONDER) is header.initiator:
                self._protected(sa, header, data, local, peer)
        except (MalformedMessage, IntegrityError) as problem:
            self._drop(
                sa, problem.reason if isinstance(problem, MalformedMessage) else "integrity check failed"
            )
        if sa is not None:
            machine.touch(sa)

    def resume(self) -> None:
        """Look again at the messages that could not be judged."""
        machine = self._machine
        waiting, machine.postponed = machine.postponed, {}
        for sa, message in waiting.items():
            header = message.header
            if not machine.sas.holds(sa) or header.message_id in sa.answered:
                continue
            if header.response:
                self._response(sa, message)
            elif header.message_id >= sa.expected:
                self._request(sa, message)
            machine.touch(sa)

    def _drop(self, sa: IkeSa | None, reason: str) -> None:
        self._machine.counters.dropped += 1
        self._machine.tell(sa, Step.DROPPED, reason)

    def _init(self, sa: IkeSa | None, header: Header, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        machine = self._machine
        message = Message(header, read_chain(header.next_payload, data[HEADER_LENGTH:]))
        if not header.response:
            init.receive(machine, message, data, local, peer)
            return
        if sa is None or sa.state is not State.INIT_SENT or sa.peer.address != peer.address:
            return
        pending = sa.pending.get(header.message_id)
        if pending is None or header.initiator:
            return
        if message.error is None and message.notification(Notify.COOKIE) is None and header.spi_r == bytes(8):
            raise MalformedMessage("no responder's SPI")
        del sa.pending[header.message_id]
        sa.first_response = data
        machine.report_received(sa, local, peer, header, message.payloads)
        try:
            pending.task.answered(machine, sa, message)
        except MalformedMessage:
            # anybody could have sent it: the true answer may still come
            if sa.state is State.INIT_SENT and machine.sas.holds(sa):
                sa.pending[header.message_id] = pending
            raise

    def _unknown(self, header: Header, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        """A message for an SA that is not here (RFC 7296, 2.21.4)."""
        self._drop(None, UNKNOWN_SA)
        if not header.response:
            self._complain(data, local, peer, Notify.INVALID_IKE_SPI)

    def _complain(self, data: bytes, local: Endpoint, peer: Endpoint, kind: Notify) -> None:
        """Tell a sender in clear, not often: it may be forged."""
        machine = self._machine
        if machine.now - machine.spi_complaint < COMPLAINT_INTERVAL:
            return
        machine.spi_complaint = machine.now
        initiator = not data[19] & 0x08
        header = Header(
            data[:8], data[8:16], data[18], int.from_bytes(data[20:24]), response=True, initiator=initiator
        )
        machine.counters.notification(int(kind), sent=True, response=True)
        machine.send(local, peer, clear_message(header, [error(kind)]))

    def _protected(self, sa: IkeSa, header: Header, data: bytes, local: Endpoint, peer: Endpoint) -> None:
        machine = self._machine
        if sa.inward is None:
            return
        piece = open_sealed(header, data, sa.inward)
        sa.last_heard = machine.now
        if sa.state is State.INIT_RECEIVED:
            machine.move_to(sa, local, peer)
        if not header.response and header.message_id < sa.expected:
            self._repeat(sa, header, piece.number)
            return
        if header.response:
            if header.message_id not in sa.pending:
                return
        elif header.message_id in sa.answered:
            self._repeat(sa, header, piece.number)
            return
        elif header.message_id >= sa.expected + sa.window:
            self._drop(sa, "beyond the window")
            return
        if piece.total > 1 or header.next_payload == PayloadType.SKF:
            if not sa.fragments:
                self._drop(sa, "fragments were not agreed on")
                return
            key = (header.response, header.message_id)
            if key not in sa.partial and len(sa.partial) >= MOST_PARTIAL:
                del sa.partial[next(iter(sa.partial))]
            whole = sa.partial.setdefault(key, Reassembly()).add(piece)
            if whole is None:
                return
            del sa.partial[key]
            piece = whole
        try:
            message = Message(header, read_chain(piece.first, piece.data))
        except MalformedMessage as problem:
            self._broken(sa, header, problem)
            return
        machine.report_received(sa, local, peer, header, message.payloads)
        if header.response:
            self._response(sa, message)
        else:
            self._request(sa, message)

    def _repeat(self, sa: IkeSa, header: Header, fragment: int) -> None:
        """The peer asks again: it gets the same answer, at the first fragment only (RFC 7383, 2.6.1)."""
        if fragment == 1:
            for each in sa.answered.get(header.message_id, ()):
                self._machine.transmit(sa, each)

    def _request(self, sa: IkeSa, message: Message) -> None:
        machine, header = self._machine, message.header
        answer = REQUESTS.get((sa.state, header.exchange))
        if answer is None:
            self._drop(sa, "no such exchange in this state")
            return
        try:
            answer(machine, sa, message)
        except Postponed:
            machine.postpone(sa, message)
            return
        except MalformedMessage as problem:
            self._broken(sa, header, problem)
            return
        self._advance(sa)

    def _advance(self, sa: IkeSa) -> None:
        """Move the window on; answers that are asked for no more are forgotten."""
        while sa.expected in sa.answered:
            sa.expected += 1
        for message_id in [each for each in sa.answered if each < sa.expected - sa.window]:
            del sa.answered[message_id]

    def _response(self, sa: IkeSa, message: Message) -> None:
        machine = self._machine
        pending = sa.pending.get(message.header.message_id)
        if pending is None or pending.exchange != message.header.exchange:
            return
        del sa.pending[message.header.message_id]
        try:
            pending.task.answered(machine, sa, message)
        except Postponed:
            # until then the request is repeated, and so its answer
            sa.pending[message.header.message_id] = pending
            machine.postpone(sa, message)
            return
        except MalformedMessage as problem:
            self._drop(sa, problem.reason)
            pending.task.failed(machine, sa, problem.reason)
            machine.remove(sa, "invalid syntax")
            return
        if machine.sas.holds(sa):
            if sa.up:
                self._further(sa)
            machine.flush(sa)

    def _further(self, sa: IkeSa) -> None:
        """Ask for the child SAs that waited for the IKE SA."""
        waiting, sa.requests = sa.requests, []
        for request in waiting:
            self._machine.begin(sa, create_child.CreateChild(request))

    def _broken(self, sa: IkeSa, header: Header, problem: MalformedMessage) -> None:
        """What was authentic makes no sense: the SA ends, unless only a payload is not known (RFC 7296, 2.21.3)."""
        machine = self._machine
        self._drop(sa, problem.reason)
        if not header.response:
            machine.respond(sa, header, [error(Notify(problem.notify), problem.data)])
            self._advance(sa)
        elif problem.notify == Notify.UNSUPPORTED_CRITICAL_PAYLOAD:
            pending = sa.pending.pop(header.message_id, None)
            if pending is not None:
                pending.task.failed(machine, sa, problem.reason)
        if problem.notify == Notify.INVALID_SYNTAX:
            machine.remove(sa, "invalid syntax")
