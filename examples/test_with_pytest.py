"""A script and its tests in one file: pytest test_with_pytest.py."""

from collections.abc import Callable
from typing import Any

import netmiko
import pytest

from iosemu import SyncLab


def add_route(device: netmiko.BaseConnection, network: str, mask: str, gateway: str) -> None:
    """The script under test: add a static route unless it is there."""
    line = f"ip route {network} {mask} {gateway}"
    if line not in device.send_command("show running-config | include ^ip route"):
        device.send_config_set([line])


@pytest.mark.lab("office")
def test_adds_a_route_once(lab: SyncLab, ssh_params: Callable[..., Any]) -> None:
    for _ in range(2):
        with netmiko.ConnectHandler(**ssh_params("R1")) as router:
            add_route(
                router,
                "172.16.0.0",
                "255.240.0.0",
                str(lab["R2"].state.interfaces["GigabitEthernet0/1"].address.ip),
            )
    routes = [route for route in lab["R1"].state.routes if str(route.network) == "172.16.0.0/12"]
    assert len(routes) == 1
    assert routes[0].code == "S"


@pytest.mark.lab("office")
def test_the_offices_reach_each_other(lab: SyncLab) -> None:
    lab["PC1"].ping(str(lab["PC2"].state.interfaces["FastEthernet0"].address.ip))
    assert lab["PC1"].ping(str(lab["PC2"].state.interfaces["FastEthernet0"].address.ip))


@pytest.mark.lab("office")
def test_a_cut_cable_is_noticed(lab: SyncLab) -> None:
    lab.link("R1:Gi0/1").down()
    lab.advance("5s")
    assert not lab["R1"].state.interfaces["GigabitEthernet0/1"].up
