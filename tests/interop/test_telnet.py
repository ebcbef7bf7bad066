"""Netmiko and scrapli over Telnet and the console line, with a lab file that asks for both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import netmiko
import pytest
from netmiko.exceptions import NetmikoAuthenticationException
from scrapli.driver.core import IOSXEDriver

from iosemu import SyncLab

CONFIG = """hostname {name}
enable secret cisco
username admin privilege 15 secret admin
username guest privilege 1 secret guest
banner motd #
Lab of the day
#
line con 0
 login local
line vty 0 4
 login local
 transport input telnet ssh
end
"""
LAB = """name: lines
management: {telnet: 5001, console: 5101}
nodes:
  R1: {model: c2811, config: r.cfg}
  SW1: {model: catalyst-2960-24tt, config: s.cfg}
"""


@pytest.fixture
def lines(tmp_path: Path, lab_factory: Callable[..., SyncLab]) -> SyncLab:
    (tmp_path / "r.cfg").write_text(CONFIG.format(name="R1"))
    (tmp_path / "s.cfg").write_text(CONFIG.format(name="SW1"))
    (tmp_path / "lab.yaml").write_text(LAB)
    return lab_factory(str(tmp_path / "lab.yaml"))


def a_working_day(params: dict[str, Any], name: str) -> None:
    with netmiko.ConnectHandler(**params) as box:
        box.enable()
        assert box.find_prompt() == f"{name}#"
        box.send_config_set(["ip host server 10.0.0.9"])
        assert "ip host server 10.0.0.9" in box.send_command("show running-config")
        assert "[OK]" in box.save_config()


@pytest.mark.parametrize(("name", "way"), [("R1", "telnet"), ("SW1", "telnet"), ("R1", "console")])
def test_netmiko(lines: SyncLab, name: str, way: str) -> None:
    a_working_day(lines.ssh_params(name, f"netmiko-{way}"), name)


def test_netmiko_without_privilege(lines: SyncLab) -> None:
    params = lines.ssh_params("R1", "netmiko-telnet", username="guest", password="guest")
    with netmiko.ConnectHandler(**params) as router:
        assert router.find_prompt() == "R1>"
        router.enable()
        assert router.find_prompt() == "R1#"


def test_netmiko_with_a_wrong_password(lines: SyncLab) -> None:
    params = lines.ssh_params("R1", "netmiko-telnet", password="wrong")
    with pytest.raises(NetmikoAuthenticationException):
        netmiko.ConnectHandler(**params)


def test_scrapli(lines: SyncLab) -> None:
    with IOSXEDriver(**lines.ssh_params("SW1", "scrapli-telnet")) as switch:
        assert switch.get_prompt() == "SW1#"
        assert not switch.send_configs(["vlan 7", "name seven"]).failed
        assert "seven" in switch.send_command("show vlan brief").result


def test_a_lab_without_them(lab_factory: Callable[..., SyncLab]) -> None:
    lab = lab_factory("ipsec-vpn")
    with pytest.raises(ValueError, match=r"no telnet: write management: \{telnet: PORT\}"):
        lab.ssh_params("R-A", "netmiko-telnet")
