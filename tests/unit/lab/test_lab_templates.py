from pathlib import Path

import pytest

from iosemu.ip.config import IpSettings
from iosemu.lab import labfile
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab

CHAIN = """\
name: chain
variables: {last: 4, net: 10.0}
nodes:
  "R{{ i }}":
    for: {i: "1..{{ last }}"}
    model: c2911
    config: router.cfg.j2
  PC:
    count: 2
    model: pc
    startup: "ipconfig {{ net }}.{{ n }}.9 255.255.255.0"
  "{{ site }}-{{ role }}":
    for: {site: [tokyo, osaka], role: [a, b]}
    model: pc
links:
  - for: {i: "1..{{ last - 1 }}"}
    endpoints: ["R{{ i }}:Gi0/1", "R{{ i + 1 }}:Gi0/0"]
  - endpoints: ["PC1:Fa0", "PC2:Fa0"]
    delay: 20ms
"""
CONFIG = """\
hostname {{ name }}
{% if i > 1 %}
interface GigabitEthernet0/0
 ip address {{ net }}.{{ i - 1 }}.2 255.255.255.0
{% endif %}
interface GigabitEthernet0/1
 ip address {{ net }}.{{ i }}.1 255.255.255.0
"""


def write(tmp_path: Path, text: str = CHAIN) -> Path:
    (tmp_path / "router.cfg.j2").write_text(CONFIG)
    path = tmp_path / "lab.yaml"
    path.write_text(text)
    return path


def test_one_entry_makes_many(tmp_path: Path) -> None:
    topology = labfile.read(write(tmp_path))
    assert list(topology.lab.nodes) == [
        "R1", "R2", "R3", "R4", "PC1", "PC2", "tokyo-a", "tokyo-b", "osaka-a", "osaka-b",
    ]  # fmt: skip
    assert [cable.endpoints for cable in topology.lab.links][2:] == [
        ["R3:Gi0/1", "R4:Gi0/0"],
        ["PC1:Fa0", "PC2:Fa0"],
    ]
    assert topology.config_text("PC2") == "ipconfig 10.0.2.9 255.255.255.0"
    assert topology.config_text("R1").splitlines()[:2] == ["hostname R1", "interface GigabitEthernet0/1"]


def test_the_lab_runs_and_variables_can_be_given(tmp_path: Path) -> None:
    lab = Lab.load(write(tmp_path), variables={"last": 2, "net": "172.16"})
    lab.boot()
    assert set(lab.devices) >= {"R1", "R2"}
    assert "R3" not in lab.devices
    assert not any(lab.errors.values())
    assert str(lab["R2"].interfaces["GigabitEthernet0/0"].config.of(IpSettings).address) == "172.16.1.2/24"
    assert lab["R2"].interfaces["GigabitEthernet0/0"].protocol_up


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('i: "1..{{ last }}"', "i: many", r"lab.yaml:5: nodes.R\{\{ i \}\}.for: 'many' is neither a range"),
        ('i: "1..{{ last }}"', "i: 1..99999", "10000 at most"),
        (
            'i: "1..{{ last }}"',
            "i: 1..9999, j: 1..9999, k: 1..9999",
            "makes 999700029999 copies; 10000 at most",
        ),
        ("{{ last - 1 }}", "{{ first }}", "'first' is undefined; variables here: last, net"),
        ('"R{{ i }}":', "R:", "makes 'R' twice; put the loop's variable into the name"),
        ("count: 2", "count: some", "'some' is no number"),
        ("count: 2", "count: 2\n    for: {i: 1..2}", "give either count or for"),
        ("{{ n }}.9 255", "{{ n ", "lab.yaml:11: startup:1: unexpected"),
        ("delay: 20ms", "delay: 20 parsecs", "lab.yaml:19: .*is not a duration"),
        ("R{{ i + 1 }}:Gi0/0", "R{{ i + 1 }}:Gi9/9", "lab.yaml:17: .*has no port 'Gi9/9'"),
    ],
)
def test_faults_say_where(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CHAIN
    with pytest.raises(LabError, match=message):
        labfile.read(write(tmp_path, CHAIN.replace(old, new))).config_text("PC1")


def test_a_fault_in_a_configuration_template(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "router.cfg.j2").write_text("hostname {{ name }}\n{% if %}\n")
    with pytest.raises(LabError, match=r"router.cfg.j2:2: Expected an expression"):
        labfile.read(path).config_text("R1")


def test_templates_reach_nothing_of_the_machine(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "router.cfg.j2").write_text("{{ name.__class__.__mro__[1].__subclasses__() }}")
    with pytest.raises(LabError, match="unsafe"):
        labfile.read(path).config_text("R1")
