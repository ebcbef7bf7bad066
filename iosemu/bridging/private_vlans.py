"""Private VLANs: which VLAN is a part of which, and what that makes of a port (RFC 5517)."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.bridging.switchport import Switchport, SwitchportMode
from iosemu.bridging.vlans import ISOLATED, PRIMARY, SECONDARIES, VlanConfig


@dataclass(frozen=True, slots=True)
class PrivatePort:
    """What a host or promiscuous port does: the VLAN of what comes in, those of what leaves, and the primary one."""

    untagged: int
    carried: frozenset[int]
    primary: int


@dataclass(frozen=True)
class PrivateVlans:
    """The associations that are valid now."""

    primary_of: dict[int, int] = field(default_factory=dict)
    """By secondary VLAN."""
    isolated: frozenset[int] = frozenset()

    @classmethod
    def of(cls, config: VlanConfig) -> PrivateVlans:
        """Those of a VLAN database: both VLANs are there, and of the right types."""
        vlans = config.vlans
        found = {
            second: number
            for number, vlan in vlans.items()
            if vlan.private == PRIMARY and config.usable(number)
            for second in vlan.associated
            if config.usable(second) and vlans[second].private in SECONDARIES
        }
        return cls(found, frozenset(second for second in found if vlans[second].private == ISOLATED))

    def secondaries(self, primary: int) -> list[int]:
        """The VLANs of a primary one."""
        return [second for second, first in self.primary_of.items() if first == primary]

    def related(self, vlan: int) -> list[int]:
        """The VLANs that share the addresses that are learned in one."""
        primary = self.primary_of.get(vlan)
        return [primary] if primary is not None else self.secondaries(vlan)

    def port(self, port: Switchport) -> PrivatePort | None:
        """What a port in a private mode does; None: nothing, its association is not valid."""
        if port.mode is SwitchportMode.PRIVATE_HOST:
            if port.host_association is None:
                return None
            primary, second = port.host_association
            if self.primary_of.get(second) != primary:
                return None
            alone = second in self.isolated
            return PrivatePort(second, frozenset({primary} if alone else {primary, second}), primary)
        if port.private_mapping is None:
            return None
        primary, mapped = port.private_mapping
        valid = mapped & set(self.secondaries(primary))
        return PrivatePort(primary, valid | {primary}, primary) if valid else None
