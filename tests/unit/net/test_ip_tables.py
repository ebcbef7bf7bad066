"""ARP, routes, fragments and the bridge's table."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.arp_table import ArpKind, ArpRelease, ArpSend, ArpTable, Unresolved
from iosemu.net.fragment import FragmentationNeededError, Reassembler, fragment
from iosemu.net.mac_table import MacKind, MacTable
from iosemu.net.routing import DISTANCE, Route, RouteSource, RoutingTable
from iosemu.packets.addresses import MacAddress
from iosemu.packets.arp import ArpOperation, ArpPacket
from iosemu.packets.ipv4 import IPv4Packet

ME, YOU = MacAddress.from_int(1), MacAddress.from_int(2)
MY_IP, YOUR_IP = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")


def own(address: IPv4Address) -> bool:
    return address == MY_IP


def table(policy: Unresolved) -> ArpTable:
    return ArpTable(lambda _: ME, policy)


@pytest.mark.parametrize("policy", Unresolved)
def test_a_cold_entry(policy):
    arp = table(policy)
    mac, actions = arp.resolve("e0", MY_IP, YOUR_IP, b"first", 0.0)
    assert mac is None
    assert actions == [ArpSend("e0", ArpPacket.request(ME, MY_IP, YOUR_IP))]
    assert arp.resolve("e0", MY_IP, YOUR_IP, b"second", 0.1) == (None, [])
    reply = ArpPacket(ArpOperation.REPLY, YOU, YOUR_IP, ME, MY_IP)
    released = arp.receive("e0", reply, own, 0.2)
    kept = [ArpRelease("e0", YOUR_IP, YOU, (b"first", b"second"))]
    assert released == (kept if policy is Unresolved.QUEUE else [])
    assert arp.resolve("e0", MY_IP, YOUR_IP, b"third", 0.3) == (YOU, [])


def test_three_requests_then_unreachable():
    arp = table(Unresolved.QUEUE)
    arp.resolve("e0", MY_IP, YOUR_IP, b"p", 0.0)
    assert [type(action) for t in (1.0, 2.0, 3.0) for action in arp.tick(t)] == [ArpSend, ArpSend, ArpRelease]
    assert arp.next_timer() is None


def test_answers_and_learns_from_requests_for_us_only():
    arp = table(Unresolved.DROP)
    request = ArpPacket.request(YOU, YOUR_IP, MY_IP)
    assert arp.receive("e0", request, own, 0.0) == [ArpSend("e0", request.reply(ME), YOU)]
    assert arp.lookup(YOUR_IP) is not None
    third = IPv4Address("10.0.0.3")
    arp.receive("e0", ArpPacket.request(YOU, third, YOUR_IP), own, 0.0)
    assert arp.lookup(third) is None


def test_ages_after_four_hours_but_static_stays():
    arp = table(Unresolved.DROP)
    arp.learn("e0", YOUR_IP, YOU, 0.0)
    arp.add("e0", MY_IP, ME, 0.0, ArpKind.INTERFACE)
    arp.tick(14399.0)
    assert len(arp) == 2
    arp.tick(14400.0)
    assert [entry.address for entry in arp] == [MY_IP]


def test_a_router_asks_the_owner_again_before_an_entry_ends():
    arp = table(Unresolved.DROP)
    arp.add("e0", MY_IP, ME, 0.0, ArpKind.INTERFACE)
    arp.learn("e0", YOUR_IP, YOU, 0.0)
    assert arp.next_timer() == 14340.0
    (poll,) = arp.tick(14340.0)
    assert poll == ArpSend("e0", ArpPacket.request(ME, MY_IP, YOUR_IP), YOU)
    assert arp.next_timer() == 14400.0
    arp.receive("e0", poll.packet.reply(YOU), own, 14340.0)
    assert arp.next_timer() == 28680.0
    assert arp.resolve("e0", MY_IP, YOUR_IP, b"", 20000.0) == (YOU, [])


def static(network: str, hop: str, distance: int = 1) -> Route:
    return Route(IPv4Network(network), RouteSource.STATIC, None, IPv4Address(hop), distance)


def connected(network: str, interface: str) -> Route:
    return Route(
        IPv4Network(network), RouteSource.CONNECTED, interface, distance=DISTANCE[RouteSource.CONNECTED]
    )


def test_routing():
    routes = RoutingTable()
    routes.interface_up("e0", True)
    routes.interface_up("e1", True)
    for route in (
        connected("10.0.0.0/24", "e0"),
        connected("10.1.0.0/24", "e1"),
        static("0.0.0.0/0", "10.0.0.2"),
        static("192.168.0.0/16", "10.1.0.2"),
        static("192.168.5.0/24", "192.168.1.1"),
        static("192.168.0.0/16", "10.0.0.9", 200),
        static("172.16.0.0/12", "172.16.0.1"),
    ):
        routes.add(route)
    hop = routes.hop(IPv4Address("192.168.5.5"))
    assert hop is not None
    assert (hop.interface, hop.next_hop) == ("e1", IPv4Address("10.1.0.2"))
    assert routes.hop(YOUR_IP).next_hop is None  # type: ignore[union-attr]
    assert routes.hop(IPv4Address("8.8.8.8")).next_hop == YOUR_IP  # type: ignore[union-attr]
    # The default route still leads to the next hop, so the floating route does not come up (as on IOS).
    routes.interface_up("e1", False)
    assert routes.hop(IPv4Address("192.168.9.9")).next_hop == YOUR_IP  # type: ignore[union-attr]
    routes.remove(IPv4Network("0.0.0.0/0"))
    assert routes.hop(IPv4Address("192.168.9.9")).next_hop == IPv4Address("10.0.0.9")  # type: ignore[union-attr]
    routes.interface_up("e0", False)
    assert routes.hop(IPv4Address("192.168.9.9")) is None
    assert list(routes) == []


@given(st.binary(min_size=1, max_size=4000), st.integers(68, 1500), st.randoms())
def test_fragments_come_together(payload, mtu, rng):
    packet = IPv4Packet(MY_IP, YOUR_IP, 17, payload, 64, 7, options=b"\x94\x04\0\0")
    pieces = fragment(packet, mtu)
    assert all(piece.total_length <= mtu for piece in pieces)
    rng.shuffle(pieces)
    together = Reassembler()
    done = [whole for piece in pieces if (whole := together.add(piece, 0.0)) is not None]
    assert done == [packet]
    assert together.next_timer() is None


def test_dont_fragment():
    with pytest.raises(FragmentationNeededError) as caught:
        fragment(IPv4Packet(MY_IP, YOUR_IP, 1, bytes(1500), dont_fragment=True), 1500)
    assert caught.value.mtu == 1500


def test_overlap_is_thrown_away_and_time_runs_out():
    together = Reassembler()
    first = IPv4Packet(MY_IP, YOUR_IP, 1, bytes(16), more_fragments=True)
    assert together.add(first, 0.0) is None
    assert together.add(IPv4Packet(MY_IP, YOUR_IP, 1, b"x" * 16, fragment_offset=8), 0.0) is None
    assert together.next_timer() is None
    together.add(first, 0.0)
    assert together.tick(30.0) == [first]


def test_mac_table():
    macs = MacTable()
    assert macs.learn(1, ME, "1", 0.0)
    assert macs.lookup(1, ME, 10.0) == "1"
    assert macs.lookup(2, ME, 10.0) is None
    assert macs.learn(1, ME, "2", 20.0)
    assert macs.lookup(1, ME, 319.0) == "2"
    assert macs.lookup(1, ME, 320.0) is None
    macs.add(1, YOU, "3", 0.0, MacKind.STATIC)
    assert not macs.learn(1, YOU, "1", 0.0)
    assert macs.flush() == 0
    assert [entry.port for entry in macs.entries(9999.0)] == ["3"]


def test_a_shorter_ageing_time_counts_at_once():
    arp = table(Unresolved.QUEUE)
    arp.learn("e0", YOUR_IP, YOU, 0.0)
    assert arp.next_timer() == 14400.0
    arp.set_ageing("e0", 60.0)
    assert arp.next_timer() == 60.0
    arp.set_ageing("e0", 100.0)
    assert arp.next_timer() == 100.0
    assert arp.tick(100.0) == []
    assert arp.expired() == [YOUR_IP]
    assert arp.expired() == []
    assert len(arp) == 0


def test_an_interface_that_goes_down_takes_only_its_entries():
    arp = table(Unresolved.DROP)
    arp.learn("e0", YOUR_IP, YOU, 0.0)
    arp.add("e0", MY_IP, ME, 0.0, ArpKind.INTERFACE)
    other, fixed = IPv4Address("10.1.0.1"), IPv4Address("10.0.0.9")
    arp.learn("e1", other, YOU, 0.0)
    arp.add("e0", fixed, YOU, 0.0)
    assert set(arp.interface_down("e0")) == {YOUR_IP, MY_IP}
    assert {entry.address for entry in arp} == {other, fixed}
    arp.forget("e0")
    assert {entry.address for entry in arp} == {other}


@given(st.lists(st.tuples(st.sampled_from(("learn", "remove", "tick", "age", "ask")), st.integers(1, 5))))
def test_the_next_timer_is_the_soonest_thing_to_do(steps):
    arp = table(Unresolved.DROP)
    now = 0.0
    for step, number in steps:
        address = IPv4Address(number)
        if step == "learn":
            arp.learn(f"e{number % 2}", address, YOU, now)
        elif step == "remove":
            arp.remove(address)
        elif step == "age":
            arp.set_ageing(f"e{number % 2}", 100.0 * number)
        elif step == "ask":
            arp.resolve("e0", MY_IP, address, b"", now)
        else:
            now += number * 40
            arp.tick(now)
        times = [each.next_retry for each in arp.pending] + [arp._due(entry) for entry in arp]
        assert arp.next_timer() == min(times, default=None)
