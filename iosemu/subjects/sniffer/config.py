"""What a sniffer is set to keep."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.system import SystemConfig


@dataclass
class SnifferConfig:
    """Settings of a sniffer; `filters` names the protocols that are kept, empty means all."""

    system: SystemConfig = field(default_factory=SystemConfig)
    service: bool = True
    filters: frozenset[str] = frozenset()
    buffer_packets: int = 1000
