"""Modules in slots, ports of a lab file's own, and ports that configurations name."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from iosemu import LabPlan, SyncLab
from iosemu.bridging.bridge import Bridge
from iosemu.kinds.factory import create_device
from iosemu.lab import labfile, lint, resources
from iosemu.lab.configured_ports import model_for, ports_of, switch_ports_of
from iosemu.lab.errors import LabError
from iosemu.lab.survey import survey
from iosemu.net.scheduler import Scheduler


def node(tmp_path: Path, text: str) -> labfile.Topology:
    path = tmp_path / "lab.yaml"
    path.write_text(f"name: one\nnodes:\n  R:\n    model: c2811\n{text}")
    return labfile.read(path)


def test_modules_bring_ports_by_slot(tmp_path: Path) -> None:
    topology = node(tmp_path, "    modules: {0/1: WIC-2T, 0/3: HWIC-1GE-SFP, 1: NM-4E}\n")
    assert topology.model("R").ports == (
        "FastEthernet0/0",
        "FastEthernet0/1",
        "Serial0/1/0",
        "Serial0/1/1",
        "GigabitEthernet0/3/0",
        "Ethernet1/0",
        "Ethernet1/1",
        "Ethernet1/2",
        "Ethernet1/3",
    )


def test_ports_take_the_place_of_the_fixed_ones(tmp_path: Path) -> None:
    topology = node(
        tmp_path,
        "    ports: [Ethernet0/0-1, GigabitEthernet1, GigabitEthernet0/0/0]\n    modules: {0/0: WIC-1T}\n",
    )
    assert topology.model("R").ports == (
        "Ethernet0/0",
        "Ethernet0/1",
        "GigabitEthernet1",
        "GigabitEthernet0/0/0",
        "Serial0/0/0",
    )


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("    modules: {0/9: WIC-2T}\n", 5, "modules.0/9: c2811 has no slot '0/9'"),
        (
            "    modules:\n      0/0: WIC-2T\n      0/1: NM-4E\n",
            7,
            "does not fit slot 0/1, which takes: wic, hwic",
        ),
        (
            "    modules:\n      0/0: HWIC-4ESW\n      1: NM-16ESW\n",
            7,
            "slot 0/0 has switch ports already, and without a stacking cable a router has one switch",
        ),
        ("    modules: {0/0: WIC-9}\n", 5, "unknown module 'WIC-9'"),
        ("    ports: [Ethernet]\n", 5, "names no ports"),
        ("    ports: [Loopback0]\n", 5, "names no ports"),
        ("    ports: [Ethernet0/0-3, Ethernet0/2]\n", 5, "Ethernet0/2 is there twice"),
        (
            "    ports: [Serial0/0/0]\n    modules: {0/0: WIC-1T}\n",
            6,
            "brings Serial0/0/0, which is there already",
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(LabError) as refused:
        node(tmp_path, text)
    assert str(refused.value).startswith(f"{tmp_path / 'lab.yaml'}:{line}: nodes.R.")
    assert said in str(refused.value)


def test_a_switch_has_no_serial_ports() -> None:
    with pytest.raises(LabError, match="a switch has no Serial0/0"):
        LabPlan().node("S", "catalyst-2960-24tt", ports=["Serial0/0"]).topology()


def test_every_module_fits_a_model() -> None:
    kinds = {
        kind
        for name in resources.models()
        for kinds in resources.model(name).slots.values()
        for kind in kinds
    }
    assert resources.modules()
    for name in resources.modules():
        module = resources.module(name)
        assert module.slot in kinds
        assert module.refused or module.ports


def test_shows_list_modules() -> None:
    with SyncLab(LabPlan().node("R", "c2811", modules={"0/3": "HWIC-2FE", "1": "NM-4T"})) as lab:
        inventory = lab["R"].cli("show inventory")
        title = "Two-Port Fast Ethernet High Speed WAN Interface Card"
        assert f'NAME: "{title} on Slot 0 SubSlot 3", DESCR: "{title}"' in inventory
        assert "PID: HWIC-2FE          , VID: V01 , SN: FOC" in inventory
        version = lab["R"].cli("show version")
        assert "4 FastEthernet interfaces" in version
        assert "4 Serial(sync/async) interfaces" in version


CONFIGURATION = """\
hostname EDGE
interface Loopback0
 ip address 10.9.9.9 255.255.255.255
