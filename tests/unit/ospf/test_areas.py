"""Routes within and between areas, stub areas, NSSAs, virtual links, external routes."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise
from typing import Any

import pytest

from iosemu.routing.ospf import (
    AreaConfig,
    AreaKind,
    AreaRange,
    DefaultInformation,
    ExternalRoute,
    MaxMetric,
    MetricType,
    NssaDefault,
    PathType,
    ProcessConfig,
    SummaryAddress,
    VirtualLinkConfig,
)
from iosemu.routing.ospf.constants import LsaType
from iosemu.routing.ospf.events import LsaOriginated, RouteChange, SpfRun
from iosemu.routing.ospf.lsa import build_lsa
from iosemu.routing.ospf.lsdb import Entry
from tests.unit.ospf.fabric import Fabric


def number(text: str) -> int:
    return int(IPv4Address(text))


def chain(areas: dict[int, AreaConfig] | None = None, **config: Any) -> Fabric:
    """a -area 0- b -area 1- c, loopbacks 1.1.1.1, 2.2.2.2 and 3.3.3.3; b is the border router."""
    fabric = Fabric()
    for router in "abc":
        fabric.router(router, config=ProcessConfig(areas=areas or {}, **config))
    fabric.p2p("10.0.0.0/30", "a", "b", 0)
    fabric.p2p("10.1.0.0/30", "b", "c", 1)
    fabric.loopback("a", "1.1.1.1", 0)
    fabric.loopback("b", "2.2.2.2", 0)
    fabric.loopback("c", "3.3.3.3", 1)
    return fabric


def types(fabric: Fabric, router: str) -> dict[str, tuple[str, int]]:
    return {prefix: (route.type.name, route.cost) for prefix, route in fabric.routes(router).items()}


def external(prefix: str, **kw: Any) -> list[ExternalRoute]:
    return [ExternalRoute(IPv4Network(prefix), **kw)]


class TestInterArea:
    def test_summaries_both_ways(self) -> None:
        fabric = chain()
        fabric.run(60)
        assert types(fabric, "a")["3.3.3.3/32"] == ("INTER", 3)
        assert types(fabric, "c")["1.1.1.1/32"] == ("INTER", 3)
        assert fabric.routers["b"].is_abr
        assert not fabric.routers["a"].is_abr

    def test_no_border_router_without_the_backbone(self) -> None:
        fabric = chain()
        fabric.cut(fabric.links[0])
        fabric.call("b", "interface_removed", "lo2.2.2.2")
        fabric.run(30)
        assert not fabric.routers["b"].is_abr

    def test_range_hides_what_it_covers_and_makes_null0(self) -> None:
        area = AreaConfig(ranges=(AreaRange(IPv4Network("10.8.0.0/13")),))
        fabric = chain({1: area})
        for third in range(3):
            fabric.attach(set(), "c", f"e{third}", f"10.8.{third}.1/24", 1, cost=10 + third)
        fabric.run(60)
        assert [p for p in fabric.routes("a") if p.startswith("10.8")] == ["10.8.0.0/13"]
        assert types(fabric, "a")["10.8.0.0/13"] == ("INTER", 1 + 1 + 10)
        discard = fabric.routes("b")["10.8.0.0/13"]
        assert discard.discard
        assert discard.next_hops[0].interface == "Null0"
        hidden = AreaConfig(ranges=(AreaRange(area.ranges[0].prefix, False),))
        fabric.call("b", "configure", ProcessConfig(areas={1: hidden}))
        fabric.run(20)
        assert not [p for p in fabric.routes("a") if p.startswith("10.8")]
        assert "10.8.0.0/13" not in fabric.routes("b")

    def test_prefixes_with_one_network_number_get_different_ids(self) -> None:
        fabric = chain()
        fabric.attach(set(), "c", "e1", "10.8.0.1/16", 1)
        fabric.attach(set(), "c", "e2", "10.8.0.129/24", 1)
        fabric.run(60)
        assert {"10.8.0.0/16", "10.8.0.0/24"} <= set(fabric.routes("a"))
        ids = {key[0] for key in fabric.routers["a"].areas[0].lsdb.tables[LsaType.SUMMARY]}
        assert {number("10.8.0.0"), number("10.8.0.255")} <= ids

    def test_equal_cost_paths_are_limited(self) -> None:
        fabric = Fabric()
        for router in "ab":
            fabric.router(router, config=ProcessConfig(max_paths=4))
        for link in range(6):
            fabric.p2p(f"10.0.{link}.0/30", "a", "b")
        fabric.loopback("b", "2.2.2.2")
        fabric.run(60)
        assert len(fabric.hops("a", "2.2.2.2/32")) == 4
        fabric.call("a", "configure", ProcessConfig(max_paths=6))
        assert len(fabric.hops("a", "2.2.2.2/32")) == 6

    def test_distribute_list(self) -> None:
        fabric = Fabric()
        fabric.router("a", accepts=lambda route: str(route.prefix) != "2.2.2.2/32")
        fabric.router("b")
        fabric.p2p("10.0.0.0/30", "a", "b")
        fabric.loopback("b", "2.2.2.2")
        fabric.loopback("b", "2.2.2.3")
        fabric.run(60)
        assert "2.2.2.2/32" not in fabric.routes("a")
        assert "2.2.2.3/32" in fabric.routes("a")


class TestStub:
    @pytest.mark.parametrize("no_summary", [False, True])
    def test_default_instead_of_externals(self, no_summary: bool) -> None:
        area = AreaConfig(AreaKind.STUB, no_summary=no_summary, default_cost=7)
        fabric = chain({1: area})
        fabric.call("a", "redistribute", external("172.16.0.0/16"))
        fabric.run(60)
        assert types(fabric, "b")["172.16.0.0/16"] == ("E2", 20)
        assert types(fabric, "c")["0.0.0.0/0"] == ("INTER", 8)
        assert "172.16.0.0/16" not in fabric.routes("c")
        assert ("1.1.1.1/32" in fabric.routes("c")) is not no_summary
        assert not fabric.routers["c"].external_lsdb.tables[LsaType.AS_EXTERNAL]


class TestNssa:
    def fabric(self, **kw: Any) -> Fabric:
        fabric = chain({1: AreaConfig(AreaKind.NSSA, **kw)})
        fabric.call("c", "redistribute", external("172.16.0.0/16", metric=50, tag=9))
        fabric.run(60)
        return fabric

    def test_type_7_is_translated(self) -> None:
        fabric = self.fabric()
        assert types(fabric, "b")["172.16.0.0/16"] == ("N2", 50)
        route = fabric.routes("a")["172.16.0.0/16"]
        assert (route.type, route.cost, route.tag, str(route.source)) == (PathType.E2, 50, 9, "2.2.2.2")
        lsas = [e.lsa for e in fabric.routers["b"].areas[1].lsdb.tables[LsaType.NSSA_EXTERNAL].values()]
        assert [lsa.propagates for lsa in lsas] == [True]
        assert lsas[0].external.forwarding_address == number("3.3.3.3")

    def test_externals_of_others_stay_out(self) -> None:
        fabric = self.fabric()
        fabric.call("a", "redistribute", external("172.17.0.0/16"))
        fabric.run(30)
        assert "172.17.0.0/16" not in fabric.routes("c")
        assert "172.17.0.0/16" in fabric.routes("b")

    def test_default_of_the_border_router(self) -> None:
        fabric = self.fabric(nssa_default=NssaDefault())
        assert types(fabric, "c")["0.0.0.0/0"] == ("N2", 1)
        assert "0.0.0.0/0" not in fabric.routes("a")
        assert "0.0.0.0/0" not in fabric.routes("b")

    def test_totally_stubby(self) -> None:
        fabric = self.fabric(no_summary=True)
        assert types(fabric, "c")["0.0.0.0/0"] == ("INTER", 2)
        assert "1.1.1.1/32" not in fabric.routes("c")

    def test_border_router_redistributes_into_both(self) -> None:
        fabric = self.fabric()
        fabric.call("b", "redistribute", external("172.18.0.0/16"))
        fabric.run(30)
        assert types(fabric, "a")["172.18.0.0/16"] == ("E2", 20)
        assert types(fabric, "c")["172.18.0.0/16"] == ("N2", 20)

    def test_the_highest_router_id_translates(self) -> None:
        fabric = Fabric()
        config = ProcessConfig(areas={1: AreaConfig(AreaKind.NSSA)})
        for router in "abcd":
            fabric.router(router, config=config)
        fabric.p2p("10.0.0.0/30", "a", "b", 0)
        fabric.p2p("10.0.1.0/30", "a", "c", 0)
        fabric.p2p("10.1.0.0/30", "b", "d", 1)
        fabric.p2p("10.1.1.0/30", "c", "d", 1)
        fabric.call("d", "redistribute", external("172.16.0.0/16"))
        fabric.run(60)
        translated = fabric.routers["a"].external_lsdb.tables[LsaType.AS_EXTERNAL]
        assert [router for _, router in translated] == [number("3.3.3.3")]
        fabric.cut(fabric.links[3])
        fabric.run(60)
        translated = fabric.routers["a"].external_lsdb.tables[LsaType.AS_EXTERNAL]
        assert [router for _, router in translated] == [number("2.2.2.2")]
        assert "172.16.0.0/16" in fabric.routes("a")


class TestExternal:
    def test_metric_types(self) -> None:
        fabric = chain()
        fabric.call("a", "redistribute", external("172.16.0.0/16", metric=5, metric_type=MetricType.E1))
        fabric.call("a", "redistribute", external("172.17.0.0/16", metric=5))
        fabric.run(60)
        assert types(fabric, "c")["172.16.0.0/16"] == ("E1", 7)
        assert types(fabric, "c")["172.17.0.0/16"] == ("E2", 5)
        assert fabric.routes("c")["172.17.0.0/16"].forward_cost == 2

    def test_e1_is_better_than_e2_and_internal_better_than_both(self) -> None:
        fabric = chain()
        fabric.call("a", "redistribute", external("172.16.0.0/16", metric=500, metric_type=MetricType.E1))
        fabric.call("c", "redistribute", external("172.16.0.0/16", metric=1))
        fabric.call("a", "redistribute", external("3.3.3.3/32", metric=1))
        fabric.run(60)
        assert types(fabric, "b")["172.16.0.0/16"][0] == "E1"
        assert types(fabric, "b")["3.3.3.3/32"][0] == "INTRA"

    def test_forwarding_address_on_a_shared_network(self) -> None:
        fabric = Fabric()
        for router in "ab":
            fabric.router(router)
        fabric.lan("10.0.0.0/24", "ab")
        route = external("172.16.0.0/16", next_hop=IPv4Address("10.0.0.99"))
        fabric.call("a", "redistribute", route)
        fabric.run(90)
        assert fabric.hops("b", "172.16.0.0/16") == ["10.0.0.99"]

    def test_default_needs_one_unless_always(self) -> None:
        fabric = chain()
        config = ProcessConfig(default_information=DefaultInformation())
        fabric.call("a", "configure", config)
        fabric.run(60)
        assert "0.0.0.0/0" not in fabric.routes("c")
        fabric.call("a", "default_route", True)
        fabric.run(10)
        assert types(fabric, "c")["0.0.0.0/0"] == ("E2", 1)
        fabric.call("a", "default_route", False)
        fabric.run(10)
        assert "0.0.0.0/0" not in fabric.routes("c")
        fabric.call("a", "configure", ProcessConfig(default_information=DefaultInformation(always=True)))
        fabric.run(10)
        assert "0.0.0.0/0" in fabric.routes("c")

    def test_without_subnets_only_classful_networks(self) -> None:
        fabric = chain()
        for prefix in ("172.16.0.0/16", "172.17.1.0/24", "192.168.1.0/24", "9.0.0.0/8"):
            fabric.call("a", "redistribute", external(prefix, subnets=False))
        fabric.run(60)
        assert {"172.16.0.0/16", "192.168.1.0/24", "9.0.0.0/8"} <= set(fabric.routes("c"))
        assert "172.17.1.0/24" not in fabric.routes("c")

    def test_withdrawn_and_summarized(self) -> None:
        fabric = chain(summary_addresses=(SummaryAddress(IPv4Network("172.16.0.0/12")),))
        for third in range(3):
            fabric.call("a", "redistribute", external(f"172.16.{third}.0/24"))
        fabric.run(60)
        assert [p for p in fabric.routes("c") if p.startswith("172")] == ["172.16.0.0/12"]
        prefixes = [IPv4Network(f"172.16.{third}.0/24") for third in range(3)]
        fabric.call("a", "withdraw", prefixes)
        fabric.run(20)
        assert not [p for p in fabric.routes("c") if p.startswith("172")]

    def test_external_changes_need_no_tree(self) -> None:
        fabric = chain(redistributing=True)
        fabric.run(60)
        trees = fabric.routers["c"].areas[1].spf_runs
        fabric.call("a", "redistribute", external("172.16.0.0/16"))
        fabric.run(1)
        assert "172.16.0.0/16" in fabric.routes("c")
        assert fabric.routers["c"].areas[1].spf_runs == trees
        assert fabric.of("c", SpfRun)[-1].areas == ()


class TestVirtualLink:
    def fabric(self) -> Fabric:
        """Area 0: a-b; area 1: b-c; area 2: c-d, behind a virtual link from b to c."""
        fabric = Fabric()
        for router, peer in (("a", None), ("b", "3.3.3.3"), ("c", "2.2.2.2"), ("d", None)):
            links = (VirtualLinkConfig(IPv4Address(peer)),) if peer else ()
            fabric.router(
                router, config=ProcessConfig(areas={1: AreaConfig(virtual_links=links)} if peer else {})
            )
        fabric.p2p("10.0.0.0/30", "a", "b", 0)
        fabric.p2p("10.1.0.0/30", "b", "c", 1)
        fabric.p2p("10.2.0.0/30", "c", "d", 2)
        fabric.loopback("a", "1.1.1.1", 0)
        fabric.loopback("d", "4.4.4.4", 2)
        return fabric

    def test_joins_an_area_to_the_backbone(self) -> None:
        fabric = self.fabric()
        fabric.run(120)
        assert fabric.hops("c", "1.1.1.1/32") == ["10.1.0.1"]
        assert types(fabric, "d")["1.1.1.1/32"] == ("INTER", 4)
        assert types(fabric, "a")["4.4.4.4/32"] == ("INTER", 4)
        aged = [e.age_then & 0x8000 for e in fabric.routers["c"].areas[0].lsdb if not e.own]
        assert any(aged)

    def test_says_no_hello_once_full_and_goes_with_its_path(self) -> None:
        fabric = self.fabric()
        fabric.run(120)
        interface = fabric.routers["b"].interfaces["OSPF_VL0"]
        hellos = interface.statistics.sent[1]
        fabric.run(100)
        assert interface.statistics.sent[1] == hellos
        assert interface.has_full_neighbor
        fabric.cut(fabric.links[1])
        fabric.run(60)
        assert not interface.neighbors
        assert "4.4.4.4/32" not in fabric.routes("a")

    def test_lsas_that_do_not_age_go_when_their_router_is_gone(self) -> None:
        fabric = self.fabric()
        fabric.run(120)
        table = fabric.routers["c"].areas[0].lsdb.tables[LsaType.ROUTER]
        key = (number("1.1.1.1"), number("1.1.1.1"))
        assert table[key].age_then & 0x8000
        fabric.lost = lambda router, _datagram: router in ("a", "b")
        fabric.run(3500)
        assert key in table
        fabric.run(700)
        assert key not in table


class TestLsaLife:
    def test_max_metric(self) -> None:
        fabric = Fabric()
        for router in "abc":
            fabric.router(router)
        fabric.p2p("10.0.0.0/30", "a", "b")
        fabric.p2p("10.0.1.0/30", "b", "c")
        fabric.p2p("10.0.2.0/30", "a", "c", cost=100)
        fabric.loopback("c", "3.3.3.3")
        fabric.run(60)
        assert fabric.hops("a", "3.3.3.3/32") == ["10.0.0.2"]
        fabric.call("b", "configure", ProcessConfig(max_metric=MaxMetric(on_startup=300)))
        fabric.run(30)
        assert fabric.hops("a", "3.3.3.3/32") == ["10.0.2.2"]
        fabric.run(260)
        assert fabric.hops("a", "3.3.3.3/32") == ["10.0.0.2"]

    def test_refresh_in_groups(self) -> None:
        fabric = chain()
        fabric.run(1700)
        before = len(fabric.of("a", LsaOriginated))
        fabric.run(500)
        after = fabric.of("a", LsaOriginated)[before:]
        assert after
        assert {event.flushed for event in after} == {False}
        fabric.run(6000)
        assert all(entry.age(fabric.now) < 2100 for entry in fabric.routers["a"].areas[0].lsdb)

    def test_lsas_of_a_dead_router_age_out(self) -> None:
        fabric = chain()
        fabric.run(60)
        fabric.lost = lambda router, _datagram: router == "c"
        fabric.run(100)
        assert "3.3.3.3/32" not in fabric.routes("b")
        table = fabric.routers["b"].areas[1].lsdb.tables[LsaType.ROUTER]
        key = (number("3.3.3.3"), number("3.3.3.3"))
        assert key in table
        fabric.run(3700)
        assert key not in table

    def test_flushed_lsas_leave_every_database(self) -> None:
        fabric = chain()
        fabric.call("a", "redistribute", external("172.16.0.0/16"))
        fabric.run(60)
        assert len(fabric.routers["c"].external_lsdb) == 1
        fabric.call("a", "withdraw", [IPv4Network("172.16.0.0/16")])
        fabric.run(20)
        assert [len(fabric.routers[r].external_lsdb) for r in "abc"] == [0, 0, 0]

    def test_at_most_one_instance_in_five_seconds(self) -> None:
        fabric = chain()
        fabric.run(60)
        start = fabric.now
        for cost in range(20, 40):
            fabric.change("a", "e10.0.0.0/30", cost=cost)
            fabric.run(1)
        times = [e.time for e in fabric.of("a", LsaOriginated) if e.time >= start]
        assert times
        assert all(b - a >= 5 for a, b in pairwise(times))

    def test_spf_waits_five_seconds_and_ten_between_runs(self) -> None:
        fabric = chain()
        fabric.run(60)
        start = fabric.now
        fabric.change("a", "e10.0.0.0/30", cost=50)
        fabric.run(7)
        fabric.change("a", "e10.0.0.0/30", cost=60)
        fabric.run(30)
        times = [e.time - start for e in fabric.of("a", SpfRun) if e.time >= start and e.areas]
        assert times[0] == pytest.approx(5)
        assert times[1] == pytest.approx(15)

    def test_wrapping_sequence_numbers(self) -> None:
        fabric = chain()
        fabric.run(60)
        process = fabric.routers["a"]
        entry = process.areas[0].lsdb.get((1, process.router_id, process.router_id))
        assert entry is not None
        last = build_lsa(
            1, process.router_id, process.router_id, 0x7FFFFFFF, entry.lsa.options, entry.lsa.content[18:]
        )
        new = Entry(last, 0, fabric.now, own=True)
        process.flooding.install(process.areas[0].lsdb, new)
        process.flooding.flood(process.areas[0].lsdb, new)
        fabric.change("a", "e10.0.0.0/30", cost=33)
        fabric.run(30)
        held = fabric.routers["b"].areas[0].lsdb.get((1, process.router_id, process.router_id))
        assert held is not None
        assert held.lsa.sequence < 0
        assert held.lsa.router.links[0].metric == 33

    def test_route_changes_are_told(self) -> None:
        fabric = chain()
        fabric.run(60)
        fabric.cut(fabric.links[1])
        fabric.run(30)
        last = [
            e for e in fabric.of("a", RouteChange) if e.old is not None and str(e.old.prefix) == "3.3.3.3/32"
        ][-1]
        assert last.new is None
