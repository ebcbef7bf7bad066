"""The state machine of one connection (RFC 4271 8), from OpenSent on; what comes before is in `peer`."""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address

from iosemu.routing.bgp.capabilities import (
    AS_TRANS,
    IPV4_UNICAST,
    Capability,
    CapabilityCode,
    four_octet_as,
    multiprotocol,
    one_each,
)
from iosemu.routing.bgp.config import PeerConfig, Relation, SpeakerConfig
from iosemu.routing.bgp.errors import BgpError, ErrorCode, OpenError
from iosemu.routing.bgp.messages import Keepalive, Message, Notification, Open, RouteRefresh, Update

OPEN_HOLD = 240.0
"""Seconds to wait for the peer's OPEN (8.2.2: a large value)."""


class SessionState(Enum):
    """States of a neighbor; the value is IOS's word."""

    IDLE = "Idle"
    CONNECT = "Connect"
    ACTIVE = "Active"
    OPEN_SENT = "OpenSent"
    OPEN_CONFIRM = "OpenConfirm"
    ESTABLISHED = "Established"


class Session:
    """One TCP connection to a peer; `out` are messages to be sent."""

    def __init__(
        self, connection: int, passive: bool, config: PeerConfig, speaker: SpeakerConfig, now: float
    ) -> None:
        self.connection = connection
        self.passive = passive
        self.config = config
        self.speaker = speaker
        self.state = SessionState.OPEN_SENT
        self.buffer = bytearray()
        self.out: list[Message] = []
        self.hold_time = float(config.hold_time)
        self.keepalive = float(config.keepalive)
        self.hold_due: float | None = now + OPEN_HOLD
        self.keepalive_due: float | None = None
        self.peer_open: Open | None = None
        self.wide = False
        self.refresh_code = 0
        self.last_read = self.last_write = now
        self._send_open()

    @property
    def internal(self) -> bool:
        """The peer is of our AS."""
        return self.config.remote_as == self.speaker.as_number

    def _send_open(self) -> None:
        capabilities = [
            multiprotocol(*IPV4_UNICAST),
            Capability(CapabilityCode.ROUTE_REFRESH_OLD),
            Capability(CapabilityCode.ROUTE_REFRESH),
        ]
        relation = self.speaker.relation(self.config.remote_as)
        number = self.speaker.public_as if relation is Relation.EXTERNAL else self.speaker.as_number
        if self.config.local_as is not None:
            number = self.config.local_as.number
        if self.config.four_octet_as:
            capabilities.append(four_octet_as(number))
        self.out.append(
            Open(
                number if number < 65536 else AS_TRANS,
                self.config.hold_time,
                self.speaker.router_id,
                one_each(tuple(capabilities)),
            )
        )

    def receive(self, message: Message, now: float) -> Update | RouteRefresh | None:
        """Take a message: what is for the tables comes back. BgpError where the session must end."""
        self.last_read = now
        if self.hold_time and self.state is not SessionState.OPEN_SENT:
            self.hold_due = now + self.hold_time
        match message:
            case Open() if self.state is SessionState.OPEN_SENT:
                self._opened(message, now)
            case Keepalive() if self.state is SessionState.OPEN_CONFIRM:
                self.state = SessionState.ESTABLISHED
            case Keepalive() if self.state is SessionState.ESTABLISHED:
                pass
            case Update() | RouteRefresh() if self.state is SessionState.ESTABLISHED:
                return message
            case Notification():
                pass  # whoever owns the session ends it
            case _:
                raise BgpError(ErrorCode.STATE_MACHINE, 0)
        return None

    def _opened(self, message: Open, now: float) -> None:
        """6.2."""
        if message.real_as != self.config.remote_as:
            raise BgpError(ErrorCode.OPEN, OpenError.PEER_AS, (message.real_as & 0xFFFF).to_bytes(2, "big"))
        identifier = message.identifier
        if int(identifier) == 0 or identifier.is_multicast:
            raise BgpError(ErrorCode.OPEN, OpenError.IDENTIFIER, identifier.packed)
        if self.internal and identifier == self.speaker.router_id:
            raise BgpError(ErrorCode.OPEN, OpenError.IDENTIFIER, identifier.packed)
        if message.hold_time in (1, 2) or 0 < message.hold_time < self.config.least_hold:
            raise BgpError(ErrorCode.OPEN, OpenError.HOLD_TIME, message.hold_time.to_bytes(2, "big"))
        for parameter in message.parameters:
            if parameter.type != 2:
                raise BgpError(ErrorCode.OPEN, OpenError.PARAMETER)
        self.peer_open = message
        codes = {each.code for each in message.capabilities()}
        self.wide = CapabilityCode.FOUR_OCTET_AS in codes and self.config.four_octet_as
        if CapabilityCode.ROUTE_REFRESH in codes:
            self.refresh_code = 5
        elif CapabilityCode.ROUTE_REFRESH_OLD in codes:
            self.refresh_code = 128
        self.hold_time = float(min(self.config.hold_time, message.hold_time))
        self.keepalive = min(float(self.config.keepalive), self.hold_time / 3)
        self.hold_due = now + self.hold_time if self.hold_time else None
        self.keepalive_due = now + self.keepalive if self.hold_time else None
        self.state = SessionState.OPEN_CONFIRM
        self.out.append(Keepalive())

    def due(self) -> float | None:
        """When `tick` has something to do."""
        return min((each for each in (self.hold_due, self.keepalive_due) if each is not None), default=None)

    def tick(self, now: float) -> None:
        """Send a KEEPALIVE; BgpError when the hold time is over."""
        if self.hold_due is not None and now >= self.hold_due:
            raise BgpError(ErrorCode.HOLD_TIMER, 0)
        if self.keepalive_due is not None and now >= self.keepalive_due:
            self.out.append(Keepalive())
            self.keepalive_due = now + self.keepalive

    def wins_over(self, other: Session, local_id: IPv4Address, remote_id: IPv4Address) -> bool:
        """Which of two connections stays (6.8): the one that the router of the higher identifier opened."""
        if other.state is SessionState.ESTABLISHED:
            return False
        ours_is_higher = int(local_id) > int(remote_id)
        return self.passive != ours_is_higher
