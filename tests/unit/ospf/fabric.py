"""Engines joined by links in simulated time."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from random import Random
from typing import Any

from iosemu.routing.ospf import (
    Datagram,
    Event,
    InterfaceConfig,
    NeighborState,
    NetworkType,
    Process,
    ProcessConfig,
)

P2P = NetworkType.POINT_TO_POINT


class Fabric:
    """Links are sets of (router, interface); a unicast reaches the interface that has the address."""

    def __init__(self, seed: int = 1) -> None:
        self.now = 0.0
        self.random = Random(seed)
        self.routers: dict[str, Process] = {}
        self.links: list[set[tuple[str, str]]] = []
        self.where: dict[tuple[str, str], set[tuple[str, str]]] = {}
        self.owner: dict[IPv4Address, tuple[str, str]] = {}
        self.events: dict[str, list[Event]] = defaultdict(list)
        self.sent: list[tuple[float, str, Datagram]] = []
        self.record = False
        self.delay = 0.001
        self.lost: Callable[[str, Datagram], bool] = lambda _router, _datagram: False
        self._queue: list[tuple[float, int, str, str, IPv4Address, bytes, IPv4Address]] = []
        self._timers: list[tuple[float, str]] = []
        self._planned: dict[str, float] = {}
        self._count = 0

    def router(
        self, name: str, router_id: str | None = None, config: ProcessConfig | None = None, **kw: Any
    ) -> Process:
        number = len(self.routers) + 1
        chosen = IPv4Address(router_id or f"{number}.{number}.{number}.{number}")
        process = Process(config or ProcessConfig(), chosen, self.random.random, self.now, **kw)
        self.routers[name] = process
        self._after(name)
        return process

    def attach(
        self, link: set[tuple[str, str]], router: str, interface: str, address: str, area: int = 0, **kw: Any
    ) -> None:
        ip, _, length = address.partition("/")
        config = InterfaceConfig(interface, IPv4Address(ip), int(length or 24), area, **kw)
        link.add((router, interface))
        self.where[(router, interface)] = link
        self.owner[config.address] = (router, interface)
        self.routers[router].interface_up(config, self.now)
        self._after(router)

    def lan(self, prefix: str, routers: Iterable[str], area: int = 0, **kw: Any) -> set[tuple[str, str]]:
        """A network with the routers at .1, .2 …; the interface is named after it."""
        network = IPv4Network(prefix)
        link: set[tuple[str, str]] = set()
        self.links.append(link)
        for position, router in enumerate(routers):
            self.attach(
                link, router, f"e{prefix}", f"{network[position + 1]}/{network.prefixlen}", area, **kw
            )
        return link

    def p2p(self, prefix: str, a: str, b: str, area: int = 0, **kw: Any) -> set[tuple[str, str]]:
        return self.lan(prefix, (a, b), area, network_type=P2P, **kw)

    def loopback(self, router: str, address: str, area: int = 0) -> None:
        kw: dict[str, Any] = {"network_type": NetworkType.LOOPBACK, "cost": 1}
        self.attach(set(), router, f"lo{address}", f"{address}/32", area, **kw)

    def cut(self, link: set[tuple[str, str]]) -> None:
        """Both ends see the carrier go."""
        for router, interface in sorted(link):
            self.routers[router].interface_down(interface, self.now)
            self._after(router)

    def mend(self, link: set[tuple[str, str]]) -> None:
        for router, interface in sorted(link):
            self.routers[router].interface_up(self.routers[router].interfaces[interface].config, self.now)
            self._after(router)

    def change(self, router: str, interface: str, **kw: Any) -> None:
        process = self.routers[router]
        process.interface_changed(replace(process.interfaces[interface].config, **kw), self.now)
        self._after(router)

    def call(self, router: str, method: str, *arguments: Any) -> None:
        getattr(self.routers[router], method)(*arguments, self.now)
        self._after(router)

    def _after(self, name: str) -> None:
        process = self.routers[name]
        self.events[name] += process.events()
        for datagram in process.packets():
            if self.record:
                self.sent.append((self.now, name, datagram))
            if not self.lost(name, datagram):
                self._send(name, datagram)
        when = process.next_timer()
        if when is not None and self._planned.get(name) != when:
            self._planned[name] = when
            heapq.heappush(self._timers, (when, name))

    def _send(self, name: str, datagram: Datagram) -> None:
        link = self.where[(name, datagram.interface)]
        destination = datagram.destination
        if destination.is_multicast or datagram.ttl == 1:
            targets = [end for end in link if end != (name, datagram.interface)]
        else:
            target = self.owner.get(destination)
            targets = [target] if target is not None else []
        for router, interface in sorted(targets):
            if not destination.is_multicast and self.owner.get(destination) != (router, interface):
                continue
            self._count += 1
            item = (
                self.now + self.delay,
                self._count,
                router,
                interface,
                datagram.source,
                datagram.payload,
                destination,
            )
            heapq.heappush(self._queue, item)

    def step(self, until: float) -> bool:
        """The next packet or timer; False if there is none before `until`."""
        packet = self._queue[0][0] if self._queue else float("inf")
        timer = self._timers[0][0] if self._timers else float("inf")
        when = min(packet, timer)
        if when > until:
            self.now = until
            return False
        self.now = max(self.now, when)
        if packet <= timer:
            _, _, router, interface, source, payload, destination = heapq.heappop(self._queue)
            self.routers[router].receive(interface, source, payload, self.now, destination)
            self._after(router)
        else:
            _, name = heapq.heappop(self._timers)
            if self._planned.get(name) == when:
                del self._planned[name]
                self.routers[name].tick(self.now)
                self._after(name)
        return True

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self.step(until):
            pass

    # --- looking -------------------------------------------------------------------------------------------

    def state(self, router: str, other: str) -> NeighborState | None:
        """The best state that a router has for another."""
        wanted = self.routers[other].router_id
        states = [
            n.state
            for i in self.routers[router].interfaces.values()
            for n in i.neighbors.values()
            if n.router_id == wanted
        ]
        return max(states, default=None)

    def routes(self, router: str) -> dict[str, Any]:
        return {str(route.prefix): route for route in self.routers[router].routing.installed.values()}

    def hops(self, router: str, prefix: str) -> list[str]:
        return sorted(str(hop.address) for hop in self.routes(router)[prefix].next_hops)

    def of(self, router: str, kind: type) -> list[Any]:
        return [event for event in self.events[router] if isinstance(event, kind)]
