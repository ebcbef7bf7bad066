"""Speakers joined by perfect connections, in lab time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.bgp import Attributes, Origin, PeerConfig, Speaker, SpeakerConfig
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.routing.bgp.events import Close, Connect, Event, Send


def network(text: str) -> IPv4Network:
    return IPv4Network(text)


@dataclass
class Router:
    """A speaker and the answers that its engine asks for."""

    address: IPv4Address
    as_number: int
    speaker: Speaker = field(init=False)
    unreachable: set[IPv4Address] = field(default_factory=set)
    metrics: dict[IPv4Address, int] = field(default_factory=dict)
    denied_in: set[IPv4Network] = field(default_factory=set)
    denied_out: set[IPv4Network] = field(default_factory=set)
    maps: dict[str, set[IPv4Network]] = field(default_factory=dict)
    """The networks that a map permits."""
    seen: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        config = SpeakerConfig(self.as_number, self.address)
        self.speaker = Speaker(config, self, random.Random(int(self.address)).random)

    def metric(self, next_hop: IPv4Address) -> int | None:
        return None if next_hop in self.unreachable else self.metrics.get(next_hop, 0)

    def is_own(self, address: IPv4Address) -> bool:
        return address == self.address

    def local_address(self, peer: IPv4Address) -> IPv4Address:
        return self.address

    def shares_network(self, peer: IPv4Address, next_hop: IPv4Address) -> bool:
        return False

    def damping(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes
    ) -> DampingParameters | None:
        return DampingParameters()

    def accept(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes
    ) -> tuple[Attributes, int | None] | None:
        return None if network in self.denied_in else (attributes, None)

    def offer(self, peer: IPv4Address, network: IPv4Network, attributes: Attributes) -> Attributes | None:
        return None if network in self.denied_out else attributes

    def mapped(self, name: str, network: IPv4Network, attributes: Attributes) -> Attributes | None:
        return attributes if network in self.maps.get(name, ()) else None

    def unsuppressed(self, peer: IPv4Address, network: IPv4Network, attributes: Attributes) -> bool:
        return network in self.maps.get("unsuppress", ())

    def default(self, peer: IPv4Address, name: str | None) -> Attributes | None:
        return Attributes(Origin.IGP) if name is None or self.maps.get(name) else None

    def best(self, text: str) -> Attributes | None:
        entry = self.speaker.table.get(IPv4Network(text))
        return entry.best.attributes if entry is not None and entry.best is not None else None


class Net:
    """Routers by address; every connection has one number for both ends."""

    def __init__(self) -> None:
        self.routers: dict[IPv4Address, Router] = {}
        self.now = 100.0
        self._count = 0
        self._ends: dict[int, tuple[Router, Router]] = {}
        self.cut: set[frozenset[IPv4Address]] = set()

    def router(self, last: int, as_number: int) -> Router:
        made = Router(IPv4Address(f"10.0.0.{last}"), as_number)
        self.routers[made.address] = made
        return made

    def peers(self, one: Router, other: Router, **options: object) -> None:
        """Configure both as neighbors; options are those of `one`."""
        self.peer(one, other, **options)
        self.peer(other, one)

    def peer(self, one: Router, other: Router, remote_as: int = 0, **options: object) -> None:
        config = PeerConfig(other.address, remote_as or other.as_number, **options)  # type: ignore[arg-type]
        one.speaker.set_peer(config, self.now)

    def originate(self, router: Router, text: str, **options: object) -> None:
        attributes = Attributes(Origin.IGP, **options)  # type: ignore[arg-type]
        router.speaker.originate(IPv4Network(text), attributes, self.now)

    def _work(self) -> bool:
        did = False
        for router in self.routers.values():
            router.seen += router.speaker.events()
            router.speaker.route_changes()
            for action in router.speaker.actions():
                did = True
                self._do(router, action)
        return did

    def _do(self, router: Router, action: Connect | Send | Close) -> None:
        if isinstance(action, Connect):
            other = self.routers.get(action.peer)
            if other is None or not other.speaker.wants(router.address):
                router.speaker.failed(action.peer, self.now)
                return
            self._count += 1
            self._ends[self._count] = (router, other)
            other.speaker.opened(self._count, router.address, True, self.now)
            router.speaker.opened(self._count, other.address, False, self.now)
        elif action.connection in self._ends:
            one, other = self._ends[action.connection]
            far = other if router is one else one
            if isinstance(action, Close):
                del self._ends[action.connection]
                far.speaker.closed(action.connection, self.now)
            elif frozenset((one.address, other.address)) not in self.cut:
                far.speaker.received(action.connection, action.data, self.now)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            while self._work():
                pass
            due = [
                each for router in self.routers.values() if (each := router.speaker.next_timer()) is not None
            ]
            when = min(due, default=end)
            if when > end:
                self.now = end
                return
            self.now = max(self.now, when)
            for router in self.routers.values():
                router.speaker.tick(self.now)
