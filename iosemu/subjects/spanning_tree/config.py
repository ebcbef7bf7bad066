"""Global spanning tree configuration of a switch."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class VlanTree:
    """`spanning-tree vlan N …`; values in seconds."""

    enabled: bool = True
    priority: int = 32768
    hello_time: int = 2
    forward_time: int = 15
    max_age: int = 20

    @property
    def is_default(self) -> bool:
        """Whether nothing was configured."""
        return self == VlanTree()


@dataclass
class SpanningTreeConfig:
    """`spanning-tree …` in global configuration."""

    mode: str = "pvst"
    """pvst or rapid-pvst."""
    vlans: dict[int, VlanTree] = field(default_factory=dict)
    portfast_default: bool = False
    bpduguard_default: bool = False
    bpdufilter_default: bool = False
    loopguard_default: bool = False

    def vlan(self, number: int) -> VlanTree:
        """The tree's settings for a VLAN, without making an entry."""
        return self.vlans.get(number) or VlanTree()
