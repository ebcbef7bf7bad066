"""NHRP engines that speak with each other: a hub and spokes, without routers."""

from __future__ import annotations

import heapq
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from iosemu.nhrp.cache import Origin
from iosemu.nhrp.engine import Engine
from iosemu.nhrp.events import Event, Refused, RegistrationRefused, ServerChanged
from iosemu.nhrp.settings import Local, ServerSettings, Settings, Way
from iosemu.packets.nhrp import Code, Kind

HUB, HUB_NBMA = IPv4Address("10.0.0.1"), IPv4Address("192.0.2.1")
TUNNEL = IPv4Network("10.0.0.0/24")


class World:
    """Boxes that reach each other outside; what is sent arrives 1 ms later."""

    def __init__(self) -> None:
        self.now = 0.0
        self.boxes: dict[IPv4Address, Box] = {}
        self.flying: list[tuple[float, int, IPv4Address, IPv4Address, bytes]] = []
        self.count = 0
        self.behind: dict[IPv4Address, IPv4Address] = {}
        """The addresses that NAT gives."""

    def run(self, until: float) -> None:
        while True:
            timers = [due for box in self.boxes.values() if (due := box.engine.next_timer()) is not None]
            if self.flying:
                timers.append(self.flying[0][0])
            due = min(timers, default=until)
            if due > until:
                self.now = until
                return
            self.now = max(self.now, due)
            while self.flying and self.flying[0][0] <= self.now:
                _, _, source, destination, data = heapq.heappop(self.flying)
                public = {outside: inside for inside, outside in self.behind.items()}
                box = self.boxes.get(public.get(destination, destination))
                if box is not None and not box.off:
                    box.engine.receive(data, self.behind.get(source, source), self.now)
            for box in self.boxes.values():
                box.engine.tick(self.now)
                box.events += box.engine.events()
            if due >= until:
                return


class Box:
    """One engine, and the networks that are behind it."""

    def __init__(self, world: World, last: int, settings: Settings, behind: str = "", key: str = "") -> None:
        self.world = world
        self.address = IPv4Address(f"10.0.0.{last}")
        self.nbma = IPv4Address(f"192.0.2.{last}")
        self.behind = IPv4Network(behind) if behind else None
        self.off = False
        self.closed: set[IPv4Address] = set()
        """Far ends whose protection is not there."""
        self.routes: dict[IPv4Network, IPv4Address] = {}
        self.engine = Engine("Tunnel0", self)
        self.events: list[Event] = []
        world.boxes[self.nbma] = self
        self.engine.configure(
            replace(settings, authentication=key), Local(self.address, self.nbma), world.now
        )
        self.engine.up(world.now)

    def way(self, interface: str, destination: IPv4Address) -> Way | None:
        if destination == self.address:
            return Way(IPv4Network(destination), inside=True, ours=True)
        if self.behind is not None and destination in self.behind:
            return Way(self.behind)
        for network, next_hop in self.routes.items():
            if destination in network:
                return Way(network, next_hop, inside=True)
        return Way(TUNNEL, inside=True) if destination in TUNNEL else None

    def ready(self, interface: str, nbma: IPv4Address) -> bool:
        return nbma not in self.closed

    def transmit(self, interface: str, nbma: IPv4Address, message: bytes) -> bool:
        self.world.count += 1
        heapq.heappush(
            self.world.flying, (self.world.now + 0.001, self.world.count, self.nbma, nbma, message)
        )
        return True

    def said(self, kind: type[Event]) -> list[Event]:
        return [each for each in self.events if isinstance(each, kind)]


SERVERS = {HUB: ServerSettings(HUB_NBMA)}
SPOKE = Settings(holding=300, servers=SERVERS, shortcut=True)


def three(**hub: object) -> tuple[World, Box, Box, Box]:
    world = World()
    settings = replace(Settings(holding=300, multicast_dynamic=True), **hub)  # type: ignore[arg-type]
    boxes = (
        Box(world, 1, settings),
        Box(world, 2, SPOKE, "172.16.2.0/24"),
        Box(world, 3, SPOKE, "172.16.3.0/24"),
    )
    for box, other in ((boxes[1], boxes[2]), (boxes[2], boxes[1])):
        assert other.behind is not None
        box.routes[other.behind] = HUB
        boxes[0].routes[other.behind] = other.address
    world.run(5.0)
    return world, *boxes


def test_spokes_register_and_stay_registered() -> None:
    world, hub, two, _three = three()
    assert [each.nbma for each in hub.engine.cache] == [IPv4Address("192.0.2.2"), IPv4Address("192.0.2.3")]
    assert hub.engine.multicast() == [IPv4Address("192.0.2.2"), IPv4Address("192.0.2.3")]
    assert two.engine.servers[HUB].responding
    world.run(1000.0)
    assert len(hub.engine.cache) == 2
    assert two.engine.sent[Kind.REGISTRATION_REQUEST] == 10  # every 100 s


