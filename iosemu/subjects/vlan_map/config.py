"""VLAN maps: `vlan access-map` and `vlan filter`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class MapEntry:
    """`vlan access-map NAME N`: what meets one of its lists is forwarded or dropped; without lists all does."""

    name: str
    sequence: int
    ip: list[str] = field(default_factory=list)
    mac: list[str] = field(default_factory=list)
    drop: bool = False


@dataclass
class VlanMaps:
    """The maps by name and sequence, and which map filters which VLAN."""

    maps: dict[str, dict[int, MapEntry]] = field(default_factory=dict)
    filters: dict[int, str] = field(default_factory=dict)

    def filtered(self) -> dict[str, list[int]]:
        """The VLANs of each map that filters any."""
        found: dict[str, list[int]] = {}
        for number, name in self.filters.items():
            found.setdefault(name, []).append(number)
        return found
