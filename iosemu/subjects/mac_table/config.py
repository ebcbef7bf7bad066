"""`mac address-table …`: how long addresses are kept, and those that were typed."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.packets.addresses import MacAddress

AGING = 300
"""Seconds, the default of every Catalyst."""


@dataclass
class MacTableConfig:
    """The MAC address table as it is configured."""

    aging: int = AGING
    """Seconds; 0 keeps entries for ever."""
    static: dict[tuple[int, MacAddress], str] = field(default_factory=dict)
    """Port by VLAN and address."""
