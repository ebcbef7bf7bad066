"""What an IP stack counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class IpCounters:
    """What `show ip traffic` shows."""

    received: int = 0
    delivered: int = 0
    forwarded: int = 0
    generated: int = 0
    header_errors: int = 0
    no_route: int = 0
    unresolved: int = 0
    denied: int = 0
    ttl_expired: int = 0
    fragments_made: int = 0
    fragmented: int = 0
    cannot_fragment: int = 0
    reassembled: int = 0
    broadcasts_received: int = 0
    broadcasts_sent: int = 0
    multicasts_received: int = 0
    multicasts_sent: int = 0
    udp_received: int = 0
    udp_sent: int = 0
    udp_errors: int = 0
    udp_no_port: int = 0
