"""A RADIUS client (RFC 2865 section 2.4): requests, retransmissions, and which server is asked next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address

from iosemu.net.aaa.outcome import Outcome, Verdict
from iosemu.net.signal import Signal
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.radius import (
    MPPE_RECV_KEY,
    MPPE_SEND_KEY,
    NO_ECHO,
    Attributes,
    RadiusAttribute,
    RadiusCode,
    RadiusPacket,
    ServiceType,
    hide_password,
)


@dataclass(frozen=True, slots=True)
class RadiusTarget:
    """A server as one request sees it; times are seconds."""

    address: IPv4Address
    authentication_port: int
    accounting_port: int
    secret: bytes = b""
    timeout: float = 5.0
    retransmit: int = 3
    """How often it is asked again."""
    vrf: str = ""
    """The routing instance that it is reached in."""
    deadtime: int | None = None
    """Minutes for which it is passed over when it is dead; None: as the box says."""

    @property
    def place(self) -> str:
        """As messages call it: `10.0.0.1:1645,1646`."""
        return f"{self.address}:{self.authentication_port},{self.accounting_port}"


class Note(Enum):
    """What a client noted, for counters and debugging."""

    SENT = "sent"
    RETRANSMITTED = "retransmitted"
    FAILED_OVER = "failed over"
    TIMED_OUT = "timed out"
    GAVE_UP = "gave up"
    """No server answered."""
    ANSWERED = "answered"
    FORGED = "forged"
    """The answer was made with another secret."""
    MALFORMED = "malformed"
    UNEXPECTED = "unexpected"
    """Nobody waits for it."""


@dataclass(eq=False)
class RadiusTransaction:
    """One request, to the first of its servers that answers."""

    targets: Sequence[RadiusTarget]
    code: RadiusCode
    attributes: Attributes
    password: bytes | None
    identifier: int
    authenticator: bytes
    accounting: bool
    signal: Signal = field(default_factory=Signal)
    """It is decided."""
    outcome: Outcome | None = None
    answer: RadiusPacket | None = None
    """What the server said."""
    index: int = 0
    """Of the server that is asked."""
    tries: int = 0
    """How often that was asked."""
    due: float = 0.0
    """Lab time at which it counts as silent."""
    sent_at: float = 0.0

    @property
    def target(self) -> RadiusTarget:
        """The server that is asked."""
        return self.targets[self.index]

    def packet(self) -> RadiusPacket:
        """The request as the present server must see it."""
        attributes = self.attributes
        if self.password is not None:
            hidden = hide_password(self.password, self.target.secret, self.authenticator)
            attributes = (*attributes, (RadiusAttribute.USER_PASSWORD, hidden))
        packet = RadiusPacket(self.code, self.identifier, self.authenticator, attributes)
        if packet.eap or packet.get(RadiusAttribute.MESSAGE_AUTHENTICATOR) is not None:
            packet = packet.authenticated(self.target.secret)
        return packet.accounting_signed(self.target.secret) if self.accounting else packet


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing that was noted."""

    what: Note
    transaction: RadiusTransaction | None
    target: RadiusTarget | None
    packet: RadiusPacket | None = None


Send = Callable[[RadiusTransaction, bytes], object]


