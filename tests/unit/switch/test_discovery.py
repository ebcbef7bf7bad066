"""CDP and LLDP between switches and routers."""

from __future__ import annotations

import pytest
from switch_lab import Bench, Wire, configure, has_block, running_config, show

from iosemu.box.device import Device
from iosemu.subjects.discovery.service import Discovery


class Pair:
    """A switch and a router on one cable."""

    def __init__(self, config: str = "") -> None:
        self.bench = Bench()
        self.switch: Device = self.bench.switch(
            "SW",
            config + "\nhostname SW\ninterface vlan 1\n ip address 10.0.0.2 255.255.255.0\n no shutdown",
        )
        self.router: Device = self.bench.router(
            "R", config + "\nhostname R\ninterface fa0/0\n ip address 10.0.0.1 255.255.255.0"
        )
        self.link = self.bench.cable(self.switch, "Fa0/1", self.router, "Fa0/0")
        self.wire = Wire(self.router, "Fa0/0")
        self.bench.run(5)

    def names(self, device: Device) -> list[str]:
        return [
            each.packet.device_id
            for each in device.service(Discovery).cdp.neighbors(self.bench.scheduler.now)
        ]


def test_neighbors_are_known_when_the_line_comes_up() -> None:
    pair = Pair()
    assert pair.names(pair.switch) == ["R"]
    assert pair.names(pair.router) == ["SW"]
    assert has_block(
        show(pair.switch, "show cdp neighbors"),
        "Device ID        Local Intrfce     Holdtme    Capability  Platform  Port ID",
        "R                Fas 0/1           176             R S I  2811      Fas 0/0",
        "",
        "Total cdp entries displayed : 1",
    )


def test_long_names_take_a_line() -> None:
    pair = Pair()
    configure(pair.router, "ip domain name some.example.com")
    pair.bench.run(60)
    assert has_block(
        show(pair.switch, "show cdp neighbors"),
        "R.some.example.com",
        "                 Fas 0/1           175             R S I  2811      Fas 0/0",
    )


def test_detail_has_addresses_and_software() -> None:
    pair = Pair()
    lines = show(pair.router, "show cdp neighbors detail")
    assert has_block(lines, "Device ID: SW", "Entry address(es): ", "  IP address: 10.0.0.2")
    assert "Platform: cisco WS-C2960-24TT-L,  Capabilities: Switch IGMP " in lines
    assert "Interface: FastEthernet0/0,  Port ID (outgoing port): FastEthernet0/1" in lines
    assert {"VTP Management Domain: ''", "Native VLAN: 1", "Duplex: full"} <= set(lines)
    assert show(pair.router, "show cdp entry SW") == lines
    assert show(pair.router, "show cdp neighbors fa0/0 detail") == lines


def test_advertisements_are_sent_every_minute() -> None:
    pair = Pair()
    pair.wire.clear()
    pair.bench.run(600)
    cdp = [frame for frame in pair.wire.incoming if frame[20:22] == b"\x20\x00"]
    assert len(cdp) == 10


def test_a_silent_neighbor_is_forgotten_after_the_holdtime() -> None:
    pair = Pair()
    configure(pair.router, "cdp holdtime 30\ncdp timer 5")
    pair.bench.run(10)
    configure(pair.router, "no cdp run")
    assert pair.names(pair.router) == []
    assert show(pair.router, "show cdp neighbors") == ["% CDP is not enabled"]
    pair.bench.run(24)
    assert pair.names(pair.switch) == ["R"]
    pair.bench.run(10)
    assert pair.names(pair.switch) == []


def test_a_lost_link_forgets_at_once() -> None:
    pair = Pair()
    pair.link.plugged = False
    assert pair.names(pair.switch) == []


def test_an_interface_may_be_silent() -> None:
    pair = Pair("cdp timer 5")
    configure(pair.router, "interface fa0/0\n no cdp enable")
    pair.bench.run(60)
    assert pair.names(pair.router) == []
    pair.bench.run(180)
    assert pair.names(pair.switch) == []
    assert " no cdp enable" in running_config(pair.router)


def test_lldp_is_off_until_it_runs() -> None:
    pair = Pair()
    assert show(pair.switch, "show lldp neighbors") == ["% LLDP is not enabled"]
    configure(pair.switch, "lldp run")
    configure(pair.router, "lldp run")
    pair.bench.run(1)
    assert "R                   Fa0/1          120        R               Fa0/0" in show(
        pair.switch, "show lldp neighbors"
    )
    lines = show(pair.router, "show lldp neighbors detail")
    assert has_block(
        lines, "Local Intf: Fa0/0", f"Chassis id: {pair.switch.base_mac.dotted}", "Port id: Fa0/1"
    )
    assert has_block(lines, "Management Addresses:", "    IP: 10.0.0.2")


def test_lldp_says_goodbye() -> None:
    pair = Pair("lldp run")
    assert list(pair.switch.service(Discovery).lldp.neighbors(pair.bench.scheduler.now))
    configure(pair.router, "no lldp run")
    pair.bench.run(0.1)
    assert not list(pair.switch.service(Discovery).lldp.neighbors(pair.bench.scheduler.now))


def test_native_vlan_mismatch_is_reported() -> None:
    bench = Bench()
    left = bench.switch(
        "L", "hostname L\ninterface fa0/1\n switchport mode access\n switchport access vlan 5"
    )
    right = bench.switch("R", "hostname R\ninterface fa0/1\n switchport mode access")
    bench.cable(left, "Fa0/1", right, "Fa0/1")
    bench.run(3)
    assert any(
        "Native VLAN mismatch discovered on FastEthernet0/1 (1), with L FastEthernet0/1 (5)." in each.text
        for each in right.syslog.messages
    )


@pytest.mark.parametrize("kind", ["switch", "router"])
def test_settings_come_back_as_typed(kind: str) -> None:
    lines = ["no cdp advertise-v2", "cdp timer 10", "cdp holdtime 40", "no cdp run"]
    lines += ["lldp timer 10", "lldp holdtime 40", "lldp reinit 3", "lldp run"]
    bench = Bench()
    text = "\n".join(lines)
    device = bench.switch("SW", text) if kind == "switch" else bench.router("R", text)
    assert [line for line in running_config(device) if "cdp" in line or "lldp" in line] == lines


def test_sessions_of_span_have_no_cdp_on_the_destination() -> None:
    bench = Bench()
    switch = bench.switch(
        "SW",
        "monitor session 1 source interface fa0/2\nmonitor session 1 destination interface fa0/1\ncdp timer 5",
    )
    router = bench.router("R")
    bench.cable(switch, "Fa0/1", router, "Fa0/0")
    bench.run(30)
    assert not list(router.service(Discovery).cdp.neighbors(30.0))
