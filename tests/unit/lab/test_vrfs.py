"""Routing instances beside the default one: what is in one is not in another, and nothing is left of one that goes."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from iosemu.box.device import Device
from iosemu.ip.probe import Probe
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.lab.lab import Lab
from iosemu.net.route import RouteSource
from iosemu.packets.icmp import IcmpType
from iosemu.shell.loader import load
from iosemu.tcp import Connected, ConnectionEvent

LAB = Path(__file__).parents[2] / "transcripts" / "vrf" / "lab.yaml"
NEIGHBOUR = IPv4Address("10.0.0.2")
TELNET = 23


@pytest.fixture(scope="module")
def booted() -> Lab:
    lab = Lab.load(str(LAB), seed=3)
    lab.boot()
    return lab


@pytest.fixture
def lab(booted: Lab) -> Iterator[Lab]:
    """The lab as it is after its start."""
    snapshot = booted.snapshot()
    yield booted
    booted.restore(snapshot)


def stack(lab: Lab, name: str = "PE") -> IpStack:
    return lab[name].service(IpStack)


def type_in(lab: Lab, text: str, name: str = "PE") -> None:
    assert load(lab[name], lab.grammar, text) == []


def answered(lab: Lab, vrf: str, size: int = 64) -> bool:
    """Whether the neighbour answers an echo in a VRF."""
    own = stack(lab)
    where = own.vrf(vrf)
    with Probe(own, NEIGHBOUR, where.source_for(NEIGHBOUR), where) as probe:
        probe.echo(7, 1, bytes(size))
        lab.run_until(lambda: probe.answered, 3)
        return probe.answer is not None and probe.answer.message.type == IcmpType.ECHO_REPLY


def test_the_same_addresses_are_other_boxes_in_each_vrf(lab: Lab) -> None:
    heard: dict[str, int] = {}
    for name in ("RED", "BLUE"):
        box = stack(lab, name)
        before = box.counters.delivered
        assert answered(lab, "RED")
        heard[name] = box.counters.delivered - before
    assert heard == {"RED": 1, "BLUE": 0}
    red, blue = stack(lab).vrf("RED"), stack(lab).vrf("BLUE")
    one, other = red.arp.table.lookup(NEIGHBOUR), blue.arp.table.lookup(NEIGHBOUR)
    assert one is not None
    assert other is not None
    assert one.mac != other.mac
    assert stack(lab).hop(NEIGHBOUR) is None


def test_fragments_come_together_in_their_own_instance(lab: Lab) -> None:
    assert answered(lab, "RED", 4000)
    assert answered(lab, "BLUE", 4000)


def test_a_packet_is_not_forwarded_between_instances(lab: Lab) -> None:
    type_in(lab, "interface GigabitEthernet0/1\nno vrf forwarding\nip address 203.0.113.1 255.255.255.0")
    lab.advance(5)
    red = stack(lab, "RED")
    with Probe(red, IPv4Address("203.0.113.1"), red.source_for(NEIGHBOUR)) as probe:
        probe.echo(7, 2, bytes(64))
        lab.run_until(lambda: probe.answered, 3)
        assert probe.answer is not None
        assert probe.answer.message.type == IcmpType.UNREACHABLE


def test_what_a_vrf_had_goes_with_it(lab: Lab) -> None:
    own = stack(lab)
    assert own.vrf("RED").routes
    type_in(lab, "no ip vrf RED")
    assert own.find_vrf("RED") is None
    assert own.vrf_of("GigabitEthernet0/0") is own.default
    assert [str(each.network) for each in own.routes] == ["192.0.2.1/32"]
    type_in(lab, "ip vrf RED\nrd 65000:1")
    assert [*own.vrf("RED").routes] == []
    assert own.vrf("RED").number == 3


def test_an_interface_that_moves_takes_its_routes_along(lab: Lab) -> None:
    own = stack(lab)
    network = IPv4Network("10.0.0.0/24")
    type_in(lab, "interface GigabitEthernet0/0\nno ip vrf forwarding\nip address 10.0.0.1 255.255.255.0")
    assert own.routes.lookup_exact(network) is not None
    assert own.vrf("RED").routes.lookup_exact(network) is None
    type_in(lab, "interface GigabitEthernet0/0\nip vrf forwarding RED\nip address 10.0.0.1 255.255.255.0")
    assert own.routes.lookup_exact(network) is None
    found = own.vrf("RED").routes.group(IPv4Network("10.9.0.0/24"))
    assert [each.source for each in found] == [RouteSource.STATIC]
    lab.advance(5)
    assert answered(lab, "RED")


def test_a_removed_interface_leaves_its_instance(lab: Lab) -> None:
    own = stack(lab)
    type_in(lab, "no interface GigabitEthernet0/2.10")
    assert "GigabitEthernet0/2.10" not in own.vrf("RED").interfaces
    assert own.vrf("RED").routes.lookup_exact(IPv4Network("10.1.0.0/24")) is None


def test_connections_of_two_instances_do_not_meet(lab: Lab) -> None:
    tcp = lab["PE"].service(Tcp)
    told: dict[str, list[ConnectionEvent]] = {"RED": [], "BLUE": []}
    for name, events in told.items():
        tcp.connect(NEIGHBOUR, TELNET, events.append, vrf=name)
    with pytest.raises(NoRouteError):
        tcp.connect(NEIGHBOUR, TELNET, lambda _event: None)

    def connected(events: list[ConnectionEvent]) -> bool:
        return any(isinstance(each, Connected) for each in events)

    assert lab.run_until(lambda: all(map(connected, told.values())), 10)
    for name in ("RED", "BLUE"):
        remote = [each.remote.address for each in lab[name].service(Tcp).engine.connections()]
        assert remote == [IPv4Address("10.0.0.1")]
    numbers = [each.number for _name, engine in tcp.engines() for each in engine.connections()]
    assert len(set(numbers)) == 2
    type_in(lab, "no ip vrf RED")
    lab.advance(1)
    assert [name for name, _engine in tcp.engines()] == ["", "BLUE"]


def test_a_port_is_open_in_all_instances(lab: Lab) -> None:
    events: list[ConnectionEvent] = []
    lab["BLUE"].service(Tcp).connect(IPv4Address("10.0.0.1"), TELNET, events.append)
    assert lab.run_until(lambda: any(isinstance(each, Connected) for each in events), 10)


def test_a_snapshot_has_all_instances(lab: Lab) -> None:
    snapshot = lab.snapshot()
    own = stack(lab)
    routes = [*own.vrf("RED").routes]
    type_in(lab, "no ip vrf RED\nno vrf definition BLUE")
    lab.advance(5)
    lab.restore(snapshot)
    assert [*stack(lab).vrf("RED").routes] == routes
    assert answered(lab, "RED")
    assert answered(lab, "BLUE")


def test_a_box_without_vrfs_has_one_table(lab: Lab) -> None:
    device: Device = lab["RED"]
    own = device.service(IpStack)
    assert [*own.vrfs] == [""]
    assert all(own.vrf_of(name) is own.default for name in own.interfaces)
