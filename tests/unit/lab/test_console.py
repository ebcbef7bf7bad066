from __future__ import annotations

import json

import pytest
from console_client import ConsoleClient

from iosemu.lab.console import ConsoleShell
from iosemu.lab.lab import Lab
from iosemu.packets.pcapng import PcapngPacket, read_pcapng
from iosemu.server.endpoint import Client


@pytest.fixture
def lab() -> Lab:
    lab = Lab.load("ipsec-vpn", seed=7)
    lab.boot()
    return lab


@pytest.fixture
def console(lab: Lab) -> ConsoleClient:
    return ConsoleClient(lab)


def test_greets_and_lists_nodes_and_links(console: ConsoleClient) -> None:
    assert console.greeting == "Lab ipsec-vpn. Type help or ? for the commands.\nlab> "
    rows = console.type("nodes").splitlines()
    assert rows[0].split() == ["Node", "Model", "Port", "Power", "Ports", "up"]
    assert rows[1].split() == ["R-A", "c2811", "2201", "on", "Fa0/0,", "Fa0/1"]
    assert len(rows) == 10
    assert console.type("links | include R-B").splitlines()[0].split()[:3] == [
        "WAN-SW:Fa0/2",
        "R-B:Fa0/0",
        "up",
    ]


def test_cuts_mends_and_spoils_cables(console: ConsoleClient, lab: Lab) -> None:
    assert console.type("link R-A:Fa0/0 down") == ""
    assert not lab.link("R-A:Fa0/0").carrier
    assert "cut" in console.type("links | include R-A:Fa0/0")
    console.type("link r-a:f0/0 up")
    assert lab.link("R-A:Fa0/0").carrier
    said = console.type("link R-A:Fa0/0 loss 25% delay 20ms jitter 5ms rate 64k mtu 1400")
    assert "is up: delay 20ms jitter 5ms loss 25% rate 64k mtu 1400" in said
    assert lab.link("R-A:Fa0/0").faults.loss == 0.25
    console.type("link R-A:Fa0/0 rate none")
    assert lab.link("R-A:Fa0/0").faults.rate is None
    console.type("link R-A:Fa0/0 clear")
    assert "perfect" in console.type("link R-A:Fa0/0")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("link R-A:Fa0/0 jitter 1s", "% jitter 1.0 is more than the delay"),
        ("link R-A:Fa0/0 loss 101%", "% '101%' is not a share"),
        ("link R-A:Fa0/9 down", "% R-A (c2811) has no port 'Fa0/9'"),
        ("link R-X:Fa0/0 down", "% there is no node 'R-X'"),
        ("link R-A:Fa0/0 rate 0", "% a rate of 0 carries nothing"),
        ("power off R-X", "% there is no node 'R-X'"),
        ("advance long", "% Invalid input detected at '^' marker."),
        ("capture R-A:Fa0/7", "% R-A (c2811) has no port"),
        ("capture all filter nonsense", "% filter: 'nonsense' is no protocol"),
        ("check", "% lab ipsec-vpn has no checks"),
        ("frobnicate", "% Invalid input detected at '^' marker."),
    ],
)
def test_refuses_in_words(console: ConsoleClient, line: str, answer: str) -> None:
    assert answer in console.type(line)


def test_power_goes_and_comes(console: ConsoleClient, lab: Lab) -> None:
    console.type("power off r-b")
    assert not lab["R-B"].powered
    assert lab["R-A"].interfaces["FastEthernet0/0"].line_up  # the sniffer and the WAN switch still have power
    console.type("power on R-B")
    assert lab["R-B"].powered
    console.type("power cycle R-B")
    assert not lab["R-B"].powered
    console.type("advance 11s")
    assert lab["R-B"].powered
    assert lab["R-B"].hostname == "R-B"


def test_time_moves_and_can_be_halted(console: ConsoleClient, lab: Lab) -> None:
    before = lab.scheduler.now
    assert console.type("advance 1h") == "lab time 1:01:00, manual"
    assert lab.scheduler.now == before + 3600
    console.shell.receive(b"advance 1d\r")
    assert console.shell.waiting
    console.shell.receive(b"\x03")
    assert not console.shell.waiting
    assert "1:01:00" in console.read()
    lab.clock.turn()
    assert lab.scheduler.now < before + 7200
    assert console.type("time fast").endswith("fast")


