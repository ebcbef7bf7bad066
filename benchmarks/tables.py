"""`python -m benchmarks.tables`: long configurations and large tables, of N, 2N and 4N.

What is typed is typed through the grammar, as a startup configuration is. The last column is the cost of one item
among 4N beside that of one among N: about 1 where items cost the same however many there are.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

from rich.console import Console
from rich.table import Table

from iosemu.box.device import Device
from iosemu.kinds.factory import create_device
from iosemu.lab import resources
from iosemu.net.link import Link
from iosemu.net.routing import Route, RouteSource, RoutingTable
from iosemu.net.scheduler import Scheduler
from iosemu.shell.loader import load

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
LOOKUPS = 20_000
FRAMES = 2_000


def box(model: str = "c2911", scheduler: Scheduler | None = None) -> Device:
    """A box that is switched on and has its ports in service."""
    image = resources.image("15.1")
    device = create_device(
        model, resources.model(model), image, scheduler or Scheduler(), random.Random(1), ORIGIN
    )
    device.nvram["startup-config"] = b"!\n"
    device.boot()
    return device


def typed(device: Device, lines: list[str]) -> float:
    """CPU seconds for typing lines; they must all be taken."""
    began = time.process_time()
    errors = load(device, resources.grammar(), "\n".join(lines))
    took = time.process_time() - began
    if errors:
        sys.exit(f"refused: {errors[0]}")
    return took


def loopback(number: int) -> list[str]:
    """An interface with an address."""
    return [
        f"interface Loopback{number}",
        f"ip address {IPv4Address((172 << 24) + number * 4 + 1)} 255.255.255.252",
    ]


def static(number: int) -> str:
    """A route through a host on the first link."""
    return f"ip route {IPv4Address((20 << 24) + (number << 8))} 255.255.255.0 10.0.0.{number % 200 + 2}"


FIRST_LINK = ["interface GigabitEthernet0/0", "ip address 10.0.0.1 255.255.255.0", "no shutdown"]


def joined() -> Device:
    """A router whose first link is up."""
    router = box()
    other = box(scheduler=router.scheduler)
    typed(other, ["interface GigabitEthernet0/0", "no shutdown"])
    Link(router.scheduler, router.ports["GigabitEthernet0/0"], other.ports["GigabitEthernet0/0"])
    typed(router, FIRST_LINK)
    router.scheduler.run_until(5.0)
    return router


def loopbacks(count: int) -> float:
    """CPU seconds for each of `count` loopbacks typed."""
    return typed(box(), [line for each in range(count) for line in loopback(each)]) / count


def statics(count: int) -> float:
    """CPU seconds for each of `count` static routes typed."""
    return typed(joined(), [static(each) for each in range(count)]) / count


def loopback_among(count: int) -> float:
    """CPU seconds for a loopback typed where there are `count` static routes."""
    router = joined()
    typed(router, [static(each) for each in range(count)])
    return typed(router, [line for each in range(20) for line in loopback(each)]) / 20


def subinterfaces(count: int) -> float:
    """CPU seconds for each of `count` subinterfaces typed."""
    lines = []
    for each in range(1, count + 1):
        address = IPv4Address((172 << 24) + each * 4 + 1)
        lines += [f"interface GigabitEthernet0/1.{each}", f"encapsulation dot1Q {each}"]
        lines += [f"ip address {address} 255.255.255.252"]
    return typed(box(), lines) / count


def vlans(count: int) -> float:
    """CPU seconds for each of `count` VLANs typed."""
    lines = [line for each in range(2, count + 2) for line in (f"vlan {each}", f"name V{each}")]
    return typed(box("catalyst-2960-24tt"), lines) / count


def vlan_interfaces(count: int) -> float:
    """CPU seconds for each of `count` VLANs with an interface and an address typed."""
    lines = []
    for each in range(2, count + 2):
        address = IPv4Address((172 << 24) + each * 4 + 1)
        lines += [f"vlan {each}", f"interface Vlan{each}", f"ip address {address} 255.255.255.252"]
    return typed(box("catalyst-3560-24ps"), lines) / count


def access_list(count: int) -> float:
    """CPU seconds for each of `count` entries of an access list typed."""
    lines = [f"permit ip host {IPv4Address((20 << 24) + each)} any" for each in range(count)]
    return typed(box(), ["ip access-list extended LONG", *lines]) / count


def crypto_map(count: int) -> float:
    """CPU seconds for each of `count` crypto map entries typed."""
    lines = [
        line
        for each in range(1, count + 1)
        for line in (f"crypto map M {each} ipsec-isakmp", f"set peer {IPv4Address((20 << 24) + each)}")
    ]
    return typed(box(), lines) / count


def feed(count: int) -> Iterator[Route]:
    """Routes as a BGP neighbour would give them."""
    for each in range(count):
        network = IPv4Network(((20 << 24) + (each << 8), 24))
        yield Route(network, RouteSource.BGP, None, IPv4Address("10.0.0.2") + each % 500, 20)


def fed(count: int) -> RoutingTable:
    """A table with a feed of routes and the link that they go by."""
    table = RoutingTable()
    table.interface_up("e0", True)
    table.add(Route(IPv4Network("10.0.0.0/16"), RouteSource.CONNECTED, "e0"))
    with table.batch():
        for route in feed(count):
            table.add(route)
    return table


def feeding(count: int) -> float:
    """CPU seconds for each of `count` routes taken."""
    began = time.process_time()
    fed(count)
    return (time.process_time() - began) / count


def lookups(count: int) -> float:
    """CPU seconds for a lookup of a destination in a table of `count` routes, hardly ever the same one."""
    table, rng = fed(count), random.Random(1)
    destinations = [IPv4Address((20 << 24) + rng.randrange(count << 8)) for _ in range(LOOKUPS)]
    began = time.process_time()
    for each in destinations:
        table.lookup(each)
    return (time.process_time() - began) / LOOKUPS


def flaps(count: int) -> float:
    """CPU seconds for an interface that comes up and goes down beside `count` routes."""
    table = fed(count)
    began = time.process_time()
    for number in range(100):
        table.add(Route(IPv4Network(((11 << 24) + (number << 8), 24)), RouteSource.CONNECTED, f"l{number}"))
        table.interface_up(f"l{number}", True)
        table.interface_up(f"l{number}", False)
    return (time.process_time() - began) / 100


def frames(count: int) -> float:
    """CPU seconds for a frame from trunk to trunk through a switch that has `count` VLANs."""
    switch = box("catalyst-2960-24tt")
    hosts = [box(scheduler=switch.scheduler) for _ in range(2)]
    first, second = sorted(switch.ports)[:2]
    for host, port in zip(hosts, (first, second), strict=True):
        Link(switch.scheduler, host.ports["GigabitEthernet0/0"], switch.ports[port])
    trunks = [line for port in (first, second) for line in (f"interface {port}", "switchport mode trunk")]
    typed(switch, [*trunks, *(f"vlan {each}" for each in range(2, count + 2))])
    switch.scheduler.run_until(60.0)
    there, back = (host.interfaces["GigabitEthernet0/0"].mac for host in hosts)
    receive = switch.interfaces[first].frame_received
    switch.interfaces[second].frame_received(bytes(there) + bytes(back) + b"\x08\x00" + bytes(46))
    frame = bytes(back) + bytes(there) + b"\x08\x00" + bytes(46)
    began = time.process_time()
    for _ in range(FRAMES):
        receive(frame)
    return (time.process_time() - began) / FRAMES


ROWS: list[tuple[str, Callable[[int], float], int]] = [
    ("a loopback typed", loopbacks, 250),
    ("a subinterface typed", subinterfaces, 250),
    ("a static route typed", statics, 2500),
    ("a loopback typed among N routes", loopback_among, 2500),
    ("a VLAN typed", vlans, 250),
    ("a VLAN with an interface typed", vlan_interfaces, 250),
    ("a line of an access list typed", access_list, 250),
    ("an entry of a crypto map typed", crypto_map, 250),
    ("a route of a feed", feeding, 25_000),
    ("a lookup among N routes", lookups, 25_000),
    ("an interface that flaps beside N routes", flaps, 25_000),
    ("a frame from trunk to trunk, N VLANs", frames, 50),
]


def main() -> None:
    """Measure the rows whose names have one of the words given, all without any, and print."""
    table = Table(title="CPU for one item, microseconds")
    for heading in ("what", "N", "of N", "of 2N", "of 4N", "growth"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    resources.grammar()
    words = sys.argv[1:]
    for what, measure, count in ROWS:
        if words and not any(word in what for word in words):
            continue
        taken = [measure(count * factor) * 1e6 for factor in (1, 2, 4)]
        table.add_row(what, str(count), *(f"{each:.1f}" for each in taken), f"{taken[2] / taken[0]:.2f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
