"""What the objects say is what the box does: ports, learned addresses, trees, neighbours, traps, users in NVRAM."""

from __future__ import annotations

import sys
from ipaddress import IPv4Address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "switch"))

from switch_lab import Bench, configure, reaches, running_config, show

from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
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
from iosemu.subjects.snmp.notifier import TrapHost
from iosemu.subjects.snmp.service import SnmpAgent

BRIDGE = (1, 3, 6, 1, 2, 1, 17)


def walk(device: Device, base: Oid, community: str = "public") -> dict[Oid, Value]:
    """Below a name: what is left of the names, and the values."""
    found: dict[Oid, Value] = {}
    name = base
    while True:
        pdu = Pdu(PduType.GET_NEXT, 1, (VarBind(name),))
        data = CommunityMessage(Version.V2C, community.encode(), pdu).to_bytes()
        answer = device.service(SnmpAgent).outside(data, IPv4Address("127.0.0.1"))
        assert answer is not None
        response = parse(answer).pdu  # type: ignore[union-attr]
        name, value = response.bindings[0]  # type: ignore[union-attr]
        if value == END_OF_MIB_VIEW or name[: len(base)] != base:
            return found
        found[name[len(base) :]] = value


def test_a_switch_tells_its_bridge_by_vlan() -> None:
    bench = Bench()
    switch = bench.switch(
        "SW",
        "snmp-server community public RO\nvlan 10\ninterface range fa0/1 - 2\n switchport mode access\n"
        " switchport access vlan 10\n spanning-tree portfast\ninterface fa0/3\n spanning-tree portfast",
    )
    a = bench.pc("A", "10.0.0.1/24")
    b = bench.pc("B", "10.0.0.2/24")
    bench.cable(switch, "Fa0/1", a)
    bench.cable(switch, "Fa0/2", b)
    bench.run(5)
    assert reaches(bench, a, "10.0.0.2")
    macs = {bytes(device.interfaces["FastEthernet0"].mac) for device in (a, b)}
    learned = walk(switch, (*BRIDGE, 4, 3, 1, 1), "public@10")
    assert macs <= {value.content for value in learned.values()}
    assert not macs & {value.content for value in walk(switch, (*BRIDGE, 4, 3, 1, 1)).values()}
    ports = walk(switch, (*BRIDGE, 1, 4, 1, 2), "public@10")
    assert [value.content for value in ports.values()] == [10001, 10002]
    states = walk(switch, (*BRIDGE, 2, 15, 1, 3), "public@10")
    assert [value.content for value in states.values()] == [5, 5]
    counters = switch.interfaces["FastEthernet0/1"].counters
    octets = walk(switch, (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6))[(10001,)]
    assert octets.content == counters.in_octets + 4 * counters.in_packets
    assert walk(switch, (1, 3, 6, 1, 2, 1, 2, 2, 1, 8))[(10003,)].content == 2


def test_neighbours_routes_and_parts_of_a_router() -> None:
    bench = Bench()
    left = bench.router(
        "L",
        "snmp-server community public RO\nip route 10.9.0.0 255.255.0.0 10.0.0.2\ninterface fa0/0\n"
        " ip address 10.0.0.1 255.255.255.0\n no shutdown",
    )
    right = bench.router("R", "interface fa0/0\n ip address 10.0.0.2 255.255.255.0\n no shutdown")
    bench.cable(left, "Fa0/0", right, "Fa0/0")
    bench.run(70)
    assert reaches(bench, left, "10.0.0.2")
    neighbours = walk(left, (1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 6))
    assert [value.content for value in neighbours.values()] == [b"Router"]
    routes = walk(left, (1, 3, 6, 1, 2, 1, 4, 24, 4, 1, 4))
    assert routes[(10, 9, 0, 0, 255, 255, 0, 0, 0, 10, 0, 0, 2)].content == bytes((10, 0, 0, 2))
    arp = walk(left, (1, 3, 6, 1, 2, 1, 4, 22, 1, 2))
    assert arp[(1, 10, 0, 0, 2)].content == bytes(right.interfaces["FastEthernet0/0"].mac)
    parts = walk(left, (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 13))
    assert parts[(1,)].content == b"CISCO2811"


