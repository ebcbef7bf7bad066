"""OSPF over the links of a WAN: serial lines, GRE, GRE in IPsec, virtual tunnel interfaces, a virtual link."""

from pathlib import Path

import pytest

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

IKE = """crypto isakmp policy 10
 encr aes
 authentication pre-share
 group 2
crypto isakmp key TEST1 address 10.0.0.{peer}
crypto ipsec transform-set TSET esp-aes esp-sha-hmac
crypto ipsec profile PROF
 set transform-set TSET
"""
TUNNEL = """interface Tunnel0
 ip address 172.16.0.{own} 255.255.255.252
 tunnel source FastEthernet0/0
 tunnel destination 10.0.0.{peer}
"""
ETHERNET = "interface FastEthernet0/0\n ip address 10.0.0.{own} 255.255.255.0\n no shutdown\n"
SERIAL = "interface Serial0/0/0\n ip address 172.16.0.{own} 255.255.255.252\n no shutdown\n"
OSPF = """interface Loopback0
 ip address 192.168.{own}.1 255.255.255.0
 ip ospf network point-to-point
router ospf 1
 network 172.16.0.0 0.0.0.3 area 0
 network 192.168.0.0 0.0.255.255 area 0
"""
LINKS = {
    "serial": (SERIAL, "Serial0/0/0", 64),
    "GRE": (ETHERNET + TUNNEL, "Tunnel0", 1000),
    "GRE in IPsec": (ETHERNET + IKE + TUNNEL + " tunnel protection ipsec profile PROF\n", "Tunnel0", 1000),
    "VTI": (
        ETHERNET + IKE + TUNNEL + " tunnel mode ipsec ipv4\n tunnel protection ipsec profile PROF\n",
        "Tunnel0",
        1000,
    ),
}


def pair(directory: Path, text: str) -> Lab:
    """R1 and R2, joined by Ethernet and by a serial line."""
    for own, peer in ((1, 2), (2, 1)):
        body = (text + OSPF).replace("{own}", str(own)).replace("{peer}", str(peer))
        (directory / f"R{own}.cfg").write_text(f"hostname R{own}\n{body}end\n")
    (directory / "lab.yaml").write_text("""name: links
nodes:
  R1: {model: c2811, image: "15.1", config: R1.cfg, modules: {0/0: WIC-1T}}
  R2: {model: c2811, image: "15.1", config: R2.cfg, modules: {0/0: WIC-1T}}
links:
  - endpoints: ["R1:Fa0/0", "R2:Fa0/0"]
  - endpoints: ["R1:Se0/0/0", "R2:Se0/0/0"]
""")
    lab = Lab.load(directory / "lab.yaml", seed=1)
    lab.boot()
    assert lab.errors == {"R1": [], "R2": []}
    return lab


def say(lab: Lab, device: str, line: str) -> str:
    session = lab.session(device)
    assert session is not None
    session.run(line)
    lab.clock.watch(session)
    lab.run_until(lambda: not session.waiting, 60)
    lab.clock.unwatch(session)
    return session.output().decode()


@pytest.mark.parametrize("kind", LINKS)
def test_neighbors_and_routes_over(kind: str, tmp_path: Path) -> None:
    text, name, cost = LINKS[kind]
    lab = pair(tmp_path, text)
    lab.advance(120)
    shown = say(lab, "R1", "show ip ospf neighbor")
    assert "FULL/  -" in shown
    assert name in shown
    assert f"Network Type POINT_TO_POINT, Cost: {cost}" in say(lab, "R1", f"show ip ospf interface {name}")
    assert f"192.168.2.0/24 [110/{cost + 1}] via 172.16.0.2" in say(lab, "R1", "show ip route ospf")
    assert "(5/5)" in say(lab, "R1", "ping 192.168.2.1 source Loopback0")
    if kind in ("GRE in IPsec", "VTI"):
        assert "#pkts decaps: 0" not in say(lab, "R2", "show crypto ipsec sa")
    lab.link("R1:Se0/0/0" if kind == "serial" else "R1:Fa0/0").plugged = False
    lab.advance(120)
    assert "192.168.2.0" not in say(lab, "R1", "show ip route ospf")
    lab.link("R1:Se0/0/0" if kind == "serial" else "R1:Fa0/0").plugged = True
    lab.advance(180)
    assert "(5/5)" in say(lab, "R1", "ping 192.168.2.1 source Loopback0")


def test_a_virtual_link_joins_an_area_to_the_backbone() -> None:
    lab = Lab.load("ospf-multi-area", seed=1)
    lab.boot()
    texts = {
        "R1": "router ospf 1\nnetwork 10.0.12.0 0.0.0.255 area 0",
        "R2": "router ospf 1\nnetwork 10.0.12.0 0.0.0.255 area 0\nnetwork 10.0.23.0 0.0.0.255 area 1\n"
        "area 1 virtual-link 3.3.3.3",
        "R3": "router ospf 1\nnetwork 10.0.34.0 0.0.0.255 area 2\nnetwork 10.0.23.0 0.0.0.255 area 1\n"
        "area 1 virtual-link 2.2.2.2",
        "R4": "router ospf 1\nnetwork 10.0.34.0 0.0.0.255 area 2\nnetwork 192.168.4.0 0.0.0.255 area 2",
    }
    for device, text in texts.items():
        assert load(lab[device], lab.grammar, text) == []
    lab.advance(180)
    shown = say(lab, "R2", "show ip ospf virtual-links")
    assert "Virtual Link OSPF_VL0 to router 3.3.3.3 is up" in shown
    assert "Adjacency State FULL (Hello suppressed)" in shown
    assert "O IA  192.168.4.0/24" in say(lab, "R1", "show ip route ospf")
    assert "(5/5)" in say(lab, "R1", "ping 192.168.4.1")
    # hellos are suppressed, so the end that keeps its line would not notice (RFC 1793)
    for device, peer in (("R3", "2.2.2.2"), ("R2", "3.3.3.3")):
        assert load(lab[device], lab.grammar, f"router ospf 1\nno area 1 virtual-link {peer}") == []
    lab.advance(120)
    assert "192.168.4.0" not in say(lab, "R1", "show ip route ospf")


def test_hours_of_refreshes_keep_everything(tmp_path: Path) -> None:
    lab = pair(tmp_path, SERIAL)
    lab.advance(120)
    before = say(lab, "R1", "show ip ospf neighbor detail")
    lab.advance(2 * 3600)
    after = say(lab, "R1", "show ip ospf neighbor detail")
    assert "6 state changes" in before
    assert "6 state changes" in after
    assert "192.168.2.0/24" in say(lab, "R1", "show ip route ospf")
