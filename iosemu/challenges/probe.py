"""What a lab does: who reaches whom, and which of its checks hold. Two labs that do the same are equally well."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.config import IpSettings
from iosemu.ip.probe import Probe
from iosemu.ip.stack import IpStack
from iosemu.lab import assessment
from iosemu.lab.image import LabImage
from iosemu.lab.labfile import Topology
from iosemu.packets.icmp import IcmpType
from iosemu.testing import pinging
from iosemu.testing.bench import LabBench
from iosemu.testing.views import view

SEED = "challenge"
"""Every lab that is judged uses the same random numbers."""
PROBES = 3
"""Echo requests along each way: the first may be lost while an address or a key is asked for."""
PATIENCE = 2.0
"""Lab seconds that each waits."""
MOST_TARGETS = 100
"""Interfaces that are pinged from every PC."""
LATE = 30.0
"""Lab seconds after which what was closed is tried again: what takes long to come up is there then."""


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """From a device to an interface of another."""

    source: str
    device: str
    interface: str

    def __str__(self) -> str:
        return f"{self.source} to {self.device} {self.interface}"


@dataclass
class Behaviour:
    """What a lab was seen to do."""

    reached: dict[Way, bool] = field(default_factory=dict)
    checks: dict[int, bool] = field(default_factory=dict)
    """By number, those of the lab's file that shows can tell."""
    protected: list[str] = field(default_factory=list)
    """What was encrypted: what arrives in clear text instead is not repaired."""

    def lacks(self, healthy: Behaviour) -> list[str]:
        """What is not as it is in a healthy lab, in words for people."""
        found = []
        for way, reached in healthy.reached.items():
            now = self.reached.get(way, False)
            if now != reached:
                found.append(f"{way.source} {'cannot reach' if reached else 'reaches'} {way.device} {way.interface}"
                             + ("" if reached else ", and must not"))  # fmt: skip
        found += [f"check {number} of the lab does not hold" for number, holds in healthy.checks.items()
                  if holds and not self.checks.get(number, False)]  # fmt: skip
        found += [f"not encrypted: {each}" for each in healthy.protected if each not in self.protected]
        return found


def _protected(devices: Mapping[str, Device]) -> Iterator[str]:
    """The flows that IPsec SAs carry."""
    for name, device in devices.items():
        if device.powered:
            for flow in view(device).ipsec_sas:
                if flow.active:
                    yield f"{flow.local} to {flow.remote} at {name}"


def _ways(devices: Mapping[str, Device]) -> dict[Way, IPv4Address]:
    """From every PC (in a lab without any: from every router) to every interface that has an address."""
    powered = {name: device for name, device in devices.items() if device.powered and device.find(IpStack)}
    sources = [name for name, device in powered.items() if device.kind == "pc"] or list(powered)
    targets = [
        (name, interface.name, address.ip)
        for name, device in powered.items()
        for interface in device.interfaces.values()
        if (address := interface.config.of(IpSettings).address) is not None
    ]
    return {
        Way(source, device, interface): address
        for source in sources
        for device, interface, address in targets[:MOST_TARGETS]
        if device != source
    }


async def observe(topology: Topology, image: LabImage) -> Behaviour:
    """Build a lab from its texts, boot it, and try everything: the same texts always do the same.

    Raises LabError when the image is of another topology.
    """
    bench = LabBench(direct=True)
    await bench.put(image.build(topology, seed=SEED))
    try:
        for name in image.off:
            bench.lab.stop(name)
        ways = _ways(bench.lab.devices)
        early = await _try_ways(bench, ways, set())
        await bench.advance(LATE)
        open_ways = await _try_ways(bench, ways, early)
        marks = assessment.marks(bench.lab)
        return Behaviour(
            {way: way in open_ways for way in ways},
            {mark.number: mark.holds for mark in marks if mark.holds is not None},
            sorted(_protected(bench.lab.devices)),
        )
    finally:
        await bench.close()


async def _try_ways(bench: LabBench, ways: Mapping[Way, IPv4Address], known: set[Way]) -> set[Way]:
    """Ping along all ways at the same time, as often as needed; returns those that are open, `known` among them."""
    devices = bench.lab.devices
    reached = set(known)
    for number in range(1, PROBES + 1):
        with contextlib.ExitStack() as stack:
            sent: dict[Way, Probe] = {}
            for way, address in ways.items():
                if way not in reached:
                    ip = devices[way.source].service(IpStack)
                    probe = stack.enter_context(Probe(ip, address, ip.source_for(address)))
                    sent[way] = probe.echo(len(sent) + 1, number, bytes(pinging.PAYLOAD))
            if not sent:
                break
            await bench.advance(PATIENCE)
            reached |= {
                way for way, probe in sent.items()
                if probe.answer is not None and probe.answer.message.type == IcmpType.ECHO_REPLY
            }  # fmt: skip
    return reached
