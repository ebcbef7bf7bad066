"""Notifications of routing and ports, how many of them, and informs to an engine that tells its own time."""

from __future__ import annotations

import sys
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "switch"))

from switch_lab import Bench, configure, reaches, refused, running_config, show

from iosemu.box.device import Device
from iosemu.box.facts import Storm
from iosemu.ip.stack import IpStack
from iosemu.net.snmp.originator import RemoteEngine
from iosemu.net.snmp.usm import (
    Auth,
    Level,
    Priv,
    UsmUser,
    authentic,
    decrypt,
    localized_key,
    privacy_key,
    secured,
)
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.snmp import (
    CommunityMessage,
    Oid,
    Pdu,
    PduType,
    ScopedPdu,
    SecureMessage,
    VarBind,
    counter,
    octets,
    parse,
)
from iosemu.packets.udp import UdpDatagram

OSPF = (1, 3, 6, 1, 2, 1, 14)
TRAPS = "snmp-server host 10.0.0.9 version 2c public\nsnmp-server enable traps "
ENGINE = bytes.fromhex("80001f8880e9630000d61ff449")


def heard(station: Device) -> list[Pdu]:
    """Notifications that come to a station from now on."""
    found: list[Pdu] = []

    def receive(_packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        message = parse(datagram.payload)
        assert isinstance(message, CommunityMessage)
        assert isinstance(message.pdu, Pdu)
        found.append(message.pdu)

    station.service(IpStack).bind_udp(162, receive)
    return found


def named(pdus: list[Pdu], name: Oid) -> list[dict[Oid, object]]:
    """What notifications of a name tell."""
    return [
        {binding: value.content for binding, value in pdu.bindings[2:]}
        for pdu in pdus
        if pdu.bindings[1].value.content == name
    ]


def pair(routing: str, kind: str) -> tuple[Bench, Device, Device, list[Pdu]]:
    """Two routers on a cable, and a manager at the first."""
    bench = Bench()
    one = bench.router(
        "R1",
        "interface fa0/0\n ip address 10.0.0.1 255.255.255.0\n no shutdown\ninterface fa0/1\n"
        f" ip address 10.1.0.1 255.255.255.0\n no shutdown\n{routing}\n{TRAPS}{kind}",
    )
    two = bench.router("R2", f"interface fa0/1\n ip address 10.1.0.2 255.255.255.0\n no shutdown\n{routing}")
    station = bench.pc("S", "10.0.0.9/24")
    bench.cable(one, "Fa0/0", station)
    bench.cable(one, "Fa0/1", two, "Fa0/1")
    bench.run(5)
    assert reaches(bench, station, "10.0.0.1")
    return bench, one, two, heard(station)


def test_states_of_ospf_neighbors_and_interfaces() -> None:
    routing = "router ospf 1\n network 10.1.0.0 0.0.0.255 area 0"
    bench, one, two, told = pair(routing, "ospf")
    configure(one, "interface fa0/1\n ip ospf priority 9")
    bench.run(120)
    row = (10, 1, 0, 2, 0)
    full = named(told, (*OSPF, 16, 2, 2))[-1]
    assert full[(*OSPF, 1, 1, 0)] == IPv4Address("10.1.0.1").packed
    assert full[(*OSPF, 10, 1, 1, *row)] == IPv4Address("10.1.0.2").packed
    assert full[(*OSPF, 10, 1, 3, *row)] == IPv4Address("10.1.0.2").packed
    assert full[(*OSPF, 10, 1, 6, *row)] == 8
    designated = named(told, (*OSPF, 16, 2, 16))[-1]
    assert designated[(*OSPF, 7, 1, 12, 10, 1, 0, 1, 0)] == 5
    told.clear()
    configure(two, "no router ospf 1")
    bench.run(60)
    assert named(told, (*OSPF, 16, 2, 2))[-1][(*OSPF, 10, 1, 6, *row)] == 1
    told.clear()
    configure(one, "interface fa0/1\n shutdown")
    bench.run(5)
    assert named(told, (*OSPF, 16, 2, 16))[-1][(*OSPF, 7, 1, 12, 10, 1, 0, 1, 0)] == 1
    assert "snmp-server enable traps ospf state-change" in running_config(one)


def test_no_more_than_seven_traps_of_ospf_in_ten_seconds() -> None:
    routing = "router ospf 1\n network 10.1.0.0 0.0.0.255 area 0"
    bench, one, _two, told = pair(routing, "ospf")
    configure(one, "interface fa0/1\n ip ospf network point-to-point")
    bench.run(60)
    told.clear()
    started = bench.scheduler.now
    for _ in range(5):
        configure(one, "interface fa0/1\n shutdown")
        bench.run(0.1)
        configure(one, "interface fa0/1\n no shutdown")
        bench.run(1.8)
    assert bench.scheduler.now < started + 10
    assert len(named(told, (*OSPF, 16, 2, 16))) == 7


def test_an_eigrp_neighbor_that_is_gone() -> None:
    bench, _one, two, told = pair("router eigrp 7\n network 10.1.0.0 0.0.0.255", "eigrp")
    bench.run(30)
    assert not told
    configure(two, "interface fa0/1\n shutdown")
    bench.run(30)
    (gone,) = named(told, (1, 3, 6, 1, 4, 1, 9, 9, 449, 0, 3))
    assert IPv4Address("10.1.0.2").packed in gone.values()


def test_a_rate_of_traps() -> None:
    bench = Bench()
    switch = bench.switch(
        "SW",
        f"interface vlan 1\n ip address 10.0.0.1 255.255.255.0\n no shutdown\n{TRAPS}storm-control trap-rate 2\n"
        "interface range fa0/1 - 2\n spanning-tree portfast",
    )
    station = bench.pc("S", "10.0.0.9/24")
    bench.cable(switch, "Fa0/1", station)
    bench.run(5)
    assert reaches(bench, station, "10.0.0.1")
    told = heard(station)
    for _ in range(5):
        switch.tell(Storm("FastEthernet0/2"))
        bench.run(1)
    assert len(told) == 2
    bench.run(60)
    switch.tell(Storm("FastEthernet0/2"))
    bench.run(1)
    assert len(told) == 3
    assert "snmp-server enable traps storm-control trap-rate 2" in running_config(switch)
    configure(switch, "snmp-server enable traps storm-control")
    assert "snmp-server enable traps storm-control" in running_config(switch)


USER = UsmUser(
    "ann",
    Auth.SHA,
    localized_key(Auth.SHA, "authpassword", ENGINE),
    Priv.AES128,
    privacy_key(Auth.SHA, Priv.AES128, "privpassword", ENGINE),
)
INFORM = Pdu(PduType.INFORM, 7, (VarBind((1, 3), octets("x")),))
NOT_IN_WINDOW = (1, 3, 6, 1, 6, 3, 15, 1, 1, 2, 0)


def said(pdu: Pdu, flags: int, boots: int, time: int) -> SecureMessage:
    """What the manager answers."""
    message = SecureMessage(7, flags, ENGINE, boots, time, b"ann", ScopedPdu(ENGINE, pdu))
    answer = parse(secured(USER, message, 1))
    assert isinstance(answer, SecureMessage)
    return answer


def test_an_engine_elsewhere_tells_its_time() -> None:
    engine = RemoteEngine(ENGINE)
    first = parse(engine.request(USER, Level.PRIV, INFORM, 100.0, 1))
    assert isinstance(first, SecureMessage)
    assert (first.engine, first.boots, first.time) == (ENGINE, 0, 0)
    assert authentic(USER, first)
    assert decrypt(USER, first).pdu == INFORM
    report = Pdu(PduType.REPORT, 7, (VarBind(NOT_IN_WINDOW, counter(1)),))
    unsigned = said(report, 0, 4, 5000)
    assert engine.read(USER, Level.PRIV, unsigned, 100.0) is None, "anybody could have said so"
    assert engine.clock(100.0) == (0, 0)
    assert engine.read(USER, Level.PRIV, said(report, 1, 4, 5000), 100.0) is PduType.REPORT
    assert engine.clock(130.0) == (4, 5030)
    again = parse(engine.request(USER, Level.PRIV, INFORM, 130.0, 2))
    assert isinstance(again, SecureMessage)
    assert (again.boots, again.time) == (4, 5030)
    done = Pdu(PduType.RESPONSE, 7, INFORM.bindings)
    assert engine.read(USER, Level.PRIV, said(done, 0, 4, 5031), 131.0) is None, (
        "below the level that was asked for"
    )
    forged = replace(said(done, 3, 4, 5031), digest=bytes(12))
    assert engine.read(USER, Level.PRIV, forged, 131.0) is None
    assert engine.read(USER, Level.PRIV, said(done, 3, 4, 5031), 131.0) is PduType.RESPONSE
    assert RemoteEngine(b"another").read(USER, Level.PRIV, said(done, 3, 4, 5031), 131.0) is None


def test_remote_users_need_their_engine() -> None:
    bench = Bench()
    router = bench.router("R", "snmp-server group G v3 priv")
    user = "snmp-server user ann G remote 10.0.0.9 v3 auth sha authpassword priv aes 128 privpassword"
    assert refused(router, user) == "% Remote engineID is not configured"
    configure(router, f"snmp-server engineID remote 10.0.0.9 {ENGINE.hex()}\n{user}")
    assert f"Engine ID: {ENGINE.hex().upper()}" in show(router, "show snmp user")
    assert f"snmp-server engineID remote 10.0.0.9 {ENGINE.hex().upper()}" in running_config(router)
    router.power_off()
    router.boot()
    assert "User name: ann" in show(router, "show snmp user")
    configure(router, "no snmp-server user ann G remote 10.0.0.9 v3")
    assert show(router, "show snmp user") == []
    configure(router, f"snmp-server engineID remote 10.0.0.9 {ENGINE.hex()}\n{user}")
    configure(router, "no snmp-server engineID remote 10.0.0.9")
    assert show(router, "show snmp user") == []