interface Ethernet0/1
 ip address 10.0.1.1 255.255.255.0
interface gig 0/0/0
 no ip address
interface GigabitEthernet0/0/0.10
 encapsulation dot1Q 10
 ip address 10.0.10.1 255.255.255.0
interface Serial2/0
 ip address 10.0.2.1 255.255.255.252
interface FastEthernet1/0
 frobnicate
"""


def test_a_configuration_names_its_ports() -> None:
    assert ports_of(CONFIGURATION) == ("Ethernet0/1", "FastEthernet1/0", "GigabitEthernet0/0/0", "Serial2/0")
    assert model_for(CONFIGURATION) == "c2911"
    assert model_for("interface Gi1/0/1\n switchport mode access\n") == "catalyst-3560-24ps"


def test_check_makes_the_ports_of_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "edge.cfg"
    path.write_text(CONFIGURATION)
    (finding,) = lint.check(str(path), ports_from_config=True)
    assert (finding.path, finding.line, finding.text.strip()) == (path, 14, "frobnicate")


def test_check_makes_the_ports_of_a_lab(tmp_path: Path) -> None:
    (tmp_path / "edge.cfg").write_text(CONFIGURATION.replace(" frobnicate\n", ""))
    path = tmp_path / "lab.yaml"
    path.write_text("name: one\nnodes:\n  R: {model: c2811, config: edge.cfg}\n")
    assert any("Serial2/0" in finding.text for finding in lint.check(str(path)))
    assert lint.check(str(path), ports_from_config=True) == []


def test_a_model_tells_switch_ports_from_routed_ports() -> None:
    esw = resources.module("HWIC-4ESW")
    router = resources.model("c2811").equipped({"0/0": esw, "0/1": resources.module("WIC-2T")})
    assert router.switch_ports == tuple(f"FastEthernet0/0/{number}" for number in range(4))
    assert {"FastEthernet0/0", "Serial0/1/0"} <= set(router.ports)


@pytest.mark.parametrize("name", resources.models())
def test_the_ports_of_a_catalyst_switch_and_those_of_other_boxes_do_not(name: str) -> None:
    model = resources.model(name)
    assert model.switch_ports == (model.ports if model.kind in ("switch", "l3switch") else ())


def test_a_router_without_a_module_has_nothing_of_a_switch() -> None:
    plain, module = (
        create_device("R", model, resources.image("15.1"), Scheduler(), random.Random(1), datetime.now(UTC))
        for model in (
            resources.model("c2811"),
            resources.model("c2811").equipped({"1": resources.module("NM-16ESW")}),
        )
    )
    module.boot()
    assert plain.find(Bridge) is None
    assert not plain.composition.names & {"bridging", "vlan", "spanning_tree", "svi", "switchport"}
    assert "Vlan" not in plain.creatable
    assert module.service(Bridge).switch_ports() == [f"FastEthernet1/{number}" for number in range(16)]
    assert not module.is_switch
    assert "Port-channel" in module.creatable
    assert module.switch_mac not in module.macs.values()
    vlan1 = module.interfaces["Vlan1"]
    assert (vlan1.mac, vlan1.bandwidth, vlan1.delay) == (module.switch_mac, 100_000, 100)
    work = {name: interface.by_processor for name, interface in module.interfaces.items()}
    assert (work["FastEthernet0/0"], work["FastEthernet1/0"], work["Vlan1"]) == (True, False, True)
    assert module.ports["FastEthernet1/0"].latency < module.ports["FastEthernet0/0"].latency


def test_a_snapshot_has_the_vlans_of_a_module() -> None:
    plan = (
        LabPlan()
        .node("R", "c2811", modules={"0/1": "HWIC-4ESW"})
        .node("A", "pc")
        .node("B", "pc")
        .link("R:Fa0/1/0", "A:Fa0")
        .link("R:Fa0/1/1", "B:Fa0")
    )
    with SyncLab(plan) as lab:
        lab["A"].cli("ipconfig 10.0.0.1 255.255.255.0")
        lab["B"].cli("ipconfig 10.0.0.2 255.255.255.0")
        lab.advance(40)
        before = lab.snapshot()
        assert "Received = 4" in lab["A"].cli("ping 10.0.0.2")
        lab["R"].configure(["vlan 10", "interface Fa0/1/0", "switchport access vlan 10"])
        lab.advance(40)
        assert "Received = 0" in lab["A"].cli("ping 10.0.0.2")
        lab.restore(before)
        assert "VLAN0010" not in lab["R"].cli("show vlan-switch brief")
        assert "Received = 4" in lab["A"].cli("ping 10.0.0.2")


@pytest.mark.parametrize("name", [name for name in resources.models() if "catalyst" in name])
def test_the_number_of_a_catalyst_outlasts_a_reload(name: str) -> None:
    with SyncLab(LabPlan().node("S", name)) as lab:
        before = lab["S"].cli("show version | include Processor board ID")
        lab["S"].power_off()
        lab["S"].power_on()
        assert lab["S"].cli("show version | include Processor board ID") == before


def test_a_refused_line_makes_no_vlan() -> None:
    with SyncLab(LabPlan().node("S", "catalyst-3560-24ps")) as lab:
        lab["S"].configure(["ip routing", "interface Fa0/1", "no switchport"])
        said = lab["S"].configure(["interface Fa0/1", "switchport access vlan 77"], check=False)
        assert "not a switching port" in said
        assert "VLAN0077" not in lab["S"].cli("show vlan brief")
        assert "Fa0/1 " not in lab["S"].cli("show interfaces counters trunk")


INTEGRATED = """\
version 15.4
hostname BRANCH
interface FastEthernet0
 switchport access vlan 10
 no ip address
