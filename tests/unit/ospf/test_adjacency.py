"""Neighbors and adjacencies on every kind of network, and what keeps them from forming."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from iosemu.routing.ospf import (
    AreaConfig,
    AreaKind,
    Authentication,
    AuthenticationFault,
    AuthenticationType,
    InterfaceState,
    Key,
    NeighborConfig,
    NeighborState,
    NetworkType,
    ProcessConfig,
)
from iosemu.routing.ospf.events import (
    AreaMismatch,
    AuthenticationMismatch,
    DuplicateRouterId,
    Election,
    ElectionCause,
    Exchange,
    ExchangeStep,
    HelloMismatch,
    MtuMismatch,
    NeighborChange,
    NetworkTypeMismatch,
)
from tests.unit.ospf.fabric import P2P, Fabric

FULL = NeighborState.FULL
LAN = "e10.0.0.0/24"


def pair(**kw: object) -> Fabric:
    fabric = Fabric()
    fabric.router("a")
    fabric.router("b")
    fabric.lan("10.0.0.0/24", "ab", **kw)
    return fabric


def down_reasons(fabric: Fabric, router: str) -> list[str]:
    return [e.reason for e in fabric.of(router, NeighborChange) if e.new is NeighborState.DOWN]


class TestNetworkTypes:
    def test_broadcast_waits_forty_seconds_then_elects(self) -> None:
        fabric = pair()
        fabric.run(39)
        assert fabric.state("a", "b") is NeighborState.TWO_WAY
        fabric.run(5)
        assert fabric.state("a", "b") is FULL
        election = fabric.of("b", Election)[0]
        assert (election.cause, str(election.dr), str(election.bdr)) == (
            ElectionCause.WAIT_ENDED,
            "2.2.2.2",
            "1.1.1.1",
        )

    def test_point_to_point_is_full_at_once_without_an_election(self) -> None:
        fabric = pair(network_type=P2P)
        fabric.run(1)
        assert fabric.state("a", "b") is fabric.state("b", "a") is FULL
        assert not fabric.of("a", Election)

    def test_non_broadcast_finds_configured_neighbors(self) -> None:
        fabric = Fabric()
        link: set[tuple[str, str]] = set()
        for position, router in enumerate("abc", 1):
            fabric.router(router)
            others = tuple(NeighborConfig(IPv4Address(f"10.0.0.{n}")) for n in (1, 2, 3) if n != position)
            kw = {"network_type": NetworkType.NON_BROADCAST, "neighbors": others}
            fabric.attach(link, router, LAN, f"10.0.0.{position}/24", **kw)
        fabric.record = True
        fabric.run(260)
        assert {fabric.state(a, b) for a in "abc" for b in "abc" if a != b} == {FULL}
        assert not any(datagram.destination.is_multicast for _, _, datagram in fabric.sent)
        assert fabric.routers["a"].interfaces[LAN].config.hello == 30

    def test_non_broadcast_polls_a_silent_neighbor(self) -> None:
        fabric = Fabric()
        fabric.router("a")
        silent = (NeighborConfig(IPv4Address("10.0.0.9"), poll_interval=60),)
        fabric.attach(
            set(), "a", LAN, "10.0.0.1/24", network_type=NetworkType.NON_BROADCAST, neighbors=silent
        )
        assert [n.state for n in fabric.routers["a"].interfaces[LAN].neighbors.values()] == [
            NeighborState.ATTEMPT
        ]
        fabric.run(200)
        fabric.record = True
        fabric.run(180)
        assert [str(d.destination) for _, _, d in fabric.sent] == ["10.0.0.9"] * 3

    def test_point_to_multipoint_makes_host_routes(self) -> None:
        fabric = Fabric()
        link: set[tuple[str, str]] = set()
        for position, router in enumerate("abc", 1):
            fabric.router(router)
            kw = {"network_type": NetworkType.POINT_TO_MULTIPOINT}
            fabric.attach(link, router, LAN, f"10.0.0.{position}/24", **kw)
        fabric.run(60)
        assert {fabric.state(a, b) for a in "abc" for b in "abc" if a != b} == {FULL}
        assert set(fabric.routes("a")) == {"10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32"}
        assert fabric.hops("a", "10.0.0.3/32") == ["10.0.0.3"]

    def test_loopback_is_a_host_route_and_passive_is_still_advertised(self) -> None:
        fabric = pair(network_type=P2P)
        fabric.loopback("b", "2.2.2.2")
        fabric.attach(set(), "b", "e1", "10.9.0.1/24", passive=True)
        fabric.run(60)
        assert {"2.2.2.2/32", "10.9.0.0/24"} <= set(fabric.routes("a"))
        assert fabric.routers["b"].interfaces["e1"].statistics.sent == {}
        assert fabric.routers["b"].interfaces["e1"].state is InterfaceState.DR

    def test_broadcast_against_point_to_point_is_full_without_routes(self) -> None:
        fabric = pair()
        fabric.loopback("b", "2.2.2.2")
        fabric.change("a", LAN, network_type=P2P)
        fabric.run(90)
        assert fabric.state("a", "b") is fabric.state("b", "a") is FULL
        assert "2.2.2.2/32" not in fabric.routes("a")
        assert fabric.of("a", NetworkTypeMismatch)

    def test_unnumbered_point_to_point(self) -> None:
        fabric = Fabric()
        link: set[tuple[str, str]] = set()
        for number, router in enumerate("ab", 1):
            fabric.router(router)
            fabric.loopback(router, f"{number}.{number}.{number}.{number}")
            kw = {"network_type": P2P, "unnumbered": 7}
            fabric.attach(link, router, "s0", f"{number}.{number}.{number}.{number}/32", **kw)
        fabric.run(30)
        assert fabric.state("a", "b") is FULL
        assert fabric.hops("a", "2.2.2.2/32") == ["2.2.2.2"]


class TestElection:
    def test_priority_beats_router_id_and_zero_never_wins(self) -> None:
        fabric = Fabric()
        link: set[tuple[str, str]] = set()
        for position, (router, priority) in enumerate((("a", 5), ("b", 1), ("c", 0)), 1):
            fabric.router(router)
            fabric.attach(link, router, LAN, f"10.0.0.{position}/24", priority=priority)
        fabric.run(60)
        states = [fabric.routers[r].interfaces[LAN].state for r in "abc"]
        assert states == [InterfaceState.DR, InterfaceState.BACKUP, InterfaceState.DR_OTHER]

    def test_a_better_router_that_comes_late_does_not_preempt(self) -> None:
        fabric = pair()
        fabric.run(60)
        fabric.router("c")
        fabric.attach(fabric.links[0], "c", LAN, "10.0.0.3/24", priority=200)
        fabric.run(1)
        assert fabric.of("c", Election)[0].cause is ElectionCause.BACKUP_SEEN
        assert fabric.routers["c"].interfaces[LAN].state is InterfaceState.DR_OTHER
        assert fabric.routers["b"].interfaces[LAN].state is InterfaceState.DR

    def test_others_stay_two_way_and_the_backup_takes_over(self) -> None:
        fabric = Fabric()
        for router in "abcd":
            fabric.router(router)
        fabric.lan("10.0.0.0/24", "abcd")
        fabric.run(60)
        assert fabric.state("a", "b") is NeighborState.TWO_WAY
        assert fabric.state("a", "d") is fabric.state("a", "c") is FULL
        fabric.call("d", "interface_down", LAN)
        fabric.run(60)
        assert fabric.routers["c"].interfaces[LAN].state is InterfaceState.DR
        assert fabric.routers["b"].interfaces[LAN].state is InterfaceState.BACKUP
        assert fabric.state("a", "b") is FULL


class TestMismatches:
    @pytest.mark.parametrize("change", [{"hello_interval": 5}, {"dead_interval": 20}, {"prefix_length": 25}])
    def test_hello_parameters(self, change: dict[str, int]) -> None:
        fabric = pair(network_type=NetworkType.BROADCAST)
        fabric.change("b", LAN, **change)
        fabric.run(60)
        assert fabric.state("a", "b") in (None, NeighborState.DOWN)
        event = fabric.of("a", HelloMismatch)[-1]
        received = {"hello_interval": event.hello[0], "dead_interval": event.dead[0]}
        for name, value in change.items():
            if name in received:
                assert received[name] == value
            else:
                assert [str(mask) for mask in event.mask or ()] == ["255.255.255.128", "255.255.255.0"]

    def test_masks_do_not_count_on_point_to_point(self) -> None:
        fabric = pair(network_type=P2P)
        fabric.change("b", LAN, prefix_length=25)
        fabric.run(60)
        assert fabric.state("a", "b") is FULL

    def test_area(self) -> None:
        fabric = pair()
        fabric.change("b", LAN, area=1)
        fabric.run(60)
        assert fabric.state("a", "b") is None
        last = fabric.of("b", AreaMismatch)[-1]
        assert (last.received, last.configured, str(last.source)) == (0, 1, "10.0.0.1")

    def test_smaller_mtu_refuses_and_both_end_after_25_retransmissions(self) -> None:
        fabric = pair(network_type=P2P)
        fabric.change("b", LAN, mtu=1400)
        fabric.cut(fabric.links[0])
        fabric.mend(fabric.links[0])
        fabric.run(60)
        assert fabric.state("b", "a") is NeighborState.EXSTART
        assert fabric.state("a", "b") is NeighborState.EXCHANGE
        assert {e.refused for e in fabric.of("b", MtuMismatch)} == {True}
        assert {e.refused for e in fabric.of("a", MtuMismatch)} == {False}
        fabric.run(65)
        assert "Neighbor Down: Too many retransmissions" in down_reasons(fabric, "a") + down_reasons(
            fabric, "b"
        )
        steps = [e for r in "ab" for e in fabric.of(r, Exchange) if e.step is ExchangeStep.EXCESSIVE]
        assert {e.count for e in steps} == {25}

    @pytest.mark.parametrize(("end", "state"), [("b", FULL), ("a", NeighborState.EXCHANGE)])
    def test_mtu_ignore_helps_on_the_smaller_end_only(self, end: str, state: NeighborState) -> None:
        fabric = pair(network_type=P2P)
        fabric.change("b", LAN, mtu=1400)
        fabric.change(end, LAN, mtu_ignore=True)
        fabric.cut(fabric.links[0])
        fabric.mend(fabric.links[0])
        fabric.run(30)
        assert fabric.state("a", "b") is state

    def test_duplicate_router_id(self) -> None:
        fabric = Fabric()
        fabric.router("a", "1.1.1.1")
        fabric.router("b", "1.1.1.1")
        fabric.lan("10.0.0.0/24", "ab")
        fabric.run(5)
        event = fabric.of("a", DuplicateRouterId)[0]
        assert (str(event.source), str(event.router_id)) == ("10.0.0.2", "1.1.1.1")


def md5(*keys: tuple[int, bytes]) -> Authentication:
    return Authentication(AuthenticationType.CRYPTOGRAPHIC, keys=tuple(Key(*key) for key in keys))


TEXT = Authentication(AuthenticationType.SIMPLE, b"secret")


class TestAuthentication:
    @pytest.mark.parametrize("authentication", [TEXT, md5((1, b"cisco")), md5()])
    def test_equal_ones_become_full(self, authentication: Authentication) -> None:
        fabric = pair(authentication=authentication)
        fabric.run(60)
        assert fabric.state("a", "b") is FULL

    @pytest.mark.parametrize(
        ("a", "b", "fault"),
        [
            (TEXT, Authentication(), AuthenticationFault.TYPE),
            (TEXT, Authentication(AuthenticationType.SIMPLE, b"other"), AuthenticationFault.KEY),
            (md5((1, b"cisco")), md5((1, b"other")), AuthenticationFault.KEY),
            (md5((1, b"cisco")), md5((2, b"cisco")), AuthenticationFault.KEY_ID),
        ],
    )
    def test_different_ones_do_not(
        self, a: Authentication, b: Authentication, fault: AuthenticationFault
    ) -> None:
        fabric = pair(authentication=a)
        fabric.run(50)
        fabric.change("b", LAN, authentication=b)
        fabric.run(20)
        assert fabric.state("a", "b") is FULL  # until the dead timer
        fabric.run(40)
        assert fabric.state("a", "b") is None
        assert down_reasons(fabric, "a") == ["Neighbor Down: Dead timer expired"]
        assert {e.fault for e in fabric.of("a", AuthenticationMismatch)} == {fault}

    def test_a_new_key_is_taken_over_without_loss(self) -> None:
        fabric = pair(authentication=md5((1, b"old")))
        fabric.run(60)
        fabric.change("a", LAN, authentication=md5((1, b"old"), (2, b"new")))
        fabric.run(30)
        interface = fabric.routers["a"].interfaces[LAN]
        assert [key.id for key in interface.keys_to_send()] == [2, 1]
        fabric.change("b", LAN, authentication=md5((1, b"old"), (2, b"new")))
        fabric.run(30)
        assert [key.id for key in interface.keys_to_send()] == [2]
        assert fabric.state("a", "b") is FULL
        assert not down_reasons(fabric, "a")

    def test_a_replayed_packet_is_refused(self) -> None:
        fabric = pair(authentication=md5((1, b"cisco")))
        fabric.record = True
        fabric.run(60)
        old = next(d for _, name, d in fabric.sent if name == "b")
        fabric.call("a", "receive", LAN, old.source, old.payload)
        assert fabric.of("a", AuthenticationMismatch)[-1].fault is AuthenticationFault.SEQUENCE


class TestEnding:
    def test_silence_ends_after_the_dead_interval(self) -> None:
        fabric = pair(network_type=P2P)
        fabric.run(20)
        fabric.lost = lambda router, _datagram: router == "b"
        fabric.run(41)
        assert down_reasons(fabric, "a") == ["Neighbor Down: Dead timer expired"]

    def test_a_flap_comes_back(self) -> None:
        fabric = pair(network_type=P2P)
        fabric.run(20)
        fabric.cut(fabric.links[0])
        assert down_reasons(fabric, "a") == ["Neighbor Down: Interface down or detached"]
        fabric.mend(fabric.links[0])
        fabric.run(20)
        assert fabric.state("a", "b") is FULL

    def test_one_way(self) -> None:
        fabric = pair(network_type=P2P)
        fabric.run(20)
        fabric.call("b", "interface_down", LAN)
        fabric.lost = lambda router, _datagram: router == "a"
        config = fabric.routers["b"].interfaces[LAN].config
        fabric.call("b", "interface_up", config)
        fabric.run(1)
        assert fabric.state("a", "b") is NeighborState.INIT

    def test_losses_are_made_good(self) -> None:
        fabric = Fabric(seed=7)
        for router in "abc":
            fabric.router(router)
        fabric.lan("10.0.0.0/24", "abc")
        for position, router in enumerate("abc"):
            fabric.loopback(router, f"9.9.9.{position}")
        fabric.lost = lambda _router, _datagram: fabric.random.random() < 0.2
        fabric.run(400)
        fabric.lost = lambda _router, _datagram: False
        fabric.run(100)
        assert all(f"9.9.9.{n}/32" in fabric.routes(r) for r in "abc" for n in range(3))

    def test_restart_with_another_router_id(self) -> None:
        fabric = pair(network_type=P2P)
        fabric.run(20)
        process = fabric.routers["b"]
        process.restart(fabric.now, IPv4Address("7.7.7.7"))
        fabric._after("b")
        fabric.run(60)
        assert fabric.state("a", "b") is FULL
        keys = {entry.key for entry in fabric.routers["a"].areas[0].lsdb}
        assert (1, int(IPv4Address("7.7.7.7")), int(IPv4Address("7.7.7.7"))) in keys
        assert (1, int(IPv4Address("2.2.2.2")), int(IPv4Address("2.2.2.2"))) not in keys

    def test_a_stub_flag_changed_resets_at_once(self) -> None:
        fabric = pair(network_type=P2P, area=1)
        fabric.run(20)
        fabric.call("a", "configure", ProcessConfig(areas={1: AreaConfig(AreaKind.STUB)}))
        assert down_reasons(fabric, "a") == ["Neighbor Down: Adjacency forced to reset"]
        fabric.run(10)
        assert fabric.state("a", "b") is None
