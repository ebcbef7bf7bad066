"""A script configures the exercise from scratch, as the handout's learner would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from netmiko import ConnectHandler

PLAN = {
    "R-A": ("10.0.10.20", "192.168.1.0", "192.168.2.0"),
    "R-B": ("10.0.10.10", "192.168.2.0", "192.168.1.0"),
}


def vpn(peer: str, here: str, there: str) -> list[str]:
    return [
        "crypto isakmp policy 10",
        "encryption aes 256",
        "hash sha",
        "authentication pre-share",
        "group 2",
        "lifetime 86400",
        f"crypto isakmp key TEST1 address {peer}",
        "crypto ipsec transform-set TSET esp-aes esp-sha-hmac",
        f"access-list 101 permit ip {here} 0.0.0.255 {there} 0.0.0.255",
        "crypto map CMAP 10 ipsec-isakmp",
        f"set peer {peer}",
        "match address 101",
        "set transform-set TSET",
        "interface fa0/0",
        "crypto map CMAP",
    ]


def ping(arguments: dict[str, Any]) -> str:
    with ConnectHandler(**arguments) as pc:
        return str(pc.send_command("ping 192.168.2.1", expect_string=r"C:\\>$"))


@pytest.mark.lab("ipsec-vpn-exercise")
def test_netmiko_builds_the_tunnel(ssh_params: Callable[..., dict[str, Any]]) -> None:
    for device, (peer, here, there) in PLAN.items():
        with ConnectHandler(**ssh_params(device)) as router:
            assert "QM_IDLE" not in router.send_command("show crypto isakmp sa")
            assert "% Invalid" not in router.send_config_set(vpn(peer, here, there))
            assert "[OK]" in router.save_config()
    assert "Received = 2, Lost = 2 (50% loss)" in ping(ssh_params("PC-A"))
    assert "Lost = 0 (0% loss)" in ping(ssh_params("PC-A"))
    with ConnectHandler(**ssh_params("R-A")) as router:
        assert "QM_IDLE" in router.send_command("show crypto isakmp sa")
        assert "#pkts decaps: 6," in router.send_command("show crypto ipsec sa")
