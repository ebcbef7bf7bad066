"""`python -m benchmarks.queues`: what a policy and its queues cost a frame, of a router and of a Catalyst."""

from __future__ import annotations

import argparse
import random
import time
from ipaddress import IPv4Address

from rich.console import Console
from rich.table import Table

from benchmarks.ipsec import INSIDE, ORIGIN, OUTSIDE, address, router
from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.kinds.factory import create_device
from iosemu.lab.resources import grammar, image, model
from iosemu.net.link import Link
from iosemu.net.queueing.queues import Fifo, Item
from iosemu.net.queueing.scheduler import Node
from iosemu.net.scheduler import Scheduler
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.shell.loader import load

NEAR, FAR = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
BURST = 50
"""Frames that are sent at once; then they leave."""
POLICIES = {
    "no policy": "",
    "marking": "policy-map P\n class class-default\n  set dscp ef\n",
    "policing": "policy-map P\n class class-default\n  police cir 900000000\n",
    "one queue": "policy-map P\n class class-default\n  queue-limit 1000 packets\n",
    "4 classes": "".join(
        f"class-map match-all C{number}\n match ip dscp {number}\n" for number in range(1, 4)
    )
    + "policy-map P\n class C1\n  priority percent 10\n"
    + "".join(f" class C{number}\n  bandwidth percent 20\n" for number in (2, 3))
    + " class class-default\n  fair-queue\n",
    "shaper, child of 3": "class-map match-all C1\n match ip dscp 1\npolicy-map Q\n class C1\n  priority percent 10\n"
    " class class-default\n  fair-queue\npolicy-map P\n class class-default\n  shape average 900000000\n"
    "  service-policy Q\n",
}
SWITCHED = {
    "no mls qos": "",
    "mls qos, untrusted": "mls qos\n",
    "trust dscp, map to queues": "mls qos\ninterface fa0/1\n mls qos trust dscp\n",
    "policing": "mls qos\nclass-map C\n match ip dscp 0 1 2 3\npolicy-map P\n class C\n"
    "  police 900000000 1000000 exceed-action drop\ninterface fa0/1\n service-policy input P\n",
    "a shaped queue": "mls qos\ninterface fa0/2\n srr-queue bandwidth shape 0 1 0 0\n",
}
"""Of a Catalyst, whose stations are on its first two ports."""


def pair(policy: str) -> tuple[Scheduler, Device]:
    """Two routers on a cable; the first one has the policy."""
    scheduler = Scheduler()
    one, two = router("ONE", scheduler), router("TWO", scheduler)
    Link(scheduler, one.ports[OUTSIDE], two.ports[OUTSIDE])
    for device, text in ((one, f"{NEAR}/24"), (two, f"{FAR}/24")):
        address(device, OUTSIDE, text)
        device.config.interfaces[INSIDE].shutdown = True
        device.interface_configured(OUTSIDE)
    if policy:
        typed = f"{policy}interface {OUTSIDE}\n service-policy output P\n"
        assert load(one, grammar(), typed) == []
    two.service(IpStack).bind_protocol(Protocol.UDP, lambda _packet, _interface: None)
    scheduler.run_until(5.0)
    return scheduler, one


def cost(policy: str, frames: int) -> float:
    """Microseconds of computing for a frame from the stack of one router to that of the other."""
    scheduler, one = pair(policy)
    stack = one.service(IpStack)
    packets = [
        IPv4Packet(
            NEAR,
            FAR,
            Protocol.UDP,
            UdpDatagram(4000 + number, 9, bytes(400)).to_bytes(NEAR, FAR),
            64,
            tos=(number % 4) << 2,
        )
        for number in range(BURST)
    ]

    def burst() -> None:
        for packet in packets:
            stack.send(packet)
        scheduler.run_until(scheduler.now + 0.01)

    burst()
    burst()
    times = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(frames // BURST):
            burst()
        times.append((time.process_time() - begun) / (frames // BURST * BURST))
    return min(times) * 1e6


def forwarding(settings: str, frames: int) -> float:
    """Microseconds of computing for a frame from one station of a switch to the other."""
    scheduler = Scheduler()
    made = (("SW", "catalyst-2960-24tt", "15.1"), ("A", "pc", "packet-tracer"), ("B", "pc", "packet-tracer"))
    switch, here, there = (
        create_device(name, model(kind), image(of), scheduler, random.Random(name), ORIGIN)
        for name, kind, of in made
    )
    for number, station in enumerate((here, there), 1):
        Link(scheduler, switch.ports[f"FastEthernet0/{number}"], next(iter(station.ports.values())))
    for device in (switch, here, there):
        device.boot()
    assert load(switch, grammar(), f"interface range fa0/1 - 2\n spanning-tree portfast\n{settings}") == []
    scheduler.run_until(60.0)
    near, far = (next(iter(each.interfaces.values())) for each in (here, there))
    packet = IPv4Packet(NEAR, FAR, Protocol.UDP, bytes(400))
    frame = EthernetFrame(far.mac, near.mac, EtherType.IPV4, packet.to_bytes()).to_bytes()
    far.send(EthernetFrame(near.mac, far.mac, EtherType.IPV4, packet.to_bytes()).to_bytes())
    times = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(frames // BURST):
            for _ in range(BURST):
                near.send(frame)
            scheduler.run_until(scheduler.now + 0.01)
        times.append((time.process_time() - begun) / (frames // BURST * BURST))
    return min(times) * 1e6


def choosing(classes: int, count: int) -> float:
    """Microseconds to put a packet in and to take one out again, with so many classes that have some."""
    rng = random.Random(1)
    root = Node()
    leaves = [root.add(Node(1.0 + rng.random() * 100, queue=Fifo(64))) for _ in range(classes)]
    for leaf in leaves:
        for _ in range(8):
            leaf.push(Item(1000), 0.0)
    begun = time.process_time()
    for number in range(count):
        leaves[number % classes].push(Item(1000), 0.0)
        root.pop(0.0)
    return (time.process_time() - begun) / count * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frames", type=int, nargs="?", default=5000)
    arguments = parser.parse_args()
    table = Table("output policy", "µs a frame", "beside none")
    floor = 0.0
    for name, policy in POLICIES.items():
        took = cost(policy, arguments.frames)
        floor = floor or took
        table.add_row(name, f"{took:.1f}", f"{took / floor:.2f}")
    switched = Table("a Catalyst", "µs a frame", "beside none")
    floor = 0.0
    for name, settings in SWITCHED.items():
        took = forwarding(settings, arguments.frames)
        floor = floor or took
        switched.add_row(name, f"{took:.1f}", f"{took / floor:.2f}")
    growth = Table("classes that wait", "µs to choose")
    for classes in (4, 8, 16, 32):
        growth.add_row(str(classes), f"{choosing(classes, 20000):.1f}")
    console = Console()
    console.print(table)
    console.print(switched)
    console.print(growth)


if __name__ == "__main__":
    main()
