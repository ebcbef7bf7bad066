"""The processes of EIGRP."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.subjects.eigrp.service.eigrp import EigrpRouting

PATH_BYTES = 160


def process_rows(device: Device) -> Iterator[Process]:
    """Hellos; packets of routes, and the paths that are kept."""
    for (_vrf, number), instance in device.service(EigrpRouting).instances.items():
        traffic = instance.engine.traffic
        hellos = sum(count for (_way, kind), count in traffic.items() if kind == "hello")
        others = sum(count for (_way, kind), count in traffic.items() if kind != "hello")
        held = sum(len(each.paths) for each in instance.engine.topology)
        yield Process(pdm_name(number), others, 40, 24576 + held * PATH_BYTES)
        yield Process(hello_name(number), hellos, 20, 8192)


def hello_name(number: int) -> str:
    """The process that sends and takes the hellos of an autonomous system."""
    return f"EIGRP-IPv4 Hello: {number}"


def pdm_name(number: int) -> str:
    """The process of all else of it, the protocol-dependent module."""
    return f"EIGRP-IPv4: PDM {number}"
