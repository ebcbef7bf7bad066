from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from iosemu.lab import labfile, labfile_model, resources
from iosemu.lab.errors import LabError
from iosemu.lab.labfile import find_port
from iosemu.lab.units import duration, probability

ROOT = Path(__file__).parents[3]
GOOD = """\
name: two
nodes:
  R1: {model: c2811, image: packet-tracer}
  R2: {model: c2811, port: 2207}
  S1: {model: catalyst-2950-24}
links:
  - endpoints: ["R1:Fa0/0", "S1:f0/1"]
    delay: 20ms
    loss: 1%
  - endpoints: ["R2:FastEthernet0/0", "S1:Fa0/2"]
"""


def write(directory: Path, text: str, name: str = "lab.yaml") -> Path:
    path = directory / name
    path.write_text(text)
    return path


def test_a_good_file(tmp_path: Path) -> None:
    topology = labfile.read(write(tmp_path, GOOD))
    assert topology.ports == {"R1": 2201, "R2": 2207, "S1": 2202}
    assert topology.image("R1") == "packet-tracer"
    assert topology.image("R2") == "15.1"
    first, second = topology.cables
    assert first[:2] == (("R1", "FastEthernet0/0"), ("S1", "FastEthernet0/1"))
    assert (first[2].delay, first[2].loss, first[2].perfect) == (0.02, 0.01, False)
    assert second[2].perfect
    assert topology.config_text("R1") == ""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("model: c2811, port", "modell: c2811, port", "lab.yaml:4: nodes.R2.modell: there is no such key; do you mean"),
        ("{model: catalyst-2950-24}", "{model: catalyst-1}", "lab.yaml:5: nodes.S1.model: unknown model 'catalyst-1'"),
        ("image: packet-tracer", "image: 99", "lab.yaml:3: nodes.R1.image: 99 is not a text"),
        ("image: packet-tracer", "image: '99'", "lab.yaml:3: nodes.R1.image: unknown image '99'"),
        ("image: packet-tracer", "config: R1.cfg", "lab.yaml:3: nodes.R1.config: there is no file"),
        ("image: packet-tracer", "port: 2207", "lab.yaml:4: nodes.R2.port: 2207 is already R1's"),
        ("port: 2207", "port: 0", "lab.yaml:4: nodes.R2.port: input should be greater than"),
        ('"R1:Fa0/0"', '"R9:Fa0/0"', "lab.yaml:7: links[0].endpoints[0]: there is no node 'R9'"),
        ('"R1:Fa0/0"', '"R1:Fa0/9"', "lab.yaml:7: links[0].endpoints[0]: R1 (c2811) has no port 'Fa0/9'"),
        ('"R1:Fa0/0"', '"R1"', "lab.yaml:7: links[0].endpoints[0]: 'R1' is not NODE:PORT"),
        ('"S1:Fa0/2"', '"S1:Fa0/1"', "lab.yaml:10: links[1].endpoints[1]: S1:FastEthernet0/1 already has a cable"),
        ('"R1:Fa0/0", ', "", "lab.yaml:7: links[0].endpoints: at least 2 wanted, 1 given"),
        ("20ms", "soon", "lab.yaml:8: links[0].delay: 'soon' is not a duration"),
        ("1%", "200%", "lab.yaml:9: links[0].loss: '200%' is not a share"),
        ("name: two\n", "", "lab.yaml:1: name: is missing"),
        ("name: two", "name: ../two", "lab.yaml:1: name: '../two' is no name: letters"),
        ("  R2: {", "  R1: {", "lab.yaml:4: 'R1' stands here twice"),
        ("nodes:", "nodes: [", "lab.yaml:"),
        ("nodes:", "zzz: 1\nnodes:", "lab.yaml:2: zzz: there is no such key; there are: name, title, extends, nodes"),
        ("delay: 20ms", "zzz: 1", "lab.yaml:8: links[0].zzz: there is no such key; there are: endpoints, delay"),
        ("image: packet-tracer", "variables: 5", "lab.yaml:3: nodes.R1.variables: 5 is not a mapping"),
    ],
)  # fmt: skip
def test_faults_say_where(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(LabError) as caught:
        labfile.read(path)
    assert expected in str(caught.value)


def test_a_file_that_extends_another(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "base.yaml")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "R1.cfg").write_text("hostname R1\n")
    text = "name: more\nextends: ../base.yaml\nnodes:\n  R1: {config: R1.cfg}\n  P1: {model: pc}\n"
    text += 'links:\n  - endpoints: ["P1:Fa0", "S1:Fa0/3"]\n'
    path = write(tmp_path / "more", text)
    topology = labfile.read(path)
    assert topology.lab.name == "more"
    assert topology.config_text("R1") == "hostname R1\n"
    assert topology.image("R1") == "packet-tracer"
    assert len(topology.cables) == 3
    path.write_text(text.replace("S1:Fa0/3", "S1:Fa0/1"))
    with pytest.raises(LabError, match=r"more/lab.yaml:7: links\[2\].endpoints\[1\]"):
        labfile.read(path)
    path.write_text(text.replace("../base.yaml", "lab.yaml"))
    with pytest.raises(LabError, match="goes round in a circle"):
        labfile.read(path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"- a\n", b"", b"a: &x [*x]\n", b"? [1]\n: 2\n"])
