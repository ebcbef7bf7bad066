"""Dynamic ARP inspection: bindings, lists, validation, rates, and what is told of it."""

from __future__ import annotations

from ipaddress import IPv4Address

from switch_lab import Bench, Wire, configure, running_config, show

from iosemu.box.device import Device
from iosemu.packets.addresses import BROADCAST, ZERO, MacAddress
from iosemu.packets.arp import ArpOperation, ArpPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.subjects.arp_inspection.log_buffer import Reason
from iosemu.subjects.arp_inspection.service import ArpInspection
from iosemu.subjects.dhcp_snooping.bindings import Binding
from iosemu.subjects.dhcp_snooping.service import DhcpSnooping

HOST, LIAR = MacAddress.from_string("0050.7966.6801"), MacAddress.from_string("0050.7966.6802")
GIVEN, OTHER, GATEWAY = IPv4Address("10.0.0.50"), IPv4Address("10.0.0.66"), IPv4Address("10.0.0.1")
BASE = (
    "ip arp inspection vlan 1\n"
    "interface range fa0/1 - 3\n switchport mode access\n spanning-tree portfast\n"
    "interface fa0/3\n ip arp inspection trust\n"
)


def request(
    sender: MacAddress = HOST, address: IPv4Address = GIVEN, source: MacAddress | None = None
) -> bytes:
    """Who has the gateway?"""
    packet = ArpPacket.request(sender, address, GATEWAY)
    return EthernetFrame(BROADCAST, source or sender, EtherType.ARP, packet.to_bytes()).to_bytes()


def reply(target: IPv4Address = GATEWAY, to: MacAddress = LIAR, target_mac: MacAddress = LIAR) -> bytes:
    """HOST says that it has its address."""
    packet = ArpPacket(ArpOperation.REPLY, HOST, GIVEN, target_mac, target)
    return EthernetFrame(to, HOST, EtherType.ARP, packet.to_bytes()).to_bytes()


class Inspected:
    """A switch with a binding for HOST at Fa0/1; Fa0/3 is trusted."""

    def __init__(self, more: str = "") -> None:
        self.bench = Bench()
        self.switch: Device = self.bench.switch("SW", BASE + more)
        for number in (1, 2, 3):
            far = self.bench.pc(f"PC{number}", f"10.0.0.{number + 1}/24")
            self.bench.cable(self.switch, f"Fa0/{number}", far)
        self.bench.run(3)
        self.switch.service(DhcpSnooping).bind(Binding(1, HOST, GIVEN, "FastEthernet0/1"))
        show(self.switch, "clear ip arp inspection statistics")
        self.wire = Wire(self.switch, "Fa0/3")
        self.inspection = self.switch.service(ArpInspection)

    def passes(self, frame: bytes, port: int = 1) -> bool:
        """Whether a frame that comes in is flooded."""
        out = self.wire if port != 3 else Wire(self.switch, "Fa0/1")
        before = out.outgoing.count(frame)
        self.switch.interfaces[f"FastEthernet0/{port}"].frame_received(frame)
        self.bench.run(0.01)
        return out.outgoing.count(frame) > before

    def count(self, reason: Reason) -> int:
        """Packets of a reason in VLAN 1."""
        return self.inspection.counted(1).reasons[reason]

    def said(self) -> list[str]:
        """What ARP inspection told."""
        self.bench.run(3)
        return [each.text for each in self.switch.syslog.messages if each.facility == "SW_DAI"]


def test_who_has_a_binding_may_speak() -> None:
    bench = Inspected()
    assert bench.passes(request())
    assert not bench.passes(request(address=OTHER))
    assert not bench.passes(request(LIAR))
    assert bench.count(Reason.DHCP_PERMIT) == 1
    assert bench.count(Reason.DHCP_DENY) == 2
    text = bench.said()[0]
    assert text.startswith(
        "1 Invalid ARPs (Req) on Fa0/1, vlan 1.([0050.7966.6801/10.0.0.66/0000.0000.0000/10.0.0.1/00:00:"
    )
    assert text.endswith(" UTC Mon Jan 1 2024])")


def test_a_trusted_port_is_not_asked() -> None:
    bench = Inspected()
    assert bench.passes(request(LIAR, OTHER), port=3)
    assert bench.inspection.counted(1).forwarded == 1


def test_other_vlans_and_frames_pass() -> None:
    bench = Inspected("no ip arp inspection vlan 1\nip arp inspection vlan 2\n")
    assert bench.passes(request(LIAR, OTHER))


def test_a_probe_is_for_the_address_that_was_given() -> None:
    bench = Inspected()
    probe = ArpPacket.request(HOST, IPv4Address(0), GIVEN)
    assert bench.passes(EthernetFrame(BROADCAST, HOST, EtherType.ARP, probe.to_bytes()).to_bytes())
    assert bench.count(Reason.PROBE_PERMIT) == 1
    configure(bench.switch, "ip arp inspection validate ip\n")
    assert not bench.passes(EthernetFrame(BROADCAST, HOST, EtherType.ARP, probe.to_bytes()).to_bytes())
    assert bench.count(Reason.IP) == 1
    configure(bench.switch, "ip arp inspection validate ip allow-zeros\n")
    assert bench.passes(EthernetFrame(BROADCAST, HOST, EtherType.ARP, probe.to_bytes()).to_bytes())


