"""CISCO-IPSEC-FLOW-MONITOR-MIB says what the tunnels of the box do; HSRP, BGP and storms become traps."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu import LabPlan, SyncLab
from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.snmp import (
    END_OF_MIB_VIEW,
    CommunityMessage,
    Oid,
    Pdu,
    PduType,
    TrapV1,
    Value,
    VarBind,
    Version,
    parse,
)
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.snmp.service import SnmpAgent

FLOW = (1, 3, 6, 1, 4, 1, 9, 9, 171, 1)


def walk(device: Device, base: Oid) -> dict[Oid, Value]:
    """Below a name: what is left of the names, and the values."""
    found: dict[Oid, Value] = {}
    name = base
    while True:
        data = CommunityMessage(Version.V2C, b"public", Pdu(PduType.GET_NEXT, 1, (VarBind(name),))).to_bytes()
        answer = device.service(SnmpAgent).outside(data, IPv4Address("127.0.0.1"))
        assert answer is not None
        name, value = parse(answer).pdu.bindings[0]  # type: ignore[union-attr]
        if value == END_OF_MIB_VIEW or name[: len(base)] != base:
            return found
        found[name[len(base) :]] = value


def number(value: Value) -> int:
    content = value.content
    return content if isinstance(content, int) else int.from_bytes(content)  # type: ignore[arg-type]


def test_tunnels_and_what_passed_them() -> None:
    with SyncLab("ipsec-vpn") as lab:
        box = lab.lab.core.devices["R-A"]
        lab["R-A"].configure(["snmp-server community public ro"])
        objects = walk(box, FLOW)
        assert number(objects[2, 1, 1, 0]) == 0
        assert number(objects[3, 1, 1, 0]) == 0
        lab["PC-A"].cli("ping 192.168.2.1")
        lab["PC-A"].cli("ping 192.168.2.1")
        objects = walk(box, FLOW)
        assert [number(objects[name]) for name in ((2, 1, 1, 0), (3, 1, 1, 0))] == [1, 1]
        [ike] = [name[-1] for name in objects if name[:4] == (2, 3, 1, 7)]
        assert objects[2, 3, 1, 8, ike].content == IPv4Address("10.0.10.20").packed
        assert objects[2, 3, 1, 7, ike].content == b"10.0.10.20"
        [tunnel] = [name[-1] for name in objects if name[:4] == (3, 2, 1, 5)]
        assert number(objects[3, 2, 1, 2, tunnel]) == ike
        assert number(objects[3, 2, 1, 7, tunnel]) == 1
        packets = number(objects[3, 2, 1, 45, tunnel])
        assert packets >= 4
        assert number(objects[3, 1, 22, 0]) == packets
        lab["R-A"].cli("clear crypto sa")
        lab["R-A"].cli("clear crypto isakmp")
        lab.advance("5s")
        objects = walk(box, FLOW)
        # what was counted is not forgotten with its tunnel
        assert number(objects[3, 1, 22, 0]) == packets
        assert [number(objects[name]) for name in ((3, 1, 1, 0), (3, 1, 2, 0), (2, 1, 2, 0))] == [0, 1, 1]
        assert not [name for name in objects if name[:3] == (3, 2, 1)]


def traps_of(device: Device) -> list[TrapV1]:
    """What comes to a box as traps of version 1 from now on."""
    found: list[TrapV1] = []

    def receive(_packet: IPv4Packet, datagram: UdpDatagram, _name: str) -> None:
        pdu = parse(datagram.payload).pdu  # type: ignore[union-attr]
        assert isinstance(pdu, TrapV1)
        found.append(pdu)

    device.service(IpStack).bind_udp(162, receive)
    return found


def test_first_hops_and_neighbors_are_told() -> None:
    base = "interface FastEthernet0/0\n ip address 10.0.0.{0} 255.255.255.0\n no shutdown\n"
    plan = (
        LabPlan("traps")
        .node("R1", "c2811", config=base.format(1))
        .node("R2", "c2811", config=base.format(2) + "router bgp 65002\n neighbor 10.0.0.1 remote-as 65001\n")
        .link("R1:Fa0/0", "R2:Fa0/0")
    )
    with SyncLab(plan) as lab:
        told = traps_of(lab.lab.core.devices["R2"])
        lab["R1"].configure(
            [
                "snmp-server enable traps hsrp",
                "snmp-server enable traps bgp",
                "snmp-server host 10.0.0.2 public",
                "interface FastEthernet0/0",
                "standby 7 ip 10.0.0.254",
                "router bgp 65001",
                "neighbor 10.0.0.2 remote-as 65002",
            ]
        )
        lab.advance("90s")
        states = [
            (each.bindings[0].name[-1], number(each.bindings[0].value))
            for each in told
            if each.enterprise == (1, 3, 6, 1, 4, 1, 9, 9, 106, 2)
        ]
        assert states[-1] == (7, 6)
        established = [each for each in told if each.enterprise == (1, 3, 6, 1, 2, 1, 15, 7)]
        assert [each.specific for each in established] == [1]
        assert established[0].bindings[1].name[-4:] == (10, 0, 0, 2)
        lab["R2"].configure(["no router bgp 65002"])
        lab.advance("10s")
        assert [each.specific for each in told if each.enterprise == (1, 3, 6, 1, 2, 1, 15, 7)] == [1, 2]


def test_a_neighbor_of_a_listen_range_is_told_like_any_other() -> None:
    base = "interface FastEthernet0/0\n ip address 10.0.0.{0} 255.255.255.0\n no shutdown\n"
    plan = (
        LabPlan("traps")
        .node("R1", "c2811", config=base.format(1))
        .node("R2", "c2811", config=base.format(2) + "router bgp 65002\n neighbor 10.0.0.1 remote-as 65001\n")
        .link("R1:Fa0/0", "R2:Fa0/0")
    )
    with SyncLab(plan) as lab:
        told = traps_of(lab.lab.core.devices["R2"])
        lab["R1"].configure(
            [
                "snmp-server enable traps bgp",
                "snmp-server host 10.0.0.2 public",
                "router bgp 65001",
                "neighbor CLUB peer-group",
                "neighbor CLUB remote-as 65002",
                "bgp listen range 10.0.0.0/24 peer-group CLUB",
            ]
        )
        lab.advance("120s")
        assert [(each.specific, each.bindings[1].name[-4:]) for each in told] == [(1, (10, 0, 0, 2))]


def test_a_storm_is_told_with_the_port_that_it_came_in_on() -> None:
    base = "interface FastEthernet0/0\n ip address 10.0.0.{0} 255.255.255.0\n no shutdown\n"
    plan = (
        LabPlan("storm")
        .node(
            "SW1",
            "catalyst-2960-24tt",
            config="interface Vlan1\n ip address 10.0.0.9 255.255.255.0\n no shutdown\n",
        )
        .node("R1", "c2811", config=base.format(1))
        .node("R2", "c2811", config=base.format(2))
        .link("R1:Fa0/0", "SW1:Fa0/1")
        .link("R2:Fa0/0", "SW1:Fa0/2")
    )
    with SyncLab(plan) as lab:
        told = traps_of(lab.lab.core.devices["R2"])
        lab["SW1"].configure(
            [
                "snmp-server enable traps storm-control",
                "snmp-server host 10.0.0.2 public",
                "interface FastEthernet0/1",
                "storm-control broadcast level pps 1",
                "storm-control action trap",
            ]
        )
        lab.advance("60s")
        lab["SW1"].cli("ping 10.0.0.2")
        loud = lab.lab.core.devices["R1"].interfaces["FastEthernet0/0"]
        for _ in range(10):
            loud.send(b"\xff" * 6 + bytes(loud.mac) + b"\x88\xb5" + bytes(46))
        lab.advance("10s")
        storms = [each for each in told if each.enterprise == (1, 3, 6, 1, 4, 1, 9, 9, 362)]
        assert [number(each.bindings[0].value) for each in storms] == [10001]
        assert {each.specific for each in told} == {2}
