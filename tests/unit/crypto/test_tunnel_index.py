"""Tunnels by their ends and by the way to them."""

from ipaddress import IPv4Address, IPv4Network

from iosemu.subjects.tunnel.config import Tunnel, TunnelMode
from iosemu.subjects.tunnel.index import TunnelIndex

HERE, ONE, TWO = IPv4Address("192.0.2.1"), IPv4Address("198.51.100.1"), IPv4Address("198.51.100.2")


def test_by_their_ends() -> None:
    index = TunnelIndex()
    index.put("Tunnel10", Tunnel(source="FastEthernet0/0", destination=ONE, protection="P"))
    index.put("Tunnel2", Tunnel(source=HERE, destination=ONE))
    index.put("Tunnel1", Tunnel(source=HERE, mode=TunnelMode.MULTIPOINT))
    assert index.towards(ONE) == ["Tunnel1", "Tunnel2", "Tunnel10"]
    assert index.towards(TWO) == ["Tunnel1"]
    assert list(index.sourced("FastEthernet0/0")) == ["Tunnel10"]
    assert list(index.sourced(HERE)) == ["Tunnel2", "Tunnel1"]
    assert list(index.protected) == ["Tunnel10"]
    index.put("Tunnel10", Tunnel(source=HERE, destination=TWO))
    assert index.towards(TWO) == ["Tunnel1", "Tunnel10"]
    assert list(index.sourced("FastEthernet0/0")) == []
    assert list(index.protected) == []
    for name in ("Tunnel1", "Tunnel2", "Tunnel10"):
        index.remove(name)
    assert index.towards(ONE) == index.towards(TWO) == []


def test_by_the_way_to_them() -> None:
    index = TunnelIndex()
    gateway = IPv4Address("192.0.2.254")
    index.follow("Tunnel1", (ONE, gateway))
    index.follow("Tunnel2", (TWO, gateway))
    assert set(index.along(IPv4Network("198.51.100.1/32"))) == {"Tunnel1"}
    assert set(index.along(IPv4Network("198.51.100.0/24"))) == {"Tunnel1", "Tunnel2"}
    assert set(index.along(IPv4Network("192.0.2.0/24"))) == {"Tunnel1", "Tunnel2"}
    assert set(index.along(IPv4Network("10.0.0.0/8"))) == set()
    index.follow("Tunnel1", (ONE,))
    index.remove("Tunnel2")
    assert set(index.along(IPv4Network("0.0.0.0/0"))) == {"Tunnel1"}
    assert set(index.along(IPv4Network("192.0.2.0/24"))) == set()
