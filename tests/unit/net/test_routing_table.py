"""The routing table: what changes by deltas is what a table made anew would hold."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.net.routing import Route, RouteSource, RoutingTable

INTERFACES = ("e0", "e1", "e2")
NETWORKS = [
    IPv4Network(text)
    for text in ("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "10.1.1.128/25", "20.0.0.0/8", "20.2.0.0/16")
]  # fmt: skip
HOPS = [IPv4Address(text) for text in ("10.1.1.1", "10.1.1.200", "10.9.9.9", "20.2.2.2", "30.3.3.3")]

routes = st.builds(
    lambda network, source, interface, hop, distance, metric: Route(
        network, source, interface, hop if interface is None or metric else None, distance, metric
    ),
    st.sampled_from(NETWORKS),
    st.sampled_from((RouteSource.CONNECTED, RouteSource.STATIC, RouteSource.OSPF)),
    st.none() | st.sampled_from(INTERFACES),
    st.sampled_from(HOPS),
    st.sampled_from((0, 1, 110, 255)),
    st.integers(0, 2),
)
steps = st.lists(
    st.tuples(st.just("add"), routes)
    | st.tuples(st.just("remove"), routes)
    | st.tuples(st.sampled_from(("up", "down")), st.sampled_from(INTERFACES)),
    max_size=40,
)


def acyclic(candidates: tuple[Route, ...]) -> bool:
    """No next hop is reached by a route to a network that holds it and goes to it: what such do is undefined."""
    return not any(
        each.interface is None and each.next_hop is not None and each.next_hop in each.network
        for each in candidates
    )


@settings(max_examples=300)
@given(steps)
def test_deltas_lead_where_a_new_table_stands(steps: list[tuple[str, object]]) -> None:
    table, up = RoutingTable(), set()
    told: dict[IPv4Network, tuple[Route, ...]] = {}

    def listen(old: tuple[Route, ...], new: tuple[Route, ...]) -> None:
        network = (old or new)[0].network
        assert told.get(network, ()) == old
        told[network] = new

    table.listeners.append(listen)
    for what, value in steps:
        if what == "add":
            assert isinstance(value, Route)
            table.add(value)
        elif what == "remove":
            assert isinstance(value, Route)
            table.remove(value.network, value.source, value.interface, value.next_hop)
        else:
            (up.add if what == "up" else up.discard)(value)  # type: ignore[arg-type]
            table.interface_up(str(value), what == "up")
    if not acyclic(table.candidates):
        return
    fresh = RoutingTable()
    for name in up:
        fresh.interface_up(str(name), True)
    with fresh.batch():
        for route in table.candidates:
            fresh.add(route)
    assert list(map(repr, table)) == list(map(repr, fresh)) or set(table) == set(fresh)
    assert {route for group in told.values() for route in group} == set(table)
    for address in HOPS:
        one, other = table.hop(address), fresh.hop(address)
        assert (one is None) == (other is None)


@settings(max_examples=200)
@given(steps, st.integers(1, 4))
def test_a_limit_keeps_networks_outside_until_there_is_room(
    steps: list[tuple[str, object]], limit: int
) -> None:
    table, whole = RoutingTable(), RoutingTable()
    refused: list[IPv4Network] = []
    table.when_refused = refused.append
    table.fit_limit(limit)
    for what, value in steps:
        for each in (table, whole):
            if what == "add":
                assert isinstance(value, Route)
                each.add(value)
            elif what == "remove":
                assert isinstance(value, Route)
                each.remove(value.network, value.source, value.interface, value.next_hop)
            else:
                each.interface_up(str(value), what == "up")
        outside = {entry.network for entry in table.refused}
        assert table.networks == len({route.network for route in table})
        assert not outside & {route.network for route in table}
        assert outside <= set(refused)
        assert not outside or table.networks >= limit
    table.fit_limit(None)
    assert not table.refused
    assert set(table) == set(whole)


def test_the_work_of_a_change_does_not_grow_with_the_table() -> None:
    def work(count: int) -> int:
        table = RoutingTable()
        table.interface_up("e0", True)
        table.add(Route(IPv4Network("10.0.0.0/8"), RouteSource.CONNECTED, "e0"))
        for number in range(count):
            network = IPv4Network((0x20000000 + number * 256, 24))
            table.add(Route(network, RouteSource.STATIC, None, IPv4Address("10.0.0.9"), 1))
        before = table.evaluations
        table.add(Route(IPv4Network("10.5.5.5/32"), RouteSource.CONNECTED, "e0"))
        table.add(Route(IPv4Network("77.0.0.0/8"), RouteSource.STATIC, None, IPv4Address("10.0.0.9"), 1))
        assert table.lookup(IPv4Address("77.1.1.1")) is not None
        return table.evaluations - before

    assert work(2000) == work(20)


def test_a_next_hop_that_goes_takes_its_routes_along_and_brings_them_back() -> None:
    table = RoutingTable()
    table.interface_up("e0", True)
    table.add(Route(IPv4Network("10.0.0.0/8"), RouteSource.CONNECTED, "e0"))
    table.add(
        Route(IPv4Network("20.0.0.0/8"), RouteSource.STATIC, None, IPv4Address("10.0.0.9"), 1, updated=7.0)
    )
    table.add(Route(IPv4Network("30.0.0.0/8"), RouteSource.STATIC, None, IPv4Address("20.0.0.9"), 1))
    assert len(table) == 3
    table.interface_up("e0", False)
    assert len(table) == 0
    table.interface_up("e0", True)
    assert [route.updated for route in table] == [0.0, 7.0, 0.0]
    hop = table.hop(IPv4Address("30.1.1.1"))
    assert hop is not None
    assert (hop.interface, hop.next_hop) == ("e0", IPv4Address("10.0.0.9"))


def test_a_circle_of_next_hops_leads_nowhere() -> None:
    table = RoutingTable()
    table.interface_up("e0", True)
    table.add(Route(IPv4Network("10.0.0.0/8"), RouteSource.STATIC, None, IPv4Address("20.0.0.1"), 1))
    table.add(Route(IPv4Network("20.0.0.0/8"), RouteSource.STATIC, None, IPv4Address("10.0.0.1"), 1))
    assert len(table) == 0
    table.add(Route(IPv4Network("10.0.0.1/32"), RouteSource.CONNECTED, "e0"))
    assert len(table) == 3
    table.remove(IPv4Network("10.0.0.1/32"))
    assert len(table) == 0
