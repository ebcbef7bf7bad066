"""What one protocol takes of another: the routes that are installed, and the connected networks that it covers."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from house_bench import Box

from iosemu.ip.stack import IpStack
from iosemu.net.routing import Route, RouteSource
from iosemu.subjects.routing.protocols import RouteFacts, RoutingProtocol, RoutingProtocols
from iosemu.subjects.routing.redistribution import Redistribution

CONFIGURATION = """\
interface Loopback1
ip address 10.0.0.1 255.255.255.0
interface Loopback0
ip address 192.168.1.1 255.255.255.0
ip route 172.16.0.0 255.255.0.0 Loopback0
"""


class Taker:
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.routes: dict[IPv4Network, Route] = {}
        self.calls = 0

    def give(self, gone: Iterable[IPv4Network], come: Iterable[Route]) -> None:
        self.calls += 1
        for network in gone:
            del self.routes[network]
        self.routes.update({route.network: route for route in come})

    @property
    def networks(self) -> set[str]:
        return {str(network) for network in self.routes}


class Old(RoutingProtocol):
    """A protocol that runs on one loopback."""

    source = RouteSource.RIP
    process = "rip"

    def covers(self, interface: str) -> bool:
        return interface == "Loopback0"

    def facts(self, route: Route) -> RouteFacts:
        return RouteFacts()

    def summary(self) -> Iterable[str]:
        return ("  Sending nothing",)


def test_routes_come_at_once_and_their_changes_later() -> None:
    box = Box()
    box.configure(CONFIGURATION)
    redistribution, taker = box.device.service(Redistribution), Taker()
    redistribution.take("ospf 1", "static", taker.give)
    box.device.scheduler.run_until(5)
    assert taker.networks == {"172.16.0.0/16"}
    box.configure("ip route 172.17.0.0 255.255.0.0 Loopback0\nip route 172.18.0.0 255.255.0.0 10.9.9.9\n")
    box.device.scheduler.run_until(6)
    assert taker.networks == {"172.16.0.0/16", "172.17.0.0/16"}  # the third has no way to its next hop
    calls = taker.calls
    box.configure("interface Loopback0\nshutdown\n")
    box.device.scheduler.run_until(10)
    assert taker.networks == set()
    assert taker.calls == calls + 1
    redistribution.leave("ospf 1", "static")


def test_a_protocol_brings_its_routes_and_the_connected_networks_that_it_covers() -> None:
    box = Box()
    box.configure(CONFIGURATION)
    box.device.scheduler.run_until(5)
    old, taker, connected = Old(), Taker(), Taker()
    box.device.service(RoutingProtocols).add(old)
    learned = IPv4Network("172.20.0.0/16")
    table = box.device.service(IpStack).routes
    table.add(Route(learned, RouteSource.RIP, "Loopback1", IPv4Address("10.0.0.2"), 120, 1, process="rip"))
    redistribution = box.device.service(Redistribution)
    redistribution.take("ospf 1", "rip", taker.give, "subnets")
    redistribution.take("ospf 1", "connected", connected.give)
    box.device.scheduler.run_until(6)
    assert taker.networks == {"192.168.1.0/24", "172.20.0.0/16"}
    assert "192.168.1.0/24" in connected.networks
    found = table.lookup_exact(IPv4Network("192.168.1.0/24"))
    assert found is not None
    assert list(redistribution.takers(found)) == [("ospf 1", "subnets"), ("ospf 1", "")]
    redistribution.leave("ospf 1", "rip")
    assert taker.networks == set()
    assert box.run("show ip protocols").splitlines()[2:] == [
        'Routing Protocol is "rip"',
        "  Sending nothing",
        "",
    ]
