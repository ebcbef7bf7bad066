"""The processes of OSPF."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.subjects.ospf.service.ospf import Ospf

LSA_BYTES = 180


def process_rows(device: Device) -> Iterator[Process]:
    """A packet, an LSA: for each process a router and a hello process."""
    for number, instance in device.service(Ospf).instances.items():
        engine = instance.engine
        received = sent = 0
        for interface in engine.interfaces.values():
            received += sum(interface.statistics.received.values())
            sent += interface.statistics.sent[1]
        count = len(engine.external_lsdb) + sum(len(area.lsdb) for area in engine.areas.values())
        yield Process(f"OSPF-{number} Router", received, 40, 24576 + count * LSA_BYTES)
        yield Process(f"OSPF-{number} Hello", sent, 20, 8192)
