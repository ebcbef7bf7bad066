"""The lab about VRFs: nothing is done at first, and what the hints say gives all points."""

from examined import score

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

CUSTOMER = """\
ip vrf {vrf}
rd 65000:{number}
interface GigabitEthernet0/{port}
ip vrf forwarding {vrf}
ip address 192.168.{site}.1 255.255.255.0
interface GigabitEthernet0/2.{number}0
encapsulation dot1Q {number}0
ip vrf forwarding {vrf}
ip address 10.0.0.{site} 255.255.255.252
"""
ROUTE = "ip route vrf A 192.168.{other}.0 255.255.255.0 10.0.0.{other}\n"
OSPF = "router ospf 2 vrf B\nnetwork 0.0.0.0 255.255.255.255 area 0\n"


def solution(site: int) -> str:
    text = "".join(
        CUSTOMER.format(vrf=vrf, number=port + 1, port=port, site=site) for port, vrf in enumerate("AB")
    )
    return text + ROUTE.format(other=3 - site) + OSPF


def ping(lab: Lab, name: str) -> str:
    session = lab.session(name)
    assert session is not None
    session.start()
    session.run("ping 192.168.2.10")
    lab.clock.watch(session)
    assert lab.run_until(lambda: not session.waiting, 60)
    lab.clock.unwatch(session)
    text = session.output().decode()
    session.disconnect()
    return text


def test_what_the_hints_say_gives_all_points() -> None:
    lab = Lab.load("vrf-lite", seed=1)
    lab.boot()
    assert score(lab)[0] == 0
    for site in (1, 2):
        assert load(lab[f"PE{site}"], lab.grammar, solution(site)) == []
    lab.advance(60)
    for name in ("PC-A1", "PC-B1"):
        assert "Received = 0" not in ping(lab, name)
    done, report = score(lab)
    assert done == 100, report
