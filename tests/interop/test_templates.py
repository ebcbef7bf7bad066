"""What ntc-templates read in our output agrees with the devices' state, in both labs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ntc_templates.parse import parse_output

from iosemu import SyncLab
from iosemu.box.interface_types import short_name
from iosemu.box.system import SystemConfig
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import VlanConfig
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.routing import RouteSource
from iosemu.subjects.archive.config import ArchiveConfig

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def office() -> Iterator[SyncLab]:
    with SyncLab("office") as lab:
        lab.advance("65s")
        lab["R1"].cli("ping 192.168.10.10")
        lab["R1"].cli("ping 192.168.10.2")
        yield lab


@pytest.fixture(scope="module")
def vpn() -> Iterator[SyncLab]:
    with SyncLab("ipsec-vpn") as lab:
        lab.advance("65s")
        lab["PC-A"].cli("ping 192.168.2.1")
        yield lab


def read(lab: SyncLab, device: str, command: str) -> Rows:
    rows = parse_output("cisco_ios", command, lab[device].cli(command))
    assert isinstance(rows, list)
    return rows


def state(lab: SyncLab, device: str) -> Any:
    return lab.lab.core.devices[device]


ROUTERS = [("office", "R1"), ("vpn", "R-A")]
SWITCHES = [("office", "SW1"), ("vpn", "SW-1")]
BOXES = ROUTERS + SWITCHES


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def boxes(which: list[tuple[str, str]]) -> Any:
    return pytest.mark.parametrize(("lab", "name"), which, indirect=["lab"], ids=[name for _, name in which])


@boxes(BOXES)
def test_version(lab: SyncLab, name: str) -> None:
    device = state(lab, name)
    (row,) = read(lab, name, "show version")
    assert row["hostname"] == device.hostname
    assert row["version"] in str(device.model.facts)
    assert row["software_image"] in str(device.model.facts)
    assert row["serial"]
    assert any(row["hardware"][0] in str(value) for value in device.model.facts.values())


@boxes([*ROUTERS, ("office", "SW1")])
def test_inventory(lab: SyncLab, name: str) -> None:
    row = read(lab, name, "show inventory")[0]
    assert row["pid"] in str(state(lab, name).model.facts)
    assert row["sn"] == read(lab, name, "show version")[0]["serial"][0]


@boxes(BOXES)
def test_interfaces(lab: SyncLab, name: str) -> None:
    device = state(lab, name)
    rows = read(lab, name, "show interfaces")
    assert {row["interface"] for row in rows} == set(device.interfaces) - {"Null0"}
    for row in rows:
        interface = device.interfaces[row["interface"]]
        config = interface.config
        assert row["link_status"] == interface.state.value
        assert row["protocol_status"].partition(" ")[0] == ("up" if interface.protocol_up else "down")
        assert row["mac_address"] == str(interface.mac)
        assert row["description"] == config.description
        assert row["ip_address"] == (
            str(config.of(IpSettings).address.ip) if config.of(IpSettings).address else ""
        )
        assert row["mtu"] == str(config.mtu)
        assert row["bandwidth"] == f"{interface.bandwidth} Kbit"
        assert int(row["input_packets"]) <= interface.counters.in_packets
        assert int(row["output_packets"]) <= interface.counters.out_packets


@boxes(BOXES)
def test_interface_tables(lab: SyncLab, name: str) -> None:
    device = state(lab, name)
    brief = {row["interface"]: row for row in read(lab, name, "show ip interface brief")}
    described = {row["port"]: row for row in read(lab, name, "show interfaces description")}
    long = {row["interface"]: row for row in read(lab, name, "show ip interface")}
    for interface in device.interfaces.values():
        if interface.kind == "Null":
            continue
        address = interface.config.of(IpSettings).address
        row = brief[interface.name]
        assert row["ip_address"] == (str(address.ip) if address else "unassigned")
        assert row["status"] == interface.state.value
        assert row["proto"] == ("up" if interface.protocol_up else "down")
        assert described[short_name(interface.name)]["description"] == interface.config.description
        assert long[interface.name]["ip_address"] == ([str(address.ip)] if address else [])
        assert long[interface.name]["prefix_length"] == ([str(address.network.prefixlen)] if address else [])


@boxes(ROUTERS)
def test_routes(lab: SyncLab, name: str) -> None:
    device = state(lab, name)
    shown = {
        (row["protocol"], f"{row['network']}/{row['prefix_length']}", row["nexthop_ip"], row["nexthop_if"])
        for row in read(lab, name, "show ip route")
    }
    local = device.image.name == "15.1"
    assert shown == {
        (each.source.value, str(each.network), str(each.next_hop or ""), each.interface or "")
        for each in device.service(IpStack).routes
        if local or each.source is not RouteSource.LOCAL
    }
    totals = {row["route_source"]: row for row in read(lab, name, "show ip route summary")}
    total = totals["Total"]
    assert int(total["networks"]) + int(total["subnets"]) == len(shown)
    prefixes = {f"{row['ip_address']}/{row['prefix_length']}" for row in read(lab, name, "show ip cef")}
    assert {str(route.network) for route in device.service(IpStack).routes} <= prefixes


@boxes(BOXES)
@pytest.mark.parametrize("command", ["show ip arp", "show arp"])
def test_arp(lab: SyncLab, name: str, command: str) -> None:
    rows = read(lab, name, command)
    address = "ip_address" if command == "show ip arp" else "address"
    mac = "mac_address" if command == "show ip arp" else "hardware_address"
    assert {(row[address], row[mac], row["interface"]) for row in rows} == {
        (str(entry.address), str(entry.mac), entry.interface)
        for entry in state(lab, name).service(IpStack).arp.table
    }


def test_access_lists(vpn: SyncLab) -> None:
    (row,) = read(vpn, "R-A", "show access-lists")
    assert (row["name"], row["action"], row["protocol"]) == ("101", "permit", "ip")


@boxes(SWITCHES)
def test_switch_tables(lab: SyncLab, name: str) -> None:
    switch = state(lab, name)
    learned = {
        (entry.address.dotted, str(entry.vlan), short_name(entry.port))
        for entry in switch.service(Bridge).mac_entries()
    }
    for command in ("show mac address-table", "show mac-address-table"):
        rows = [row for row in read(lab, name, command) if row["type"] == "DYNAMIC"]
        shown = {(row["destination_address"], row["vlan_id"], row["destination_port"][0]) for row in rows}
        assert shown == learned
    vlans = {row["vlan_id"]: row for row in read(lab, name, "show vlan brief")}
    assert set(vlans) == {str(number) for number in switch.config.of(VlanConfig).vlans}
    assert read(lab, name, "show vlan")
    ports = read(lab, name, "show interfaces status")
    assert [row["port"] for row in ports] == [short_name(port) for port in switch.ports]
    for row, port in zip(ports, switch.ports, strict=True):
        interface = switch.interfaces[port]
        assert (row["status"] in ("connected", "monitoring")) == interface.line_up
    modes = read(lab, name, "show interfaces switchport")
    assert [row["interface"] for row in modes] == [row["port"] for row in ports]
    for row in read(lab, name, "show spanning-tree"):
        assert row["status"] == "FWD"
    assert read(lab, name, "show spanning-tree root")[0]["root_id"] == str(switch.base_mac.dotted)


@boxes(BOXES)
def test_system(lab: SyncLab, name: str) -> None:
    device = state(lab, name)
    (clock,) = read(lab, name, "show clock")
    assert clock["timezone"] == "UTC"
    assert clock["year"] == str(device.origin.year)
    cpu = read(lab, name, "show processes cpu")
    assert {"IP Input", "ARP Input", "Logger"} <= {row["process_name"] for row in cpu}
    assert all(row["cpu_usage_5_sec"] == "0" for row in cpu)
    (logger,) = (row for row in cpu if row["process_name"] == "Logger")
    assert int(logger["process_invoked"]) == device.syslog.count
    assert {row["alias"] for row in read(lab, name, "show aliases")} >= {"h", "lo", "p", "s"}
    (hosts,) = read(lab, name, "show hosts summary")
    assert hosts["default_domain"] == (device.config.of(SystemConfig).domain_name or "not")
    systems = {row["prefixes"].rstrip("#"): row for row in read(lab, name, "show file systems")}
    (files,) = read(lab, name, "dir nvram:")
    assert files["name"] == "startup-config"
    assert int(files["size"]) == len(device.nvram["startup-config"])
    assert files["total_free"] == systems["nvram:"]["free"]
    assert int(files["total_size"]) - int(files["size"]) == int(files["total_free"])


@boxes(BOXES)
def test_what_is_not_configured(lab: SyncLab, name: str) -> None:
    (archive,) = read(lab, name, "show archive")
    if state(lab, name).config.of(ArchiveConfig).path:
        assert archive["next_filename"].startswith("flash:archive")
    else:
        assert archive["state"] == "not enabled"
    if state(lab, name).kind == "router":
        for command in ("show standby brief", "show ip bgp summary", "show ip ospf neighbor"):
            assert read(lab, name, command) == []
        assert read(lab, name, "show ip vrf interfaces") == []
        brief = read(lab, name, "show ipv6 interface brief")
        assert all(row["ipv6_address"] == ["unassigned"] for row in brief)


def test_snmp_and_licence(office: SyncLab) -> None:
    office["R1"].configure(["snmp-server community probe ro 10"])
    (community,) = read(office, "R1", "show snmp community")
    assert (community["name"], community["access_list_number"]) == ("probe", "10")
    groups = read(office, "R1", "show snmp group")
    assert {row["security_model"] for row in groups} == {"v1", "v2c"}
    licences = read(office, "R1", "show license")
    assert {row["feature"] for row in licences if row["license_state"] == "Active, In Use"} == {
        "ipbasek9",
        "securityk9",
    }
    office["R1"].configure(["no snmp-server community probe"])


def test_ping_and_traceroute(office: SyncLab) -> None:
    (row,) = read(office, "R1", "ping 192.168.10.10")
    assert (row["sent_qty"], row["success_pct"]) == ("5", "100")
    office["R1"].cli("ping 192.168.20.10")
    hops = read(office, "R1", "traceroute 192.168.20.10")
    assert [hop["ip_address"] for hop in hops] == ["203.0.113.2", "192.168.20.10"]
