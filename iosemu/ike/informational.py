"""Informational exchanges: notifies, deletes, DPD (RFC 2409, 5.7; RFC 2408, 4.8; RFC 3706)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Final

from iosemu.ike import events, quick_mode, trace
from iosemu.ike.exchange import QuickMode
from iosemu.ike.header import ExchangeType, Header, MalformedMessage, NotifyType
from iosemu.ike.machine import Machine
from iosemu.ike.message import Message, build, chain
from iosemu.ike.payloads import Deletion, HashData, Notification, Payload
from iosemu.ike.proposals import LIFE_DURATION, LIFE_TYPE, SECONDS
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import ProtocolId

DPD_RETRIES: Final = 5


def send(machine: Machine, sa: IsakmpSa, payload: Payload) -> int:
    """Send one payload, authenticated and encrypted; its message ID."""
    assert sa.keys is not None
    message_id = quick_mode.new_message_id(machine, sa)
    sa.remember(message_id, machine.now)
    machine.emit(trace.NodeCreated, sa, message_id)
    if isinstance(payload, Notification):
        machine.emit(trace.NotifySent, sa, message_id, payload.type, payload.protocol, payload.spi)
    elif isinstance(payload, Deletion):
        machine.emit(trace.DeleteSent, sa, message_id, payload.protocol, payload.spis)
    digest = HashData(sa.keys.hash_1(message_id, chain([payload])))
    header = Header(sa.cookie_i, sa.cookie_r, 0, ExchangeType.INFORMATIONAL, message_id=message_id)
    iv = sa.keys.message_iv(sa.iv, message_id)
    data, _ = machine.encrypt(sa, header, [digest, payload], iv)
    machine.transmit(sa, data)
    machine.emit(trace.NodePurged, sa, message_id)
    return message_id


def begin_waiting(machine: Machine, sa: IsakmpSa) -> None:
    """Phase 1 is complete: say what waited for it, and begin the quick modes that did."""
    notices, sa.notices = sa.notices, []
    for notice in notices:
        send(machine, sa, notice)
    quick_mode.begin_waiting(machine, sa)


def send_clear_notify(machine: Machine, sa: IsakmpSa, notify: int) -> bytes:
    """Refuse phase 1: a notify in clear, since no keys exist. The message, to repeat it for duplicates."""
    message_id = quick_mode.new_message_id(machine, sa)
    header = Header(sa.cookie_i, sa.cookie_r, 0, ExchangeType.INFORMATIONAL, message_id=message_id)
    data = build(header, [Notification(ProtocolId.ISAKMP, notify, b"")])
    machine.emit(trace.NotifySent, sa, message_id, notify, int(ProtocolId.ISAKMP), b"")
    machine.transmit(sa, data)
    return data


def send_delete(machine: Machine, sa: IsakmpSa) -> None:
    """Tell the peer that the ISAKMP SA is gone, as far as there are keys to say it with."""
    if sa.established is not None and not sa.deleted:
        send(machine, sa, Deletion(ProtocolId.ISAKMP, (sa.cookie_i + sa.cookie_r,)))


def send_lifetime(machine: Machine, sa: IsakmpSa) -> None:
    """RESPONDER-LIFETIME of phase 1 (RFC 2407, 4.6.3.1)."""
    attributes = (Attribute.number(LIFE_TYPE, SECONDS), Attribute.number(LIFE_DURATION, sa.lifetime))
    data = b"".join(attribute.to_bytes() for attribute in attributes)
    spi = sa.cookie_i + sa.cookie_r
    send(machine, sa, Notification(ProtocolId.ISAKMP, NotifyType.RESPONDER_LIFETIME, spi, data))


def send_probe(machine: Machine, sa: IsakmpSa, retry: int) -> None:
    """Send R-U-THERE and plan the next for when no answer comes."""
    if not sa.dpd_unanswered:
        sa.dpd_sequence += 1
    machine.emit(trace.DpdSent, sa, sa.dpd_sequence, sa.dpd_unanswered)
    sequence = sa.dpd_sequence.to_bytes(4, "big")
    spi = sa.cookie_i + sa.cookie_r
    send(machine, sa, Notification(ProtocolId.ISAKMP, NotifyType.R_U_THERE, spi, sequence))
    sa.dpd_unanswered += 1
    sa.dpd_next = machine.now + retry


def alive(machine: Machine, sa: IsakmpSa) -> None:
    """A sign of life from the peer."""
    sa.last_heard = machine.now
    machine.touch(sa)
    if not sa.dpd_unanswered:
        return
    sa.dpd_unanswered = 0
    keepalive = machine.configuration.keepalive(sa.profile)
    periodic = keepalive is not None and keepalive[2]
    sa.dpd_next = machine.now + keepalive[0] if keepalive is not None and periodic else None


def authenticate(sa: IsakmpSa, message: Message) -> None:
    """Check the hash of an informational message; `MalformedMessage` when it is wrong."""
    assert sa.keys is not None
    message_id = message.header.message_id
    first = message.parts[0].payload
    expected = sa.keys.hash_1(message_id, message.after_hash)
    if not isinstance(first, HashData) or not hmac.compare_digest(first.data, expected):
        raise MalformedMessage(NotifyType.INVALID_HASH_INFORMATION, "HASH payload does not verify")


def receive(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """Process an informational message that was authenticated."""
    message_id = message.header.message_id
    machine.emit(trace.NodeCreated, sa, message_id)
    machine.emit(trace.PayloadProcessed, sa, int(HashData.TYPE), message_id)
    sa.remember(message_id, machine.now)
    alive(machine, sa)
    for part in message.parts:
        if isinstance(part.payload, Notification):
            _notification(machine, sa, message_id, part.payload)
        elif isinstance(part.payload, Deletion):
            _deletion(machine, sa, message_id, part.payload)
    machine.emit(trace.NodeDeleted, sa, message_id, False, "Informational (in) state 1")


def receive_clear(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """A notify in clear proves nothing: it is reported and passed over."""
    for notification in message.all(Notification):
        machine.emit(
            trace.NotifyReceived,
            sa,
            message.header.message_id,
            notification.type,
            notification.protocol,
            notification.spi,
            authenticated=False,
        )
    machine.transition(sa, "FROM_PEER", "IKE_INFO_NOTIFY", sa.fsm)
    machine.emit(events.ModeFailure, sa, "Informational", sa.peer)


def _notification(machine: Machine, sa: IsakmpSa, message_id: int, payload: Notification) -> None:
    fields = (message_id, payload.type, payload.protocol, payload.spi)
    machine.emit(trace.NotifyReceived, sa, *fields, authenticated=True)
    cookies = sa.cookie_i + sa.cookie_r
    if payload.type == NotifyType.R_U_THERE:
        if len(payload.data) == 4 and payload.spi in (cookies, b""):
            sequence = int.from_bytes(payload.data, "big")
            machine.emit(trace.DpdReceived, sa, sequence, acknowledged=False)
            answer = Notification(ProtocolId.ISAKMP, NotifyType.R_U_THERE_ACK, cookies, payload.data)
            send(machine, sa, answer)
    elif payload.type == NotifyType.R_U_THERE_ACK:
        machine.emit(trace.DpdReceived, sa, int.from_bytes(payload.data[:4], "big"), acknowledged=True)
    elif payload.type == NotifyType.INITIAL_CONTACT:
        machine.initial_contact(sa)
    elif payload.type == NotifyType.INVALID_SPI:
        spi = payload.spi or payload.data[:4]
        number = int.from_bytes(spi, "big")
        machine.emit(events.InvalidSpi, sa, payload.protocol, number, authenticated=True)
    elif payload.type == NotifyType.RESPONDER_LIFETIME and payload.protocol == ProtocolId.ISAKMP:
        _lifetime(machine, sa, payload)
    elif payload.type < NotifyType.CONNECTED:
        _refused(machine, sa, payload)
    machine.transition(sa, "FROM_PEER", "IKE_INFO_NOTIFY", sa.fsm)


def _lifetime(machine: Machine, sa: IsakmpSa, payload: Notification) -> None:
    unit = 0
    for attribute in Attribute.parse_all(payload.data):
        if attribute.type == LIFE_TYPE:
            unit = attribute.value
        elif attribute.type == LIFE_DURATION and unit == SECONDS and 0 < attribute.value < sa.lifetime:
            sa.lifetime = attribute.value
            if sa.established is not None:
                sa.expires = sa.established + sa.lifetime
            machine.emit(trace.LifetimeShortened, sa, sa.lifetime)


def _refused(machine: Machine, sa: IsakmpSa, payload: Notification) -> None:
    """The peer refuses a quick mode: the one of its SPI, or the only one there is where it names none of ours."""
    quick = [node for node in sa.nodes.values() if isinstance(node, QuickMode)]
    larval = [node for node in quick if node.initiator and not node.done]
    named = [node for node in larval if payload.spi in node.spis.values()]
    for node in named or (larval if len(larval) == 1 else []):
        quick_mode.finish(machine, sa, node, error=True, reason="Delete Larval")
        if node.request is not None:
            reason = "peer refused the proposal"
            machine.emit(events.RequestFailed, sa, node.request, reason, payload.type)


def _deletion(machine: Machine, sa: IsakmpSa, message_id: int, payload: Deletion) -> None:
    machine.emit(trace.DeleteReceived, sa, message_id, payload.protocol, payload.spis)
    if payload.protocol == ProtocolId.ISAKMP:
        for spi in payload.spis:
            target = machine.sas.by_cookies(spi[:8], spi[8:])
            if target is not None and target.peer.address == sa.peer.address:
                machine.delete(target, "No reason")
        return
    spis: Sequence[int] = [int.from_bytes(spi, "big") for spi in payload.spis]
    machine.emit(events.ChildDeleted, sa, payload.protocol, tuple(spis))