def heard(bench: Bench, device: Device) -> list[CommunityMessage]:
    messages: list[CommunityMessage] = []

    def receive(_packet: object, datagram: object, _name: str) -> None:
        message = parse(datagram.payload)  # type: ignore[attr-defined]
        assert isinstance(message, CommunityMessage)
        messages.append(message)

    device.service(IpStack).bind_udp(162, receive)
    return messages


def test_traps_and_informs() -> None:
    bench = Bench()
    router = bench.router(
        "R",
        "snmp-server enable traps snmp linkdown linkup\nsnmp-server enable traps config\n"
        "snmp-server host 10.0.0.9 old\nsnmp-server host 10.0.0.9 informs version 2c new\n"
        "interface fa0/0\n ip address 10.0.0.1 255.255.255.0\n no shutdown\ninterface fa0/1\n no shutdown",
    )
    station = bench.pc("S", "10.0.0.9/24")
    bench.cable(router, "Fa0/0", station)
    bench.cable(router, "Fa0/1", bench.pc("X", "10.1.0.9/24"))
    bench.run(100)  # what was told while the ports came up is given up by now
    messages = heard(bench, station)
    counts = router.service(SnmpAgent).notifier.hosts
    counts.update({key: TrapHost() for key in counts})
    configure(router, "interface fa0/1\n no snmp trap link-status\n shutdown")
    bench.run(5)
    assert not messages
    configure(router, "interface fa0/1\n no shutdown\n snmp trap link-status")
    bench.run(5)
    first = [each for each in messages if each.version is Version.V1]
    informs = [each for each in messages if each.version is Version.V2C]
    assert isinstance(first[0].pdu, TrapV1)
    assert (first[0].pdu.generic, first[0].pdu.specific) == (3, 0)
    assert isinstance(informs[0].pdu, Pdu)
    assert informs[0].pdu.type is PduType.INFORM
    router.log("SYS", 5, "CONFIG_I", "Configured from console by console")
    bench.run(100)
    sent = [each.pdu.request for each in messages if isinstance(each.pdu, Pdu)]
    assert len(sent) == 2 * 4, "nobody answers: each comes four times"
    assert len(set(sent)) == 2
    dropped = [line for line in show(router, "show snmp") if "Logging to" in line]
    assert "2 sent, 0 dropped" in dropped[0]
    told = show(router, "show snmp")
    assert "        2 sent, 0 in-flight, 6 retries, 2 failed, 0 dropped" in told


def test_users_are_in_no_listing_and_survive_a_reload() -> None:
    bench = Bench()
    router = bench.router("R", "snmp-server group G v3 priv\nsnmp-server user ann G v3 auth sha secretone")
    assert not any("secretone" in line or "snmp-server user" in line for line in running_config(router))
    router.power_off()
    router.boot()
    assert "User name: ann" in show(router, "show snmp user")
    configure(router, "no snmp-server user ann")
    router.power_off()
    router.boot()
    assert show(router, "show snmp user") == []


def test_the_running_configuration_gives_the_same_agent() -> None:
    bench = Bench()
    text = """snmp-server group G v3 priv read V write V access 10
snmp-server view V internet included
snmp-server view V snmpModules.15 excluded
snmp-server community few view V RW 10
snmp-server location a place
snmp-server enable traps snmp linkdown linkup
snmp-server enable traps syslog
snmp-server enable traps nhrp
snmp-server host 10.0.0.9 version 3 auth ann udp-port 1162 snmp config"""
    one = bench.router("R", text)
    lines = [line for line in running_config(one) if line.startswith("snmp-server")]
    two = bench.router("R", "\n".join(lines))
    assert [line for line in running_config(two) if line.startswith("snmp-server")] == lines
    assert len(lines) == 9
    configure(two, "no snmp-server")
    assert [line for line in running_config(two) if line.startswith("snmp-server")] == [
        "snmp-server enable traps nhrp"
    ]
    assert show(two, "show snmp") == ["%SNMP agent not enabled"]