def test_files_that_are_no_labs(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lab.yaml"
    path.write_bytes(content)
    with pytest.raises(LabError, match=r"lab\.yaml"):
        labfile.read(path)


def test_find() -> None:
    assert labfile.find("ipsec-vpn") == resources.labs()["ipsec-vpn"]
    with pytest.raises(LabError, match=r"labs that come along: .*, ipsec-vpn, ipsec-vpn-exercise,"):
        labfile.find("nowhere")


def test_durations_and_shares() -> None:
    assert [duration(text) for text in ("20ms", "5us", "90s", "1h", 3)] == pytest.approx(
        [0.02, 5e-6, 90.0, 3600.0, 3.0]
    )
    assert [probability(text) for text in ("1%", 0.5, "0.25")] == [0.01, 0.5, 0.25]


def test_port_names() -> None:
    ports = ("FastEthernet0/0", "FastEthernet0/1", "FastEthernet0/10", "GigabitEthernet0/1")
    assert find_port("fa0/1", ports) == "FastEthernet0/1"
    assert find_port("f 0/10", ports) == "FastEthernet0/10"
    assert find_port("g0/1", ports) == "GigabitEthernet0/1"
    assert find_port("0/1", ports) is None
    assert find_port("port1", ("port0", "port1")) == "port1"


def test_the_published_schema_is_current() -> None:
    published = json.loads((ROOT / "docs" / "lab.schema.json").read_text())
    assert published == labfile_model.schema(), (
        "run: python -m iosemu.lab.labfile_model > docs/lab.schema.json"
    )


def test_our_labs_fit_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(labfile_model.schema())
    validator.validate(yaml.safe_load(GOOD))
    for path in resources.labs().values():
        assert labfile.read(path).lab.name == path.parent.name


ALIASES = """\
name: alike
nodes:
  R1: &router
    model: c2811
    variables: {net: 10}
  R2: *router
  S1: {model: catalyst-2950-24, imag: x}
"""


def test_values_behind_an_alias_have_the_place_of_what_it_stands_for(tmp_path: Path) -> None:
    path = write(tmp_path, ALIASES.replace(", imag: x", ""))
    topology = labfile.read(path)
    assert topology.lab.nodes["R2"] == topology.lab.nodes["R1"]
    assert topology.document.place(("nodes", "R2")) == (path, 6)
    assert topology.document.place(("nodes", "R2", "variables", "net")) == (path, 5)
    with pytest.raises(
        LabError, match=r"lab.yaml:7: nodes.S1.imag: there is no such key; do you mean 'image'"
    ):
        labfile.read(write(tmp_path, ALIASES))


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    """A file of a kilobyte must not say a thousand million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(LabError, match=r"lab.yaml:6: aliases make \d+ values of this; 1000000 at most"):
        labfile.read(write(tmp_path, "\n".join(lines)))


def test_what_extends_keeps_the_places_of_both_files(tmp_path: Path) -> None:
    base = write(tmp_path, GOOD, "base.yaml")
    text = "name: more\nextends: base.yaml\nnodes:\n  R1:\n    port: 2300\n"
    path = write(tmp_path, text + 'links:\n  - endpoints: ["R1:Fa0/1", "R2:Fa0/1"]\n')
    place = labfile.read(path).document.place
    assert place(("nodes", "R1", "model")) == (base, 3)
    assert place(("nodes", "R1", "port")) == (path, 5)
    assert place(("links", 0, "delay")) == (base, 8)
    assert place(("links", 2, "endpoints", 1)) == (path, 7)