def test_addresses_of_the_frame_are_compared() -> None:
    bench = Inspected("ip arp inspection validate src-mac dst-mac ip\n")
    assert not bench.passes(request(source=LIAR))
    assert not bench.passes(reply(to=BROADCAST))
    assert not bench.passes(reply(IPv4Address("224.0.0.1"), BROADCAST, BROADCAST))
    assert not bench.passes(request(address=IPv4Address("255.255.255.255")))
    assert bench.passes(reply(to=BROADCAST, target_mac=BROADCAST))
    assert bench.count(Reason.SOURCE_MAC) == 1
    assert bench.count(Reason.DESTINATION_MAC) == 1
    assert bench.count(Reason.IP) == 2
    assert not bench.passes(request()[:20])
    assert bench.inspection.counted(1).malformed == 1


def test_lists_come_before_bindings() -> None:
    acl = (
        "arp access-list AL\n permit ip host 10.0.0.66 mac any\n deny request ip any mac host 0050.7966.6801\n"
        "ip arp inspection filter AL vlan 1\n"
    )
    bench = Inspected(acl)
    assert bench.passes(request(LIAR, OTHER))
    assert not bench.passes(request())
    assert bench.passes(reply(to=BROADCAST)), "the list ends without a word: the binding decides"
    configure(bench.switch, "ip arp inspection filter AL vlan 1 static\n")
    assert not bench.passes(reply(to=BROADCAST))
    assert bench.count(Reason.ACL_PERMIT) == 1
    assert bench.count(Reason.ACL_DENY) == 2
    configure(bench.switch, "no arp access-list AL\n")
    assert bench.passes(request()), "a list that does not exist says nothing"


def test_responses_are_told_by_both_ends() -> None:
    acl = (
        "arp access-list AL\n permit response ip any 10.0.0.0 0.0.0.3 mac any 0050.7966.0000 0000.0000.ffff\n"
        "ip arp inspection filter AL vlan 1 static\n"
    )
    bench = Inspected(acl)
    assert bench.passes(reply(to=BROADCAST))
    assert not bench.passes(reply(IPv4Address("10.0.0.9"), BROADCAST))
    assert not bench.passes(reply(to=BROADCAST, target_mac=ZERO))
    assert not bench.passes(request())


def test_more_than_the_limit_closes_the_port() -> None:
    bench = Inspected("interface fa0/1\n ip arp inspection limit rate 2\n")
    bench.bench.run(2)
    assert [bench.passes(request()) for _ in range(3)] == [True, True, False]
    assert bench.switch.interfaces["FastEthernet0/1"].err_disabled == "arp-inspection"
    assert bench.said()[0].startswith("3 packets received in 20 milliseconds on Fa0/1.")


def test_a_burst_may_take_several_seconds() -> None:
    bench = Inspected("interface fa0/1\n ip arp inspection limit rate 1 burst interval 3\n")
    bench.bench.run(4)
    assert [bench.passes(request()) for _ in range(3)] == [True, True, True]
    assert not bench.passes(request())
    assert bench.said()[0].startswith("4 packets received in 3 seconds on Fa0/1.")


def test_packets_that_are_alike_are_told_as_one() -> None:
    bench = Inspected("ip arp inspection log-buffer logs 1 interval 2\n")
    for _ in range(4):
        bench.passes(request(LIAR))
    bench.passes(request(LIAR, OTHER))
    bench.bench.run(2.1)
    assert [text[:15] for text in bench.said()] == ["4 Invalid ARPs ", "1 Invalid ARPs "]


def test_what_finds_no_room_is_counted() -> None:
    bench = Inspected(
        "ip arp inspection log-buffer entries 1\nip arp inspection log-buffer logs 0 interval 1\n"
    )
    bench.passes(request(LIAR))
    bench.passes(request(LIAR, OTHER))
    bench.passes(request(LIAR, GATEWAY))
    row = show(bench.switch, "show ip arp inspection log")[-1]
    assert row.split()[:6] == ["--", "--", "--", "--", "3", "--"]
    assert not bench.said()
    configure(bench.switch, "ip arp inspection log-buffer logs 4 interval 0\n")
    bench.passes(request(LIAR))
    bench.passes(request(LIAR))
    told = ["1 Invalid ARPs ", "1 Invalid ARPs ", "3 Invalid ARP p"]
    assert [text[:15] for text in bench.said()] == told


def test_nothing_is_told_where_logging_is_off() -> None:
    bench = Inspected("ip arp inspection vlan 1 logging dhcp-bindings none\n")
    bench.passes(request(LIAR))
    assert not bench.said()
    configure(bench.switch, "ip arp inspection vlan 1 logging dhcp-bindings permit\n")
    bench.passes(request())
    bench.passes(request(LIAR))
    assert [text[:8] for text in bench.said()] == ["1 ARPs ("]
    assert "ip arp inspection vlan 1 logging dhcp-bindings permit" in running_config(bench.switch)
    configure(bench.switch, "no ip arp inspection vlan 1 logging dhcp-bindings\n")
    assert "ip arp inspection vlan 1 logging dhcp-bindings permit" not in running_config(bench.switch)
