"""What a policy says of the sessions that it lets begin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Limits:
    """When there is too much of something; None: never.

    Above a high mark new sessions take the place of the oldest half-open ones, until the low mark is reached.
    """

    incomplete_low: int | None = None
    incomplete_high: int | None = None
    """Half-open sessions."""
    minute_low: int | None = None
    minute_high: int | None = None
    """Sessions that began within a minute."""
    host: int | None = None
    """Half-open TCP sessions to one host."""
    block_time: int = 0
    """Minutes for which such a host gets no new ones; 0: the oldest half-open one gives way instead."""
    sessions: int | None = None
    """Sessions in all."""


@dataclass(slots=True)
class Settings:
    """Timers in seconds, and what is told of a session."""

    tcp_idle: int = 3600
    syn_wait: int = 30
    fin_wait: int = 5
    udp_idle: int = 30
    icmp_idle: int = 10
    dns_timeout: int = 5
    alert: bool = True
    audit_trail: bool = False
