"""`track N …`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Network

from iosemu.box.debugging import DebugFlag

DEBUG = DebugFlag("Track", "Object Tracking")
METRIC_UP, METRIC_DOWN = 254, 255
"""Scaled metrics up to which a route is up, and from which it is down."""


class Kind(Enum):
    """What is tracked, in the words of `track N`."""

    LINE_PROTOCOL = "line-protocol"
    IP_ROUTING = "ip routing"
    REACHABILITY = "reachability"
    METRIC = "metric threshold"
    SLA_STATE = "state"
    SLA = "sla reachability"
    AND = "boolean and"
    OR = "boolean or"
    WEIGHT = "threshold weight"
    PERCENTAGE = "threshold percentage"
    STUB = "stub-object"

    @property
    def of_interface(self) -> bool:
        """An interface is tracked."""
        return self in (Kind.LINE_PROTOCOL, Kind.IP_ROUTING)

    @property
    def of_route(self) -> bool:
        """A route is tracked."""
        return self in (Kind.REACHABILITY, Kind.METRIC)

    @property
    def of_sla(self) -> bool:
        """An operation of IP SLA is tracked."""
        return self in (Kind.SLA, Kind.SLA_STATE)

    @property
    def type(self) -> str:
        """The word of `track timer`; operations tell by themselves and have none."""
        if self.of_sla:
            return "ip sla"
        if self is Kind.STUB:
            return "stub-object"
        return "interface" if self.of_interface else "ip route" if self.of_route else "list"

    @property
    def of_list(self) -> bool:
        """A list of other objects is tracked."""
        return not (self.of_interface or self.of_route or self.of_sla or self is Kind.STUB)


@dataclass(frozen=True, slots=True)
class Member:
    """`object N [not | weight W]` of a list."""

    number: int
    negated: bool = False
    weight: int | None = None


@dataclass
class TrackedObject:
    """One object; delays in seconds, thresholds None where they were not typed."""

    number: int
    kind: Kind
    interface: str = ""
    network: IPv4Network | None = None
    operation: int = 0
    """The number of an operation of IP SLA."""
    default_up: bool = False
    """The state of a stub until an applet sets another (`default-state`)."""
    delay_up: int = 0
    delay_down: int = 0
    threshold_up: int | None = None
    threshold_down: int | None = None
    members: dict[int, Member] = field(default_factory=dict)

    @property
    def same(self) -> tuple[object, ...]:
        """What may not change while the object is there."""
        return (self.kind, self.interface, self.network, self.operation)

    def words(self) -> str:
        """What stands behind `track N`."""
        if self.kind.of_interface:
            return f"interface {self.interface} {self.kind.value}"
        if self.kind.of_sla:
            return f"ip sla {self.operation} {self.kind.value.split()[-1]}"
        if self.network is not None:
            return f"ip route {self.network.network_address} {self.network.netmask} {self.kind.value}"
        return self.kind.value if self.kind is Kind.STUB else f"list {self.kind.value}"


POLL = {"interface": 1.0, "ip route": 15.0, "list": 1.0}
"""Seconds between two looks at the objects of a type (`track timer`)."""
RESOLUTION = {"eigrp": 2560, "ospf": 1, "static": 10}
"""How much of a protocol's metric is one of the 255 of a scaled one (`track resolution ip route`)."""


@dataclass
class TrackConfig:
    """The objects by number, and what was typed of timers (seconds) and resolutions."""

    objects: dict[int, TrackedObject] = field(default_factory=dict)
    timers: dict[str, float] = field(default_factory=dict)
    resolutions: dict[str, int] = field(default_factory=dict)

    def poll(self, kind: str) -> float:
        """Seconds between two looks at the objects of a type."""
        return self.timers.get(kind, POLL[kind])

    def resolution(self, protocol: str) -> int:
        """How much of a protocol's metric is one of a scaled one."""
        return self.resolutions.get(protocol, RESOLUTION[protocol])
