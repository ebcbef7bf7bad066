"""What the engine is told: configuration of the process, its areas and interfaces.

All values are immutable; a change is a new object handed to `Process.configure` or
`Process.interface_changed`. Times are in seconds unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.ospf.authentication import NO_AUTHENTICATION, Authentication
from iosemu.routing.ospf.constants import AreaKind, MetricType, NetworkType


@dataclass(frozen=True, slots=True)
class NeighborConfig:
    """`neighbor A [priority P] [poll-interval S] [cost C]` for networks without broadcast."""

    address: IPv4Address
    priority: int = 0
    poll_interval: int = 120
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class InterfaceConfig:
    """An interface that runs OSPF. `area` is the area ID as a number, `bandwidth` in kb/s, `mtu` the IP MTU.

    `cost` None is worked out from the bandwidth, `hello_interval` None is IOS's default for the network type,
    `dead_interval` None four hellos; with `hello_multiplier` there are so many hellos a second, and the dead interval
    is one second. `unnumbered` is the interface index to advertise instead of the address.
    """

    name: str
    address: IPv4Address
    prefix_length: int
    area: int
    network_type: NetworkType = NetworkType.BROADCAST
    bandwidth: int = 100_000
    mtu: int = 1500
    cost: int | None = None
    priority: int = 1
    hello_interval: int | None = None
    dead_interval: int | None = None
    retransmit_interval: int = 5
    transmit_delay: int = 1
    authentication: Authentication = NO_AUTHENTICATION
    passive: bool = False
    mtu_ignore: bool = False
    database_filter_out: bool = False
    neighbors: tuple[NeighborConfig, ...] = ()
    secondary: tuple[IPv4Network, ...] = ()
    unnumbered: int | None = None
    hello_multiplier: int | None = None

    @property
    def hello(self) -> int:
        """The hello interval that hellos tell: 0 where there are several a second."""
        if self.hello_multiplier is not None:
            return 0
        if self.hello_interval is not None:
            return self.hello_interval
        return 30 if self.network_type.slow else 10

    @property
    def hello_spacing(self) -> float:
        """Seconds between hellos."""
        return self.hello if self.hello_multiplier is None else 1 / self.hello_multiplier

    @property
    def dead(self) -> int:
        """The dead interval in force."""
        if self.hello_multiplier is not None:
            return 1
        return self.dead_interval if self.dead_interval is not None else 4 * self.hello


@dataclass(frozen=True, slots=True)
class AreaRange:
    """`area A range P M [advertise | not-advertise] [cost C]`."""

    prefix: IPv4Network
    advertise: bool = True
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class VirtualLinkConfig:
    """`area A virtual-link ROUTER-ID` with its timers and authentication."""

    router_id: IPv4Address
    hello_interval: int = 10
    dead_interval: int = 40
    retransmit_interval: int = 5
    transmit_delay: int = 1
    authentication: Authentication = NO_AUTHENTICATION


@dataclass(frozen=True, slots=True)
class NssaDefault:
    """`area A nssa default-information-originate [metric M] [metric-type T]`."""

    metric: int = 1
    metric_type: MetricType = MetricType.E2


@dataclass(frozen=True, slots=True)
class AreaConfig:
    """An area. `no_summary` makes a stub area or NSSA totally stubby."""

    kind: AreaKind = AreaKind.NORMAL
    no_summary: bool = False
    default_cost: int = 1
    ranges: tuple[AreaRange, ...] = ()
    virtual_links: tuple[VirtualLinkConfig, ...] = ()
    nssa_default: NssaDefault | None = None
    no_redistribution: bool = False
    translate_always: bool = False
    suppress_forwarding_address: bool = False


@dataclass(frozen=True, slots=True)
class DefaultInformation:
    """`default-information originate [always] [metric M] [metric-type T]`."""

    always: bool = False
    metric: int = 1
    metric_type: MetricType = MetricType.E2


@dataclass(frozen=True, slots=True)
class MaxMetric:
    """`max-metric router-lsa` (RFC 6987); `on_startup` ends it that long after the start of the process."""

    include_stub: bool = False
    summary_metric: int | None = None
    external_metric: int | None = None
    on_startup: int | None = None


@dataclass(frozen=True, slots=True)
class SummaryAddress:
    """`summary-address P M [not-advertise] [tag T]`."""

    prefix: IPv4Network
    advertise: bool = True
    tag: int = 0


@dataclass(frozen=True, slots=True)
class ProcessConfig:
    """`router ospf N`. `reference_bandwidth` in Mb/s; throttle times in seconds as IOS has them by default.

    `redistributing` says that a `redistribute` line exists, which alone makes the router an ASBR.
    """

    process_id: int = 1
    areas: Mapping[int, AreaConfig] = field(default_factory=dict)
    reference_bandwidth: int = 100
    max_paths: int = 4
    rfc1583_compatible: bool = True
    opaque: bool = True
    lls: bool = True
    redistributing: bool = False
    default_information: DefaultInformation | None = None
    summary_addresses: tuple[SummaryAddress, ...] = ()
    max_metric: MaxMetric | None = None
    spf_start: float = 5.0
    spf_hold: float = 10.0
    spf_maximum: float = 10.0
    lsa_start: float = 0.0
    lsa_hold: float = 5.0
    lsa_maximum: float = 5.0
    lsa_arrival: float = 1.0
    lsa_group_pacing: float = 240.0
    flood_pacing: float = 0.033
    acknowledge_delay: float = 2.5
    excessive_retransmissions: int = 25
    ignore_time: float = 60.0
    superbackbone: bool = False
    """It runs in a VRF of a provider's router (RFC 4577): a border router, which LSAs with the DN bit are not for."""


@dataclass(frozen=True, slots=True)
class ExternalRoute:
    """A route to redistribute, already filtered by its route-map.

    Without `subnets` only a classful network is taken. `next_hop` becomes the forwarding address if an
    interface of OSPF leads to it (RFC 2328, 12.4.4.1).
    """

    prefix: IPv4Network
    metric: int = 20
    metric_type: MetricType = MetricType.E2
    tag: int = 0
    subnets: bool = True
    next_hop: IPv4Address | None = None
