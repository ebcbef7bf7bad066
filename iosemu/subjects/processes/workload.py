"""How busy a box is: its processes, their share of the processor, and what they hold of its memory.

Everything is worked out when it is read, from what the box really did and keeps: packets and ARP messages it
took, routes, neighbours and security associations it holds, sessions that are open, messages it logged. What
one of these costs is an assumption; it is stated beside the number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.box.subject import Process

PACKET_USECS = 3
"""Microseconds of a packet in the fast path; a model's fact `packet_usecs` may say otherwise."""
SOFTWARE_SHARE = 0.30
"""Part of the processor memory that the software itself occupies."""
BUFFERS_SHARE = 0.45
"""Part of the I/O memory that is made into packet buffers at boot."""
INTERFACE_BYTES = 9216


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
    cost = frame_percent(device)
    received, sent = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for interface in device.interfaces.values():
        if not interface.by_processor:
            continue
        counters = interface.counters
        for totals, load in ((received, counters.in_load), (sent, counters.out_load)):
            for index, rate in enumerate(load.packet_rates(device.now)):
                totals[index] += rate * cost
    recent, minute, five = (min(100.0, a + b) for a, b in zip(received, sent, strict=True))
    return Utilization(recent, min(100.0, received[0]), minute, five)


def frame_percent(device: Device) -> float:
    """Per cent of the processor that one frame a second costs."""
    return int(device.model.facts.get("packet_usecs", PACKET_USECS)) / 10_000


def processes(device: Device) -> list[Process]:
    """The processes, in the order of their numbers, which count from 1: those that IOS starts first come first."""
    found = [
        process
        for subject in device.composition.subjects
        if subject.processes is not None
        for process in subject.processes(device)
    ]
    order = device.composition.order.processes
    return sorted(found, key=lambda each: order.index(each.name) if each.name in order else len(order))


def process_rows(device: Device) -> Iterator[Process]:
    """The processes of the system itself."""
    up = max(device.now - device.booted_at, 0.0)
    yield Process("Chunk Manager", 2, 500, int(memory_facts(device)[0] * SOFTWARE_SHARE))
    yield Process("Load Meter", int(up // 5), 2, 4096)
    yield Process("Check heaps", int(up // 60), 4000, 8192)
    yield Process("Pool Manager", 1, 0, 16384)
    yield Process("Timers", 2, 0, 6144)
    yield Process("TTY Background", int(up), 1, 4096)
    yield Process("Net Background", int(up), 2, len(device.interfaces) * INTERFACE_BYTES)


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
