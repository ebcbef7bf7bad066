"""`zone security`, `zone-pair security` and `zone-member security`."""

from __future__ import annotations

from dataclasses import dataclass, field

SELF = "self"
"""The zone of the box itself, which is always there."""


@dataclass
class Zone:
    """`zone security NAME`."""

    name: str
    description: str = ""


@dataclass
class ZonePair:
    """`zone-pair security NAME source A destination B`: one direction."""

    name: str
    source: str = ""
    destination: str = ""
    policy: str = ""
    """`service-policy type inspect`; empty: none."""
    description: str = ""


@dataclass
class ZonesConfig:
    """The zones and the pairs of them that have a policy."""

    zones: dict[str, Zone] = field(default_factory=dict)
    pairs: dict[str, ZonePair] = field(default_factory=dict)

    def pair(self, source: str, destination: str) -> ZonePair | None:
        """The pair from one zone to another."""
        for each in self.pairs.values():
            if each.source == source and each.destination == destination:
                return each
        return None


@dataclass
class ZoneMember:
    """`zone-member security NAME` under `interface X`."""

    zone: str = ""
