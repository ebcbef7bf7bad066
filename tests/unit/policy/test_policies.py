"""Prefix lists, route-maps and the lists of BGP: what they permit, and what they make of routes and paths."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.kinds.factory import create_device
from iosemu.lab.resources import grammar, image, model
from iosemu.net.routing import Route, RouteSource
from iosemu.net.scheduler import Scheduler
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.routing.bgp import Attributes, Origin, SegmentKind
from iosemu.shell.loader import load
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.policy.config import PolicyConfig, PrefixEntry
from iosemu.subjects.policy.service import Policies
from iosemu.subjects.routing.policy import BgpPath, RouteSettings

NET = IPv4Network("10.1.0.0/16")
A, B = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
PATH = Attributes(
    Origin.IGP,
    ((SegmentKind.SEQUENCE, (65002, 65003)),),
    B,
    30,
    communities=(65002 << 16 | 7, 65002 << 16 | 8),
)


@lru_cache
def box():
    device = create_device(
        "R1", model("c2811"), image("15.1"), Scheduler(), random.Random(1), datetime(2024, 1, 1, tzinfo=UTC)
    )
    device.boot()
    return device


def policies(text):
    device = box()
    vars(device.config.of(PolicyConfig)).update(vars(PolicyConfig()))
    vars(device.config.of(AclsConfig)).update(vars(AclsConfig()))
    assert load(device, grammar(), text) == []
    return device.service(Policies)


def route(**changes):
    return replace(Route(NET, RouteSource.OSPF, "FastEthernet0/0", B, 110, 20, process="ospf 1"), **changes)


def path(incoming=True, kind="external", **changes):
    return BgpPath(NET, replace(PATH, **changes), B, A, kind, incoming, 65001)


@given(
    st.integers(0, 2**32 - 1), st.integers(0, 32), st.integers(0, 2**32 - 1), st.integers(0, 32), st.data()
)
def test_a_range_of_lengths_is_what_it_says(rule, length, other, other_length, data):
    own = IPv4Network((rule, length), strict=False)
    low = data.draw(st.none() | st.integers(length + 1, 32)) if length < 32 else None
    high = data.draw(st.none() | st.integers(max(low or 0, length + 1), 32)) if length < 32 else None
    if data.draw(st.booleans()):
        other = (rule & int(own.netmask)) | (other & int(own.hostmask))
    network = IPv4Network((other, other_length), strict=False)
    lengths = {length} if low is None and high is None else set(range(low or length, (high or 32) + 1))
    expected = network.prefixlen in lengths and network.subnet_of(own)
    assert PrefixEntry(5, True, own, low, high).matches(network) is expected


def test_the_first_entry_decides_and_nothing_else_is_permitted():
    found = policies("ip prefix-list A deny 10.1.0.0/16\nip prefix-list A permit 10.0.0.0/8 le 24\n")
    assert not found.prefix_list("A", NET)
    assert found.prefix_list("A", IPv4Network("10.2.0.0/16"))
    assert not found.prefix_list("A", IPv4Network("10.2.0.0/25"))
    assert found.prefix_list("MISSING", NET)


@pytest.mark.parametrize("line", ["ip address 77", "ip address prefix-list NO", "ip next-hop prefix-list NO"])
def test_a_list_that_is_not_defined_lets_everything_through(line):
    assert policies(f"route-map R permit 10\n match {line}\n").route_map("R", route()) == RouteSettings()


def test_a_route_map_that_is_not_defined_lets_nothing_through():
    assert policies("").route_map("R", route()) is None


@pytest.mark.parametrize(
    ("line", "changes", "fits"),
    [
        ("ip next-hop 1", {}, True),
        ("ip next-hop 1", {"next_hop": A}, False),
        ("ip next-hop 1", {"next_hop": None}, False),
        ("ip address prefix-list P", {}, True),
        ("ip address prefix-list P", {"network": IPv4Network("10.2.0.0/16")}, False),
        ("ip route-source 1", {}, False),  # nobody runs that could have told it
        ("interface FastEthernet0/0", {}, True),
        ("interface FastEthernet0/1", {}, False),
        ("metric 25 +- 5", {}, True),
        ("metric 26 +- 5", {}, False),
        ("tag 0 5", {}, True),
        ("tag 5", {}, False),
        ("route-type internal", {"subtype": "IA"}, True),
        ("route-type external", {"subtype": "E1"}, True),
        ("route-type external type-2", {"subtype": "E1"}, False),
        ("route-type nssa-external type-2", {"subtype": "N2"}, True),
        ("source-protocol ospf 1", {}, True),
        ("source-protocol static", {}, False),
        ("source-protocol static", {"source": RouteSource.STATIC, "process": ""}, True),
        ("as-path 1", {}, False),
    ],
)
def test_a_route_is_matched(line, changes, fits):
    text = "access-list 1 permit 10.0.0.2\nip prefix-list P permit 10.1.0.0/16\nip as-path access-list 1 permit .*\n"
    found = policies(f"{text}route-map R permit 10\n match {line}\n").route_map("R", route(**changes))
    assert (found is not None) is fits


def test_all_kinds_must_fit_and_one_of_each():
    found = policies("route-map R permit 10\n match tag 1 2\n match metric 20\n")
    assert found.route_map("R", route(tag=2)) is not None
    assert found.route_map("R", route(tag=2, metric=21)) is None
    assert found.route_map("R", route(tag=3)) is None


def test_continue_gathers_and_a_deny_behind_it_denies():
    text = """
