"""`default interface X` resets every part of an interface, and every service takes notice."""

from dataclasses import fields
from typing import Any

import pytest

from iosemu import SyncLab
from iosemu.bridging.switchport import Switchport
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.kinds.router import ROUTER
from iosemu.kinds.switch import SWITCH
from iosemu.lab.plan import LabPlan
from iosemu.subjects.nat.service import Nat

PORT = "FastEthernet0/1"


def plan() -> LabPlan:
    return (
        LabPlan().node("R", "c2811", config="hostname R").node("S", "catalyst-3560-24ps", config="hostname S")
    )


def changed(facet: Any) -> Any:
    """The facet with each simple field other than by default."""
    for each in fields(facet):
        value = getattr(facet, each.name)
        if isinstance(value, bool):
            setattr(facet, each.name, not value)
        elif isinstance(value, int):
            setattr(facet, each.name, value + 30)
        elif isinstance(value, str):
            setattr(facet, each.name, "other")
        elif isinstance(value, list):
            value.append(1)
        elif isinstance(value, dict):
            value["other"] = "other"
        elif value is None:
            setattr(facet, each.name, 7)
    return facet


@pytest.mark.parametrize(("box", "facets"), [("R", ROUTER.facets), ("S", SWITCH.facets)])
def test_every_facet_is_reset(box: str, facets: tuple[type, ...]) -> None:
    with SyncLab(plan()) as lab:
        config = lab.lab.core.devices[box].config.interfaces[PORT]
        kept = [
            facet
            for facet in facets
            if facet.__name__ != "Tunnel" and (box == "S" or facet is not Switchport)
        ]
        assert len(kept) >= 4
        for facet in kept:
            assert changed(config.of(facet)) != facet(), facet
        config.reset()
        assert [config.of(facet) for facet in kept] == [facet() for facet in kept]


@pytest.mark.parametrize("box", ["R", "S"])
def test_intervals_are_those_of_a_fresh_interface(box: str) -> None:
    with SyncLab(plan()) as lab:
        device = lab.lab.core.devices[box]
        stack, interface = device.service(IpStack), device.interfaces[PORT]
        lab[box].configure([f"interface {PORT}", "load-interval 30", "arp timeout 60"])
        assert interface.counters.in_load.interval == 30
        assert stack.arp.table.ageing_of(PORT) == 60
        lab[box].configure([f"default interface {PORT}"])
        assert interface.counters.in_load.interval == interface.counters.out_load.interval == 300
        assert stack.arp.table.ageing_of(PORT) == 14400


def test_services_forget_what_was_configured() -> None:
    with SyncLab(plan()) as lab:
        router = lab.lab.core.devices["R"]
        lab["R"].configure(
            [
                f"interface {PORT}",
                "ip address 10.0.0.1 255.255.255.0",
                "ip nat inside",
                "mtu 1400",
                "no shutdown",
            ]
        )
        assert router.service(Nat).answers.active
        lab["R"].configure([f"default interface {PORT}"])
        assert not router.service(Nat).answers.active
        assert router.config.interfaces[PORT].of(IpSettings).addresses == []
        assert router.config.interfaces[PORT].mtu == 1500
        shown = lab["R"].cli(f"show running-config interface {PORT}").splitlines()
        at = shown.index(f"interface {PORT}")
        assert shown[at + 1 : at + 4] == [" no ip address", " duplex auto", " speed auto"]


def test_a_loopback_carries_what_its_type_does() -> None:
    with SyncLab(plan()) as lab:
        lab["R"].configure(["interface Loopback0", "ip address 10.9.9.9 255.255.255.255"])
        assert "MTU 1514 bytes" in lab["R"].cli("show interfaces Loopback0")
        lab["R"].configure(["interface Loopback0", "mtu 1400", "no mtu"])
        assert " mtu " not in lab["R"].cli("show running-config interface Loopback0")
