"""What interfaces and routes cost as there are more of them: figures at N, 2N and 4N, and their ratio.

`python -m benchmarks.tables`; a cost that grows in proportion shows 4.0, one that grows with the square 16.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.kinds.factory import create_device
from iosemu.lab.resources import grammar, image, model
from iosemu.net.routing import Route, RouteSource, RoutingTable
from iosemu.net.scheduler import Scheduler
from iosemu.shell.loader import load


def _router() -> Device:
    device = create_device(
        "R", model("c2811"), image("15.1"), Scheduler(), random.Random(1), datetime(2026, 1, 1, tzinfo=UTC)
    )
    device.nvram["startup-config"] = b"!"
    device.boot()
    return device


def _octets(number: int) -> str:
    return f"{number // 250}.{number % 250}"


def loopbacks(count: int) -> float:
    lines = [f"interface Loopback{n}\n ip address 10.{_octets(n)}.1 255.255.255.0" for n in range(count)]
    return _typed("\n".join(lines))


def routes(count: int) -> float:
    lines = [f"ip route 20.{_octets(n)}.0 255.255.255.0 10.0.10.{2 + n % 8}" for n in range(count)]
    return _typed("interface Fa0/0\n ip address 10.0.10.1 255.255.255.0\n no shutdown\n" + "\n".join(lines))


def _typed(text: str) -> float:
    device = _router()
    began = time.process_time()
    assert not load(device, grammar(), text)
    device.scheduler.run_until(device.now + 5)
    return time.process_time() - began


def _feed(count: int) -> RoutingTable:
    table = RoutingTable()
    table.interface_up("e0", True)
    table.add(Route(IPv4Network("10.0.0.0/8"), RouteSource.CONNECTED, "e0"))
    for number in range(count):
        network = IPv4Network((0x20000000 + number * 256, 24))
        table.add(Route(network, RouteSource.BGP, None, IPv4Address("10.0.0.9"), 20))
    return table


def feed(count: int) -> float:
    began = time.process_time()
    _feed(count)
    return time.process_time() - began


def lookups(count: int) -> float:
    """10,000 lookups in a table of this size."""
    table = _feed(count)
    addresses = [IPv4Address(0x20000000 + n * 7919 % (count * 256)) for n in range(10_000)]
    began = time.process_time()
    for address in addresses:
        assert table.lookup(address) is not None
    return time.process_time() - began


def new_interface(count: int) -> float:
    """100 interfaces that go up and down in a table of this size."""
    table = _feed(count)
    began = time.process_time()
    for number in range(100):
        table.add(Route(IPv4Network((0x0B000000 + number * 256, 24)), RouteSource.CONNECTED, f"l{number}"))
        table.interface_up(f"l{number}", True)
        table.interface_up(f"l{number}", False)
    return time.process_time() - began


ROWS: tuple[tuple[str, Callable[[int], float], int], ...] = (
    ("loopbacks typed", loopbacks, 250),
    ("static routes typed", routes, 2500),
    ("routes of a BGP feed taken", feed, 25_000),
    ("10,000 lookups in a table of N", lookups, 25_000),
    ("100 interfaces with N routes", new_interface, 25_000),
)


def main() -> None:
    grammar()
    _typed("interface Loopback0\nip route 1.0.0.0 255.0.0.0 Null0")
    for name, run, count in ROWS:
        figures = [run(count * factor) for factor in (1, 2, 4)]
        shown = "  ".join(f"{seconds * 1000:9.1f} ms" for seconds in figures)
        print(f"{name:<34} N={count:<7} {shown}   4N/N {figures[2] / figures[0]:5.2f}")


if __name__ == "__main__":
    main()
