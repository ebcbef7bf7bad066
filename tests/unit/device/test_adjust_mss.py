"""`ip tcp adjust-mss`: what a SYN offers behind an interface that says how much fits."""

from ipaddress import IPv4Address

import pytest

from iosemu import LabPlan, SyncLab
from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.tcp import TcpOptions

A, B = IPv4Address("10.0.1.2"), IPv4Address("10.0.2.2")


LAN = "interface Fa0/0\n ip address {} 255.255.255.0\n"
WAY = "ip route 0.0.0.0 0.0.0.0 {}"
R = LAN.format("10.0.1.1") + "interface Fa0/1\n ip address 10.0.2.1 255.255.255.0"


def plan() -> LabPlan:
    return (
        LabPlan("mss")
        .node("A", "c2811", config=LAN.format(A) + WAY.format("10.0.1.1"))
        .node("R", "c2811", config=R)
        .node("B", "c2811", config=LAN.format(B) + WAY.format("10.0.2.1"))
        .link("A:Fa0/0", "R:Fa0/0")
        .link("R:Fa0/1", "B:Fa0/0")
    )


def offered(lab: SyncLab, flags: int = TcpFlags.SYN) -> int | None:
    """The MSS that reaches B."""
    options = TcpOptions(mss=1460).to_bytes()
    data = TcpSegment(40000, 9999, 1, 0, flags, 8192, options=options).to_bytes(A, B)
    with lab.capture("B:Fa0/0") as capture:
        lab.lab.core["A"].service(IpStack).send(IPv4Packet(A, B, Protocol.TCP, data))
        lab.advance("1s")
        frames = [each.frame for each in capture.packets if each.protocol == "TCP" and not each.outbound]
    packet = IPv4Packet.parse(frames[0][14:])
    return TcpOptions.parse(TcpSegment.parse(packet.payload, A, B).options).mss


@pytest.mark.parametrize("interface", ["FastEthernet0/0", "FastEthernet0/1"])
def test_a_syn_offers_no_more_than_the_interface_says(interface: str) -> None:
    with SyncLab(plan()) as lab:
        lab["A"].cli("ping 10.0.2.2")
        assert offered(lab) == 1460
        lab["R"].configure([f"interface {interface}", "ip tcp adjust-mss 1300"])
        assert offered(lab) == 1300
        assert offered(lab, TcpFlags.ACK) == 1460
        lab["R"].configure([f"interface {interface}", "ip tcp adjust-mss 1452"])
        assert offered(lab) == 1452
        lab["R"].configure([f"interface {interface}", "no ip tcp adjust-mss"])
        assert offered(lab) == 1460
