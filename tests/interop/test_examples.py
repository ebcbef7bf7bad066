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
from iosemu.testing.synchronous import SyncLab

EXAMPLES = Path(__file__).parents[2] / "examples"
Params = Callable[..., dict[str, Any]]
office = pytest.mark.lab("office")


def run(*command: str | Path, cwd: Path) -> str:
    environment = {**os.environ, "ANSIBLE_HOST_KEY_CHECKING": "False"}
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def inventory(lab: SyncLab, form: str) -> str:
    models = {name: device.model for name, device in lab.lab.core.devices.items()}
    return FORMATS[form](
        [Entry(name, lab.ssh_params(name)["port"], model.kind, model.name) for name, model in models.items()]
    )


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@office
def test_netmiko_backup(lab: SyncLab, tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text(inventory(lab, "netmiko"))
    run(sys.executable, EXAMPLES / "netmiko_backup.py", "inventory.json", tmp_path, cwd=tmp_path)
    assert "hostname R2" in (tmp_path / "R2.cfg").read_text()
    assert "hostname SW1" in (tmp_path / "SW1.cfg").read_text()


@office
def test_scrapli_inventory(lab: SyncLab, tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text(inventory(lab, "netmiko"))
    printed = run(sys.executable, EXAMPLES / "scrapli_inventory.py", "inventory.json", cwd=tmp_path)
    assert sorted(line.partition(":")[0] for line in printed.splitlines()) == ["R1", "R2", "SW1"]
    assert "Cisco IOS Software" in printed


if has("nornir_netmiko"):

    @office
    def test_nornir_facts(lab: SyncLab, tmp_path: Path) -> None:
        (tmp_path / "hosts.yaml").write_text(inventory(lab, "nornir"))
        printed = run(sys.executable, EXAMPLES / "nornir_facts.py", "hosts.yaml", cwd=tmp_path)
        assert "== SW1\nInterface " in printed


if has("napalm"):

    @office
    def test_napalm_facts(ssh_params: Params, tmp_path: Path) -> None:
        printed = run(
            sys.executable, EXAMPLES / "napalm_facts.py", str(ssh_params("R1")["port"]), cwd=tmp_path
        )
        assert json.loads(printed)["facts"]["hostname"] == "R1"


if shutil.which("ansible-playbook"):

    @office
    def test_ansible_playbook(lab: SyncLab, tmp_path: Path) -> None:
        (tmp_path / "hosts.yml").write_text(inventory(lab, "ansible"))
        printed = run("ansible-playbook", "-i", "hosts.yml", EXAMPLES / "ansible" / "site.yml", cwd=tmp_path)
        assert "failed=0" in printed


if shutil.which("expect") and shutil.which("ssh"):

    @office
    def test_openssh_and_expect(ssh_params: Params, tmp_path: Path) -> None:
        printed = run("expect", EXAMPLES / "openssh.exp", str(ssh_params("R1")["port"]), cwd=tmp_path)
        assert "configured" in printed


def test_pytest_example(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    printed = run(*command, f"--rootdir={tmp_path}", EXAMPLES / "test_with_pytest.py", cwd=tmp_path)
    assert "3 passed" in printed


@pytest.mark.parametrize("path", [EXAMPLES / "github-actions.yml", EXAMPLES / "ansible" / "site.yml"])
def test_yaml_is_read(path: Path) -> None:
    assert yaml.safe_load(path.read_text("utf-8"))
