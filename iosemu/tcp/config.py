"""What can be set for TCP. The defaults are those of IOS where it has any, else those of the RFCs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keepalive:
    """Probes on an idle connection (RFC 9293 3.8.4). Seconds; `count` unanswered probes end the connection."""

    idle: float = 60.0
    interval: float = 60.0
    count: int = 4


@dataclass(frozen=True, slots=True)
class TcpConfig:
    """Times are seconds, sizes are octets. A connection keeps what was in force when it was opened."""

    mss: int = 536
    """The MSS option to send, where the caller of `connect` or `listen` knows nothing better."""
    window: int = 4128
    """Receive buffer, `ip tcp window-size`."""
    window_shift: int | None = None
    """Shift to offer in SYNs (RFC 7323); None: no window scaling. Over 65,535 octets it must be set."""
    send_buffer: int = 16384
    """Octets that may wait for being sent and acknowledged."""
    backlog: int = 16
    """Half-open connections of one listening port."""
    nagle: bool = False
    """`service nagle` (RFC 9293 3.7.4)."""
    ack_hold: float = 0.2
    """How long an ACK may be delayed (at most 0.5, MUST-40)."""
    initial_rto: float = 1.0
    min_rto: float = 1.0
    max_rto: float = 60.0
    synwait: float = 30.0
    """`ip tcp synwait-time`: how long an active open may take."""
    give_up: float = 120.0
    """How long data may stay unacknowledged (R2 of RFC 9293 3.8.3; at least 100)."""
    msl: float = 30.0
    """Maximum segment lifetime: TIME-WAIT lasts twice as long."""
    finwait2: float = 600.0
    """How long a closed connection waits for the peer's FIN."""
    keepalive: Keepalive | None = None
    path_mtu_discovery: bool = False
    """`ip tcp path-mtu-discovery`: the MSS is that of the way out, however far the peer is."""
    ttl: int = 255
    """TTL of the packets that carry segments."""
    minimum_ttl: int = 0
    """Segments in packets of a smaller TTL are dropped (RFC 5082)."""
    tos: int = 0
    """Type of service of the packets."""
    tells_drained: bool = False
    """Report `Drained` each time all that was sent has arrived."""

    def __post_init__(self) -> None:
        if self.window > 0xFFFF and self.window_shift is None:
            raise ValueError(f"a window of {self.window} octets needs window scaling")
        if self.window_shift is not None and not 0 <= self.window_shift <= 14:
            raise ValueError(f"window shift {self.window_shift} is not in 0-14")
        if self.mss < 1 or self.window < 1 or self.send_buffer < 1:
            raise ValueError("MSS, window and send buffer must be positive")
