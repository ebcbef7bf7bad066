"""What is configured of EIGRP: `router eigrp`, classic and named, and its lines under an interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from iosemu.box.debugging import DebugFlag
from iosemu.box.device import Device
from iosemu.box.passwords import Password
from iosemu.routing.eigrp import AuthenticationMode
from iosemu.routing.filters import DistributeList, OffsetList, Place

PACKETS_DEBUG = DebugFlag("EIGRP Packets", "EIGRP")
FSM_DEBUG = DebugFlag("EIGRP FSM Events/Actions", "EIGRP")
NEIGHBORS_DEBUG = DebugFlag("EIGRP Neighbors", "EIGRP")
ROUTES_DEBUG = DebugFlag("IP-EIGRP Route Events", "IP routing")

MAXIMUM_PATHS, MAXIMUM_HOPS = 4, 100
WEIGHTS = (0, 1, 0, 1, 0, 0)
"""TOS, K1 to K5."""
ACTIVE_MINUTES = 3
RIB_SCALE = 128
DEFAULT_INTERFACE = "default"
STUB_WORDS = {"connected": 1, "static": 2, "summary": 4, "receive-only": 8, "redistributed": 16}


@dataclass(frozen=True)
class EigrpStyle:
    """How EIGRP behaves and prints."""

    stem: ClassVar[str] = "eigrp"
    modern: bool = True
    """`EIGRP-IPv4 Neighbors for AS(1)`; else `IP-EIGRP neighbors for process 1`."""
    auto_summary: bool = False
    """What an autonomous system begins with."""


@dataclass(frozen=True)
class Redistribute:
    """`redistribute ORIGIN …`."""

    metric: tuple[int, ...] | None = None
    """Bandwidth (kb/s), delay (10 us), reliability, load, MTU."""
    route_map: str | None = None

    @property
    def words(self) -> str:
        """What stands behind the origin."""
        metric = f" metric {' '.join(map(str, self.metric))}" if self.metric is not None else ""
        return metric + (f" route-map {self.route_map}" if self.route_map else "")


@dataclass(frozen=True)
class StubConfig:
    """`eigrp stub …`."""

    kinds: tuple[str, ...] = ("connected", "summary")
    leak_map: str = ""

    @property
    def flags(self) -> int:
        """As hellos say it."""
        return sum(STUB_WORDS[each] for each in self.kinds)

    @property
    def words(self) -> str:
        """What stands behind `eigrp stub`."""
        leak = f" leak-map {self.leak_map}" if self.leak_map else ""
        return "".join(f" {each}" for each in self.kinds) + leak


@dataclass
class InterfaceSettings:
    """What an autonomous system does on one interface."""

    hello: int | None = None
    hold: int | None = None
    passive: bool | None = None
    """Named mode; None: as the default says."""
    shutdown: bool = False
    split_horizon: bool = True
    next_hop_self: bool = True
    bandwidth_percent: int | None = None
    mode: AuthenticationMode | None = None
    password: Password | None = None
    """Of `hmac-sha-256`."""
    key_chain: str = ""
    summaries: dict[IPv4Network, int | None] = field(default_factory=dict)
    """With the administrative distance, where one was given."""
    leak_maps: dict[IPv4Network, str] = field(default_factory=dict)
    """Route-maps of what is told although a summary covers it."""


@dataclass
class EigrpProcess:
    """One autonomous system: `router eigrp N`, or an address family of `router eigrp NAME`."""

    number: int
    name: str = ""
    """Of the instance in named mode."""
    vrf: str = ""
    """The routing instance; empty: the default one."""
    auto_summary: bool = False
    networks: dict[tuple[IPv4Address, IPv4Address | None], None] = field(default_factory=dict)
    """Addresses with wildcards; None: the classful network."""
    router_id: IPv4Address | None = None
    shutdown: bool = False
    passive_default: bool = False
    exceptions: dict[str, None] = field(default_factory=dict)
    weights: tuple[int, ...] = WEIGHTS
    variance: int = 1
    maximum_paths: int = MAXIMUM_PATHS
    maximum_hops: int = MAXIMUM_HOPS
    share_minimum: bool = False
    """`traffic-share min across-interfaces`."""
    stub: StubConfig | None = None
    log_changes: bool = True
    log_warnings: bool = True
    active_time: int | None = ACTIVE_MINUTES
    """Minutes; None: without end."""
    default_metric: tuple[int, ...] | None = None
    redistribute: dict[str, Redistribute] = field(default_factory=dict)
    offsets: list[OffsetList] = field(default_factory=list)
    lists: dict[Place, DistributeList] = field(default_factory=dict)
    distances: tuple[int, int] = (90, 170)
    neighbors: dict[IPv4Address, str] = field(default_factory=dict)
    """With their interfaces."""
    interfaces: dict[str, InterfaceSettings] = field(default_factory=dict)
    """Named mode: `af-interface`."""
    vrfs: dict[str, EigrpProcess] = field(default_factory=dict)
    """Classic mode: `address-family ipv4 vrf V`, each an autonomous system of its own; number 0: none is given yet."""

    @property
    def process(self) -> str:
        """As other protocols call it."""
        return f"eigrp {self.number}"

    def passive(self, interface: str) -> bool:
        """Whether an interface has no neighbours."""
        if self.name:
            own = self.interfaces.get(interface, InterfaceSettings()).passive
            usual = self.interfaces.get(DEFAULT_INTERFACE, InterfaceSettings()).passive
            return bool(own if own is not None else usual)
        return (interface in self.exceptions) != self.passive_default


@dataclass
class NamedInstance:
    """`router eigrp NAME`."""

    name: str
    families: dict[int, EigrpProcess] = field(default_factory=dict)
    vrfs: dict[str, EigrpProcess] = field(default_factory=dict)
    """`address-family ipv4 vrf V autonomous-system N`."""
    shutdown: bool = False


Key = tuple[str, int]
"""A VRF, empty for the default one, and an autonomous system."""


@dataclass
class EigrpConfig:
    """All of EIGRP on a box."""

    classic: dict[int, EigrpProcess] = field(default_factory=dict)
    named: dict[str, NamedInstance] = field(default_factory=dict)

    def processes(self) -> dict[Key, EigrpProcess]:
        """Every autonomous system that is not shut down, by VRF and number."""
        found: dict[Key, EigrpProcess] = {}
        every: list[EigrpProcess] = []
        for each in self.classic.values():
            every += [each, *each.vrfs.values()]
        for instance in self.named.values():
            if not instance.shutdown:
                every += [*instance.families.values(), *instance.vrfs.values()]
        for each in every:
            if each.number and not each.shutdown:
                found.setdefault((each.vrf, each.number), each)
        return found

    def configured(self, vrf: str, number: int) -> bool:
        """Whether there is this autonomous system in a VRF, running or not."""
        owners: list[EigrpProcess | NamedInstance] = [*self.classic.values(), *self.named.values()]
        return any(
            each.number == number for owner in owners for name, each in owner.vrfs.items() if name == vrf
        )

    def forget_vrfs(self, kept: Callable[[str], bool]) -> None:
        """A VRF that is no more takes its address families along."""
        owners: list[EigrpProcess | NamedInstance] = [*self.classic.values(), *self.named.values()]
        for owner in owners:
            for name in [name for name in owner.vrfs if not kept(name)]:
                del owner.vrfs[name]


@dataclass
class EigrpPort:
    """`ip … eigrp N` under an interface."""

    systems: dict[int, InterfaceSettings] = field(default_factory=dict)

    def of(self, number: int) -> InterfaceSettings:
        """Those of an autonomous system."""
        return self.systems.setdefault(number, InterfaceSettings())


def new_process(device: Device, number: int, name: str = "", vrf: str = "") -> EigrpProcess:
    """One as the image begins it; a named one does not summarise by itself."""
    automatic = device.image.style(EigrpStyle).auto_summary and not name
    return EigrpProcess(number, name, vrf, automatic)
