"""The authenticator of one client: asks who it is, passes on what it and a server say (802.1X-2004 8.2.4, 8.2.9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from iosemu.packets.eap import EapCode, EapPacket, EapType, identity_request

NEVER = float("inf")


class AuthState(Enum):
    """The Authenticator PAE state machine, as `show dot1x details` calls its states."""

    DISCONNECTED = "DISCONNECTED"
    CONNECTING = "CONNECTING"
    AUTHENTICATING = "AUTHENTICATING"
    AUTHENTICATED = "AUTHENTICATED"
    HELD = "HELD"


class BackendState(Enum):
    """The Backend Authentication state machine."""

    IDLE = "IDLE"
    REQUEST = "REQUEST"
    RESPONSE = "RESPONSE"


class Event(Enum):
    """What came of it."""

    ASK = "ask"
    """`asked` is to go to a server."""
    SUCCESS = "success"
    FAIL = "fail"
    NO_RESPONSE = "no-response"
    """Nobody says who is there."""
    TIMEOUT = "timeout"
    """The client fell silent."""
    SERVER_DEAD = "server dead"
    RESTART = "restart"
    """The quiet period is over."""


@dataclass(frozen=True, slots=True)
class AuthenticatorTimers:
    """Seconds, and how often something is said."""

    quiet: int = 60
    tx: int = 30
    supplicant: int = 30
    max_request: int = 2
    """How often a request is sent."""
    max_reauth: int = 2
    """How often the question who is there is repeated."""


class Authenticator:
    """What is to be sent stands in `packets`, what came of it in `events`; both are taken by whoever runs it."""

    def __init__(self, timers: Callable[[], AuthenticatorTimers], identifier: int) -> None:
        self._timers = timers
        self.state = AuthState.DISCONNECTED
        self.backend = BackendState.IDLE
        self.identifier = identifier
        """Of the last request."""
        self.identity = b""
        self.method: int | None = None
        """The EAP type that was negotiated last."""
        self.asked = b""
        self.packets: list[EapPacket] = []
        self.events: list[Event] = []
        self._request: EapPacket | None = None
        self._tries = 0
        self._due = NEVER

    def next_timer(self) -> float | None:
        """Lab time of the next `tick`."""
        return None if self._due == NEVER else self._due

    def start(self, now: float) -> None:
        """Ask who is there, from the beginning."""
        self.backend, self.identity, self.method = BackendState.IDLE, b"", None
        self.state, self._tries = AuthState.CONNECTING, 0
        self.identifier = (self.identifier + 1) % 256
        self._ask_who(now)

    def stop(self) -> None:
        """It is of no interest any more."""
        self.state, self.backend, self._due = AuthState.DISCONNECTED, BackendState.IDLE, NEVER

    def receive(self, packet: EapPacket, now: float) -> None:
        """A client says something; what answers no question is not heard."""
        if packet.code != EapCode.RESPONSE or packet.identifier != self.identifier:
            return
        if self.state is AuthState.CONNECTING and packet.type == EapType.IDENTITY:
            self.state, self.identity = AuthState.AUTHENTICATING, packet.data
        elif self.state is not AuthState.AUTHENTICATING or self.backend is not BackendState.REQUEST:
            return
        elif packet.type not in (EapType.IDENTITY, EapType.NOTIFICATION, EapType.NAK):
            self.method = packet.type
        self.backend, self._due = BackendState.RESPONSE, NEVER
        self.asked = packet.to_bytes()
        self.events.append(Event.ASK)

    def challenged(self, packet: EapPacket, now: float) -> None:
        """The server asks something."""
        self.identifier, self._request, self._tries = packet.identifier, packet, 0
        self.backend = BackendState.REQUEST
        self._ask_again(now)

    def accepted(self, packet: EapPacket | None, now: float) -> None:
        """The server takes the client."""
        self.packets.append(packet or EapPacket(EapCode.SUCCESS, self.identifier))
        self.state, self.backend, self._due = AuthState.AUTHENTICATED, BackendState.IDLE, NEVER
        self.events.append(Event.SUCCESS)

    def rejected(self, packet: EapPacket | None, now: float) -> None:
        """The server refuses it: nothing more is heard of it for the quiet period."""
        self.packets.append(packet or EapPacket(EapCode.FAILURE, self.identifier))
        self._hold(now, Event.FAIL)

    def unanswered(self, now: float) -> None:
        """No server says anything."""
        self._hold(now, Event.SERVER_DEAD)

    def tick(self, now: float) -> None:
        """A timer is due."""
        if now < self._due:
            return
        if self.state is AuthState.CONNECTING:
            if self._tries <= self._timers().max_reauth:
                self._ask_who(now)
            else:
                self.stop()
                self.events.append(Event.NO_RESPONSE)
        elif self.state is AuthState.AUTHENTICATING and self._tries < self._timers().max_request:
            self._ask_again(now)
        elif self.state is AuthState.AUTHENTICATING:
            self._hold(now, Event.TIMEOUT)
        else:
            self._due = NEVER
            self.events.append(Event.RESTART)

    def _ask_who(self, now: float) -> None:
        self._tries += 1
        self.packets.append(identity_request(self.identifier))
        self._due = now + self._timers().tx

    def _ask_again(self, now: float) -> None:
        assert self._request is not None
        self._tries += 1
        self.packets.append(self._request)
        self._due = now + self._timers().supplicant

    def _hold(self, now: float, event: Event) -> None:
        self.state, self.backend = AuthState.HELD, BackendState.IDLE
        self._due = now + self._timers().quiet
        self.events.append(event)
