"""Addresses, connected routes and adjacencies follow what changed, and only that."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.ip.claims import Claims
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.ip.subnets import Subnets
from iosemu.lab import resources
from iosemu.net.routing import RouteSource
from iosemu.net.scheduler import Scheduler
from iosemu.packets.ethernet import VlanTag, with_tag
from iosemu.shell.loader import load
from iosemu.subjects.routing.config import RoutesConfig
from tests.unit.device.ip_network import Network, configure, device, route

small = st.builds(
    lambda bits, length: IPv4Interface((10 << 24 | bits, length)), st.integers(0, 31), st.integers(27, 32)
)
notes = st.lists(st.tuples(st.sampled_from("abc"), st.lists(small, max_size=3)), max_size=12)


@given(notes, small)
def test_overlaps_are_those_of_looking_at_every_interface(steps, asked):
    subnets = Subnets()
    model: dict[str, list[IPv4Interface]] = {}
    for name, addresses in steps:
        subnets.put(name, addresses)
        model[name] = addresses
    overlapping = {
        name for name, own in model.items() if any(asked.network.overlaps(each.network) for each in own)
    }
    assert set(subnets.sharing(asked.network)) == overlapping
    owners = {name for name, own in model.items() for each in own if each.ip == asked.ip}
    owner = subnets.owner(asked.ip)
    assert owner in owners if owners else owner is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.sampled_from("abc"))))
def test_the_last_claim_holds_an_address(steps):
    claims = Claims()
    model: list[tuple[IPv4Address, str]] = []
    for claim, number, name in steps:
        entry = (IPv4Address(number), name)
        if claim:
            claims.claim(*entry)
            model.append(entry)
        elif entry in model:
            claims.release(*entry)
            model.remove(entry)
    assert claims.holders == dict(model)


def router_with(routes: int, loopbacks: int) -> Device:
    """A router with a link that is up, static routes over it, and loopbacks."""
    network = Network()
    for each in range(routes):
        route(network.a, f"20.{each // 250}.{each % 250}.0/24", f"10.0.10.{each % 20 + 20}")
    for each in range(loopbacks):
        loopback(network.a, each)
    return network.a


def loopback(router: Device, number: int) -> None:
    name = f"Loopback{number}"
    router.make_interface(name)
    configure(router, name, f"172.16.{number // 250}.{number % 250 + 1}/32")


@pytest.mark.parametrize("what", ["loopback", "route", "flap"])
def test_work_does_not_grow_with_routes_and_interfaces(what):
    def work(size: int) -> int:
        router = router_with(size, size)
        table = router.service(IpStack).routes
        before = table.evaluations
        if what == "loopback":
            loopback(router, 900)
        elif what == "route":
            route(router, "99.0.0.0/8", "10.0.10.20")
        else:
            interface = router.interfaces["Loopback3"]
            interface.config.shutdown = True
            interface.refresh()
        return table.evaluations - before

    assert work(10) == work(40) == work(120) > 0


def test_an_address_that_leaves_takes_its_routes_along():
    network = Network()
    stack = network.a.service(IpStack)
    times = {each.network: each.updated for each in stack.routes}
    loopback(network.a, 1)
    assert stack.is_local(IPv4Address("172.16.0.2"))
    network.run(10)
    configure(network.a, "Loopback1", "172.17.0.1/24")
    assert not stack.is_local(IPv4Address("172.16.0.2"))
    assert {each.network for each in stack.routes} - set(times) == {
        IPv4Network("172.17.0.0/24"),
        IPv4Network("172.17.0.1/32"),
    }
    assert network.a.delete_interface("Loopback1")
    assert {each.network: each.updated for each in stack.routes} == times
    assert not stack.subnets.owner(IPv4Address("172.17.0.1"))


def test_two_addresses_in_one_subnet_share_its_route():
    router = device("R", "c2811", Scheduler())
    router.boot()
    stack = router.service(IpStack)
    config = router.make_interface("Loopback1")
    config.of(IpSettings).secondary = [IPv4Interface("10.5.0.2/24")]
    configure(router, "Loopback1", "10.5.0.1/24")
    config.of(IpSettings).secondary = []
    router.interface_configured("Loopback1")
    assert [(each.network.prefixlen, each.source) for each in stack.routes] == [
        (24, RouteSource.CONNECTED),
        (32, RouteSource.LOCAL),
    ]


def test_a_static_route_that_two_give_stays_while_one_does():
    network = Network()
    stack, wanted = network.a.service(IpStack), IPv4Network("30.0.0.0/8")
    route(network.a, str(wanted), "10.0.10.20")
    (given,) = stack.routes.offers(wanted)
    stack.set_static_routes("another", [given])
    network.a.config.of(RoutesConfig).remove(wanted)
    network.a.configured("routing")
    assert stack.routes.lookup_exact(wanted) == given
    stack.set_static_routes("another", [])
    assert stack.routes.lookup_exact(wanted) is None


def test_next_hops_are_resolved_ahead_as_routes_come_and_links_flap():
    network = Network()
    stack = network.a.service(IpStack)
    hop = IPv4Address("10.0.10.20")
    assert stack.arp.table.lookup(hop) is not None
    wan = network.a.interfaces["FastEthernet0/0"]
    wan.config.shutdown = True
    wan.refresh()
    assert stack.arp.table.lookup(hop) is None
    assert stack.routes.lookup_exact(IPv4Network("192.168.2.0/24")) is None
    wan.config.shutdown = False
    wan.refresh()
    network.run(15)
    assert stack.arp.table.lookup(hop) is not None


def test_a_next_hop_that_is_silent_is_asked_for_again_until_its_route_goes():
    network = Network()
    stack = network.a.service(IpStack)
    route(network.a, "40.0.0.0/8", "10.0.10.99")
    network.run(8)
    asked = stack.arp.table.requests_sent
    network.run(20)
    assert stack.arp.table.requests_sent >= asked + 3
    network.a.config.of(RoutesConfig).remove(IPv4Network("40.0.0.0/8"))
    network.a.configured("routing")
    network.run(20)
    asked = stack.arp.table.requests_sent
    network.run(60)
    assert stack.arp.table.requests_sent == asked


@pytest.mark.parametrize("what", ["loopback", "subinterface"])
def test_interfaces_that_are_there_are_not_asked_about_a_new_one(monkeypatch, what):
    def asked(count: int) -> int:
        router = router_with(0, count)
        calls: list[type] = []
        monkeypatch.setattr(
            InterfaceConfig, "of", lambda self, part: calls.append(part) or self.parts.of(part)
        )
        if what == "loopback":
            typed = f"interface Loopback{count}\n ip address 99.0.0.1 255.255.255.0"
        else:
            typed = "interface Fa0/1.5\n encapsulation dot1Q 5\n ip address 99.0.0.1 255.255.255.0"
        assert not load(router, resources.grammar(), typed)
        monkeypatch.undo()
        return len(calls)

    assert asked(5) == asked(60)


def test_frames_of_the_native_vlan_are_taken_with_and_without_a_tag():
    network = Network()
    typed = """
        interface Fa0/1.1
         encapsulation dot1Q 1 native
        interface Fa0/1.2
         encapsulation dot1Q 2
    """
    assert not load(network.a, resources.grammar(), typed)
    port = network.a.interfaces["FastEthernet0/1"]
    plain = bytes(port.mac) + bytes(6) + b"\x08\x00" + bytes(46)
    for frame in (
        plain,
        with_tag(plain, VlanTag(1)),
        with_tag(plain, VlanTag(2)),
        with_tag(plain, VlanTag(3)),
    ):
        port.frame_received(frame)
    taken = [network.a.interfaces[f"FastEthernet0/1.{each}"].counters.in_packets for each in (1, 2)]
    assert taken == [2, 1]
    refused = load(network.a, resources.grammar(), "interface Fa0/1.3\n encapsulation dot1Q 1")
    assert "already configured on FastEthernet0/1.1" in str(refused)
    assert not load(
        network.a, resources.grammar(), "no interface Fa0/1.1\ninterface Fa0/1.3\n encapsulation dot1Q 1"
    )
