"""A station that wants to be let in (802.1X-2004 8.2.11), and proves itself by EAP-MD5."""

from __future__ import annotations

from enum import Enum

from iosemu.net.aaa.eap import EapPeer
from iosemu.packets.eap import EapCode, EapPacket, EapType
from iosemu.packets.eapol import EapolPacket, EapolType
from iosemu.packets.errors import MalformedPacket

START_PERIOD, HELD_PERIOD, AUTH_PERIOD = 30.0, 60.0, 30.0
"""Seconds (8.2.11.1.2)."""
MAX_START = 3
NEVER = float("inf")


class SupplicantState(Enum):
    """The Supplicant PAE state machine."""

    DISCONNECTED = "DISCONNECTED"
    LOGOFF = "LOGOFF"
    CONNECTING = "CONNECTING"
    AUTHENTICATING = "AUTHENTICATING"
    AUTHENTICATED = "AUTHENTICATED"
    HELD = "HELD"


class Supplicant:
    """One network card; what is to be sent stands in `packets`, which whoever runs it takes."""

    def __init__(self, identity: str, password: str, version: int = 2) -> None:
        self.identity = identity
        self._peer = EapPeer(identity, password, bytes, (EapType.MD5_CHALLENGE,))
        self.version = version
        self.state = SupplicantState.DISCONNECTED
        self.proved = False
        """An authenticator said that it succeeded; else AUTHENTICATED means that none is there."""
        self.packets: list[EapolPacket] = []
        self._starts = 0
        self._due = NEVER

    def next_timer(self) -> float | None:
        """Lab time of the next `tick`."""
        return None if self._due == NEVER else self._due

    def link(self, up: bool, now: float) -> None:
        """The cable has a far end, or none."""
        if up and self.state is SupplicantState.DISCONNECTED:
            self._connect(now)
        elif not up:
            self.state, self.proved, self._due = SupplicantState.DISCONNECTED, False, NEVER

    def logon(self, now: float) -> None:
        """Begin anew."""
        if self.state is not SupplicantState.DISCONNECTED:
            self._connect(now)

    def logoff(self) -> None:
        """Give up what was gained."""
        if self.state is not SupplicantState.DISCONNECTED:
            self._say(EapolType.LOGOFF)
            self.state, self.proved, self._due = SupplicantState.LOGOFF, False, NEVER

    def tick(self, now: float) -> None:
        """A timer is due."""
        if now < self._due:
            return
        if self.state is SupplicantState.CONNECTING and self._starts >= MAX_START:
            self.state, self.proved, self._due = SupplicantState.AUTHENTICATED, False, NEVER
        elif self.state is SupplicantState.CONNECTING:
            self._start(now)
        else:
            self._connect(now)

    def receive(self, packet: EapolPacket, now: float) -> None:
        """An authenticator says something; what is malformed is not heard."""
        if packet.type != EapolType.EAP or self.state in (
            SupplicantState.DISCONNECTED,
            SupplicantState.LOGOFF,
        ):
            return
        try:
            said = EapPacket.parse(packet.body)
        except MalformedPacket:
            return
        if said.code == EapCode.REQUEST:
            self._asked(said, now)
        elif said.code == EapCode.SUCCESS and self.state is SupplicantState.AUTHENTICATING:
            self.state, self.proved, self._due = SupplicantState.AUTHENTICATED, True, NEVER
        elif said.code == EapCode.FAILURE:
            self.state, self.proved, self._due = SupplicantState.HELD, False, now + HELD_PERIOD

    def _asked(self, said: EapPacket, now: float) -> None:
        answer = self._peer.respond(said)
        if answer is None:
            return
        if said.type == EapType.IDENTITY:
            self.state = SupplicantState.AUTHENTICATING
        self._due = now + AUTH_PERIOD
        self._say(EapolType.EAP, answer.to_bytes())

    def _connect(self, now: float) -> None:
        self.state, self.proved, self._starts = SupplicantState.CONNECTING, False, 0
        self._start(now)

    def _start(self, now: float) -> None:
        self._starts += 1
        self._due = now + START_PERIOD
        self._say(EapolType.START)

    def _say(self, kind: EapolType, body: bytes = b"") -> None:
        self.packets.append(EapolPacket(kind, body, self.version))
