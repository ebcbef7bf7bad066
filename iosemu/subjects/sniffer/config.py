"""What a sniffer is set to keep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SnifferConfig:
    """Settings of a sniffer; `filters` names the protocols that are kept, empty means all."""

    service: bool = True
    filters: frozenset[str] = frozenset()
    buffer_packets: int = 1000