class RadiusClient:
    """All requests that one source port has open: identifiers tell them apart."""

    def __init__(
        self,
        randbytes: Callable[[int], bytes],
        send: Send,
        note: Callable[[Noted], None],
        *,
        accounting: bool,
    ) -> None:
        self._randbytes = randbytes
        self._send = send
        self._note = note
        self._accounting = accounting
        self._open: dict[int, RadiusTransaction] = {}
        self._next = 0

    def __len__(self) -> int:
        """Requests without an answer."""
        return len(self._open)

    def request(
        self,
        targets: Sequence[RadiusTarget],
        attributes: Attributes,
        now: float,
        password: bytes | None = None,
    ) -> RadiusTransaction:
        """Ask the servers, one after the other while they are silent.

        With no server, too many open requests or a password over 128 octets it is decided at once.
        """
        code = RadiusCode.ACCOUNTING_REQUEST if self._accounting else RadiusCode.ACCESS_REQUEST
        identifier = next(
            (n % 256 for n in range(self._next, self._next + 256) if n % 256 not in self._open), None
        )
        made = RadiusTransaction(
            tuple(targets), code, attributes, password, identifier or 0, self._randbytes(16), self._accounting
        )
        if not targets or identifier is None:
            made.outcome = Outcome(Verdict.ERROR)
        elif password is not None and len(password) > 128:
            made.outcome = Outcome(Verdict.FAIL)
        else:
            self._next = identifier + 1
            self._open[identifier] = made
            self._transmit(made, Note.SENT, now)
        return made

    def _transmit(self, transaction: RadiusTransaction, how: Note, now: float) -> None:
        transaction.tries += 1
        transaction.due = now + transaction.target.timeout
        if how is not Note.RETRANSMITTED:
            transaction.sent_at = now
        packet = transaction.packet()
        self._note(Noted(how, transaction, transaction.target, packet))
        self._send(transaction, packet.to_bytes())

    def next_timer(self) -> float | None:
        """Lab time of the next `tick`."""
        return min((each.due for each in self._open.values()), default=None)

    def tick(self, now: float) -> None:
        """Ask again, or the next server, where none answered in time."""
        for transaction in [each for each in self._open.values() if each.due <= now]:
            target = transaction.target
            self._note(Noted(Note.TIMED_OUT, transaction, target))
            if transaction.tries <= target.retransmit:
                self._transmit(transaction, Note.RETRANSMITTED, now)
            elif transaction.index + 1 < len(transaction.targets):
                transaction.index += 1
                transaction.tries = 0
                self._transmit(transaction, Note.FAILED_OVER, now)
            else:
                del self._open[transaction.identifier]
                self._note(Noted(Note.GAVE_UP, transaction, target))
                self._decide(transaction, Outcome(Verdict.ERROR))

    def receive(self, data: bytes, source: IPv4Address, port: int, vrf: str = "") -> None:
        """A datagram came in a routing instance; what the server that is asked made with the secret counts."""
        try:
            packet = RadiusPacket.parse(data)
        except MalformedPacket:
            self._note(Noted(Note.MALFORMED, None, None))
            return
        transaction = self._open.get(packet.identifier)
        target = transaction.target if transaction is not None else None
        expected = (
            target is not None
            and (source, vrf) == (target.address, target.vrf)
            and port == (target.accounting_port if self._accounting else target.authentication_port)
        )
        if transaction is None or target is None or not expected:
            self._note(Noted(Note.UNEXPECTED, None, None, packet))
            return
        if not packet.answers(transaction.packet(), target.secret):
            self._note(Noted(Note.FORGED, transaction, target, packet))
            return
        outcome = _outcome(packet, target.secret, transaction.authenticator)
        if outcome is None:
            self._note(Noted(Note.UNEXPECTED, transaction, target, packet))
            return
        del self._open[packet.identifier]
        self._note(Noted(Note.ANSWERED, transaction, target, packet))
        transaction.answer = packet
        self._decide(transaction, outcome)

    def _decide(self, transaction: RadiusTransaction, outcome: Outcome) -> None:
        transaction.outcome = outcome
        transaction.signal.emit()

    def give_up(self) -> None:
        """Forget all requests: the power goes."""
        self._open.clear()


def _outcome(packet: RadiusPacket, secret: bytes, authenticator: bytes) -> Outcome | None:
    """What an answer says; a challenge without EAP is a question for the user. None: no answer at all.

    `authenticator` is that of the request.
    """
    message, eap = packet.text(RadiusAttribute.REPLY_MESSAGE), packet.eap
    if eap and packet.get(RadiusAttribute.MESSAGE_AUTHENTICATOR) is None:
        return None  # anybody could have made it (RFC 3579, 3.2)
    if packet.code in (RadiusCode.ACCESS_ACCEPT, RadiusCode.ACCOUNTING_RESPONSE):
        kinds = (MPPE_RECV_KEY, MPPE_SEND_KEY) if eap else ()
        key = b"".join(packet.mppe_key(kind, secret, authenticator) for kind in kinds)
        return Outcome(Verdict.PASS, message, tuple(_pairs(packet)), eap=eap, key=key)
    if packet.code == RadiusCode.ACCESS_CHALLENGE:
        echo = packet.number(RadiusAttribute.PROMPT) != NO_ECHO
        state = packet.get(RadiusAttribute.STATE) or b""
        return Outcome(Verdict.MORE, message, eap=eap, state=state, echo=echo)
    if packet.code == RadiusCode.ACCESS_REJECT:
        return Outcome(Verdict.FAIL, message, eap=eap)
    return None


def _pairs(packet: RadiusPacket) -> list[str]:
    """Attributes as pairs. Service-Type Administrative means privilege 15 where no `priv-lvl` is told, NAS-Prompt 1
    (Cisco's RADIUS attribute reference)."""
    pairs = [pair.removeprefix("shell:") for pair in packet.avpairs]
    service = packet.number(RadiusAttribute.SERVICE_TYPE)
    if service is not None:
        if not any(pair.replace("*", "=", 1).startswith("priv-lvl=") for pair in pairs):
            if service == ServiceType.ADMINISTRATIVE:
                pairs.append("priv-lvl=15")
            elif service in (ServiceType.NAS_PROMPT, ServiceType.LOGIN):
                pairs.append("priv-lvl=1")
        pairs.append(f"service-type={service}")
    return pairs
