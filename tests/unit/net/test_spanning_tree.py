"""Bridges joined by perfect cables: who is root, who blocks, and how long it takes."""

from __future__ import annotations

import pytest

from iosemu.net.scheduler import Scheduler
from iosemu.net.stp import SpanningTree
from iosemu.net.stp_tree import StpPort
from iosemu.net.stp_types import BpduGuardViolation, PortRole, PortState
from iosemu.packets.addresses import MacAddress
from iosemu.packets.stp import AnyBpdu, Bpdu, BridgeId


class Net:
    """Bridges 1..n; ports are named after the bridge they lead to."""

    def __init__(self, *cables: tuple[int, int]) -> None:
        self.scheduler = Scheduler()
        numbers = sorted({end for cable in cables for end in cable})
        self.bridges = {n: SpanningTree(BridgeId(32769, MacAddress.from_int(n))) for n in numbers}
        self.cut: set[frozenset[int]] = set()
        for a, b in cables:
            for here, there in ((a, b), (b, a)):
                self.bridges[here].add_port(StpPort(str(there), there))
                self.bridges[here].port_up(str(there), 0.0)
        for n in numbers:
            self.flush(n)

    def flush(self, n: int) -> None:
        for port, bpdu in self.bridges[n].frames():
            if frozenset((n, int(port))) not in self.cut:
                self.scheduler.after(1e-6, lambda p=port, b=bpdu: self.deliver(n, int(p), b))

    def deliver(self, sender: int, receiver: int, bpdu: AnyBpdu) -> None:
        self.bridges[receiver].receive(str(sender), bpdu, self.scheduler.now)
        self.flush(receiver)

    def run(self, until: float) -> None:
        while True:
            timers = [timer for b in self.bridges.values() if (timer := b.next_timer()) is not None]
            due = min([*timers, self.scheduler.next_due() or until, until])
            self.scheduler.run_until(due)
            for n, bridge in self.bridges.items():
                bridge.tick(due)
                self.flush(n)
            if due >= until:
                return

    def states(self) -> dict[str, str]:
        return {
            f"{n}-{port}": state.value
            for n, bridge in self.bridges.items()
            for port, state in bridge.states.items()
        }


def test_triangle_converges_within_twice_the_forward_delay():
    net = Net((1, 2), (2, 3), (1, 3))
    net.run(14.9)
    assert "forwarding" not in net.states().values()
    net.run(31)
    assert net.states() == {
        "1-2": "forwarding",
        "1-3": "forwarding",
        "2-1": "forwarding",
        "2-3": "forwarding",
        "3-1": "forwarding",
        "3-2": "blocking",
    }
    assert net.bridges[1].is_root
    assert net.bridges[3].ports["2"].role is PortRole.ALTERNATE


def test_direct_failure_takes_two_forward_delays():
    net = Net((1, 2), (2, 3), (1, 3))
    net.run(60)
    for n, port in ((1, "3"), (3, "1")):
        net.bridges[n].port_down(port, 60.0)
        net.flush(n)
    net.run(89)
    assert net.states()["3-2"] == "learning"
    net.run(91)
    assert net.states()["3-2"] == "forwarding"
    assert net.bridges[3].root_cost == 38


def test_indirect_failure_waits_for_max_age_too():
    net = Net((1, 2), (2, 3), (1, 3))
    net.run(60)
    net.cut.add(frozenset((1, 2)))
    net.run(76)
    assert net.states()["3-2"] == "blocking"
    net.run(60 + 20 + 30 + 3)
    assert net.states()["3-2"] == "forwarding"
    assert net.bridges[2].root_port == "3"


def test_topology_change_reaches_everybody_and_ends():
    net = Net((1, 2), (2, 3), (1, 3))
    net.run(120)
    assert not any(bridge.topology_change for bridge in net.bridges.values())
    net.bridges[2].port_down("3", 120.0)
    net.bridges[3].port_down("2", 120.0)
    net.flush(2)
    net.run(123)
    assert all(bridge.topology_change for bridge in net.bridges.values())
    net.run(165)
    assert not any(bridge.topology_change for bridge in net.bridges.values())


def test_root_fails():
    net = Net((1, 2), (2, 3), (1, 3))
    net.run(60)
    net.cut |= {frozenset((1, 2)), frozenset((1, 3))}
    net.run(120)
    assert net.bridges[2].is_root
    assert net.bridges[3].root == net.bridges[2].bridge


def test_priority_moves_the_root():
    net = Net((1, 2), (2, 3), (1, 3))
    net.run(60)
    net.bridges[3].set_bridge(BridgeId(24577, net.bridges[3].bridge.mac), 60.0)
    net.flush(3)
    net.run(120)
    assert net.bridges[3].is_root
    assert net.bridges[1].root_port == "3"
    assert net.states()["2-1"] == "blocking"


def test_portfast_forwards_at_once_and_bpduguard_objects():
    tree = SpanningTree(BridgeId(32769, MacAddress.from_int(5)))
    tree.add_port(StpPort("1", 1, portfast=True, bpduguard=True))
    tree.port_up("1", 0.0)
    assert tree.states == {"1": PortState.FORWARDING}
    other = BridgeId(1, MacAddress.from_int(1))
    tree.events()
    tree.receive("1", Bpdu(other, 0, other, 1), 1.0)
    assert tree.events() == [BpduGuardViolation("1")]
    assert tree.is_root


@pytest.mark.parametrize("age", [20.0, 25.0])
def test_old_news_is_no_news(age):
    tree = SpanningTree(BridgeId(32769, MacAddress.from_int(5)))
    tree.add_port(StpPort("1", 1))
    tree.port_up("1", 0.0)
    other = BridgeId(1, MacAddress.from_int(1))
    tree.receive("1", Bpdu(other, 0, other, 1, age), 1.0)
    assert tree.is_root