def test_a_spoke_that_falls_silent_is_forgotten_after_its_holding_time() -> None:
    world, hub, two, _three = three()
    two.off = True
    two.engine.down(world.now)
    world.run(290.0)
    assert len(hub.engine.cache) == 2
    world.run(310.0)
    assert [each.nbma for each in hub.engine.cache] == [IPv4Address("192.0.2.3")]
    assert hub.engine.multicast() == [IPv4Address("192.0.2.3")]


def test_a_server_that_is_silent_for_three_repetitions_is_down_and_comes_back() -> None:
    world, hub, two, _three = three()
    hub.off = True
    world.run(99.0)
    assert two.engine.servers[HUB].responding
    world.run(106.5)
    assert two.engine.servers[HUB].responding
    world.run(108.0)
    assert not two.engine.servers[HUB].responding
    before = two.engine.sent[Kind.REGISTRATION_REQUEST]
    world.run(1108.0)
    assert 15 <= two.engine.sent[Kind.REGISTRATION_REQUEST] - before <= 20  # at last every 64 s
    hub.off = False
    world.run(1180.0)
    assert two.engine.servers[HUB].responding
    assert [each.up for each in two.said(ServerChanged)] == [True, False, True]  # type: ignore[attr-defined]


def test_an_address_that_is_unique_is_nobody_elses() -> None:
    world, hub, two, _three = three()
    twin = Box(world, 4, SPOKE)
    twin.engine.configure(SPOKE, Local(two.address, twin.nbma), world.now)
    world.run(10.0)
    assert hub.engine.cache.host(two.address).nbma == two.nbma  # type: ignore[union-attr]
    assert twin.said(RegistrationRefused)[0] == RegistrationRefused(HUB, Code.ALREADY_REGISTERED)
    assert not twin.engine.servers[HUB].responding


def test_one_that_is_not_unique_may_move() -> None:
    world = World()
    hub = Box(world, 1, Settings(holding=300))
    two = Box(world, 2, replace(SPOKE, unique=False))
    world.run(5.0)
    two.engine.configure(two.engine.settings, Local(two.address, IPv4Address("192.0.2.9")), world.now)
    two.nbma = IPv4Address("192.0.2.9")
    world.boxes[two.nbma] = two
    world.run(10.0)
    assert hub.engine.cache.host(two.address).nbma == two.nbma  # type: ignore[union-attr]


@pytest.mark.parametrize(("ours", "theirs"), [("LAB", ""), ("", "LAB"), ("LAB", "lab")])
def test_the_wrong_string_is_refused(ours: str, theirs: str) -> None:
    world = World()
    hub, two = Box(world, 1, Settings(), key=ours), Box(world, 2, SPOKE, key=theirs)
    world.run(5.0)
    assert not len(hub.engine.cache)
    assert hub.said(Refused)
    assert hub.engine.sent[Kind.ERROR_INDICATION]
    assert not two.engine.servers[HUB].responding


def test_a_server_that_is_somebody_else_refuses() -> None:
    world = World()
    hub = Box(world, 1, Settings())
    wrong = IPv4Address("10.0.0.99")
    two = Box(world, 2, replace(SPOKE, servers={wrong: ServerSettings(HUB_NBMA)}))
    world.run(5.0)
    assert not len(hub.engine.cache)
    assert two.engine.received[Kind.ERROR_INDICATION]


def test_the_next_hop_of_a_route_is_resolved_by_the_hub_and_answered_straight() -> None:
    world, hub, two, three_ = three()
    assert two.engine.resolve(three_.address, IPv4Address("172.16.3.1"), world.now) == HUB_NBMA
    assert two.engine.cache.host(three_.address).origin is Origin.INCOMPLETE  # type: ignore[union-attr]
    world.run(world.now + 1.0)
    assert two.engine.resolve(three_.address, IPv4Address("172.16.3.1"), world.now) == three_.nbma
    assert hub.engine.sent[Kind.RESOLUTION_REPLY] == 0
    assert three_.engine.cache.host(two.address).nbma == two.nbma  # type: ignore[union-attr]
    local = three_.engine.cache.host(three_.address)
    assert local is not None
    assert local.local
    assert local.requester == two.address


def test_packets_take_the_server_until_the_straight_way_is_open() -> None:
    world, _hub, one, two = three()
    one.engine.resolve(two.address, two.address, world.now)
    world.run(world.now + 1.0)
    assert one.engine.resolve(two.address, two.address, world.now) == two.nbma
    one.closed = {two.nbma}
    assert one.engine.resolve(two.address, two.address, world.now) == HUB_NBMA
    one.closed = {two.nbma, HUB_NBMA}
    assert one.engine.resolve(HUB, HUB, world.now) == HUB_NBMA
    one.closed = set()
    assert one.engine.resolve(two.address, two.address, world.now) == two.nbma


def test_one_that_is_a_server_only_asks_for_nothing_and_answers() -> None:
    world, hub, two, three_ = three()
    two.engine.configure(replace(SPOKE, server_only=True), two.engine.local, world.now)
    for _ in range(2):
        assert two.engine.resolve(three_.address, IPv4Address("172.16.3.1"), world.now) == HUB_NBMA
        world.run(world.now + 1.0)
    assert two.engine.sent[Kind.RESOLUTION_REQUEST] == 0
    assert three_.engine.resolve(two.address, IPv4Address("172.16.2.1"), world.now) == HUB_NBMA
    world.run(world.now + 1.0)
    assert three_.engine.resolve(two.address, IPv4Address("172.16.2.1"), world.now) == two.nbma
    assert hub.engine.sent[Kind.RESOLUTION_REPLY] == 0


