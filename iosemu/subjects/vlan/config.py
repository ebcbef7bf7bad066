"""What `vlan database` edits."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from iosemu.bridging.vlans import RESERVED, Vlan, VlanConfig

LAST = max(RESERVED)
"""The highest VLAN of the normal range; others are configured elsewhere."""


@dataclass
class VlanBuffer:
    """A copy of the normal VLANs and of the VTP role: nothing takes effect before it is applied."""

    vlans: dict[int, Vlan]
    vtp_mode: str
    vtp_domain: str

    @classmethod
    def of(cls, config: VlanConfig) -> VlanBuffer:
        """The database as it is."""
        vlans = {number: copy(vlan) for number, vlan in sorted(config.vlans.items()) if number <= LAST}
        return cls(vlans, config.vtp_mode, config.vtp_domain)

    def reread(self, config: VlanConfig) -> None:
        """Forget what was edited."""
        fresh = self.of(config)
        self.vlans, self.vtp_mode, self.vtp_domain = fresh.vlans, fresh.vtp_mode, fresh.vtp_domain

    def apply(self, config: VlanConfig) -> None:
        """Make it the database; VLANs beyond the normal range stay."""
        beyond = {number: vlan for number, vlan in config.vlans.items() if number > LAST}
        config.vlans = {**{number: copy(vlan) for number, vlan in sorted(self.vlans.items())}, **beyond}
        config.vtp_mode, config.vtp_domain = self.vtp_mode, self.vtp_domain
