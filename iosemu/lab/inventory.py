"""Inventories of a lab for the tools that people automate with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from iosemu.lab import labfile, resources
from iosemu.lab.errors import LabError
from iosemu.lab.registry import BASE_PORT, LOOPBACK, PASSWORD, running

USER = "admin"
SECRET = "cisco"  # noqa: S105 - the enable secret of the labs
IOS = ("router", "switch", "l3switch")
"""Kinds of devices with IOS; the others speak to people only."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A device that can be reached."""

    name: str
    port: int
    kind: str
    model: str
    host: str = LOOPBACK

    @property
    def ios(self) -> bool:
        """Whether it has IOS."""
        return self.kind in IOS


def entries(lab: str | None, base_port: int | None = None) -> list[Entry]:
    """The devices of a lab at the ports where it runs, or would run.

    Raises LabError when no lab is meant, or there is none of that name.
    """
    live = running()
    found = [each for each in live if lab is None or each.name == lab]
    if base_port is None and len(found) == 1:
        return [
            Entry(name, port, resources.model(found[0].models[name]).kind, found[0].models[name])
            for name, port in found[0].devices.items()
        ]
    if lab is None:
        known = ", ".join(each.name for each in live) or "none"
        raise LabError(f"say which lab, such as: iosemu inventory ipsec-vpn; running: {known}")
    topology = labfile.read(labfile.find(lab), outside_configs=True)
    return [
        Entry(
            name,
            topology.ports[name] - BASE_PORT + (base_port or BASE_PORT),
            resources.model(node.model).kind,
            node.model,
        )
        for name, node in topology.lab.nodes.items()
    ]


def _yaml(data: Any) -> str:
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True))


def netmiko(entries: list[Entry]) -> str:
    """JSON: a name and the arguments of `ConnectHandler` for each device."""
    devices = {
        entry.name: {
            "device_type": "cisco_ios",
            "host": entry.host,
            "port": entry.port,
            "username": USER,
            "password": PASSWORD,
            "secret": SECRET,
        }
        for entry in entries
        if entry.ios
    }
    return json.dumps(devices, indent=2) + "\n"


def nornir(entries: list[Entry]) -> str:
    """`hosts.yaml` of Nornir's SimpleInventory, with the options of its Netmiko, scrapli and NAPALM plug-ins."""
    hosts = {
        entry.name: {
            "hostname": entry.host,
            "port": entry.port,
            "username": USER,
            "password": PASSWORD,
            "platform": "cisco_ios",
            "data": {"kind": entry.kind, "model": entry.model},
            "connection_options": {
                "netmiko": {"extras": {"secret": SECRET}},
                "napalm": {"platform": "ios", "extras": {"optional_args": {"secret": SECRET}}},
                "scrapli": {
                    "platform": "cisco_iosxe",
                    "extras": {"auth_strict_key": False, "auth_secondary": SECRET},
                },
            },
        }
        for entry in entries
        if entry.ios
    }
    return _yaml(hosts)


def ansible(entries: list[Entry]) -> str:
    """A YAML inventory for `cisco.ios` over `network_cli`, grouped by kind."""
    groups: dict[str, Any] = {}
    for entry in entries:
        if entry.ios:
            group = groups.setdefault("routers" if entry.kind == "router" else "switches", {"hosts": {}})
            group["hosts"][entry.name] = {"ansible_host": entry.host, "ansible_port": entry.port}
    variables = {
        "ansible_connection": "ansible.netcommon.network_cli",
        "ansible_network_os": "cisco.ios.ios",
        "ansible_user": USER,
        "ansible_password": PASSWORD,
        "ansible_become": True,
        "ansible_become_method": "enable",
        "ansible_become_password": SECRET,
        "ansible_host_key_checking": False,
    }
    return _yaml({"all": {"vars": variables, "children": groups}})


def ssh_config(entries: list[Entry]) -> str:
    """Entries for `~/.ssh/config`: `ssh R-A`."""
    blocks = [
        f"Host {entry.name}\n  HostName {entry.host}\n  Port {entry.port}\n  User {USER}\n"
        "  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n"
        for entry in entries
    ]
    return "\n".join(blocks)


def pyats(entries: list[Entry]) -> str:
    """A pyATS testbed."""
    devices = {
        entry.name: {
            "os": "ios",
            "type": "router" if entry.kind == "router" else "switch",
            "platform": entry.model,
            "credentials": {
                "default": {"username": USER, "password": PASSWORD},
                "enable": {"password": SECRET},
            },
            "connections": {
                "cli": {
                    "protocol": "ssh",
                    "ip": entry.host,
                    "port": entry.port,
                    "ssh_options": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
                }
            },
        }
        for entry in entries
        if entry.ios
    }
    return _yaml({"testbed": {"name": "iosemu"}, "devices": devices})


FORMATS: Mapping[str, Callable[[list[Entry]], str]] = {
    "netmiko": netmiko,
    "nornir": nornir,
    "ansible": ansible,
    "ssh-config": ssh_config,
    "pyats": pyats,
}
"""Name of a format → what writes it."""
