"""The routing table: held to a model that works everything out again, and to a bound on its work."""

from __future__ import annotations

from contextlib import nullcontext
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.net.prefixes import PrefixMap
from iosemu.net.routing import DISTANCE, Hop, Route, RouteSource, RoutingTable
from tests.unit.net.routing_oracle import RoutesFromScratch

INTERFACES = ("e0", "e1", "e2")
# few bits that matter, so that routes cover, float over and loop through each other
networks = st.builds(
    lambda bits, length: IPv4Network((bits << 28 & (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF, length)),
    st.integers(0, 15),
    st.sampled_from((0, 1, 2, 3, 4)),
)
hosts = st.integers(0, 15).map(lambda bits: IPv4Address(bits << 28 | 1))
statics = st.builds(
    lambda network, hop, interface, distance: Route(network, RouteSource.STATIC, interface, hop, distance),
    networks,
    st.none() | hosts,
    st.sampled_from((None, None, None, *INTERFACES)),
    st.sampled_from((1, 1, 5, 200, 255)),
)
learned = st.builds(
    lambda network, hop, interface, metric: Route(
        network, RouteSource.OSPF, interface, hop, DISTANCE[RouteSource.OSPF], metric
    ),
    networks,
    hosts,
    st.sampled_from((None, *INTERFACES)),
    st.sampled_from((10, 20)),
)
connected_routes = st.builds(
    lambda network, interface: Route(network, RouteSource.CONNECTED, interface),
    networks,
    st.sampled_from(INTERFACES),
)
routes = statics | learned | connected_routes
steps = st.one_of(
    st.tuples(st.just("add"), routes),
    st.tuples(st.just("add"), routes),
    st.tuples(st.just("remove"), networks, st.none() | st.sampled_from(tuple(RouteSource))),
    st.tuples(st.just("up"), st.sampled_from(INTERFACES), st.booleans()),
    st.tuples(st.just("replace"), st.lists(learned, max_size=4)),
    st.tuples(st.just("look")),
)


def distinct(offered: list[Route]) -> list[Route]:
    """The last of each path, as a protocol would hand them over."""
    return list({route.identity: route for route in offered}.values())


def perform(table: Any, step: tuple[Any, ...]) -> None:
    match step:
        case ("add", route):
            table.add(route)
        case ("remove", network, source):
            table.remove(network, source)
        case ("up", name, up):
            table.interface_up(name, up)
        case ("replace", offered):
            table.replace(RouteSource.OSPF, distinct(offered))
        case ("look",):
            list(table)


def ways(hops: list[Hop | None]) -> set[tuple[str, IPv4Address | None, IPv4Network]]:
    return {(hop.interface, hop.next_hop, hop.route.network) for hop in hops if hop is not None}


def agree(table: RoutingTable, model: RoutesFromScratch) -> None:
    assert set(table) == set(model)
    assert [route.network for route in table] == [route.network for route in model]
    for bits in range(16):
        destination = IPv4Address(bits << 28 | 1)
        mine, theirs = table.lookup(destination), model.lookup(destination)
        assert (mine and mine.network) == (theirs and theirs.network)
        assert ways([table.hop(destination, flow) for flow in range(12)]) == ways(
            [model.hop(destination, flow) for flow in range(12)]
        )


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, max_size=30))
def test_it_holds_what_a_table_made_from_scratch_holds(steps):
    table, model = RoutingTable(), RoutesFromScratch()
    for name in INTERFACES[:2]:
        table.interface_up(name, True)
        model.interface_up(name, True)
    for step in steps:
        perform(table, step)
        perform(model, step)
        if step[0] == "look":
            agree(table, model)
    agree(table, model)


@settings(deadline=None)
@given(st.lists(steps, max_size=30), st.booleans())
def test_listeners_are_told_the_whole_difference(steps, together):
    table = RoutingTable()
    told: dict[IPv4Network, tuple[Route, ...]] = {}

    def listen(old: tuple[Route, ...], new: tuple[Route, ...]) -> None:
        network = (old or new)[0].network
        assert old != new
        assert told.get(network, ()) == old
        told[network] = new

    table.listeners.append(listen)
    for name in INTERFACES[:2]:
        table.interface_up(name, True)
    with table.batch() if together else nullcontext():
        for step in steps:
            perform(table, step)
    assert {route for group in told.values() for route in group} == set(table)


@settings(deadline=None)
@given(st.lists(steps, max_size=30))
def test_what_is_installed_does_not_tell_how_it_came(steps):
    table, up = RoutingTable(), set()
    for step in steps:
        perform(table, step)
        if step[0] == "up":
            (up.add if step[2] else up.discard)(step[1])
    again = RoutingTable()
    with again.batch():
        for route in reversed(table.candidates):
            again.add(route)
        for name in up:
            again.interface_up(name, True)
    assert set(again) == set(table)


