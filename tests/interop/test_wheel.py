"""A repository that has only `pip install iosemu`, one test file and one lab file."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAB = """\
name: branch
nodes:
  R1:
    model: c2911
    startup: |
      hostname R1
      interface GigabitEthernet0/0
       ip address 10.0.0.1 255.255.255.0
  R2:
    model: c2911
    startup: |
      hostname R2
      interface GigabitEthernet0/0
       ip address 10.0.0.2 255.255.255.0
links:
  - endpoints: ["R1:Gi0/0", "R2:Gi0/0"]
"""
TESTS = """\
import iosemu
import netmiko
import pytest


@pytest.mark.lab("lab.yaml")
def test_ping(lab):
    assert lab["R1"].ping("10.0.0.2").received == 4
    assert lab["R2"].state.interfaces["GigabitEthernet0/0"].up


@pytest.mark.lab("lab.yaml")
def test_a_cut_cable(lab):
    lab.link("R1:Gi0/0").down()
    assert not lab["R1"].ping("10.0.0.2")


@pytest.mark.lab("ipsec-vpn")
def test_a_lab_that_comes_along(lab, ssh_params):
    with netmiko.ConnectHandler(**ssh_params("R-A")) as router:
        assert "R-A" in router.send_command("show running-config | include hostname")
    print("imported from", iosemu.__file__)
"""


def run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["IOSEMU_STATE"] = str(cwd / "state")
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with iosemu from a wheel, and the other packages of this one."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("iosemu-*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(*pip, "--python", python, "install", "--no-deps", wheel, cwd=folder)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_a_repository_of_its_own(installed: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "lab.yaml").write_text(LAB)
    (tmp_path / "test_lab.py").write_text(TESTS)
    printed = run(installed, "-m", "pytest", "-q", "-rP", *options, cwd=tmp_path)
    assert "3 passed" in printed, printed
    assert f"imported from {installed.parents[1]}" in printed
    assert not (tmp_path / "state").exists(), "tests leave nothing in the user's state directory"


def test_the_command_is_there(installed: Path, tmp_path: Path) -> None:
    assert "ipsec-vpn-exercise" in run(installed.with_name("iosemu"), "ls", cwd=tmp_path)
    run(installed.with_name("iosemu"), "check", "ipsec-vpn", cwd=tmp_path)


def test_the_wheel_brings_labs_grammar_and_the_page(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "one"
    run(
        installed.with_name("iosemu"),
        "challenge",
        "new",
        "ipsec-vpn",
        "--seed",
        "1",
        "--folder",
        folder,
        cwd=tmp_path,
    )
    assert (folder / "challenge.json").is_file()
    code = "from iosemu.web.application import STATIC; print((STATIC / 'index.html').is_file(), STATIC)"
    assert run(installed, "-c", code, cwd=tmp_path).startswith(f"True {installed.parents[1]}")
