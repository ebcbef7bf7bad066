"""The examples work, with each tool that is installed here."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from iosemu.lab.inventory import FORMATS, Entry
from iosemu.lab.lab import Lab

EXAMPLES = Path(__file__).parents[2] / "examples"
UpLab = Callable[..., Any]


def run(*command: str | Path, cwd: Path) -> str:
    environment = {**os.environ, "ANSIBLE_HOST_KEY_CHECKING": "False"}
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def inventory(lab: Any, form: str) -> str:
    kinds = {name: device.model for name, device in Lab.load("office").devices.items()}
    return FORMATS[form](
        [Entry(name, port, kinds[name].kind, kinds[name].name) for name, port in lab.ports.items()]
    )


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def test_netmiko_backup(up: UpLab, tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text(inventory(up("office"), "netmiko"))
    run(sys.executable, EXAMPLES / "netmiko_backup.py", "inventory.json", tmp_path, cwd=tmp_path)
    assert "hostname R2" in (tmp_path / "R2.cfg").read_text()
    assert "hostname SW1" in (tmp_path / "SW1.cfg").read_text()


def test_scrapli_inventory(up: UpLab, tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text(inventory(up("office"), "netmiko"))
    printed = run(sys.executable, EXAMPLES / "scrapli_inventory.py", "inventory.json", cwd=tmp_path)
    assert sorted(line.partition(":")[0] for line in printed.splitlines()) == ["R1", "R2", "SW1"]
    assert "Cisco IOS Software" in printed


if has("nornir_netmiko"):

    def test_nornir_facts(up: UpLab, tmp_path: Path) -> None:
        (tmp_path / "hosts.yaml").write_text(inventory(up("office"), "nornir"))
        printed = run(sys.executable, EXAMPLES / "nornir_facts.py", "hosts.yaml", cwd=tmp_path)
        assert "== SW1\nInterface " in printed


if has("napalm"):

    def test_napalm_facts(up: UpLab, tmp_path: Path) -> None:
        printed = run(
            sys.executable, EXAMPLES / "napalm_facts.py", str(up("office").ports["R1"]), cwd=tmp_path
        )
        assert json.loads(printed)["facts"]["hostname"] == "R1"


if shutil.which("ansible-playbook"):

    def test_ansible_playbook(up: UpLab, tmp_path: Path) -> None:
        (tmp_path / "hosts.yml").write_text(inventory(up("office"), "ansible"))
        printed = run("ansible-playbook", "-i", "hosts.yml", EXAMPLES / "ansible" / "site.yml", cwd=tmp_path)
        assert "failed=0" in printed


if shutil.which("expect") and shutil.which("ssh"):

    def test_openssh_and_expect(up: UpLab, tmp_path: Path) -> None:
        printed = run("expect", EXAMPLES / "openssh.exp", str(up("office").ports["R1"]), cwd=tmp_path)
        assert "configured" in printed


def test_pytest_example(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    printed = run(*command, f"--rootdir={tmp_path}", EXAMPLES / "test_with_pytest.py", cwd=tmp_path)
    assert "3 passed" in printed


@pytest.mark.parametrize("path", [EXAMPLES / "github-actions.yml", EXAMPLES / "ansible" / "site.yml"])
def test_yaml_is_read(path: Path) -> None:
    assert yaml.safe_load(path.read_text("utf-8"))