def told_by(table: RoutingTable) -> list[tuple[tuple[Route, ...], tuple[Route, ...]]]:
    """What a listener hears from now on."""
    told: list[tuple[tuple[Route, ...], tuple[Route, ...]]] = []
    table.listeners.append(lambda old, new: told.append((old, new)))
    return told


def connected(network: str, interface: str) -> Route:
    return Route(IPv4Network(network), RouteSource.CONNECTED, interface)


def static(network: IPv4Network | str, hop: str, distance: int = 1) -> Route:
    return Route(IPv4Network(network), RouteSource.STATIC, None, IPv4Address(hop), distance, updated=7.0)


def numbered(number: int) -> IPv4Network:
    return IPv4Network((20 << 24 | number << 8, 24))


def with_statics(count: int, hops: int = 1) -> RoutingTable:
    """Static routes through next hops on one link."""
    table = RoutingTable()
    table.interface_up("e0", True)
    table.add(connected("10.0.0.0/16", "e0"))
    with table.batch():
        for each in range(count):
            hop = f"10.0.{each % hops // 250}.{each % hops % 250 + 1}"
            table.add(static(numbered(each), hop))
    list(table)
    return table


def work_of(table: RoutingTable, change: Any) -> int:
    before = table.evaluations
    change(table)
    assert table.lookup(IPv4Address("10.0.0.1")) is not None
    return table.evaluations - before


def loopback(table: RoutingTable) -> None:
    table.interface_up("Loopback1", True)
    table.add(connected("192.0.2.0/24", "Loopback1"))
    table.add(connected("192.0.2.1/32", "Loopback1"))


