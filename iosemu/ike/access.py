"""Remote access after phase 1: who the user is (XAUTH), and what the client is given (mode config).

Client                                Server
                                <--   REQUEST (name, password)      draft-beaulieu-ike-xauth-02, 5
REPLY (name, password)          -->
                                <--   SET (status)
ACK (status)                    -->
REQUEST (address, ...)          -->                                 draft-dukes-ike-mode-cfg-02, 3.4
                                <--   REPLY (address, ...)
                                <--   or: SET (address, ...)
ACK (address, ...)              -->

Quick mode runs when that is done.
"""

from __future__ import annotations

from iosemu.ike import events, informational, trace, transaction
from iosemu.ike.configuration import ClientAsking
from iosemu.ike.exchange import Transaction
from iosemu.ike.header import MalformedMessage, NotifyType
from iosemu.ike.machine import Machine
from iosemu.ike.mode_config import (
    FAIL,
    OK,
    PASSWORDS,
    ConfigKind,
    XauthAttribute,
    asked,
    first,
    text,
    text_of,
)
from iosemu.ike.payloads import ConfigurationData
from iosemu.ike.sa import IsakmpSa, Role, State
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.trace import Access
from iosemu.ike.types import ConfigurationRefused

MOST_ATTEMPTS = 3
"""How often a user is asked for who it is."""
PATIENCE = 90.0
"""Seconds in which an SA must get through."""


def begin(machine: Machine, sa: IsakmpSa) -> None:
    """Phase 1 is complete: go on as both ends want it."""
    if sa.up:
        return
    sa.configure_by = machine.now + PATIENCE
    if sa.extended:
        machine.emit(trace.AccessStep, sa, Access.NEED_XAUTH)
    if sa.role is Role.RESPONDER:
        if sa.extended:
            _ask_user(machine, sa)
        else:
            proceed(machine, sa)
    elif not sa.extended:
        proceed(machine, sa)


def proceed(machine: Machine, sa: IsakmpSa) -> None:
    """The user is known, or nobody wants to: the configuration is next, then quick mode."""
    if sa.role is Role.INITIATOR and sa.client is not None and not sa.configured:
        sa.state = State.CONF_ADDR
        machine.emit(trace.AccessStep, sa, Access.NEED_CONFIGURATION)
        wanted = tuple(machine.configuration.client_asks(sa.party))
        transaction.begin(machine, sa, ConfigKind.REQUEST, wanted)
        return
    if sa.role is Role.RESPONDER and not sa.configured and machine.configuration.pushes(sa.party):
        sa.state = State.CONF_ADDR
        given = _grant(machine, sa, ())
        if given is not None:
            transaction.begin(machine, sa, ConfigKind.SET, given)
        return
    _done(machine, sa)


def _done(machine: Machine, sa: IsakmpSa) -> None:
    sa.configure_by = None
    if not sa.up:
        machine.ready(sa)
        machine.emit(events.AccessReady, sa)
    informational.begin_waiting(machine, sa)


def receive(machine: Machine, sa: IsakmpSa, node: Transaction, payload: ConfigurationData) -> None:
    """Take an attribute payload that is authentic; `MalformedMessage` for one that has no place."""
    machine.emit(trace.ConfigurationPayload, sa, node.message_id, payload.kind)
    xauth = any(each.type in list(XauthAttribute) for each in payload.attributes)
    match payload.kind, node.initiator:
        case ConfigKind.REQUEST, False if sa.role is Role.INITIATOR and xauth:
            _asked_for_user(machine, sa, node, payload)
        case ConfigKind.REQUEST, False if sa.role is Role.RESPONDER and not xauth:
            _asked_for_configuration(machine, sa, node, payload)
        case ConfigKind.SET, False if sa.role is Role.INITIATOR and xauth:
            _told_status(machine, sa, node, payload)
        case ConfigKind.SET, False if sa.role is Role.INITIATOR:
            _told_configuration(machine, sa, node, payload)
        case ConfigKind.REPLY, True if xauth and sa.role is Role.RESPONDER:
            _said_user(machine, sa, node, payload)
        case ConfigKind.REPLY, True:
            transaction.finish(machine, sa, node, error=False, reason="Transaction mode done")
            if sa.role is Role.INITIATOR:
                _take(machine, sa, payload)
                machine.transition(sa, "FROM_PEER", "IKE_CFG_REPLY", "IKE_P1_COMPLETE")
                _done(machine, sa)
        case ConfigKind.ACK, True:
            _acknowledged(machine, sa, node, xauth=xauth)
        case _:
            raise MalformedMessage(NotifyType.INVALID_EXCHANGE_TYPE, "attribute payload out of place")


