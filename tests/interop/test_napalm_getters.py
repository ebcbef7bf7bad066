"""NAPALM's getters and probes agree with the lab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import napalm
import pytest

from iosemu import SyncLab

Connect = Callable[[str], Any]


@pytest.fixture(scope="module")
def connect() -> Iterator[Connect]:
    running = SyncLab("office")
    opened: dict[str, Any] = {}

    def device(name: str) -> Any:
        if name not in opened:
            options = {"port": running.ssh_params(name)["port"], "secret": "cisco"}
            opened[name] = napalm.get_network_driver("ios")(
                "127.0.0.1", "admin", "admin", optional_args=options
            )
            opened[name].open()
        return opened[name]

    yield device
    for each in opened.values():
        each.close()
    running.close()


def test_facts(connect: Connect) -> None:
    facts = connect("R1").get_facts()
    assert (facts["hostname"], facts["fqdn"]) == ("R1", "R1.office.example")
    assert (facts["vendor"], facts["model"]) == ("Cisco", "CISCO2911/K9")
    assert "15.1(4)M4" in facts["os_version"]
    assert facts["interface_list"] == [f"GigabitEthernet0/{number}" for number in range(3)]
    switch = connect("SW1").get_facts()
    assert switch["model"] == "WS-C2960-24TT-L"
    assert len(switch["interface_list"]) == 27
    for serial in (facts["serial_number"], switch["serial_number"]):
        assert len(serial) == 11
        assert serial.isalnum()


def test_interfaces(connect: Connect) -> None:
    router = connect("R1")
    ports = router.get_interfaces()
    assert ports["GigabitEthernet0/1"]["description"] == "To R2"
    assert ports["GigabitEthernet0/1"]["is_up"]
    assert ports["GigabitEthernet0/1"]["speed"] == 1000.0
    assert not ports["GigabitEthernet0/2"]["is_enabled"]
    assert router.get_interfaces_ip() == {
        "GigabitEthernet0/0": {"ipv4": {"192.168.10.1": {"prefix_length": 24}}},
        "GigabitEthernet0/1": {"ipv4": {"203.0.113.1": {"prefix_length": 30}}},
    }
    assert connect("SW1").get_interfaces()["FastEthernet0/2"]["is_up"] is False


def test_counters_move(connect: Connect) -> None:
    router = connect("R1")
    before = router.get_interfaces_counters()["GigabitEthernet0/1"]
    assert router.ping("203.0.113.2", count=10)["success"]["probes_sent"] == 10
    after = router.get_interfaces_counters()["GigabitEthernet0/1"]
    assert after["tx_unicast_packets"] >= before["tx_unicast_packets"] + 9
    assert after["rx_octets"] >= before["rx_octets"] + 9 * 114
    assert (after["rx_discards"], after["tx_errors"]) == (0, 0)


def test_neighbours(connect: Connect) -> None:
    router, switch = connect("R1"), connect("SW1")
    router.ping("192.168.10.10")
    arp = {row["ip"]: row for row in router.get_arp_table()}
    assert arp["192.168.10.10"]["interface"] == "GigabitEthernet0/0"
    table = {row["mac"]: row for row in switch.get_mac_address_table()}
    assert table[arp["192.168.10.10"]["mac"]]["interface"] == "Fa0/1"
    assert table[arp["192.168.10.1"]["mac"]]["interface"] == "Gi0/1"
    assert router.get_lldp_neighbors() == {}


def test_vlans(connect: Connect) -> None:
    vlans = connect("SW1").get_vlans()
    assert vlans["1"]["name"] == "default"
    assert "FastEthernet0/1" in vlans["1"]["interfaces"]
    assert connect("R1").get_vlans() == {}


def test_environment(connect: Connect) -> None:
    router = connect("R1").get_environment()
    assert router["cpu"][0]["%usage"] == 0.0
    assert 0 < router["memory"]["used_ram"] < router["memory"]["available_ram"]
    switch = connect("SW1").get_environment()
    assert not switch["temperature"]["system"]["is_alert"]
    assert switch["temperature"]["system"]["temperature"] > 20


def test_configuration_and_users(connect: Connect) -> None:
    config = connect("R1").get_config()
    assert "hostname R1" in config["running"]
    assert "hostname R1" in config["startup"]
    users = connect("R1").get_users()
    assert (users["admin"]["level"], users["cisco"]["level"]) == (15, 1)


def test_what_is_not_configured(connect: Connect) -> None:
    router = connect("R1")
    assert router.get_bgp_neighbors() == {}
    assert router.get_ntp_servers() == {}
    assert router.get_ntp_stats() == []
    assert router.get_ipv6_neighbors_table() == []
    assert list(router.get_network_instances()) == ["default"]
    snmp = router.get_snmp_information()
    assert snmp["chassis_id"] == router.get_facts()["serial_number"]
    assert snmp["community"] == {}


def test_probes(connect: Connect) -> None:
    router = connect("R1")
    router.ping("192.168.20.10")
    reached = router.ping("192.168.20.10", count=3)["success"]
    assert (reached["probes_sent"], reached["packet_loss"]) == (3, 0)
    hops = router.traceroute("192.168.20.10")["success"]
    assert hops[1]["probes"][1]["ip_address"] == "203.0.113.2"
    assert hops[2]["probes"][3]["ip_address"] == "192.168.20.10"
    (static,) = router.get_route_to("192.168.20.0/24")["192.168.20.0/24"]
    assert (static["protocol"], static["next_hop"]) == ("static", "203.0.113.2")
    (connected,) = router.get_route_to("203.0.113.0/30")["203.0.113.0/30"]
    assert (connected["protocol"], connected["outgoing_interface"]) == ("connected", "GigabitEthernet0/1")


def test_alive_and_cli(connect: Connect) -> None:
    router = connect("R1")
    assert router.is_alive() == {"is_alive": True}
    printed = router.cli(["show clock", "show ip interface brief"])
    assert "UTC" in printed["show clock"]
    assert "GigabitEthernet0/0" in printed["show ip interface brief"]
