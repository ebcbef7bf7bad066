"""IP source guard: which frames a port takes, and the static bindings."""

from __future__ import annotations

from ipaddress import IPv4Address

from switch_lab import Bench, Wire, configure, running_config, show

from iosemu.box.device import Device
from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.arp import ArpPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType, VlanTag, with_tag
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.dhcp_snooping.bindings import Binding
from iosemu.subjects.dhcp_snooping.service import DhcpSnooping
from iosemu.subjects.source_guard.service import SourceGuard

HOST, LIAR = MacAddress.from_string("0050.7966.6801"), MacAddress.from_string("0050.7966.6802")
GIVEN, OTHER, FAR = IPv4Address("10.0.0.50"), IPv4Address("10.0.0.66"), IPv4Address("10.0.0.1")
BASE = (
    "ip dhcp snooping\nip dhcp snooping vlan 1\n"
    "interface range fa0/1 - 3\n switchport mode access\n spanning-tree portfast\n"
    "interface fa0/3\n ip dhcp snooping trust\n"
    "interface fa0/1\n ip verify source\n"
)


def packet(source: IPv4Address = GIVEN, station: MacAddress = HOST, ports: tuple[int, int] = (9, 9)) -> bytes:
    """A broadcast of UDP."""
    payload = UdpDatagram(*ports, b"text").to_bytes(source, FAR)
    data = IPv4Packet(source, FAR, Protocol.UDP, payload).to_bytes()
    return EthernetFrame(BROADCAST, station, EtherType.IPV4, data).to_bytes()


def question(station: MacAddress = HOST) -> bytes:
    """An ARP request."""
    return EthernetFrame(
        BROADCAST, station, EtherType.ARP, ArpPacket.request(station, OTHER, FAR).to_bytes()
    ).to_bytes()


class Guarded:
    """A switch whose Fa0/1 verifies sources; HOST has an address there."""

    def __init__(self, more: str = "") -> None:
        self.bench = Bench()
        self.switch: Device = self.bench.switch("SW", BASE + more)
        for number in (1, 2, 3):
            far = self.bench.pc(f"PC{number}", f"10.0.0.{number + 1}/24")
            self.bench.cable(self.switch, f"Fa0/{number}", far)
        self.bench.run(3)
        self.switch.service(DhcpSnooping).bind(Binding(1, HOST, GIVEN, "FastEthernet0/1", 500.0))
        self.wire = Wire(self.switch, "Fa0/3")

    def passes(self, frame: bytes, port: int = 1) -> bool:
        """Whether a frame that comes in goes out again."""
        before = len(self.wire.outgoing)
        self.switch.interfaces[f"FastEthernet0/{port}"].frame_received(frame)
        self.bench.run(0.01)
        return len(self.wire.outgoing) > before


def test_only_bound_addresses_pass() -> None:
    guarded = Guarded()
    assert guarded.passes(packet())
    assert guarded.passes(packet(station=LIAR)), "the station is not verified"
    assert not guarded.passes(packet(OTHER))
    assert guarded.passes(question())
    asks = packet(IPv4Address(0), ports=(68, 67))
    assert not guarded.switch.service(SourceGuard).refuse("FastEthernet0/1", 1, asks), "DHCP is for snooping"
    assert guarded.passes(packet(OTHER), port=2)


def test_a_binding_is_of_its_port_and_ends() -> None:
    guarded = Guarded("interface fa0/2\n ip verify source\n")
    assert not guarded.passes(packet(), port=2)
    guarded.bench.run(600)
    assert not guarded.passes(packet())


def test_stations_are_verified_where_port_security_is_on() -> None:
    guarded = Guarded("interface fa0/1\n ip verify source port-security\n")
    assert guarded.passes(packet(station=LIAR))
    configure(
        guarded.switch, "interface fa0/1\n switchport port-security maximum 5\n switchport port-security\n"
    )
    assert guarded.passes(packet())
    assert not guarded.passes(packet(station=LIAR))
    assert not guarded.passes(question(LIAR))
    assert guarded.passes(question())


def test_static_bindings_come_before_leases() -> None:
    guarded = Guarded(f"ip source binding {HOST} vlan 1 {OTHER} interface fa0/1\n")
    assert guarded.passes(packet(OTHER))
    assert not guarded.passes(packet())
    assert f"ip source binding {HOST} vlan 1 {OTHER} interface Fa0/1" in running_config(guarded.switch)
    configure(guarded.switch, f"no ip source binding {HOST} vlan 1 {OTHER} interface fa0/2\n")
    assert not guarded.passes(packet())
    configure(guarded.switch, f"no ip source binding {HOST} vlan 1 {OTHER} interface fa0/1\n")
    assert guarded.passes(packet())


def test_where_nothing_is_snooped_nothing_is_verified() -> None:
    guarded = Guarded("no ip dhcp snooping vlan 1\n")
    assert guarded.passes(packet(OTHER))
    configure(guarded.switch, "ip dhcp snooping vlan 1\ninterface fa0/1\n ip dhcp snooping trust\n")
    assert guarded.passes(packet(OTHER))
    configure(guarded.switch, "interface fa0/1\n no ip dhcp snooping trust\n")
    assert not guarded.passes(packet(OTHER))
    configure(guarded.switch, "interface fa0/1\n no ip verify source\n")
    assert guarded.passes(packet(OTHER))


def test_a_trunk_is_verified_vlan_by_vlan() -> None:
    trunk = "vlan 7\nip dhcp snooping vlan 7\ninterface range fa0/1 , fa0/3\n switchport mode trunk\n"
    guarded = Guarded(trunk)
    guarded.bench.run(40)
    assert not guarded.passes(with_tag(packet(), VlanTag(7)))
    assert guarded.passes(packet())
    rows = [line.split() for line in show(guarded.switch, "show ip verify source")[2:]]
    assert rows == [
        ["Fa0/1", "ip", "active", "10.0.0.50", "1"],
        ["Fa0/1", "ip", "active", "deny-all", "7"],
    ]