# --- the server -----------------------------------------------------------------------------------------


def _ask_user(machine: Machine, sa: IsakmpSa) -> None:
    sa.attempts += 1
    wanted = asked((XauthAttribute.USER_NAME, XauthAttribute.USER_PASSWORD))
    machine.emit(trace.AccessStep, sa, Access.USER_REQUESTED)
    transaction.begin(machine, sa, ConfigKind.REQUEST, wanted)
    major = "FROM_AAA" if sa.attempts > 1 else "INTERNAL"
    minor = "IKE_AAA_CONT_LOGIN" if sa.attempts > 1 else "IKE_PHASE1_COMPLETE"
    machine.transition(sa, major, minor, "IKE_XAUTH_REQ_SENT")


def _said_user(machine: Machine, sa: IsakmpSa, node: Transaction, payload: ConfigurationData) -> None:
    attributes = payload.attributes
    sa.user = text_of(attributes, XauthAttribute.USER_NAME)
    password = next((said for kind in PASSWORDS if (said := text_of(attributes, kind))), "")
    machine.emit(trace.AccessStep, sa, Access.USER_REPLIED)
    transaction.finish(machine, sa, node, error=False, reason="Done with xauth request/reply exchange")
    sa.transaction = node
    machine.transition(sa, "FROM_PEER", "IKE_CFG_REPLY", "IKE_XAUTH_AAA_CONT_LOGIN_AWAIT")
    machine.emit(events.UserSaid, sa, sa.user, password)


def decide(machine: Machine, sa: IsakmpSa, *, accepted: bool) -> None:
    """What AAA says of the user that was named; nothing where nobody waits for it."""
    if sa.role is not Role.RESPONDER or sa.deleted or sa.transaction is None or sa.up:
        return
    sa.transaction = None
    if not accepted and sa.attempts < MOST_ATTEMPTS:
        _ask_user(machine, sa)
        return
    status = Attribute.number(XauthAttribute.STATUS, OK if accepted else FAIL)
    transaction.begin(machine, sa, ConfigKind.SET, (status,))
    machine.transition(sa, "FROM_AAA", "IKE_AAA_CONT_LOGIN", "IKE_XAUTH_SET_SENT")
    machine.emit(events.UserJudged, sa, sa.user, accepted)
    sa.extended = not accepted


def _acknowledged(machine: Machine, sa: IsakmpSa, node: Transaction, *, xauth: bool) -> None:
    if xauth and sa.extended:
        transaction.finish(machine, sa, node, error=True, reason="XAuthenticate fail")
        _refuse(machine, sa, "XAuthenticate fail")
        return
    if xauth:
        machine.emit(trace.AccessStep, sa, Access.ACKNOWLEDGED)
    transaction.finish(machine, sa, node, error=False, reason="Transaction mode done")
    machine.transition(sa, "FROM_PEER", "IKE_CFG_ACK", "IKE_P1_COMPLETE")
    proceed(machine, sa)


def _refuse(machine: Machine, sa: IsakmpSa, reason: str) -> None:
    informational.send_delete(machine, sa)
    machine.delete(sa, reason)


def _asked_for_configuration(
    machine: Machine, sa: IsakmpSa, node: Transaction, payload: ConfigurationData
) -> None:
    if sa.extended:
        raise MalformedMessage(NotifyType.INVALID_EXCHANGE_TYPE, "configuration before the user is known")
    machine.emit(trace.AccessStep, sa, Access.REQUEST_CHECKED, payload.attributes)
    machine.transition(sa, "FROM_PEER", "IKE_CFG_REQUEST", "IKE_CONFIG_AUTHOR_AAA_AWAIT")
    given = _grant(machine, sa, payload.attributes)
    if given is None:
        return
    before, sa.state = sa.state, State.CONF_ADDR
    transaction.answer(machine, sa, node, ConfigKind.REPLY, given)
    sa.state = before
    transaction.finish(machine, sa, node, error=False, reason="No Error")
    machine.transition(sa, "FROM_AAA", "IKE_AAA_GROUP_ATTR", "IKE_P1_COMPLETE")