def test_helps_and_completes(console: ConsoleClient) -> None:
    assert "  R-A:Fa0/0       to Sniffer1:port0\n" in console.keys("link ?")
    console.keys("\x15")
    assert console.keys("power off WA\t").endswith("lab> power off WAN-SW ")
    console.keys("\x15")
    assert "  fast    It jumps over every wait" in console.keys("time ?")
    console.keys("\x15")
    assert "Cut, mend or spoil a cable" in console.type("help")


def test_saves_every_device(console: ConsoleClient, lab: Lab) -> None:
    lab["PC-A"].nvram.clear()
    lab["R-A"].nvram.clear()
    lab.stop("SW-2")
    said = console.type("save").splitlines()
    assert "SW-2: off, not saved" in said
    assert b"hostname R-A" in lab["R-A"].nvram["startup-config"]
    assert b"ipconfig 192.168.1.1" in lab["PC-A"].nvram["startup-config"]
    lab.stop("Sniffer1")
    assert lab.start("Sniffer1") == []


def test_draws_the_topology(console: ConsoleClient) -> None:
    console.type("link R-A:Fa0/0 down")
    drawn = console.type("topology").splitlines()
    assert "│ R-A  (c2811)           │" in drawn
    assert "│ Fa0/0 10.0.10.10/24    │" in drawn
    assert "  ╎ Fa0/0 ╌╌ port0  (cut)" in drawn
    assert max(map(len, drawn)) <= 80
    assert console.type("topology mermaid").startswith("graph LR")
    assert console.type("topology svg").endswith("</svg>")


def test_a_capture_on_a_terminal_is_text_until_control_c(console: ConsoleClient, lab: Lab) -> None:
    console.shell.receive(b"capture SW-1:Fa0/1 filter stp\r")
    assert not console.shell.waiting  # watching is no reason for time to jump
    lab.advance(5)
    lines = [line for line in console.read().splitlines() if "STP" in line]
    assert len(lines) in (2, 3)
    assert "SW-1:Fa0/1" in lines[0]
    console.shell.receive(b"\x03")
    assert console.read().endswith("lab> ")
    assert "lab time" in console.type("time")


def test_one_command_without_a_terminal(lab: Lab) -> None:
    shell = ConsoleShell(lab, {}, Client("admin", 15, "127.0.0.1", pty=False))
    shell.run("keys")
    assert shell.closed
    assert shell.status == 0
    assert json.loads(shell.output()) == {"ike": [], "ikev2": [], "esp": []}
    shell = ConsoleShell(lab, {}, Client("admin", 15, "127.0.0.1", pty=False))
    shell.run("link nowhere down")
    assert shell.status == 1
    assert shell.output().startswith(b"% 'nowhere' is not NODE:PORT")


def test_a_capture_without_a_terminal_is_pcapng(lab: Lab) -> None:
    shell = ConsoleShell(lab, {}, Client("admin", 15, "127.0.0.1", pty=False))
    shell.run("capture all filter stp")
    lab.clock.watch(shell)
    lab.advance(10)
    shell.disconnect()
    packets = [each for each in read_pcapng(shell.output()) if isinstance(each, PcapngPacket)]
    assert len(packets) > 10


def test_exports_what_is_configured_and_what_is_cut(console: ConsoleClient, lab: Lab) -> None:
    console.type("link R-A:Fa0/0 loss 1%")
    console.type("link SW-1:Fa0/1 down")
    console.type("power off SV-B")
    found = json.loads(console.type("export"))
    assert found["off"] == ["SV-B"]
    assert "hostname R-A\n" in found["configurations"]["R-A"]
    assert "ipconfig 192.168.1.1 255.255.255.0 192.168.1.254\n" in found["configurations"]["PC-A"]
    assert "ipconfig 192.168.2.1 255.255.255.0" in found["configurations"]["SV-B"]
    assert [wire["plugged"] for wire in found["wires"]].count(False) == 1
    assert [wire["faults"]["loss"] for wire in found["wires"]].count(0.01) == 1
