"""What the shows of OSPF share."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.clock_text import DAY, hms, span
from iosemu.box.device import Device
from iosemu.subjects.ospf.config.style import OspfStyle
from iosemu.subjects.ospf.service.instance import Instance
from iosemu.subjects.ospf.service.ospf import Ospf


def instances(device: Device, number: int | None = None) -> Iterator[Instance]:
    """The processes that run, or the one of this number."""
    for each, instance in device.service(Ospf).instances.items():
        if number in (None, each):
            yield instance


def style(device: Device) -> OspfStyle:
    """How this image shows OSPF."""
    return device.image.style(OspfStyle)


def heading(instance: Instance, topology: bool = False) -> Iterator[str]:
    """The lines that name the router, and the topology where later releases name it."""
    yield ""
    yield f"            OSPF Router with ID ({own_id(instance)}) (Process ID {instance.config.number})"
    yield ""
    if topology:
        yield ""
        yield "\t\tBase Topology (MTID 0)"
        yield ""


def own_id(instance: Instance) -> IPv4Address:
    """The router ID in use."""
    return IPv4Address(instance.engine.router_id)


def left(seconds: float, fast: bool) -> str:
    """How long until a hello or an end: milliseconds where hellos come several times a second."""
    return f"{seconds * 1000:.0f} msec" if fast else hms(seconds)


def stamp(seconds: float) -> str:
    """`00:01:02.003`; a day and more as `1d02h`."""
    if seconds >= DAY:
        return span(seconds)
    return f"{hms(seconds)}.{int(max(seconds, 0) * 1000) % 1000:03}"