interface FastEthernet1
 no ip address
interface FastEthernet4
 ip address 192.0.2.1 255.255.255.0
 ip nat outside
 duplex auto
 speed auto
interface GigabitEthernet0
 no ip address
interface GigabitEthernet0.7
 encapsulation dot1Q 7
interface Vlan10
 ip address 10.0.10.1 255.255.255.0
 ip nat inside
ip nat inside source list 1 interface FastEthernet4 overload
access-list 1 permit 10.0.10.0 0.0.0.255
line aux 0
"""


def test_a_configuration_says_which_ports_of_a_router_switch(tmp_path: Path) -> None:
    assert model_for(INTEGRATED) == "c2911"
    assert switch_ports_of(INTEGRATED) == ("FastEthernet0", "FastEthernet1")
    path = tmp_path / "branch.cfg"
    path.write_text(INTEGRATED)
    assert lint.check(str(path), ports_from_config=True) == []
    catalyst = f"{INTEGRATED}spanning-tree mode pvst\n"
    assert model_for(catalyst).startswith("catalyst")


def test_a_port_that_a_switch_cannot_have_is_a_line_like_others(tmp_path: Path) -> None:
    text = "spanning-tree mode pvst\ninterface Serial0/0\n"
    (tmp_path / "odd.cfg").write_text(text)
    (tmp_path / "branch.cfg").write_text(INTEGRATED)
    assert [each.line for each in lint.check(str(tmp_path / "odd.cfg"), ports_from_config=True)] == [2]
    (refused,) = survey(tmp_path).refused
    assert refused.line.strip() == "interface Serial0/0"
