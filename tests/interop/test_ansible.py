"""Ansible's cisco.ios collection, over its libssh connection, against the office lab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from iosemu import SyncLab

PLAY = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: facts
      cisco.ios.ios_facts:
        gather_subset: all
        gather_network_resources: [interfaces, l2_interfaces, l3_interfaces, static_routes, hostname, acls, service]
    - name: commands
      cisco.ios.ios_command:
        commands:
          - show version
          - show running-config | section ^interface
          - show running-config | include ^ip route .+ |^ipv6 route .+
    - name: first
      cisco.ios.ios_config:
        lines: [description set by a playbook]
        parents: interface {{ port }}
    - name: second
      cisco.ios.ios_config:
        lines: [description set by a playbook]
        parents: interface {{ port }}
    - name: saved
      cisco.ios.ios_config:
        save_when: modified
    - name: banner
      cisco.ios.ios_banner: {banner: login, text: "hello\\nworld", state: present}
    - name: banner again
      cisco.ios.ios_banner: {banner: login, text: "hello\\nworld", state: present}
    - name: warm
      cisco.ios.ios_ping: {dest: 192.168.10.10, count: 2}
    - name: ping
      cisco.ios.ios_ping: {dest: 192.168.10.10, count: 3}
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each task of the playbook returned, by host and task."""
    with SyncLab("office") as lab:
        directory = tmp_path_factory.mktemp("ansible")
        hosts = {
            name: {"ansible_port": lab.ssh_params(name)["port"], "port": port}
            for name, port in (("R1", "GigabitEthernet0/2"), ("SW1", "FastEthernet0/5"))
        }
        variables = {
            "ansible_connection": "ansible.netcommon.network_cli",
            "ansible_network_os": "cisco.ios.ios",
            "ansible_network_cli_ssh_type": "libssh",
            "ansible_host": "127.0.0.1",
            "ansible_user": "admin",
            "ansible_password": "admin",
            "ansible_become": True,
            "ansible_become_method": "enable",
            "ansible_become_password": "cisco",
            "ansible_python_interpreter": sys.executable,
        }
        (directory / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": variables}}))
        (directory / "play.yml").write_text(PLAY)
        finished = subprocess.run(
            [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "inventory.yml", "play.yml"],
            cwd=directory,
            env={
                **os.environ,
                "HOME": str(directory),
                "ANSIBLE_HOST_KEY_CHECKING": "false",
                "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
                "ANSIBLE_LOCALHOST_WARNING": "false",
                "LC_ALL": "C.UTF-8",
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
    text = finished.stdout[finished.stdout.index("{") :]
    assert finished.returncode == 0, text + finished.stderr
    found: dict[str, Any] = {}
    for task in json.loads(text)["plays"][0]["tasks"]:
        for host, result in task["hosts"].items():
            found.setdefault(host, {})[task["task"]["name"]] = result
    return found


def test_facts(results: dict[str, Any]) -> None:
    facts = results["R1"]["facts"]["ansible_facts"]
    assert (facts["ansible_net_hostname"], facts["ansible_net_model"]) == ("R1", "CISCO2911/K9")
    assert facts["ansible_net_version"] == "15.1(4)M4"
    assert facts["ansible_net_all_ipv4_addresses"] == ["192.168.10.1", "203.0.113.1"]
    assert facts["ansible_net_interfaces"]["GigabitEthernet0/1"]["ipv4"] == [
        {"address": "203.0.113.1", "subnet": "30"}
    ]
    assert 0 < facts["ansible_net_memfree_mb"] < facts["ansible_net_memtotal_mb"]
    resources = facts["ansible_network_resources"]
    (family,) = resources["static_routes"]
    (route,) = family["address_families"][0]["routes"]
    assert route["dest"] == "192.168.20.0/24"
    assert {row["name"] for row in resources["interfaces"]} >= {"GigabitEthernet0/0", "GigabitEthernet0/1"}
    switch = results["SW1"]["facts"]["ansible_facts"]
    assert switch["ansible_net_model"] == "WS-C2960-24TT-L"
    assert switch["ansible_net_version"] == "15.0(2)SE4"
    assert switch["ansible_network_resources"]["hostname"] == {"hostname": "SW1"}


def test_commands(results: dict[str, Any]) -> None:
    version, section, routes = results["R1"]["commands"]["stdout"]
    assert "Cisco IOS Software" in version
    assert section.splitlines()[0] == "interface GigabitEthernet0/0"
    assert routes == "ip route 192.168.20.0 255.255.255.0 203.0.113.2"


@pytest.mark.parametrize("host", ["R1", "SW1"])
def test_configuration_is_idempotent(results: dict[str, Any], host: str) -> None:
    tasks = results[host]
    assert tasks["first"]["changed"]
    assert tasks["first"]["commands"][-1] == "description set by a playbook"
    assert not tasks["second"]["changed"]
    assert tasks["saved"]["changed"]
    assert tasks["banner"]["changed"]
    assert not tasks["banner again"]["changed"]


@pytest.mark.parametrize("host", ["R1", "SW1"])
def test_ping(results: dict[str, Any], host: str) -> None:
    ping = results[host]["ping"]
    assert (ping["packets_rx"], ping["packets_tx"], ping["packet_loss"]) == (3, 3, "0%")
