"""Netmiko's `cisco_ios`, fast and default, against every kind of box it talks to."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep as real_sleep
from typing import Any

import netmiko
import netmiko.ssh_autodetect
import pytest
from netmiko import ConnectHandler, SSHDetect
from netmiko.exceptions import ConfigInvalidException, NetmikoAuthenticationException

Params = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.lab("office")


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "default"])
def test_a_working_day(ssh_params: Params, fast: bool) -> None:
    with ConnectHandler(**ssh_params("R1"), fast_cli=fast) as router:
        assert router.find_prompt() == "R1#"
        assert router.check_enable_mode()
        output = router.send_config_set(
            ["interface loopback 3", "description by netmiko", "ip address 10.3.3.3 255.255.255.255"]
        )
        assert "R1(config-if)#" in output
        assert not router.check_config_mode()
        assert "[OK]" in router.save_config()
        assert "by netmiko" in router.send_command("show startup-config")
        brief = router.send_command("show ip interface brief", use_textfsm=True)
        assert ("Loopback3", "10.3.3.3") in {(row["interface"], row["ip_address"]) for row in brief}
        with pytest.raises(ConfigInvalidException):
            router.send_config_set(["bogus line"], error_pattern="% Invalid")
        router.send_config_set(["no interface loopback 3"])
        many = [f"access-list 20 permit 10.{number // 256}.{number % 256}.1" for number in range(300)]
        router.send_config_set(many, read_timeout=60)
        assert router.send_command("show access-lists 20 | count permit").endswith("= 300")


def test_dialogs(ssh_params: Params) -> None:
    with ConnectHandler(**ssh_params("R2", username="cisco", password="cisco")) as router:
        assert router.find_prompt() == "R2>"
        router.enable()
        assert router.find_prompt() == "R2#"
        router.exit_enable_mode()
        router.enable()
        output = router.send_multiline(
            [["copy running-config flash:x.cfg", r"x\.cfg\]\?"], ["\n", r"bytes/sec\)"]]
        )
        assert "bytes copied in" in output
        output = router.send_multiline([["delete flash:x.cfg", r"\]\?"], ["\n", "confirm"], ["y", ""]])
        assert "x.cfg" not in router.send_command("dir flash:")
        questions = ["Protocol", "Target", "Repeat", "Datagram", "Timeout", "Extended", "Sweep"]
        asked = [f"{question}.*: $" for question in questions]
        typed = ["ping", "", "192.168.20.1", "3", "", "", "", ""]
        ping = router.send_multiline([list(pair) for pair in zip(typed, [*asked, "#"], strict=True)])
        assert "Success rate is 100 percent (3/3)" in ping
        assert router.send_multiline_timing(["clear logging", ""], last_read=0.5).endswith("R2#")
        banner = router.send_config_set(["banner login %", "line one", "line two", "%"], cmd_verify=False)
        assert "Enter TEXT message.  End with the character '%'." in banner
        assert "banner login ^C\nline one\nline two\n^C" in router.send_command("show running-config")


def test_switches(ssh_params: Params) -> None:
    with ConnectHandler(**ssh_params("SW1")) as switch:
        switch.send_config_set(
            ["vlan 20", "name TWENTY", "exit", "interface fa0/5", "switchport access vlan 20"]
        )
        vlans = switch.send_command("show vlan brief", use_textfsm=True)
        assert {"vlan_id": "20", "vlan_name": "TWENTY", "status": "active", "interfaces": ["Fa0/5"]} in vlans


def test_autodetect(ssh_params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    """Netmiko gives each of its guesses five seconds; a lab does not need them."""
    real = netmiko.BaseConnection.read_channel_timing
    monkeypatch.setattr(netmiko.ssh_autodetect.time, "sleep", lambda seconds: real_sleep(min(seconds, 0.05)))
    monkeypatch.setattr(
        netmiko.BaseConnection,
        "read_channel_timing",
        lambda self, last_read=0.3, read_timeout=6: real(self, last_read=0.3, read_timeout=read_timeout),
    )
    arguments = {**ssh_params("R1"), "device_type": "autodetect"}
    assert SSHDetect(**arguments).autodetect() == "cisco_ios"


def test_a_wrong_password(ssh_params: Params) -> None:
    with pytest.raises(NetmikoAuthenticationException):
        ConnectHandler(**ssh_params("R1", password="wrong"))