CHANGES = {
    "a static route": lambda table: table.add(static("99.0.0.0/8", "10.0.0.1")),
    "a static route less": lambda table: table.remove(numbered(5)),
    "a loopback": loopback,
    "a default route": lambda table: table.add(static("0.0.0.0/0", "10.0.0.1")),
    "a better route": lambda table: table.add(Route(numbered(3), RouteSource.CONNECTED, "e0")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_work_does_not_grow_with_the_table(change):
    assert {work_of(with_statics(count), change) for count in (10, 100, 1000)} == {
        work_of(with_statics(10), change)
    }


def test_work_of_a_default_route_grows_with_next_hops_at_most():
    table = with_statics(1000, hops=100)
    assert work_of(table, CHANGES["a default route"]) < 250


def test_an_interface_touches_what_is_behind_it():
    table = with_statics(1000)
    table.interface_up("e1", True)
    table.add(connected("11.0.0.0/24", "e1"))
    table.add(static("30.0.0.0/8", "11.0.0.9"))
    list(table)
    assert work_of(table, lambda table: table.interface_up("e1", False)) < 12
    assert table.lookup(IPv4Address("30.1.1.1")) is None


def test_a_batch_is_worked_out_once():
    table = with_statics(0)
    before, told = table.evaluations, told_by(table)
    with table.batch():
        for each in range(500):
            table.add(static(numbered(each), "10.0.0.1"))
        for each in range(400):
            table.remove(numbered(each))
    assert len(told) == 100
    assert table.evaluations - before < 520


def test_a_route_that_stays_keeps_its_time():
    table = with_statics(3)
    later = Route(numbered(1), RouteSource.STATIC, None, IPv4Address("10.0.0.1"), 1, updated=99.0)
    told = told_by(table)
    table.add(later)
    table.replace(RouteSource.STATIC, [static(numbered(0), "10.0.0.1"), later])
    assert {route.updated for route in table if route.source is RouteSource.STATIC} == {7.0}
    assert [(old[0].network, new) for old, new in told] == [(numbered(2), ())]


def test_a_network_that_comes_and_goes_in_a_batch_did_not_change():
    table = with_statics(1)
    told = told_by(table)
    with table.batch():
        table.add(static("99.0.0.0/8", "10.0.0.1"))
        assert table.lookup(IPv4Address("99.0.0.1")) is not None
        table.remove(IPv4Network("99.0.0.0/8"))
    assert told == []


def test_a_listener_may_change_the_table():
    table = with_statics(0)
    follower = static("98.0.0.0/8", "99.0.0.1")

    def follow(_old: tuple[Route, ...], new: tuple[Route, ...]) -> None:
        if new and new[0].network == IPv4Network("99.0.0.0/8"):
            table.add(follower)

    table.listeners.append(follow)
    told = told_by(table)
    table.add(static("99.0.0.0/8", "10.0.0.1"))
    assert [new[0].network.network_address for _old, new in told] == [
        IPv4Address("99.0.0.0"), IPv4Address("98.0.0.0")
    ]  # fmt: skip


def test_a_next_hop_behind_a_next_hop_follows_the_way():
    table = with_statics(0)
    table.interface_up("e1", True)
    table.add(connected("11.0.0.0/24", "e1"))
    table.add(static("172.16.0.0/16", "10.0.0.1"))
    table.add(static("172.16.0.0/16", "11.0.0.1", 5))
    table.add(static("50.0.0.0/8", "172.16.0.9"))
    address = IPv4Address("50.0.0.1")
    assert table.hop(address).interface == "e0"
    table.interface_up("e0", False)
    assert table.hop(address).interface == "e1"
    table.interface_up("e1", False)
    assert table.hop(address) is None


def test_a_network_reached_through_itself_is_not_installed():
    table = with_statics(0)
    table.add(static("60.0.0.0/8", "60.0.0.1"))
    table.add(static("61.0.0.0/8", "62.0.0.1"))
    table.add(static("62.0.0.0/8", "61.0.0.1"))
    assert [route.source for route in table] == [RouteSource.CONNECTED]


def ospf(network: str, process: str, metric: int, subtype: str = "") -> Route:
    hop = IPv4Address("10.0.0.9")
    return Route(
        IPv4Network(network), RouteSource.OSPF, "e0", hop, 110, metric, subtype=subtype, process=process
    )


def test_instances_of_a_protocol_stand_apart():
    table = with_statics(0)
    first, second = ospf("70.0.0.0/8", "ospf 1", 20), ospf("70.0.0.0/8", "ospf 2", 20, "E2")
    table.replace(RouteSource.OSPF, [first], process="ospf 1")
    table.replace(RouteSource.OSPF, [second], process="ospf 2")
    assert table.group(first.network) == (first,)
    told = told_by(table)
    table.replace(RouteSource.OSPF, [], process="ospf 1")
    assert told == [((first,), (second,))]


def test_several_ways_of_one_protocol_share():
    table = with_statics(0)
    table.add(static("80.0.0.0/8", "10.0.0.1"))
    table.add(static("80.0.0.0/8", "10.0.0.2"))
    hops = {table.hop(IPv4Address("80.0.0.1"), flow).next_hop for flow in range(4)}
    assert hops == {IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")}


def test_addresses_may_be_longer():
    table = RoutingTable(width=128)
    table.interface_up("e0", True)
    link, far = IPv6Network("2001:db8::/64"), IPv6Network("2001:db8:1::/48")
    table.add(Route(cast("IPv4Network", link), RouteSource.CONNECTED, "e0"))
    table.add(
        Route(
            cast("IPv4Network", far),
            RouteSource.STATIC,
            None,
            cast("IPv4Address", IPv6Address("2001:db8::1")),
            1,
        )
    )
    hop = table.hop(cast("IPv4Address", IPv6Address("2001:db8:1::5")))
    assert hop is not None
    assert (hop.interface, str(hop.next_hop)) == ("e0", "2001:db8::1")


prefixes = st.tuples(st.integers(0, 255), st.integers(0, 8)).map(
    lambda pair: (pair[0] & (0xFF << (8 - pair[1])) & 0xFF, pair[1])
)


@given(st.lists(st.tuples(st.booleans(), prefixes)), prefixes, st.booleans())
def test_a_map_of_prefixes(steps, asked, early):
    prefix_map: PrefixMap[tuple[int, int]] = PrefixMap(8)
    if early:
        assert list(prefix_map) == []
    model: set[tuple[int, int]] = set()
    for put, prefix in steps:
        if put:
            prefix_map.set(*prefix, prefix)
            model.add(prefix)
        else:
            assert (prefix_map.pop(*prefix) is not None) == (prefix in model)
            model.discard(prefix)
    inside = [
        each
        for each in sorted(model)
        if each[1] >= asked[1] and each[0] >> (8 - asked[1]) == asked[0] >> (8 - asked[1])
    ]
    around = [
        each
        for each in model
        if each[1] <= asked[1] and asked[0] >> (8 - each[1]) == each[0] >> (8 - each[1])
    ]
    assert list(prefix_map) == sorted(model)
    assert len(prefix_map) == len(model)
    assert list(prefix_map.inside(*asked)) == inside
    assert list(prefix_map.covering_prefix(*asked)) == sorted(around, key=lambda each: -each[1])
    assert prefix_map.get(*asked) == (asked if asked in model else None)
