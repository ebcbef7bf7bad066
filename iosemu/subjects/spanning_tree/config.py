"""Global spanning tree configuration of a switch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from iosemu.box.debugging import DebugFlag
from iosemu.net.mst import MAX_HOPS
from iosemu.net.mst_region import CIST, Region
from iosemu.net.rstp import TRANSMIT_HOLD_COUNT

EVENTS = DebugFlag("Spanning Tree event", "Spanning Tree")
BPDU = DebugFlag("Spanning Tree BPDU", "Spanning Tree")
UPLINKFAST = DebugFlag("Spanning Tree uplinkfast", "Spanning Tree")
BACKBONEFAST = DebugFlag("Spanning Tree backbonefast general", "Spanning Tree")
DEBUG_FLAGS = (EVENTS, BPDU, UPLINKFAST, BACKBONEFAST)

PRIORITY = 32768
"""Of a bridge, where nothing is configured."""


@dataclass
class VlanTree:
    """`spanning-tree vlan N …`; values in seconds."""

    enabled: bool = True
    priority: int = PRIORITY
    hello_time: int = 2
    forward_time: int = 15
    max_age: int = 20

    @property
    def is_default(self) -> bool:
        """Whether nothing was configured."""
        return self == VlanTree()


@dataclass
class MstConfig:
    """`spanning-tree mst …`; times in seconds."""

    region: Region = field(default_factory=Region)
    priorities: dict[int, int] = field(default_factory=dict)
    """Bridge priorities by instance, where they are not the default; an instance need not exist."""
    hello_time: int = 2
    forward_time: int = 15
    max_age: int = 20
    max_hops: int = MAX_HOPS

    def priority(self, number: int) -> int:
        """The bridge priority in an instance."""
        return self.priorities.get(number, PRIORITY)


@dataclass
class RegionEditor:
    """`spanning-tree mst configuration` at work: what is typed is pending until `exit`."""

    before: Region
    """What is configured."""
    apply: Callable[[Region], None]
    """Makes what was edited the configuration."""
    name: str = ""
    revision: int = 0
    instances: dict[int, frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name, self.revision = self.before.name, self.before.revision
        self.instances = dict(self.before.instances)

    @property
    def region(self) -> Region:
        """What was edited."""
        kept: Mapping[int, frozenset[int]] = {
            n: vlans for n, vlans in sorted(self.instances.items()) if n != CIST
        }
        return Region(self.name, self.revision, MappingProxyType(dict(kept)))

    def left(self) -> None:
        """The mode was left: what is pending takes effect."""
        region = self.region
        if region != self.before:
            self.apply(region)

    def abort(self) -> None:
        """Let go of what is pending."""
        self.__post_init__()

    def map(self, number: int, vlans: frozenset[int]) -> None:
        """Put VLANs into an instance; they leave those that they are in."""
        for each, held in list(self.instances.items()):
            self.instances[each] = held - vlans
        if number != CIST:
            self.instances[number] = self.instances.get(number, frozenset()) | vlans
        self.instances = {each: held for each, held in self.instances.items() if held}


@dataclass
class SpanningTreeConfig:
    """`spanning-tree …` in global configuration."""

    mode: str = "pvst"
    """pvst, rapid-pvst or mst."""
    vlans: dict[int, VlanTree] = field(default_factory=dict)
    portfast_default: bool = False
    bpduguard_default: bool = False
    bpdufilter_default: bool = False
    loopguard_default: bool = False
    mst: MstConfig = field(default_factory=MstConfig)
    simulate_pvst: bool = True
    """`spanning-tree mst simulate pvst global`: neighbors that speak PVST+ are told the common tree in all VLANs."""
    hold_count: int = TRANSMIT_HOLD_COUNT
    """`spanning-tree transmit hold-count`: BPDUs a second on one port."""
    uplinkfast: bool = False
    update_rate: int = 150
    """`spanning-tree uplinkfast max-update-rate`: multicasts a second that tell others where stations are."""
    backbonefast: bool = False
    etherchannel_guard: bool = True
    """`spanning-tree etherchannel guard misconfig`."""
    long_cost: bool = False
    """`spanning-tree pathcost method long`."""

    def vlan(self, number: int) -> VlanTree:
        """The tree's settings for a VLAN, without making an entry."""
        return self.vlans.get(number) or VlanTree()
