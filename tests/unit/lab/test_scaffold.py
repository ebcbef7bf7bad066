import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from iosemu.lab import inventory as inventories
from iosemu.lab import labfile, resources, scaffold
from iosemu.lab.commands import inventory as inventory_command
from iosemu.lab.commands.labs import read_variables
from iosemu.lab.errors import LabError

run = CliRunner()


def inventory(form: str, *options: str) -> str:
    result = run.invoke(inventory_command.app, ["ipsec-vpn", "--format", form, *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_formats() -> None:
    netmiko = json.loads(inventory("netmiko"))
    assert list(netmiko) == ["R-A", "R-B", "SW-1", "SW-2", "WAN-SW"]
    assert netmiko["R-B"]["port"] == 2202
    nornir = yaml.safe_load(inventory("nornir", "--base-port", "3200"))
    assert nornir["SW-1"]["port"] == 3203
    assert nornir["SW-1"]["connection_options"]["napalm"]["platform"] == "ios"
    ansible = yaml.safe_load(inventory("ansible"))["all"]
    assert ansible["children"]["routers"]["hosts"]["R-A"]["ansible_port"] == 2201
    assert set(ansible["children"]["switches"]["hosts"]) == {"SW-1", "SW-2", "WAN-SW"}
    assert yaml.safe_load(inventory("pyats"))["devices"]["R-A"]["connections"]["cli"]["port"] == 2201
    assert inventory("ssh-config").count("Host ") == 9


def test_a_running_lab_by_its_ssh_config(
    up: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = up("ipsec-vpn")
    monkeypatch.setenv("IOSEMU_STATE", lab.environment["IOSEMU_STATE"])
    path = tmp_path / "config"
    assert run.invoke(inventory_command.app, ["--format", "ssh-config", "-o", str(path)]).exit_code == 0
    ssh = shutil.which("ssh")
    if ssh is not None:
        said = subprocess.run(
            [ssh, "-G", "-F", path, "SW-2"], capture_output=True, text=True, check=True
        ).stdout
        assert f"port {lab.ports['SW-2']}\n" in said
    assert f"Port {lab.ports['PC-A']}" in path.read_text()


def test_no_lab_is_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOSEMU_STATE", str(tmp_path))
    with pytest.raises(LabError, match="say which lab, such as: iosemu inventory ipsec-vpn"):
        inventories.entries(None)


@pytest.mark.parametrize("origin", sorted(resources.labs()))
def test_a_lab_of_one_s_own(tmp_path: Path, origin: str) -> None:
    path = scaffold.create("mine", origin, tmp_path)
    mine, theirs = labfile.read(path), labfile.read(labfile.find(origin))
    assert mine.lab.name == "mine"
    assert mine.lab.nodes.keys() == theirs.lab.nodes.keys()
    assert all(mine.config_text(name) == theirs.config_text(name) for name in mine.lab.nodes)
    again = scaffold.create("second", str(path), tmp_path)
    assert labfile.read(again).lab.links == theirs.lab.links
    with pytest.raises(LabError, match="exists already"):
        scaffold.create("mine", origin, tmp_path)


def test_names_that_are_not_possible(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="cannot name a lab"):
        scaffold.create("../x", "ipsec-vpn", tmp_path)
    with pytest.raises(LabError, match="labs that come along"):
        scaffold.create("x", "nowhere", tmp_path)


def test_variables_from_the_command_line() -> None:
    assert read_variables(["sites=3", "net=10.0", "names=[a, b]", "empty="]) == {
        "sites": 3, "net": 10.0, "names": ["a", "b"], "empty": None,
    }  # fmt: skip
    with pytest.raises(LabError, match="write NAME=VALUE, such as --set sites=3"):
        read_variables(["sites"])
