"""What is configured of RIP: `router rip`, and `ip rip …` under an interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.debugging import DebugFlag
from iosemu.box.interface import Interface
from iosemu.routing.filters import DistributeList, OffsetList, Place
from iosemu.routing.rip import AuthenticationMode, Timers
from iosemu.subjects.routing.distances import SourceDistance

PROTOCOL_DEBUG = DebugFlag("RIP protocol", "IP routing")
EVENTS_DEBUG = DebugFlag("RIP event", "IP routing")
DATABASE_DEBUG = DebugFlag("RIP database events", "IP routing")

MAXIMUM_PATHS = 4
DISTANCE = 120


@dataclass(frozen=True)
class Redistribute:
    """`redistribute ORIGIN …`."""

    metric: int | None = None
    transparent: bool = False
    """`metric transparent`: that of the routing table."""
    route_map: str | None = None

    @property
    def words(self) -> str:
        """What stands behind the origin."""
        metric = " metric transparent" if self.transparent else ""
        if self.metric is not None:
            metric = f" metric {self.metric}"
        return metric + (f" route-map {self.route_map}" if self.route_map else "")


@dataclass
class RipProcess:
    """`router rip`, or its `address-family ipv4 vrf V`."""

    vrf: str = ""
    """The routing instance; empty: the default one."""
    version: int | None = None
    """None: version 1 is sent, both are taken."""
    networks: dict[IPv4Network, None] = field(default_factory=dict)
    """Classful networks."""
    timers: Timers = field(default_factory=Timers)
    auto_summary: bool = True
    passive_default: bool = False
    exceptions: dict[str, None] = field(default_factory=dict)
    """Interfaces that are passive, or, with `passive-interface default`, are not."""
    neighbors: dict[IPv4Address, None] = field(default_factory=dict)
    default_metric: int | None = None
    default_originate: bool = False
    default_route_map: str | None = None
    maximum_paths: int = MAXIMUM_PATHS
    distance: int = DISTANCE
    distances: list[SourceDistance] = field(default_factory=list)
    redistribute: dict[str, Redistribute] = field(default_factory=dict)
    """By origin: `connected`, `static`, `ospf 1` …"""
    offsets: list[OffsetList] = field(default_factory=list)
    lists: dict[Place, DistributeList] = field(default_factory=dict)
    validate_source: bool = True
    output_delay: int | None = None
    """Milliseconds between the packets of an update."""
    flash_update_threshold: int | None = None
    input_queue: int | None = None
    vrfs: dict[str, RipProcess] = field(default_factory=dict)
    """`address-family ipv4 vrf V` of the one in the default instance."""

    def passive(self, interface: str) -> bool:
        """Whether an interface only listens."""
        return (interface in self.exceptions) != self.passive_default


@dataclass
class RipConfig:
    """Whether RIP is configured at all."""

    process: RipProcess | None = None

    def processes(self) -> dict[str, RipProcess]:
        """What is to run, by VRF."""
        return {} if self.process is None else {"": self.process, **self.process.vrfs}

    def forget_vrfs(self, kept: Callable[[str], bool]) -> None:
        """A VRF that is no more takes its address family along."""
        if self.process is not None:
            for name in [name for name in self.process.vrfs if not kept(name)]:
                del self.process.vrfs[name]


def splits_usually(interface: Interface) -> bool:
    """Whether split horizon is on by itself: not where several circuits share an interface of Frame Relay."""
    return not (interface.is_physical and interface.nonbroadcast)


@dataclass
class RipPort:
    """`ip rip …`, `ip split-horizon` and `ip summary-address rip` under an interface."""

    send: tuple[int, ...] | None = None
    """None: as the process says."""
    receive: tuple[int, ...] | None = None
    split_horizon: bool | None = None
    """None: as usual, `splits_usually`."""
    authentication: AuthenticationMode | None = None
    """None: clear text, once there is a key chain."""
    key_chain: str = ""
    v2_broadcast: bool = False
    triggered: bool = False
    summaries: dict[IPv4Network, None] = field(default_factory=dict)