def test_what_nobody_has_is_refused_and_not_asked_for_again_at_once() -> None:
    world, hub, two, _three = three()
    nobody = IPv4Address("10.0.0.77")
    two.engine.resolve(nobody, nobody, world.now)
    world.run(world.now + 1.0)
    assert two.engine.cache.host(nobody) is None
    two.engine.resolve(nobody, nobody, world.now)
    assert two.engine.sent[Kind.RESOLUTION_REQUEST] == 1
    assert hub.engine.sent[Kind.RESOLUTION_REPLY] == 1
    world.run(world.now + 60.0)
    two.engine.resolve(nobody, nobody, world.now)
    assert two.engine.sent[Kind.RESOLUTION_REQUEST] == 2


def indicated(world: World, hub: Box, two: Box) -> None:
    packet = bytes(12) + IPv4Address("172.16.2.1").packed + IPv4Address("172.16.3.1").packed + bytes(40)
    hub.engine.passed(IPv4Address("172.16.2.1"), IPv4Address("172.16.3.1"), packet, two.nbma, world.now)


def test_an_indication_makes_a_shortcut_that_is_renewed_while_it_is_used() -> None:
    world, hub, two, three_ = three(redirect=True)
    indicated(world, hub, two)
    indicated(world, hub, two)
    assert (hub.engine.sent[Kind.TRAFFIC_INDICATION], hub.engine.suppressed) == (1, 1)
    world.run(world.now + 1.0)
    network = IPv4Network("172.16.3.0/24")
    found = two.engine.cache.get(network)
    assert found is not None
    assert (found.next_hop, found.nbma, found.resolved) == (three_.address, three_.nbma, True)
    for _ in range(60):
        two.engine.resolve(three_.address, IPv4Address("172.16.3.1"), world.now)
        world.run(world.now + 10.0)
    assert two.engine.cache.get(network) is not None
    world.run(world.now + 500.0)
    assert two.engine.cache.get(network) is None


def test_no_shortcut_where_it_is_not_configured() -> None:
    world, hub, two, _three = three(redirect=True)
    two.engine.configure(replace(SPOKE, shortcut=False), two.engine.local, world.now)
    indicated(world, hub, two)
    world.run(world.now + 1.0)
    assert two.engine.sent[Kind.RESOLUTION_REQUEST] == 0


def test_what_was_told_is_taken_back_when_it_holds_no_longer() -> None:
    world, hub, two, three_ = three(redirect=True)
    indicated(world, hub, two)
    world.run(world.now + 1.0)
    three_.behind = None
    three_.engine.ways_changed(world.now)
    world.run(world.now + 1.0)
    assert two.engine.cache.get(IPv4Network("172.16.3.0/24")) is None
    assert two.engine.sent[Kind.PURGE_REPLY] == 1


def test_a_spoke_behind_nat_is_known_by_both_addresses() -> None:
    world, hub, two, three_ = three(redirect=True)
    world.behind[IPv4Address("192.0.2.4")] = IPv4Address("198.51.100.4")
    four = Box(world, 4, SPOKE, "172.16.4.0/24")
    world.run(world.now + 5.0)
    entry = hub.engine.cache.host(four.address)
    assert entry is not None
    assert (str(entry.nbma), str(entry.claimed)) == ("198.51.100.4", "192.0.2.4")
    assert str(four.engine.public) == "198.51.100.4"
    two.engine.resolve(four.address, four.address, world.now)
    world.run(world.now + 1.0)
    found = two.engine.cache.host(four.address)
    assert found is not None
    assert (str(found.nbma), str(found.claimed)) == ("198.51.100.4", "192.0.2.4")
    four.engine.resolve(three_.address, three_.address, world.now)
    world.run(world.now + 1.0)
    assert str(three_.engine.cache.host(four.address).nbma) == "198.51.100.4"  # type: ignore[union-attr]


def test_requests_do_not_go_round_in_circles() -> None:
    world, hub, two, three_ = three()
    lost = IPv4Network("172.16.99.0/24")
    hub.routes[lost] = two.address
    two.routes[lost] = HUB
    three_.routes[lost] = HUB
    three_.engine.resolve(IPv4Address("172.16.99.1"), IPv4Address("172.16.99.1"), world.now)
    world.run(world.now + 100.0)
    assert hub.engine.received[Kind.RESOLUTION_REQUEST] < 20
    assert three_.engine.cache.host(IPv4Address("172.16.99.1")) is None


def test_an_address_that_changes_is_registered_anew() -> None:
    world, hub, two, _three = three()
    two.engine.down(world.now)
    assert not two.engine.servers[HUB].responding
    two.engine.up(world.now)
    world.run(world.now + 1.0)
    assert two.engine.servers[HUB].responding
    assert len(hub.engine.cache) == 2
