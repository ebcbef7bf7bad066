"""The routing protocols that run on a box, as the shows and each other see them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.net.routing import Route, RouteSource


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """What a protocol adds to `show ip route PREFIX`."""

    type: str = ""
    """`inter area`, `extern 2, forward metric 10`, `internal` …"""
    advertiser: IPv4Address | None = None
    """Who told of the route: the address behind `from`."""
    share: int = 1
    """Traffic share count."""
    lines: tuple[str, ...] = ()
    """Further lines of the path, without their indent of six."""
    as_path: str | None = None
    """Of a path of BGP: its AS path, as `ip as-path access-list` reads it."""
    communities: tuple[int, ...] | None = None
    """Of a path of BGP: its communities."""
    automatic_tag: int | None = None
    """Of a path of BGP: the tag that tells of it in an IGP (RFC 1403 section 4)."""


class RoutingProtocol(ABC):
    """One instance of a routing protocol, while it is configured.

    Its routes are in the routing table under `source` and `process`; what it takes of others it asks
    `Redistribution` for, and others ask for its routes there by the name in `process`.
    """

    __slots__ = ()

    source: RouteSource
    process: str
    """`ospf 1`, `eigrp 100`, `rip`, `bgp 65000`: as `redistribute` and the shows call it."""
    vrf: str = ""
    """The routing instance that it runs in; empty: the default one."""

    @property
    def title(self) -> str:
        """As the shows call it."""
        return self.process

    @abstractmethod
    def covers(self, interface: str) -> bool:
        """Whether it runs on an interface: whoever redistributes it takes the connected networks there, too.

        When this changes the protocol calls `Redistribution.coverage_changed`.
        """

    @abstractmethod
    def facts(self, route: Route) -> RouteFacts:
        """What it knows of one of its routes in the table."""

    @abstractmethod
    def summary(self) -> Iterable[str]:
        """Its block of `show ip protocols`, below `Routing Protocol is …`."""

    def updated(self, route: Route) -> float:
        """Lab time at which it last heard of one of its routes; the age in the shows counts from there."""
        return route.updated

    def clear(self, network: IPv4Network | None) -> None:
        """`clear ip route`: forget what was learned of a network, or (None) of all, where that can be."""
        return

    def counts(self, routes: Iterable[Route]) -> Iterable[str]:
        """The lines below its row in `show ip route summary`, without their indent of two."""
        return ()


class RoutingProtocols(Service):
    """The protocols in the order in which they were configured."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._running: dict[tuple[str, str], RoutingProtocol] = {}

    def add(self, protocol: RoutingProtocol) -> None:
        """A protocol was configured."""
        self._running[protocol.process, protocol.vrf] = protocol

    def remove(self, protocol: RoutingProtocol) -> None:
        """A protocol is no longer configured."""
        self._running.pop((protocol.process, protocol.vrf), None)

    def find(self, process: str, vrf: str = "") -> RoutingProtocol | None:
        """The protocol of that name in a routing instance."""
        return self._running.get((process, vrf))

    def __iter__(self) -> Iterator[RoutingProtocol]:
        return iter(list(self._running.values()))


def fresh(device: Device, routes: Iterable[Route], vrf: str = "") -> Iterator[Route]:
    """Routes of an instance with the time at which their protocols last heard of them."""
    protocols = device.service(RoutingProtocols)
    for route in routes:
        protocol = protocols.find(route.process, vrf) if route.process else None
        yield route if protocol is None else replace(route, updated=protocol.updated(route))
