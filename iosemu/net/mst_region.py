"""An MST region: its name, its revision, and which VLAN is in which instance (IEEE 802.1Q-2005 clause 13.7)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from iosemu.packets.stp import MstIdentifier

_KEY = bytes.fromhex("13AC06A62E47FD51F95D2BA243CD0346")
"""The configuration digest's signature key (table 13-1)."""
_TABLE = 4096
CIST = 0
"""The instance that all VLANs are in that no other has."""


@dataclass(frozen=True)
class Region:
    """The MST configuration of a bridge; `instances` has the VLANs of each instance but the common one."""

    name: str = ""
    revision: int = 0
    instances: Mapping[int, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def _instance_of(self) -> dict[int, int]:
        return {vlan: number for number, vlans in self.instances.items() for vlan in vlans}

    def instance_of(self, vlan: int) -> int:
        """The instance of a VLAN."""
        return self._instance_of.get(vlan, CIST)

    @cached_property
    def digest(self) -> bytes:
        """HMAC-MD5 of the table of 4096 instance numbers, 16 bits each, by VLAN (clause 13.7)."""
        table = b"".join(self.instance_of(vlan).to_bytes(2, "big") for vlan in range(_TABLE))
        return hmac.digest(_KEY, table, "md5")

    @cached_property
    def identifier(self) -> MstIdentifier:
        """What bridges of a region have alike."""
        return MstIdentifier(self.name, self.revision, self.digest)