route-map R permit 10
 continue 30
 set metric +5
 set tag 1
route-map R deny 20
route-map R permit 30
 match tag 7
 continue
 set metric +5
 set tag 2
route-map R deny 40
 match metric 99
"""
    found = policies(text)
    assert found.route_map("R", route()) == RouteSettings((25,), tag=1)
    assert found.route_map("R", route(tag=7)) == RouteSettings((30,), tag=2)
    assert found.route_map("R", route(metric=99)) is None


def test_a_metric_does_not_leave_its_range():
    found = policies(
        "route-map UP permit 10\n set metric +4294967295\nroute-map DOWN permit 10\n set metric -30\n"
    )
    assert found.route_map("UP", route()) == RouteSettings((0xFFFFFFFF,))
    assert found.route_map("DOWN", route()) == RouteSettings((0,))


def test_the_attributes_of_a_path_are_set():
    text = """
ip community-list standard GONE permit 65002:7
route-map R permit 10
 set metric -10
 set local-preference 200
 set weight 9
 set origin incomplete
 set as-path prepend 1 2
 set comm-list GONE delete
 set community 65001:1 no-export additive
 set ip next-hop 10.0.0.9
"""
    made, weight = policies(text).bgp("R", path())
    assert weight == 9
    assert (made.med, made.local_pref, made.origin, made.path_text()) == (
        20,
        200,
        Origin.INCOMPLETE,
        "1 2 65002 65003",
    )
    assert made.communities == (65001 << 16 | 1, 65002 << 16 | 8, 0xFFFFFF01)
    assert made.next_hop == IPv4Address("10.0.0.9")


def test_the_address_of_the_peer_depends_on_the_direction():
    found = policies("route-map R permit 10\n set ip next-hop peer-address\n")
    assert found.bgp("R", path())[0].next_hop == B
    assert found.bgp("R", path(incoming=False))[0].next_hop == A


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("as-path 1", True),
        ("as-path 2", False),
        ("as-path 2 1", True),
        ("community 1", True),
        ("community 1 exact-match", False),
        ("community BOTH exact-match", True),
        ("community 100", True),
        ("community 101", False),
        ("route-type external", True),
        ("route-type local", False),
        ("ip route-source 1", True),
        ("metric 30", True),
    ],
)
def test_a_path_is_matched(line, fits):
    text = f"""
access-list 1 permit 10.0.0.2
ip bgp-community new-format
ip as-path access-list 1 permit ^65002_
ip as-path access-list 2 deny _65003$
ip as-path access-list 2 permit .*
ip community-list 1 permit 65002:7
ip community-list standard BOTH permit 65002:8 65002:7
ip community-list 100 permit 65002:7_
ip community-list 101 permit 65003:.*
route-map R permit 10
 match {line}
"""
    assert (policies(text).bgp("R", path()) is not None) is fits


def test_a_packet_is_matched_by_list_and_length():
    text = """
access-list 1 permit 10.0.0.2
route-map R deny 10
 match length 0 30
route-map R permit 20
 match ip address prefix-list NO
 match ip address 1
"""
    found = policies(text)
    packet = IPv4Packet(B, A, Protocol.UDP, bytes(20))
    assert found.packet_entry("R", packet).sequence == 20
    assert found.packet_entry("R", replace(packet, payload=bytes(10))).sequence == 10
    assert found.packet_entry("R", replace(packet, source=A)) is None
