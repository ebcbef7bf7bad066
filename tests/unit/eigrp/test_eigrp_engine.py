"""DUAL, reliable transport and what is told to whom, on routers joined by wires that can lose packets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from iosemu.routing.eigrp import Eigrp, InterfaceConfig, NoPolicy, Opcode, ProcessConfig, Weights
from iosemu.routing.eigrp.events import Event, NeighborDown, NeighborUp, Sent, StuckInActive
from iosemu.routing.eigrp.metric import Vector
from iosemu.routing.eigrp.neighbor import Port
from iosemu.routing.eigrp.packets import GROUP, parse
from iosemu.routing.eigrp.tlvs import Stub

ETHERNET = (10000, 10**9)
DELAY = 0.001


class Net:
    """Engines and the links between them: (router, interface) of each end; `lossy(packet)` drops."""

    def __init__(self) -> None:
        self.now = 0.0
        self.routers: dict[str, Eigrp] = {}
        self.links: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.wire: list[tuple[float, int, str, str, IPv4Address, IPv4Address, bytes]] = []
        self.events: dict[str, list[Event]] = {}
        self.lossy: Callable[[str, str, IPv4Address, bytes], bool] = lambda *_: False
        self._order = 0

    def router(self, name: str, number: int, **facts: object) -> Eigrp:
        config = replace(ProcessConfig(1, IPv4Address(f"{number}.{number}.{number}.{number}")), **facts)  # type: ignore[arg-type]
        self.routers[name] = Eigrp(config, lambda: 0.5, 0.0)
        self.events[name] = []
        return self.routers[name]

    def port(
        self, name: str, interface: str, address: str, rate: tuple[int, int] = ETHERNET, **facts: object
    ) -> None:
        own = IPv4Interface(address)
        config = InterfaceConfig(interface, own, (), (own.network,), *rate)
        self.routers[name].interface_up(replace(config, **facts), self.now)  # type: ignore[arg-type]

    def link(self, *ends: tuple[str, str]) -> None:
        for each in ends:
            self.links[each] = [other for other in ends if other != each]

    def cut(self, name: str, interface: str) -> None:
        for other in self.links.pop((name, interface), []):
            self.links[other] = [each for each in self.links[other] if each != (name, interface)]

    def collect(self) -> None:
        for name, engine in self.routers.items():
            self.events[name] += engine.events()
            for each in engine.packets():
                for other, interface in self.links.get((name, each.interface), []):
                    if self.lossy(name, other, each.destination, each.payload):
                        continue
                    port = self.routers[other].ports.get(interface)
                    own = [address.ip for address in port.config.addresses] if port else []
                    if each.destination == GROUP or each.destination in own:
                        self._order += 1
                        leaves = max(self.now, each.leaves)
                        self.wire.append((leaves + DELAY, self._order, other, interface, each.source,
                                          each.destination, each.payload))  # fmt: skip

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            self.collect()
            timers = {name: engine.next_timer() for name, engine in self.routers.items()}
            due = min([*timers.values(), *(each[0] for each in self.wire)])
            if due > end:
                break
            self.now = max(self.now, due)
            arrived = [each for each in self.wire if each[0] <= self.now]
            self.wire = [each for each in self.wire if each[0] > self.now]
            for _, _, name, interface, source, destination, payload in arrived:
                self.routers[name].receive(interface, source, destination, payload, self.now)
            for name, when in timers.items():
                if when <= self.now:
                    self.routers[name].tick(self.now)
        self.now = end

    def way(self, name: str, network: str) -> list[tuple[str, int]]:
        paths = self.routers[name].installed(IPv4Network(network))
        return [(str(each.next_hop), each.distance) for each in paths]

    def state(self, name: str, network: str) -> str:
        entry = self.routers[name].topology.entries.get(IPv4Network(network))
        return "none" if entry is None else "active" if entry.active else "passive"


def row(count: int = 3, **facts: object) -> Net:
    """R1 - R2 - … in a row; Rn has the network 192.168.n.0/24 on its interface `lan`."""
    net = Net()
    for number in range(1, count + 1):
        net.router(f"R{number}", number, **facts)
        net.port(f"R{number}", "lan", f"192.168.{number}.1/24")
    for left in range(1, count):
        right = left + 1
        net.port(f"R{left}", "right", f"10.0.{left}.1/24")
        net.port(f"R{right}", "left", f"10.0.{left}.2/24")
        net.link((f"R{left}", "right"), (f"R{right}", "left"))
    return net


def ring(rates: dict[str, tuple[int, int]] | None = None, **facts: object) -> Net:
    """R1 - R2 - R4 and R1 - R3 - R4; R4 has 192.168.4.0/24."""
    net, rates = Net(), rates or {}
    for number in range(1, 5):
        net.router(f"R{number}", number, **facts)
    for index, (one, two) in enumerate((("R1", "R2"), ("R1", "R3"), ("R2", "R4"), ("R3", "R4")), 1):
        rate = rates.get(one + two, ETHERNET)
        net.port(one, two, f"10.0.{index}.1/24", rate)
        net.port(two, one, f"10.0.{index}.2/24", rate)
        net.link((one, two), (two, one))
    net.port("R4", "lan", "192.168.4.1/24")
    return net


def told(net: Net, name: str, opcode: Opcode) -> list[Sent]:
    return [each for each in net.events[name] if isinstance(each, Sent) and each.packet.opcode == opcode]


def mute(engine: Eigrp) -> None:
    """It acknowledges and says hello, but never replies."""
    engine.reply = lambda *_: None  # type: ignore[method-assign]
    engine.dual.sia_queried = lambda *_: None  # type: ignore[method-assign]


def test_routes_travel_along_a_row() -> None:
    net = row(4)
    net.run(10)
    assert net.way("R1", "192.168.4.0/24") == [("10.0.1.2", 256 * (1000 + 400))]
    assert net.way("R4", "192.168.1.0/24") == [("10.0.3.1", 256 * (1000 + 400))]
    assert net.way("R1", "192.168.1.0/24") == []
    assert all(not each.queue for engine in net.routers.values() for each in engine.neighbors)


def test_wide_metrics_travel_along_a_row() -> None:
    net = row(3, weights=Weights(wide=True), tlv=(2, 0))
    net.run(10)
    assert net.way("R1", "192.168.3.0/24") == [("10.0.1.2", 65536 * (1000 + 3000))]


def test_a_lost_network_is_asked_for_and_forgotten_everywhere() -> None:
    net = row(4)
    net.run(10)
    net.routers["R4"].interface_down("lan", net.now)
    net.run(2)
    for name in ("R1", "R2", "R3", "R4"):
        assert net.state(name, "192.168.4.0/24") == "none"
        assert net.way(name, "192.168.4.0/24") == []
    assert told(net, "R4", Opcode.QUERY)
    assert told(net, "R1", Opcode.REPLY)


def test_a_feasible_successor_takes_over_without_a_question() -> None:
    net = ring({"R1R3": (10000, 2 * 10**9)})
    net.run(10)
    assert net.way("R1", "192.168.4.0/24") == [("10.0.1.2", 256 * 1300)]
    net.routers["R1"].interface_down("R2", net.now)
    assert net.way("R1", "192.168.4.0/24") == [("10.0.2.2", 256 * 1400)]
    net.run(1)
    asked = [each for sent in told(net, "R1", Opcode.QUERY) for each in sent.packet.tlvs]
    assert not any(IPv4Network("192.168.4.0/24") in each.destinations for each in asked)  # type: ignore[union-attr]


def test_a_path_that_is_not_feasible_is_found_by_asking() -> None:
    net = ring({"R3R4": (10000, 20 * 10**9)})
    net.run(10)
    assert net.way("R1", "192.168.4.0/24") == [("10.0.1.2", 256 * 1300)]
    net.routers["R1"].interface_down("R2", net.now)
    assert net.state("R1", "192.168.4.0/24") == "active"
    net.run(2)
    assert net.state("R1", "192.168.4.0/24") == "passive"
    assert net.way("R1", "192.168.4.0/24") == [("10.0.2.2", 256 * (1000 + 2000 + 200))]


def test_equal_and_unequal_paths_are_used_as_variance_says() -> None:
    net = ring()
    net.run(10)
    assert sorted(net.way("R1", "192.168.4.0/24")) == [("10.0.1.2", 332800), ("10.0.2.2", 332800)]
    net = ring({"R1R3": (10000, 2 * 10**9)}, variance=2)
    net.run(10)
    assert net.way("R1", "192.168.4.0/24") == [("10.0.1.2", 332800), ("10.0.2.2", 358400)]
    net = ring({"R3R4": (10000, 20 * 10**9)}, variance=128)
    net.run(10)
    assert net.way("R1", "192.168.4.0/24") == [("10.0.1.2", 332800)]  # the other is no feasible successor


def test_a_neighbour_that_is_silent_is_gone_after_its_holding_time() -> None:
    net = row(2)
    net.run(10)
    net.cut("R2", "left")
    net.run(16)
    downs = [each for each in net.events["R1"] if isinstance(each, NeighborDown)]
    assert [each.reason for each in downs] == ["holding time expired"]
    assert net.way("R1", "192.168.2.0/24") == []


def test_who_hears_but_is_not_heard_gives_up_after_the_retry_limit() -> None:
    net = row(2)
    net.lossy = lambda sender, _to, destination, _data: sender == "R1" and destination != GROUP
    net.run(130)
    reasons = {each.reason for each in net.events["R1"] if isinstance(each, NeighborDown)}
    assert reasons == {"retry limit exceeded"}
    ups = [each for each in net.events["R1"] if isinstance(each, NeighborUp)]
    assert len(ups) >= 2


def test_lost_packets_are_sent_again_in_order() -> None:
    net = row(3)
    count = iter(range(10**6))
    net.lossy = lambda *_: next(count) % 3 == 1
    net.run(120)
    assert net.way("R1", "192.168.3.0/24")
    assert net.way("R3", "192.168.1.0/24")
    assert sum(each.retransmissions for each in net.routers["R2"].neighbors) > 0


def test_a_segment_where_one_router_lags_uses_conditional_receive() -> None:
    net = Net()
    for number in (1, 2, 3):
        net.router(f"R{number}", number)
        net.port(f"R{number}", "lan", f"10.0.0.{number}/24")
    ends = [(f"R{number}", "lan") for number in (1, 2, 3)]
    net.link(*ends)
    net.run(10)
    slow = True

    def lossy(sender: str, to: str, _destination: IPv4Address, data: bytes) -> bool:
        return slow and "R3" in (sender, to) and parse(data).sequence + parse(data).acknowledge > 0

    net.lossy = lossy
    for number in range(5):
        net.port("R1", f"Lo{number}", f"172.16.{number}.1/24")
        net.run(0.5)
    assert net.way("R2", "172.16.4.0/24")
    assert net.way("R3", "172.16.4.0/24") == []
    slow = False
    net.run(30)
    assert net.way("R3", "172.16.4.0/24")
    assert net.routers["R1"].ports["lan"].counters["conditional"] > 0
    assert not [each for each in net.events["R1"] if isinstance(each, NeighborDown)]


def test_a_router_that_does_not_reply_is_stuck_in_active() -> None:
    net = row(3, active_time=60.0)
    net.run(10)
    mute(net.routers["R3"])
    net.routers["R1"].interface_down("lan", net.now)
    net.run(70)
    assert any(isinstance(each, StuckInActive) for each in net.events["R2"])
    assert any(
        isinstance(each, NeighborDown) and each.reason == "stuck in active" for each in net.events["R2"]
    )


def test_a_route_in_the_middle_stays_active_while_replies_to_sia_queries_come() -> None:
    net = row(4, active_time=40.0)
    net.run(10)
    mute(net.routers["R4"])
    net.routers["R1"].interface_down("lan", net.now)
    net.run(60)
    assert told(net, "R2", Opcode.SIA_QUERY)
    assert told(net, "R3", Opcode.SIA_REPLY)
    reasons = [
        (name, each.reason)
        for name, events in net.events.items()
        for each in events
        if isinstance(each, NeighborDown)
    ]
    assert reasons == [("R3", "stuck in active"), ("R4", "peer restarted")]
    assert net.state("R1", "192.168.1.0/24") == "none"


def test_k_values_must_be_the_same() -> None:
    net = row(2)
    net.run(10)
    config = net.routers["R2"].config
    net.routers["R2"].configure(replace(config, weights=Weights((1, 1, 1, 0, 0, 0))), net.now)
    net.run(10)
    reasons = [each.reason for each in net.events["R1"] if isinstance(each, NeighborDown)]
    assert reasons[0] == "Interface Goodbye received"
    assert "K-value mismatch" in reasons
    assert not list(net.routers["R1"].neighbors)


def test_a_restarted_neighbour_is_told_everything_again() -> None:
    net = row(2)
    net.run(10)
    fresh = row(2)
    net.routers["R2"] = fresh.routers["R2"]
    for port in net.routers["R2"].ports.values():
        port.next_hello = net.now
    net.run(5)
    assert [each.reason for each in net.events["R1"] if isinstance(each, NeighborDown)] == ["peer restarted"]
    assert net.way("R1", "192.168.2.0/24")
    assert net.way("R2", "192.168.1.0/24")


def test_a_cleared_neighbour_hears_of_it_and_comes_back() -> None:
    for release, reason in (((12, 4), "peer restarted"), ((15, 1), "Interface PEER-TERMINATION received")):
        net = row(2, release=release)
        net.run(10)
        assert net.routers["R1"].clear(net.now) == 1
        net.run(10)
        assert [each.reason for each in net.events["R2"] if isinstance(each, NeighborDown)] == [reason]
        assert net.way("R2", "192.168.1.0/24")


def test_a_stub_tells_only_what_it_says_and_is_not_asked() -> None:
    net = row(3)
    net.routers["R2"].configure(replace(net.routers["R2"].config, stub=1 | 4), net.now)
    net.run(15)
    assert net.way("R1", "192.168.2.0/24")
    assert net.way("R1", "192.168.3.0/24") == []
    assert net.way("R2", "192.168.3.0/24")
    hellos = [each for each in told(net, "R2", Opcode.HELLO) if not each.packet.acknowledge]
    assert Stub(5) in hellos[-1].packet.tlvs
    net.routers["R1"].interface_down("lan", net.now)
    net.run(1)
    assert not told(net, "R1", Opcode.QUERY)
    assert net.way("R2", "192.168.1.0/24") == []


def test_a_summary_hides_its_parts_and_goes_with_the_last() -> None:
    net = row(2)
    for number in range(4):
        net.port("R1", f"Lo{number}", f"172.16.{number}.1/24")
    net.port("R1", "right", "10.0.1.1/24", summaries=(IPv4Network("172.16.0.0/22"),))
    net.run(15)
    assert net.way("R2", "172.16.0.0/22")
    assert net.way("R2", "172.16.1.0/24") == []
    summary = net.routers["R1"].installed(IPv4Network("172.16.0.0/22"))
    assert [each.interface for each in summary] == ["Null0"]
    for number in range(4):
        net.routers["R1"].interface_down(f"Lo{number}", net.now)
        net.run(1)
    assert net.way("R2", "172.16.0.0/22") == []
    assert not net.routers["R1"].installed(IPv4Network("172.16.0.0/22"))


def test_auto_summary_acts_where_two_major_networks_meet() -> None:
    net = row(2)
    net.port("R1", "Lo0", "172.16.5.1/24")
    net.routers["R1"].configure(replace(net.routers["R1"].config, auto_summary=True), net.now)
    net.run(15)
    assert net.way("R2", "172.16.0.0/16")
    assert net.way("R2", "172.16.5.0/24") == []
    net.routers["R1"].configure(replace(net.routers["R1"].config, auto_summary=False), net.now)
    net.run(1)
    assert net.way("R2", "172.16.0.0/16") == []
    assert net.way("R2", "172.16.5.0/24")


class Blocking(NoPolicy):
    """Nothing of 192.168.3.0/24 goes where it is switched on; offsets of 5120."""

    def __init__(self) -> None:
        self.inward = self.outward = False
        self.more = 0

    def accepts(self, interface: str, gateway: IPv4Address, network: IPv4Network, tag: int) -> bool:
        return not (self.inward and network == IPv4Network("192.168.3.0/24"))

    def advertises(self, interface: str, origin: str, network: IPv4Network) -> bool:
        return not (self.outward and network == IPv4Network("192.168.3.0/24"))

    def offset(self, outgoing: bool, interface: str, network: IPv4Network) -> int:
        return 0 if outgoing else self.more


@pytest.mark.parametrize("router", ["R1", "R2"])
def test_filters_act_at_once_and_are_taken_back(router: str) -> None:
    net = row(3)
    policy = net.routers[router].policy = Blocking()
    net.run(10)
    assert net.way("R1", "192.168.3.0/24")
    policy.inward, policy.outward = router == "R1", router == "R2"
    net.routers[router].filters_changed(net.now)
    net.run(1)
    assert net.way("R1", "192.168.3.0/24") == []
    assert net.way("R2", "192.168.3.0/24")
    policy.inward = policy.outward = False
    net.routers[router].filters_changed(net.now)
    net.run(1)
    assert net.way("R1", "192.168.3.0/24")


def test_an_offset_is_added_to_both_metrics() -> None:
    net = row(2)
    policy = net.routers["R1"].policy = Blocking()
    policy.more = 5120
    net.run(10)
    entry = net.routers["R1"].topology.entries[IPv4Network("192.168.2.0/24")]
    path = entry.by_distance()[0]
    assert (path.distance, path.reported) == (256 * 1200 + 5120, 256 * 1100 + 5120)


def test_a_slower_link_keeps_the_feasible_distance() -> None:
    net = ring({"R1R3": (10000, 2 * 10**9)})
    net.run(10)
    net.port("R1", "R2", "10.0.1.1/24", (10000, 5 * 10**8 * 3))
    net.run(1)
    entry = net.routers["R1"].topology.entries[IPv4Network("192.168.4.0/24")]
    assert entry.feasible == 332800
    assert net.way("R1", "192.168.4.0/24") == [("10.0.1.2", 332800 + 256 * 50)]


def test_four_hundred_networks_are_told_in_packets_that_fit() -> None:
    net = row(2)
    for number in range(400):
        net.port("R1", f"Lo{number}", f"172.{16 + number // 250}.{number % 250}.1/24")
    net.run(20)
    assert len(net.routers["R2"].topology.entries) == 400 + 3
    assert max(each.length for each in told(net, "R1", Opcode.UPDATE)) <= 1480
    net.routers["R1"].interface_down("right", net.now)
    net.run(20)
    assert len(net.routers["R2"].topology.entries) == 2


def test_unreachable_vectors_stay_unreachable() -> None:
    lost = Vector(1000, 10**9).lost()
    assert not lost.over(Vector(100, 10**9)).reachable
    assert lost.further(1000, False) == lost


def test_a_question_about_a_route_that_stays_does_not_renew_it() -> None:
    net = row(3)
    net.run(10)
    entry = net.routers["R2"].topology.entries[IPv4Network("192.168.3.0/24")]
    before = entry.updated, entry.serial
    net.routers["R1"].clear(net.now)
    net.run(20)
    assert net.way("R1", "192.168.3.0/24")
    assert (entry.updated, entry.serial) == before


def test_packets_take_no_more_of_a_slow_link_than_they_may() -> None:
    own = IPv4Interface("10.0.0.1/24")
    slow = InterfaceConfig("s0", own, (), (own.network,), 64, 10**9)
    assert slow.pacing_times == (10, 380)
    assert replace(slow, bandwidth_percent=25).pacing_times == (20, 760)
    assert replace(slow, bandwidth=1000000).pacing_times == (0, 0)
    port = Port(slow, 0.0)
    assert [port.departure(100, 5.0), port.departure(100, 5.0), port.departure(100, 9.0)] == [5.0, 5.03, 9.0]
    port = Port(replace(slow, bandwidth=1000000), 0.0)
    assert [port.departure(1400, 5.0), port.departure(1400, 5.0)] == [5.0, 5.0]


def test_a_table_comes_over_slow_links_without_being_sent_twice() -> None:
    net = Net()
    for number, name in enumerate("ab", 1):
        net.router(name, number)
    slow = (64, 10**9)
    net.port("a", "s0", "10.0.0.1/24", slow)
    net.port("b", "s0", "10.0.0.2/24", slow)
    for number in range(100):
        net.port("a", f"lo{number}", f"10.{number + 1}.0.1/16")
    net.link(("a", "s0"), ("b", "s0"))
    net.run(60.0)
    (neighbor,) = net.routers["a"].neighbors
    assert neighbor.up
    assert neighbor.retransmissions == 0
    assert len(net.routers["b"].topology.entries) == 101
