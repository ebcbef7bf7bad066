"""What is left out for a hello that says nothing new makes no difference: the whole way ends with the same shows."""

from __future__ import annotations

import pytest

from iosemu import LabPlan, SyncLab
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.routing.ospf import Process
from iosemu.routing.ospf.core import Core
from iosemu.routing.ospf.reception import Reception
from iosemu.subjects.ospf.service.instance import Instance

ROUTERS = ("R1", "R2", "R3")
CABLES = (("R1", "R2"), ("R2", "R3"), ("R3", "R1"))
SHOWS = (
    "show interfaces",
    "show interfaces accounting",
    "show ip traffic",
    "show ip ospf neighbor",
    "show ip ospf interface",
    "show ip ospf traffic",
    "show ip ospf statistics",
    "show ip ospf database",
    "show ip route",
    "show processes cpu history",
    "show buffers",
    "show logging",
)


def triangle() -> LabPlan:
    """Three routers on three cables, of which one has two OSPF passwords in its life."""
    texts = {name: f"hostname {name}\n" for name in ROUTERS}
    used = dict.fromkeys(ROUTERS, 0)
    plan, links = LabPlan(), []
    for number, pair in enumerate(CABLES):
        ends = []
        for host, name in enumerate(pair, 1):
            port = f"FastEthernet0/{used[name]}"
            used[name] += 1
            texts[name] += f"interface {port}\n ip address 10.0.{number}.{host} 255.255.255.0\n no shutdown\n"
            ends.append(f"{name}:{port}")
        links.append(ends)
    for name in ROUTERS:
        plan.node(
            name,
            "c2811",
            config=f"{texts[name]}router ospf 1\n network 0.0.0.0 255.255.255.255 area 0\nend\n",
        )
    for one, other in links:
        plan.link(one, other)
    return plan


def life() -> str:
    """Some hours, a cable that loses all frames for a while, and a password that comes and goes; then the shows."""
    with SyncLab(triangle(), seed=3, time="manual") as lab:
        lab.advance(4000)
        link = lab.link("R1:FastEthernet0/0")
        link.impair(loss=1.0)
        lab.advance(100)
        assert "10.0.0" not in lab["R1"].cli("show ip ospf neighbor")
        link.clear()
        lab.advance(1000)
        for lines in (
            ["interface FastEthernet0/0", "ip ospf authentication", "ip ospf authentication-key secret"],
            ["interface FastEthernet0/0", "no ip ospf authentication", "ip ospf priority 7"],
        ):
            lab["R1"].configure(lines)
            lab.advance(30)
            lab["R2"].configure(lines)
            lab.advance(500)
        return "\n".join(f"{name}#{show}\n{lab[name].cli(show)}" for name in ROUTERS for show in SHOWS)


def test_the_whole_way_ends_with_the_same_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = life()
    assert quick.count("FULL") == 6
    send = Core.send

    def signed_anew(self: Core, interface, *rest) -> None:  # type: ignore[no-untyped-def]
        interface.signed = None
        send(self, interface, *rest)

    def every_time(self: Instance, packet: IPv4Packet, interface: str) -> None:
        self.debugger.received(packet, interface)
        Process.receive(
            self.engine, interface, packet.source, packet.payload, self.device.now, packet.destination
        )
        self.run()

    monkeypatch.setattr(Core, "send", signed_anew)
    monkeypatch.setattr(Instance, "receive", every_time)
    monkeypatch.setattr(Reception, "heard_again", lambda *_: False)
    assert life() == quick