def _grant(machine: Machine, sa: IsakmpSa, wanted: tuple[Attribute, ...]) -> tuple[Attribute, ...] | None:
    """What the client gets; None: nothing, which is the SA's end."""
    assert sa.peer_identity is not None
    asking = ClientAsking(sa.number, sa.party, sa.peer, sa.peer_identity, sa.user, wanted)
    given = machine.configuration.grant(asking)
    if isinstance(given, ConfigurationRefused):
        machine.emit(events.ClientRefused, sa, given.reason)
        _refuse(machine, sa, given.reason)
        return None
    sa.configured = True
    machine.emit(trace.AccessStep, sa, Access.CONFIGURATION_SENT, given)
    return given


# --- the client -----------------------------------------------------------------------------------------


def _asked_for_user(machine: Machine, sa: IsakmpSa, node: Transaction, payload: ConfigurationData) -> None:
    machine.emit(trace.AccessStep, sa, Access.REQUEST_CHECKED, payload.attributes)
    if sa.client is None:
        # a box without a client for it has nobody to ask; the server gives up in time
        return
    sa.state = State.CONF_XAUTH
    sa.transaction = node
    sa.attempts += 1
    machine.transition(sa, "FROM_PEER", "IKE_CFG_REQUEST", "IKE_XAUTH_REPLY_AWAIT")
    message = text_of(payload.attributes, XauthAttribute.MESSAGE)
    machine.emit(events.UserAsked, sa, message, sa.attempts > 1)


def reply(machine: Machine, sa: IsakmpSa, user: str, password: str) -> bool:
    """Say who the user is; False where nobody asks."""
    node = sa.transaction
    if sa.role is not Role.INITIATOR or sa.deleted or node is None:
        return False
    sa.transaction, sa.user = None, user
    said = (text(XauthAttribute.USER_NAME, user), text(XauthAttribute.USER_PASSWORD, password))
    machine.emit(trace.AccessStep, sa, Access.USER_SENT)
    transaction.answer(machine, sa, node, ConfigKind.REPLY, said)
    transaction.finish(machine, sa, node, error=False, reason="Done with xauth request/reply exchange")
    machine.transition(sa, "INTERNAL", "IKE_XAUTH_REPLY_ATTR", "IKE_XAUTH_REPLY_SENT")
    return True


def _told_status(machine: Machine, sa: IsakmpSa, node: Transaction, payload: ConfigurationData) -> None:
    status = first(payload.attributes, XauthAttribute.STATUS)
    accepted = status is not None and status.value == OK
    machine.emit(trace.AccessStep, sa, Access.STATUS_RECEIVED, payload.attributes)
    transaction.answer(machine, sa, node, ConfigKind.ACK, asked((XauthAttribute.STATUS,)))
    transaction.finish(machine, sa, node, error=False, reason="")
    machine.transition(sa, "FROM_PEER", "IKE_CFG_SET", "IKE_P1_COMPLETE")
    machine.emit(events.UserJudged, sa, sa.user, accepted)
    if accepted:
        sa.extended = False
        proceed(machine, sa)
    else:
        _refuse(machine, sa, "XAuthenticate fail")


def _told_configuration(
    machine: Machine, sa: IsakmpSa, node: Transaction, payload: ConfigurationData
) -> None:
    kinds = tuple(each.type for each in payload.attributes)
    transaction.answer(machine, sa, node, ConfigKind.ACK, asked(kinds))
    transaction.finish(machine, sa, node, error=False, reason="Transaction mode done")
    _take(machine, sa, payload)
    machine.transition(sa, "FROM_PEER", "IKE_CFG_SET", "IKE_P1_COMPLETE")


def _take(machine: Machine, sa: IsakmpSa, payload: ConfigurationData) -> None:
    if sa.client is None:
        return
    sa.configured = True
    machine.emit(trace.AccessStep, sa, Access.CONFIGURATION_RECEIVED, payload.attributes)
    machine.emit(events.ConfigurationReceived, sa, sa.client, payload.attributes)
