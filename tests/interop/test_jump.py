"""A script that goes on from one router to the next, as it would through a jump host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import netmiko
from netmiko import redispatch

from iosemu import SyncLab

LAB = Path(__file__).parents[1] / "transcripts" / "telnet" / "lab.yaml"


def test_netmiko_goes_on_by_telnet(lab_factory: Callable[..., SyncLab]) -> None:
    lab = lab_factory(str(LAB))
    with netmiko.ConnectHandler(**lab.ssh_params("R1", "netmiko")) as box:
        assert box.find_prompt() == "R1#"
        box.write_channel("telnet 10.0.12.2\n")
        box.read_until_pattern("Username: ")
        box.write_channel("admin\n")
        box.read_until_pattern("Password: ")
        box.write_channel("admin\n")
        box.read_until_pattern("R2#")
        redispatch(box, device_type="cisco_ios")
        box.send_config_set(
            ["ip host far 10.9.9.9", "interface Loopback7", "ip address 10.7.7.7 255.255.255.255"]
        )
        assert "10.7.7.7" in box.send_command("show ip interface brief")
        assert len(box.send_command("show running-config").splitlines()) > 40
        box.write_channel("exit\n")
        box.read_until_pattern("R1#")
        assert "No connections open" in box.send_command("show sessions")
    assert "10.7.7.7" in lab["R2"].cli("show ip interface brief")
    assert "10.7.7.7" not in lab["R1"].cli("show ip interface brief")


def test_netmiko_goes_on_by_ssh(lab_factory: Callable[..., SyncLab]) -> None:
    lab = lab_factory(str(LAB.parents[1] / "ssh" / "lab.yaml"))
    with netmiko.ConnectHandler(**lab.ssh_params("R1", "netmiko")) as box:
        box.write_channel("ssh -l admin 10.0.12.2\n")
        box.read_until_pattern("Password: ")
        box.write_channel("admin\n")
        box.read_until_pattern("R2#")
        redispatch(box, device_type="cisco_ios")
        box.send_config_set(["interface Loopback7", "ip address 10.7.7.7 255.255.255.255"])
        assert "10.7.7.7" in box.send_command("show ip interface brief")
        assert len(box.send_command("show running-config").splitlines()) > 40
        assert "Session started" in box.send_command("show ssh")
        box.write_channel("exit\n")
        box.read_until_pattern("R1#")
        assert "No connections open" in box.send_command("show sessions")
    assert "10.7.7.7" in lab["R2"].cli("show ip interface brief")
