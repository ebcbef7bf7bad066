"""A RADIUS server (RFC 2865, 2866, 3579): PAP, CHAP and EAP-MD5, attributes of users, accounting."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable

from iosemu.net.aaa.eap_server import Asked, EapServer
from iosemu.net.aaa.records import AccountingRecord, AccountingRecords
from iosemu.net.aaa.users import Accounts, ServerUser
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.radius import (
    BLANK_AUTHENTICATOR,
    AcctStatusType,
    Attributes,
    RadiusAttribute,
    RadiusCode,
    RadiusPacket,
    ServiceType,
    assigned_vlan,
    avpair,
    chap_response,
    eap_message,
    message_authenticator,
    reveal_password,
)

ENABLE_USER = "$enab15$"
"""Whom IOS asks for when somebody types `enable`."""
REMEMBERED = 64
"""Answers."""
_KINDS = {AcctStatusType.START: "start", AcctStatusType.STOP: "stop", AcctStatusType.INTERIM_UPDATE: "update"}


class RadiusServer:
    """Answers requests; what is malformed, or made with another secret, gets no answer."""

    def __init__(
        self,
        accounts: Callable[[], Accounts],
        secret: Callable[[], bytes],
        records: AccountingRecords,
        randbytes: Callable[[int], bytes] = bytes,
    ) -> None:
        self._accounts = accounts
        self._secret = secret
        self._records = records
        self._eap = EapServer(accounts, randbytes)
        self.accepted = 0
        self.rejected = 0
        self.discarded = 0
        """Requests without an answer."""
        self._answered: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        """What was answered last: a request that comes again gets the same (RFC 5080 section 2.2.2)."""

    def receive(self, data: bytes, client: str, now: float, accounting: bool) -> bytes | None:
        """The answer to a datagram from `client` to the one or the other port, None for no answer."""
        known = self._answered.get((client, data))
        if known is not None:
            return known
        secret = self._secret()
        try:
            request = RadiusPacket.parse(data)
        except MalformedPacket:
            self.discarded += 1
            return None
        if (
            accounting
            and request.code == RadiusCode.ACCOUNTING_REQUEST
            and request.accounting_genuine(secret)
        ):
            self._account(request, client, now)
            answer = RadiusPacket(RadiusCode.ACCOUNTING_RESPONSE, 0, b"")
        elif not accounting and request.code == RadiusCode.ACCESS_REQUEST and _genuine(request, secret):
            if request.eap:
                answer = self._extensible(request)
            else:
                attributes = self._access(request, secret)
                code = RadiusCode.ACCESS_REJECT if attributes is None else RadiusCode.ACCESS_ACCEPT
                answer = RadiusPacket(code, 0, b"", attributes or ())
            self.accepted += answer.code == RadiusCode.ACCESS_ACCEPT
            self.rejected += answer.code == RadiusCode.ACCESS_REJECT
        else:
            self.discarded += 1
            return None
        out = self._answered[client, data] = answer.signed(request, secret).to_bytes()
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        return out

    def _extensible(self, request: RadiusPacket) -> RadiusPacket:
        """RFC 3579: one step of EAP."""
        found = self._eap.receive(request.eap, request.get(RadiusAttribute.STATE))
        told: Attributes = (*eap_message(found.packet.to_bytes()), BLANK_AUTHENTICATOR)
        if isinstance(found, Asked):
            state = (int(RadiusAttribute.STATE), found.state)
            return RadiusPacket(RadiusCode.ACCESS_CHALLENGE, 0, b"", (state, *told))
        if found.user is None:
            return RadiusPacket(RadiusCode.ACCESS_REJECT, 0, b"", told)
        name = (int(RadiusAttribute.USER_NAME), found.user.name.encode())
        return RadiusPacket(RadiusCode.ACCESS_ACCEPT, 0, b"", (name, *_framed(found.user), *told))

    def _access(self, request: RadiusPacket, secret: bytes) -> Attributes | None:
        """What an Access-Accept says; None to reject."""
        accounts, name = self._accounts(), request.text(RadiusAttribute.USER_NAME)
        hidden = request.get(RadiusAttribute.USER_PASSWORD)
        chap = request.get(RadiusAttribute.CHAP_PASSWORD)
        user: ServerUser | None = None
        if hidden is not None:
            typed = reveal_password(hidden, secret, request.authenticator).decode("utf-8", "replace")
            if name == ENABLE_USER and name not in accounts.users:
                return () if accounts.enables("", typed) else None
            user = accounts.authenticate(name, typed)
        elif chap is not None and len(chap) == 17 and name in accounts.users:
            found = accounts.users[name]
            challenge = request.get(RadiusAttribute.CHAP_CHALLENGE) or request.authenticator
            if hmac.compare_digest(chap_response(chap[0], found.password.encode(), challenge), chap):
                user = found
        if user is None:
            return None
        kind = request.number(RadiusAttribute.SERVICE_TYPE)
        if kind == ServiceType.FRAMED and not user.vlan:
            return ((RadiusAttribute.SERVICE_TYPE, ServiceType.FRAMED.to_bytes(4, "big")),)
        if kind in (ServiceType.FRAMED, ServiceType.CALL_CHECK):
            return _framed(user)
        service = ServiceType.ADMINISTRATIVE if user.privilege == 15 else ServiceType.NAS_PROMPT
        pairs = (f"priv-lvl={user.privilege}", *user.attributes) if user.exec_ else user.attributes
        told = tuple(avpair(pair if ":" in pair.partition("=")[0] else f"shell:{pair}") for pair in pairs)
        return ((RadiusAttribute.SERVICE_TYPE, service.to_bytes(4, "big")), *told)

    def _account(self, request: RadiusPacket, client: str, now: float) -> None:
        kind = request.number(RadiusAttribute.ACCT_STATUS_TYPE)
        texts = [f"session={request.text(RadiusAttribute.ACCT_SESSION_ID)}", *request.avpairs]
        seconds = request.number(RadiusAttribute.ACCT_SESSION_TIME)
        if seconds is not None:
            texts.append(f"elapsed_time={seconds}")
        self._records.add(
            AccountingRecord(
                now,
                "radius",
                client,
                _KINDS.get(AcctStatusType(kind), "update") if kind in _KINDS else "update",
                request.text(RadiusAttribute.USER_NAME),
                request.text(RadiusAttribute.NAS_PORT_ID),
                request.text(RadiusAttribute.CALLING_STATION_ID),
                tuple(texts),
            )
        )


def _framed(user: ServerUser) -> Attributes:
    """What the port of a user is told (RFC 3580 section 3)."""
    told: Attributes = ((RadiusAttribute.SERVICE_TYPE, ServiceType.FRAMED.to_bytes(4, "big")),)
    if user.vlan:
        told += assigned_vlan(user.vlan)
    if user.session_timeout is not None:
        told += (
            (RadiusAttribute.SESSION_TIMEOUT, user.session_timeout.to_bytes(4, "big")),
            (RadiusAttribute.TERMINATION_ACTION, (1).to_bytes(4, "big")),  # ask again
        )
    return told + tuple(avpair(pair) for pair in user.attributes)


def _genuine(request: RadiusPacket, secret: bytes) -> bool:
    told = request.get(RadiusAttribute.MESSAGE_AUTHENTICATOR)
    return told is None or hmac.compare_digest(told, message_authenticator(request, secret))
