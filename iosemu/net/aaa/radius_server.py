"""A RADIUS server (RFC 2865, 2866): PAP and CHAP, attributes of users, accounting."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable

from iosemu.net.aaa.eap import EapDialogue
from iosemu.net.aaa.records import AccountingRecord, AccountingRecords
from iosemu.net.aaa.users import Accounts, ServerUser
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.radius import (
    BLOCK,
    MPPE_RECV_KEY,
    MPPE_SEND_KEY,
    NO_ECHO,
    AcctStatusType,
    Attributes,
    RadiusAttribute,
    RadiusCode,
    RadiusPacket,
    ServiceType,
    assigned_vlan,
    avpair,
    chap_response,
    eap_attributes,
    message_authenticator,
    mppe_attribute,
    reveal_password,
)

ENABLE_USER = "$enab15$"
"""Whom IOS asks for when somebody types `enable`."""
REMEMBERED = 64
"""Answers."""
_KINDS = {
    AcctStatusType.START: "start",
    AcctStatusType.STOP: "stop",
    AcctStatusType.INTERIM_UPDATE: "update",
    AcctStatusType.ACCOUNTING_ON: "on",
    AcctStatusType.ACCOUNTING_OFF: "off",
}


class RadiusServer:
    """Answers requests; what is malformed, or made with another secret, gets no answer."""

    def __init__(
        self,
        accounts: Callable[[], Accounts],
        secret: Callable[[], bytes],
        records: AccountingRecords,
        randbytes: Callable[[int], bytes],
    ) -> None:
        self._randbytes = randbytes
        self._dialogues: OrderedDict[bytes, EapDialogue] = OrderedDict()
        """Those under way, by the State that the client was told."""
        self._asked: OrderedDict[bytes, str] = OrderedDict()
        """Whom a second thing was asked, by the State that they were told."""
        self._accounts = accounts
        self._secret = secret
        self._records = records
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
                code, attributes = self._dialogue(request, secret)
            else:
                code, attributes = self._login(request, secret)
            self.accepted += code == RadiusCode.ACCESS_ACCEPT
            self.rejected += code == RadiusCode.ACCESS_REJECT
            answer = RadiusPacket(code, 0, b"", attributes)
        else:
            self.discarded += 1
            return None
        out = self._answered[client, data] = answer.signed(request, secret).to_bytes()
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        return out

    def _dialogue(self, request: RadiusPacket, secret: bytes) -> tuple[RadiusCode, Attributes]:
        """The next step of EAP (RFC 3579); a dialogue is known by the State that its last challenge had."""
        passwords = {name: user.password for name, user in self._accounts().users.items()}
        dialogue = self._dialogues.pop(request.get(RadiusAttribute.STATE) or b"", None)
        if dialogue is None:
            dialogue = EapDialogue(passwords, self._randbytes)
        said = eap_attributes(dialogue.answer(request.eap).to_bytes())
        if not dialogue.done:
            state = self._randbytes(BLOCK)
            self._dialogues[state] = dialogue
            while len(self._dialogues) > REMEMBERED:
                self._dialogues.popitem(last=False)
            return RadiusCode.ACCESS_CHALLENGE, (*said, (RadiusAttribute.STATE, state))
        if not dialogue.accepted:
            return RadiusCode.ACCESS_REJECT, said
        user = self._accounts().users[dialogue.name]
        keys = []
        for kind, key in zip((MPPE_RECV_KEY, MPPE_SEND_KEY), dialogue.keys or (), strict=False):
            salt = bytes((0x80 | kind, kind))
            keys.append(mppe_attribute(kind, key, salt, secret, request.authenticator))
        return RadiusCode.ACCESS_ACCEPT, (
            *said,
            *keys,
            (RadiusAttribute.USER_NAME, dialogue.name.encode()[:253]),
            *_framed(user),
        )

    def _login(self, request: RadiusPacket, secret: bytes) -> tuple[RadiusCode, Attributes]:
        """An answer to one who comes without EAP; some users are asked a second thing (RFC 2865, 2.1)."""
        name, state = request.text(RadiusAttribute.USER_NAME), request.get(RadiusAttribute.STATE)
        user, hidden = self._accounts().users.get(name), request.get(RadiusAttribute.USER_PASSWORD)
        if user is not None and user.challenge is not None and state is not None and hidden is not None:
            typed = reveal_password(hidden, secret, request.authenticator)
            good = self._asked.pop(state, "") == name and hmac.compare_digest(
                typed, user.challenge[1].encode()
            )
            return (
                (RadiusCode.ACCESS_ACCEPT, self._told(request, user))
                if good
                else (RadiusCode.ACCESS_REJECT, ())
            )
        told = self._access(request, secret)
        if told is None:
            return RadiusCode.ACCESS_REJECT, ()
        if user is not None and user.challenge is not None and hidden is not None:
            state = self._randbytes(BLOCK)
            self._asked[state] = name
            while len(self._asked) > REMEMBERED:
                self._asked.popitem(last=False)
            question = user.challenge[0].encode()[:253]
            return RadiusCode.ACCESS_CHALLENGE, (
                (RadiusAttribute.REPLY_MESSAGE, question),
                (RadiusAttribute.STATE, state),
                (RadiusAttribute.PROMPT, NO_ECHO.to_bytes(4, "big")),
            )
        return RadiusCode.ACCESS_ACCEPT, told

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
        return self._told(request, user) if user is not None else None

    @staticmethod
    def _told(request: RadiusPacket, user: ServerUser) -> Attributes:
        """What a user gets."""
        kind = request.number(RadiusAttribute.SERVICE_TYPE)
        if kind == ServiceType.FRAMED:
            return ((RadiusAttribute.SERVICE_TYPE, ServiceType.FRAMED.to_bytes(4, "big")),)
        if kind == ServiceType.CALL_CHECK:
            return ((RadiusAttribute.SERVICE_TYPE, ServiceType.FRAMED.to_bytes(4, "big")), *_framed(user))
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
    told: Attributes = assigned_vlan(user.vlan) if user.vlan else ()
    if user.session_timeout is not None:
        told += (
            (RadiusAttribute.SESSION_TIMEOUT, user.session_timeout.to_bytes(4, "big")),
            (RadiusAttribute.TERMINATION_ACTION, (1).to_bytes(4, "big")),  # ask again
        )
    return told + tuple(avpair(pair) for pair in user.attributes)


def _genuine(request: RadiusPacket, secret: bytes) -> bool:
    told = request.get(RadiusAttribute.MESSAGE_AUTHENTICATOR)
    if told is None:
        return not request.eap
    return hmac.compare_digest(told, message_authenticator(request, secret))
