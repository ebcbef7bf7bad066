"""How busy a box is: its processes, their share of the processor, and what they hold of its memory.

Everything is worked out when it is read, from what the box really did and keeps: packets and ARP messages it
took, routes, neighbours and security associations it holds, sessions that are open, messages it logged. What
one of these costs is an assumption; it is stated beside the number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import VlanConfig
from iosemu.ip.stack import IpStack
from iosemu.subjects.crypto.service.engine import CryptoEngine

PACKET_USECS = 3
"""Microseconds of a packet in the fast path; a model's fact `packet_usecs` may say otherwise."""
SOFTWARE_SHARE = 0.30
"""Part of the processor memory that the software itself occupies."""
BUFFERS_SHARE = 0.45
"""Part of the I/O memory that is made into packet buffers at boot."""
ROUTE_BYTES, NEIGHBOUR_BYTES, MAC_BYTES, MESSAGE_BYTES = 232, 112, 40, 160
SESSION_BYTES, ASSOCIATION_BYTES, INTERFACE_BYTES, INSTANCE_BYTES = 61440, 12288, 9216, 4096


@dataclass(frozen=True, slots=True)
class Process:
    """One row of the process tables."""

    name: str
    invoked: int
    microseconds: int
    """What one invocation takes."""
    holding: int
    """Octets of memory in use."""
    freed: int = 0
    """Octets that were given back since boot."""

    @property
    def runtime(self) -> int:
        """Milliseconds of processor time since boot."""
        return self.invoked * self.microseconds // 1000


@dataclass(frozen=True, slots=True)
class Utilization:
    """Per cent of the processor: the last 5 s in all and in interrupts, one minute, five minutes."""

    five_seconds: float
    interrupt: float
    one_minute: float
    five_minutes: float


@dataclass(frozen=True, slots=True)
class Pool:
    """A memory pool, in octets."""

    name: str
    head: int
    total: int
    used: int

    @property
    def free(self) -> int:
        """What is left."""
        return self.total - self.used


def utilization(device: Device) -> Utilization:
    """What packets cost: a router's processor sees every frame, a switch's only those of its VLAN interfaces.

    Frames that come in are worked on in interrupts, frames that go out by processes.
    """
    cost = int(device.model.facts.get("packet_usecs", PACKET_USECS)) / 10_000
    received, sent = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for interface in device.interfaces.values():
        if interface.is_physical != (device.kind == "router"):
            continue
        counters = interface.counters
        for totals, load in ((received, counters.in_load), (sent, counters.out_load)):
            for index, rate in enumerate(load.packet_rates(device.now)):
                totals[index] += rate * cost
    recent, minute, five = (min(100.0, a + b) for a, b in zip(received, sent, strict=True))
    return Utilization(recent, min(100.0, received[0]), minute, five)


def processes(device: Device) -> list[Process]:
    """The processes, in the order of their numbers, which count from 1."""
    return list(_processes(device))


def _processes(device: Device) -> Iterator[Process]:
    up = max(device.now - device.booted_at, 0.0)
    arp = device.service(IpStack).arp.table
    counters = device.service(IpStack).counters
    lines = device.lines.all()
    uses, busy = sum(line.uses for line in lines), sum(line.busy for line in lines)
    memory = memory_facts(device)
    yield Process("Chunk Manager", 2, 500, int(memory[0] * SOFTWARE_SHARE))
    yield Process("Load Meter", int(up // 5), 2, 4096)
    yield Process("Check heaps", int(up // 60), 4000, 8192)
    yield Process("Pool Manager", 1, 0, 16384)
    yield Process("Timers", 2, 0, 6144)
    yield Process("Exec", uses, 1500, busy * SESSION_BYTES // 2, (uses - busy) * SESSION_BYTES // 2)
    heard = arp.requests_received + arp.replies_received
    yield Process("ARP Input", heard, 60, 12288 + len(arp) * NEIGHBOUR_BYTES)
    yield Process("Logger", device.syslog.count, 40, len(device.syslog.messages) * MESSAGE_BYTES)
    yield Process("TTY Background", int(up), 1, 4096)
    yield Process("Net Background", int(up), 2, len(device.interfaces) * INTERFACE_BYTES)
    yield Process("IP Input", counters.delivered, 80, 24576)
    routes = sum(1 for _ in device.service(IpStack).routes)
    yield Process("IP RIB Update", routes, 20, 16384 + routes * ROUTE_BYTES)
    yield Process("SSH Process", uses, 20_000, busy * SESSION_BYTES, (uses - busy) * SESSION_BYTES)
    if device.kind == "router":
        yield Process("CEF: IPv4 proces", counters.forwarded, 0, 16384 + routes * ROUTE_BYTES)
        yield from _crypto(device)
    else:
        yield from _bridging(device)


def _crypto(device: Device) -> Iterator[Process]:
    phase1, phase2 = (
        len(list(device.service(CryptoEngine).ike.sas)),
        len(list(device.service(CryptoEngine).sadb)),
    )
    yield Process("Crypto IKMP", phase1, 30_000, 8192 + phase1 * ASSOCIATION_BYTES)
    yield Process("IPSEC key engine", phase2, 2_000, 8192 + phase2 * ASSOCIATION_BYTES)


def _bridging(device: Device) -> Iterator[Process]:
    macs = sum(1 for _ in device.service(Bridge).mac_entries())
    received = sum(each.counters.in_multicasts for each in device.interfaces.values() if each.is_physical)
    vlans = sum(device.service(Bridge).vlan_usable(number) for number in device.config.of(VlanConfig).vlans)
    yield Process("HLFM address lea", macs, 150, 8192 + macs * MAC_BYTES)
    yield Process("Spanning Tree", received, 100, 8192 + vlans * INSTANCE_BYTES)


def memory_facts(device: Device) -> tuple[int, int]:
    """Octets of processor memory and of I/O memory."""
    facts = device.model.facts
    if "memory" in facts:
        return int(facts["memory"]["main"]) * 1024, int(facts["memory"]["shared"]) * 1024
    text = str(facts.get("hardware", ""))
    digits = text.partition(" with ")[2].partition("K")[0]
    kilobytes = int(digits) if digits.isdigit() else 65536
    return kilobytes * 1024 * 3 // 4, kilobytes * 1024 // 16


def pools(device: Device) -> list[Pool]:
    """The processor's memory and the memory for packets."""
    main, shared = memory_facts(device)
    used = min(main, sum(process.holding for process in processes(device)))
    packets = min(shared, int(shared * BUFFERS_SHARE) + len(device.interfaces) * 2048)
    return [
        Pool("Processor", 0x6000_0000 + used // 4, main, used),
        Pool("I/O", 0x6000_0000 + main, shared, packets),
    ]
