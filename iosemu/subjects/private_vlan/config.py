"""`private-vlan mapping` of a VLAN interface."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class PrivateMapping:
    """The secondary VLANs that the interface of a primary one routes for."""

    vlans: frozenset[int] = frozenset()
