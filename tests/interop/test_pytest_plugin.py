import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from iosemu.packets.pcapng import read_pcapng

TEST = """
import pytest

@pytest.mark.lab("ipsec-vpn")
def test_a_lab_of_its_own(lab, ssh_params):
    assert "Lost = 2" in lab["PC-A"].cli("ping 192.168.2.1")
    assert "QM_IDLE" in lab["R-A"].cli("show crypto isakmp sa")
    assert ssh_params("R-A")["port"] > 1024
    with pytest.raises(KeyError, match="it has: R-A"):
        lab["R-Z"]
    lab.link("R-A:Fa0/0").down()
    assert "Received = 0" in lab["PC-A"].cli("ping 192.168.2.1")

@pytest.mark.lab("ipsec-vpn", shared=True)
def test_shared(lab):
    assert "QM_IDLE" not in lab["R-A"].cli("show crypto isakmp sa")
    lab["PC-A"].cli("ping 192.168.2.1")

@pytest.mark.lab("ipsec-vpn", shared=True)
def test_shared_again(lab):
    lab.advance("10s")
    assert "QM_IDLE" in lab["R-A"].cli("show crypto isakmp sa")

def test_factory(lab_factory):
    lab = lab_factory("ipsec-vpn-exercise")
    lab["R-A"].configure(["hostname Renamed"])
    assert lab["R-A"].cli("show running-config | include ^hostname").endswith("hostname Renamed")

async def test_in_an_event_loop(lab_factory):
    assert "QM_IDLE" not in lab_factory("ipsec-vpn")["R-A"].cli("show crypto isakmp sa")

def test_no_marker(lab):
    pass
"""
GOOD = "@lab ipsec-vpn\n@device R-A\nR-A#show crypto isakmp sa\nIPv4 Crypto ISAKMP SA\n...\n"


def run(folder: Path, *options: str) -> str:
    known = any(point.value == "iosemu.testing.plugin" for point in entry_points(group="pytest11"))
    if not known:  # a checkout that was installed before it had the entry point
        options = ("-p", "iosemu.testing.plugin", *options)
    if "no:asyncio" not in options:
        options = (*options, "-o", "asyncio_mode=auto")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--strict-markers",
        "-c",
        os.devnull,
        "-p",
        "no:cacheprovider",
    ]
    result = subprocess.run(
        [*command, *options, f"--rootdir={folder}", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
    )
    return result.stdout + result.stderr


@pytest.mark.parametrize(
    "options", [(), ("-p", "no:asyncio", "--deselect", "test_labs.py::test_in_an_event_loop")]
)
def test_fixtures_and_collection(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "test_labs.py").write_text(TEST)
    (tmp_path / "good.transcript").write_text(GOOD)
    (tmp_path / "bad.transcript").write_text(GOOD.replace("IPv4 C", "IPv5 C"))
    scenario = tmp_path / "quiet"
    scenario.mkdir()
    (scenario / "description.txt").write_text("Nobody speaks.")
    (scenario / "checks.txt").write_text("@lab ipsec-vpn\nR-A::show crypto isakmp sa::QM_IDLE::NO\n")
    output = run(tmp_path, *options)
    passed = 6 if options else 7
    assert f"{passed} passed" in output, output
    assert "1 failed" in output
    assert "1 error" in output
    assert "bad.transcript:4: the device answered otherwise" in output
    assert "say which lab: @pytest.mark.lab('ipsec-vpn')" in output


FAILING = """
import pytest

@pytest.mark.lab("ipsec-vpn")
def test_that_fails(lab):
    lab["R-A"].cli("show privilege")
    assert lab["PC-A"].ping("192.168.2.1")

@pytest.mark.lab("ipsec-vpn", shared=True)
def test_shared_that_fails(lab):
    lab["R-A"].configure("interface Loopback9")
    lab["PC-A"].ping("192.168.2.1")
    assert not lab["R-A"].state.isakmp_sas
"""


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_a_failing_test_leaves_logs_packets_and_keys(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "test_labs.py").write_text(FAILING)
    (tmp_path / "bad.transcript").write_text(GOOD.replace("IPv4 C", "IPv5 C"))
    (tmp_path / "wrong.transcript").write_text("@lab ipsec-vpn\n@dance\n")
    output = run(tmp_path, "--lab-artifacts", "left", *options)
    assert "4 failed" in output, output
    assert "wrong.transcript:2: @dance is no directive" in output
    assert "lab ipsec-vpn: dialogue with R-A" in output
    assert "R-A#show privilege\nCurrent privilege level is 15" in output
    assert "lab ipsec-vpn: log of R-A" in output
    assert "log of R-B" not in output  # which had nothing to say since it had booted
    folders = {path.parent for path in (tmp_path / "left").rglob("lab.pcapng")}
    assert len(folders) == 3
    for folder in folders:
        assert str(folder / "lab.pcapng") in output
        assert list(folder.glob("*.dialogue.txt"))
        records = list(read_pcapng((folder / "lab.pcapng").read_bytes()))
        keys = json.loads((folder / "lab.keys.json").read_text())
        if "bad" not in str(folder):
            assert len(records) > 50
            assert keys["ike"]
            assert keys["esp"]


REFUSED = """
def test_that_passes(lab_factory):
    lab_factory("lab.yaml")
"""


def test_startup_lines_that_are_refused_are_told(tmp_path: Path) -> None:
    (tmp_path / "test_labs.py").write_text(REFUSED)
    (tmp_path / "r1.cfg").write_text("hostname R1\ninterface Vlan7\n ip address 10.0.0.1 255.0.0.0\n")
    (tmp_path / "lab.yaml").write_text("name: own\nnodes:\n  R1: {model: c2811, config: r1.cfg}\n")
    output = run(tmp_path)
    assert "1 passed, 2 warnings" in output
    assert "R1 refuses line 2 of its configuration, 'interface Vlan7': % Invalid input" in output
    assert (
        "line 3 of its configuration, ' ip address 10.0.0.1 255.0.0.0': it is in the block that line 2"
        in output
    )
    assert "1 failed" in run(tmp_path, "-W", "error::iosemu.testing.errors.RefusedLinesWarning")


def test_a_run_without_labs_pays_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, iosemu.testing.plugin; sys.exit('asyncssh' in sys.modules or 'pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


WHOSE_LOADER = """
import sys

def test_who_loads_iosemu(lab_factory):
    lab_factory("ipsec-vpn")
    loaders = {type(module.__loader__).__name__ for name, module in sys.modules.items()
               if name.startswith("iosemu.") and not name.startswith("iosemu.testing")}
    assert loaders == {"SourceFileLoader"}
    assert type(sys.modules[__name__].__loader__).__name__ == "AssertionRewritingHook"
    assert not {"asyncssh", "prompt_toolkit", "jinja2"} & sys.modules.keys()
"""


def test_pytest_rewrites_tests_and_leaves_iosemu_alone(tmp_path: Path) -> None:
    (tmp_path / "test_loader.py").write_text(WHOSE_LOADER)
    output = run(tmp_path)
    assert "1 passed" in output, output
